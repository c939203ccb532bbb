"""One transaction in one practice, in as few round trips as there are questions."""

from collections.abc import Mapping
from contextlib import ExitStack, suppress
from typing import Any

import psycopg
from psycopg import errors

from telehealth_core.shared.ids import PracticeId
from telehealth_postgres.statements import Statement
from telehealth_postgres.wall import ENTER

Connection = psycopg.Connection[tuple[Any, ...]]
Cursor = psycopg.Cursor[tuple[Any, ...]]


def asked(connection: Connection, statement: Statement, given: Mapping[str, Any]) -> Cursor:
    """Run a statement with what it brings and what is given."""
    return connection.execute(statement.text.encode(), {**statement.fixed, **given})


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
        self._begun = self._held = False

    def ask(self, statement: Statement, given: Mapping[str, Any]) -> Cursor:
        """Ask this; whoever fetches from the cursor waits for the answer."""
        self._begin()
        return asked(self._connection, statement, given)

    def hold(self) -> None:
        """Have the end not commit by itself: what is asked from here on can still be undone."""
        self._begin()
        self._held = True
        self._connection.execute(b"BEGIN")

    def commit(self) -> None:
        """Make it last, in the round trip of what was asked and not fetched yet."""
        if self._held:
            self._connection.execute(b"COMMIT")
        self._begun = self._held = False
        self._pipeline.close()

    def rollback(self) -> None:
        """Undo what was held or failed; what was merely read is over."""
        self._begun = self._held = False
        with suppress(errors.PipelineAborted):  # what failed was told before
            self._pipeline.close()
        self._connection.rollback()

    def _begin(self) -> None:
        if not self._begun:
            self._begun = True
            self._pipeline.enter_context(self._connection.pipeline())
            self._connection.execute(ENTER, {"practice": self._practice_id})
