"""One transaction in one practice, in as few round trips as there are questions."""

from collections.abc import Mapping
from typing import Any

import psycopg

from telehealth_core.shared.ids import PracticeId
from telehealth_postgres.statements import Statement
from telehealth_postgres.wall import ENTER

Connection = psycopg.Connection[tuple[Any, ...]]
Cursor = psycopg.Cursor[tuple[Any, ...]]
Ask = tuple[Statement, Mapping[str, Any]]


def asked(connection: Connection, statement: Statement, given: Mapping[str, Any]) -> Cursor:
    """Run a statement with what it brings and what is given."""
    return connection.execute(statement.text.encode(), {**statement.fixed, **given})


class PracticeTransaction:
    """What a unit of work asks of the database.

    It begins with the first question and ends with the last, in the same round trips; the practice
    it is in is named for as long as it lasts and no longer. After its end it can begin anew.
    """

    def __init__(self, connection: Connection, practice_id: PracticeId) -> None:
        self._connection, self._practice_id = connection, practice_id
        self._open = False

    def run(self, *asks: Ask, last: bool = False) -> list[Cursor]:
        """Ask all of this at once; `last` commits after it, unless something fails."""
        if self._open and len(asks) == 1 and not last:
            return [asked(self._connection, *asks[0])]
        if not asks and not self._open:
            return []
        with self._connection.pipeline():
            if not self._open:
                self._open = True
                self._connection.execute(b"BEGIN")
                self._connection.execute(ENTER, {"practice": self._practice_id})
            ran = [asked(self._connection, *ask) for ask in asks]
            if last:
                self._connection.execute(b"COMMIT")
        self._open = not last
        return ran

    def rollback(self) -> None:
        """Undo what was not committed, if anything was begun."""
        if self._open:
            self._open = False
            self._connection.rollback()
