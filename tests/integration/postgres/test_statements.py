"""Statements: what is run for every booking is read once by the driver and planned once by the
server.
"""

import re
from typing import Any

import psycopg
import pytest
from psycopg import _queries

from telehealth_core.access.actor import Actor
from telehealth_core.access.ports import Keys
from telehealth_core.shared import Unknown
from telehealth_core.shared.ids import PatientId
from telehealth_core.testing.contracts import refused
from telehealth_core.testing.contracts.beginning import named, practice
from telehealth_postgres import guard
from telehealth_postgres.statements import Statement, insert, update
from telehealth_postgres.store import PostgresStore
from telehealth_postgres.tables import METADATA
from telehealth_postgres.wall import application_uri

AGGREGATES = [
    table for table in METADATA.sorted_tables if "version" in table.c and "shape" in table.info
]
WRITING = {
    **{f"insert {table}": insert(table) for table in AGGREGATES},
    **{f"update {table}": update(table) for table in AGGREGATES},
    "insert claim": guard.insert_claim(),
    "update claim": guard.update_claim(),
    "insert session": guard.insert_session(),
}


@pytest.mark.parametrize("statement", WRITING.values(), ids=WRITING)
def test_a_save_is_short_enough_to_be_kept(statement: Statement) -> None:
    """The driver reads longer ones, and ones with more parameters, anew each time (N11)."""
    assert len(statement.text.encode()) <= _queries.MAX_CACHED_STATEMENT_LENGTH
    named = set(re.findall(r"%\((\w+)\)s", statement.text))
    assert len(named) <= _queries.MAX_CACHED_STATEMENT_PARAMS


def test_a_refusal_travels_with_the_end_of_what_was_read(
    database: str, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was written, so nothing is undone: its audit entry is the last thing asked, in the
    same transaction (N06, N11).
    """
    own, nobody, sent = practice("refusing"), PatientId(named("nobody")), list[str]()
    actor = Actor.system(own.id)
    execute = psycopg.Cursor.execute

    def noted(cursor: Any, query: bytes, *given: Any, **more: Any) -> Any:
        sent.append(query.decode())
        return execute(cursor, query, *given, **more)

    with PostgresStore.open(application_uri(database), keys, connections=1) as store:
        with store.work(actor) as work:
            work.practices.save(own, own.opened(by=actor.id))
        monkeypatch.setattr(psycopg.Cursor, "execute", noted)
        with refused(Unknown), store.work(actor) as work:
            work.patients.get(nobody)
    assert [re.sub(r" \(.*| patients.*", "", one, flags=re.DOTALL) for one in sent] == [
        "SELECT set_config('telehealth.practice', %(practice)s::text, true)",
        "SELECT",
        "INSERT INTO audit",
    ]
    monkeypatch.undo()
    with psycopg.connect(database) as owner:
        entries = owner.execute("SELECT outcome FROM audit WHERE practice_id = %s", [own.id])
        assert sorted(entries.fetchall()) == [("done",), ("unknown",)]
