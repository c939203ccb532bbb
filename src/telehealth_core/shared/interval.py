"""Time: aware UTC instants and half-open intervals. Zones belong to recurrence and display only."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Self

import attrs

from telehealth_core.shared.refusal import Invalid


def instant(value: datetime, field: str = "at") -> datetime:
    """The instant in UTC.

    Raises: Invalid if `value` has no offset: a naive time names no instant.
    """
    if value.tzinfo is UTC:
        return value
    if value.tzinfo is None or value.utcoffset() is None:
        raise Invalid(field, "a time needs its offset from UTC, as in 2026-11-21T09:00:00Z")
    return value.astimezone(UTC)


@attrs.frozen(order=True)
class Interval:
    """From `start` up to but not including `end`, both UTC.

    Raises: Invalid if empty or reversed, or if an instant has no offset.
    """

    start: datetime = attrs.field(converter=instant)
    end: datetime = attrs.field(converter=instant)

    def __attrs_post_init__(self) -> None:
        if self.end <= self.start:
            raise Invalid("end", "an interval ends after it starts")

    @classmethod
    def lasting(cls, start: datetime, minutes: int) -> Self:
        """The interval that starts here and lasts so many elapsed minutes."""
        return cls(start, instant(start, "start") + timedelta(minutes=minutes))

    @property
    def minutes(self) -> int:
        """Whole elapsed minutes."""
        return int((self.end - self.start) / timedelta(minutes=1))

    def overlaps(self, other: Self) -> bool:
        """Whether they share any instant; touching ends do not."""
        return self.start < other.end and other.start < self.end

    def covers(self, other: Self) -> bool:
        """Whether every instant of `other` lies within."""
        return self.start <= other.start and other.end <= self.end

    def __contains__(self, at: datetime) -> bool:
        return self.start <= at < self.end

    def widened(self, *, before: timedelta, after: timedelta) -> Self:
        """The interval with a margin on each side: a visit with its buffers."""
        return type(self)(self.start - before, self.end + after)


def union(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """The same instants as disjoint intervals in order; touching ones are joined."""
    merged: list[Interval] = []
    for interval in sorted(intervals, key=attrgetter("start")):
        if merged and interval.start <= merged[-1].end:
            if interval.end > merged[-1].end:
                merged[-1] = Interval(merged[-1].start, interval.end)
        else:
            merged.append(interval)
    return tuple(merged)


def common(ours: Iterable[Interval], theirs: Iterable[Interval]) -> tuple[Interval, ...]:
    """The instants that lie in both sets of intervals."""
    first, second = union(ours), union(theirs)
    shared: list[Interval] = []
    i = j = 0
    while i < len(first) and j < len(second):
        start, end = max(first[i].start, second[j].start), min(first[i].end, second[j].end)
        if start < end:
            shared.append(Interval(start, end))
        if first[i].end <= second[j].end:
            i += 1
        else:
            j += 1
    return tuple(shared)
