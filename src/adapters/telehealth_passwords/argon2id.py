"""argon2id with the parameters that OWASP recommends; cheaper ones are for tests only."""

import secrets
import unicodedata

import attrs
from argon2 import PasswordHasher, Type
from argon2.exceptions import VerificationError


@attrs.frozen
class Argon2Passwords:
    """Hashes and compares passwords.

    A comparison with no hash at all takes as long as any other: it is made with a decoy.
    """

    passes: int = 2
    memory_kib: int = 19_456
    lanes: int = 1
    _hasher: PasswordHasher = attrs.field(init=False, repr=False)
    _decoy: str = attrs.field(init=False, repr=False)

    @_hasher.default
    def _make_hasher(self) -> PasswordHasher:
        return PasswordHasher(self.passes, self.memory_kib, self.lanes, type=Type.ID)

    @_decoy.default
    def _make_decoy(self) -> str:
        return self._hasher.hash(secrets.token_bytes(32))

    def hash(self, password: str, /) -> str:
        """A salted hash that `verify` understands, with its parameters in it."""
        return self._hasher.hash(_octets(password))

    def verify(self, password_hash: str | None, password: str, /) -> bool:
        """Whether they belong together; takes as long for None, which never matches (AUT-07).

        A hash made with other parameters is compared with those; a damaged one never matches.
        """
        try:
            self._hasher.verify(password_hash or self._decoy, _octets(password))
        except (VerificationError, ValueError):
            return False
        return password_hash is not None


def _octets(password: str) -> bytes:
    """The password's bytes: the same on every keyboard, whatever way it composes its letters."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
