"""Migrations: from whatever a database holds to the tables of this release, and back.

Two processes that start at once take turns; a database of a later release is left alone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from telehealth_core.access.ports import Keys
from telehealth_postgres import wall
from telehealth_postgres.binaries import ServerError

_TURN = 7_406_001
"""The advisory lock that migrations take turns by."""


def _config(connection: sa.Connection | None = None, keys: Keys | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes |= {"connection": connection, "keys": keys}
    return config


def engine(uri: str) -> sa.Engine:
    """An SQLAlchemy engine on a libpq URI: for migrations only, everything else runs on psycopg."""
    driver = uri.replace("postgresql://", "postgresql+psycopg://", 1)
    return sa.create_engine(driver, poolclass=sa.NullPool)


@cache
def head() -> str:
    """The revision of this release."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def keys_began(uri: str) -> bool:
    """Whether anything in the database is sealed, as its owner sees it."""
    with _reached(uri) as connection:
        if not sa.inspect(connection).has_table("data_keys"):
            return False
        return bool(connection.scalar(sa.text("SELECT EXISTS (SELECT FROM data_keys)")))


def upgrade(uri: str, revision: str = "head", *, keys: Keys | None = None) -> None:
    """Bring the database to this revision, as its owner; it is there already if nothing is to be
    done.

    Raises: ServerError where the owner may not do what is needed; KeyRefused where rows are to be
        sealed and there are no master keys.
    """
    with _turn(uri) as connection:
        own: Any = connection.connection.driver_connection
        wall.prepare(own)
        command.upgrade(_config(connection, keys), revision)


def downgrade(uri: str, revision: str, *, keys: Keys | None = None) -> None:
    """Take the database back to this revision (`base` is an empty one).

    Raises: KeyRefused where rows are to be opened and there are no master keys.
    """
    with _turn(uri) as connection:
        command.downgrade(_config(connection, keys), revision)


def knows(revision: str) -> bool:
    """Whether this release can take a database of that revision further; it cannot know a later
    release's.
    """
    scripts = ScriptDirectory.from_config(_config())
    return revision in {script.revision for script in scripts.walk_revisions()}


@contextmanager
def _turn(uri: str) -> Iterator[sa.Connection]:
    """A transaction of whoever's turn it is. Raises: ServerError."""
    with _reached(uri) as connection, connection.begin():
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_TURN)))
        yield connection


@contextmanager
def _reached(uri: str) -> Iterator[sa.Connection]:
    """A connection of the owner's. Raises: ServerError when the database cannot be reached."""
    try:
        reached = engine(uri).connect()
    except sa.exc.OperationalError as problem:
        raise ServerError(f"The owner cannot reach the database: {problem.orig}") from None
    with reached as connection:
        yield connection
