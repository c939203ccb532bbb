"""Seals the audit a moment after it was written, and keeps checkpoints of it elsewhere (AUD-04)."""

import logging
import math
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from threading import Event as Flag
from time import monotonic
from typing import Protocol

import attrs

from telehealth_core.access.audit_chain import Checkpoint
from telehealth_core.shared.ids import PracticeId

LOG = logging.getLogger("telehealth.worker")

SEAL_SECONDS = 2.0
"""How long an entry may wait to be sealed. What is altered before that leaves no trace."""
CHECKPOINT_SECONDS = 60.0
"""How long the end of a chain may have no checkpoint. Cutting off what is younger, entries and
chain together, leaves no trace.
"""


class Head(Protocol):
    """The last place of a chain."""

    @property
    def position(self) -> int:
        """How long the chain is."""

    @property
    def hash(self) -> bytes:
        """What seals all of it."""


class Chain(Protocol):
    """Where entries are sealed."""

    def pending(self) -> Iterable[PracticeId]:
        """The practices that have entries to seal."""

    def seal(self, practice_id: PracticeId, /) -> Head | None:
        """Seal them; the chain's new end, if it grew."""


class Checkpoints(Protocol):
    """Where checkpoints are kept."""

    def add(self, checkpoint: Checkpoint, /) -> None:
        """Keep one more."""


@attrs.frozen
class Sealing:
    """One that seals; any number may, beside each other."""

    chain: Chain
    checkpoints: Checkpoints
    clock: Callable[[], datetime]
    seconds: Callable[[], float] = monotonic
    _ends: dict[PracticeId, Head] = attrs.field(factory=dict, init=False)
    """Ends of chains that have no checkpoint yet."""
    _kept: dict[PracticeId, float] = attrs.field(factory=dict, init=False)

    def run(self, stop: Flag, *, every_seconds: float = SEAL_SECONDS) -> None:
        """Seal until told to stop, and once more then."""
        while not stop.wait(every_seconds):
            self._once(self.seal)
        self._once(self.finish)

    def seal(self) -> None:
        """Seal whatever is to be sealed; a practice where that fails holds up no other."""
        for practice_id in self.chain.pending():
            self._once(partial(self._seal, practice_id))
        now = self.seconds()
        for practice_id in list(self._ends):
            if now - self._kept.get(practice_id, -math.inf) >= CHECKPOINT_SECONDS:
                self._keep(practice_id)

    def finish(self) -> None:
        """Seal once more, and keep a checkpoint of every chain that grew."""
        self.seal()
        for practice_id in list(self._ends):
            self._keep(practice_id)

    def _seal(self, practice_id: PracticeId) -> None:
        end = self.chain.seal(practice_id)
        if end is not None:
            self._ends[practice_id] = end

    def _keep(self, practice_id: PracticeId) -> None:
        end = self._ends[practice_id]
        self.checkpoints.add(
            Checkpoint(
                practice_id=practice_id, position=end.position, head=end.hash, at=self.clock()
            )
        )
        del self._ends[practice_id]
        self._kept[practice_id] = self.seconds()

    def _once(self, does: Callable[[], object]) -> None:
        try:
            does()
        except Exception:
            LOG.exception("the audit cannot be sealed; trying again")
