"""Two stores in lockstep: whatever is asked of one is asked of the other, and the first difference
is told.

TwinStore(other=my_store)

It is a `MemoryStore` beside which yours does everything too: each answer, each refusal with its
facts, and each row once it is written are compared, so any test or world over a store in memory
becomes one about yours (N14).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import copy_context
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import attrs

from telehealth_core.access.actor import Actor
from telehealth_core.access.audit import Undertaking, noted, undertaking
from telehealth_core.practice.practice import Practice
from telehealth_core.scheduling.search import Shift
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import PracticeId, SignInId
from telehealth_core.shared.interval import union
from telehealth_core.shared.refusal import Refusal
from telehealth_core.testing.memory import MemoryStore

Call = Callable[[], Any]


class Differ(AssertionError):
    """The two stores do not say the same."""


def agreed(what: str, one: Call, other: Call) -> Any:
    """What both answer, or refuse. Raises: Differ; the refusal."""
    ours, theirs = _outcome(one), _outcome(other)
    if _told(ours) != _told(theirs):
        raise Differ(f"{what}:\n  in memory {_told(ours)!r}\n  the other {_told(theirs)!r}")
    if isinstance(ours, Refusal):
        raise ours
    return ours


def _outcome(call: Call) -> Any:
    try:
        return call()
    except Refusal as refusal:
        return refusal


def _told(outcome: Any) -> Any:
    """What is said, without the order in which nothing is promised."""
    if isinstance(outcome, Refusal):
        return type(outcome), outcome.facts()
    if isinstance(outcome, tuple):
        return tuple(map(_told, outcome))
    return (
        attrs.evolve(outcome, busy=union(outcome.busy)) if isinstance(outcome, Shift) else outcome
    )


@attrs.define(slots=False)
class TwinStore(MemoryStore):
    """A store in memory, and another that must do the same; `happened` has every event of both."""

    other: Any = attrs.field(kw_only=True)
    happened: list[tuple[PracticeId, Event]] = attrs.field(factory=list)
    deep: int = 0
    """How many works are open within each other: one thread has its turns already."""

    @contextmanager
    def work(self, actor: Actor) -> Iterator[Any]:
        """A unit of work on both."""
        ours, theirs = _Side(super().work(actor)), _Side(self.other.work(actor))
        self.deep += 1
        with undertaking(actor) as begun:
            twin = TwinWork(begun, ours, theirs, turns=(ours, theirs)[: 1 + (self.deep == 1)])
            try:
                yield twin
            except BaseException as problem:
                twin.note()
                for side in (ours, theirs):
                    side.leave(problem)
                raise
            finally:
                self.deep -= 1
            twin.note()
            known = len(self.outbox)
            agreed(f"the end of a work of {sorted(actor.roles)}", ours.leave, theirs.leave)
        self.happened += self.outbox[known:]
        self._kept(actor, twin.saved)

    def _kept(self, actor: Actor, saved: list[tuple[str, UUID]]) -> None:
        """Every row that was written is the same row in both."""
        if saved:
            with super().work(actor) as ours, self.other.work(actor) as theirs:
                for name, id in saved:
                    finds = (partial(getattr(one, name).find, id) for one in (ours, theirs))
                    agreed(f"the row of {name}", *finds)

    def actor(self, sign_in: SignInId, at: datetime) -> Actor | None:
        """Whose live session this is."""
        ours, theirs = super().actor, self.other.actor
        return agreed("actor", partial(ours, sign_in, at), partial(theirs, sign_in, at))  # type: ignore[no-any-return]

    def by_slug(self, slug: str) -> Practice | None:
        """The practice of that short name."""
        ours, theirs = super().by_slug, self.other.by_slug
        return agreed("by_slug", partial(ours, slug), partial(theirs, slug))  # type: ignore[no-any-return]

    def all(self) -> tuple[Practice, ...]:
        """All practices, by name."""
        return agreed("all", super().all, self.other.all)  # type: ignore[no-any-return]


class _Side:
    """One store's unit of work, in a context of its own: each has its own undertaking."""

    def __init__(self, manager: Any) -> None:
        self._context, self._manager = copy_context(), manager
        self.work = self.run(manager.__enter__)

    def run(self, call: Callable[..., Any], *given: Any, **named: Any) -> Any:
        """Have it done where this store looks for what is undertaken."""
        return self._context.run(partial(call, *given, **named))

    def leave(self, problem: BaseException | None = None) -> None:
        """End the work, well or with that problem."""
        if problem is None:
            self.run(self._manager.__exit__, None, None, None)
            return
        with suppress(type(problem)):
            self.run(self._manager.__exit__, type(problem), problem, problem.__traceback__)


class TwinWork:
    """One actor's reads and saves, on both."""

    def __init__(
        self, begun: Undertaking, ours: _Side, theirs: _Side, *, turns: tuple[_Side, ...]
    ) -> None:
        self._begun, self._sides, self._turns = begun, (ours, theirs), turns
        self.saved: list[tuple[str, UUID]] = []

    def __getattr__(self, name: str) -> "TwinCollection":
        return TwinCollection(self, name)

    def read(self, *about: Any) -> None:
        """Leave an audit entry for a read, in both."""
        self.note()
        for side in self._sides:
            side.run(side.work.read, *about)

    def take_turns(self, *ids: UUID) -> None:
        """Take turns in both; a work within a work has them, for they are its thread's."""
        for side in self._turns:
            side.run(side.work.take_turns, *ids)

    def expect(self, *ids: UUID) -> None:
        """Tell both what is about to be asked for."""
        for side in self._sides:
            side.run(side.work.expect, *ids)

    def note(self) -> None:
        """Tell both what was last asked of the policy."""
        for side in self._sides:
            side.run(noted, self._begun.action, self._begun.kind, self._begun.relations)

    def ask(self, collection: str, verb: str, *given: Any, **named: Any) -> Any:
        """What both answer."""
        self.note()
        if verb == "save":
            self.saved.append((collection, given[0].id))
        calls = (
            partial(side.run, getattr(getattr(side.work, collection), verb), *given, **named)
            for side in self._sides
        )
        return agreed(f"{collection}.{verb}{given}", *calls)


class TwinCollection:
    """All aggregates of one kind, in both."""

    def __init__(self, work: TwinWork, name: str) -> None:
        self._work, self._name = work, name

    def __getattr__(self, verb: str) -> Callable[..., Any]:
        return partial(self._work.ask, self._name, verb)
