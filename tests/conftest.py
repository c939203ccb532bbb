"""What every test may ask for."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def database_uri() -> Iterator[str]:
    """Run one PostgreSQL for all tests that ask for it; it forgets everything at the end."""
    from telehealth_postgres.server import running

    with (
        tempfile.TemporaryDirectory(prefix="telehealth-") as home,
        running(Path(home), durable=False) as uri,
    ):
        yield uri
