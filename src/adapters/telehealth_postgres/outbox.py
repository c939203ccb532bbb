"""The outbox: events waiting for their reactions, leased to whichever worker asks.

An event is taken for a while. A worker that is killed meanwhile loses it to the next one when the
lease ends. Events of one subject are taken in order, one after the other.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from telehealth_core.shared import Event
from telehealth_core.shared.ids import PracticeId
from telehealth_postgres.events import event_of
from telehealth_postgres.statements import Statement
from telehealth_postgres.store import PostgresStore
from telehealth_postgres.tables import OUTBOX, REACTIONS_DONE
from telehealth_postgres.transaction import Cursor

LEASE = timedelta(seconds=60)
"""Longer than a batch of reactions takes; a killed worker's events wait so long.

Should it take longer all the same, the event is taken anew, and whoever had it before can no longer
say anything about it: what is noted of an event names the attempt it belongs to.
"""

_EARLIER = OUTBOX.alias("earlier")
_NOW = sa.func.clock_timestamp()
_FOREVER: sa.ColumnElement[Any] = sa.literal_column("'infinity'::timestamptz")
_SECONDS = sa.func.make_interval(0, 0, 0, 0, 0, 0, sa.bindparam("seconds", type_=sa.Float()))
_HELD = sa.tuple_(OUTBOX.c.id, OUTBOX.c.attempts).in_(
    sa.select(
        sa.func.unnest(sa.bindparam("ids", type_=pg.ARRAY(sa.BigInteger()))),
        sa.func.unnest(sa.bindparam("attempts", type_=pg.ARRAY(sa.Integer()))),
    )
)

_OPEN = (
    sa.select(OUTBOX.c.practice_id, OUTBOX.c.id)
    .where(
        OUTBOX.c.done_at.is_(None),
        OUTBOX.c.next_at <= _NOW,
        ~sa.exists().where(
            _EARLIER.c.subject == OUTBOX.c.subject,
            _EARLIER.c.id < OUTBOX.c.id,
            _EARLIER.c.done_at.is_(None),
            _EARLIER.c.next_at < _FOREVER,
        ),
    )
    .order_by(OUTBOX.c.id)
    .limit(sa.bindparam("limit", type_=sa.Integer()))
    .with_for_update(skip_locked=True, of=OUTBOX)
    .cte("open_events")
)
_TAKE = Statement.of(
    sa.update(OUTBOX)
    .where(OUTBOX.c.practice_id == _OPEN.c.practice_id, OUTBOX.c.id == _OPEN.c.id)
    .values(next_at=_NOW + _SECONDS, attempts=OUTBOX.c.attempts + 1)
    .returning(OUTBOX.c.id, OUTBOX.c.practice_id, OUTBOX.c.attempts, OUTBOX.c.name, OUTBOX.c.body)
)
_DONE = Statement.of(sa.update(OUTBOX).where(_HELD).values(done_at=_NOW, problem=sa.null()))
_LATER = Statement.of(
    sa.update(OUTBOX)
    .where(_HELD)
    .values(next_at=_NOW + _SECONDS, problem=sa.bindparam("problem", type_=sa.Text()))
)
_DEAD = Statement.of(
    sa.update(OUTBOX)
    .where(_HELD)
    .values(next_at=_FOREVER, problem=sa.bindparam("problem", type_=sa.Text()))
)
_OF_EVENT = REACTIONS_DONE.c.event_id == sa.bindparam("event_id", type_=sa.Uuid())
_REACTED = Statement.of(
    sa.select(REACTIONS_DONE.c.reaction).where(
        REACTIONS_DONE.c.practice_id == sa.bindparam("practice", type_=sa.Uuid()), _OF_EVENT
    )
)
_REACT = Statement.of(
    pg.insert(REACTIONS_DONE)
    .values(
        practice_id=sa.bindparam("practice", type_=sa.Uuid()),
        event_id=sa.bindparam("event_id", type_=sa.Uuid()),
        reaction=sa.bindparam("reaction", type_=sa.Text()),
    )
    .on_conflict_do_nothing()
)
_WAITING = Statement.of(
    sa.select(
        sa.func.count().filter(OUTBOX.c.next_at < _FOREVER),
        sa.func.count().filter(OUTBOX.c.next_at >= _FOREVER),
    ).where(OUTBOX.c.done_at.is_(None))
)


@attrs.frozen
class Taken:
    """One event, leased; `attempt` counts from 1."""

    id: int
    practice_id: PracticeId
    attempt: int
    event: Event


def _held(*taken: Taken) -> dict[str, Any]:
    return {"ids": [one.id for one in taken], "attempts": [one.attempt for one in taken]}


class PostgresOutbox:
    """Events that wait for their reactions."""

    def __init__(self, store: PostgresStore) -> None:
        self._store = store

    def take(self, limit: int) -> list[Taken]:
        """Lease the oldest events that are due, at most one of each subject."""
        rows = self._rows(_TAKE, limit=limit, seconds=LEASE.total_seconds())
        return sorted(
            (
                Taken(id, practice, attempt, event_of(name, body))
                for id, practice, attempt, name, body in rows
            ),
            key=lambda taken: taken.id,
        )

    def reacted(self, taken: Taken) -> frozenset[str]:
        """The reactions to this event that are done."""
        rows = self._rows(_REACTED, practice=taken.practice_id, event_id=taken.event.id)
        return frozenset(name for (name,) in rows)

    def react(self, taken: Taken, reaction: str) -> None:
        """Note that this reaction is done."""
        given = {"practice": taken.practice_id, "event_id": taken.event.id, "reaction": reaction}
        self._run(_REACT, given)

    def done(self, taken: Iterable[Taken]) -> None:
        """Note that nothing more follows from these."""
        self._run(_DONE, _held(*taken))

    def later(self, taken: Taken, problem: str, seconds: float) -> None:
        """Try again after so long; `problem` is a code, never a person's words."""
        self._run(_LATER, {**_held(taken), "problem": problem, "seconds": seconds})

    def bury(self, taken: Taken, problem: str) -> None:
        """Stop trying; it stays visible until somebody decides."""
        self._run(_DEAD, {**_held(taken), "problem": problem})

    def waiting(self) -> tuple[int, int]:
        """How many events wait, and how many were given up."""
        ((waiting, dead),) = self._rows(_WAITING)
        return waiting, dead

    def _rows(self, statement: Statement, **given: Any) -> list[tuple[Any, ...]]:
        return self._run(statement, given).fetchall()

    def _run(self, statement: Statement, given: dict[str, Any]) -> Cursor:
        """Ask it of the practice given, or of the outbox of all."""
        if "practice" in given:
            return self._store.within(given["practice"], statement, given)
        return self._store.relaying(statement, given)
