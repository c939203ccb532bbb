"""Links: which thing of ours is which thing of the outside record system, and what both last agreed
on (F55, F56).
"""

from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

import attrs

from telehealth_core.records.merge import Fields, Merge
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import PatientId, PracticeId, RecordLinkId, UserId, derived
from telehealth_core.shared.phi import phi
from telehealth_core.shared.text import line


class RecordKind(StrEnum):
    """What is kept in step."""

    PATIENT = "patient"
    APPOINTMENT = "appointment"
    PROVIDER = "provider"
    """Linked by staff once, and not kept in step: appointments name their provider."""


@attrs.frozen
class RecordLinked(Event):
    """Something of ours was found, or made, in the outside record system."""


@attrs.frozen
class RecordPulled(Event):
    """What the outside system says was taken over, wholly or in part."""


@attrs.frozen
class RecordPushed(Event):
    """The outside system was told what we say."""


@attrs.frozen
class RecordVanished(Event):
    """The outside system does not know the thing any more; ours stays as it is."""


@attrs.frozen(kw_only=True)
class RecordLink:
    """One thing of ours and its counterpart outside.

    `last_agreed` is what both sides said when they last were in step; `seen_at` is when the outside
    system was last heard, so that the age of what it said can be shown (F57).
    """

    id: RecordLinkId
    practice_id: PracticeId
    version: int = 1
    kind: RecordKind
    subject: UUID
    patient_id: PatientId | None = None
    outside_id: str = phi(validator=line(100))
    last_agreed: Fields = phi(factory=dict)
    seen_at: datetime
    vanished_at: datetime | None = None

    @staticmethod
    def id_of(subject: UUID) -> RecordLinkId:
        """A thing of ours has one counterpart; the link's id follows from the thing's."""
        return RecordLinkId(derived(subject, "record-link"))

    def linked(self, *, by: UserId) -> RecordLinked:
        """The event that a new link begins with."""
        return RecordLinked(self.id, self.version, by, self.seen_at)

    def pulled(self, merge: Merge, *, by: UserId, at: datetime) -> tuple[Self, RecordPulled]:
        """In step again, after hearing the other side."""
        heard = self._in_step(merge.agreed, at)
        return heard, RecordPulled(self.id, heard.version, by, at)

    def pushed(self, agreed: Fields, *, by: UserId, at: datetime) -> tuple[Self, RecordPushed]:
        """In step again, after the other side was told."""
        told = self._in_step(agreed, at)
        return told, RecordPushed(self.id, told.version, by, at)

    def vanished(self, *, by: UserId, at: datetime) -> tuple[Self, RecordVanished]:
        """The other side does not know it any more."""
        gone = attrs.evolve(self, version=self.version + 1, seen_at=at, vanished_at=at)
        return gone, RecordVanished(self.id, gone.version, by, at)

    def _in_step(self, agreed: Fields, at: datetime) -> Self:
        return attrs.evolve(
            self, version=self.version + 1, last_agreed=dict(agreed), seen_at=at, vanished_at=None
        )
