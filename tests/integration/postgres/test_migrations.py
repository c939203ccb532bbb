"""Migrations: they lead to the tables the program expects, and back."""

from typing import Any

import psycopg
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from telehealth_core.scheduling.life import OCCUPYING, AppointmentStatus
from telehealth_postgres import migrations
from telehealth_postgres.tables import METADATA


def test_migrated_tables_are_those_of_the_program(database: str) -> None:
    """A migrated database differs in nothing from the tables of this release."""
    with migrations.engine(database).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


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
    with migrations.engine(database).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_downgrading_leaves_nothing_behind(fresh_database: Any) -> None:
    """`base` is an empty database, and the way up works again from there."""
    with fresh_database() as uri:
        migrations.downgrade(uri, "base")
        assert _tables(uri) == {"alembic_version"}
        migrations.upgrade(uri)
        assert _tables(uri) == {"alembic_version", *METADATA.tables}


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


def _tables(uri: str) -> set[str]:
    with migrations.engine(uri).connect() as connection:
        return set(sa.inspect(connection).get_table_names())


def _constraints(uri: str) -> list[tuple[str, str]]:
    query = """
        SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'x') ORDER BY 1
    """
    with psycopg.connect(uri) as connection:
        return [(name, text) for name, text in connection.execute(query.encode())]
