"""The query behind a search: which shifts could offer something first, whose they are, and what is
taken of them.

Where few providers fulfil the wishes, each one's shifts are looked up; where many do, shifts are
read in the order of their start until enough of them belong to one who does. Shifts without room
are not read at all, but for those that have a lapsed hold nobody gave up yet: what that takes is
free.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from telehealth_core.scheduling.life import OCCUPYING
from telehealth_core.scheduling.search import Wishes
from telehealth_core.scheduling.session import BUFFER_MOST
from telehealth_postgres.statements import Statement, columns_of
from telehealth_postgres.tables import SESSIONS

FEW = 100
"""Up to so many providers are asked one by one."""

_WISHED_OF_PROVIDERS: Mapping[str, tuple[str, Callable[[Wishes], Any]]] = {
    "specialties": (
        "p.specialties @> %(specialties)s::text[]",
        lambda wishes: wishes.specialty and [wishes.specialty],
    ),
    "languages": (
        "p.languages @> %(languages)s::text[]",
        lambda wishes: wishes.language and [wishes.language],
    ),
    "gender": ("p.gender = %(gender)s::text", lambda wishes: wishes.gender),
    "providers": (
        "p.id = ANY (%(providers)s::uuid[])",
        lambda wishes: sorted(wishes.providers) or None,
    ),
}
_WISHED_OF_SESSIONS: Mapping[str, tuple[str, Callable[[Wishes], Any]]] = {
    "modes": (
        "s.modes @> %(modes)s::text[]",
        lambda wishes: wishes.mode and [wishes.mode.value],
    ),
    "service": ("s.service = %(service)s::text", lambda wishes: wishes.service),
    "price_most": ("s.price_minor <= %(price_most)s::bigint", lambda wishes: wishes.price_most),
}
"""Each wish that narrows the query, and the value it takes; None is no wish."""
_WISHED = {**_WISHED_OF_PROVIDERS, **_WISHED_OF_SESSIONS}

_FOUND = """
    WITH fits AS MATERIALIZED (
        SELECT p.id, p.version FROM providers AS p
         WHERE p.practice_id = %(practice)s::uuid AND p.status = 'active' {of_providers}
         LIMIT {few} + 1
    ), could AS MATERIALIZED (
        ({under_way}) UNION ALL (
            SELECT s.*, fits.version AS provider_version, lower(s.during) AS start FROM fits
             CROSS JOIN LATERAL (
                   SELECT s.* FROM sessions AS s
                    WHERE {later} AND s.provider_id = fits.id
                    ORDER BY lower(s.during), s.id LIMIT %(limit)s) AS s
             WHERE (SELECT count(*) FROM fits) <= {few}
        ) UNION ALL (
            SELECT s.*, p.version, lower(s.during) FROM (
                   SELECT s.* FROM sessions AS s
                    WHERE {later} ORDER BY lower(s.during), s.id) AS s
             CROSS JOIN LATERAL ({fitting} OFFSET 0) AS p
             WHERE (SELECT count(*) FROM fits) > {few}
             LIMIT %(limit)s
        ) ORDER BY start, id LIMIT %(limit)s
    )
    SELECT practice.version, {sessions}, s.provider_version,
           ARRAY(SELECT ARRAY[lower(a.occupies), upper(a.occupies)] FROM appointments AS a
                  WHERE a.practice_id = s.practice_id AND a.provider_id = s.provider_id
                    AND a.occupies && tstzrange(
                        lower(s.during), upper(s.during) + make_interval(mins => {buffer}))
                    AND a.status IN ({takes_time})
                    AND (a.status <> 'held' OR a.held_until > %(at)s::timestamptz))
      FROM practices AS practice LEFT JOIN could AS s ON true
     WHERE practice.id = %(practice)s::uuid
     ORDER BY s.start, s.id
"""
_UNDER_WAY = """
            SELECT whole.*, first.version AS provider_version, first.start FROM (
                   SELECT s.id, s.start, p.version FROM (
                          SELECT s.id, s.practice_id, s.provider_id, begin.start
                            FROM ((SELECT s.* FROM sessions AS s WHERE {running})
                                  UNION ALL
                                  (SELECT s.* FROM sessions AS s WHERE {lapsed})) AS s
             CROSS JOIN LATERAL (SELECT CASE WHEN s.id > %(after_id)s::uuid
                   THEN %(after)s::timestamptz
                   ELSE %(after)s::timestamptz + interval '1 microsecond' END AS at) AS earliest
             CROSS JOIN LATERAL (SELECT lower(s.during) + make_interval(mins =>
                   s.start_every_minutes::int
                   * ceil(extract(epoch FROM greatest(earliest.at - lower(s.during), interval '0'))
                          / (60 * s.start_every_minutes))::int) AS start) AS begin
                           WHERE begin.start < %(until)s::timestamptz
                             AND begin.start + make_interval(mins => s.visit_minutes::int)
                                 <= upper(s.during)
                           ORDER BY begin.start, s.id) AS s
                    CROSS JOIN LATERAL ({fitting} OFFSET 0) AS p
                    LIMIT %(limit)s) AS first
              JOIN sessions AS whole
                ON whole.practice_id = %(practice)s::uuid AND whole.id = first.id
"""
"""Whoever is at work is sorted before anybody's provider is looked at."""
_RUNNING = "{published} AND s.room AND s.during @> %(after)s::timestamptz"
_LAPSED = """{published} AND NOT s.room AND s.id IN (
                       SELECT h.session_id FROM appointments AS h
                        WHERE h.practice_id = %(practice)s::uuid AND h.status = 'held'
                          AND h.held_until <= %(at)s::timestamptz)
               AND lower(s.during) < %(until)s::timestamptz
               AND upper(s.during) > %(after)s::timestamptz"""
_PUBLISHED = "s.practice_id = %(practice)s::uuid AND s.status = 'published' {of_sessions}"
_LATER = """{published} AND s.room AND lower(s.during) > %(after)s::timestamptz
                          AND lower(s.during) < %(until)s::timestamptz"""
_FITTING = """SELECT p.version FROM providers AS p WHERE p.practice_id = s.practice_id
                   AND p.id = s.provider_id AND p.status = 'active' {of_providers}"""


@cache
def _statement(named: frozenset[str]) -> Statement:
    """The query for these wishes."""

    def narrowed(by: Mapping[str, tuple[str, Any]]) -> str:
        return "".join(f" AND {by[name][0]}" for name in sorted(named & by.keys()))

    of_providers = narrowed(_WISHED_OF_PROVIDERS)
    published = _PUBLISHED.format(of_sessions=narrowed(_WISHED_OF_SESSIONS))
    fitting = _FITTING.format(of_providers=of_providers)
    under_way = _UNDER_WAY.format(
        running=_RUNNING.format(published=published),
        lapsed=_LAPSED.format(published=published),
        fitting=fitting,
    )
    text = _FOUND.format(
        few=FEW,
        of_providers=of_providers,
        under_way=under_way,
        later=_LATER.format(published=published),
        fitting=fitting,
        sessions=", ".join(f"s.{column.name}" for column in columns_of(SESSIONS)),
        buffer=int(BUFFER_MOST.total_seconds() // 60),
        takes_time=", ".join(f"'{status}'" for status in sorted(OCCUPYING)),
    )
    return Statement(" ".join(text.split()), {})  # without what only indents it


def asked(wishes: Wishes) -> tuple[Statement, dict[str, Any]]:
    """The query for these wishes, and their values."""
    wished = {name: value(wishes) for name, (_, value) in _WISHED.items()}
    named = {name: value for name, value in wished.items() if value is not None}
    return _statement(frozenset(named)), named
