"""Open times equal a slow, obvious oracle; whatever is offered can be held and nothing else can."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.practice.settings import Approval, Charging, Settings
from telehealth_core.scheduling.appointment import TimeTaken
from telehealth_core.scheduling.availability import RULES, Diary, NotBookable
from telehealth_core.scheduling.session import Mode, Session, SessionStatus
from telehealth_core.shared.ids import PracticeId, ProviderId, SessionId
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.money import Money
from telehealth_core.shared.refusal import Invalid
from unit.clinic import LAWS, MORNING, SCENARIOS, Clinic, provider_of

ID = UUID(int=1)
FIVE = timedelta(minutes=5)


def a_session(during: Interval, minutes: int, every: int) -> Session:
    """A published shift."""
    return Session(
        id=SessionId(ID),
        practice_id=PracticeId(ID),
        status=SessionStatus.PUBLISHED,
        provider_id=ProviderId(ID),
        during=during,
        service="visit",
        visit_minutes=minutes,
        start_every_minutes=every,
        modes=frozenset(Mode),
        price=Money(0, "GBP"),
    )


def rules(**parameters: Any) -> Settings:
    """Settings with these parameters."""
    return Settings(charging=Charging.AT_BOOKING, approval=Approval.AUTOMATIC, **parameters)


FIVES = st.integers(-40, 40).map(lambda fives: MORNING + fives * FIVE)
BUSY = st.lists(
    st.builds(Interval.lasting, FIVES, st.integers(1, 12).map(lambda fives: 5 * fives)), max_size=5
)


@st.composite
def a_diary(draw: st.DrawFn) -> Diary:
    """A morning's shift under some settings, with some of it taken, at some instant around it."""
    minutes = draw(st.sampled_from([5, 15, 20, 30, 50]))
    session = a_session(
        Interval.lasting(MORNING, draw(st.integers(minutes, 240))),
        minutes,
        draw(st.sampled_from([5, 10, 15, 25, 30, 60])),
    )
    settings = rules(
        lead_minutes=draw(st.sampled_from([0, 7, 30, 120])),
        horizon_days=draw(st.sampled_from([1, 2])),
        buffer_minutes=draw(st.sampled_from([0, 3, 10])),
    )
    at = draw(FIVES) - draw(st.sampled_from([timedelta(), timedelta(days=1), timedelta(days=2)]))
    return Diary(
        session, settings, tuple(draw(BUSY)), at + timedelta(seconds=draw(st.integers(0, 59)))
    )


def obvious(diary: Diary, busy: list[Interval] | tuple[Interval, ...]) -> Iterator[Interval]:
    """The oracle: walk the shift in steps of five minutes and ask everything of each."""
    session, settings = diary.session, diary.settings
    start = session.during.start
    while start < session.during.end:
        end = start + timedelta(minutes=session.visit_minutes)
        taken_until = end + timedelta(minutes=settings.buffer_minutes)
        minutes_in = (start - session.during.start) // timedelta(minutes=1)
        if (
            minutes_in % session.start_every_minutes == 0
            and end <= session.during.end
            and start >= diary.at + timedelta(minutes=settings.lead_minutes)
            and start <= diary.at + timedelta(days=settings.horizon_days)
            and not any(one.start < taken_until and start < one.end for one in busy)
        ):
            yield Interval(start, end)
        start += FIVE


@LAWS
@given(a_diary())
def test_offers_are_exactly_those_of_the_obvious_search(diary: Diary) -> None:
    """Grid, lead time, horizon, buffer and what is taken: the fast search finds what the slow one
    does (N01).
    """
    assert list(diary.offers()) == list(obvious(diary, diary.busy))


@LAWS
@given(a_diary(), BUSY)
def test_one_bisection_finds_what_looking_at_everything_does(
    diary: Diary, wanted: list[Interval]
) -> None:
    """A clash is an overlap with any busy time, however many there are."""
    for one in wanted:
        assert diary.clashes(one.start, one.end) == any(one.overlaps(other) for other in diary.busy)


@LAWS
@given(a_diary(), st.integers(-50, 300))
def test_an_offer_is_what_no_rule_objects_to(diary: Diary, minutes: int) -> None:
    """Offering and accepting ask the same rules (N02)."""
    visit = diary.session.visit_at(MORNING + timedelta(minutes=minutes))
    assert (visit in set(diary.offers())) == (not diary.objections(visit))


@pytest.mark.parametrize("status", [SessionStatus.DRAFT, SessionStatus.CLOSED])
def test_only_published_sessions_offer_anything(status: SessionStatus) -> None:
    """Whatever is not published objects by name."""
    session = attrs.evolve(a_session(Interval.lasting(MORNING, 60), 30, 30), status=status)
    diary = Diary(session, rules(), (), MORNING - timedelta(hours=1))
    assert not list(diary.offers())
    assert diary.objections(session.visit_at(MORNING)) == ("published",)


def test_every_objecting_rule_is_named() -> None:
    """A refusal tells all that is wrong, not the first thing."""
    session = a_session(Interval.lasting(MORNING, 60), 30, 30)
    busy = (Interval.lasting(MORNING, 600),)
    diary = Diary(session, rules(horizon_days=1), busy, MORNING - timedelta(days=9))
    wrong = Interval.lasting(MORNING + timedelta(minutes=50), 20)
    assert diary.objections(wrong) == ("on-shift", "on-grid", "horizon", "no-clash")
    assert [name for name, _ in RULES] == [
        "published", "not-past", "on-shift", "on-grid", "lead-time", "horizon", "no-clash",
    ]  # fmt: skip


# --- what is offered can be held, what is not cannot -----------------------------------------


@SCENARIOS
@given(
    st.sampled_from([0, 10]),
    st.sampled_from([0, 45]),
    st.sampled_from([20, 30]),
    st.lists(st.integers(0, 11), max_size=3, unique=True),
)
def test_exactly_what_is_offered_can_be_held(
    buffer: int, lead: int, every: int, taken: list[int]
) -> None:
    """Each five minutes of a morning: offered means accepted, not offered means refused (N02)."""
    clinic = Clinic(buffer_minutes=buffer, lead_minutes=lead, holds_most=20)
    provider, patient, other = clinic.provider(minutes=20), clinic.patient(), clinic.patient()
    session = clinic.session(provider, start=clinic.clock() + timedelta(minutes=30), every=every)
    begin, day = session.during.start, Interval.lasting(clinic.clock(), 24 * 60)

    def offered() -> set[datetime]:
        found = clinic.ask.diary.open_times(patient, provider_of(provider), day)
        return {visit.start for _, visit in found}

    for step in taken:
        if begin + step * timedelta(minutes=every) in offered():
            clinic.hold(other, session, begin + step * timedelta(minutes=every))
    before = dict(clinic.store.rows.get("appointments", {}))
    open_now = offered()
    for step in range(-6, 45):
        start = begin + step * FIVE
        clinic.store.rows["appointments"] = dict(before)
        if start in open_now:
            assert clinic.hold(patient, session, start).during.start == start
        else:
            with pytest.raises((TimeTaken, NotBookable)):
                clinic.hold(patient, session, start)


def test_a_time_beyond_the_horizon_opens_when_it_comes_near() -> None:
    """What cannot be booked today can be tomorrow (F18)."""
    clinic = Clinic(horizon_days=1)
    provider, patient = clinic.provider(), clinic.patient()
    session = clinic.session(provider, start=MORNING + timedelta(days=1))
    with pytest.raises(NotBookable, match="horizon"):
        clinic.hold(patient, session)
    clinic.clock.forward(days=1)
    clinic.hold(patient, session)


def test_open_times_are_asked_for_two_months_at_most(clinic: Clinic) -> None:
    """A longer period is refused, however few sessions there are."""
    provider = provider_of(clinic.provider())
    for days, fine in ((62, True), (63, False)):
        period = Interval.lasting(MORNING, days * 24 * 60)
        if fine:
            assert clinic.ask.diary.open_times(clinic.visitor, provider, period) == ()
        else:
            with pytest.raises(Invalid):
                clinic.ask.diary.open_times(clinic.visitor, provider, period)


def test_a_providers_open_times_are_theirs_alone(clinic: Clinic) -> None:
    """Whoever works beside them has times of their own (F17)."""
    one, other = clinic.provider(), clinic.provider("Robin Therapist")
    sessions = {provider_of(who): clinic.session(who).id for who in (one, other)}
    for provider_id, session_id in sessions.items():
        found = clinic.ask.diary.open_times(
            clinic.patient(), provider_id, Interval.lasting(MORNING, 24 * 60)
        )
        assert {session.id for session, _ in found} == {session_id}


@given(taken=BUSY, minutes=st.sampled_from([5, 15, 20, 50]), length=st.integers(50, 240))
def test_a_gap_is_a_visit_of_minutes_that_nothing_takes(
    taken: list[Interval], minutes: int, length: int
) -> None:
    """As whoever looks at every minute finds."""
    session = a_session(Interval.lasting(MORNING, length), minutes, 5)
    starts = (MORNING + timedelta(minutes=one) for one in range(length - minutes + 1))
    visits = (Interval.lasting(start, minutes) for start in starts)
    found = any(not any(visit.overlaps(one) for one in taken) for visit in visits)
    assert session.has_gap(taken) == found
