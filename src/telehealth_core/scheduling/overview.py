"""Overviews: a patient's calendar, a provider's schedule and the practice's dashboard, in groups
that people look for (F23, F27, F28).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Self

import attrs

from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.life import AppointmentStatus

_S = AppointmentStatus
_AHEAD = frozenset({_S.PENDING, _S.BOOKED, _S.ARRIVED})
_CONFIRMED = frozenset({_S.BOOKED, _S.ARRIVED})
_TOOK_PLACE_OR_NOT = frozenset({_S.FULFILLED, _S.NOSHOW})


def _past(one: Appointment, at: datetime) -> bool:
    over = one.status in _AHEAD and one.during.end <= at
    return over or one.status in _TOOK_PLACE_OR_NOT


def _ahead(one: Appointment, at: datetime) -> bool:
    waits = one.status in _AHEAD or one.status is _S.HELD
    return waits and at < one.during.end and one.occupying(at)


def _in_order(found: Iterable[Appointment]) -> tuple[Appointment, ...]:
    return tuple(sorted(found, key=lambda one: (one.during, one.id)))


@attrs.frozen(kw_only=True)
class PatientCalendar:
    """A patient's visits: the next first, then those that were, the latest first (F27)."""

    upcoming: tuple[Appointment, ...]
    past: tuple[Appointment, ...]
    cancelled: tuple[Appointment, ...]

    @classmethod
    def of(cls, found: Iterable[Appointment], at: datetime) -> Self:
        """These appointments in groups, as things stand at that instant. A hold that lapsed is in
        none.
        """
        ordered = _in_order(found)
        return cls(
            upcoming=tuple(one for one in ordered if _ahead(one, at)),
            past=tuple(one for one in reversed(ordered) if _past(one, at)),
            cancelled=tuple(one for one in reversed(ordered) if one.status is _S.CANCELLED),
        )


@attrs.frozen(kw_only=True)
class ProviderSchedule:
    """A provider's visits: what waits for approval, what is confirmed, what was (F28)."""

    waiting: tuple[Appointment, ...]
    upcoming: tuple[Appointment, ...]
    past: tuple[Appointment, ...]

    @classmethod
    def of(cls, found: Iterable[Appointment], at: datetime) -> Self:
        """These appointments in groups, as things stand at that instant."""
        ordered = _in_order(found)
        ahead = tuple(one for one in ordered if _ahead(one, at))
        return cls(
            waiting=tuple(one for one in ahead if one.status is _S.PENDING),
            upcoming=tuple(one for one in ahead if one.status in _CONFIRMED),
            past=tuple(one for one in reversed(ordered) if _past(one, at)),
        )


@attrs.frozen(kw_only=True)
class Dashboard:
    """What staff look at first: the newest bookings, what waits for a decision, and answers that a
    human has to see (F23, F25, TEL-11).
    """

    newest: tuple[Appointment, ...]
    waiting: tuple[Appointment, ...]
    flagged: tuple[Appointment, ...]
