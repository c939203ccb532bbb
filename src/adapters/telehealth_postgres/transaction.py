"""One transaction in one practice, in as few round trips as there are questions."""

from collections.abc import Mapping
from typing import Any

from telehealth_core.shared.ids import PracticeId
from telehealth_postgres.pipeline import Answer, Connection, Row
from telehealth_postgres.statements import Statement
from telehealth_postgres.wall import ENTER, ENTER_TO_SEARCH


def asked(connection: Connection, statement: Statement, given: Mapping[str, Any]) -> Answer:
    """Ask a statement with what it brings and what is given."""
    return connection.questions.ask(statement.text, {**statement.fixed, **given})


class PracticeTransaction:
    """What a unit of work asks of the database: one transaction, in one practice.

    It begins with the first question and ends with the last, each in the same round trip. The
    practice is named first and is forgotten with the transaction, so that a pooler may give the
    connection to anybody next. After its end it can begin anew.
    """

    def __init__(self, connection: Connection, practice_id: PracticeId) -> None:
        self._connection, self._practice_id = connection, practice_id
        self._begun = False

    def ask(self, statement: Statement, given: Mapping[str, Any]) -> Answer:
        """Ask this; whoever wants the rows waits for the answer."""
        if not self._begun:
            self._begun = True
            self._connection.questions.ask(ENTER, {"practice": self._practice_id})
        return asked(self._connection, statement, given)

    def search(self, statement: Statement, given: Mapping[str, Any]) -> list[Row]:
        """What is found, in one round trip with beginning and end: where nothing was asked before,
        a question that locks nothing is a transaction of its own.
        """
        if self._begun:
            return self.ask(statement, given).rows()
        with self._connection.together() as questions:
            questions.ask(ENTER_TO_SEARCH, {"practice": self._practice_id})
            answer = asked(self._connection, statement, given)
        return answer.rows()

    def commit(self) -> None:
        """Make it last, in the round trip of what was asked and not waited for."""
        self._begun = False
        self._connection.questions.end()

    def rollback(self) -> None:
        """Undo whatever was asked and not committed."""
        self._begun = False
        self._connection.questions.undo()
