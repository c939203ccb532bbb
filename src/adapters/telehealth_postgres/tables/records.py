"""Records."""

import sqlalchemy as sa

from telehealth_core.records.conflict import RecordConflict
from telehealth_core.records.cursor import RecordCursor
from telehealth_core.records.link import RecordLink
from telehealth_core.records.quarantine import Quarantined
from telehealth_postgres.columns import digest_of
from telehealth_postgres.tables.base import table_of

RECORD_LINKS = table_of(
    "record_links",
    RecordLink,
    sa.UniqueConstraint(
        "practice_id", "kind", "outside_id_digest", name="record_links_outside_once"
    ),
    derived=(digest_of("record_links", "outside_id"),),
    patient_id="patients",
)
RECORD_CONFLICTS = table_of(
    "record_conflicts",
    RecordConflict,
    sa.Index(
        "record_conflicts_queue",
        "practice_id",
        "found_at",
        "id",
        postgresql_where=sa.text("status = 'open'"),
    ),
    sa.Index("record_conflicts_subject", "practice_id", "subject"),
    patient_id="patients",
)
QUARANTINE = table_of(
    "quarantine",
    Quarantined,
    sa.Index(
        "quarantine_queue",
        "practice_id",
        "heard_at",
        "id",
        postgresql_where=sa.text("status = 'waiting'"),
    ),
    sealed_for=("id",),  # whose it is, nobody knows yet
)
RECORD_CURSORS = table_of("record_cursors", RecordCursor)
