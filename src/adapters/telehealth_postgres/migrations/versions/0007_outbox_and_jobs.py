"""The outbox hands events to a queue, and what was given up is told apart.

The queue's tables and functions are the library's own, in the version that pyproject.toml names;
they all begin with `procrastinate_`. A newer version of the library brings migrations of its own,
for a revision after this one.
"""

import sqlalchemy as sa
from alembic import op
from procrastinate.schema import SchemaManager

from telehealth_postgres.wall import APPLICATION

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

OPEN = sa.text("done_at IS NULL")
LOCKED = "CREATE INDEX procrastinate_jobs_locked ON procrastinate_jobs (lock) WHERE status IN ('todo', 'doing')"
GRANTED = rf"""
DO $$
DECLARE
    one text;
BEGIN
    FOR one IN SELECT oid::regclass::text FROM pg_class
        WHERE relkind = 'r' AND relname LIKE 'procrastinate\_%' AND pg_table_is_visible(oid)
    LOOP
        EXECUTE 'GRANT SELECT, INSERT, UPDATE, DELETE ON ' || one || ' TO {APPLICATION}';
    END LOOP;
    FOR one IN SELECT oid::regclass::text FROM pg_class
        WHERE relkind = 'S' AND relname LIKE 'procrastinate\_%' AND pg_table_is_visible(oid)
    LOOP
        EXECUTE 'GRANT USAGE ON SEQUENCE ' || one || ' TO {APPLICATION}';
    END LOOP;
END $$
"""  # noqa: S608 - the name of a role of ours
"""The queue holds ids of all practices and nothing else, so no row of it is behind the wall."""
DROP_QUEUE = r"""
DO $$
DECLARE
    one text;
BEGIN
    FOR one IN SELECT oid::regclass::text FROM pg_class
        WHERE relkind = 'r' AND relname LIKE 'procrastinate\_%' AND pg_table_is_visible(oid)
    LOOP EXECUTE 'DROP TABLE ' || one || ' CASCADE'; END LOOP;
    FOR one IN SELECT oid::regprocedure::text FROM pg_proc
        WHERE proname LIKE 'procrastinate\_%' AND pg_function_is_visible(oid)
    LOOP EXECUTE 'DROP FUNCTION ' || one || ' CASCADE'; END LOOP;
    FOR one IN SELECT oid::regtype::text FROM pg_type
        WHERE typname LIKE 'procrastinate\_%' AND typtype IN ('e', 'c') AND pg_type_is_visible(oid)
    LOOP EXECUTE 'DROP TYPE ' || one || ' CASCADE'; END LOOP;
END $$
"""


def upgrade() -> None:
    """Make it so: what waits is handed over anew, what was given up stays so."""
    _run(SchemaManager.get_schema())
    _run(LOCKED)
    _run(GRANTED)
    for column in ("relayed_at", "dead_at"):
        op.add_column("outbox", sa.Column(column, sa.DateTime(timezone=True)))
    op.add_column("outbox", sa.Column("reaction", sa.Text()))
    op.execute("UPDATE outbox SET relayed_at = done_at WHERE done_at IS NOT NULL")
    op.execute(
        "UPDATE outbox SET dead_at = now(), relayed_at = now()"
        " WHERE done_at IS NULL AND next_at = 'infinity'"
    )
    op.drop_index("outbox_subject", table_name="outbox", postgresql_where=OPEN)
    op.drop_column("outbox", "next_at")
    op.create_index(
        "outbox_unsent", "outbox", ["id"], postgresql_where=sa.text("relayed_at IS NULL")
    )


def downgrade() -> None:
    """Take it back: what waits or was in the queue is due at once."""
    op.drop_index(
        "outbox_unsent", table_name="outbox", postgresql_where=sa.text("relayed_at IS NULL")
    )
    op.add_column(
        "outbox",
        sa.Column(
            "next_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
    )
    op.execute("UPDATE outbox SET next_at = 'infinity' WHERE dead_at IS NOT NULL")
    op.create_index("outbox_subject", "outbox", ["subject", "id"], postgresql_where=OPEN)
    for column in ("relayed_at", "dead_at", "reaction"):
        op.drop_column("outbox", column)
    _run(DROP_QUEUE)


def _run(script: str) -> None:
    """Several statements as they are, without parameters."""
    op.get_bind().execution_options(no_parameters=True).exec_driver_sql(script)
