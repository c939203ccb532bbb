"""Master keys in a file, for installations on one machine."""

import fcntl
import json
import secrets
import time
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from telehealth_core.access.keys import KeyRefused, WrappedKey
from telehealth_keys import files

_KEY_BYTES, _NONCE_BYTES = 32, 12
_NAME = "master.json"
SETTLED_SECONDS = 60
"""Every work that was under way at a rotation has ended by then."""


@attrs.frozen
class _Masters:
    """What the file holds: every master key by its id, and which of them wraps."""

    current: str
    keys: Mapping[str, bytes] = attrs.field(repr=False)

    @classmethod
    def read(cls, content: bytes) -> "_Masters":
        """Raises: KeyRefused for anything but what `written` makes."""
        try:
            told = json.loads(content)
            keys = {id: b64decode(key, validate=True) for id, key in told["keys"].items()}
            masters = cls(told["current"], keys)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise KeyRefused(f"{_NAME} is damaged: bring it back from its own backup.") from None
        weak = any(len(key) != _KEY_BYTES or len(set(key)) < 8 for key in keys.values())
        if weak or masters.current not in keys:
            raise KeyRefused(f"{_NAME} has a key that is no 256 bits of chance (ENC-09).")
        return masters

    def written(self) -> bytes:
        """The file's content."""
        keys = {id: b64encode(key).decode() for id, key in self.keys.items()}
        return json.dumps({"current": self.current, "keys": keys}, indent=1).encode()

    def with_new(self) -> "_Masters":
        """The same with another key, which wraps from now on."""
        id, key = secrets.token_hex(8), secrets.token_bytes(_KEY_BYTES)
        return _Masters(id, {**self.keys, id: key})


@attrs.define
class LocalKeys:
    """Keeps master keys in `folder/master.json`, for its owner only. It is made when a first key is
    wrapped, and never where there is something to unwrap.

    A process sees at once what another one rotated: the file is looked at before each use, and read
    where it changed. Whoever loses the file loses the data: it belongs into a backup of its own.
    """

    folder: Path
    _masters: _Masters | None = attrs.field(default=None, init=False, repr=False)
    _seen: tuple[int, int] | None = attrs.field(default=None, init=False, repr=False)

    def current(self) -> str:
        """The id of the key that wraps at present. Raises: KeyRefused."""
        return self._read().current

    def wrap(self, key: bytes, whose: Mapping[str, str], /) -> WrappedKey:
        """The key under the present master key: AES-256-GCM, bound to whose it is."""
        masters, nonce = self._read(), secrets.token_bytes(_NONCE_BYTES)
        bound = _bound(masters.current, whose)
        content = nonce + AESGCM(masters.keys[masters.current]).encrypt(nonce, key, bound)
        return WrappedKey(masters.current, content)

    def unwrap(self, wrapped: WrappedKey, whose: Mapping[str, str], /) -> bytes:
        """The key again. Raises: KeyRefused."""
        masters = self._known()
        master = None if masters is None else masters.keys.get(wrapped.master)
        if master is None:
            raise KeyRefused(
                f"The master key {wrapped.master} is not in {_NAME}: bring back the file that"
                " belongs to this database."
            )
        nonce, content = wrapped.content[:_NONCE_BYTES], wrapped.content[_NONCE_BYTES:]
        try:
            return AESGCM(master).decrypt(nonce, content, _bound(wrapped.master, whose))
        except InvalidTag:
            raise KeyRefused("A wrapped key was changed, or is another thing's.") from None

    def rotate(self) -> str:
        """Make another master key, which wraps from now on."""
        with self._alone():
            masters = self._read().with_new()
            files.write(self._path, masters.written(), new=False)
        return masters.current

    def retire(self, master: str, /) -> None:
        """Remove a former master key.

        Raises: KeyRefused for the present one, and as long as a work that began before the last
            rotation may still be about to write what the former wrapped.
        """
        with self._alone():
            masters = self._read()
            if time.time() - self._path.stat().st_mtime < SETTLED_SECONDS:
                raise KeyRefused(
                    f"The master key was rotated just now: wait {SETTLED_SECONDS} seconds."
                )
            if master == masters.current:
                raise KeyRefused("The present master key cannot be retired: rotate first.")
            kept = {id: key for id, key in masters.keys.items() if id != master}
            files.write(self._path, attrs.evolve(masters, keys=kept).written(), new=False)

    @property
    def _path(self) -> Path:
        return self.folder / _NAME

    def _read(self) -> _Masters:
        masters = self._known()
        if masters is None:
            self._make()
            masters = self._known()
        assert masters is not None, "it was just made, here or elsewhere"
        return masters

    def _known(self) -> _Masters | None:
        """What the file holds at present, if there is one."""
        try:
            at = self._path.stat()
        except FileNotFoundError:
            return None
        seen = (at.st_mtime_ns, at.st_ino)
        if self._masters is None or seen != self._seen:
            self._masters, self._seen = _Masters.read(files.read(self._path)), seen
        return self._masters

    def _make(self) -> None:
        """Make the first key, unless another process was first."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        files.write(self._path, _Masters("", {}).with_new().written(), new=True)

    @contextmanager
    def _alone(self) -> Iterator[Any]:
        """One process at a time changes the file."""
        self._read()
        with (self.folder / ".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield lock


def _bound(master: str, whose: Mapping[str, str]) -> bytes:
    return json.dumps([master, sorted(whose.items())], separators=(",", ":")).encode()
