"""What every collection on PostgreSQL can do, and the words its queries are made of."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from uuid import UUID

import sqlalchemy as sa
from psycopg.types.range import TimestamptzRange

from telehealth_core.shared import Event, IdReused, Interval, Refusal, Unknown
from telehealth_postgres.columns import Shape
from telehealth_postgres.statements import Statement, by_id, practice_column

if TYPE_CHECKING:
    from telehealth_postgres.work import PostgresWork


A = TypeVar("A")


PRACTICE: sa.BindParameter[UUID] = sa.bindparam("practice", type_=sa.Uuid())


def given(name: str, kind: Any) -> sa.BindParameter[Any]:
    """A value that the caller gives."""
    return sa.bindparam(name, type_=kind)


def all_of(table: sa.Table, *where: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Whatever lies in the practice of the work's actor and fits."""
    return sa.select(table).where(practice_column(table) == PRACTICE, *where)


def of_patient(table: sa.Table, since: str) -> Statement:
    """Whatever belongs to one patient, the newest first."""
    mine = all_of(table, table.c.patient_id == given("patient_id", sa.Uuid()))
    return Statement.of(mine.order_by(table.c[since].desc(), table.c.id.desc()))


def range_of(interval: Interval) -> TimestamptzRange:
    """The interval as a range."""
    return TimestamptzRange(interval.start, interval.end)


class PostgresCollection(Generic[A]):
    """All aggregates of one kind in the practice of the work's actor."""

    def __init__(
        self, work: "PostgresWork", table: sa.Table, kind: str, guard: type[Refusal] | None = None
    ) -> None:
        self.table, self.kind = table, kind
        self.shape: Shape[A] = table.info["shape"]
        self._work, self._guard = work, guard
        self._found: dict[UUID, A | None] = {}

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
            rows = self._work.rows(by_id(self.table), {"id": id})
            self._found[id] = self._work.keys.one(self.shape, rows[0]) if rows else None
        return self._found[id]

    def save(self, aggregate: A, *events: Event) -> None:
        """Write row, audit and outbox together on commit."""
        self._work.stage(self, aggregate, events)

    def objects(self, id: UUID) -> Refusal:
        """Why a new row was not written: its id is known, or another guard objected."""
        if self._guard is None or self._work.rows(by_id(self.table), {"id": id}):
            return IdReused(self.kind, id)
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
