"""The store: a pool of connections, units of work on them, and what is asked before there is an
actor.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg_pool import ConnectionPool, PoolTimeout

from telehealth_core.access.account import Account
from telehealth_core.access.actor import Actor
from telehealth_core.access.audit import undertaking
from telehealth_core.access.ports import Clock
from telehealth_core.practice.practice import Practice
from telehealth_core.shared import Refusal, Unavailable
from telehealth_core.shared.ids import SignInId
from telehealth_postgres.columns import Shape
from telehealth_postgres.statements import Statement
from telehealth_postgres.tables import ACCOUNTS, PRACTICES, SIGN_INS
from telehealth_postgres.work import Connection, PostgresWork


def _now() -> datetime:
    return datetime.now(UTC)


_ACTOR = Statement.of(
    sa.select(ACCOUNTS, SIGN_INS.c.proven_at)
    .join(
        SIGN_INS,
        (SIGN_INS.c.practice_id == ACCOUNTS.c.practice_id) & (SIGN_INS.c.user_id == ACCOUNTS.c.id),
    )
    .where(
        SIGN_INS.c.id == sa.bindparam("sign_in", type_=sa.Uuid()),
        SIGN_INS.c.began_at <= sa.bindparam("at", type_=sa.DateTime(timezone=True)),
        SIGN_INS.c.ends_at > sa.bindparam("at", type_=sa.DateTime(timezone=True)),
        ACCOUNTS.c.disabled_at.is_(None),
    )
)
_BY_SLUG = Statement.of(
    sa.select(PRACTICES).where(PRACTICES.c.slug == sa.bindparam("slug", type_=sa.Text()))
)
_ALL = Statement.of(sa.select(PRACTICES).order_by(PRACTICES.c.name))


def _in_utc(connection: Connection) -> None:
    connection.execute("SET TIME ZONE 'UTC'")


class PostgresStore:
    """All rows of an installation."""

    def __init__(self, pool: ConnectionPool[Any], clock: Clock = _now) -> None:
        self._pool, self._clock = pool, clock

    @classmethod
    @contextmanager
    def open(
        cls, uri: str, *, connections: int = 10, clock: Clock = _now
    ) -> Iterator["PostgresStore"]:
        """A store on this database, with at most so many connections; closed on leaving. The audit
        goes by the clock.
        """
        with ConnectionPool(
            uri,
            min_size=1,
            max_size=connections,
            timeout=10,
            kwargs={"autocommit": True},
            configure=_in_utc,
        ) as pool:
            pool.wait()
            yield cls(pool, clock)

    @contextmanager
    def work(self, actor: Actor) -> Iterator[PostgresWork]:
        """A unit of work for this actor.

        Raises: Unavailable when no connection is to be had.
        """
        with self.connection() as connection, undertaking(actor) as begun:
            work = PostgresWork(connection, begun, self._clock)
            try:
                with work.transaction:
                    yield work
                    work.commit()
            except Refusal as refusal:
                work.refused(refusal)
                raise

    @contextmanager
    def connection(self) -> Iterator[Any]:
        """One connection of the pool; a broken one is replaced when it comes back.

        Raises: Unavailable when none is to be had, or when it breaks: what was asked last may have
            been done or not, and can be asked again.
        """
        try:
            connection = self._pool.getconn()
        except PoolTimeout:
            raise Unavailable("The database") from None
        try:
            yield connection
        except psycopg.OperationalError:
            raise Unavailable("The database") from None
        finally:
            self._pool.putconn(connection)

    def actor(self, sign_in: SignInId, at: datetime) -> Actor | None:
        """Whose live session this is: one query for every request."""
        with self.connection() as connection:
            row = connection.execute(
                _ACTOR.text.encode(), {**_ACTOR.fixed, "sign_in": sign_in, "at": at}
            ).fetchone()
        if row is None:
            return None
        shape: Shape[Account] = ACCOUNTS.info["shape"]
        return shape.aggregate(row[:-1]).actor(proven_at=row[-1])

    def by_slug(self, slug: str) -> Practice | None:
        """The practice of that short name."""
        found: Practice | None = self._first(PRACTICES, _BY_SLUG, {"slug": slug})
        return found

    def all(self) -> tuple[Practice, ...]:
        """All practices, by name."""
        return tuple(self._several(PRACTICES, _ALL, {}))

    def ready(self) -> None:
        """Ask the database something. Raises: Unavailable."""
        with self.connection() as connection:
            connection.execute("SELECT 1")

    def _first(self, table: sa.Table, statement: Statement, given: dict[str, Any]) -> Any:
        return next(iter(self._several(table, statement, given)), None)

    def _several(self, table: sa.Table, statement: Statement, given: dict[str, Any]) -> list[Any]:
        shape: Shape[Any] = table.info["shape"]
        with self.connection() as connection:
            found = connection.execute(statement.text.encode(), {**statement.fixed, **given})
            return [shape.aggregate(row) for row in found]
