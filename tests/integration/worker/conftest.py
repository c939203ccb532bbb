"""A practice for each test."""

from collections.abc import Iterator
from typing import Any

import pytest

from integration.worker.practice import Practice
from telehealth_postgres.store import PostgresStore
from telehealth_postgres.wall import application_uri


@pytest.fixture
def practice(fresh_database: Any, keys: Any) -> Iterator[Practice]:
    """A practice on a database of its own, with an empty outbox."""
    with (
        fresh_database() as uri,
        PostgresStore.open(application_uri(uri), keys, connections=6) as store,
    ):
        yield Practice(uri, store)
