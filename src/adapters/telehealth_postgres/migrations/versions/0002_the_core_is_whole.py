"""The core is whole."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it so."""
    op.create_table(
        "settings_history",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column(
            "settings", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False
        ),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name="settings_history_practice_fkey"
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name="settings_history_key"),
    )
    op.add_column(
        "sign_ins",
        sa.Column(
            "proven_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")
        ),
    )
    op.alter_column("sign_ins", "proven_at", server_default=None)


def downgrade() -> None:
    """Take it back."""
    op.drop_column("sign_ins", "proven_at")
    op.drop_table("settings_history")
