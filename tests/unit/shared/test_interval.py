"""Intervals and sets of them agree with the obvious: the set of minutes they are made of."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.shared.interval import Interval, common, instant, union
from telehealth_core.shared.refusal import Invalid
from unit.clinic import LAWS

ZERO = datetime(2026, 3, 29, tzinfo=UTC)
DAY = 4 * 60


def at(minute: int) -> datetime:
    """The instant so many minutes after the beginning."""
    return ZERO + timedelta(minutes=minute)


def minutes_of(*intervals: Interval) -> set[int]:
    """The slow oracle: every minute that lies in any of them."""
    return {minute for minute in range(DAY + 1) if any(at(minute) in one for one in intervals)}


@st.composite
def an_interval(draw: st.DrawFn) -> Interval:
    """Some whole minutes of some hours."""
    start = draw(st.integers(0, DAY - 1))
    return Interval.lasting(at(start), draw(st.integers(1, DAY - start)))


SOME = st.lists(an_interval(), max_size=6)


def disjoint_and_in_order(intervals: tuple[Interval, ...]) -> bool:
    """Whether none touches the next."""
    return all(one.end < two.start for one, two in pairwise(intervals))


@LAWS
@given(SOME)
def test_a_union_has_the_same_minutes_disjoint_and_in_order(some: list[Interval]) -> None:
    """Joining intervals neither adds nor loses a minute."""
    joined = union(some)
    assert minutes_of(*joined) == minutes_of(*some)
    assert disjoint_and_in_order(joined)


@LAWS
@given(SOME, st.randoms())
def test_a_union_does_not_depend_on_order_or_repetition(
    some: list[Interval], chance: object
) -> None:
    """Shuffled, doubled or joined already: the union is the same."""
    shuffled = some * 2
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert union(shuffled) == union(some) == union(union(some))


@LAWS
@given(SOME, SOME)
def test_common_time_is_the_minutes_of_both(ours: list[Interval], theirs: list[Interval]) -> None:
    """Two sets share exactly the minutes that lie in each."""
    shared = common(ours, theirs)
    assert minutes_of(*shared) == minutes_of(*ours) & minutes_of(*theirs)
    assert minutes_of(*shared) == minutes_of(*common(theirs, ours))


@LAWS
@given(an_interval(), an_interval())
def test_overlap_and_cover_are_those_of_sets(one: Interval, other: Interval) -> None:
    """Overlapping is sharing a minute, covering is having them all."""
    ours, theirs = minutes_of(one), minutes_of(other)
    assert one.overlaps(other) == other.overlaps(one) == bool(ours & theirs)
    assert one.covers(other) == (theirs <= ours)


@LAWS
@given(an_interval(), st.integers(0, 90), st.integers(0, 90))
def test_a_margin_widens_by_itself(one: Interval, before: int, after: int) -> None:
    """Widening adds so many minutes on each side and no other."""
    wide = one.widened(before=timedelta(minutes=before), after=timedelta(minutes=after))
    assert wide.minutes == one.minutes + before + after
    assert wide.covers(one)


@LAWS
@given(an_interval(), st.integers(-14 * 60, 14 * 60))
def test_an_instant_is_the_same_whatever_offset_it_is_told_in(one: Interval, offset: int) -> None:
    """Offsets are a way of telling time: intervals compare as UTC."""
    elsewhere = timezone(timedelta(minutes=offset))
    told = Interval(one.start.astimezone(elsewhere), one.end.astimezone(elsewhere))
    assert told == one
    assert told.start.tzinfo is UTC


def test_touching_ends_do_not_overlap() -> None:
    """One visit may begin at the instant at which another ends."""
    first, second = Interval.lasting(ZERO, 30), Interval.lasting(at(30), 30)
    assert not first.overlaps(second)
    assert first.end in second
    assert first.end not in first


def test_touching_times_have_nothing_in_common_and_leave_no_gap() -> None:
    """Where one ends and the other begins there is no instant of both, and none of neither."""
    first, second = Interval.lasting(ZERO, 30), Interval.lasting(at(30), 30)
    assert common([first], [second]) == common([second], [first]) == ()
    assert union([second, first]) == (Interval.lasting(ZERO, 60),)


def test_a_naive_time_names_no_instant() -> None:
    """A time without its offset is refused, with the field's name."""
    with pytest.raises(Invalid) as refused:
        instant(ZERO.replace(tzinfo=None), "start")
    assert refused.value.field == "start"
    with pytest.raises(Invalid):
        Interval(ZERO.replace(tzinfo=None), at(1))


@pytest.mark.parametrize("minutes", [0, -1])
def test_an_interval_is_neither_empty_nor_reversed(minutes: int) -> None:
    """An interval ends after it starts."""
    with pytest.raises(Invalid):
        Interval.lasting(ZERO, minutes)
