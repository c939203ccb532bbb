"""Attendance: who was let in, when each connection lasted, and for how long both sides were
together (F33, TEL-01, TEL-10).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

import attrs

from telehealth_core.shared.ids import UserId
from telehealth_core.shared.interval import Interval, common, instant
from telehealth_core.shared.phi import phi
from telehealth_core.shared.text import place


class Side(StrEnum):
    """On whose side of the visit somebody attends."""

    PATIENT = "patient"
    PROVIDER = "provider"


@attrs.frozen
class Whereabouts:
    """What the patient's side says now: where the patient is (TEL-01), and whether they are safe
    and by themselves there (TEL-10).
    """

    location: str | None = phi(default=None, validator=attrs.validators.optional(place))
    private: bool | None = phi(default=None)


@attrs.frozen
class Participant:
    """Somebody who was let in, on which side and when, with what they said of the patient's
    whereabouts; a guardian is on the patient's side.
    """

    user_id: UserId
    side: Side
    said: Whereabouts = Whereabouts()
    guardian: bool = False
    admitted_at: datetime | None = None


@attrs.frozen
class Attendance:
    """One connection to the room. A report may be missing, late or doubled: what is not known yet
    is None.

    `since` and `until` are the instants that the room's operator names, `since_received` and
    `until_received` when we were told first.
    """

    connection: str
    user_id: UserId
    since: datetime | None = None
    until: datetime | None = None
    since_received: datetime | None = None
    until_received: datetime | None = None

    def lasting(self, at: datetime, within: Interval | None = None) -> Interval | None:
        """The time it is known to have lasted, up to `at` while it goes on, as far as it lies
        within the time that the room was open.
        """
        if self.since is None:
            return None
        since, until = self.since, self.until or at
        if within is not None:
            since, until = max(since, within.start), min(until, within.end)
        return Interval(since, until) if since < until else None


@attrs.frozen
class Reconciliation:
    """The final list of the room's operator, which counts instead of what was heard before; both
    are kept (F33).
    """

    at: datetime
    stays: tuple[Attendance, ...]
    seconds_before: int
    seconds_after: int


def believed(told: datetime | None, received: datetime) -> datetime:
    """The instant that a report means: the operator's, but never after we were told.

    Raises: Invalid for an instant without offset.
    """
    return received if told is None else min(instant(told), received)


def heard(
    before: Iterable[Attendance],
    connection: str,
    user_id: UserId,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    received: datetime,
) -> tuple[Attendance, ...]:
    """The attendances after one more report. Told twice, the earlier entry and the later leave
    count, so the order of reports makes no difference.
    """
    known = {one.connection: one for one in before}
    one = known.get(connection, Attendance(connection, user_id))
    known[connection] = attrs.evolve(
        one,
        since=_first(one.since, since),
        until=max((told for told in (one.until, until) if told), default=None),
        since_received=_first(one.since_received, since and received),
        until_received=_first(one.until_received, until and received),
    )
    return tuple(known.values())


def together(
    stays: Iterable[Attendance],
    sides: Mapping[UserId, Side],
    *,
    at: datetime,
    within: Interval | None,
) -> tuple[Interval, ...]:
    """The time for which somebody of each side was present, up to `at`, within the room's time."""
    present: dict[Side, list[Interval]] = {side: [] for side in Side}
    for stay in stays:
        lasting, side = stay.lasting(at, within), sides.get(stay.user_id)
        if lasting is not None and side is not None:
            present[side].append(lasting)
    return common(present[Side.PATIENT], present[Side.PROVIDER])


def seconds(intervals: Iterable[Interval]) -> int:
    """Whole seconds in all of them together."""
    lengths = (one.end - one.start for one in intervals)
    return sum(lengths, timedelta()) // timedelta(seconds=1)


def _first(*instants: datetime | None) -> datetime | None:
    return min((one for one in instants if one), default=None)
