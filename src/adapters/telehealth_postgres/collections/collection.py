"""What every collection on PostgreSQL can do, and the words its queries are made of."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from telehealth_core.shared import Event, IdReused, Refusal, StaleVersion, Unknown
from telehealth_postgres.columns import Shape
from telehealth_postgres.statements import (
    Statement,
    by_id,
    columns_of,
    insert,
    practice_column,
    update,
)

if TYPE_CHECKING:
    from telehealth_postgres.work import PostgresWork


class Aggregate(Protocol):
    """What every aggregate has."""

    @property
    def id(self) -> UUID:
        """Which one it is, within its practice."""

    @property
    def version(self) -> int:
        """How often it was written, counted from 1."""


A = TypeVar("A", bound=Aggregate)
PRACTICE: sa.BindParameter[UUID] = sa.bindparam("practice", type_=sa.Uuid())


def given(name: str, kind: Any) -> sa.BindParameter[Any]:
    """A value that the caller gives."""
    return sa.bindparam(name, type_=kind)


def all_of(table: sa.Table, *where: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Whatever lies in the practice of the work's actor and fits."""
    return sa.select(*columns_of(table)).where(practice_column(table) == PRACTICE, *where)


def of_patient(table: sa.Table, since: str) -> Statement:
    """Whatever belongs to one patient, the newest first."""
    mine = all_of(table, table.c.patient_id == given("patient_id", sa.Uuid()))
    return Statement.of(mine.order_by(table.c[since].desc(), table.c.id.desc()))


class PostgresCollection(Generic[A]):
    """All aggregates of one kind in the practice of the work's actor."""

    def __init__(
        self, work: "PostgresWork", table: sa.Table, kind: str, guard: type[Refusal] | None = None
    ) -> None:
        self.table, self.kind = table, kind
        self.shape: Shape[A] = table.info["shape"]
        self._work, self._guard = work, guard
        self._found: dict[UUID, A | None] = {}
        self._rows: dict[UUID, tuple[Any, ...] | None] = {}
        """Rows that another question brought along."""

    def get(self, id: UUID) -> A:
        """The aggregate of that id. Raises: Unknown."""
        found = self.find(id)
        if found is None:
            raise Unknown(self.kind, id)
        return found

    def find(self, id: UUID) -> A | None:
        """The aggregate of that id, or None; read once in a work, however often it is needed.

        Raises: Erased where its key is destroyed.
        """
        if id not in self._found:
            self._found[id] = self._read(id)
        return self._found[id]

    def bring(self, id: UUID, row: tuple[Any, ...]) -> None:
        """Have the row of that id at hand, or that there is none: then all of it is empty."""
        self._rows[id] = row if row[0] is not None else None

    def _read(self, id: UUID) -> A | None:
        if id in self._rows:
            row = self._rows.pop(id)
            return None if row is None else self._work.keys.one(self.shape, row)
        return self._one(by_id(self.table), {"id": id})

    def _one(self, statement: Statement, given: dict[str, Any]) -> A | None:
        rows = self._work.rows(statement, given)
        return self._work.keys.one(self.shape, rows[0]) if rows else None

    def save(self, aggregate: A, *events: Event) -> None:
        """Write row, audit and outbox together on commit."""
        self._work.stage(self, aggregate, events)

    def saving(self, aggregate: A) -> Statement:
        """The statement that writes this version."""
        new = aggregate.version == 1
        return insert(self.table) if new else update(self.table)

    def objects(self, aggregate: A) -> Refusal:
        """Why a version was not written: its id is known, its former version is another by now, or
        a guard objected.
        """
        id, version = aggregate.id, aggregate.version
        kept = self._work.rows(_version(self.table), {"id": id})
        if version == 1 and (kept or self._guard is None):
            return IdReused(self.kind, id)
        if self._guard is None or (version > 1 and kept != [(version - 1,)]):
            return StaleVersion(self.kind, id)
        return self._guard()

    def several(self, statement: Statement, **given: Any) -> tuple[A, ...]:
        """The aggregates of every row found; what was erased is left out."""
        rows = self._work.rows(statement, given)
        return tuple(self._work.keys.readable(self.shape, rows))

    def first(self, statement: Statement, **given: Any) -> A | None:
        """The aggregate of the first row found."""
        return next(iter(self.several(statement, **given)), None)

    def digest(self, field: str, value: str) -> bytes:
        """By what rows with this value in a sealed field are found (ENC-06)."""
        return self._work.keys.digest(f"{self.table.name}.{field}".encode(), value)

    def digests(self, field: str, values: Iterable[str]) -> list[bytes]:
        """By what rows with any of these values are found."""
        return sorted(self.digest(field, value) for value in values)

    def one(self, statement: Statement, **given: Any) -> tuple[Any, ...]:
        """The one row found."""
        (row,) = self._work.rows(statement, given)
        return row


class RememberedCollection(PostgresCollection[A]):
    """Aggregates that change rarely and are needed always: the database sends one only if its
    version is another than the one read last.
    """

    def known(self, ids: Sequence[UUID], versions: Iterable[int]) -> Sequence[A]:
        """The aggregates of these ids in these versions; those not known are read together."""
        found = [self._remembered(id, version) for id, version in zip(ids, versions, strict=True)]
        new = {id for id, one in zip(ids, found, strict=True) if one is None}
        if not new:
            return found
        read = {
            one.id: self._keep(one) for one in self.several(_by_ids(self.table), ids=sorted(new))
        }
        return [one or read[id] for id, one in zip(ids, found, strict=True)]

    def of(self, row: tuple[Any, ...]) -> A:
        """The aggregate of a row, made only if that version is not known."""
        known: A | None = self._remembered(self.shape.of(row, "id"), self.shape.of(row, "version"))
        return known or self._keep(self._work.keys.one(self.shape, row))

    def lately(self, id: UUID) -> A:
        """The aggregate as it was read last, by whichever work. Raises: Unknown."""
        known: A | None = self._found.get(id) or self._remembered(id)
        return self.get(id) if known is None else known

    def current(self, id: UUID, version: int) -> None:
        """Have at hand what is remembered of that id, if this is its version still."""
        known = self._remembered(id, version)
        if known is not None:
            self._found[id] = known

    def _read(self, id: UUID) -> A | None:
        if id in self._rows:
            row = self._rows.pop(id)
            return None if row is None else self.of(row)
        known = self._remembered(id)
        if known is None:
            found = super()._read(id)
        else:
            found = self._one(_changed(self.table), {"id": id, "version": known.version})
        return known if found is None else self._keep(found)

    def _remembered(self, id: UUID, version: int | None = None) -> Any:
        """What was read last of that id; None if that is not this version, where one is named."""
        known = self._work.remembered.find(self.table.name, self._work.practice_id, id)
        return known if version is None or (known and known.version == version) else None

    def _keep(self, aggregate: A) -> A:
        self._work.remembered.keep(self.table.name, self._work.practice_id, aggregate)
        return aggregate


@cache
def _version(table: sa.Table) -> Statement:
    """The version that the row of an id is in."""
    return Statement.of(
        sa.select(table.c.version).where(
            practice_column(table) == PRACTICE, table.c.id == given("id", sa.Uuid())
        )
    )


@cache
def _by_ids(table: sa.Table) -> Statement:
    """The rows of these ids."""
    return Statement.of(all_of(table, table.c.id == sa.any_(given("ids", pg.ARRAY(sa.Uuid())))))


@cache
def _changed(table: sa.Table) -> Statement:
    """The row of an id, if its version is another than this one; rows are never deleted."""
    other = table.c.version != given("version", sa.BigInteger())
    return Statement.of(all_of(table, table.c.id == given("id", sa.Uuid()), other))
