"""The keys that rows are sealed under, themselves wrapped by a master key."""

import sqlalchemy as sa

from telehealth_postgres.tables.base import METADATA

DATA_KEYS = sa.Table(
    "data_keys",
    METADATA,
    sa.Column("practice_id", sa.Uuid(), nullable=False),
    sa.Column("owner", sa.Uuid(), nullable=False),
    sa.Column("version", sa.BigInteger(), nullable=False),
    sa.Column("master", sa.Text()),
    sa.Column("wrapped", sa.LargeBinary()),
    sa.Column("sealed", sa.BigInteger(), nullable=False, server_default="0"),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("destroyed_at", sa.DateTime(timezone=True)),
    sa.PrimaryKeyConstraint("practice_id", "owner", "version", name="data_keys_key"),
    sa.CheckConstraint(
        "(wrapped IS NULL) = (destroyed_at IS NOT NULL) AND (wrapped IS NULL) = (master IS NULL)",
        name="destroyed",
    ),
    sa.Index("data_keys_master", "practice_id", "master"),
)
"""One row for each version of an owner's key. The owner is a patient, a practice, what searches a
practice, or a thing that has no patient yet; `sealed` counts roughly how much a version sealed.
"""
