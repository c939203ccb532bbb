"""Migrations: from whatever a database holds to the tables of this release, and back.

Two processes that start at once take turns; a database of a later release is left alone.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

_TURN = 7_406_001
"""The advisory lock that migrations take turns by."""


def _config(connection: sa.Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config


def engine(uri: str) -> sa.Engine:
    """An SQLAlchemy engine on a libpq URI: for migrations only, everything else runs on psycopg."""
    driver = uri.replace("postgresql://", "postgresql+psycopg://", 1)
    return sa.create_engine(driver, poolclass=sa.NullPool)


def upgrade(uri: str, revision: str = "head") -> None:
    """Bring the database to this revision; it is there already if nothing is to be done."""
    with engine(uri).begin() as connection:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_TURN)))
        command.upgrade(_config(connection), revision)


def downgrade(uri: str, revision: str) -> None:
    """Take the database back to this revision (`base` is an empty one)."""
    with engine(uri).begin() as connection:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_TURN)))
        command.downgrade(_config(connection), revision)


def knows(revision: str) -> bool:
    """Whether this release can take a database of that revision further; it cannot know a later
    release's.
    """
    scripts = ScriptDirectory.from_config(_config())
    return revision in {script.revision for script in scripts.walk_revisions()}
