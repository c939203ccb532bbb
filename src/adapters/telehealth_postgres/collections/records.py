"""Links, conflicts and quarantine of outside records on PostgreSQL."""

from uuid import UUID

import sqlalchemy as sa

from telehealth_core.records.conflict import RecordConflict
from telehealth_core.records.link import RecordKind, RecordLink
from telehealth_core.records.quarantine import Quarantined
from telehealth_postgres.collections.collection import PostgresCollection, all_of, given
from telehealth_postgres.statements import Statement
from telehealth_postgres.tables import QUARANTINE, RECORD_CONFLICTS, RECORD_LINKS

_OPEN = RECORD_CONFLICTS.c.status == sa.literal_column("'open'")
_SUBJECT = RECORD_CONFLICTS.c.subject == given("subject", sa.Uuid())
_ORDER = (RECORD_CONFLICTS.c.found_at, RECORD_CONFLICTS.c.id)
_LIMIT = given("limit", sa.Integer())


class PostgresRecordLinks(PostgresCollection[RecordLink]):
    """Which thing of ours is which outside."""

    _BY_OUTSIDE_ID = Statement.of(
        all_of(
            RECORD_LINKS,
            RECORD_LINKS.c.kind == given("kind", sa.Text()),
            RECORD_LINKS.c.outside_id_digest == given("outside_id", sa.LargeBinary()),
        )
    )

    def by_outside_id(self, kind: RecordKind, outside_id: str) -> RecordLink | None:
        """The link to this outside record."""
        return self.first(
            self._BY_OUTSIDE_ID,
            kind=kind.value,
            outside_id=self.digest("outside_id", outside_id),
        )


class PostgresRecordConflicts(PostgresCollection[RecordConflict]):
    """What two systems say differently."""

    _QUEUE = Statement.of(all_of(RECORD_CONFLICTS, _OPEN).order_by(*_ORDER).limit(_LIMIT))
    _OPEN_ABOUT = Statement.of(all_of(RECORD_CONFLICTS, _OPEN, _SUBJECT).order_by(*_ORDER))
    _ABOUT = Statement.of(all_of(RECORD_CONFLICTS, _SUBJECT).order_by(*_ORDER))

    def open(self, *, limit: int) -> tuple[RecordConflict, ...]:
        """Those that wait for a person, the oldest first."""
        return self.several(self._QUEUE, limit=limit)

    def open_about(self, subject: UUID) -> RecordConflict | None:
        """The one about this thing that waits for a person."""
        return self.first(self._OPEN_ABOUT, subject=subject)

    def about(self, subject: UUID) -> tuple[RecordConflict, ...]:
        """All about this thing, the oldest first."""
        return self.several(self._ABOUT, subject=subject)


class PostgresQuarantine(PostgresCollection[Quarantined]):
    """What could not be placed."""

    _WAITING = Statement.of(
        all_of(QUARANTINE, QUARANTINE.c.status == sa.literal_column("'waiting'"))
        .order_by(QUARANTINE.c.heard_at, QUARANTINE.c.id)
        .limit(_LIMIT)
    )

    def waiting(self, *, limit: int) -> tuple[Quarantined, ...]:
        """What waits for a person, the oldest first."""
        return self.several(self._WAITING, limit=limit)
