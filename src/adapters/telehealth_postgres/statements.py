"""Statements: SQLAlchemy composes each of them once, psycopg runs it.

A save is one statement and one round trip: it writes the row, and only if that was written the
audit entries and outbox messages of what happened. How many events there are does not change it.
"""

from functools import cache
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from telehealth_postgres.tables import AUDIT, OUTBOX, PRACTICES

_DIALECT: sa.Dialect = PGDialect_psycopg()  # type: ignore[no-untyped-call]  # SQLAlchemy's own


@attrs.frozen
class Statement:
    """SQL with named parameters, ready to run; `fixed` are those it brings itself."""

    text: str
    fixed: dict[str, Any]

    @classmethod
    def of(cls, query: sa.ClauseElement) -> "Statement":
        """The query, compiled."""
        compiled = query.compile(dialect=_DIALECT)
        fixed = {name: value for name, value in compiled.params.items() if value is not None}
        return cls(str(compiled), fixed)


def practice_column(table: sa.Table) -> sa.ColumnElement[Any]:
    """The column that says whose row it is: a practice is its own."""
    return table.c.id if table is PRACTICES else table.c.practice_id


ENTRY = tuple(column.name for column in AUDIT.c if column.name not in {"id", "xact"})
"""The columns of an audit entry, all but its place in the trail and who wrote it there."""


def _entries() -> Any:
    """The audit entries given, as rows."""
    given = sa.bindparam("entries", type_=pg.JSONB(), unique=False)
    columns = [sa.column(name, AUDIT.c[name].type) for name in ENTRY]
    return (
        sa.func.jsonb_to_recordset(given)
        .table_valued(*columns)
        .render_derived(name="entry", with_types=True)
    )


def _what_happened(saved: sa.CTE) -> tuple[sa.CTE, sa.CTE]:
    """The audit entries given and outbox messages for the events, if the row was saved."""
    given = sa.bindparam("events", type_=pg.JSONB(), unique=False)
    events = (
        sa.func.jsonb_to_recordset(given)
        .table_valued(
            sa.column("event_id", sa.Uuid()),
            sa.column("name", sa.Text()),
            sa.column("subject", sa.Uuid()),
            sa.column("body", pg.JSONB()),
        )
        .render_derived(name="event", with_types=True)
    )
    practice = sa.bindparam("practice", type_=sa.Uuid())
    source = sa.join(saved, events, sa.true())
    entries = _entries()
    noted = AUDIT.insert().from_select(
        ENTRY, sa.select(*entries.c).select_from(sa.join(saved, entries, sa.true()))
    )
    sent = OUTBOX.insert().from_select(
        ["practice_id", "event_id", "name", "subject", "body"],
        sa.select(
            practice, events.c.event_id, events.c.name, events.c.subject, events.c.body
        ).select_from(source),
    )
    return noted.cte("noted"), sent.cte("sent")


def _saving(row: sa.Insert | sa.Update) -> Statement:
    saved = row.cte("saved")
    noted, sent = _what_happened(saved)
    return Statement.of(sa.select(sa.func.count()).select_from(saved).add_cte(noted, sent))


def _values(table: sa.Table) -> dict[str, sa.BindParameter[Any]]:
    return {column.name: sa.bindparam(f"v_{column.name}", type_=column.type) for column in table.c}


@cache
def insert(table: sa.Table) -> Statement:
    """Write a new row with what happened; counts 0 and writes nothing where a guard objects.

    Never a bare insert: against an exclusion constraint those deadlock.
    """
    row = pg.insert(table).values(_values(table)).on_conflict_do_nothing()
    return _saving(row.returning(table.c.id))


@cache
def update(table: sa.Table) -> Statement:
    """Replace the row's former version with what happened; counts 0 if that is not there."""
    key = (
        practice_column(table) == sa.bindparam("practice", type_=sa.Uuid()),
        table.c.id == sa.bindparam("v_id", type_=table.c.id.type),
        table.c.version == sa.bindparam("v_version", type_=sa.BigInteger()) - 1,
    )
    changed = {
        name: value for name, value in _values(table).items() if name not in {"id", "practice_id"}
    }
    return _saving(sa.update(table).where(*key).values(changed).returning(table.c.id))


@cache
def by_id(table: sa.Table) -> Statement:
    """The row of an id in a practice."""
    return Statement.of(
        sa.select(table).where(
            practice_column(table) == sa.bindparam("practice", type_=sa.Uuid()),
            table.c.id == sa.bindparam("id", type_=sa.Uuid()),
        )
    )


NOTE = Statement.of(AUDIT.insert().from_select(ENTRY, sa.select(*_entries().c)))
"""Audit entries of reads, however many, or of a refusal."""
