"""Cursors: how far one kind of outside record has been read, and when it may be asked again
(F56).
"""

from datetime import datetime, timedelta
from typing import Self

import attrs

from telehealth_core.records.link import RecordKind
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import PracticeId, RecordCursorId, UserId, derived

BACKOFF_MOST = timedelta(hours=1)
"""The longest wait after failures, before asking again."""


@attrs.frozen
class RecordsPolled(Event):
    """The outside system was asked what changed."""


@attrs.frozen
class PollFailed(Event):
    """The outside system did not answer; it will be asked again later."""


@attrs.frozen(kw_only=True)
class RecordCursor:
    """How far one kind of record has been read. `position` is the outside system's own word for
    it.
    """

    id: RecordCursorId
    practice_id: PracticeId
    version: int = 1
    kind: RecordKind
    position: str | None = None
    polled_at: datetime | None = None
    failures: int = 0
    next_at: datetime

    @staticmethod
    def id_of(practice_id: PracticeId, kind: RecordKind) -> RecordCursorId:
        """A practice has one cursor of each kind."""
        return RecordCursorId(derived(practice_id, f"record-cursor/{kind}"))

    @classmethod
    def begin(cls, practice_id: PracticeId, kind: RecordKind, at: datetime) -> Self:
        """Nothing read yet, version 0: not saved before the first poll."""
        id = cls.id_of(practice_id, kind)
        return cls(id=id, practice_id=practice_id, version=0, kind=kind, next_at=at)

    def due(self, at: datetime) -> bool:
        """Whether the outside system may be asked again."""
        return self.next_at <= at

    def polled(
        self, position: str | None, *, every: timedelta, more: bool, by: UserId, at: datetime
    ) -> tuple[Self, RecordsPolled]:
        """Read up to there; if there is `more`, it may be asked for at once."""
        moved = attrs.evolve(
            self,
            version=self.version + 1,
            position=position,
            polled_at=at,
            failures=0,
            next_at=at if more else at + every,
        )
        return moved, RecordsPolled(self.id, moved.version, by, at)

    def failed(
        self, *, every: timedelta, wait: timedelta | None, by: UserId, at: datetime
    ) -> tuple[Self, PollFailed]:
        """Not answered: wait as long as the other side says, else longer each time, up to an
        hour.
        """
        failures = self.failures + 1
        longer = min(every * 2 ** min(failures, 10), BACKOFF_MOST)
        later = attrs.evolve(
            self,
            version=self.version + 1,
            failures=failures,
            next_at=at + (longer if wait is None else wait),
        )
        return later, PollFailed(self.id, later.version, by, at)
