"""When the audit is sealed, and when a checkpoint of it is kept."""

from datetime import UTC, datetime
from threading import Event
from uuid import UUID

import attrs
import pytest

from telehealth_core.access.audit_chain import Checkpoint
from telehealth_core.shared.ids import PracticeId
from telehealth_postgres.audit_chain import Head
from telehealth_worker import Sealing

ONE, OTHER = PracticeId(UUID(int=1)), PracticeId(UUID(int=2))


@attrs.define
class Chain:
    """Chains that grow by one entry whenever they are sealed."""

    grows: set[PracticeId] = attrs.field(factory=lambda: {ONE})
    broken: set[PracticeId] = attrs.field(factory=set)
    length: int = 0

    def pending(self) -> list[PracticeId]:
        """Those that grew."""
        return sorted(self.grows | self.broken)

    def seal(self, practice_id: PracticeId) -> Head | None:
        """Seal one more. Raises: RuntimeError where it is broken."""
        if practice_id in self.broken:
            raise RuntimeError("no")
        self.length += 1
        return Head(self.length, bytes(32))


@attrs.define
class Kept:
    """Checkpoints, a clock for them, and seconds that pass when they are told to."""

    places: list[int] = attrs.field(factory=list)
    seconds: float = 0.0

    def add(self, checkpoint: Checkpoint) -> None:
        """Keep one."""
        self.places.append(checkpoint.position)

    def sealing(self, chain: Chain) -> Sealing:
        """What seals this chain."""
        at = datetime(2026, 3, 2, tzinfo=UTC)
        return Sealing(chain, self, lambda: at, lambda: self.seconds)


def test_a_checkpoint_is_kept_once_a_minute_at_most() -> None:
    """The first at once, another when a minute is over, even if nothing more was written."""
    kept, chain = Kept(), Chain()
    sealing = kept.sealing(chain)
    for seconds in (0, 2, 59):
        kept.seconds = seconds
        sealing.seal()
        assert kept.places == [1]
    chain.grows = set()
    kept.seconds = 60
    sealing.seal()
    assert kept.places == [1, 3]
    kept.seconds = 600
    sealing.seal()
    assert kept.places == [1, 3]


def test_who_stops_seals_and_keeps_first() -> None:
    """A clean stop leaves nothing unsealed and no end without a checkpoint."""
    kept, chain, stop = Kept(), Chain(), Event()
    sealing = kept.sealing(chain)
    sealing.seal()
    stop.set()
    sealing.run(stop)
    assert kept.places == [1, 2]


def test_a_chain_that_cannot_be_sealed_holds_up_no_other(caplog: pytest.LogCaptureFixture) -> None:
    """It is logged and tried again; the next practice's turn comes."""
    kept, chain = Kept(), Chain(grows={OTHER}, broken={ONE})
    sealing = kept.sealing(chain)
    sealing.seal()
    assert chain.length == 1
    assert "cannot be sealed" in caplog.text
    chain.broken = set()
    sealing.seal()
    assert chain.length == 2
