"""The ledger of destroyed keys: a file that is only ever added to (ENC-05)."""

import json
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

import attrs

from telehealth_core.access.keys import KeyRefused
from telehealth_core.shared.ids import PracticeId
from telehealth_keys import files

_NAME = "destroyed.jsonl"


@attrs.frozen
class FileLedger:
    """Keeps `folder/destroyed.jsonl`: one line for each destroyed key, ids and instants only.

    It lies beside the master keys and never in the database or its backups.
    """

    folder: Path

    def begin(self) -> None:
        """Make an empty one where there is none: for a database that has no keys yet."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        files.write(self._path, b"", new=True)

    def add(self, practice_id: PracticeId, owner: UUID, at: datetime, /) -> None:
        """Note that this owner's keys are destroyed; when it returns, that is on the disk.

        Raises: KeyRefused where the ledger is gone.
        """
        line = json.dumps({"practice": str(practice_id), "owner": str(owner), "at": at.isoformat()})
        try:
            handle = os.open(self._path, os.O_WRONLY | os.O_APPEND)
        except FileNotFoundError:
            raise _gone() from None
        try:
            os.write(handle, line.encode() + b"\n")
            os.fsync(handle)
        finally:
            os.close(handle)

    def all(self) -> Sequence[tuple[PracticeId, UUID, datetime]]:
        """Everything noted, in order. Raises: KeyRefused where it is gone or damaged."""
        try:
            lines = files.read(self._path).splitlines()
            told = [json.loads(line) for line in lines]
            return [
                (
                    PracticeId(UUID(one["practice"])),
                    UUID(one["owner"]),
                    datetime.fromisoformat(one["at"]),
                )
                for one in told
            ]
        except FileNotFoundError:
            raise _gone() from None
        except (ValueError, KeyError, TypeError):
            raise KeyRefused(f"{_NAME} is damaged: bring it back from its own backup.") from None

    @property
    def _path(self) -> Path:
        return self.folder / _NAME


def _gone() -> KeyRefused:
    return KeyRefused(
        f"The ledger of destroyed keys ({_NAME}) is gone: bring it back before anything is served,"
        " for a backup may still have keys that were destroyed."
    )
