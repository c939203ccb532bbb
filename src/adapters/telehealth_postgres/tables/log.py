"""What is kept of what happened: the audit, and the outbox with the reactions that are done."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from telehealth_core.access.audit import AuditEntry
from telehealth_postgres.columns import shape_of
from telehealth_postgres.tables.base import METADATA

AUDIT = sa.Table(
    "audit",
    METADATA,
    sa.Column("practice_id", sa.Uuid(), nullable=False),
    sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    sa.Column("actor", sa.Uuid(), nullable=False),
    sa.Column("roles", pg.ARRAY(sa.Text())),
    sa.Column("acted_for", sa.Uuid()),
    sa.Column("action", sa.Text(), nullable=False),
    sa.Column("outcome", sa.Text(), nullable=False),
    sa.Column("kind", sa.Text()),
    sa.Column("subject", sa.Uuid()),
    sa.Column("patient_id", sa.Uuid()),
    sa.Column("category", sa.Text()),
    sa.Column("purpose", sa.Text()),
    sa.Column("request", sa.Uuid()),
    sa.Column(
        "xact",
        sa.BigInteger(),
        nullable=False,
        server_default=sa.text("(pg_current_xact_id()::text)::bigint"),
    ),
    sa.PrimaryKeyConstraint("practice_id", "id", name="audit_key"),
    sa.Index("audit_unsealed", "practice_id", "xact"),
    sa.Index("audit_patient", "practice_id", "patient_id", "id"),
    sa.Index("audit_time", "practice_id", "at", "id"),
    sa.Index("audit_actor", "practice_id", "actor", "id"),
    sa.Index("audit_action", "practice_id", "action", "id"),
    info={"shape": shape_of(AuditEntry, "audit")},
)
"""Who did, read or was refused what (N06). Roles, kind, category and purpose are empty where an
entry is older than these columns. A column more has to be empty in older entries, for it becomes
part of what the chain seals. `xact` is the transaction that wrote the entry and no part of it: the
sealing finds by it what was committed late.
"""
AUDIT_LINKS = sa.Table(
    "audit_links",
    METADATA,
    sa.Column("practice_id", sa.Uuid(), nullable=False),
    sa.Column("position", sa.BigInteger(), nullable=False),
    sa.Column("entry_id", sa.BigInteger(), nullable=False),
    sa.Column("hash", pg.BYTEA(), nullable=False),
    sa.PrimaryKeyConstraint("practice_id", "position", name="audit_links_key"),
    sa.UniqueConstraint("practice_id", "entry_id", name="audit_links_entry_once"),
)
"""The chain of each practice's audit (AUD-04): which entry is sealed at which place."""
AUDIT_HEADS = sa.Table(
    "audit_heads",
    METADATA,
    sa.Column("practice_id", sa.Uuid(), nullable=False),
    sa.Column("server", sa.Text(), nullable=False, server_default=""),
    sa.Column("before_xact", sa.BigInteger(), nullable=False, server_default="0"),
    sa.PrimaryKeyConstraint("practice_id", name="audit_heads_key"),
)
"""Whose turn it is to seal, and where to look: what transactions before this one wrote is sealed.
That is true on one database server; on another, after a restore, everything is looked at once.
"""
OUTBOX = sa.Table(
    "outbox",
    METADATA,
    sa.Column("practice_id", sa.Uuid(), nullable=False),
    sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column("event_id", sa.Uuid(), nullable=False),
    sa.Column("name", sa.Text(), nullable=False),
    sa.Column("subject", sa.Uuid(), nullable=False),
    sa.Column("body", pg.JSONB(), nullable=False),
    sa.Column("done_at", sa.DateTime(timezone=True)),
    sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
    sa.Column("problem", sa.Text()),
    sa.Column("relayed_at", sa.DateTime(timezone=True)),
    sa.Column("dead_at", sa.DateTime(timezone=True)),
    sa.Column("reaction", sa.Text()),
    sa.PrimaryKeyConstraint("practice_id", "id", name="outbox_key"),
    sa.Index("outbox_open", "id", postgresql_where=sa.text("done_at IS NULL")),
    sa.Index("outbox_unsent", "id", postgresql_where=sa.text("relayed_at IS NULL")),
)
"""What happened; `relayed_at` says that the queue has it, `done_at` that all that follows is done,
`dead_at` that it was given up. `reaction` is the first that failed at the last try, `problem` the
code of why.
"""
REACTIONS_DONE = sa.Table(
    "reactions_done",
    METADATA,
    sa.Column("practice_id", sa.Uuid(), nullable=False),
    sa.Column("event_id", sa.Uuid(), nullable=False),
    sa.Column("reaction", sa.Text(), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    sa.PrimaryKeyConstraint("practice_id", "event_id", "reaction", name="reactions_done_key"),
)
"""Which reaction to which event is done, so that a repeat does not do it again."""
