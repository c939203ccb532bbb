"""What goes wrong in a simulated world, on purpose and by a seed: systems that do not answer,
processes that die, others who are quicker.
"""

from collections import Counter
from enum import StrEnum
from random import Random
from typing import Any

import attrs

from telehealth_core.shared.refusal import Unavailable


class Fault(StrEnum):
    """One kind of thing that goes wrong."""

    TIMEOUT_BEFORE = "time-out before the effect"
    TIMEOUT_AFTER = "time-out after the effect"
    CRASH_BEFORE_COMMIT = "crash before commit"
    CRASH_AFTER_COMMIT = "crash between commit and dispatch"
    RACE = "somebody writes between read and save"
    SAME_CALL_TWICE = "the same call races itself"
    REORDERED = "events of two subjects change places"
    DELIVERED_TWICE = "an event is delivered twice"
    DELIVERED_LATE = "an event is delivered again after later ones"
    FORGOTTEN = "the worker forgets what it has done"
    LATE_TIMER = "a timer rings late"
    EAGER_TIMER = "a timer rings again at once"
    CLOCK_JUMP = "the clock jumps"


ONE_IN: dict[Fault, int] = {
    Fault.TIMEOUT_BEFORE: 10,
    Fault.TIMEOUT_AFTER: 10,
    Fault.CRASH_BEFORE_COMMIT: 60,
    Fault.CRASH_AFTER_COMMIT: 40,
    Fault.RACE: 15,
    Fault.SAME_CALL_TWICE: 50,
    Fault.DELIVERED_TWICE: 6,
    Fault.DELIVERED_LATE: 15,
    Fault.FORGOTTEN: 15,
    Fault.LATE_TIMER: 3,
    Fault.EAGER_TIMER: 4,
}
"""How seldom a fault happens where it can."""


class Crashed(BaseException):
    """The process died here; nobody was told anything."""


@attrs.define
class Faults:
    """What goes wrong next, and what went wrong so far."""

    rng: Random
    on: bool = False
    seen: Counter[Fault] = attrs.field(factory=Counter)

    def strikes(self, fault: Fault) -> bool:
        """Whether this goes wrong now."""
        if not self.on or self.rng.randrange(ONE_IN[fault]):
            return False
        self.seen[fault] += 1
        return True

    def late(self) -> bool:
        """Whether a timer that is due does not ring yet: it makes no step of the story."""
        late = not self.rng.randrange(ONE_IN[Fault.LATE_TIMER])
        self.seen[Fault.LATE_TIMER] += late
        return late


class Faulty:
    """An outside system that sometimes does not answer, before or after it did what was asked."""

    def __init__(self, port: Any, faults: Faults, system: str) -> None:
        self._port, self._faults, self._system = port, faults, system

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if not callable(found):
            return found

        def call(*words: Any, **named: Any) -> Any:
            if self._faults.strikes(Fault.TIMEOUT_BEFORE):
                raise Unavailable(self._system)
            answer = found(*words, **named)
            if self._faults.strikes(Fault.TIMEOUT_AFTER):
                raise Unavailable(self._system)
            return answer

        return call
