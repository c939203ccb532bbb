"""Outside records where none are connected: the practice keeps its own and nobody is asked."""

from datetime import datetime
from uuid import UUID

from telehealth_core.records.link import RecordKind
from telehealth_core.records.ports import Changes, OutsideRow
from telehealth_core.shared.ids import PracticeId
from telehealth_core.shared.refusal import Unavailable


class NoRecords:
    """No outside record system: nothing is connected, so nothing is ever asked of it."""

    def connected(self, practice_id: PracticeId) -> bool:
        """No practice is."""
        return False

    def changed(
        self, practice_id: PracticeId, kind: RecordKind, position: str | None, at: datetime
    ) -> Changes:
        """Raises: Unavailable."""
        raise Unavailable("An outside record system")

    def read(self, practice_id: PracticeId, kind: RecordKind, outside_id: str) -> OutsideRow | None:
        """Raises: Unavailable."""
        raise Unavailable("An outside record system")

    def write(
        self, practice_id: PracticeId, kind: RecordKind, row: OutsideRow, key: UUID
    ) -> OutsideRow:
        """Raises: Unavailable."""
        raise Unavailable("An outside record system")
