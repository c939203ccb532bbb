"""Runs what follows from one event: every reaction in `REACTIONS` to it that is not done yet.

Each is noted when done, so that an event tried again repeats only what was not. One that fails
keeps no other from running; what never succeeds is given up where somebody can see it.
"""

import logging
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Protocol, TypeVar

import attrs

from telehealth_core.access import Actor
from telehealth_core.reactions import EVENTS, Reaction, reactions_to
from telehealth_core.shared import Erased, Event, Refusal, StaleVersion, Unavailable
from telehealth_core.shared.ids import PracticeId
from telehealth_core.telehealth import Telehealth

LOG = logging.getLogger("telehealth.worker")

ATTEMPTS_MOST = 15
REFUSED_MOST = 5
"""A rule that refuses refuses again, unless another subject's event had to come first; the
simulated world has as much patience.
"""
QUIET = tuple(sorted(name for name, kind in EVENTS.items() if not reactions_to(kind)))
"""The events that nothing follows from."""
UNKNOWN_EVENT = "unknown-event"


class Waiting(Protocol):
    """One event that is neither done nor given up."""

    @property
    def practice_id(self) -> PracticeId:
        """Whose event it is."""

    @property
    def id(self) -> int:
        """Which event of the outbox it is."""

    @property
    def name(self) -> str:
        """What kind of event it is."""

    @property
    def event(self) -> Event | None:
        """What happened; nothing where this release cannot read it."""

    @property
    def reacted(self) -> frozenset[str]:
        """The reactions to it that are done."""


T = TypeVar("T", bound=Waiting)


class Outbox(Protocol[T]):
    """Where events wait for their reactions."""

    def relay(self, *, queue: str, task: str, quiet: Iterable[str], limit: int) -> int:
        """Hand the oldest events to the queue as jobs of this task; how many."""

    def strays(self, *, task: str) -> int:
        """Take back what was handed over and is in no queue any more; how many."""

    def get(self, practice_id: PracticeId, id: int, /) -> T | None:
        """The event, unless it is done or given up."""

    def react(self, waiting: T, reaction: str, /) -> None:
        """Note that this reaction is done."""

    def done(self, waiting: T, /) -> None:
        """Note that nothing more follows."""

    def failed(
        self, waiting: T, reaction: str | None, problem: str, /, *, attempts: int, dead: bool
    ) -> None:
        """Note what failed, and whether it was given up."""


class TryAgain(Exception):
    """Not everything that follows is done; the text has names and codes only."""


@attrs.frozen
class Failure:
    """What stopped one reaction: a code, never a person's words."""

    reaction: str | None
    code: str
    attempts_most: int

    @classmethod
    def of(cls, reaction: str, problem: Exception) -> "Failure":
        """What is kept of a problem."""
        if not isinstance(problem, Refusal):
            return cls(reaction, type(problem).__name__, ATTEMPTS_MOST)
        passing = isinstance(problem, (Unavailable, StaleVersion))
        return cls(reaction, problem.code, ATTEMPTS_MOST if passing else REFUSED_MOST)


LOST = Failure(None, "worker-lost", attempts_most=ATTEMPTS_MOST)
"""Workers died over it, time and again: it is not tried any more."""


@attrs.frozen
class Reacting:
    """What a job of the queue does with one event."""

    outbox: Outbox[Any]
    clinic: Telehealth

    def react(self, practice_id: PracticeId, id: int, *, attempt: int) -> None:
        """Run what follows from the event and is not done; `attempt` counts from 1.

        Raises: TryAgain later, unless all is done or it was given up.
        """
        waiting = self.outbox.get(practice_id, id)
        if waiting is None:
            return
        failures = [LOST] if attempt > ATTEMPTS_MOST else self._failures(waiting)
        if not failures:
            self.outbox.done(waiting)
            return
        dead = all(attempt >= failure.attempts_most for failure in failures)
        # what may succeed yet is told first
        first = max(failures, key=lambda failure: failure.attempts_most)
        self.outbox.failed(waiting, first.reaction, first.code, attempts=attempt, dead=dead)
        told = (first.reaction, waiting.name, id, attempt, first.code)
        if not dead:
            LOG.warning("%s failed on %s %d, attempt %d: %s", *told)
            raise TryAgain(first.code)
        LOG.error("%s gave up on %s %d after %d attempts: %s", *told)

    def _failures(self, waiting: Waiting) -> list[Failure]:
        if waiting.event is None:
            return [Failure(None, UNKNOWN_EVENT, attempts_most=1)]
        tried = (
            self._failure(waiting, waiting.event, reaction)
            for reaction in reactions_to(type(waiting.event))
            if reaction.name not in waiting.reacted
        )
        return [failure for failure in tried if failure is not None]

    def _failure(self, waiting: Waiting, event: Event, reaction: Reaction) -> Failure | None:
        try:
            # nothing follows any more for somebody whose record was erased: that is done too
            with suppress(Erased):
                self.clinic.react(reaction, event, Actor.system(waiting.practice_id))
        except Exception as problem:  # noqa: BLE001 - whatever it is, the event is kept
            return Failure.of(reaction.name, problem)
        self.outbox.react(waiting, reaction.name)
        return None
