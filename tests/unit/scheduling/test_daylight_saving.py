"""No daylight-saving change of any IANA zone loses, doubles or shifts a time (N03)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import attrs
import pytest

from telehealth_core.scheduling.availability import Diary
from telehealth_core.scheduling.recurrence import Recurrence, Weekday
from telehealth_core.scheduling.session import Session
from telehealth_core.shared.interval import Interval
from unit.clinic import Clinic, provider_of
from unit.scheduling.test_availability import a_session, rules

DAY, QUARTER = timedelta(days=1), timedelta(minutes=15)
ZONES = sorted(available_timezones() - {"localtime", "Factory"})
NINE, FIVE = time(9), time(17)
WALL = [time(9 + number // 4, number % 4 * 15) for number in range(32)]


@attrs.frozen
class Change:
    """The instant at which a zone's clocks go on otherwise."""

    at: datetime
    before: timedelta
    after: timedelta

    def days(self, clocks: tzinfo) -> set[date]:
        """The dates that these clocks show on either side of it."""
        return {
            (at.astimezone(clocks)).date() for at in (self.at - timedelta(microseconds=1), self.at)
        }


def offset(at: datetime, clocks: tzinfo) -> timedelta:
    """How far the clocks are from UTC then."""
    found = at.astimezone(clocks).utcoffset()
    assert found is not None
    return found


NOONS = [datetime(2024, 1, 1, 12) + number * DAY for number in range(14 * 365 + 4)]  # noqa: DTZ001
"""Each noon of fourteen years, on whatever clock."""


def changes(clocks: tzinfo, noons: list[datetime] = NOONS) -> Iterator[Change]:
    """Every change of these clocks, found by looking at them each noon, then to the second."""
    for noon, (before, after) in zip(noons, pairwise(map(clocks.utcoffset, noons)), strict=False):
        if before != after:
            assert before is not None
            assert after is not None
            low, high = (one.replace(tzinfo=clocks).astimezone(UTC) for one in (noon, noon + DAY))
            while high - low > timedelta(milliseconds=500):
                middle = low + (high - low) / 2
                low, high = (middle, high) if offset(middle, clocks) == before else (low, middle)
            yield Change((high).replace(microsecond=0), before, after)


@cache
def kinds() -> dict[tuple[timedelta, tuple[Change, ...]], list[str]]:
    """The zones by what their clocks do in these years: those of one kind tell the same times."""
    found: dict[tuple[timedelta, tuple[Change, ...]], list[str]] = {}
    for name in ZONES:
        clocks = ZoneInfo(name)
        begins = clocks.utcoffset(NOONS[0])
        assert begins is not None
        found.setdefault((begins, tuple(changes(clocks))), []).append(name)
    return found


def nine_to_five(first: date, last: date) -> Recurrence:
    """Every day of the span."""
    return Recurrence(
        weekdays=frozenset(Weekday), starts=NINE, ends=FIVE, first_day=first, last_day=last
    )


def shift_on(day: date, clocks: tzinfo) -> Session:
    """That day's shift, in visits of a quarter of an hour."""
    return a_session(nine_to_five(day, day).during(day, clocks), 15, 15)


def has_its_visits(day: date, clocks: tzinfo) -> None:
    """See that a nine to five day has its visits: each bookable, each at its wall time."""
    session = shift_on(day, clocks)
    diary = Diary(session, rules(), (), session.during.start - timedelta(hours=1))
    found = list(diary.offers())
    assert not [visit for visit in found if diary.objections(visit)]
    walls = [visit.start.astimezone(clocks) for visit in found]
    if offset(session.during.start, clocks) == offset(session.during.end - QUARTER, clocks):
        assert len(found) == 32
        assert [(wall.date(), wall.time()) for wall in walls] == [(day, wall) for wall in WALL]
    else:
        assert len(found) == session.during.minutes // 15
        assert (walls[0].time(), session.during.end.astimezone(clocks).time()) == (NINE, FIVE)
    for visit, wall in zip(found, walls, strict=True):
        # A wall time with its fold names one instant: there and back is the same.
        assert datetime.combine(wall.date(), wall.timetz()).astimezone(UTC) == visit.start
    assert all(one.end == two.start for one, two in pairwise(found))


def test_every_zone_is_looked_at() -> None:
    """Nearly six hundred zones, of which many change their clocks, and some in odd ways."""
    assert sum(map(len, kinds().values())) == len(ZONES) > 480
    every = [change for _, found in kinds() for change in found]
    assert len(every) > 800
    assert {abs(change.after - change.before) for change in every} >= {
        timedelta(hours=1),
        timedelta(minutes=30),
        timedelta(hours=2),
    }


def test_a_nine_to_five_day_has_its_32_visits_on_every_transition_of_every_zone() -> None:
    """09:00 to 17:00 with 15-minute visits is 32 starts, every one bookable, every one at its wall
    time; where the change itself falls inside those hours, exactly the elapsed quarters (N03).
    """
    for (_, found), names in kinds().items():
        clocks = ZoneInfo(names[0])
        for day in sorted({day for change in found for day in change.days(clocks)}):
            has_its_visits(day, clocks)


@pytest.mark.parametrize("name", ["Africa/Khartoum", "Africa/Juba"])
def test_a_change_within_working_hours_leaves_the_quarters_that_pass(name: str) -> None:
    """At noon of that day the clocks went on to one: seven hours are 28 visits (N03)."""
    day, clocks = date(2000, 1, 15), ZoneInfo(name)
    session = shift_on(day, clocks)
    diary = Diary(session, rules(), (), session.during.start)
    assert len(list(diary.offers())) == 28
    has_its_visits(day, clocks)


def test_a_series_stays_at_its_wall_time_across_every_change_of_every_zone() -> None:
    """A week around each change begins at nine and ends at five on all its days (N03)."""
    for (_, found), names in kinds().items():
        clocks = ZoneInfo(names[0])
        for change in found:
            middle = change.at.astimezone(clocks).date()
            series = nine_to_five(middle - 3 * DAY, middle + 3 * DAY)
            for day in series.days():
                during = series.during(day, clocks)
                ends = [at.astimezone(clocks) for at in (during.start, during.end)]
                assert [(at.date(), at.time()) for at in ends] == [(day, NINE), (day, FIVE)]
                inside = offset(during.start, clocks) != offset(during.end, clocks)
                assert (during.minutes == 480) is not inside


def test_a_whole_day_offers_the_hours_it_really_has() -> None:
    """From midnight to midnight there are 23, 25 or so hours: none offered twice, none missing."""
    for (_, found), names in kinds().items():
        clocks = ZoneInfo(names[0])
        for change in found:
            day = change.at.astimezone(clocks).date()
            begin, end = (
                datetime.combine(one, time(), clocks).astimezone(UTC) for one in (day, day + DAY)
            )
            session = a_session(Interval(begin, end), 15, 15)
            visits = list(Diary(session, rules(), (), begin).offers())
            assert len(visits) == (end - begin) // QUARTER
            assert all(one.end == two.start for one, two in pairwise(visits))


@pytest.mark.parametrize(
    ("name", "skipped"),
    [
        ("Europe/London", datetime(2027, 3, 28, 1, 30)),  # noqa: DTZ001 - a wall time
        ("America/New_York", datetime(2027, 3, 14, 2, 30)),  # noqa: DTZ001 - a wall time
    ],
)
def test_a_shift_at_a_skipped_wall_time_begins_when_the_clocks_go_on(
    name: str, skipped: datetime
) -> None:
    """02:30 does not exist on that night; read by the clock before, it is 03:30 (BCP-06)."""
    clocks = ZoneInfo(name)
    series = attrs.evolve(
        nine_to_five(skipped.date(), skipped.date()), starts=skipped.time(), ends=time(8)
    )
    begins = series.during(skipped.date(), clocks).start.astimezone(clocks)
    assert begins.replace(tzinfo=None) == skipped + timedelta(hours=1)


def test_a_wall_time_that_exists_where_the_clocks_stay_is_that_time() -> None:
    """Phoenix does not change its clocks: 02:30 is 02:30 (BCP-06)."""
    day, clocks = date(2027, 3, 14), ZoneInfo("America/Phoenix")
    series = attrs.evolve(nine_to_five(day, day), starts=time(2, 30))
    assert series.during(day, clocks).start.astimezone(clocks).time() == time(2, 30)


def test_a_wall_time_shown_twice_is_the_first(clinic: Clinic) -> None:
    """01:30 comes twice on that night in London; the shift begins at the first (BCP-06)."""
    day, clocks = date(2027, 10, 31), ZoneInfo("Europe/London")
    series = attrs.evolve(nine_to_five(day, day), starts=time(1, 30))
    assert series.during(day, clocks).start == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("name", ["Europe/London", "Australia/Lord_Howe", "Africa/Casablanca"])
def test_what_is_offered_on_such_a_day_can_be_held(name: str) -> None:
    """Through the use cases: each of the 32 is found and held by somebody (N02, N03)."""
    clocks = ZoneInfo(name)
    change = next(one for one in changes(clocks) if one.at.year == 2026)
    clinic = Clinic(horizon_days=366, holds_most=20, visits_a_day_most=20)
    clinic.clock.now = change.at - timedelta(days=30)
    provider, patients = clinic.provider(minutes=15), [clinic.patient() for _ in range(2)]
    begin = shift_on(change.at.astimezone(clocks).date(), clocks).during.start
    session = clinic.session(provider, start=begin, hours=8, every=15)
    period = Interval(begin, begin + DAY)
    found = clinic.ask.diary.open_times(patients[0], provider_of(provider), period)
    assert [visit.start.astimezone(clocks).time() for _, visit in found] == WALL
    for number, (_, visit) in enumerate(found):
        clinic.hold(patients[number % 2], session, visit.start)
    assert clinic.ask.diary.open_times(patients[0], provider_of(provider), period) == ()
