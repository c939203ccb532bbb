"""Refusals: what the rules forbid, told so that a caller can act on it.

A refusal is an answer, not a crash. Each rule has its own subclass with a kebab-case `code` and the
facts as fields, defined beside the rule. The sentence comes from the class's `says`, which may name
only fields that carry no PHI.
"""

from typing import Any, ClassVar, Self
from uuid import UUID

import attrs


@attrs.frozen
class Refusal(Exception):
    """A request that the rules forbid; nothing was changed.

    `code` is stable and meant for programs; `str(refusal)` is meant for people.
    """

    code: ClassVar[str] = "refused"
    says: ClassVar[str] = "This is not allowed."
    subject: ClassVar[UUID | None] = None

    def about(self, subject: UUID | None) -> Self:
        """The same refusal, which remembers for the audit alone what it is about: no fact of it."""
        object.__setattr__(self, "subject", subject)
        return self

    def facts(self) -> dict[str, Any]:
        """The refusal's fields by name, for a structured answer. Never PHI."""
        return {field.name: getattr(self, field.name) for field in attrs.fields(type(self))}

    def __str__(self) -> str:
        return self.says.format(**self.facts())


@attrs.frozen
class Unknown(Refusal):
    """There is no such thing, or none that the caller may know of: the two answers are the same on
    purpose (ACC-02).
    """

    code: ClassVar[str] = "unknown"
    says: ClassVar[str] = "There is no such {kind}."

    kind: str
    id: UUID | str | None = None


@attrs.frozen
class Invalid(Refusal):
    """A value that breaks a rule about values: names the field and the rule."""

    code: ClassVar[str] = "invalid"
    says: ClassVar[str] = "{field}: {rule}"

    field: str
    rule: str


@attrs.frozen
class IdReused(Refusal):
    """The id already names something with other content; a repeat must be the same request."""

    code: ClassVar[str] = "id-reused"
    says: ClassVar[str] = "This id already names another {kind}; a new request needs a new id."

    kind: str
    id: UUID


@attrs.frozen
class StaleVersion(Refusal):
    """Somebody changed it since it was read; read again and decide again."""

    code: ClassVar[str] = "stale-version"
    says: ClassVar[str] = "The {kind} was changed meanwhile; read it again."

    kind: str
    id: UUID


@attrs.frozen
class Erased(Refusal):
    """The record was erased: its key is destroyed, so neither it nor a backup of it opens any more
    (ENC-05, N07).
    """

    code: ClassVar[str] = "erased"
    says: ClassVar[str] = "This record was erased; nobody can read it any more."


@attrs.frozen
class Unavailable(Refusal):
    """An outside system did not answer; nothing is lost, the same call can be made again."""

    code: ClassVar[str] = "unavailable"
    says: ClassVar[str] = "{system} cannot be reached at the moment; try again."

    system: str
