"""What an actor can ask of the practice's diary: shifts, open times, who comes when."""

from datetime import timedelta

import attrs

from telehealth_core.access.actor import Actor, relations
from telehealth_core.access.policy import Action, authorize
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.registration.use_cases import authorized_patient
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.availability import Diary, offers
from telehealth_core.scheduling.life import AppointmentStatus
from telehealth_core.scheduling.ports import SchedulingWork
from telehealth_core.scheduling.recurrence import Recurrence
from telehealth_core.scheduling.session import Mode, Session, same_series
from telehealth_core.shared.ids import PatientId, ProviderId, SessionId, derived
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.refusal import IdReused, Invalid
from telehealth_core.shared.repeat import repeat_of
from telehealth_core.shared.text import zone

PERIOD_MOST = timedelta(days=62)
LIST_MOST = 500


@attrs.frozen
class PracticeDiary:
    """The diary of the practice."""

    work: UnitOfWork[SchedulingWork]
    clock: Clock

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
            return work.appointments.of_provider(provider_id, period)

    def dashboard(
        self, actor: Actor, period: Interval, status: AppointmentStatus | None = None
    ) -> tuple[Appointment, ...]:
        """The practice's appointments in the period, in order, for staff (F23, F24)."""
        _short(period)
        with self.work(actor) as work:
            authorize(actor, Action.LIST_APPOINTMENTS, relations(actor))
            return work.appointments.in_practice(period, status=status, limit=LIST_MOST)


def _short(period: Interval) -> None:
    if period.end - period.start > PERIOD_MOST:
        raise Invalid("until", f"at most {PERIOD_MOST.days} days after the start")


def _around(period: Interval) -> Interval:
    return period.widened(before=timedelta(days=1), after=timedelta(days=1))
