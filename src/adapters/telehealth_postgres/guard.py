"""The guard: a session's row holds the time of it that nobody has, and every claim takes its time
from there or is not written (F24, N01).

`free` is guard, lock and search index in one: who takes time of a session waits for its row, so
that claims on one session come one after the other; `room` tells whether a visit of the session's
length fits in somewhere. Time that another session of the provider or another visit of the patient
takes is seen to by the exclusion constraints.

A claim whose time is taken away again gives it back in the very statement that does so.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any
from uuid import UUID

import attrs
import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.life import OCCUPYING
from telehealth_postgres.statements import Statement, inserted, key, saving, updated, values
from telehealth_postgres.tables import APPOINTMENTS, SESSIONS

_WORDS = [f"'{one}'" for one in sorted(OCCUPYING)]
_OCCUPYING: list[sa.ColumnElement[str]] = [sa.literal_column(word) for word in _WORDS]


def _ranges(span: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return sa.func.tstzmultirange(span, type_=pg.TSTZMULTIRANGE())


def _left(free: sa.ColumnElement[Any]) -> dict[str, Any]:
    """What a session's row says once this is its free time."""
    gap = sa.func.unnest(free).table_valued(sa.column("time", pg.TSTZRANGE())).render_derived("gap")
    length = sa.func.upper(gap.c.time) - sa.func.lower(gap.c.time)
    visit: Any = sa.literal_column("make_interval(mins => sessions.visit_minutes::int)")
    fits = sa.exists().select_from(gap).where(length >= visit).correlate(SESSIONS)
    return {"free": free, "room": fits}


@cache
def insert_session() -> Statement:
    """Write a new session, all of whose time is free."""
    new = values(SESSIONS)
    return saving(inserted(SESSIONS, {**new, "free": _ranges(new["during"]), "room": sa.true()}))


@cache
def insert_claim() -> Statement:
    """Take a claim's time and write the claim; fails where the time is not free any more."""
    new = values(APPOINTMENTS)
    taken = (
        sa.update(SESSIONS)
        .where(
            SESSIONS.c.practice_id == new["practice_id"],
            SESSIONS.c.id == new["session_id"],
            SESSIONS.c.free.op("@>")(_ranges(new["occupies"].op("*")(SESSIONS.c.during))),
        )
        .values(_left(SESSIONS.c.free.op("-")(_ranges(new["occupies"]))))
        .returning(SESSIONS.c.id)
        .cte("taken")
    )
    return saving(inserted(APPOINTMENTS, new, taken))


@cache
def update_claim() -> Statement:
    """Replace a claim's former version, giving its time back and taking the new one, each if it
    takes any; fails if the former version is not there or the new time is not free.

    The sessions are locked in the order of their ids: a move takes two.
    """
    new = values(APPOINTMENTS)
    takes = APPOINTMENTS.c.status.in_(_OCCUPYING).label("taking")
    old = (
        sa.select(APPOINTMENTS.c.session_id, APPOINTMENTS.c.occupies, takes)
        .where(*key(APPOINTMENTS))
        .with_for_update()
        .cte("old")
    )
    taking = new["status"].in_(_OCCUPYING)
    concerned = (
        sa.select(
            SESSIONS.c.id,
            _part(old.c.taking & (SESSIONS.c.id == old.c.session_id), old.c.occupies, "given"),
            _part(taking & (SESSIONS.c.id == new["session_id"]), new["occupies"], "taken"),
        )
        .where(
            SESSIONS.c.practice_id == new["practice_id"],
            SESSIONS.c.id.in_([old.c.session_id, new["session_id"]]),
        )
        .order_by(SESSIONS.c.id)
        .with_for_update(of=SESSIONS)
        .cte("concerned")
    )
    free = SESSIONS.c.free.op("+")(concerned.c.given)
    changed = (
        sa.update(SESSIONS)
        .where(
            SESSIONS.c.practice_id == new["practice_id"],
            SESSIONS.c.id == concerned.c.id,
            free.op("@>")(concerned.c.taken),
        )
        .values(_left(free.op("-")(concerned.c.taken)))
        .returning(SESSIONS.c.id)
        .cte("changed")
    )
    all_changed = _count(concerned) == _count(changed)
    return saving(updated(APPOINTMENTS).where(all_changed))


def _part(
    which: sa.ColumnElement[bool], span: sa.ColumnElement[Any], name: str
) -> sa.ColumnElement[Any]:
    """As much of the span as lies in the session, if it is this one."""
    within = _ranges(span.op("*")(SESSIONS.c.during))
    none = sa.cast(sa.literal_column("'{}'"), pg.TSTZMULTIRANGE())
    return sa.case((which, within), else_=none).label(name)


def _count(of: sa.CTE) -> sa.ScalarSelect[int]:
    return sa.select(sa.func.count()).select_from(of).scalar_subquery()


def takes_time(claim: Appointment) -> bool:
    """Whether the claim occupies its time, a lapsed hold's included: by status alone."""
    return claim.status in OCCUPYING


def same_time(ours: Appointment, theirs: Appointment) -> bool:
    """Whether two versions of a claim take the same time of the same session, or none."""
    if not takes_time(ours) or not takes_time(theirs):
        return takes_time(ours) == takes_time(theirs)
    return (ours.session_id, ours.occupies) == (theirs.session_id, theirs.occupies)


_WRONG = """
SELECT s.practice_id, s.id
  FROM sessions AS s
 CROSS JOIN LATERAL (
        SELECT tstzmultirange(s.during) - coalesce(range_agg(a.occupies), '{{}}') AS free
          FROM appointments AS a
         WHERE a.practice_id = s.practice_id AND a.session_id = s.id
           AND a.status IN ({occupying})) AS left_over
 WHERE s.free <> left_over.free
    OR s.room <> EXISTS (SELECT FROM unnest(s.free) AS gap (time)
                          WHERE upper(time) - lower(time)
                                >= make_interval(mins => s.visit_minutes::int))
 ORDER BY s.practice_id, s.id
""".format(occupying=", ".join(_WORDS))  # noqa: S608 - no word of a user's


@attrs.frozen
class Wrong:
    """A session whose free time is not what its claims leave of it."""

    practice_id: UUID
    session_id: UUID


def wrong_sessions(owner_uri: str) -> Iterator[Wrong]:
    """Every session of which the row says something else than the session minus what occupies it;
    asked by the owner, who sees every practice.
    """
    with psycopg.connect(owner_uri) as connection, connection.cursor(name="wrong") as cursor:
        for row in cursor.execute(_WRONG.encode()):
            yield Wrong(*row)
