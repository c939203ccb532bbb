"""Statements: what is run for every booking is read by psycopg once."""

import re

import pytest
from psycopg import _queries

from telehealth_postgres import guard
from telehealth_postgres.statements import Statement, insert, update
from telehealth_postgres.tables import METADATA

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
