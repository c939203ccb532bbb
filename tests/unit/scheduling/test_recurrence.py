"""Shifts that repeat stay at their wall time, in every zone and across every change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.scheduling.recurrence import Recurrence, Weekday
from telehealth_core.scheduling.session import Mode
from telehealth_core.shared.ids import SessionId
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.refusal import IdReused, Invalid
from unit.clinic import LAWS, Clinic, provider_of

WORKDAYS = frozenset(Weekday) - {Weekday.SATURDAY, Weekday.SUNDAY}
YEAR = (date(2026, 1, 1), date(2026, 12, 31))


def nine_to_five(
    first: date, last: date, days: frozenset[Weekday] = WORKDAYS, **other: frozenset[date]
) -> Recurrence:
    """The usual hours."""
    return Recurrence(
        weekdays=days, starts=time(9), ends=time(17), first_day=first, last_day=last, **other
    )


@LAWS
@given(
    st.frozensets(st.sampled_from(Weekday), min_size=1),
    st.dates(date(2026, 1, 1), date(2026, 6, 1)),
    st.integers(7, 200),
    st.frozensets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=3),
)
def test_the_days_are_those_of_the_week_without_the_exceptions(
    weekdays: frozenset[Weekday], first: date, length: int, excepted: frozenset[date]
) -> None:
    """Every day between first and last is one if it is of the week's days and not excepted."""
    last = first + timedelta(days=length)
    codes = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    wanted = [
        day
        for day in (first + timedelta(days=number) for number in range(length + 1))
        if codes[day.isoweekday() - 1] in weekdays and day not in excepted
    ]
    if not wanted:
        return
    assert list(nine_to_five(first, last, weekdays, except_days=excepted).days()) == wanted


def test_nine_to_five_stays_nine_to_five_in_every_zone_of_the_world() -> None:
    """In no zone does any day of the year begin at another wall time, whatever its clocks do."""
    series = nine_to_five(*YEAR, frozenset(Weekday))
    for name in sorted(available_timezones() - {"localtime", "Factory"}):
        clocks = ZoneInfo(name)
        for day in series.days():
            shift = series.during(day, clocks)
            begins, ends = shift.start.astimezone(clocks), shift.end.astimezone(clocks)
            assert (begins.date(), begins.time(), ends.time()) == (day, time(9), time(17)), name
            changed = begins.utcoffset() != ends.utcoffset()
            assert (shift.minutes == 480) is not changed, name


def test_a_night_shift_ends_on_the_next_day() -> None:
    """Ten in the evening to six is eight hours, and the hour more or less that a change brings."""
    nights = Recurrence(
        weekdays=frozenset(Weekday),
        starts=time(22),
        ends=time(6),
        first_day=date(2026, 10, 23),
        last_day=date(2026, 10, 25),
    )
    hours = [nights.during(day, ZoneInfo("Europe/London")).minutes for day in nights.days()]
    assert hours == [480, 540, 480]


def test_a_time_the_clocks_skip_is_read_by_the_clock_before() -> None:
    """Half past one in the morning does not exist on that Sunday in London; nothing breaks."""
    early = Recurrence(
        weekdays=frozenset({Weekday.SUNDAY}),
        starts=time(1, 30),
        ends=time(5),
        first_day=date(2026, 3, 29),
        last_day=date(2026, 3, 29),
    )
    shift = early.during(date(2026, 3, 29), ZoneInfo("Europe/London"))
    assert shift == Interval(
        datetime(2026, 3, 29, 1, 30, tzinfo=UTC), datetime(2026, 3, 29, 4, 0, tzinfo=UTC)
    )


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("weekdays", {"weekdays": frozenset()}),
        ("weekdays", {"weekdays": frozenset({Weekday.SUNDAY}), "last_day": date(2026, 11, 24)}),
        ("last_day", {"last_day": date(2026, 11, 22)}),
        ("last_day", {"last_day": date(2027, 11, 25)}),
        ("ends", {"ends": time(9)}),
    ],
)
def test_what_never_happens_is_refused_by_field(field: str, changed: dict[str, object]) -> None:
    """No days, no length, no end: the field that is wrong is named."""
    usual: dict[str, object] = {
        "weekdays": WORKDAYS,
        "starts": time(9),
        "ends": time(17),
        "first_day": date(2026, 11, 23),
        "last_day": date(2026, 12, 23),
    }
    with pytest.raises(Invalid) as told:
        Recurrence(**{**usual, **changed})  # type: ignore[arg-type]  # that is what is tried
    assert told.value.field == field


def test_a_recurrence_lasts_a_year_at_most() -> None:
    """The last day of it included (F13)."""
    year = nine_to_five(date(2026, 11, 23), date(2027, 11, 24), frozenset(Weekday))
    assert len(list(year.days())) == 367


def test_a_series_is_published_whole_and_once(clinic: Clinic) -> None:
    """Ten working days are ten sessions with offers; repeated, they are the same ten."""
    provider = clinic.provider()
    recurrence = nine_to_five(date(2026, 11, 30), date(2026, 12, 11))

    def publish(series: Recurrence = recurrence) -> int:
        return len(
            clinic.ask.diary.add_series(
                clinic.liaison,
                SessionId(clinic.id),
                provider_id=provider_of(provider),
                recurrence=series,
                service="visit",
                modes=frozenset(Mode),
                start_every_minutes=30,
            )
        )

    assert (publish(), publish()) == (10, 10)
    assert len(clinic.store.rows["sessions"]) == 10
    fortnight = Interval.lasting(datetime(2026, 11, 30, tzinfo=UTC), 14 * 24 * 60)
    offered = clinic.ask.diary.open_times(clinic.visitor, provider_of(provider), fortnight)
    assert len(offered) == 10 * 16
    with pytest.raises(IdReused):
        publish(nine_to_five(date(2026, 11, 30), date(2026, 12, 11), frozenset(Weekday)))
