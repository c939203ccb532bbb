"""The outbox: what happened and has not been reacted to yet.

A row is written with the change it tells of. `relay` hands rows to the queue (procrastinate's
tables, in the same database) in one statement: each becomes exactly one job that holds its ids and
nothing else, under a lock that is the event's subject, so that the queue keeps the order. The row
stays the truth: what is done, how often it was tried, what was given up and why.

`relay`, `strays`, `listed`, `replay` and `waiting` look at every practice; all else is asked of
one practice, which leads every key.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import attrs
import sqlalchemy as sa
from cattrs.errors import BaseValidationError
from sqlalchemy.dialects import postgresql as pg

from telehealth_core.shared import Event
from telehealth_core.shared.ids import PracticeId
from telehealth_postgres.events import event_of
from telehealth_postgres.pipeline import Row
from telehealth_postgres.statements import Statement
from telehealth_postgres.store import PostgresStore
from telehealth_postgres.tables import OUTBOX, REACTIONS_DONE

_RELAY = Statement(
    """
WITH next AS (
    SELECT practice_id, id, name, subject FROM outbox
    WHERE relayed_at IS NULL ORDER BY id LIMIT %(limit)s
    FOR UPDATE
), sent AS MATERIALIZED (
    SELECT procrastinate_defer_jobs_v1(array_agg(
        ROW(%(queue)s, %(task)s, 0, subject::text, NULL,
            jsonb_build_object('practice', practice_id, 'id', id), NULL
        )::procrastinate_job_to_defer_v1 ORDER BY id
    )) AS ids FROM next WHERE name <> ALL(%(quiet)s::text[])
)
UPDATE outbox SET
    relayed_at = clock_timestamp(),
    done_at = CASE WHEN outbox.name = ANY(%(quiet)s::text[]) THEN clock_timestamp() END
FROM next, sent
WHERE outbox.practice_id = next.practice_id AND outbox.id = next.id
RETURNING outbox.id
""",
    {},
)
"""Two that relay at once take turns, for the second waits at the first row: what it then finds was
relayed is left out. So jobs of one subject come in the order of its events.
"""
_STRAYS = Statement(
    """
UPDATE outbox SET relayed_at = NULL
WHERE done_at IS NULL AND dead_at IS NULL AND relayed_at < clock_timestamp() - interval '5 minutes'
  AND id NOT IN (
    SELECT (args->>'id')::bigint FROM procrastinate_jobs
    WHERE task_name = %(task)s AND status IN ('todo', 'doing'))
RETURNING id
""",
    {},
)


def _given(name: str, kind: Any) -> Any:
    return sa.bindparam(name, type_=kind)


_NOW = sa.func.clock_timestamp()
_ROW = (
    OUTBOX.c.practice_id == _given("practice", sa.Uuid()),
    OUTBOX.c.id == _given("id", sa.BigInteger()),
)
_DONE_ALREADY = (
    sa.select(sa.func.array_agg(REACTIONS_DONE.c.reaction))
    .where(
        REACTIONS_DONE.c.practice_id == OUTBOX.c.practice_id,
        REACTIONS_DONE.c.event_id == OUTBOX.c.event_id,
    )
    .scalar_subquery()
)
_GET = Statement.of(
    sa.select(OUTBOX.c.event_id, OUTBOX.c.name, OUTBOX.c.body, _DONE_ALREADY).where(
        *_ROW, OUTBOX.c.done_at.is_(None), OUTBOX.c.dead_at.is_(None)
    )
)
_REACT = Statement.of(
    pg.insert(REACTIONS_DONE)
    .values(
        practice_id=_given("practice", sa.Uuid()),
        event_id=_given("event_id", sa.Uuid()),
        reaction=_given("reaction", sa.Text()),
    )
    .on_conflict_do_nothing()
)
_OPEN = sa.update(OUTBOX).where(*_ROW, OUTBOX.c.done_at.is_(None))
_DONE = Statement.of(_OPEN.values(done_at=_NOW, problem=sa.null(), reaction=sa.null()))
_TROUBLE = {
    "attempts": _given("attempts", sa.Integer()),
    "reaction": _given("reaction", sa.Text()),
    "problem": _given("problem", sa.Text()),
}
_FAILED = Statement.of(_OPEN.values(_TROUBLE))
_DEAD = Statement.of(_OPEN.values({**_TROUBLE, "dead_at": _NOW}))
_LISTED = Statement.of(
    sa.select(
        OUTBOX.c.id,
        OUTBOX.c.practice_id,
        OUTBOX.c.name,
        OUTBOX.c.subject,
        OUTBOX.c.reaction,
        OUTBOX.c.attempts,
        OUTBOX.c.problem,
        OUTBOX.c.dead_at.is_not(None),
        sa.func.coalesce(OUTBOX.c.dead_at, OUTBOX.c.relayed_at),
    )
    .where(
        OUTBOX.c.done_at.is_(None),
        OUTBOX.c.dead_at.is_not(None) | ~_given("dead", sa.Boolean()),
    )
    .order_by(OUTBOX.c.id)
    .limit(_given("limit", sa.Integer()))
)
_REPLAY = Statement.of(
    sa.update(OUTBOX)
    .where(
        OUTBOX.c.dead_at.is_not(None),
        OUTBOX.c.done_at.is_(None),
        _given("every", sa.Boolean())
        | (OUTBOX.c.id == sa.any_(_given("ids", pg.ARRAY(sa.BigInteger())))),
    )
    .values(dead_at=sa.null(), relayed_at=sa.null(), attempts=0)
    .returning(OUTBOX.c.id)
)
_WAITING = Statement.of(
    sa.select(
        sa.func.count().filter(OUTBOX.c.dead_at.is_(None)),
        sa.func.count().filter(OUTBOX.c.dead_at.is_not(None)),
    ).where(OUTBOX.c.done_at.is_(None))
)


@attrs.frozen
class Waiting:
    """One event that is neither done nor given up, and which reactions to it are done.

    `event` is nothing where this release cannot read it: it is of another.
    """

    practice_id: PracticeId
    id: int
    event_id: UUID
    name: str
    event: Event | None
    reacted: frozenset[str]


@attrs.frozen
class Listed:
    """One event as it is told: `since` when it was handed to the queue, or given up."""

    id: int
    practice_id: PracticeId
    name: str
    subject: UUID
    reaction: str | None
    attempts: int
    problem: str | None
    dead: bool
    since: datetime | None


class PostgresOutbox:
    """Events that wait for their reactions."""

    def __init__(self, store: PostgresStore) -> None:
        self._store = store

    def relay(self, *, queue: str, task: str, quiet: Iterable[str], limit: int) -> int:
        """Hand the oldest events to the queue, as jobs of this task; how many. Nothing follows from
        events with a quiet name: they are done.
        """
        given = {"queue": queue, "task": task, "quiet": list(quiet), "limit": limit}
        return len(self._run(_RELAY, given))

    def strays(self, *, task: str) -> int:
        """Take back what was handed over minutes ago and is in no queue any more; how many.

        So the queue holds nothing that is not in the outbox, and can be emptied or left out of a
        backup.
        """
        return len(self._run(_STRAYS, {"task": task}))

    def get(self, practice_id: PracticeId, id: int) -> Waiting | None:
        """The event, unless it is done or given up."""
        for event_id, name, body, reacted in self._rows(_GET, practice=practice_id, id=id):
            event = _read(name, body)
            return Waiting(practice_id, id, event_id, name, event, frozenset(reacted or ()))
        return None

    def react(self, waiting: Waiting, reaction: str) -> None:
        """Note that this reaction is done."""
        practice, event_id = waiting.practice_id, waiting.event_id
        self._note(_REACT, practice=practice, event_id=event_id, reaction=reaction)

    def done(self, waiting: Waiting) -> None:
        """Note that nothing more follows."""
        self._note(_DONE, practice=waiting.practice_id, id=waiting.id)

    def failed(
        self, waiting: Waiting, reaction: str | None, problem: str, *, attempts: int, dead: bool
    ) -> None:
        """Note what failed, and whether it was given up; `problem` is a code, never a person's
        words.
        """
        self._note(
            _DEAD if dead else _FAILED,
            practice=waiting.practice_id,
            id=waiting.id,
            attempts=attempts,
            reaction=reaction,
            problem=problem,
        )

    def listed(self, *, dead: bool, limit: int) -> list[Listed]:
        """The oldest that wait or were given up, or only the latter."""
        return [Listed(*row) for row in self._rows(_LISTED, dead=dead, limit=limit)]

    def replay(self, ids: Iterable[int] | None = None) -> list[int]:
        """Have these tried again from the start, or all that were given up; which were."""
        rows = self._rows(_REPLAY, every=ids is None, ids=list(ids or ()))
        return sorted(id for (id,) in rows)

    def waiting(self) -> tuple[int, int]:
        """How many events wait, and how many were given up."""
        ((waiting, dead),) = self._rows(_WAITING)
        return waiting, dead

    def _rows(self, statement: Statement, **given: Any) -> list[Row]:
        return self._run(statement, given)

    def _note(self, statement: Statement, **given: Any) -> None:
        self._run(statement, given)

    def _run(self, statement: Statement, given: dict[str, Any]) -> list[Row]:
        """Ask it of the practice given, or of the outbox of all."""
        if "practice" in given:
            return self._store.within(given["practice"], statement, given)
        return self._store.relaying(statement, given)


def _read(name: str, body: Any) -> Event | None:
    try:
        return event_of(name, body)
    except (KeyError, TypeError, ValueError, BaseValidationError):
        return None
