"""The session: a bookable shift of one provider. Slots are not stored, they follow (F13)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Self

import attrs

from telehealth_core.practice.settings import Settings
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import PracticeId, ProviderId, SessionId, UserId
from telehealth_core.shared.interval import Interval, union
from telehealth_core.shared.lifecycle import Lifecycle
from telehealth_core.shared.money import Money
from telehealth_core.shared.refusal import Invalid
from telehealth_core.workforce.provider import Provider

BUFFER_MOST = timedelta(minutes=Settings.parameters()["buffer_minutes"][1].most)


class Mode(StrEnum):
    """How a visit takes place (F19)."""

    VIDEO = "video"
    VOICE = "voice"


class SessionStatus(StrEnum):
    """Whether patients see the session."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CLOSED = "closed"


LIFECYCLE: Lifecycle[SessionStatus] = Lifecycle(
    "Session",
    SessionStatus.DRAFT,
    {
        "publish": (frozenset({SessionStatus.DRAFT}), SessionStatus.PUBLISHED),
        "revise": (frozenset({SessionStatus.DRAFT, SessionStatus.PUBLISHED}), None),
        "close": (frozenset({SessionStatus.DRAFT, SessionStatus.PUBLISHED}), SessionStatus.CLOSED),
    },
)


class SessionAdded(Event):
    """A shift was drafted, or published at once."""


class SessionPublished(Event):
    """A shift became bookable."""


class SessionRevised(Event):
    """A shift's coming bookings have other modes, or another price; those made keep theirs."""


class SessionClosed(Event):
    """A shift takes no more bookings."""


@attrs.frozen(kw_only=True)
class Session:
    """A provider's shift, in which visits of one service can start every `start_every_minutes` from
    its start on. Those published together as one that repeats name their `series`.
    """

    id: SessionId
    practice_id: PracticeId
    version: int = 1
    status: SessionStatus = LIFECYCLE.initial
    provider_id: ProviderId
    during: Interval
    service: str
    visit_minutes: int
    start_every_minutes: int = attrs.field()
    modes: frozenset[Mode] = attrs.field()
    price: Money = attrs.field()
    series: SessionId | None = None

    @start_every_minutes.validator
    def _grid(self, _: object, value: int) -> None:
        if not 5 <= value <= 480:
            raise Invalid("start_every_minutes", "between 5 and 480")

    @modes.validator
    def _some(self, _: object, value: frozenset[Mode]) -> None:
        if not value:
            raise Invalid("modes", "video, voice or both")

    @price.validator
    def _price(self, _: object, value: Money) -> None:
        if value.minor < 0:
            raise Invalid("price", "nothing or more")

    def __attrs_post_init__(self) -> None:
        if self.during.minutes < self.visit_minutes:
            raise Invalid("during", "long enough for one visit")
        if self.during.minutes > 7 * 24 * 60:
            raise Invalid("during", "at most a week; add several sessions")

    @classmethod
    def of(
        cls,
        provider: Provider,
        service: str,
        *,
        id: SessionId,
        during: Interval,
        modes: frozenset[Mode],
        every: int,
        series: SessionId | None = None,
        status: SessionStatus = SessionStatus.PUBLISHED,
    ) -> Self:
        """A shift with the length and price of one of the provider's services; patients see it at
        once unless it is a draft.

        Raises: Invalid.
        """
        offered = provider.service(service)
        return cls(
            id=id,
            practice_id=provider.practice_id,
            status=status,
            provider_id=provider.id,
            during=during,
            service=service,
            visit_minutes=offered.minutes,
            start_every_minutes=every,
            modes=modes,
            price=offered.price,
            series=series,
        )

    def added(self, *, by: UserId, at: datetime) -> SessionAdded:
        """The event that a new shift begins with."""
        return SessionAdded(self.id, self.version, by, at)

    def publish(self, *, by: UserId, at: datetime) -> tuple[Self, SessionPublished]:
        """Let patients book it.

        Raises: IllegalTransition.
        """
        published = attrs.evolve(
            self, version=self.version + 1, status=LIFECYCLE.after("publish", self.status)
        )
        return published, SessionPublished(self.id, published.version, by, at)

    def revise(
        self, *, modes: frozenset[Mode], price: Money, by: UserId, at: datetime
    ) -> tuple[Self, SessionRevised]:
        """Offer coming bookings in other modes or at another price; those made keep theirs.

        Raises: Invalid for another currency, no mode or a price below nothing; IllegalTransition.
        """
        if price.currency != self.price.currency:
            raise Invalid("price", f"in {self.price.currency}")
        LIFECYCLE.after("revise", self.status)
        revised = attrs.evolve(self, version=self.version + 1, modes=modes, price=price)
        return revised, SessionRevised(self.id, revised.version, by, at)

    def close(self, *, by: UserId, at: datetime) -> tuple[Self, SessionClosed]:
        """Take no more bookings; those made stay.

        Raises: IllegalTransition.
        """
        closed = attrs.evolve(
            self, version=self.version + 1, status=LIFECYCLE.after("close", self.status)
        )
        return closed, SessionClosed(self.id, closed.version, by, at)

    def visit_at(self, start: datetime) -> Interval:
        """The time a visit would take that starts then."""
        return Interval.lasting(start, self.visit_minutes)

    def starts_at(self, start: datetime) -> bool:
        """Whether the session's grid has a start at that instant."""
        return start in self.during and not (start - self.during.start) % self.step

    def visits(self, not_before: datetime) -> Iterator[Interval]:
        """The times of all visits the session has room for, from that instant on, whether or not
        they are free.
        """
        start, last = self.first_start(not_before), self.during.end - self.visit_length
        while start <= last:
            yield Interval(start, start + self.visit_length)
            start += self.step

    def has_room(self, start: datetime) -> bool:
        """Whether a visit that starts then ends within the session."""
        return start + self.visit_length <= self.during.end

    def has_gap(self, taken: Iterable[Interval]) -> bool:
        """Whether some of its time that these leave is long enough for a visit."""
        since = self.during.start
        for one in union(taken):
            if min(one.start, self.during.end) - since >= self.visit_length:
                return True
            since = max(since, one.end)
        return self.during.end - since >= self.visit_length

    @property
    def reach(self) -> Interval:
        """The time whose occupation can keep a visit of the session from taking place: itself, and
        the longest buffer that may follow its last visit.
        """
        return self.during.widened(before=timedelta(), after=BUFFER_MOST)

    def first_start(self, not_before: datetime) -> datetime:
        """The first start on the session's grid from that instant on, whether or not a visit has
        room there.
        """
        begin = self.during.start
        if not_before <= begin:
            return begin
        return begin + -(-(not_before - begin) // self.step) * self.step

    @cached_property
    def step(self) -> timedelta:
        """How far apart visits can start."""
        return timedelta(minutes=self.start_every_minutes)

    @cached_property
    def visit_length(self) -> timedelta:
        """How long a visit lasts."""
        return timedelta(minutes=self.visit_minutes)


def same_shifts(ours: Sequence[Session], theirs: Sequence[Session]) -> bool:
    """Whether two lists are the same shifts, whatever became of ours since: modes and prices are
    compared only as far as nobody revised them.
    """

    def facts(one: Session, other: Session) -> Session:
        kept = one if other.version == one.version == 1 else other
        return attrs.evolve(
            one, version=1, status=LIFECYCLE.initial, modes=kept.modes, price=kept.price
        )

    return len(ours) == len(theirs) and all(
        facts(one, other) == facts(other, other) for one, other in zip(ours, theirs, strict=True)
    )
