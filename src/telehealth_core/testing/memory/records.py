"""Links, conflicts, quarantine and cursors of outside records in memory."""

from uuid import UUID

from telehealth_core.records.conflict import ConflictStatus, RecordConflict
from telehealth_core.records.link import RecordKind, RecordLink
from telehealth_core.records.quarantine import Quarantined, QuarantineStatus
from telehealth_core.shared.refusal import IdReused
from telehealth_core.testing.memory.collection import MemoryCollection, Rows


class RecordLinks(MemoryCollection[RecordLink]):
    """Which thing of ours is which outside."""

    def by_outside_id(self, kind: RecordKind, outside_id: str) -> RecordLink | None:
        found = self.where(lambda one: (one.kind, one.outside_id) == (kind, outside_id))
        return next(iter(found), None)


class RecordConflicts(MemoryCollection[RecordConflict]):
    """What two systems say differently."""

    def open(self, *, limit: int) -> tuple[RecordConflict, ...]:
        return self._in_order(self.where(lambda one: one.status is ConflictStatus.OPEN))[:limit]

    def open_about(self, subject: UUID) -> RecordConflict | None:
        found = self.about(subject)
        return next((one for one in found if one.status is ConflictStatus.OPEN), None)

    def about(self, subject: UUID) -> tuple[RecordConflict, ...]:
        return self._in_order(self.where(lambda one: one.subject == subject))

    @staticmethod
    def _in_order(found: list[RecordConflict]) -> tuple[RecordConflict, ...]:
        return tuple(sorted(found, key=lambda one: (one.found_at, one.id)))


class Quarantine(MemoryCollection[Quarantined]):
    """What could not be placed."""

    def waiting(self, *, limit: int) -> tuple[Quarantined, ...]:
        found = self.where(lambda one: one.status is QuarantineStatus.WAITING)
        return tuple(sorted(found, key=lambda one: (one.heard_at, one.id))[:limit])


def one_link_a_record(rows: Rows, link: RecordLink) -> None:
    """Refuse a second link to the same outside record. Raises: IdReused."""
    for other in rows["record_links"].values():
        same = (other.practice_id, other.kind, other.outside_id)
        if other.id != link.id and same == (link.practice_id, link.kind, link.outside_id):
            raise IdReused("record link", link.id)
