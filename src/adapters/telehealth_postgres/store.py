"""The store: a pool of connections, units of work on them, and what is asked before there is an
actor.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import errors
from psycopg_pool import ConnectionPool, PoolTimeout

from telehealth_core.access.account import Account
from telehealth_core.access.actor import Actor
from telehealth_core.access.audit import Undertaking, undertaking
from telehealth_core.access.ports import Clock, Keys
from telehealth_core.practice.practice import Practice
from telehealth_core.shared import Erased, Refusal, Unavailable
from telehealth_core.shared.ids import PracticeId, SignInId
from telehealth_postgres import migrations, wall
from telehealth_postgres.binaries import ServerError
from telehealth_postgres.columns import Shape
from telehealth_postgres.keyring import VERSION, Keychain, KeyRing
from telehealth_postgres.pipeline import Connection, Row
from telehealth_postgres.remembered import Remembered
from telehealth_postgres.statements import Statement, columns_of
from telehealth_postgres.tables import ACCOUNTS, DATA_KEYS, PRACTICES, SIGN_INS
from telehealth_postgres.transaction import asked
from telehealth_postgres.work import PostgresWork


def _now() -> datetime:
    return datetime.now(UTC)


WAIT_SECONDS = 5.0
"""So long a request waits for a connection before it is told to come again."""

_ACCOUNT: Shape[Account] = ACCOUNTS.info["shape"]
_OWNERS = [ACCOUNTS.c[name] for name in _ACCOUNT.owners]
_OWNER = sa.case(*((column.is_not(None), column) for column in _OWNERS))
"""Under whose key an account is sealed. Not `coalesce`: of that the planner does not know that it
tells nothing, and would look at every key of the practice, past row-level security, for one.
"""
_ACTOR = Statement.of(
    sa.select(*columns_of(ACCOUNTS), SIGN_INS.c.proven_at, *VERSION)
    .join(
        SIGN_INS,
        (SIGN_INS.c.practice_id == ACCOUNTS.c.practice_id) & (SIGN_INS.c.user_id == ACCOUNTS.c.id),
    )
    .outerjoin(
        DATA_KEYS,
        (DATA_KEYS.c.practice_id == ACCOUNTS.c.practice_id) & (DATA_KEYS.c.owner == _OWNER),
    )
    .where(
        SIGN_INS.c.id == sa.bindparam("sign_in", type_=sa.Uuid()),
        SIGN_INS.c.began_at <= sa.bindparam("at", type_=sa.DateTime(timezone=True)),
        SIGN_INS.c.ends_at > sa.bindparam("at", type_=sa.DateTime(timezone=True)),
        ACCOUNTS.c.disabled_at.is_(None),
    )
    .order_by(DATA_KEYS.c.version)
)
"""Whoever signed in, with the key that their account is sealed under."""


def _practices(told: sa.Function[Any]) -> Statement:
    """The practices that a function of the database tells, by name."""
    columns = [sa.column(column.name, column.type) for column in PRACTICES.c]
    found = told.table_valued(*columns, name="practices")
    return Statement.of(sa.select(*found.c).order_by(found.c.name))


_BY_SLUG = _practices(sa.func.practice_named(sa.bindparam("slug", type_=sa.Text())))
_ALL = _practices(sa.func.every_practice())


class PostgresStore:
    """All rows of an installation."""

    def __init__(
        self, pool: ConnectionPool[Connection], ring: KeyRing, clock: Clock = _now
    ) -> None:
        self._pool, self.ring, self.clock = pool, ring, clock
        self._remembered = Remembered()

    @classmethod
    @contextmanager
    def open(
        cls,
        uri: str,
        keys: Keys,
        *,
        connections: int = 10,
        clock: Clock = _now,
        prepare: bool = True,
    ) -> Iterator["PostgresStore"]:
        """A store on this database, with at most so many connections; closed on leaving. The audit
        goes by the clock; master keys wrap what personal fields are sealed under. `prepare` is off
        where a pooler keeps no prepared statements.

        Raises: ServerError where the database does not answer, the role could see past the wall
            between practices, or the tables are not those of this release.
        """
        with ConnectionPool(
            uri,
            connection_class=Connection,
            min_size=1,
            max_size=connections,
            timeout=WAIT_SECONDS,
            kwargs={"autocommit": True, "prepare_threshold": None},
            configure=Connection.preparing if prepare else None,
        ) as pool:
            try:
                pool.wait()
            except PoolTimeout:
                raise ServerError(
                    "The database does not answer to the address and role it was named by"
                    " (TELEHEALTH_DATABASE_URL); the log says why."
                ) from None
            with pool.connection() as connection:
                wall.check(connection, revision=migrations.head())
            yield cls(pool, KeyRing(keys), clock)

    @contextmanager
    def work(self, actor: Actor) -> Iterator[PostgresWork]:
        """A unit of work for this actor.

        Raises: Unavailable when no connection is to be had.
        """
        with self.connection() as connection, undertaking(actor) as begun:
            work = self.on(connection, begun)
            try:
                yield work
                work.commit()
            except Refusal as refusal:
                work.refused(refusal)
                raise
            finally:
                work.leave()

    def on(self, connection: Connection, begun: Undertaking) -> PostgresWork:
        """A unit of work of this store on that connection."""
        return PostgresWork(connection, begun, self.clock, self.ring, self._remembered)

    @contextmanager
    def connection(self) -> Iterator[Connection]:
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
        except (psycopg.OperationalError, errors.ReadOnlySqlTransaction):
            # the latter from a replica that is about to be the primary
            raise Unavailable("The database") from None
        finally:
            self._pool.putconn(connection)

    def actor(self, sign_in: SignInId, at: datetime) -> Actor | None:
        """Whose live session this is: one round trip for every request."""
        given = {"sign_in": sign_in, "at": at}
        rows = self._ask(wall.ENTER_BY_SIGN_IN, _ACTOR, given)
        if not rows:
            return None
        width = len(_ACCOUNT.columns)
        row = rows[0][:width]
        keys = self._keychain(PracticeId(_ACCOUNT.of(row, "practice_id")))
        if keys.cold(owner := _ACCOUNT.owner(row)):
            keys.bring(owner, (row[width + 1 :] for row in rows))
        try:
            return keys.one(_ACCOUNT, row).actor(proven_at=rows[0][width])
        except Erased:
            return None

    def _keychain(self, practice_id: PracticeId) -> Keychain:
        def rows(statement: Statement, given: Mapping[str, Any]) -> list[tuple[Any, ...]]:
            return self.within(practice_id, statement, given)

        return Keychain(self.ring, practice_id, rows)

    def by_slug(self, slug: str) -> Practice | None:
        """The practice of that short name."""
        return next(iter(self._told(_BY_SLUG, {"slug": slug})), None)

    def all(self) -> tuple[Practice, ...]:
        """All practices, by name."""
        return tuple(self._told(_ALL, {}))

    def ready(self) -> None:
        """Ask the database something. Raises: Unavailable."""
        with self.connection() as connection:
            connection.execute("SELECT 1")

    def within(
        self, practice_id: PracticeId, statement: Statement, given: Mapping[str, Any]
    ) -> list[Row]:
        """Ask one thing of one practice, in a transaction of its own and one round trip."""
        return self._ask(wall.ENTER, statement, {"practice": practice_id, **given})

    def relaying(self, statement: Statement, given: Mapping[str, Any]) -> list[Row]:
        """Ask one thing of the outbox of every practice, likewise; nothing else is in sight."""
        return self._ask(wall.RELAY, statement, given)

    def _ask(self, entering: str, statement: Statement, given: Mapping[str, Any]) -> list[Row]:
        with self.connection() as connection:
            with connection.together() as questions:
                questions.ask(entering, given)
                answer = asked(connection, statement, given)
            return answer.rows()

    def _told(self, statement: Statement, given: Mapping[str, Any]) -> list[Practice]:
        shape: Shape[Practice] = PRACTICES.info["shape"]
        with self.connection() as connection, connection.together():
            return [shape.aggregate(row) for row in asked(connection, statement, given).rows()]
