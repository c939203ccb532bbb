"""Checkpoints of the audit's chain, in files that only grow: one for each practice."""

import heapq
import hmac
import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from uuid import UUID

import attrs

from telehealth_core.access.audit_chain import Checkpoint
from telehealth_core.shared.ids import PracticeId
from telehealth_core.shared.refusal import Unavailable

_SLACK = 64
"""How many lines a checkpoint may stand behind one of a later place: as many as there may be
processes that seal.
"""


class ForgedCheckpoint(Exception):
    """A line that this installation's key did not sign."""

    def __init__(self, path: Path, line: int) -> None:
        self.path, self.line = path, line
        super().__init__(f"{path.name}, line {line}: not signed by the key of this installation")


@attrs.frozen
class FolderCheckpoints:
    """Keeps signed checkpoints in a folder, outside the database and apart from the key.

    Copy the files elsewhere as they grow: they are as safe as the place they lie in.
    """

    root: Path
    _key: bytes = attrs.field(repr=False)

    def add(self, checkpoint: Checkpoint) -> None:
        """Keep one more; when it returns it is on the disk. Raises: Unavailable."""
        line = {
            "position": checkpoint.position,
            "head": checkpoint.head.hex(),
            "at": checkpoint.at.isoformat(),
            "signature": checkpoint.signature(self._key).hex(),
        }
        try:
            flags = os.O_APPEND | os.O_CREAT | os.O_WRONLY
            file = os.open(self._path(checkpoint.practice_id), flags, 0o600)
            with os.fdopen(file, "ab", buffering=0) as kept:
                kept.write(json.dumps(line).encode() + b"\n")
                os.fsync(file)
        except OSError as error:
            raise Unavailable("The checkpoints") from error

    def practices(self) -> frozenset[PracticeId]:
        """Every practice that has one."""
        return frozenset(PracticeId(UUID(path.stem)) for path in self.root.glob("*.jsonl"))

    def of(self, practice_id: PracticeId) -> Iterator[Checkpoint]:
        """Those that the practice has at this moment, in the order of their places.

        Raises: ForgedCheckpoint, as they are read.
        """
        path = self._path(practice_id)
        return _in_order(
            self._lines(practice_id, path, path.stat().st_size if path.exists() else 0)
        )

    def _lines(self, practice_id: PracticeId, path: Path, size: int) -> Iterator[Checkpoint]:
        if not size:
            return
        with path.open("rb") as kept:
            number = 0
            while kept.tell() < size:
                number += 1
                yield self._read(practice_id, path, number, kept.readline())

    def _read(self, practice_id: PracticeId, path: Path, number: int, line: bytes) -> Checkpoint:
        try:
            said = json.loads(line)
            checkpoint = Checkpoint(
                practice_id=practice_id,
                position=said["position"],
                head=bytes.fromhex(said["head"]),
                at=datetime.fromisoformat(said["at"]),
            )
            signature = bytes.fromhex(said["signature"])
        except (ValueError, KeyError, TypeError):
            raise ForgedCheckpoint(path, number) from None
        if not hmac.compare_digest(checkpoint.signature(self._key), signature):
            raise ForgedCheckpoint(path, number)
        return checkpoint

    def _path(self, practice_id: PracticeId) -> Path:
        return self.root / f"{practice_id}.jsonl"


def _in_order(checkpoints: Iterator[Checkpoint]) -> Iterator[Checkpoint]:
    """Put those right that processes wrote at the same time; only so many are held at once."""
    held: list[tuple[int, int, Checkpoint]] = []
    for number, checkpoint in enumerate(checkpoints):
        heapq.heappush(held, (checkpoint.position, number, checkpoint))
        if len(held) > _SLACK:
            yield heapq.heappop(held)[-1]
    while held:
        yield heapq.heappop(held)[-1]
