"""A clinic too large to be written one save after the other: the store writes one day and one
visit, and SQL makes the other days and visits in their likeness.

What is sealed is copied as it is and opens nowhere else: a search opens nothing. Each provider has
one patient, so that no two visits overlap; the indexes of the constraints that would see to it are
there, the constraints are not, for they would be checked row by row.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import attrs
import psycopg

from plan import STARTS, VISIT_MINUTES, Plan
from seed import seed
from telehealth_core.access.ports import Keys
from telehealth_postgres.migrations import upgrade
from telehealth_postgres.wall import prepare

Connection = psycopg.Connection[tuple[Any, ...]]

_LEAP = 1_299_709
"""A prime, and no divisor of the number of times: a walk in such steps meets every time once."""
_A_PATIENT = {"id": "md5(p.id::text)::uuid"}
_OF_EACH_PROVIDER = "patients AS one, providers AS p"
_DAY = (
    "tstzrange(lower(one.during) + day * interval '1 day',"
    " upper(one.during) + day * interval '1 day')"
)
_A_SESSION = {
    "id": "md5(one.id::text || day)::uuid",
    "during": _DAY,
    "free": f"tstzmultirange({_DAY})",
    "room": "true",
}
_OF_OTHER_DAYS = "sessions AS one, generate_series(1, %(days)s - 1) AS day"
_A_VISIT = {
    "id": "lpad(to_hex(walk.number), 32, '0')::uuid",
    "session_id": "s.id",
    "provider_id": "s.provider_id",
    "patient_id": "md5(s.provider_id::text)::uuid",
    "during": "visit.time",
    "occupies": "visit.time",
}
_OF_OTHER_TIMES = f"""
    (SELECT * FROM appointments WHERE id = %(one)s) AS one
    CROSS JOIN (SELECT number, number::bigint * {_LEAP} %% (%(sessions)s * {STARTS}) AS place
                  FROM generate_series(%(since)s, %(until)s - 1) AS number) AS walk
    JOIN numbered AS s ON s.number = walk.place / {STARTS}
    CROSS JOIN LATERAL (SELECT lower(s.during) + walk.place %% {STARTS}
                        * interval '{VISIT_MINUTES} min' AS start) AS begin
    CROSS JOIN LATERAL (
        SELECT tstzrange(start, start + interval '{VISIT_MINUTES} min') AS time) AS visit
"""
_NUMBERED = """
    CREATE TEMPORARY TABLE numbered AS
    SELECT id, provider_id, during, row_number() OVER (
               ORDER BY id <> (SELECT session_id FROM appointments WHERE id = %(one)s), id) - 1
           AS number
      FROM sessions
"""
"""The walk begins with the session of the visit that is there."""
_FREE = """
    UPDATE sessions AS s SET free = free - taken.times, room = EXISTS (
           SELECT FROM unnest(free - taken.times) AS gap (time)
            WHERE upper(time) - lower(time) >= make_interval(mins => visit_minutes::int))
      FROM (SELECT practice_id, session_id, range_agg(occupies) AS times
              FROM appointments GROUP BY practice_id, session_id) AS taken
     WHERE s.practice_id = taken.practice_id AND s.id = taken.session_id AND s.free && taken.times
"""
_CONSTRAINTS = """
    SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
           CASE contype WHEN 'x' THEN pg_get_indexdef(conindid) ELSE format(
               'ALTER TABLE %%s ADD CONSTRAINT %%I %%s',
               conrelid::regclass, conname, pg_get_constraintdef(oid)) END
      FROM pg_constraint WHERE conrelid = %(table)s::regclass AND contype IN ('x', 'f')
"""
_INDEXES = """
    SELECT format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid)
      FROM pg_index WHERE indrelid = %(table)s::regclass
       AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
"""


@attrs.frozen
class LargeClinic:
    """One of them in a database of its own."""

    uri: str
    tell: Callable[[str], None]
    one: UUID
    """The visit that all others are like."""

    @classmethod
    def made(cls, uri: str, keys: Keys, plan: Plan, tell: Callable[[str], None]) -> "LargeClinic":
        """Fill an empty database: everybody and every session of the plan, and one visit."""
        upgrade(uri)
        seed(uri, keys, attrs.evolve(plan, days=1, patients=1, existing=1))
        with _connected(uri) as connection:
            ((one,),) = connection.execute("SELECT id FROM appointments").fetchall()
            _copy(connection, "patients", _A_PATIENT, _OF_EACH_PROVIDER, {})
            with _without_indexes(connection, "sessions"):
                _copy(connection, "sessions", _A_SESSION, _OF_OTHER_DAYS, {"days": plan.days})
            connection.execute("VACUUM ANALYZE")
        tell(f"{plan.providers:,} providers with {plan.days} days of sessions")
        return cls(uri, tell, one)

    def copied(self, name: str) -> "LargeClinic":
        """The same in a database of another name beside it."""
        parts = urlsplit(self.uri)
        with _connected(parts._replace(path="/postgres").geturl()) as connection:
            own = parts.path.removeprefix("/")
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {own}".encode())
        copy = attrs.evolve(self, uri=parts._replace(path=f"/{name}").geturl())
        with _connected(copy.uri) as connection:
            prepare(connection)  # settings of a database do not come with a copy
        return copy

    def filled_to(self, visits: int) -> "LargeClinic":
        """The same with so many visits, spread evenly over all sessions."""
        with _connected(self.uri) as connection:
            given = {
                "one": self.one,
                "sessions": _count(connection, "sessions"),
                "since": _count(connection, "appointments"),
                "until": visits,
            }
            connection.execute(_NUMBERED, given)
            connection.execute("ANALYZE numbered")
            with (
                _without_indexes(connection, "appointments"),
                _without_indexes(connection, "sessions"),
            ):
                _copy(connection, "appointments", _A_VISIT, _OF_OTHER_TIMES, given)
                connection.execute(_FREE)
            connection.execute("VACUUM ANALYZE")
        self.tell(f"{visits:,} visits")
        return self


@contextmanager
def _connected(uri: str) -> Iterator[Connection]:
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute("SET maintenance_work_mem = '256MB'")
        connection.execute("SET synchronous_commit = off")
        yield connection


def _count(connection: Connection, table: str) -> int:
    ((count,),) = connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchall()
    return int(count)


def _copy(
    connection: Connection,
    table: str,
    other: Mapping[str, str],
    source: str,
    given: Mapping[str, object],
) -> None:
    """Write rows like `one` of the source, but for these columns."""
    found = connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
        " AND NOT attisdropped ORDER BY attnum",
        [table],
    )
    names = [str(name) for (name,) in found]
    chosen = ", ".join(other.get(name, f"one.{name}") for name in names)
    query = f"INSERT INTO {table} ({', '.join(names)}) SELECT {chosen} FROM {source}"
    connection.execute(query.encode(), given)


@contextmanager
def _without_indexes(connection: Connection, table: str) -> Iterator[None]:
    """Without what is slow to keep row by row; made again on leaving."""
    found = [
        (str(drop), str(make))
        for query in (_CONSTRAINTS, _INDEXES)
        for drop, make in connection.execute(query, {"table": table})
    ]
    for drop, _ in found:
        connection.execute(drop.encode())
    yield
    for _, make in found:
        connection.execute(make.encode())
