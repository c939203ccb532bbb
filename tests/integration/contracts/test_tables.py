"""What every table of PostgreSQL has, told from the tables: keys within a practice, and a check for
each closed set of codes.
"""

from enum import StrEnum
from types import UnionType
from typing import Any, Union, get_args, get_origin

import attrs
import psycopg
import pytest
import sqlalchemy as sa

from telehealth_postgres.columns import Shape
from telehealth_postgres.tables import METADATA

TABLES = [pytest.param(table, id=table.name) for table in METADATA.sorted_tables]
CODED = [
    pytest.param(table, id=table.name)
    for table in METADATA.sorted_tables
    if "shape" in table.info and table.name != "audit"
]
"""The audit keeps the codes of every release, also those that a set has no more."""
OVER_PRACTICES = {
    "practices": {("slug",), ("id",)},
    "sign_ins": {("id",)},
}
"""What is unique over all practices: their own keys, and what is asked before one is known."""


def names(columns: Any) -> tuple[str, ...]:
    """The names of columns, in order."""
    return tuple(column.name for column in columns)


@pytest.mark.parametrize("table", TABLES)
def test_the_practice_leads_every_key(table: sa.Table) -> None:
    """Rows can be secured and sharded by practice: it leads primary keys, unique keys and both ends
    of every foreign key.
    """
    unique = [names(table.primary_key.columns)]
    unique += [names(one.columns) for one in table.constraints if type(one) is sa.UniqueConstraint]
    unique += [
        tuple(str(getattr(one, "name", one)) for one in index.expressions)
        for index in table.indexes
        if index.unique
    ]
    for key in unique:
        assert key[0] == "practice_id" or key in OVER_PRACTICES.get(table.name, set()), key
    for reference in table.foreign_key_constraints:
        far = names(element.column for element in reference.elements)
        assert reference.column_keys[0] == "practice_id"
        own = "id" if reference.referred_table.name == "practices" else "practice_id"
        assert far[0] == own, far


@pytest.mark.parametrize("table", TABLES)
def test_every_row_lies_in_a_practice_that_is_there(table: sa.Table) -> None:
    """By a foreign key to the practice, or to something that has one; but for the log and the keys,
    which outlive what they are about.
    """
    logs = {"audit", "audit_heads", "audit_links", "outbox", "reactions_done"}
    if table.name in {"practices", "data_keys", *logs}:
        assert not table.foreign_keys
        return
    assert table.foreign_keys


NO_REFERENCE = {
    "audit.patient_id": "an entry outlives what it is about",
    "audit_links.entry_id": "so does its seal",
    "outbox.event_id": "an event has no row of its own",
    "reactions_done.event_id": "likewise",
    "quarantine.outside_id": "an id of the outside system",
    "record_links.outside_id": "likewise",
    "emergency_accesses.user_id": "as the actor of an entry: it may have no account here",
    "chat_grants.conversation_id": "who may listen may do so before the first word",
}
"""Columns that name something and refer to no row of it, and why."""


def test_whatever_a_row_names_is_there() -> None:
    """Every column that names another thing by its id refers to it, but for those that say why."""
    loose = {
        f"{table.name}.{column.name}"
        for table in METADATA.sorted_tables
        for column in table.columns
        if column.name.endswith("_id") and column.name != "practice_id" and not column.foreign_keys
    }
    assert loose == set(NO_REFERENCE)


def closed(kind: Any) -> type[StrEnum] | None:
    """The closed set that a field's type is, if it is one."""
    ones = get_args(kind) if get_origin(kind) in {Union, UnionType} else (kind,)
    return next((one for one in ones if isinstance(one, type) and issubclass(one, StrEnum)), None)


@pytest.mark.parametrize("table", CODED)
def test_every_closed_set_is_checked(table: sa.Table, database: str) -> None:
    """A code that is none is refused by the database, in every column that has one of a set; the
    catalog knows the very codes.
    """
    shape: Shape[Any] = table.info["shape"]
    kind = attrs.resolve_types(shape.kind)
    sets = {field.name: closed(field.type) for field in attrs.fields(kind)}
    with psycopg.connect(database) as connection:
        checks = connection.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE contype = 'c' AND conrelid = %s::regclass",
            (table.name,),
        ).fetchall()
    for name, codes in sets.items():
        if codes is None or name not in table.c:
            continue
        (check,) = [told for (told,) in checks if f"({name} =" in told or f"({name})" in told]
        assert all(f"'{code.value}'" in check for code in codes), name
        assert check.count("'::text") == len(codes), name
