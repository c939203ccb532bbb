"""Sealing: how one value is encrypted under a data key, so that it opens at its own place only.

What is sealed begins with a header (the algorithm and the key's version), then a nonce, fresh each
time, then AES-256-GCM's output. Header and place are authenticated: moved to another practice,
patient, table, column or row, or under another version's name, it does not open (ENC-01..03).
"""

import os
import struct
from uuid import UUID

import attrs
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from telehealth_core.access.keys import KeyRefused

KEY_BYTES = 32
"""256 bit (ENC-01)."""
_NONCE_BYTES = 12
_AES_256_GCM = 1
_HEADER = struct.Struct(">BI")
_CONTENT = _HEADER.size + _NONCE_BYTES


def place(practice_id: UUID, owner: UUID, id: UUID) -> bytes:
    """Where the values of one row lie; a column's name completes it."""
    return practice_id.bytes + owner.bytes + id.bytes


def version_of(sealed: bytes) -> int:
    """The version of the key that this was sealed under. Raises: KeyRefused."""
    if len(sealed) < _CONTENT or sealed[0] != _AES_256_GCM:
        raise KeyRefused("Something sealed has no header that is known here.")
    version: int = _HEADER.unpack_from(sealed)[1]
    return version


def header_of(version: int) -> bytes:
    """What everything begins with that was sealed under that version; later ones sort after."""
    return _HEADER.pack(_AES_256_GCM, version)


@attrs.frozen
class DataKey:
    """One version of an owner's key, unwrapped."""

    version: int
    _cipher: AESGCM = attrs.field(repr=False, eq=False)

    @classmethod
    def of(cls, version: int, key: bytes) -> "DataKey":
        """The version whose key these 32 bytes are."""
        assert len(key) == KEY_BYTES, "a data key has 256 bit"
        return cls(version, AESGCM(key))

    def seal(self, content: bytes, place: bytes) -> bytes:
        """The content, to be opened at this place only."""
        header, nonce = header_of(self.version), os.urandom(_NONCE_BYTES)
        return header + nonce + self._cipher.encrypt(nonce, content, header + place)

    def open(self, sealed: bytes, place: bytes) -> bytes:
        """The content again. Raises: KeyRefused unless it was sealed for this place."""
        header, nonce = sealed[: _HEADER.size], sealed[_HEADER.size : _CONTENT]
        try:
            return self._cipher.decrypt(nonce, sealed[_CONTENT:], header + place)
        except InvalidTag:
            raise KeyRefused("What is sealed was changed, or lies where it was not put.") from None
