"""What an actor can ask of the diary: sessions, open times, holds, requests, approval,
cancellation.
"""

from datetime import datetime, timedelta

import attrs

from telehealth_core.access.actor import Actor, relations
from telehealth_core.access.policy import Action, authorize
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.access.use_cases import in_emergency
from telehealth_core.billing.card import CardNeeded
from telehealth_core.billing.charge import Charge
from telehealth_core.practice.settings import Approval, Charging
from telehealth_core.registration.document import Document, DocumentKind
from telehealth_core.registration.use_cases import Registration, authorized_patient
from telehealth_core.scheduling.appointment import (
    Answer,
    Appointment,
    AppointmentStatus,
    CancellationReason,
    TimeTaken,
)
from telehealth_core.scheduling.approval import CheckResult, Facts, check, licensed, require_passed
from telehealth_core.scheduling.availability import NO_CLASH, Diary, HoldLimit, NotBookable, offers
from telehealth_core.scheduling.ports import SchedulingWork
from telehealth_core.scheduling.recurrence import Recurrence
from telehealth_core.scheduling.session import Mode, Session, same_series
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import (
    AppointmentId,
    CardId,
    ChargeId,
    DocumentId,
    PatientId,
    ProviderId,
    SessionId,
    derived,
)
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.money import Money
from telehealth_core.shared.refusal import IdReused, Invalid, Unknown
from telehealth_core.shared.repeat import repeat_of
from telehealth_core.shared.text import zone
from telehealth_core.workforce.provider import NotLicensed

PERIOD_MOST = timedelta(days=62)
LIST_MOST = 500


def authorized_appointment(
    work: SchedulingWork, actor: Actor, action: Action, id: AppointmentId, at: datetime
) -> Appointment:
    """The appointment, if the actor stands so to its patient and provider that the policy lets the
    action pass.

    Raises: Unknown, NotPermitted.
    """
    appointment = work.appointments.get(id)
    ties = work.patients.get(appointment.patient_id).ties
    provider = appointment.provider_id
    emergency = provider != actor.provider_id and in_emergency(work, actor, ties.patient_id, at)
    standing = relations(actor, ties, provider_id=provider, at=at, emergency=emergency)
    authorize(actor, action, standing, of="appointment")
    return appointment


@attrs.frozen
class Scheduling:
    """The diary of the practice."""

    work: UnitOfWork[SchedulingWork]
    clock: Clock
    registration: Registration

    def add_session(
        self,
        actor: Actor,
        id: SessionId,
        *,
        provider_id: ProviderId,
        during: Interval,
        service: str,
        modes: frozenset[Mode],
        start_every_minutes: int,
    ) -> Session:
        """Publish a shift of a provider, with the length and price of one of their services (F13).

        Raises: NotPermitted, Unknown, Invalid, IdReused.
        """
        with self.work(actor) as work:
            authorize(actor, Action.MANAGE_SESSION, relations(actor))
            provider = work.providers.get(provider_id)
            session = Session.of(
                provider, service, id=id, during=during, modes=modes, every=start_every_minutes
            )
            first = repeat_of(session, work.sessions.find(id), "session")
            if first is not None:
                return first
            work.sessions.save(session, session.added(by=actor.id, at=self.clock()))
        return session

    def add_series(
        self,
        actor: Actor,
        id: SessionId,
        *,
        provider_id: ProviderId,
        recurrence: Recurrence,
        service: str,
        modes: frozenset[Mode],
        start_every_minutes: int,
    ) -> tuple[Session, ...]:
        """Publish a shift that repeats at its wall time where the practice is, all of it or nothing
        (F13). Each session's id follows from the series' and the day.

        Raises: NotPermitted, Unknown, Invalid, IdReused.
        """
        with self.work(actor) as work:
            authorize(actor, Action.MANAGE_SESSION, relations(actor))
            provider = work.providers.get(provider_id)
            clocks = zone(work.practices.get(actor.practice_id).zone)
            series = tuple(
                Session.of(
                    provider,
                    service,
                    id=SessionId(derived(id, day.isoformat())),
                    during=recurrence.during(day, clocks),
                    modes=modes,
                    every=start_every_minutes,
                    series=id,
                )
                for day in recurrence.days()
            )
            before = work.sessions.of_series(id)
            if before and not same_series(series, before):
                raise IdReused("session", id)
            if before:
                return before
            for session in series:
                work.sessions.save(session, session.added(by=actor.id, at=self.clock()))
        return series

    def open_times(
        self, actor: Actor, provider_id: ProviderId, period: Interval
    ) -> tuple[tuple[Session, Interval], ...]:
        """Every visit of the provider that can be booked in the period, in order, with its session
        (F17).

        Raises: Invalid for a period of more than two months.
        """
        _short(period)
        at = self.clock()
        with self.work(actor) as work:
            authorize(actor, Action.FIND_PROVIDER, relations(actor))
            settings = work.practices.get(actor.practice_id).settings
            sessions = work.sessions.published(provider_id, period)
            taken = work.appointments.occupying(_around(period), provider_id=provider_id)
        busy = tuple(one.occupies for one in taken if one.occupying(at))
        return offers((Diary(session, settings, busy, at) for session in sessions), period)

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
            self._make_room(work, actor, wanted, Diary(session, practice.settings, (), at))
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
        self, actor: Actor, id: AppointmentId, *, agreed: Money, card_id: CardId | None
    ) -> Appointment:
        """Ask for the visit to take place, agreeing to its price (F15).

        The charge is planned with it; where the practice charges at booking it is released at once
        (F44).

        Raises: CardNeeded, HoldExpired, PriceChanged, TooLate, IllegalTransition, Unknown.
        """
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.REQUEST_APPOINTMENT, id, at)
            settings = work.practices.get(actor.practice_id).settings
            payer = actor.as_patient()
            if card_id is not None:
                work.cards.get(card_id).require_owner(payer)
            elif agreed.minor:
                raise CardNeeded
            requested, asked = appointment.request(agreed, by=actor.id, at=at)
            charge, planned = Charge.plan(
                id,
                actor.practice_id,
                agreed,
                patient_id=appointment.patient_id,
                payer_id=payer,
                card_id=card_id,
                by=actor.id,
                at=at,
            )
            work.appointments.save(requested, asked)
            work.charges.save(charge, planned)
            if settings.charging is Charging.AT_BOOKING:
                released, due = charge.release(by=actor.id, at=at)
                work.charges.save(released, due)
        return requested

    def decide_requested(self, actor: Actor, event: Event) -> None:
        """Approve by the checks alone where the practice says so: reaction to AppointmentRequested
        (F25).
        """
        self._decide(actor, AppointmentId(event.subject))

    def decide_paid(self, actor: Actor, event: Event) -> None:
        """Approve what was paid, or costs nothing, by the checks alone where the practice says so:
        reaction to ChargePaid and ChargeWaived (F44).
        """
        with self.work(actor) as work:
            charge = work.charges.get(ChargeId(event.subject))
        self._decide(actor, charge.appointment_id)

    def give_up_unpaid(self, actor: Actor, event: Event) -> None:
        """Free the time of a visit whose payment at booking failed: reaction to ChargeFailed, safe
        to repeat (F44).
        """
        with self.work(actor) as work:
            authorize(actor, Action.CANCEL_APPOINTMENT, relations(actor))
            charge = work.charges.get(ChargeId(event.subject))
            appointment = work.appointments.get(charge.appointment_id)
            if appointment.status is AppointmentStatus.PENDING:
                cancelled, done = appointment.cancel(
                    CancellationReason.UNPAID, by=actor.id, at=self.clock()
                )
                work.appointments.save(cancelled, done)

    def checks(self, actor: Actor, id: AppointmentId) -> tuple[CheckResult, ...]:
        """The checks that decide on a request, each passed or not (F25)."""
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.APPROVE_APPOINTMENT, id, at)
            work.read(Action.APPROVE_APPOINTMENT, appointment.patient_id, id)
            return check(self._facts(work, appointment, at))

    def approve(self, actor: Actor, id: AppointmentId) -> Appointment:
        """Accept a request; every check must pass (F25).

        Raises: ChecksFailed, IllegalTransition, TooLate.
        """
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.APPROVE_APPOINTMENT, id, at)
            approved, event = appointment.approve(by=actor.id, at=at)
            require_passed(check(self._facts(work, appointment, at)))
            work.appointments.save(approved, event)
        return approved

    def decline(self, actor: Actor, id: AppointmentId) -> Appointment:
        """Refuse a request; the time is free again and nothing is charged (F25)."""
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.APPROVE_APPOINTMENT, id, at)
            declined, event = appointment.decline(by=actor.id, at=at)
            work.appointments.save(declined, event)
        return declined

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
            self._make_room(work, actor, moved, Diary(session, practice.settings, (), at))
            work.appointments.save(moved, event)
        return moved

    def cancel(self, actor: Actor, id: AppointmentId) -> Appointment:
        """Give up a claim before the visit begins; nothing is charged (N17).

        Raises: TooLate, IllegalTransition.
        """
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.CANCEL_APPOINTMENT, id, at)
            own = appointment.patient_id == actor.patient_id or appointment.held_by == actor.id
            reason = CancellationReason.PATIENT if own else CancellationReason.PRACTICE
            cancelled, event = appointment.cancel(reason, by=actor.id, at=at)
            work.appointments.save(cancelled, event)
        return cancelled

    def view(self, actor: Actor, id: AppointmentId) -> Appointment:
        """One appointment, for those it concerns (F24, F27, F28)."""
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.VIEW_APPOINTMENT, id, at)
            work.read(Action.VIEW_APPOINTMENT, appointment.patient_id, id)
        return appointment

    def calendar(self, actor: Actor, patient_id: PatientId) -> tuple[Appointment, ...]:
        """A patient's appointments, the latest first (F27)."""
        at = self.clock()
        with self.work(actor) as work:
            authorized_patient(work, actor, Action.LIST_APPOINTMENTS, patient_id, at)
            work.read(Action.LIST_APPOINTMENTS, patient_id, patient_id)
            return work.appointments.of_patient(patient_id)

    def schedule(
        self, actor: Actor, provider_id: ProviderId, period: Interval
    ) -> tuple[Appointment, ...]:
        """A provider's appointments in the period, in order (F28)."""
        own = relations(actor, provider_id=provider_id)
        _short(period)
        with self.work(actor) as work:
            authorize(actor, Action.LIST_APPOINTMENTS, own, of="provider")
            found = work.appointments.of_provider(provider_id, period)
            for one in found:
                work.read(Action.LIST_APPOINTMENTS, one.patient_id, one.id)
        return found

    def dashboard(
        self, actor: Actor, period: Interval, status: AppointmentStatus | None = None
    ) -> tuple[Appointment, ...]:
        """The practice's appointments in the period, in order, for staff (F23, F24)."""
        _short(period)
        with self.work(actor) as work:
            authorize(actor, Action.LIST_APPOINTMENTS, relations(actor))
            found = work.appointments.in_practice(period, status=status, limit=LIST_MOST)
            for one in found:
                work.read(Action.LIST_APPOINTMENTS, one.patient_id, one.id)
        return found

    def _decide(self, actor: Actor, id: AppointmentId) -> None:
        """Approve a pending request if nothing is to be paid first and every check passes; else
        leave it to a person.
        """
        at = self.clock()
        with self.work(actor) as work:
            authorize(actor, Action.APPROVE_BY_CHECKS, relations(actor))
            appointment = work.appointments.get(id)
            approval = work.practices.get(actor.practice_id).settings.approval
            waits = appointment.status is AppointmentStatus.PENDING
            if not waits or approval is Approval.LIAISON:
                return
            if all(result.passed for result in check(self._facts(work, appointment, at))):
                approved, done = appointment.approve(by=actor.id, at=at)
                work.appointments.save(approved, done)

    def _make_room(
        self, work: SchedulingWork, actor: Actor, wanted: Appointment, diary: Diary
    ) -> None:
        competing = _competing(work, wanted)
        for lapsed in (one for one in competing if one.lapsed(diary.at)):
            expired, event = lapsed.expire(by=actor.id, at=diary.at)
            work.appointments.save(expired, event)
        busy = tuple(
            one.occupies if one.provider_id == wanted.provider_id else one.during
            for one in competing
            if one.occupying(diary.at)
        )
        objections = attrs.evolve(diary, busy=busy).objections(wanted.during)
        if objections == (NO_CLASH,):
            raise TimeTaken
        if objections:
            raise NotBookable(", ".join(objections))

    def _facts(self, work: SchedulingWork, appointment: Appointment, at: datetime) -> Facts:
        charge = work.charges.get(Charge.id_of(appointment.id))
        return Facts(
            practice=work.practices.get(appointment.practice_id),
            appointment=appointment,
            session=work.sessions.get(appointment.session_id),
            provider=work.providers.get(appointment.provider_id),
            patient=work.patients.get(appointment.patient_id),
            charge=charge,
            card=work.cards.find(charge.card_id) if charge.card_id else None,
            elsewhere=tuple(
                one.during for one in _competing(work, appointment) if one.occupying(at)
            ),
            at=at,
        )


def _competing(work: SchedulingWork, wanted: Appointment) -> list[Appointment]:
    """What cannot be beside it, lapsed holds included."""
    near = work.appointments.occupying(
        wanted.occupies, provider_id=wanted.provider_id, patient_id=wanted.patient_id
    )
    return [one for one in near if one.id != wanted.id and one.competes_with(wanted)]


def _repeated(existing: Appointment, wanted: Appointment) -> Appointment:
    if not existing.same_claim(wanted):
        raise IdReused("appointment", wanted.id)
    return existing


def _short(period: Interval) -> None:
    if period.end - period.start > PERIOD_MOST:
        raise Invalid("until", f"at most {PERIOD_MOST.days} days after the start")


def _around(period: Interval) -> Interval:
    return period.widened(before=timedelta(days=1), after=timedelta(days=1))
