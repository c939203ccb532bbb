"""Availability: the one predicate that decides both what is offered and what is accepted (N01,
N02).

A visit can be booked when no rule of `RULES` objects. Free time is never stored: it is the session
minus whatever occupies it at the instant of asking.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
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

    def clashes(self, wanted: Interval) -> bool:
        """Whether anything occupies part of that time: one bisection, the busy times being disjoint
        and in order.
        """
        following = bisect_right(self.busy, wanted.start, key=lambda interval: interval.end)
        return following < len(self.busy) and self.busy[following].start < wanted.end

    def objections(self, visit: Interval) -> tuple[str, ...]:
        """The names of the rules that object to a visit at that time; none if it can be booked."""
        return tuple(name for name, holds in RULES if not holds(self, visit))

    def offers(self) -> Iterator[Interval]:
        """Every visit that can be booked, in order: those of the session's grid to which no rule
        objects.
        """
        earliest = self.at + timedelta(minutes=self.settings.lead_minutes)
        return (visit for visit in self.session.visits(earliest) if not self.objections(visit))


def _published(diary: Diary, _: Interval) -> bool:
    return diary.session.status is SessionStatus.PUBLISHED


def _on_shift(diary: Diary, visit: Interval) -> bool:
    return diary.session.during.covers(visit)


def _on_grid(diary: Diary, visit: Interval) -> bool:
    return diary.session.starts_at(visit.start) and visit.minutes == diary.session.visit_minutes


def _lead_time(diary: Diary, visit: Interval) -> bool:
    return visit.start >= diary.at + timedelta(minutes=diary.settings.lead_minutes)


def _horizon(diary: Diary, visit: Interval) -> bool:
    return visit.start <= diary.at + timedelta(days=diary.settings.horizon_days)


def _not_past(diary: Diary, visit: Interval) -> bool:
    return visit.start >= diary.at


def _no_clash(diary: Diary, visit: Interval) -> bool:
    return not diary.clashes(diary.settings.occupied_by(visit))


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


def offers(diaries: Iterable[Diary], period: Interval) -> tuple[tuple[Session, Interval], ...]:
    """The offers that start in the period, in order, each with the session it is of."""
    found = (
        (diary.session, visit)
        for diary in diaries
        for visit in diary.offers()
        if visit.start in period
    )
    return tuple(sorted(found, key=lambda offer: (offer[1], offer[0].id)))
