"""From the release before sealing to this one, and back: with a practice in use, in every table."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from telehealth_core.access.actor import Actor
from telehealth_core.access.keys import KeyRefused
from telehealth_core.access.ports import Keys
from telehealth_core.records.link import RecordKind
from telehealth_core.shared.ids import PracticeId
from telehealth_postgres import migrations
from telehealth_postgres.key_office import SealedTable
from telehealth_postgres.keyring import Keychain, KeyRing
from telehealth_postgres.pipeline import Connection
from telehealth_postgres.statements import Statement
from telehealth_postgres.store import PostgresStore
from telehealth_postgres.tables import METADATA
from telehealth_postgres.transaction import asked
from telehealth_postgres.wall import application_uri

ROWS = (Path(__file__).parent / "release_0002.sql").read_text()
PRACTICE = PracticeId(UUID("00000000-0000-4000-8000-0000000000aa"))
ADA: Any = UUID("00000000-0000-4000-8000-000000000001")
PLAIN = re.compile(rb"Marker|Byrne|ada@example\.org|Chest clear|20 7946")
"""What people said and are called in the rows of that release."""


@contextmanager
def in_use(fresh_database: Any) -> Iterator[str]:
    """A database of the release before sealing."""
    with fresh_database() as uri:
        migrations.downgrade(uri, "base")
        migrations.upgrade(uri, "0002")
        with psycopg.connect(uri, autocommit=True) as connection:
            connection.execute(ROWS.encode())
        yield uri


@pytest.fixture(scope="module")
def upgraded(fresh_database: Any, keys: Keys) -> Iterator[str]:
    """Yield the database, upgraded."""
    with in_use(fresh_database) as uri:
        migrations.upgrade(uri, keys=keys)
        yield uri


def rows_of(uri: str) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, by column."""
    with psycopg.connect(uri, autocommit=True) as connection:
        tables = connection.execute(
            "SELECT relname::text FROM pg_stat_user_tables WHERE relname <> 'alembic_version'"
        ).fetchall()
        found = {}
        for (name,) in tables:
            query = f"SELECT to_jsonb(t) FROM {name} t ORDER BY to_jsonb(t) ->> 'id', 1"
            found[name] = [row for (row,) in connection.execute(query.encode())]
        for message in found["outbox"]:
            message.pop("next_at", None)  # when to try again: whoever comes back tries at once
        return found


def test_every_row_is_an_aggregate_and_sealed(upgraded: str, keys: Keys) -> None:
    """Each row of each table opens under its owner's key, and every table has some."""
    with Connection.connect(upgraded, autocommit=True) as connection, connection.together():

        def ask(statement: Statement, given: Mapping[str, Any]) -> list[tuple[Any, ...]]:
            return asked(connection, statement, given).rows()

        chain = Keychain(KeyRing(keys), PRACTICE, ask)
        for name, table in METADATA.tables.items():
            if "shape" in table.info and name != "audit":
                columns = ", ".join(f'"{column.name}"' for column in table.info["shape"].columns)
                rows = ask(Statement(f"SELECT {columns} FROM {name}", {}), {})
                assert rows, name
                assert all(chain.one(table.info["shape"], row) for row in rows), name
        sealed = {one.table.name for one in SealedTable.all()}
    assert {"accounts", "patients", "providers", "quarantine", "notes"} <= sealed


def test_what_was_found_is_found(upgraded: str, keys: Keys) -> None:
    """By address, outside id, invitation, guardian and likeness: through digests now (ENC-06)."""
    with (
        PostgresStore.open(application_uri(upgraded), keys, connections=1) as store,
        store.work(Actor.system(PRACTICE)) as work,
    ):
        ada = work.patients.get(ADA)
        assert ada.profile is not None
        assert ada.profile.full_name == "Ada Byrne"
        account = work.accounts.by_email(" Ada@Example.org")
        assert account is not None
        assert (account.email, account.patient_id) == ("ada@example.org", ADA)
        link = work.record_links.by_outside_id(RecordKind.PATIENT, "outside-1")
        assert link is not None
        assert (link.subject, link.last_agreed) == (ADA, {"family_name": "Byrne"})
        assert work.record_links.by_outside_id(RecordKind.APPOINTMENT, "outside-1") is None
        assert ada in work.patients.matching(ada.match_keys, limit=9)
        (tom,) = work.patients.dependants_of(ADA)
        assert tom.guardians[0].decisions[0].reason == "Marker showed the order."
        (waiting,) = work.quarantine.waiting(limit=9)
        assert waiting.outside_id == "outside-7"


def test_nothing_plain_stays_in_the_files_of_the_tables(upgraded: str) -> None:
    """Neither in a row, nor in what is left of a column that was dropped (F59)."""
    with psycopg.connect(upgraded, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        files = connection.execute(
            "SELECT relname::text, pg_read_binary_file(pg_relation_filepath(oid)) FROM pg_class"
            " WHERE relkind IN ('r', 't', 'i') AND oid >= 16384 AND relfilenode <> 0"
        ).fetchall()
    assert len(files) > 100
    assert [name for name, content in files if PLAIN.search(content)] == []


def test_there_and_back_every_value_is_the_same(fresh_database: Any, keys: Keys) -> None:
    """Sealed and opened again, not one value of one row is another one; and up again it goes."""
    with in_use(fresh_database) as uri:
        before = rows_of(uri)
        assert all(before.values())
        assert PLAIN.search(repr(before).encode())
        migrations.upgrade(uri, keys=keys)
        assert not PLAIN.search(repr(rows_of(uri)).encode())
        migrations.downgrade(uri, "0002", keys=keys)
        assert rows_of(uri) == before
        migrations.upgrade(uri, keys=keys)


def test_without_master_keys_nothing_is_upgraded(fresh_database: Any) -> None:
    """Rows that cannot be sealed stay as they are, in the release before."""
    with in_use(fresh_database) as uri:
        before = rows_of(uri)
        with pytest.raises(KeyRefused):
            migrations.upgrade(uri)
        assert rows_of(uri) == before
