"""Proof that a database can be read: some rows of every kind, as the use cases read them."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from telehealth_core.access.actor import Actor
from telehealth_core.shared import Erased
from telehealth_core.shared.ids import PracticeId
from telehealth_postgres.collections import PostgresCollection
from telehealth_postgres.statements import practice_column
from telehealth_postgres.store import PostgresStore

EACH = 5


def opened(uri: str, store: PostgresStore) -> int:
    """Read the first rows of every kind in every practice; how many were read.

    Whatever keeps a row from becoming what it was (a key that is gone, a column in another form)
    is raised here.
    """
    number = 0
    with psycopg.connect(uri, autocommit=True) as connection:
        for practice in store.all():
            with store.work(Actor.system(practice.id)) as work:
                for one in work.collections():
                    for id in _ids(connection, one, practice.id):
                        with suppress(Erased):  # as it should be
                            one.get(id)
                        number += 1
    return number


def _ids(
    connection: psycopg.Connection[tuple[UUID]],
    collection: PostgresCollection[Any],
    practice: PracticeId,
) -> Iterator[UUID]:
    table = collection.table
    query = sql.SQL("SELECT id FROM {} WHERE {} = %s ORDER BY id LIMIT %s").format(
        sql.Identifier(table.name), sql.Identifier(practice_column(table).key or "practice_id")
    )
    for (id,) in connection.execute(query, [practice, EACH]):
        yield id
