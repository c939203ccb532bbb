"""Conflicts: what two systems say differently about one thing, both versions kept until a person
has decided (F58, VEN-06).
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

import attrs

from telehealth_core.records.link import RecordKind
from telehealth_core.records.merge import Difference
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import PatientId, PracticeId, RecordConflictId, UserId, derived
from telehealth_core.shared.lifecycle import Lifecycle
from telehealth_core.shared.phi import phi
from telehealth_core.shared.refusal import Invalid
from telehealth_core.shared.text import prose


class ConflictStatus(StrEnum):
    """Whether a person still has to decide."""

    OPEN = "open"
    RESOLVED = "resolved"


class Side(StrEnum):
    """Whose version of a field."""

    OURS = "ours"
    THEIRS = "theirs"


_S = ConflictStatus
LIFECYCLE: Lifecycle[ConflictStatus] = Lifecycle(
    "RecordConflict",
    _S.OPEN,
    {
        "hear": (frozenset({_S.OPEN}), None),
        "settle": (frozenset({_S.OPEN}), _S.RESOLVED),
        "resolve": (frozenset({_S.OPEN}), _S.RESOLVED),
    },
)


@attrs.frozen
class RecordConflictFound(Event):
    """Two systems say different things; a person has to decide, or a rule did and says so."""


@attrs.frozen
class RecordConflictHeard(Event):
    """The two versions changed again while a person had not decided yet."""


@attrs.frozen
class RecordConflictSettled(Event):
    """Both sides came to say the same, before anybody decided."""


@attrs.frozen
class RecordConflictResolved(Event):
    """A person decided which version of each field counts."""


@attrs.frozen(kw_only=True)
class RecordConflict:
    """What the two sides differ in. `earlier` keeps every version heard before; one that a rule of
    the field decided is resolved from the start, and kept all the same.
    """

    id: RecordConflictId
    practice_id: PracticeId
    version: int = 1
    status: ConflictStatus = LIFECYCLE.initial
    kind: RecordKind
    subject: UUID
    patient_id: PatientId
    differences: tuple[Difference, ...] = phi()
    earlier: tuple[Difference, ...] = phi(default=())
    kept: Mapping[str, Side] = attrs.field(factory=dict)
    reason: str | None = phi(default=None, validator=attrs.validators.optional(prose(1000)))
    found_at: datetime
    decided_by: UserId | None = None
    decided_at: datetime | None = None

    @staticmethod
    def id_of(link: UUID, link_version: int, name: str) -> RecordConflictId:
        """What one hearing of the other side leads to is found once, however often it is
        repeated.
        """
        return RecordConflictId(derived(link, f"conflict/{link_version}/{name}"))

    def found(self, *, by: UserId) -> RecordConflictFound:
        """The event that a conflict begins with."""
        return RecordConflictFound(self.id, self.version, by, self.found_at)

    def hear(
        self, differences: tuple[Difference, ...], *, by: UserId, at: datetime
    ) -> tuple[Self, RecordConflictHeard]:
        """The conflict as both sides have it now; what they said before is kept.

        Raises: IllegalTransition once resolved.
        """
        status = LIFECYCLE.after("hear", self.status)
        heard = attrs.evolve(
            self,
            version=self.version + 1,
            status=status,
            differences=differences,
            earlier=(*self.earlier, *(one for one in self.differences if one not in differences)),
        )
        return heard, RecordConflictHeard(self.id, heard.version, by, at)

    def settle(self, *, by: UserId, at: datetime) -> tuple[Self, RecordConflictSettled]:
        """The conflict, once both sides say the same of their own accord; nothing is forgotten.

        Raises: IllegalTransition once resolved.
        """
        status = LIFECYCLE.after("settle", self.status)
        settled = attrs.evolve(self, version=self.version + 1, status=status, decided_at=at)
        return settled, RecordConflictSettled(self.id, settled.version, by, at)

    def resolve(
        self, kept: Mapping[str, Side], reason: str, *, by: UserId, at: datetime
    ) -> tuple[Self, RecordConflictResolved]:
        """Decide for every field whose version counts, with the reason.

        Raises: Invalid unless every field in conflict is decided, and no other; IllegalTransition.
        """
        status = LIFECYCLE.after("resolve", self.status)
        fields = {one.field for one in self.differences}
        if set(kept) != fields:
            raise Invalid("kept", f"ours or theirs for each of: {', '.join(sorted(fields))}")
        resolved = attrs.evolve(
            self,
            version=self.version + 1,
            status=status,
            kept=dict(kept),
            reason=reason,
            decided_by=by,
            decided_at=at,
        )
        return resolved, RecordConflictResolved(self.id, resolved.version, by, at)
