"""The key of backups in a file of its own, which lies apart from the data (ENC-01, BCP-01)."""

import secrets
from pathlib import Path
from typing import Self

import attrs
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from telehealth_archive.sealing import WrongKey

_BYTES = 32
_NONCE = 12
_PURPOSE = b"telehealth backup"


class UnusableKey(ValueError):
    """The key file cannot be used; the text says why and what to do."""


@attrs.frozen
class KeyFile:
    """Wraps the keys of archives under the key in a file: 64 hexadecimal digits."""

    _key: bytes = attrs.field(repr=False)

    @classmethod
    def read(cls, path: Path, *, apart_from: Path) -> Self:
        """The key of that file, which only its owner reads and which lies outside of the data.

        Raises: UnusableKey.
        """
        if path.resolve().is_relative_to(apart_from.resolve()):
            raise UnusableKey(
                f"{path} lies in {apart_from}, beside what it protects; keep it apart"
            )
        try:
            mode, text = path.stat().st_mode, path.read_text().strip()
        except (OSError, UnicodeDecodeError):
            raise UnusableKey(
                f"{path} cannot be read; a key is made by: openssl rand -hex 32 > {path}"
            ) from None
        if mode & 0o077:
            raise UnusableKey(f"{path} is open to others; close it: chmod 600 {path}")
        try:
            key = bytes.fromhex(text)
        except ValueError:
            key = b""
        if len(key) != _BYTES:
            raise UnusableKey(f"{path} must hold {2 * _BYTES} hexadecimal digits and nothing else")
        return cls(key)

    def wrap(self, key: bytes, /) -> bytes:
        """The key as only the holder of this file can read it."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + AESGCM(self._key).encrypt(nonce, key, _PURPOSE)

    def unwrap(self, wrapped: bytes, /) -> bytes:
        """The key again. Raises: WrongKey."""
        try:
            return AESGCM(self._key).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], _PURPOSE)
        except (InvalidTag, ValueError):
            raise WrongKey("another key was used, or its header was changed") from None
