"""Personal fields are sealed (F59, N07)."""

import sqlalchemy as sa
from alembic import context, op

from telehealth_postgres.migrations import sealing_0004
from telehealth_postgres.wall import raised

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it so."""
    op.create_table(
        "data_keys",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("owner", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("master", sa.Text(), nullable=True),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("sealed", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(wrapped IS NULL) = (destroyed_at IS NOT NULL) AND (wrapped IS NULL) = (master IS NULL)",
            name=op.f("data_keys_destroyed"),
        ),
        sa.PrimaryKeyConstraint("practice_id", "owner", "version", name="data_keys_key"),
    )
    op.create_index("data_keys_master", "data_keys", ["practice_id", "master"])
    for statement in raised("data_keys", "SELECT, INSERT, UPDATE, DELETE"):
        op.execute(statement)
    sealing_0004.upgrade(op.get_bind(), context.config.attributes["keys"])
    op.create_unique_constraint("accounts_email_once", "accounts", ["practice_id", "email_digest"])
    op.create_unique_constraint(
        "referrals_invitation_once", "referrals", ["practice_id", "invitation_digest"]
    )
    op.create_unique_constraint(
        "record_links_outside_once", "record_links", ["practice_id", "kind", "outside_id_digest"]
    )
    op.create_index(
        "patients_guardians", "patients", ["guardian_ids"], unique=False, postgresql_using="gin"
    )
    op.create_index(
        "patients_match_keys",
        "patients",
        ["match_keys_digests"],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(
        "prescriptions_to_review",
        "prescriptions",
        ["practice_id", "drafted_at", "id"],
        unique=False,
        postgresql_where=sa.text("review_needed AND review IS NULL"),
    )


def downgrade() -> None:
    """Undo it."""
    sealing_0004.downgrade(op.get_bind(), context.config.attributes["keys"])
    op.create_unique_constraint("accounts_email_once", "accounts", ["practice_id", "email"])
    op.create_unique_constraint(
        "referrals_invitation_once", "referrals", ["practice_id", "invitation"]
    )
    op.create_unique_constraint(
        "record_links_outside_once", "record_links", ["practice_id", "kind", "outside_id"]
    )
    op.create_index(
        "patients_guardians",
        "patients",
        ["guardians"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"guardians": "jsonb_path_ops"},
    )
    op.create_index(
        "patients_match_keys", "patients", ["match_keys"], unique=False, postgresql_using="gin"
    )
    op.create_index(
        "prescriptions_to_review",
        "prescriptions",
        ["practice_id", "drafted_at", "id"],
        unique=False,
        postgresql_where=sa.text("review_needed AND review IS NULL"),
    )
    op.drop_table("data_keys")
