"""An append-only file of JSON lines that several threads and processes share."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

import attrs


class BrokenJournal(Exception):
    """A line before the last cannot be read: somebody should look before anything is added."""


@attrs.define
class Journal:
    """Remembers JSON objects in the order they were added, safely on the disk.

    Whoever holds it sees what every other thread and process added before. A last line that
    cannot be read was cut off by a crash before anybody was told of it, so it is taken away.
    """

    path: Path
    _lock: Lock = attrs.field(factory=Lock, init=False, repr=False)
    _read_up_to: int = attrs.field(default=0, init=False, repr=False)

    @contextmanager
    def held(self) -> Iterator[tuple[list[dict[str, Any]], "Pen"]]:
        """Hold the journal alone: what was added since it was last held, and a pen to add more.

        Raises: BrokenJournal; OSError.
        """
        with self._lock:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                yield self._news(handle), Pen(handle)
            finally:
                os.close(handle)

    def _news(self, handle: int) -> list[dict[str, Any]]:
        with os.fdopen(os.dup(handle), "rb") as file:
            file.seek(self._read_up_to)
            lines = list(file)
        added: list[dict[str, Any]] = []
        for number, line in enumerate(lines):
            entry = _entry(line)
            if entry is None and number < len(lines) - 1:
                raise BrokenJournal(f"the journal cannot be read from byte {self._read_up_to} on")
            if entry is None:
                os.ftruncate(handle, self._read_up_to)
                break
            added.append(entry)
            self._read_up_to += len(line)
        return added


@attrs.frozen
class Pen:
    """Adds to a journal that is held."""

    _handle: int

    def add(self, entry: dict[str, Any]) -> None:
        """Write the entry; when it returns, the entry is safely on the disk."""
        line = json.dumps(entry, separators=(",", ":")).encode() + b"\n"
        while line:
            line = line[os.write(self._handle, line) :]
        os.fsync(self._handle)


def _entry(line: bytes) -> dict[str, Any] | None:
    """What the line says, or None if it is not whole."""
    if not line.endswith(b"\n"):
        return None
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None
