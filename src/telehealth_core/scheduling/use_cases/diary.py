"""What an actor can ask of the practice's diary: shifts, open times, who comes when."""

from datetime import timedelta

import attrs

from telehealth_core.access.actor import Actor, relations
from telehealth_core.access.policy import Action, authorize
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.access.use_cases import in_emergency
from telehealth_core.access.use_cases.reading import shown
from telehealth_core.registration.use_cases import authorized_patient
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.life import AppointmentStatus
from telehealth_core.scheduling.overview import Dashboard, PatientCalendar, ProviderSchedule
from telehealth_core.scheduling.ports import SchedulingWork
from telehealth_core.scheduling.recurrence import Recurrence
from telehealth_core.scheduling.search import Wishes
from telehealth_core.scheduling.session import Mode, Session, SessionStatus, same_shifts
from telehealth_core.scheduling.use_cases.claims import visible
from telehealth_core.scheduling.use_cases.searching import open_offers
from telehealth_core.shared.ids import AppointmentId, PatientId, ProviderId, SessionId, derived
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.money import Money
from telehealth_core.shared.refusal import IdReused, Invalid
from telehealth_core.shared.text import zone

PERIOD_MOST = timedelta(days=62)
LIST_MOST = 500
NEWEST_MOST = 50

_NOT_CLOSED = frozenset({SessionStatus.DRAFT, SessionStatus.PUBLISHED})


@attrs.frozen
class Closed:
    """The shifts that take no more bookings, and the visits in them that stand."""

    sessions: tuple[Session, ...]
    affected: tuple[Appointment, ...]


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
        draft: bool = False,
    ) -> Session:
        """Publish, or draft, a shift of a provider with the length and price of one of their
        services (F13).

        Raises: NotPermitted, Unknown, Invalid, IdReused.
        """
        with self.work(actor) as work:
            authorize(actor, Action.MANAGE_SESSION, relations(actor))
            provider = work.providers.get(provider_id)
            session = Session.of(
                provider,
                service,
                id=id,
                during=during,
                modes=modes,
                every=start_every_minutes,
                status=SessionStatus.DRAFT if draft else SessionStatus.PUBLISHED,
            )
            work.take_turns(id)
            first = work.sessions.find(id)
            if first is not None and not same_shifts((session,), (first,)):
                raise IdReused("session", id)
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
        draft: bool = False,
    ) -> tuple[Session, ...]:
        """Publish, or draft, a shift that repeats at its wall time where the practice is, all of it
        or nothing (F13). Each session's id follows from the series' and the day.

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
                    status=SessionStatus.DRAFT if draft else SessionStatus.PUBLISHED,
                )
                for day in recurrence.days()
            )
            work.take_turns(id)
            before = work.sessions.of_series(id)
            if before and not same_shifts(series, before):
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
        (F17); none on a day on which no licence of theirs counts (PRO-01).

        Raises: Invalid for a period of more than two months.
        """
        wishes = Wishes(period=period, providers=frozenset({provider_id}))
        with self.work(actor) as work:
            found = open_offers(work, actor, wishes, self.clock())
            return tuple((offer.session, offer.visit) for offer in found)

    def publish_session(
        self, actor: Actor, id: SessionId, *, rest: bool = False
    ) -> tuple[Session, ...]:
        """Let patients book a drafted shift; with `rest`, the later ones of its series too (F13).

        Raises: IllegalTransition if none of them is a draft; NotPermitted, Unknown.
        """
        at = self.clock()
        with self.work(actor) as work:
            found = _this_or_rest(work, actor, id, rest=rest)
            drafts = _in(found, frozenset({SessionStatus.DRAFT}), "publish")
            published = tuple(one.publish(by=actor.id, at=at) for one in drafts)
            for session, event in published:
                work.sessions.save(session, event)
        return tuple(session for session, _ in published)

    def revise_session(
        self,
        actor: Actor,
        id: SessionId,
        *,
        modes: frozenset[Mode],
        price: Money,
        rest: bool = False,
    ) -> tuple[Session, ...]:
        """Offer coming bookings of a shift in other modes or at another price; with `rest`, those
        of the later ones of its series too. Visits that are booked keep theirs (F13).

        Raises: IllegalTransition if all are closed; Invalid, NotPermitted, Unknown.
        """
        at = self.clock()
        with self.work(actor) as work:
            found = _this_or_rest(work, actor, id, rest=rest)
            open_ones = _in(found, _NOT_CLOSED, "revise")
            revised = tuple(
                one.revise(modes=modes, price=price, by=actor.id, at=at) for one in open_ones
            )
            for session, event in revised:
                work.sessions.save(session, event)
        return tuple(session for session, _ in revised)

    def close_session(self, actor: Actor, id: SessionId, *, rest: bool = False) -> Closed:
        """Take no more bookings in a shift; with `rest`, in none of the later ones of its series.
        Visits that are booked stay, and are told so that somebody sees to them (F13).

        Closing again changes nothing and tells the same.

        Raises: NotPermitted, Unknown.
        """
        at = self.clock()
        with self.work(actor) as work:
            found = _this_or_rest(work, actor, id, rest=rest)
            closed = []
            for session in found:
                if session.status is SessionStatus.CLOSED:
                    closed.append(session)
                    continue
                after, event = session.close(by=actor.id, at=at)
                work.sessions.save(after, event)
                closed.append(after)
            standing = work.appointments.of_sessions(frozenset(one.id for one in found))
        return Closed(tuple(closed), tuple(one for one in standing if one.during.end > at))

    def calendar(self, actor: Actor, patient_id: PatientId) -> PatientCalendar:
        """A patient's visits: upcoming, past and cancelled ones (F27)."""
        return PatientCalendar.of(self.of_patient(actor, patient_id), self.clock())

    def of_patient(self, actor: Actor, patient_id: PatientId) -> tuple[Appointment, ...]:
        """A patient's appointments, the latest first, as far as the actor may open each (F27)."""
        at = self.clock()
        with self.work(actor) as work:
            patient = authorized_patient(work, actor, Action.LIST_APPOINTMENTS, patient_id, at)
            work.read(Action.LIST_APPOINTMENTS, patient_id, patient_id)
            found = work.appointments.of_patient(patient_id)
            emergency = in_emergency(work, actor, patient_id, at)
        return visible(actor, found, at, patient.ties, emergency=emergency)

    def schedule(self, actor: Actor, provider_id: ProviderId, period: Interval) -> ProviderSchedule:
        """A provider's visits in the period: those that wait for approval, upcoming confirmed and
        past ones (F28).
        """
        return ProviderSchedule.of(self.of_provider(actor, provider_id, period), self.clock())

    def of_provider(
        self, actor: Actor, provider_id: ProviderId, period: Interval
    ) -> tuple[Appointment, ...]:
        """A provider's appointments in the period, in order (F28)."""
        own = relations(actor, provider_id=provider_id)
        _short(period)
        with self.work(actor) as work:
            authorize(actor, Action.LIST_APPOINTMENTS, own, of="provider")
            found = work.appointments.of_provider(provider_id, period)
            own_to_see = visible(actor, found, self.clock())
            return shown(work, Action.LIST_APPOINTMENTS, own_to_see)

    def dashboard(self, actor: Actor, period: Interval) -> Dashboard:
        """What staff look at first: the newest bookings, the requests of the period that wait for
        a decision, and red flags that nobody has reviewed (F23, F25, TEL-11).
        """
        _short(period)
        with self.work(actor) as work:
            authorize(actor, Action.LIST_APPOINTMENTS, relations(actor))
            board = Dashboard(
                newest=work.appointments.newest(before=None, limit=NEWEST_MOST),
                waiting=work.appointments.in_practice(
                    period, status=AppointmentStatus.PENDING, limit=LIST_MOST
                ),
                flagged=work.appointments.flagged(limit=LIST_MOST),
            )
            for found in (board.newest, board.waiting, board.flagged):
                shown(work, Action.LIST_APPOINTMENTS, found)
        return board

    def newest(self, actor: Actor, before: AppointmentId | None = None) -> tuple[Appointment, ...]:
        """The practice's bookings, the newest first, a page at a time: those older than `before`
        (F23).
        """
        with self.work(actor) as work:
            authorize(actor, Action.LIST_APPOINTMENTS, relations(actor))
            last = work.appointments.get(before) if before else None
            found = work.appointments.newest(before=last, limit=NEWEST_MOST)
            return shown(work, Action.LIST_APPOINTMENTS, found)

    def in_period(
        self,
        actor: Actor,
        period: Interval,
        status: AppointmentStatus | None = None,
        after: AppointmentId | None = None,
    ) -> tuple[Appointment, ...]:
        """The practice's appointments in the period, in order, for staff; a page at a time: those
        behind `after` (F24).
        """
        _short(period)
        with self.work(actor) as work:
            authorize(actor, Action.LIST_APPOINTMENTS, relations(actor))
            last = work.appointments.get(after) if after else None
            found = work.appointments.in_practice(
                period, status=status, limit=LIST_MOST, after=last
            )
            return shown(work, Action.LIST_APPOINTMENTS, found)


def _this_or_rest(
    work: SchedulingWork, actor: Actor, id: SessionId, *, rest: bool
) -> tuple[Session, ...]:
    """The shift or, of a series, it and all later ones."""
    authorize(actor, Action.MANAGE_SESSION, relations(actor))
    session = work.sessions.get(id)
    if not rest or session.series is None:
        return (session,)
    together = work.sessions.of_series(session.series)
    return tuple(one for one in together if one.during.start >= session.during.start)


def _in(
    found: tuple[Session, ...], states: frozenset[SessionStatus], verb: str
) -> tuple[Session, ...]:
    """Those in one of the states.

    Raises: IllegalTransition if none is.
    """
    fitting = tuple(one for one in found if one.status in states)
    if not fitting:
        raise IllegalTransition(verb, found[0].status.value)
    return fitting


def _short(period: Interval) -> None:
    if period.end - period.start > PERIOD_MOST:
        raise Invalid("until", f"at most {PERIOD_MOST.days} days after the start")
