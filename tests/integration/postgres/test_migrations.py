"""Migrations: they lead to the tables the program expects, and back."""

from hashlib import sha256
from typing import Any

import psycopg
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from procrastinate.schema import SchemaManager

from telehealth_core.scheduling.life import OCCUPYING, AppointmentStatus
from telehealth_postgres import migrations
from telehealth_postgres.tables import METADATA

QUEUE = ("procrastinate_", "idx_procrastinate_")


def test_migrated_tables_are_those_of_the_program(database: str) -> None:
    """A migrated database differs in nothing from the tables of this release."""
    assert _differences(database) == []


def test_checks_and_exclusions_are_those_of_the_program(fresh_database: Any) -> None:
    """What Alembic does not compare: every CHECK and EXCLUDE is what the tables say."""
    with fresh_database() as migrated, fresh_database() as made:
        migrations.downgrade(made, "base")
        with migrations.engine(made).begin() as connection:
            connection.execute(sa.text("CREATE EXTENSION IF NOT EXISTS btree_gist"))
            METADATA.create_all(connection)
        assert _constraints(migrated) == _constraints(made)


def test_upgrading_again_changes_nothing(database: str) -> None:
    """A database of this release is left as it is."""
    migrations.upgrade(database)
    assert _differences(database) == []


def test_downgrading_leaves_nothing_behind(fresh_database: Any) -> None:
    """`base` is an empty database, and the way up works again from there."""
    with fresh_database() as uri:
        migrations.downgrade(uri, "base")
        assert _tables(uri) == {"alembic_version"}
        assert _of_the_queue(uri) == set()
        migrations.upgrade(uri)
        assert _tables(uri) == {"alembic_version", *METADATA.tables}
        assert len(_of_the_queue(uri)) > 20


def test_the_queue_is_of_the_release_that_the_migrations_know() -> None:
    """A newer library brings migrations of its own: write them into a revision, then its digest
    here (decision 0016).
    """
    known = "c70ec4b400a60ad9592787653aae5ae77ae41bf801d56b5bd2712751a07f2009"
    assert sha256(SchemaManager.get_schema().encode()).hexdigest() == known


def test_the_states_that_take_time_are_those_of_the_core(database: str) -> None:
    """The exclusion constraints cover exactly the occupying states: the second wall has no gap."""
    walls = [
        text
        for name, text in _constraints(database)
        if name.startswith("appointments_p") and "EXCL" in text
    ]
    assert len(walls) == 2
    for text in walls:
        assert {status for status in AppointmentStatus if f"'{status}'" in text} == OCCUPYING


def _differences(uri: str) -> list[Any]:
    """What tables of ours differ in; the queue's belong to its library."""
    with migrations.engine(uri).connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"include_object": lambda _, name, *__: not str(name).startswith(QUEUE)},
        )
        return list(compare_metadata(context, METADATA))


def _tables(uri: str) -> set[str]:
    with migrations.engine(uri).connect() as connection:
        names = sa.inspect(connection).get_table_names()
        return {name for name in names if not name.startswith(QUEUE)}


def _of_the_queue(uri: str) -> set[str]:
    """Its tables, functions, types and indexes."""
    query = """
        SELECT relname FROM pg_class WHERE relname ~ '^(idx_)?procrastinate'
        UNION SELECT proname FROM pg_proc WHERE proname LIKE 'procrastinate%'
        UNION SELECT typname FROM pg_type WHERE typname LIKE 'procrastinate%'
    """
    with psycopg.connect(uri) as connection:
        return {str(name) for (name,) in connection.execute(query.encode())}


def _constraints(uri: str) -> list[tuple[str, str]]:
    query = """
        SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'x')
          AND conrelid::regclass::text NOT LIKE 'procrastinate%' ORDER BY 1
    """
    with psycopg.connect(uri) as connection:
        return [(name, text) for name, text in connection.execute(query.encode())]
