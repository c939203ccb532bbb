"""What keeping records in step needs from outside."""

from datetime import datetime, timedelta
from typing import ClassVar, Protocol
from uuid import UUID

import attrs

from telehealth_core.access.ports import Collection
from telehealth_core.consultation.ports import ConsultationWork
from telehealth_core.records.conflict import RecordConflict
from telehealth_core.records.cursor import RecordCursor
from telehealth_core.records.link import RecordKind, RecordLink
from telehealth_core.records.merge import Fields
from telehealth_core.records.quarantine import Quarantined
from telehealth_core.shared.ids import (
    PracticeId,
    QuarantineId,
    RecordConflictId,
    RecordCursorId,
    RecordLinkId,
)
from telehealth_core.shared.refusal import Unavailable


@attrs.frozen
class Throttled(Unavailable):
    """The outside system wants to be asked less often."""

    code: ClassVar[str] = "throttled"
    says: ClassVar[str] = "{system} wants to be asked less often; try again later."

    wait: timedelta = timedelta(minutes=1)


@attrs.frozen(kw_only=True)
class OutsideRow:
    """One record as the outside system has it. An appointment names its patient and its provider in
    the outside system's own words.
    """

    outside_id: str = attrs.field(repr=False)
    fields: Fields = attrs.field(repr=False)
    patient: str | None = attrs.field(default=None, repr=False)
    provider: str | None = None


@attrs.frozen(kw_only=True)
class Changes:
    """What changed since a position, and the position to ask from next time."""

    rows: tuple[OutsideRow, ...]
    position: str | None
    more: bool = False


class PatientRecords(Protocol):
    """An outside record system (EHR). It never calls us: it is asked (F56). Called outside
    transactions only; every call can be repeated.
    """

    def connected(self, practice_id: PracticeId, /) -> bool:
        """Whether this practice keeps records there at all."""

    def changed(
        self, practice_id: PracticeId, kind: RecordKind, position: str | None, at: datetime, /
    ) -> Changes:
        """What changed since the position; may repeat what was told before.

        Raises: Throttled, Unavailable.
        """

    def read(
        self, practice_id: PracticeId, kind: RecordKind, outside_id: str, /
    ) -> OutsideRow | None:
        """The record as it is now; None if there is none any more.

        Raises: Throttled, Unavailable.
        """

    def write(
        self, practice_id: PracticeId, kind: RecordKind, row: OutsideRow, key: UUID, /
    ) -> OutsideRow:
        """Have these fields written, and tell the record as it is afterwards.

        With an empty `outside_id` a record is made, once for each `key`: a repeat after an unknown
        outcome finds what the first made. Raises: Throttled, Unavailable.
        """


class RecordLinks(Collection[RecordLinkId, RecordLink], Protocol):
    """Which thing of ours is which outside."""

    def by_outside_id(self, kind: RecordKind, outside_id: str, /) -> RecordLink | None:
        """The link to this outside record."""


class RecordConflicts(Collection[RecordConflictId, RecordConflict], Protocol):
    """What two systems say differently."""

    def open(self, *, limit: int) -> tuple[RecordConflict, ...]:
        """Those that wait for a person, the oldest first."""

    def open_about(self, subject: UUID, /) -> RecordConflict | None:
        """The one about this thing that waits for a person."""

    def about(self, subject: UUID, /) -> tuple[RecordConflict, ...]:
        """All about this thing, the oldest first: both versions of everything."""


class Quarantine(Collection[QuarantineId, Quarantined], Protocol):
    """What could not be placed."""

    def waiting(self, *, limit: int) -> tuple[Quarantined, ...]:
        """What waits for a person, the oldest first."""


class RecordCursors(Collection[RecordCursorId, RecordCursor], Protocol):
    """How far each kind has been read."""


class RecordsWork(ConsultationWork, Protocol):
    """What keeping records in step reads and saves."""

    @property
    def record_links(self) -> RecordLinks: ...
    @property
    def record_conflicts(self) -> RecordConflicts: ...
    @property
    def quarantine(self) -> Quarantine: ...
    @property
    def record_cursors(self) -> RecordCursors: ...
