"""What an actor can ask of an appointment: hold, tell, request, move, give up."""

from datetime import datetime

import attrs

from telehealth_core.access.actor import Actor, Relation, relations
from telehealth_core.access.policy import Action, authorize
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.billing.card import CardNeeded
from telehealth_core.billing.charge import Charge
from telehealth_core.practice.settings import Charging
from telehealth_core.registration.document import Document, DocumentKind
from telehealth_core.registration.use_cases import Registration, authorized_patient
from telehealth_core.scheduling.appointment import Answer, Appointment
from telehealth_core.scheduling.approval import licensed
from telehealth_core.scheduling.availability import Diary, HoldLimit
from telehealth_core.scheduling.cancellation import withdrawal_ends
from telehealth_core.scheduling.life import AppointmentStatus, CancellationReason
from telehealth_core.scheduling.ports import SchedulingWork
from telehealth_core.scheduling.session import Mode
from telehealth_core.scheduling.use_cases.claims import authorized_appointment, make_room
from telehealth_core.scheduling.use_cases.ending import give_up, rules_of
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
from telehealth_core.shared.refusal import IdReused, Invalid, Unknown
from telehealth_core.shared.repeat import repeat_of
from telehealth_core.workforce.provider import NotLicensed

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
    ) -> Appointment:
        """Keep a time for a patient for a while (N02); asking again with the same id finds the
        first.

        Raises: TimeTaken; NotBookable; NotVerified; NotLicensed; HoldLimit; IdReused; Invalid;
            Unknown.
        """
        at = self.clock()
        with self.work(actor) as work:
            patient = authorized_patient(work, actor, Action.HOLD_TIME, patient_id, at)
            for person in (patient, work.patients.get(actor.as_patient())):
                person.require_verified(at)
            session, practice = work.sessions.get(session_id), work.practices.get(actor.practice_id)
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
            existing = work.appointments.find(id)
            if existing is not None:
                return _repeated(existing, wanted)
            provider = work.providers.get(session.provider_id)
            if not licensed(practice, provider, location, wanted.during.start):
                raise NotLicensed(location)
            holds_most = practice.settings.holds_most
            if work.appointments.live_holds(actor.id, at) >= holds_most:
                raise HoldLimit(holds_most)
            make_room(work, actor, wanted, Diary(session, practice.settings, (), at))
            work.appointments.save(wanted, held)
        return wanted

    def describe(
        self,
        actor: Actor,
        id: AppointmentId,
        *,
        reason: str | None = None,
        pre_screening: tuple[Answer, ...] | None = None,
    ) -> Appointment:
        """Tell what the visit is about: a description, or the pre-screening form (F20, F21)."""
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.DESCRIBE_APPOINTMENT, id, at)
            described, event = appointment.describe(
                reason=reason, pre_screening=pre_screening, by=actor.id, at=at
            )
            work.appointments.save(described, event)
        return described

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
            rules, payer = rules_of(work, appointment), actor.as_patient()
            if card_id is not None:
                work.cards.get(card_id).require_usable(payer, appointment.during.end)
            elif agreed.minor:
                raise CardNeeded
            requested, asked = appointment.request(
                agreed,
                withdraw_until=withdrawal_ends(work.practices.get(actor.practice_id), at),
                starts_within_cooling_off=starts_within_cooling_off,
                by=actor.id,
                at=at,
            )
            at_booking = rules.charging is Charging.AT_BOOKING
            charge, planned = Charge.plan(
                id,
                actor.practice_id,
                agreed,
                patient_id=appointment.patient_id,
                payer_id=payer,
                card_id=card_id,
                settings_version=appointment.settings_version,
                confirm_by=appointment.held_until if at_booking else None,
                by=actor.id,
                at=at,
            )
            work.appointments.save(requested, asked)
            work.charges.save(charge, planned)
            if at_booking:
                released, due = charge.release(by=actor.id, at=at)
                work.charges.save(released, due)
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
        self, actor: Actor, id: AppointmentId, *, session_id: SessionId, start: datetime
    ) -> Appointment:
        """Move a visit to another time of its provider; the old time is free only with the new one
        taken, and never blocks it (F26).

        Raises: TimeTaken, NotBookable, NotLicensed, TooLate, PriceChanged, Invalid, Unknown,
            NotPermitted, IllegalTransition.
        """
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.RESCHEDULE_APPOINTMENT, id, at)
            session, practice = work.sessions.get(session_id), work.practices.get(actor.practice_id)
            moved, event = appointment.reschedule(
                session, practice.settings, start, by=actor.id, at=at
            )
            provider = work.providers.get(moved.provider_id)
            if not licensed(practice, provider, moved.location, moved.during.start):
                raise NotLicensed(moved.location)
            make_room(work, actor, moved, Diary(session, practice.settings, (), at))
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


def _repeated(existing: Appointment, wanted: Appointment) -> Appointment:
    if not existing.same_claim(wanted):
        raise IdReused("appointment", wanted.id)
    return existing
