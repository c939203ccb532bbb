"""How long a prescription counts, and how often (RXU-02, RXU-03, RXS-04)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.prescribing import uk, us
from telehealth_core.prescribing.item import Schedule
from telehealth_core.shared.calendar import last_day
from unit.clinic import LAWS
from unit.prescribing.scripts import item

DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2026, 1, 1), date(2026, 6, 30)),
        (date(2026, 1, 2), date(2026, 7, 1)),
        (date(2026, 7, 1), date(2026, 12, 31)),
        (date(2026, 8, 28), date(2027, 2, 27)),
        (date(2026, 8, 29), date(2027, 2, 28)),
        (date(2026, 8, 31), date(2027, 2, 28)),
        (date(2026, 9, 1), date(2027, 2, 28)),
        (date(2027, 8, 29), date(2028, 2, 28)),
        (date(2027, 8, 30), date(2028, 2, 29)),
        (date(2027, 8, 31), date(2028, 2, 29)),
        (date(2028, 2, 29), date(2028, 8, 28)),
        (date(2026, 12, 31), date(2027, 6, 30)),
    ],
)
def test_six_months_begin_with_the_appropriate_date(first: date, last: date) -> None:
    """From 1 January to 30 June; at the end of August to that of February, leap years too
    (RXU-02).
    """
    assert uk.valid_until([item()], first) == last


@LAWS
@given(DAYS, st.integers(1, 36))
def test_a_later_beginning_never_ends_earlier(first: date, months: int) -> None:
    """Calendar periods are in order, and none is longer than its months."""
    last = last_day(first, months)
    assert last <= last_day(first + timedelta(days=1), months)
    assert first + timedelta(days=28 * months - 1) <= last < first + timedelta(days=31 * months)


@LAWS
@given(DAYS)
def test_periods_follow_upon_each_other_from_a_first_of_a_month(first: date) -> None:
    """Six months and six months are a year."""
    first = first.replace(day=1)
    assert last_day(last_day(first, 6) + timedelta(days=1), 6) == last_day(first, 12)


@pytest.mark.parametrize("schedule", [None, *Schedule])
def test_schedules_two_to_four_count_twenty_eight_days(schedule: Schedule | None) -> None:
    """The day itself is the first of them: the stricter reading (RXU-02)."""
    first = date(2028, 2, 15)
    short = schedule in {Schedule.TWO, Schedule.THREE, Schedule.FOUR}
    last = date(2028, 3, 13) if short else date(2028, 8, 14)
    assert uk.valid_until([item(), item(schedule=schedule)], first) == last


@pytest.mark.parametrize(
    ("schedule", "last"),
    [
        (None, date(2026, 12, 31)),
        (Schedule.TWO, date(2026, 3, 31)),
        (Schedule.THREE, date(2026, 6, 30)),
        (Schedule.FOUR, date(2026, 6, 30)),
        (Schedule.FIVE, date(2026, 12, 31)),
    ],
)
def test_an_american_prescription_counts_by_its_strictest_schedule(
    schedule: Schedule | None, last: date
) -> None:
    """Ninety days, six months, a year (RXS-04)."""
    assert us.valid_until([item(), item(schedule=schedule)], date(2026, 1, 1)) == last


def test_repeatable_without_a_number_is_twice_or_six_times() -> None:
    """Six only where everything on it is an oral contraceptive; refills are none (RXU-03)."""
    pill = item("Pill", oral_contraceptive=True)
    assert uk.unnumbered([item()]) == 2
    assert uk.unnumbered([pill, pill]) == 6
    assert uk.unnumbered([pill, item()]) == 2
    assert us.unnumbered([pill]) == 1
