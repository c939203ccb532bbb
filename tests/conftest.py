"""What every test may ask for."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine is no defect. Machines that decide try the same examples each time; people's, new
# ones.
settings.register_profile("search", deadline=None)
settings.register_profile("decide", deadline=None, derandomize=True)
settings.load_profile("decide" if os.environ.get("CI") else "search")


@pytest.fixture(scope="session")
def database_uri() -> Iterator[str]:
    """Run one PostgreSQL for all tests that ask for it; it forgets everything at the end."""
    from telehealth_postgres.server import running

    with (
        tempfile.TemporaryDirectory(prefix="telehealth-") as home,
        running(Path(home), durable=False) as uri,
    ):
        yield uri
