"""A stream sealed in chunks with AES-256-GCM: whatever is changed, cut off or moved is noticed.

Every stream has a random key of its own, kept in its header under the key of whoever may open it.
A chunk's nonce is its number and whether it is the last, so that none can be left out, exchanged
or appended to; the header is bound to each. Memory is bounded by one chunk (ENC-01, BCP-01).
"""

import hashlib
import secrets
from typing import IO, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC = b"telehealth archive 1\n"
CHUNK = 1 << 20
_TAG = 16
_LENGTH = 2
"""Bytes that say how long the wrapped key is."""


class ArchiveKeys(Protocol):
    """Keeps the key of an archive under a key that is kept apart from it."""

    def wrap(self, key: bytes, /) -> bytes:
        """The key as only `unwrap` can read it."""

    def unwrap(self, wrapped: bytes, /) -> bytes:
        """The key again. Raises: WrongKey."""


class WrongKey(ValueError):
    """The key at hand is not the one that the archive was made with."""


class BrokenSeal(ValueError):
    """Something is not as it was when it was sealed."""


def _header(wrapped: bytes) -> bytes:
    return MAGIC + len(wrapped).to_bytes(_LENGTH, "big") + wrapped


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


class Sealer:
    """Takes bytes and writes them sealed; `finish` writes what shows that nothing is missing."""

    def __init__(self, out: IO[bytes], keys: ArchiveKeys) -> None:
        key = secrets.token_bytes(32)
        header = _header(keys.wrap(key))
        self._out, self._cipher, self._bound = out, AESGCM(key), hashlib.sha256(header).digest()
        self._number, self._waiting = 0, bytearray()
        out.write(header)

    def write(self, content: bytes) -> int:
        """Take more; what fills a chunk is written at once."""
        self._waiting += content
        while len(self._waiting) > CHUNK:
            self._seal(bytes(self._waiting[:CHUNK]), last=False)
            del self._waiting[:CHUNK]
        return len(content)

    def finish(self) -> None:
        """Write the last chunk."""
        self._seal(bytes(self._waiting), last=True)

    def _seal(self, content: bytes, *, last: bool) -> None:
        nonce = _nonce(self._number, last=last)
        self._out.write(self._cipher.encrypt(nonce, content, self._bound))
        self._number += 1


class Opener:
    """Reads what a `Sealer` wrote; no byte is given out before its chunk was found whole."""

    def __init__(self, source: IO[bytes], keys: ArchiveKeys) -> None:
        if source.read(len(MAGIC)) != MAGIC:
            raise BrokenSeal("it does not begin as an archive does")
        size = int.from_bytes(source.read(_LENGTH), "big")
        wrapped = source.read(size)
        self._source, self._cipher = source, AESGCM(keys.unwrap(wrapped))
        self._bound = hashlib.sha256(_header(wrapped)).digest()
        self._number, self._ready = 0, bytearray()
        self._next = source.read(CHUNK + _TAG)

    def read(self, size: int) -> bytes:
        """So many bytes, or what is left. Raises: BrokenSeal."""
        while len(self._ready) < size and self._next:
            self._ready += self._opened()
        given = bytes(self._ready[:size])
        del self._ready[:size]
        return given

    def drain(self) -> None:
        """Read to the end, so that what follows was looked at as well. Raises: BrokenSeal."""
        while self.read(CHUNK):
            pass

    def _opened(self) -> bytes:
        sealed, self._next = self._next, self._source.read(CHUNK + _TAG)
        nonce = _nonce(self._number, last=not self._next)
        try:
            content = self._cipher.decrypt(nonce, sealed, self._bound)
        except InvalidTag:
            raise BrokenSeal(f"its chunk {self._number + 1} is not as it was written") from None
        self._number += 1
        return content
