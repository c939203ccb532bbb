"""What one step of a simulated world changed, read, and told."""

from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

import attrs

from telehealth_core.access.audit import AuditEntry
from telehealth_core.shared.event import Event
from telehealth_core.shared.refusal import Refusal
from telehealth_core.testing.memory import MemoryStore

if TYPE_CHECKING:
    from telehealth_core.testing.world.world import World

RowKey = tuple[str, UUID]
Changed = tuple[RowKey, Any, Any]
"""Which row, what it was and what it is; None where there was or is none."""


@attrs.frozen
class Rows:
    """All rows of a store at one moment."""

    kept: dict[str, dict[UUID, Any]]

    def changed(self, later: "Rows") -> list[Changed]:
        """The rows that are others later."""
        found: list[Changed] = []
        for name, after in later.kept.items():
            before = self.kept.get(name, {})
            found += [
                ((name, id), before.get(id), row)
                for id, row in after.items()
                if before.get(id) is not row
            ]
            found += [((name, id), row, None) for id, row in before.items() if id not in after]
        return found


def rows_of(store: MemoryStore) -> Rows:
    """All rows as they stand."""
    return Rows({name: dict(rows) for name, rows in store.rows.items()})


@attrs.frozen(kw_only=True)
class Happening:
    """One step: what was asked, what came of it."""

    name: str
    rows: Rows
    audited: int
    events: tuple[Event, ...] = ()
    entries: tuple[AuditEntry, ...] = ()
    changed: tuple[Changed, ...] = ()
    touched: frozenset[RowKey] = frozenset()
    raced: bool = False
    result: Any = None
    refusal: Refusal | None = None
    crashed: bool = False

    @classmethod
    def begun(cls, world: "World", name: str) -> Self:
        """Before the step."""
        return cls(name=name, rows=rows_of(world.store), audited=len(world.store.audit))

    def ended(
        self, world: "World", *, result: Any, refusal: Refusal | None, crashed: bool
    ) -> "Happening":
        """After it."""
        return attrs.evolve(
            self,
            entries=tuple(world.store.audit[self.audited :]),
            events=tuple(event for _, event in world.store.outbox),
            changed=tuple(self.rows.changed(rows_of(world.store))),
            touched=frozenset(world.touched),
            raced=world.raced,
            result=result,
            refusal=refusal,
            crashed=crashed,
        )

    @property
    def outcome(self) -> str:
        """In one word."""
        if self.crashed:
            return "crashed"
        return self.refusal.code if self.refusal else "done"

    @property
    def own(self) -> tuple[Changed, ...]:
        """What the step changed itself, whatever others did meanwhile."""
        return tuple(one for one in self.changed if one[0] not in self.touched)
