"""What can be asked of a series of visits: to book all of it or nothing, and to cancel its rest
(N10).
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import attrs

from telehealth_core.access.actor import Actor, relations
from telehealth_core.access.policy import Action, authorize, permitted
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.practice.practice import Practice
from telehealth_core.registration.use_cases import authorized_patient
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.approval import licensed
from telehealth_core.scheduling.availability import Diary
from telehealth_core.scheduling.life import AppointmentHeld, AppointmentStatus
from telehealth_core.scheduling.limits import Load, limits_reached
from telehealth_core.scheduling.override import Override, remaining
from telehealth_core.scheduling.ports import SchedulingWork
from telehealth_core.scheduling.series import Conflict, Rhythm, SeriesConflicts
from telehealth_core.scheduling.session import Mode, Session
from telehealth_core.scheduling.use_cases.booking import Scheduling
from telehealth_core.scheduling.use_cases.claims import (
    authorized_appointment,
    beside,
    give_up_lapsed,
    objections,
)
from telehealth_core.scheduling.use_cases.placing import bill_for, own_bill, place
from telehealth_core.shared.ids import (
    AppointmentId,
    CardId,
    PatientId,
    ProviderId,
    SeriesId,
    derived,
)
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.money import Money
from telehealth_core.shared.refusal import IdReused, Invalid
from telehealth_core.shared.text import zone

_STANDING = frozenset({AppointmentStatus.HELD, AppointmentStatus.PENDING, AppointmentStatus.BOOKED})

Claim = tuple[Appointment, AppointmentHeld]


@attrs.frozen(kw_only=True)
class Wish:
    """What every visit of a series is to be."""

    patient_id: PatientId
    provider_id: ProviderId
    service: str
    rhythm: Rhythm
    mode: Mode
    location: str
    agreed: Money
    override: Override | None = None
    starts_within_cooling_off: bool = False


@attrs.frozen
class SeriesBooking:
    """Visits that are booked together."""

    work: UnitOfWork[SchedulingWork]
    clock: Clock
    scheduling: Scheduling

    def book(
        self, actor: Actor, id: SeriesId, wish: Wish, *, card_id: CardId | None = None
    ) -> tuple[Appointment, ...]:
        """Book every visit of a series, or none; each has the price that was agreed, and a charge
        of its own. Booking again with the same id finds the first.

        Staff's bookings are approved with it, as a single one is (F22).

        Raises: SeriesConflicts, naming what objects to which visit; NotVerified; CardNeeded;
            ChecksFailed; Invalid for more visits than the practice allows; IdReused; Unknown;
            NotPermitted.
        """
        at = self.clock()
        with self.work(actor) as work:
            patient = authorized_patient(work, actor, Action.BOOK_SERIES, wish.patient_id, at)
            if wish.override is not None:
                authorize(actor, Action.OVERRIDE_RULES, relations(actor))
            practice = work.practices.get(actor.practice_id)
            settings = practice.settings
            if wish.rhythm.visits > settings.series_most:
                raise Invalid("visits", f"at most {settings.series_most}")
            work.take_turns(id, wish.provider_id, wish.patient_id, actor.id)
            before = work.appointments.of_series(id)
            if before:
                return _repeated(id, before, wish)
            patient.require_verified(at)
            if permitted(actor, Action.BOOK_FOR_PATIENT, relations(actor)):
                vouched = True
                bill = bill_for(work, patient, wish.agreed, card_id, settings=settings, at=at)
            else:
                vouched = False
                work.patients.get(actor.as_patient()).require_verified(at)
                bill = own_bill(work, actor, wish.agreed, card_id, on=at)
            bill = attrs.evolve(bill, starts_within_cooling_off=wish.starts_within_cooling_off)
            found = tuple(Occurrences(work, actor, practice, id, wish, vouched, at).all())
            conflicts = tuple(one for one in found if isinstance(one, Conflict))
            if conflicts:
                raise SeriesConflicts(conflicts)
            return tuple(
                place(work, actor, claim, bill, settings=settings, at=at)
                for claim in found
                if not isinstance(claim, Conflict)
            )

    def of(self, actor: Actor, id: AppointmentId) -> tuple[Appointment, ...]:
        """The visits that were booked together with this one, in order."""
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.VIEW_APPOINTMENT, id, at)
            work.read(Action.VIEW_APPOINTMENT, appointment.patient_id, id)
            return _together(work, appointment)

    def cancel_rest(self, actor: Actor, id: AppointmentId) -> tuple[Appointment, ...]:
        """Cancel this visit of a series and every later one that still stands, each as a single one
        is cancelled; asking again cancels nothing more (N10, N17).

        Raises: TooLate, Unknown, NotPermitted.
        """
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.CANCEL_APPOINTMENT, id, at)
            rest = [
                one.id
                for one in _together(work, appointment)
                if one.during.start >= appointment.during.start and one.status in _STANDING
            ]
        return tuple(self.scheduling.cancel(actor, one) for one in rest)


@attrs.frozen
class Occurrences:
    """Every visit of a series, as a claim or as a conflict: all is looked at before anything is
    written.
    """

    work: SchedulingWork
    actor: Actor
    practice: Practice
    series: SeriesId
    wish: Wish
    vouched: bool
    at: datetime

    def all(self) -> Iterator[Claim | Conflict]:
        """One after the other, in order."""
        clocks = zone(self.practice.zone)
        starts = {day: self.wish.rhythm.start(day, clocks) for day in self.wish.rhythm.days()}
        span = Interval(
            min(starts.values()) - timedelta(days=1), max(starts.values()) + timedelta(days=1)
        )
        sessions = tuple(
            one
            for one in self.work.sessions.published(self.wish.provider_id, span)
            if one.service == self.wish.service and self.wish.mode in one.modes
        )
        taken = self.work.appointments.occupying(
            span, provider_id=self.wish.provider_id, patient_id=self.wish.patient_id
        )
        ahead: int | None = None
        for number, (day, start) in enumerate(starts.items()):
            looked = [self._look(day, start, session, taken) for session in sessions]
            if not looked:
                yield Conflict(day, ("on-shift",))
                continue
            claim, rules = min(looked, key=lambda one: len(one[1]))
            if ahead is None:
                ahead = beside(self.work, self.practice, claim[0], self.at).load.ahead
            rules += self._limits(claim[0], ahead + number, taken)
            if rules:
                yield Conflict(day, rules)
                continue
            others = (one for one in taken if one.competes_with(claim[0]))
            give_up_lapsed(self.work, self.actor, others, self.at)
            yield claim

    def _look(
        self, day: date, start: datetime, session: Session, taken: tuple[Appointment, ...]
    ) -> tuple[Claim, tuple[str, ...]]:
        wish = self.wish
        claim = Appointment.hold(
            session,
            self.practice.settings,
            id=AppointmentId(derived(self.series, day.isoformat())),
            patient_id=wish.patient_id,
            start=start,
            mode=wish.mode,
            location=wish.location,
            by=self.actor.id,
            at=self.at,
            vouched=self.vouched,
            override=wish.override,
            series=self.series,
        )
        wanted = claim[0]
        others = [one for one in taken if one.competes_with(wanted)]
        rules = objections(Diary(session, self.practice.settings, (), self.at), wanted, others)
        provider = self.work.providers.get(wish.provider_id)
        if not licensed(self.practice, provider, wish.location, wanted.during.start):
            rules += ("licensed",)
        if session.price != wish.agreed:
            rules += ("price",)
        return claim, rules

    def _limits(
        self, wanted: Appointment, ahead: int, taken: tuple[Appointment, ...]
    ) -> tuple[str, ...]:
        day = self.practice.whole_day(wanted.during.start)
        a_day = sum(
            one.patient_id == wanted.patient_id
            and one.during.start in day
            and one.occupying(self.at)
            for one in taken
        )
        reached = limits_reached(Load(ahead=ahead, a_day=a_day), self.practice.settings)
        return remaining(reached, wanted.override)


def _together(work: SchedulingWork, appointment: Appointment) -> tuple[Appointment, ...]:
    if appointment.series is None:
        return (appointment,)
    return work.appointments.of_series(appointment.series)


def _repeated(id: SeriesId, before: tuple[Appointment, ...], wish: Wish) -> tuple[Appointment, ...]:
    """What an earlier, identical request made under this id: the same days for the same patient."""
    wanted = {AppointmentId(derived(id, day.isoformat())) for day in wish.rhythm.days()}
    same_patient = before[0].patient_id == wish.patient_id
    if not same_patient or {one.id for one in before} != wanted:
        raise IdReused("series", id)
    return before
