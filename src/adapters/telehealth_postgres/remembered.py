"""What was read before: rows that change rarely and are needed always are read again only if their
version is another by now.

The database says so each time it is asked, in the same round trip: nothing is ever out of date.
What this saves is the sending and the making of an aggregate. Whoever changes such a row by hand
changes its version too.
"""

from typing import Any
from uuid import UUID

MOST = 20_000
"""So many aggregates are remembered at most; the oldest is forgotten first."""


class Remembered:
    """Aggregates as they were last read, for the whole store; any thread may ask."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._known: dict[tuple[str, int, int], Any] = {}

    def find(self, table: str, practice_id: UUID, id: UUID) -> Any | None:
        """The aggregate as it was when it was read last, if it is still known."""
        return self._known.get((table, practice_id.int, id.int))

    def keep(self, table: str, practice_id: UUID, aggregate: Any) -> None:
        """Know this version from now on."""
        self._known[table, practice_id.int, aggregate.id.int] = aggregate
        while len(self._known) > self._most:
            self._known.pop(next(iter(self._known)), None)
