"""One transaction in one practice, in as few round trips as there are questions."""

from collections.abc import Mapping
from contextlib import ExitStack, suppress
from typing import Any

import psycopg
from psycopg import errors

from telehealth_core.shared.ids import PracticeId
from telehealth_postgres.statements import Statement
from telehealth_postgres.wall import ENTER, ENTER_TO_SEARCH

Connection = psycopg.Connection[tuple[Any, ...]]
Cursor = psycopg.Cursor[tuple[Any, ...]]


def asked(connection: Connection, statement: Statement, given: Mapping[str, Any]) -> Cursor:
    """Run a statement with what it brings and what is given; it answers in binary, which takes less
    to read.
    """
    return connection.execute(statement.text.encode(), {**statement.fixed, **given}, binary=True)


class PracticeTransaction:
    """What a unit of work asks of the database: one transaction, in one practice.

    It begins with the first question and ends with the last, each in the same round trip. That is
    because it is one pipeline: what a pipeline sends up to its end is one transaction, and the end
    commits it. The practice is named first and is forgotten with the transaction, so that a pooler
    may give the connection to anybody next. After its end it can begin anew.
    """

    def __init__(self, connection: Connection, practice_id: PracticeId) -> None:
        self._connection, self._practice_id = connection, practice_id
        self._pipeline = ExitStack()
        self._begun = False

    def ask(self, statement: Statement, given: Mapping[str, Any]) -> Cursor:
        """Ask this; whoever fetches from the cursor waits for the answer."""
        self._begin()
        return asked(self._connection, statement, given)

    def search(self, statement: Statement, given: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """What is found, in one round trip with beginning and end: where nothing was asked before,
        a question that locks nothing is a transaction of its own.
        """
        if self._begun:
            return self.ask(statement, given).fetchall()
        with self._connection.pipeline():
            self._connection.execute(ENTER_TO_SEARCH, {"practice": self._practice_id})
            cursor = asked(self._connection, statement, given)
        return cursor.fetchall()

    def commit(self) -> None:
        """Make it last, in the round trip of what was asked and not fetched yet."""
        self._begun = False
        self._pipeline.close()

    def rollback(self) -> None:
        """Undo whatever was asked and not committed."""
        if self._begun:
            self._begun = False
            with suppress(errors.PipelineAborted):  # what failed was told before
                self._connection.execute(b"ROLLBACK")
                self._pipeline.close()
        self._pipeline.close()
        self._connection.rollback()

    def _begin(self) -> None:
        if not self._begun:
            self._begun = True
            self._pipeline.enter_context(self._connection.pipeline())
            self._connection.execute(ENTER, {"practice": self._practice_id})
