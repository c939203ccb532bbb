"""Seals of prescribers without keys of their own: one secret of the installation stands in.

Such a seal shows that nothing was changed. It is no advanced electronic signature, and says so:
whoever has the secret could make it. Keys for each prescriber come with the port that keeps keys.
"""

import hashlib
import hmac

import attrs

from telehealth_core.shared.ids import ProviderId

_PURPOSE = b"prescription\0"


@attrs.frozen
class EmbeddedSignatures:
    """Seals with HMAC-SHA256 under a key derived for each prescriber."""

    _secret: bytes = attrs.field(repr=False)
    own_keys: bool = attrs.field(default=False, init=False)

    def sign(self, provider_id: ProviderId, digest: bytes, /) -> bytes:
        """The seal on the digest."""
        key = hmac.digest(self._secret, _PURPOSE + provider_id.bytes, hashlib.sha256)
        return hmac.digest(key, digest, hashlib.sha256)

    def verify(self, provider_id: ProviderId, digest: bytes, seal: bytes, /) -> bool:
        """Whether it is the seal of this prescriber on exactly this digest."""
        return hmac.compare_digest(self.sign(provider_id, digest), seal)
