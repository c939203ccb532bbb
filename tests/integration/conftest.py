"""Databases for tests: each starts with every table and no rows."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from urllib.parse import urlsplit

import psycopg
import pytest

TEMPLATE = "migrated"

FreshDatabase = Callable[[], AbstractContextManager[str]]


@pytest.fixture(scope="session")
def fresh_database(database_uri: str) -> FreshDatabase:
    """Return what makes another migrated, empty database and drops it when left.

    The URI is its owner's; a store opens it as the application: `application_uri(uri)`.
    """
    from telehealth_postgres.migrations import upgrade

    _administer(database_uri, f"CREATE DATABASE {TEMPLATE}")
    upgrade(_beside(database_uri, TEMPLATE))
    numbers = itertools.count(1)

    @contextmanager
    def fresh() -> Iterator[str]:
        name = f"fresh_{next(numbers)}"
        _administer(database_uri, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        try:
            yield _beside(database_uri, name)
        finally:
            _administer(database_uri, f"DROP DATABASE {name} WITH (FORCE)")

    return fresh


@pytest.fixture(scope="module")
def database(fresh_database: FreshDatabase) -> Iterator[str]:
    """Yield the owner's URI of a migrated, empty database of the module's own."""
    with fresh_database() as uri:
        yield uri


def _beside(uri: str, name: str) -> str:
    return urlsplit(uri)._replace(path=f"/{name}").geturl()


def _administer(uri: str, statement: str) -> None:
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute(statement.encode())
