"""Keys: what is known of them outside of the service that keeps the master keys (F59, ENC-01)."""

from typing import ClassVar

import attrs

from telehealth_core.shared.refusal import Refusal


@attrs.frozen
class WrappedKey:
    """A key as it may lie beside the data: only the master key that wrapped it opens it."""

    master: str
    content: bytes = attrs.field(repr=False)


@attrs.frozen
class KeyRefused(Refusal):
    """A key cannot be used, made or given up; the text says what to do, without its bytes."""

    code: ClassVar[str] = "key-refused"
    says: ClassVar[str] = "{problem}"

    problem: str
