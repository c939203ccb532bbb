"""Series: every visit is looked at before any is written (N10)."""

from datetime import date, time, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.access.actor import Actor
from telehealth_core.access.policy import NotPermitted
from telehealth_core.billing.card import CardNeeded
from telehealth_core.billing.charge import ChargeStatus
from telehealth_core.practice.settings import Approval, Charging
from telehealth_core.registration.patient import NotVerified
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.life import AppointmentStatus
from telehealth_core.scheduling.override import Override
from telehealth_core.scheduling.recurrence import Recurrence, Weekday
from telehealth_core.scheduling.series import Conflict, Rhythm, SeriesConflicts
from telehealth_core.scheduling.session import Mode
from telehealth_core.scheduling.use_cases import Wish
from telehealth_core.shared.ids import SeriesId, SessionId
from telehealth_core.shared.money import Money
from telehealth_core.shared.refusal import IdReused, Invalid, Unknown
from unit.clinic import LAWS, SCENARIOS, Clinic, provider_of

BOOKED, PENDING = AppointmentStatus.BOOKED, AppointmentStatus.PENDING
HELD, CANCELLED = AppointmentStatus.HELD, AppointmentStatus.CANCELLED
FIRST = date(2026, 11, 24)
WEEK = timedelta(weeks=1)


class Course:
    """A clinic whose one provider works every Tuesday from nine to twelve, and a patient."""

    def __init__(self, weeks: int = 8, **settings: Any) -> None:
        self.clinic = Clinic(**settings)
        self.provider, self.patient = self.clinic.provider(), self.clinic.patient()
        self.sessions = self.clinic.ask.diary.add_series(
            self.clinic.liaison,
            SessionId(self.clinic.new_id()),
            provider_id=provider_of(self.provider),
            recurrence=Recurrence(
                weekdays=frozenset({Weekday.TUESDAY}),
                starts=time(9),
                ends=time(12),
                first_day=FIRST,
                last_day=FIRST + (weeks - 1) * WEEK,
            ),
            service="visit",
            modes=frozenset(Mode),
            start_every_minutes=30,
        )

    def wish(self, visits: int = 4, starts: time = time(9), **other: Any) -> Wish:
        """So many Tuesdays at nine unless told otherwise."""
        every, leaving = other.pop("every_weeks", 1), other.pop("except_days", frozenset())
        facts: dict[str, Any] = {
            "patient_id": self.patient.as_patient(),
            "provider_id": provider_of(self.provider),
            "service": "visit",
            "rhythm": Rhythm(
                first_day=FIRST,
                starts=starts,
                every_weeks=every,
                visits=visits,
                except_days=leaving,
            ),
            "mode": Mode.VIDEO,
            "location": self.clinic.location,
            "agreed": self.clinic.price,
            "starts_within_cooling_off": True,
        }
        return Wish(**{**facts, **other})

    def book(
        self, wish: Wish, *, id: UUID | None = None, actor: Actor | None = None
    ) -> tuple[Appointment, ...]:
        """Book it as the patient, with the card on file, unless told otherwise."""
        cards = self.clinic.ask.billing.cards(self.patient)
        return self.clinic.ask.series.book(
            actor or self.patient,
            SeriesId(id or self.clinic.new_id()),
            wish,
            card_id=cards[0].id if cards else None,
        )


def test_a_patient_books_a_course_of_visits_in_one() -> None:
    """Each is an appointment of its own with its own charge, approved as single ones are (N10)."""
    course = Course()
    asked = course.book(course.wish(every_weeks=2, visits=3))
    assert [one.during.start.date() for one in asked] == [FIRST, FIRST + 2 * WEEK, FIRST + 4 * WEEK]
    assert {one.status for one in asked} == {PENDING}
    course.clinic.drain(times=2)
    for one in asked:
        assert course.clinic.now(one).status is BOOKED
        charge = course.clinic.charge(one)
        assert charge is not None
        assert charge.status is ChargeStatus.PLANNED
    assert len({one.series for one in asked}) == 1
    assert [one.id for one in course.clinic.ask.series.of(course.patient, asked[1].id)] == [
        one.id for one in asked
    ]


@pytest.mark.parametrize("approval", Approval)
def test_staff_book_a_course_that_is_approved_with_it(approval: Approval) -> None:
    """As a single visit that staff book is (F22, N10)."""
    course = Course(approval=approval)
    booked = course.book(course.wish(), actor=course.clinic.liaison)
    assert {one.status for one in booked} == {BOOKED}
    assert {one.vouched_by for one in booked} == {course.clinic.liaison.id}
    (card,) = course.clinic.ask.billing.cards(course.patient)
    charges = [course.clinic.charge(one) for one in booked]
    assert {one.card_id for one in charges if one} == {card.id}


def test_a_course_that_is_paid_at_booking_is_paid_visit_by_visit() -> None:
    """Each visit is collected under its own key (F44, N10)."""
    course = Course(charging=Charging.AT_BOOKING)
    booked = course.book(course.wish(visits=3))
    course.clinic.drain(times=2)
    assert {course.clinic.now(one).status for one in booked} == {BOOKED}
    assert len(course.clinic.payments.outcome_of) == 3


def test_conflicts_are_told_visit_by_visit_and_nothing_is_written() -> None:
    """Taken, off the grid, without a shift: each occurrence with its rules, no row, no message."""
    course = Course(weeks=3)
    other = course.clinic.patient("Lee Example")
    course.clinic.booked(other, course.sessions[1])
    before, outbox = course.clinic.rows(), list(course.clinic.store.outbox)
    with pytest.raises(SeriesConflicts) as refused:
        course.book(course.wish(visits=4))
    assert refused.value.conflicts == (
        Conflict(FIRST + WEEK, ("no-clash",)),
        Conflict(FIRST + 3 * WEEK, ("on-shift", "on-grid")),
    )
    with pytest.raises(SeriesConflicts) as wrong:
        course.book(course.wish(visits=2, starts=time(10, 10), agreed=Money(1, "GBP")))
    assert {one.rules for one in wrong.value.conflicts} == {("on-grid", "price")}
    assert course.clinic.rows() == before
    assert course.clinic.store.outbox == outbox


def test_a_service_that_nobody_offers_then_is_a_conflict_every_time() -> None:
    """Without any shift of that service there is nothing to book into, nor a price (N10)."""
    course = Course()
    with pytest.raises(SeriesConflicts) as refused:
        course.book(course.wish(visits=2, service="massage"))
    assert [one.rules for one in refused.value.conflicts] == [("on-shift",)] * 2


def test_the_passing_visits_are_booked_when_the_caller_leaves_the_others_out() -> None:
    """Nobody picks for the caller: they name the days to leave out, and ask again (N10)."""
    course = Course()
    course.clinic.booked(course.clinic.patient("Lee Example"), course.sessions[1])
    with pytest.raises(SeriesConflicts) as refused:
        course.book(course.wish(visits=3), id=UUID(int=1))
    leaving = frozenset(one.day for one in refused.value.conflicts)
    booked = course.book(course.wish(visits=3, except_days=leaving), id=UUID(int=1))
    assert [one.during.start.date() for one in booked] == [FIRST, FIRST + 2 * WEEK]


def test_the_patients_other_visits_count_too() -> None:
    """A visit with somebody else at that time is a conflict (N01, N10)."""
    course = Course()
    robin = course.clinic.provider("Robin Doctor")
    elsewhere = course.clinic.session(robin, start=course.sessions[2].during.start)
    course.clinic.booked(course.patient, elsewhere)
    with pytest.raises(SeriesConflicts) as refused:
        course.book(course.wish())
    assert refused.value.conflicts == (Conflict(FIRST + 2 * WEEK, ("no-clash",)),)


def test_a_lapsed_hold_is_no_conflict() -> None:
    """It is given up with the booking, as a single booking does (N02, N10)."""
    course = Course()
    held = course.clinic.hold(course.clinic.patient("Lee Example"), course.sessions[1])
    with pytest.raises(SeriesConflicts):
        course.book(course.wish())
    course.clinic.clock.forward(minutes=11)
    course.book(course.wish())
    assert course.clinic.now(held).status is CANCELLED


def test_the_limits_count_the_series_itself() -> None:
    """A patient cannot pass a limit by booking many at once; staff may, with a reason (F25)."""
    course = Course(visits_ahead_most=3)
    with pytest.raises(SeriesConflicts) as refused:
        course.book(course.wish(visits=5))
    assert refused.value.conflicts == (
        Conflict(FIRST + 3 * WEEK, ("visits-ahead",)),
        Conflict(FIRST + 4 * WEEK, ("visits-ahead",)),
    )
    aside = Override(rules=frozenset({"visits-ahead"}), reason="a course of ten")
    with pytest.raises(NotPermitted):
        course.book(course.wish(visits=5, override=aside))
    booked = course.book(course.wish(visits=5, override=aside), actor=course.clinic.liaison)
    assert {one.status for one in booked} == {BOOKED}
    assert {one.override for one in booked} == {aside}


def test_a_day_that_is_full_for_the_patient_is_a_conflict() -> None:
    """Visits of that day at the practice count, whoever gives them (F25)."""
    course = Course(visits_a_day_most=1)
    course.clinic.booked(
        course.patient, course.sessions[1], course.sessions[1].during.start + timedelta(hours=2)
    )
    with pytest.raises(SeriesConflicts) as refused:
        course.book(course.wish())
    assert refused.value.conflicts == (Conflict(FIRST + WEEK, ("visits-a-day",)),)


def test_a_licence_that_runs_out_within_the_series_is_a_conflict() -> None:
    """Each visit is looked at as of its own day (PRO-04, N10)."""
    course = Course(jurisdiction="us")
    for starts, objections in ((time(9), ("licensed",)), (time(9, 10), ("on-grid", "licensed"))):
        with pytest.raises(SeriesConflicts) as refused:
            course.book(course.wish(location="US-CA", starts=starts))
        assert {one.rules for one in refused.value.conflicts} == {objections}


def test_more_visits_than_the_practice_allows_are_refused() -> None:
    """`series_most` bounds what one request can take (N10)."""
    course = Course(series_most=3)
    with pytest.raises(Invalid, match="at most 3"):
        course.book(course.wish(visits=4))
    assert len(course.book(course.wish(visits=3))) == 3


def test_the_same_series_again_finds_the_first() -> None:
    """Whatever became of its visits; other days, or another patient, need another id (N10)."""
    course = Course()
    booked = course.book(course.wish(), id=UUID(int=1))
    course.clinic.drain()
    course.clinic.ask.series.cancel_rest(course.patient, booked[2].id)
    before = course.clinic.rows()
    again = course.book(course.wish(), id=UUID(int=1))
    assert [one.status for one in again] == [BOOKED, BOOKED, CANCELLED, CANCELLED]
    with pytest.raises(IdReused):
        course.book(course.wish(visits=3), id=UUID(int=1))
    assert course.clinic.rows() == before


def test_the_rest_of_a_series_is_cancelled_from_one_visit_on() -> None:
    """What was before stays; asking again cancels nothing more (N10, N17)."""
    course = Course()
    booked = course.book(course.wish())
    course.clinic.drain()
    cancel = course.clinic.ask.series.cancel_rest
    assert [one.id for one in cancel(course.patient, booked[1].id)] == [
        one.id for one in booked[1:]
    ]
    assert cancel(course.patient, booked[1].id) == ()
    assert course.clinic.now(booked[0]).status is BOOKED
    with pytest.raises(Unknown):
        cancel(course.clinic.patient("Lee Example"), booked[0].id)


def test_a_single_visit_is_a_series_of_its_own() -> None:
    """It stands alone, and its rest is itself."""
    course = Course()
    booked = course.clinic.booked(course.patient, course.sessions[0])
    assert course.clinic.ask.series.of(course.patient, booked.id) == (booked,)
    assert len(course.clinic.ask.series.cancel_rest(course.patient, booked.id)) == 1


def test_whoever_books_a_series_is_known_and_pays() -> None:
    """Patient and guardian are verified; a price needs a card (IDV-01, F44)."""
    course = Course()
    nobody = course.clinic.registering("Jo Example")
    wish = course.wish(patient_id=nobody.as_patient())
    with pytest.raises(NotVerified):
        course.clinic.ask.series.book(nobody, SeriesId(UUID(int=1)), wish)
    with pytest.raises(CardNeeded):
        course.clinic.ask.series.book(course.patient, SeriesId(UUID(int=1)), course.wish())


@pytest.mark.parametrize(
    "other",
    [
        {"every_weeks": 3},
        {"visits": 1},
        {"starts": time(9, tzinfo=ZoneInfo("UTC"))},
        {"except_days": frozenset({FIRST, FIRST + WEEK})},
    ],
)
def test_a_rhythm_is_weekly_or_fortnightly_and_has_visits(other: dict[str, Any]) -> None:
    """At a wall time, twice or more, not all of it left out."""
    facts: dict[str, Any] = {"first_day": FIRST, "starts": time(9), "every_weeks": 1, "visits": 2}
    with pytest.raises(Invalid):
        Rhythm(**{**facts, **other})


ZONES = ["Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]


@LAWS
@given(
    zone=st.sampled_from(ZONES),
    first=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    hour=st.integers(3, 23),
    every=st.sampled_from([1, 2]),
    visits=st.integers(2, 60),
)
def test_a_series_keeps_its_wall_time_all_year(
    zone: str, first: date, hour: int, every: int, visits: int
) -> None:
    """Every visit is at the same time on the practice's clocks, so many weeks apart (N03, N10)."""
    rhythm = Rhythm(first_day=first, starts=time(hour), every_weeks=every, visits=visits)
    days = list(rhythm.days())
    clocks = ZoneInfo(zone)
    assert len(days) == visits
    assert {later - day for day, later in pairwise(days)} == {every * WEEK}
    assert {rhythm.start(day, clocks).astimezone(clocks).time() for day in days} == {time(hour)}


@SCENARIOS
@given(
    taken=st.sets(st.tuples(st.integers(0, 4), st.integers(0, 5)), max_size=6),
    slot=st.integers(0, 6),
    visits=st.integers(2, 6),
)
def test_a_series_is_booked_whole_exactly_if_every_visit_is_offered(
    taken: set[tuple[int, int]], slot: int, visits: int
) -> None:
    """Offer and acceptance agree visit by visit, and a refusal changes nothing (N01, N10)."""
    course = Course(weeks=5, visits_a_day_most=20)
    other = course.clinic.patient("Lee Example")
    for week, step in taken:
        session = course.sessions[week]
        start = session.during.start + step * timedelta(minutes=30)
        course.clinic.booked(other, session, start)
    starts = time(9 + slot // 2, 30 * (slot % 2))
    free = [week for week in range(visits) if week < 5 and slot < 6 and (week, slot) not in taken]
    before = course.clinic.rows()
    if len(free) == visits:
        assert len(course.book(course.wish(visits, starts))) == visits
        return
    with pytest.raises(SeriesConflicts) as refused:
        course.book(course.wish(visits, starts))
    told = {one.day for one in refused.value.conflicts}
    assert told == {FIRST + week * WEEK for week in range(visits) if week not in free}
    assert course.clinic.rows() == before
