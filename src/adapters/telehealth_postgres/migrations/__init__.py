"""Migrations: from whatever a database holds to the tables of this release, and back.

Two processes that start at once take turns; a database of a later release is left alone.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from telehealth_core.access.ports import Keys

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


def keys_began(uri: str) -> bool:
    """Whether anything in the database is sealed."""
    with engine(uri).connect() as connection:
        if not sa.inspect(connection).has_table("data_keys"):
            return False
        return bool(connection.scalar(sa.text("SELECT EXISTS (SELECT FROM data_keys)")))


def upgrade(uri: str, revision: str = "head", *, keys: Keys | None = None) -> None:
    """Bring the database to this revision; it is there already if nothing is to be done.

    Raises: KeyRefused where rows are to be sealed and there are no master keys.
    """
    with engine(uri).begin() as connection:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_TURN)))
        command.upgrade(_config(connection, keys), revision)


def downgrade(uri: str, revision: str, *, keys: Keys | None = None) -> None:
    """Take the database back to this revision (`base` is an empty one).

    Raises: KeyRefused where rows are to be opened and there are no master keys.
    """
    with engine(uri).begin() as connection:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_TURN)))
        command.downgrade(_config(connection, keys), revision)
