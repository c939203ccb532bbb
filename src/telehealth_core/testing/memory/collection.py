"""What every collection in memory can do: find, save, and search its own practice's rows."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast
from uuid import UUID

from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import (
    PatientId,
)
from telehealth_core.shared.refusal import IdReused, StaleVersion, Unknown

if TYPE_CHECKING:
    from telehealth_core.testing.memory.store import MemoryWork

A = TypeVar("A")

Rows = dict[str, dict[UUID, Any]]
"""All rows of a store, by collection and id."""
Guard = Callable[[Rows, Any], None]


class MemoryCollection(Generic[A]):
    """All aggregates of one kind in one practice."""

    def __init__(
        self, work: "MemoryWork", name: str, kind: str, guard: Guard | None = None
    ) -> None:
        self._work, self._name, self._kind, self._guard = work, name, kind, guard

    def get(self, id: UUID) -> A:
        """The aggregate. Raises: Unknown."""
        found = self.find(id)
        if found is None:
            raise Unknown(self._kind, id)
        return found

    def find(self, id: UUID) -> A | None:
        """The aggregate, or None."""
        found = self._work.store.rows.get(self._name, {}).get(id)
        mine = found is not None and found.practice_id == self._work.actor.practice_id
        return found if mine else None

    def save(self, aggregate: A, *events: Event) -> None:
        """Write on commit, with audit and outbox."""
        own: Any = aggregate
        assert own.practice_id == self._work.actor.practice_id, "a work writes its own practice"
        self._work.stage(lambda rows: self._write(rows, aggregate), aggregate, events)

    def where(self, holds: Callable[[A], bool]) -> list[A]:
        """All of the practice for which it holds."""
        rows = self._work.store.rows.get(self._name, {}).values()
        return [
            row for row in rows if row.practice_id == self._work.actor.practice_id and holds(row)
        ]

    def _write(self, rows: Rows, aggregate: Any) -> None:
        mine = rows.setdefault(self._name, {})
        existing = mine.get(aggregate.id)
        if aggregate.version == 1 and existing is not None:
            raise IdReused(self._kind, aggregate.id)
        if aggregate.version > 1 and (
            existing is None or existing.version != aggregate.version - 1
        ):
            raise StaleVersion(self._kind, aggregate.id)
        if self._guard is not None:
            self._guard(rows, aggregate)
        mine[aggregate.id] = aggregate


class OfPatient(MemoryCollection[A]):
    """A collection whose rows belong to one patient each, and are told the newest first."""

    since: str

    def of_patient(self, patient_id: PatientId) -> tuple[A, ...]:
        """The patient's, the newest first."""
        found: list[Any] = self.where(lambda one: cast("Any", one).patient_id == patient_id)
        return tuple(
            sorted(found, key=lambda one: (getattr(one, self.since), one.id), reverse=True)
        )
