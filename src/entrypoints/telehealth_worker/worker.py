"""Runs `REACTIONS` on what the outbox holds, and `TIMERS` when they are due.

Each reaction is noted when done, so that an event tried again repeats only what was not. What fails
is tried again later and later; what never succeeds is put aside where somebody can see it.
"""

import logging
from collections.abc import Callable, Iterable
from threading import Event as Flag
from time import monotonic
from typing import Any, Protocol, TypeVar

import attrs

from telehealth_core.access import Actor
from telehealth_core.reactions import reactions_to
from telehealth_core.shared import Event, Refusal
from telehealth_core.shared.ids import PracticeId
from telehealth_core.telehealth import Telehealth
from telehealth_core.timers import TIMERS, Timer

LOG = logging.getLogger("telehealth.worker")

BATCH = 20
ATTEMPTS_MOST = 15
WAIT_SECONDS_MOST = 300.0


class Taken(Protocol):
    """One event that this worker has for a while."""

    @property
    def practice_id(self) -> PracticeId:
        """Whose event it is."""

    @property
    def attempt(self) -> int:
        """How often it was taken, this time included."""

    @property
    def event(self) -> Event:
        """What happened."""


T = TypeVar("T", bound=Taken)


class Outbox(Protocol[T]):
    """Where events wait for their reactions."""

    def take(self, limit: int, /) -> list[T]:
        """Lease the oldest events that are due."""

    def reacted(self, taken: T, /) -> frozenset[str]:
        """The reactions to this event that are done."""

    def react(self, taken: T, reaction: str, /) -> None:
        """Note that this reaction is done."""

    def done(self, taken: Iterable[T], /) -> None:
        """Note that nothing more follows from these."""

    def later(self, taken: T, problem: str, seconds: float, /) -> None:
        """Try again after so long."""

    def bury(self, taken: T, problem: str, /) -> None:
        """Stop trying."""


def wait_seconds(attempt: int) -> float:
    """How long to wait after that many attempts: half a second, then twice as long each time."""
    return float(min(0.5 * 2 ** (attempt - 1), WAIT_SECONDS_MOST))


def _code(problem: Exception) -> str:
    """What is told of a problem: never a person's words."""
    return problem.code if isinstance(problem, Refusal) else type(problem).__name__


@attrs.frozen
class Worker:
    """One worker; any number may run beside each other."""

    outbox: Outbox[Any]
    clinic: Telehealth
    seconds: Callable[[], float] = monotonic
    _due: dict[str, float] = attrs.field(factory=dict, init=False)

    def run(self, stop: Flag, *, pause_seconds: float = 0.1) -> None:
        """Work until told to stop; an event begun is finished first."""
        while not stop.is_set():
            try:
                busy = self.drain_once()
                self.ring()
            except Exception:
                LOG.exception("the outbox cannot be read; trying again")
                busy = 0
            if not busy:
                stop.wait(pause_seconds)

    def drain_once(self) -> int:
        """Take one batch and run what follows from it; the number of events taken."""
        taken = self.outbox.take(BATCH)
        self.outbox.done([one for one in taken if not reactions_to(type(one.event))])
        for one in taken:
            if reactions_to(type(one.event)) and self._finished(one):
                self.outbox.done([one])
        return len(taken)

    def ring(self) -> int:
        """Ring every timer that is due, for every practice; how often one rang. One that fails
        rings again when it is due next, and keeps no other from ringing.
        """
        now = self.seconds()
        due = [timer for timer in TIMERS if self._due.get(timer.name, now) <= now]
        practices = self.clinic.practice.directory.all() if due else ()
        for timer in due:
            self._due[timer.name] = now + timer.every.total_seconds()
            for practice in practices:
                self._ring(timer, practice.id)
        return len(due) * len(practices)

    def _ring(self, timer: Timer, practice_id: PracticeId) -> None:
        try:
            self.clinic.tick(timer, Actor.system(practice_id))
        except Exception as problem:  # noqa: BLE001 - whatever it is, it rings again
            LOG.warning("timer %s failed: %s", timer.name, _code(problem))

    def _finished(self, taken: Taken) -> bool:
        """Run what follows from one event; whether nothing is left to do."""
        reactions = reactions_to(type(taken.event))
        before = self.outbox.reacted(taken) if reactions and taken.attempt > 1 else frozenset()
        for reaction in reactions:
            if reaction.name in before:
                continue
            try:
                self.clinic.react(reaction, taken.event, Actor.system(taken.practice_id))
            except Exception as problem:  # noqa: BLE001 - whatever it is, the event is kept
                self._put_off(taken, reaction.name, problem)
                return False
            self.outbox.react(taken, reaction.name)
        return True

    def _put_off(self, taken: Taken, reaction: str, problem: Exception) -> None:
        code = _code(problem)
        told = (reaction, taken.event.name, taken.event.id, taken.attempt, code)
        if taken.attempt >= ATTEMPTS_MOST:
            LOG.error("%s gave up on %s %s after %d attempts: %s", *told)
            self.outbox.bury(taken, code)
        else:
            LOG.warning("%s failed on %s %s, attempt %d: %s", *told)
            self.outbox.later(taken, code, wait_seconds(taken.attempt))
