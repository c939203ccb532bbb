"""Who holds how much is looked up by holder: the index for holds that lapse no longer offers itself.

While few times were held when the table was last analysed, the planner took one index to be as good
as the other, and read every hold of the practice for each new one.
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

NAME = "appointments_lapsing"
HELD = "status = 'held'"


def upgrade() -> None:
    """Have it serve those who ask for a deadline only."""
    _make(f"{HELD} AND held_until IS NOT NULL")


def downgrade() -> None:
    """Have it serve everybody again."""
    _make(HELD)


def _make(where: str) -> None:
    op.drop_index(NAME, "appointments")
    op.create_index(NAME, "appointments", ["practice_id", "held_until"], postgresql_where=where)
