"""Availability: the one predicate that decides both what is offered and what is accepted (N01,
N02).

A visit can be booked when no rule of `RULES` objects. Free time is never stored: it is the session
minus whatever occupies it at the instant of asking.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import ClassVar

import attrs

from telehealth_core.practice.settings import Settings
from telehealth_core.scheduling.session import Session, SessionStatus
from telehealth_core.shared.interval import Interval, union
from telehealth_core.shared.refusal import Refusal


@attrs.frozen
class NotBookable(Refusal):
    """No visit can be booked at that time; `rules` names every rule that objects."""

    code: ClassVar[str] = "not-bookable"
    says: ClassVar[str] = "No visit can be booked at that time ({rules})."

    rules: str


@attrs.frozen
class Diary:
    """One session with what occupies its provider's time, at one instant, under one practice's
    settings.
    """

    session: Session
    settings: Settings
    busy: tuple[Interval, ...] = attrs.field(converter=union)
    at: datetime
    earliest: datetime = attrs.field(init=False, eq=False, repr=False)
    """From when on a visit can start: the lead time from now."""
    latest: datetime = attrs.field(init=False, eq=False, repr=False)
    """The last instant at which a visit can start: the horizon."""
    _ends: tuple[datetime, ...] = attrs.field(init=False, eq=False, repr=False)

    @earliest.default
    def _earliest(self) -> datetime:
        return self.at + timedelta(minutes=self.settings.lead_minutes)

    @latest.default
    def _latest(self) -> datetime:
        return self.at + timedelta(days=self.settings.horizon_days)

    @_ends.default
    def _ends_of_busy(self) -> tuple[datetime, ...]:
        return tuple(one.end for one in self.busy)

    def clashes(self, start: datetime, end: datetime) -> bool:
        """Whether anything occupies part of that time: one bisection, the busy times being disjoint
        and in order.
        """
        following = bisect_right(self._ends, start)
        return following < len(self.busy) and self.busy[following].start < end

    def bookable(self, visit: Interval) -> bool:
        """Whether no rule objects to a visit at that time."""
        for _, holds in RULES:  # noqa: SIM110 - a generator takes twice as long, for every visit
            if not holds(self, visit):
                return False
        return True

    def objections(self, visit: Interval) -> tuple[str, ...]:
        """The names of the rules that object to a visit at that time; none if it can be booked."""
        return tuple(name for name, holds in RULES if not holds(self, visit))

    def offers(self) -> Iterator[Interval]:
        """Every visit that can be booked, in order: those of the session's grid to which no rule
        objects.
        """
        return filter(self.bookable, self.session.visits(self.earliest))


def _published(diary: Diary, _: Interval) -> bool:
    return diary.session.status is SessionStatus.PUBLISHED


def _on_shift(diary: Diary, visit: Interval) -> bool:
    return diary.session.during.covers(visit)


def _on_grid(diary: Diary, visit: Interval) -> bool:
    session = diary.session
    return session.starts_at(visit.start) and visit.end - visit.start == session.visit_length


def _lead_time(diary: Diary, visit: Interval) -> bool:
    return visit.start >= diary.earliest


def _horizon(diary: Diary, visit: Interval) -> bool:
    return visit.start <= diary.latest


def _not_past(diary: Diary, visit: Interval) -> bool:
    return visit.start >= diary.at


def _no_clash(diary: Diary, visit: Interval) -> bool:
    return not diary.clashes(visit.start, visit.end + diary.settings.buffer)


NO_CLASH = "no-clash"

RULES: tuple[tuple[str, Callable[[Diary, Interval], bool]], ...] = (
    ("published", _published),
    ("not-past", _not_past),
    ("on-shift", _on_shift),
    ("on-grid", _on_grid),
    ("lead-time", _lead_time),
    ("horizon", _horizon),
    (NO_CLASH, _no_clash),
)
"""What makes a time bookable. Adding a rule is adding a line."""
