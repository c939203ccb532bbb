"""What the tests of operations may ask for: databases without anything in them."""

import itertools
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import psycopg
import pytest

_NUMBERS = itertools.count(1)

Make = Callable[..., str]


@pytest.fixture(scope="module")
def empty_database(database_uri: str) -> Iterator[Make]:
    """Yield what makes a database with nothing in it, or a copy of one; all go with the server."""

    def make(like: str | None = None) -> str:
        name = f"empty_{next(_NUMBERS)}"
        template = urlsplit(like).path[1:] if like else "template0"
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        return urlsplit(database_uri)._replace(path=f"/{name}").geturl()

    with psycopg.connect(database_uri, autocommit=True) as connection:
        yield make
