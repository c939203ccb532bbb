"""Recurrence: a shift that repeats at the same wall time all year round (F13, N03)."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum

import attrs

from telehealth_core.shared.interval import Interval
from telehealth_core.shared.refusal import Invalid

SPAN_MOST = timedelta(days=366)
"""The longest time from the first day to the last; go on with another series then."""


class Weekday(StrEnum):
    """A day of the week, FHIR codes."""

    MONDAY = "mon"
    TUESDAY = "tue"
    WEDNESDAY = "wed"
    THURSDAY = "thu"
    FRIDAY = "fri"
    SATURDAY = "sat"
    SUNDAY = "sun"


_IN_ORDER = tuple(Weekday)


@attrs.frozen(kw_only=True)
class Recurrence:
    """The days and the wall times of a shift that repeats.

    `ends` is on the same day if later than `starts`, else on the next; `last_day` is included.
    """

    weekdays: frozenset[Weekday]
    starts: time
    ends: time
    first_day: date
    last_day: date
    except_days: frozenset[date] = frozenset()

    def __attrs_post_init__(self) -> None:
        if not self.weekdays:
            raise Invalid("weekdays", "one or more days of the week")
        if not timedelta() <= self.last_day - self.first_day <= SPAN_MOST:
            raise Invalid("last_day", f"from first_day to {SPAN_MOST.days} days after it")
        if self.starts == self.ends:
            raise Invalid("ends", "another time than starts")
        if not any(self.days()):
            raise Invalid("weekdays", "at least one day between first_day and last_day")

    def days(self) -> Iterator[date]:
        """The days on which a shift begins, in order."""
        for number in range((self.last_day - self.first_day).days + 1):
            day = self.first_day + timedelta(days=number)
            if _IN_ORDER[day.weekday()] in self.weekdays and day not in self.except_days:
                yield day

    def during(self, day: date, zone: tzinfo) -> Interval:
        """The shift that begins on that day, where these clocks hang.

        A time that the clocks skip is read as if they had not been changed yet, one that they show
        twice is the first.
        """
        ending = day if self.ends > self.starts else day + timedelta(days=1)
        return Interval(
            datetime.combine(day, self.starts, zone), datetime.combine(ending, self.ends, zone)
        )
