"""The query behind a search: which shifts could offer something first, whose they are, and what is
taken of them.

A shift that runs already is looked up by its time, one that begins later is read in the order of
its start; either stops at the limit.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa

from telehealth_core.scheduling.life import OCCUPYING
from telehealth_core.scheduling.search import Shift, Wishes
from telehealth_core.scheduling.session import BUFFER_MOST, Session
from telehealth_core.shared import Interval
from telehealth_core.shared.ids import ProviderId
from telehealth_core.workforce.provider import Provider
from telehealth_postgres.columns import Shape
from telehealth_postgres.keyring import Keychain
from telehealth_postgres.statements import Statement
from telehealth_postgres.tables import PROVIDERS, SESSIONS

_WISHED: Mapping[str, tuple[str, Callable[[Wishes], Any]]] = {
    "specialties": (
        "p.specialties @> %(specialties)s::text[]",
        lambda wishes: wishes.specialty and [wishes.specialty],
    ),
    "languages": (
        "p.languages @> %(languages)s::text[]",
        lambda wishes: wishes.language and [wishes.language],
    ),
    "gender": ("p.gender = %(gender)s::text", lambda wishes: wishes.gender),
    "modes": (
        "s.modes @> %(modes)s::text[]",
        lambda wishes: wishes.mode and [wishes.mode.value],
    ),
    "service": ("s.service = %(service)s::text", lambda wishes: wishes.service),
    "price_most": ("s.price_minor <= %(price_most)s::bigint", lambda wishes: wishes.price_most),
    "providers": (
        "s.provider_id = ANY (%(providers)s::uuid[])",
        lambda wishes: sorted(wishes.providers) or None,
    ),
}
"""Each wish that narrows the query, and the value it takes; None is no wish."""

_STARTING = """
    SELECT s.*, begin.start
      FROM sessions AS s
      JOIN providers AS p ON p.practice_id = s.practice_id AND p.id = s.provider_id
     CROSS JOIN LATERAL (SELECT CASE WHEN s.id > %(after_id)s::uuid THEN %(after)s::timestamptz
           ELSE %(after)s::timestamptz + interval '1 microsecond' END AS at) AS earliest
     CROSS JOIN LATERAL (SELECT lower(s.during) + make_interval(mins => s.start_every_minutes::int
           * ceil(extract(epoch FROM greatest(earliest.at - lower(s.during), interval '0'))
                  / (60 * s.start_every_minutes))::int) AS start) AS begin
     WHERE s.practice_id = %(practice)s::uuid AND s.status = 'published' AND p.status = 'active'
       AND {when} {wished}
       AND begin.start < %(until)s::timestamptz
       AND begin.start + make_interval(mins => s.visit_minutes::int) <= upper(s.during)
     ORDER BY {order}
     LIMIT %(limit)s
"""
_RUNNING = "s.during @> %(after)s::timestamptz"
_LATER = "lower(s.during) > %(after)s::timestamptz AND lower(s.during) < %(until)s::timestamptz"
_FOUND = """
    WITH could AS MATERIALIZED (
        SELECT * FROM (({running}) UNION ALL ({later})) AS either
         ORDER BY start, id LIMIT %(limit)s
    )
    SELECT {sessions}, {providers},
           ARRAY(SELECT a.occupies FROM appointments AS a
                  WHERE a.practice_id = s.practice_id AND a.provider_id = s.provider_id
                    AND a.occupies && tstzrange(
                        lower(s.during), upper(s.during) + make_interval(mins => {buffer}))
                    AND a.status IN ({takes_time})
                    AND (a.status <> 'held' OR a.held_until > %(at)s::timestamptz))
      FROM could AS s
      JOIN providers AS p ON p.practice_id = s.practice_id AND p.id = s.provider_id
     ORDER BY s.start, s.id
"""


def _columns(table: sa.Table, alias: str) -> str:
    return ", ".join(f"{alias}.{column.name}" for column in table.c)


@cache
def _statement(named: frozenset[str]) -> Statement:
    """The query for these wishes."""
    wished = "".join(f" AND {_WISHED[name][0]}" for name in sorted(named))
    running = _STARTING.format(when=_RUNNING, wished=wished, order="begin.start, s.id")
    later = _STARTING.format(when=_LATER, wished=wished, order="lower(s.during), s.id")
    return Statement(
        _FOUND.format(
            running=running,
            later=later,
            sessions=_columns(SESSIONS, "s"),
            providers=_columns(PROVIDERS, "p"),
            buffer=int(BUFFER_MOST.total_seconds() // 60),
            takes_time=", ".join(f"'{status}'" for status in sorted(OCCUPYING)),
        ),
        {},
    )


def asked(wishes: Wishes) -> tuple[Statement, dict[str, Any]]:
    """The query for these wishes, and their values."""
    wished = {name: value(wishes) for name, (_, value) in _WISHED.items()}
    named = {name: value for name, value in wished.items() if value is not None}
    return _statement(frozenset(named)), named


def shifts_of(rows: Sequence[tuple[Any, ...]], keys: Keychain) -> tuple[Shift, ...]:
    """The shifts of the rows found; each provider is read once."""
    ours: Shape[Session] = SESSIONS.info["shape"]
    theirs: Shape[Provider] = PROVIDERS.info["shape"]
    width, known, found = len(SESSIONS.c), dict[ProviderId, Provider](), []
    for row in rows:
        session = ours.aggregate(row[:width])
        if session.provider_id not in known:
            known[session.provider_id] = keys.one(theirs, row[width:-1])
        busy = tuple(Interval(one.lower, one.upper) for one in row[-1])
        found.append(Shift(session, known[session.provider_id], busy))
    return tuple(found)
