"""What an actor can ask of an appointment: hold, tell, request, move, give up."""

from datetime import datetime

import attrs

from telehealth_core.access.actor import Actor, Relation, relations
from telehealth_core.access.policy import Action, authorize
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.jurisdictions import Jurisdiction
from telehealth_core.practice.pre_screening import Question
from telehealth_core.registration.document import Document, DocumentKind
from telehealth_core.registration.use_cases import Registration, authorized_patient
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.availability import Diary
from telehealth_core.scheduling.cancellation import Cost, Terms
from telehealth_core.scheduling.life import AppointmentStatus, CancellationReason, Change
from telehealth_core.scheduling.override import Override
from telehealth_core.scheduling.ports import SchedulingWork
from telehealth_core.scheduling.pre_screening import Answer
from telehealth_core.scheduling.session import Mode
from telehealth_core.scheduling.use_cases.claims import (
    authorized_appointment,
    beside,
    make_room,
    repeated,
    require_licensed,
    require_limits,
    settings_of,
)
from telehealth_core.scheduling.use_cases.ending import (
    cost_of,
    free_until_after_moving,
    give_up,
    terms_of,
)
from telehealth_core.scheduling.use_cases.placing import own_bill, request
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import (
    AppointmentId,
    CardId,
    ChargeId,
    DocumentId,
    PatientId,
    SessionId,
)
from telehealth_core.shared.money import Money
from telehealth_core.shared.refusal import Invalid, Unknown
from telehealth_core.shared.repeat import repeat_of


@attrs.frozen
class Held:
    """A time kept for a patient, what giving it up costs, and what it would cost now: shown before
    anybody asks for the visit (N17, PAY-04).
    """

    appointment: Appointment
    terms: Terms
    now: Cost

    @classmethod
    def of(cls, work: SchedulingWork, held: Appointment, at: datetime) -> "Held":
        """What whoever picked the time is told."""
        now = cost_of(work, held, CancellationReason.PATIENT, at)
        return cls(held, terms_of(work, held), now)


@attrs.frozen
class PreScreened:
    """The appointment with its answers; with a red flag also whom to call at once, where the
    practice is (TEL-11).
    """

    appointment: Appointment
    emergency_number: str | None
    crisis_number: str | None

    @classmethod
    def of(cls, appointment: Appointment, country: Jurisdiction) -> "PreScreened":
        """What whoever answered is told."""
        if not appointment.red_flags:
            return cls(appointment, None, None)
        return cls(appointment, country.emergency_number, country.crisis_number)


_PATIENTS_REASONS = (CancellationReason.PATIENT,)
_STAFFS_REASONS = (
    CancellationReason.PRACTICE,
    CancellationReason.PATIENT,
    CancellationReason.TECHNICAL,
)
"""For which reasons each side may give up a claim; the first is meant if none is named."""


@attrs.frozen
class Scheduling:
    """Appointments, from the hold to their end."""

    work: UnitOfWork[SchedulingWork]
    clock: Clock
    registration: Registration

    def hold(
        self,
        actor: Actor,
        id: AppointmentId,
        *,
        patient_id: PatientId,
        session_id: SessionId,
        start: datetime,
        mode: Mode,
        location: str,
    ) -> Held:
        """Keep a time for a patient for a while (N02); asking again with the same id finds the
        first.

        Raises: TimeTaken; NotBookable; NotVerified; NotLicensed; LimitsReached; IdReused; Invalid;
            Unknown.
        """
        at = self.clock()
        with self.work(actor) as work:
            work.expect(session_id, patient_id)
            patient = authorized_patient(work, actor, Action.HOLD_TIME, patient_id, at)
            for person in (patient, work.patients.get(actor.as_patient())):
                person.require_verified(at)
            session, practice = work.sessions.get(session_id), work.practices.get(actor.practice_id)
            work.take_turns(id, session.provider_id, patient_id, actor.id)
            wanted, held = Appointment.hold(
                session,
                practice.settings,
                id=id,
                patient_id=patient_id,
                start=start,
                mode=mode,
                location=location,
                by=actor.id,
                at=at,
            )
            others = beside(work, practice, wanted, at)
            existing = work.appointments.find(id)
            if existing is not None:
                return Held.of(work, repeated(existing, wanted), at)
            require_licensed(work, practice, wanted)
            require_limits(others.load, practice.settings, wanted)
            diary = Diary(session, practice.settings, (), at)
            make_room(work, actor, wanted, diary, others.claims)
            work.appointments.save(wanted, held)
            return Held.of(work, wanted, at)

    def describe(
        self, actor: Actor, id: AppointmentId, *, reason: str | None = None
    ) -> Appointment:
        """Tell what the visit is about (F21)."""
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.DESCRIBE_APPOINTMENT, id, at)
            described, event = appointment.describe(reason=reason, by=actor.id, at=at)
            work.appointments.save(described, event)
        return described

    def form(self, actor: Actor, id: AppointmentId) -> tuple[Question, ...]:
        """What is asked before this visit (F20)."""
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.VIEW_APPOINTMENT, id, at)
            return settings_of(work, appointment).pre_screening

    def pre_screen(
        self, actor: Actor, id: AppointmentId, answers: tuple[Answer, ...]
    ) -> PreScreened:
        """Answer the form of the settings the visit was booked under; a red flag is queued for a
        human and answered with whom to call, never with a diagnosis (F20, TEL-11).

        Raises: Invalid, HoldExpired, TooLate, IllegalTransition, Unknown, NotPermitted.
        """
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.DESCRIBE_APPOINTMENT, id, at)
            form = settings_of(work, appointment).pre_screening
            answered, event = appointment.pre_screen(answers, form, by=actor.id, at=at)
            work.appointments.save(answered, event)
            country = work.practices.get(actor.practice_id).jurisdiction
        return PreScreened.of(answered, country)

    def attach(
        self, actor: Actor, id: AppointmentId, document_id: DocumentId, content: bytes
    ) -> Appointment:
        """Add a photo of what the visit is about (F21).

        Raises: UnreadableImage, Invalid for too many.
        """
        at = self.clock()
        with self.work(actor) as work:
            patient_id = authorized_appointment(
                work, actor, Action.DESCRIBE_APPOINTMENT, id, at
            ).patient_id
        document = self.registration.file_image(
            actor, patient_id, DocumentKind.REASON, document_id, content, at=at
        )
        with self.work(actor) as work:
            work.take_turns(document_id)
            appointment = work.appointments.get(id)
            if repeat_of(document, work.documents.find(document_id), "document") is not None:
                return appointment
            described, event = appointment.describe(attachment=document_id, by=actor.id, at=at)
            work.documents.save(document, document.filed(by=actor.id))
            work.appointments.save(described, event)
        return described

    def photo(
        self, actor: Actor, id: AppointmentId, document_id: DocumentId
    ) -> tuple[Document, bytes]:
        """A photo of what the visit is about, for whoever may see the appointment (F21, F42).

        Raises: Unknown, NotPermitted.
        """
        appointment = self.view(actor, id)
        if document_id not in appointment.attachments:
            raise Unknown("document", document_id)
        with self.work(actor) as work:
            document = work.documents.get(document_id)
        content = self.registration.documents.get(
            actor.practice_id, appointment.patient_id, document_id
        )
        return document, content

    def request(
        self,
        actor: Actor,
        id: AppointmentId,
        *,
        agreed: Money,
        card_id: CardId | None,
        starts_within_cooling_off: bool = False,
    ) -> Appointment:
        """Ask for the visit to take place, agreeing to its price (F15); `starts_within_cooling_off`
        asks expressly for a visit while one can still withdraw (PAY-03).

        The charge is planned with it; where the practice charges at booking it is released at once
        (F44).

        Raises: CardNeeded, CardExpired, HoldExpired, PriceChanged, ExpressRequestNeeded, TooLate,
            IllegalTransition, Unknown.
        """
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.REQUEST_APPOINTMENT, id, at)
            bill = own_bill(
                work,
                actor,
                agreed,
                card_id,
                on=appointment.during.end,
                starts_within_cooling_off=starts_within_cooling_off,
            )
            settings = settings_of(work, appointment)
            requested, _ = request(work, actor, appointment, bill, settings=settings, at=at)
        return requested

    def give_up_unpaid(self, actor: Actor, event: Event) -> None:
        """Free the time of a visit whose payment at booking failed: reaction to ChargeFailed, safe
        to repeat (F44).
        """
        with self.work(actor) as work:
            authorize(actor, Action.CANCEL_APPOINTMENT, relations(actor))
            charge = work.charges.get(ChargeId(event.subject))
            appointment = work.appointments.get(charge.appointment_id)
            if charge.number == 0 and appointment.status is AppointmentStatus.PENDING:
                unpaid = CancellationReason.UNPAID
                give_up(work, appointment, unpaid, by=actor.id, at=self.clock())

    def reschedule(
        self,
        actor: Actor,
        id: AppointmentId,
        *,
        session_id: SessionId,
        start: datetime,
        override: Override | None = None,
    ) -> Appointment:
        """Move a visit to another time of its provider; the old time is free only with the new one
        taken, and never blocks it (F26). The rules are those it was booked under (F30); staff may
        set soft ones aside.

        Raises: TimeTaken, NotBookable, LimitsReached, NotLicensed, TooLate, PriceChanged,
            Invalid, Unknown, NotPermitted, IllegalTransition.
        """
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.RESCHEDULE_APPOINTMENT, id, at)
            if override is not None:
                authorize(actor, Action.OVERRIDE_RULES, relations(actor))
            session, settings = work.sessions.get(session_id), settings_of(work, appointment)
            work.take_turns(appointment.provider_id, appointment.patient_id)
            moved, event = appointment.reschedule(
                session,
                settings,
                start,
                by=actor.id,
                at=at,
                override=override,
                free_until=free_until_after_moving(work, appointment, actor, at),
            )
            practice = work.practices.get(actor.practice_id)
            require_licensed(work, practice, moved)
            others = beside(work, practice, moved, at)
            require_limits(attrs.evolve(others.load, holds=0), settings, moved)
            make_room(work, actor, moved, Diary(session, settings, (), at), others.claims)
            work.appointments.save(moved, event)
        return moved

    def cancel(
        self, actor: Actor, id: AppointmentId, reason: CancellationReason | None = None
    ) -> Appointment:
        """Give up a claim; what it costs follows from the terms shown before booking (N17).

        Staff may say that it is the patient who gives up, or that the reason is technical; else it
        is the practice.

        Raises: TooLate, Invalid, IllegalTransition.
        """
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.CANCEL_APPOINTMENT, id, at)
            ties = work.patients.get(appointment.patient_id).ties
            theirs = relations(actor, ties, at=at) & {Relation.SELF, Relation.GUARDIAN}
            allowed = _PATIENTS_REASONS if theirs else _STAFFS_REASONS
            if (reason or allowed[0]) not in allowed:
                raise Invalid("reason", f"one of {', '.join(allowed)}")
            return give_up(work, appointment, reason or allowed[0], by=actor.id, at=at)

    def view(self, actor: Actor, id: AppointmentId) -> Appointment:
        """One appointment, for those it concerns (F24, F27, F28)."""
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.VIEW_APPOINTMENT, id, at)
            work.read(Action.VIEW_APPOINTMENT, appointment.patient_id, id)
        return appointment

    def history(self, actor: Actor, id: AppointmentId) -> tuple[Change, ...]:
        """Every change of an appointment, the first one first: what, by whom, when, why (F29)."""
        return self.view(actor, id).history

    def hide(self, actor: Actor, id: AppointmentId) -> Appointment:
        """Keep a visit from the patient's guardians: for whoever gives it (CHD-06)."""
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.HIDE_APPOINTMENT, id, at)
            hidden, event = appointment.hide(by=actor.id, at=at)
            work.appointments.save(hidden, event)
        return hidden

    def unhide(self, actor: Actor, id: AppointmentId) -> Appointment:
        """Show a visit to the patient's guardians again: for whoever gives it (CHD-06)."""
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.HIDE_APPOINTMENT, id, at)
            shown, event = appointment.unhide(by=actor.id, at=at)
            work.appointments.save(shown, event)
        return shown
