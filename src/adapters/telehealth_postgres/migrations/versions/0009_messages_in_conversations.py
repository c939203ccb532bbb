"""A message is in a conversation that is there; those of release 0.1, which kept none, stay."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

NAME = "messages_conversation_id_fkey"


def upgrade() -> None:
    """Ask it of every message from now on."""
    op.create_foreign_key(
        NAME,
        "messages",
        "conversations",
        ["practice_id", "conversation_id"],
        ["practice_id", "id"],
        postgresql_not_valid=True,
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_constraint(NAME, "messages")
