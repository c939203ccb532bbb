"""The guard: each session's row holds its free time."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0004"
branch_labels = None
depends_on = None

_TAKES_TIME = "status IN ('arrived', 'booked', 'fulfilled', 'held', 'pending')"
_FREE = f"""
UPDATE sessions AS s
   SET free = tstzmultirange(s.during) - coalesce((
           SELECT range_agg(a.occupies) FROM appointments AS a
            WHERE a.practice_id = s.practice_id AND a.session_id = s.id AND a.{_TAKES_TIME}), '{{}}')
"""  # noqa: S608 - no word of a user's
_ROOM = """
UPDATE sessions
   SET room = EXISTS (SELECT FROM unnest(free) AS gap (time)
                       WHERE upper(time) - lower(time) >= make_interval(mins => visit_minutes::int))
"""

_WRITTEN = """
CREATE FUNCTION written(rows bigint, id uuid) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF rows = 0 THEN
        RAISE EXCEPTION 'the row was not written' USING ERRCODE = 'TH001', DETAIL = id;
    END IF;
    RETURN rows;
END $$
"""


def upgrade() -> None:
    """Make it so."""
    op.execute(_WRITTEN)
    op.add_column("sessions", sa.Column("free", postgresql.TSTZMULTIRANGE()))
    op.add_column("sessions", sa.Column("room", sa.Boolean()))
    op.execute(_FREE)
    op.execute(_ROOM)
    op.alter_column("sessions", "free", nullable=False)
    op.alter_column("sessions", "room", nullable=False)
    op.execute("ALTER TABLE sessions SET (fillfactor = 70)")
    _find("status = 'published' AND room")
    op.create_index(
        "sessions_of_provider",
        "sessions",
        ["practice_id", "provider_id", sa.text("lower(during)"), "id"],
        postgresql_where=sa.text("status = 'published' AND room"),
    )
    op.create_index(
        "appointments_lapsing",
        "appointments",
        ["practice_id", "held_until"],
        postgresql_where=sa.text("status = 'held'"),
    )


def downgrade() -> None:
    """Take it back."""
    op.execute("DROP FUNCTION written")
    op.drop_index("appointments_lapsing", "appointments")
    op.drop_index("sessions_of_provider", "sessions")
    _find("status = 'published'")
    op.execute("ALTER TABLE sessions RESET (fillfactor)")
    op.drop_column("sessions", "room")
    op.drop_column("sessions", "free")


def _find(where: str) -> None:
    op.drop_index("sessions_running", "sessions")
    op.drop_index("sessions_starting", "sessions")
    op.create_index(
        "sessions_running",
        "sessions",
        ["practice_id", "during"],
        postgresql_using="gist",
        postgresql_where=sa.text(where),
    )
    op.create_index(
        "sessions_starting",
        "sessions",
        ["practice_id", sa.text("lower(during)"), "id"],
        postgresql_where=sa.text(where),
    )
