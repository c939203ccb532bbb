"""Series: visits that repeat at the same wall time, all of them booked or none (N10)."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, tzinfo
from typing import ClassVar

import attrs

from telehealth_core.shared.refusal import Invalid, Refusal


@attrs.frozen
class Conflict:
    """One occurrence that cannot be, with the names of every rule that objects to it."""

    day: date
    rules: tuple[str, ...]


@attrs.frozen
class SeriesConflicts(Refusal):
    """Some occurrences cannot be, so nothing was booked; ask again without those days, or with
    other ones.
    """

    code: ClassVar[str] = "series-conflicts"
    says: ClassVar[str] = "Some of these visits cannot be booked; none was."

    conflicts: tuple[Conflict, ...]


@attrs.frozen(kw_only=True)
class Rhythm:
    """So many visits, every week or every other one, at one wall time; `except_days` are those that
    the caller leaves out.
    """

    first_day: date
    starts: time = attrs.field()
    every_weeks: int
    visits: int
    except_days: frozenset[date] = frozenset()

    @starts.validator
    def _wall_time(self, _: object, value: time) -> None:
        if value.tzinfo is not None:
            raise Invalid("starts", "a wall time, without an offset")

    def __attrs_post_init__(self) -> None:
        if self.every_weeks not in {1, 2}:
            raise Invalid("every_weeks", "1 or 2")
        if self.visits < 2:
            raise Invalid("visits", "two or more")
        if not any(True for _ in self.days()):
            raise Invalid("except_days", "not every day of the series")

    def days(self) -> Iterator[date]:
        """The days of the visits, in order."""
        for number in range(self.visits):
            day = self.first_day + number * timedelta(weeks=self.every_weeks)
            if day not in self.except_days:
                yield day

    def start(self, day: date, zone: tzinfo) -> datetime:
        """When the visit of that day starts, where these clocks hang.

        A time that the clocks skip is read as if they had not been changed yet, one that they show
        twice is the first.
        """
        return datetime.combine(day, self.starts, zone)
