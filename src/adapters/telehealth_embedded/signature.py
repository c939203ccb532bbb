"""Short-lived tokens that carry what they grant, signed with HMAC-SHA256."""

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Callable
from datetime import datetime

import attrs

from telehealth_core.access.policy import NotSignedIn
from telehealth_core.shared.interval import instant

SECRET_BYTES_LEAST = 16


@attrs.frozen
class Signature:
    """Signs and reads tokens for one purpose; those for another purpose are false here."""

    _secret: bytes = attrs.field(repr=False)
    _purpose: str
    _clock: Callable[[], datetime] = attrs.field(repr=False)

    @_secret.validator
    def _long_enough(self, _: object, value: bytes) -> None:
        if len(value) < SECRET_BYTES_LEAST:
            raise ValueError(f"a signing secret has at least {SECRET_BYTES_LEAST} bytes")

    def sign(self, claims: tuple[str, ...], until: datetime) -> str:
        """A token that grants these claims up to but not including that instant.

        Raises: Invalid if the instant has no offset.
        """
        content = json.dumps([instant(until, "until").isoformat(), *claims]).encode()
        return f"{_text(content)}.{_text(self._mac(content))}"

    def read(self, token: str) -> tuple[tuple[str, ...], datetime]:
        """What the token grants, and until when.

        Raises: NotSignedIn if it is false or expired.
        """
        try:
            content, mac = (urlsafe_b64decode(f"{part}==") for part in token.split("."))
        except (NotBase64, ValueError):
            raise NotSignedIn from None
        if not hmac.compare_digest(mac, self._mac(content)):
            raise NotSignedIn
        until, *claims = json.loads(content)
        ends = datetime.fromisoformat(until)
        if self._clock() >= ends:
            raise NotSignedIn
        return tuple(claims), ends

    def _mac(self, content: bytes) -> bytes:
        return hmac.digest(self._secret, self._purpose.encode() + b"\0" + content, hashlib.sha256)


def _text(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()
