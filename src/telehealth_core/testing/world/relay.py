"""The worker of a simulated world: delivers events at least once, in order of each subject only."""

from random import Random
from typing import Any

import attrs

from telehealth_core.access.actor import Actor
from telehealth_core.reactions import Reaction, reactions_to
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import PracticeId
from telehealth_core.shared.refusal import Refusal, StaleVersion, Unavailable
from telehealth_core.telehealth import Telehealth
from telehealth_core.testing.memory import MemoryStore
from telehealth_core.testing.world.faults import Crashed, Fault, Faults

LATE = 20
"""How many delivered events a stalled worker may still have."""
PATIENCE = 5
"""How often a reaction may be refused while nothing goes wrong."""


@attrs.define(eq=False)
class Waiting:
    """One event, and which of its reactions are noted as done."""

    practice_id: PracticeId
    event: Event
    done: set[str] = attrs.field(factory=set)
    refused: int = 0
    problem: str = ""


class Stuck(AssertionError):
    """A reaction never succeeds: its event would be buried."""


@attrs.define
class Relay:
    """Takes what the outbox holds and runs what follows from it."""

    store: MemoryStore
    clinic: Telehealth
    faults: Faults
    rng: Random
    waiting: list[Waiting] = attrs.field(factory=list)
    delivered: list[Waiting] = attrs.field(factory=list)

    def deliver(self) -> str:
        """Deliver one event; what came of it, in short."""
        self._take()
        if self.delivered and self.faults.strikes(Fault.DELIVERED_LATE):
            late = self.rng.choice(self.delivered[-LATE:])
            return self._run(Waiting(late.practice_id, late.event))
        heads: dict[Any, Waiting] = {}
        for one in self.waiting:
            heads.setdefault((one.practice_id, one.event.subject), one)
        if not heads:
            return "nothing waits"
        chosen = self.rng.choice(list(heads.values())) if self.faults.on else self.waiting[0]
        if chosen is not self.waiting[0]:
            self.faults.seen[Fault.REORDERED] += 1
        told = self._run(chosen)
        if chosen in self.waiting and told == "done":
            self.waiting.remove(chosen)
            self.delivered = [*self.delivered[-LATE:], chosen]
        return told

    def drain(self) -> int:
        """Deliver whatever waits, with nothing going wrong; how many deliveries it took.

        Raises: Stuck.
        """
        for number in range(20_000):
            self._take()
            if not self.waiting:
                return number
            self.deliver()
        raise Stuck("the outbox does not drain")

    def _take(self) -> None:
        while taken := self.store.take_event():
            self.waiting.append(Waiting(*taken))

    def _run(self, one: Waiting) -> str:
        for reaction in reactions_to(type(one.event)):
            if reaction.name in one.done:
                continue
            problem = self._react(reaction, one)
            if problem:
                return f"{one.event.name} > {reaction.name}: {problem}"
            if self.faults.strikes(Fault.FORGOTTEN):
                one.done.clear()
                return f"{one.event.name} > {reaction.name}: done and forgotten"
            one.done.add(reaction.name)
        return "done"

    def _react(self, reaction: Reaction, one: Waiting) -> str:
        twice = self.faults.strikes(Fault.DELIVERED_TWICE)
        try:
            for _ in range(1 + twice):
                self.clinic.react(reaction, one.event, Actor.system(one.practice_id))
        except Crashed:
            return "crashed"
        except (Unavailable, StaleVersion) as problem:
            return problem.code
        except Refusal as refusal:
            one.refused += not self.faults.on
            if one.refused >= PATIENCE:
                told = f"{reaction.name} on {one.event.name} is refused for good: {refusal!r}"
                raise Stuck(told) from refusal
            return f"refused: {refusal.code}"
        return ""
