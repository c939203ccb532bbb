"""Questions that travel together: one transaction, one round trip, and nothing lost on the way."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from psycopg import errors
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.pq import Format

from round_trips import round_trips
from telehealth_core.shared import Interval
from telehealth_postgres.columns import range_of
from telehealth_postgres.pipeline import PREPARED_AFTER, Answer, Connection

NOW = datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=UTC)
WRITE = "INSERT INTO told VALUES (%(word)s) RETURNING word"
READ = "SELECT word FROM told ORDER BY word"
NAMES = "SELECT count(*) FROM pg_prepared_statements"


@pytest.fixture
def connection(database: str) -> Iterator[Connection]:
    """Yield a connection with an empty table of words."""
    with Connection.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE told (word text PRIMARY KEY)")
        yield connection
    with psycopg.connect(database) as owner:
        owner.execute("DROP TABLE told")


def write(connection: Connection, *words: Any) -> None:
    """Keep these words, all or none."""
    with connection.together() as questions:
        for word in words:
            questions.ask(WRITE, {"word": word})


def said(connection: Connection) -> list[str]:
    """The words that are kept."""
    with connection.together() as questions:
        return [word for (word,) in questions.ask(READ, {}).rows()]


def test_what_is_asked_together_is_one_round_trip(connection: Connection) -> None:
    """However much it is; a wait in between is another one (N11)."""
    questions = connection.questions

    def together() -> None:
        answers = [questions.ask(WRITE, {"word": str(one)}) for one in range(50)]
        questions.end()
        assert [answer.rows() for answer in answers] == [[(str(one),)] for one in range(50)]

    def waiting() -> None:
        first = questions.ask(WRITE, {"word": "first"})
        assert first.rows() == [("first",)]
        assert questions.ask(WRITE, {"word": "second"}).rows() == [("second",)]
        questions.end()

    assert round_trips(connection, together) == 1
    assert round_trips(connection, waiting) == 3
    assert len(said(connection)) == 52


def test_an_error_undoes_all_of_it_and_is_told_once(connection: Connection) -> None:
    """To whoever waits or ends; what was asked behind it is skipped."""
    questions = connection.questions
    before, wrong = questions.ask(WRITE, {"word": "a"}), questions.ask(WRITE, {"word": None})
    behind = questions.ask(WRITE, {"word": "b"})
    with pytest.raises(errors.NotNullViolation) as told:
        questions.wait()
    assert told.value.diag.column_name == "word"
    assert before.rows() == [("a",)]
    for skipped in (wrong, behind, questions.ask(WRITE, {"word": "c"})):
        with pytest.raises(errors.PipelineAborted):
            skipped.rows()
    with pytest.raises(errors.PipelineAborted):
        questions.end()
    assert said(connection) == []


def test_an_error_at_the_end_is_told_there(connection: Connection) -> None:
    """Nothing is kept, and the connection is as new."""
    with pytest.raises(errors.UniqueViolation):
        write(connection, "a", "a")
    assert said(connection) == []


def test_whatever_fails_inside_undoes_what_was_asked(connection: Connection) -> None:
    """Answered or not, sent or not."""

    def fail(*, waits: bool) -> None:
        with connection.together() as questions:
            answer = questions.ask(WRITE, {"word": "a"})
            assert not waits or answer.rows() == [("a",)]
            raise ZeroDivisionError

    for waits in (True, False):
        with pytest.raises(ZeroDivisionError):
            fail(waits=waits)
        assert said(connection) == []


def test_a_value_that_cannot_be_written_is_refused_before_anything_is_sent(
    connection: Connection,
) -> None:
    """And undoes what was asked before."""
    with pytest.raises(psycopg.ProgrammingError):
        write(connection, "a", object())
    assert said(connection) == []


def test_what_is_asked_often_is_kept_by_the_server(connection: Connection) -> None:
    """Under one name, whatever values it comes with; nothing is kept where a pooler would mix
    connections up.
    """

    def kept() -> int:
        ((many,),) = connection.execute(NAMES).fetchall()
        return int(many)

    def ask(many: int, query: str) -> None:
        for number in range(many):
            with connection.together() as questions:
                questions.ask(query, {"one": [None, number, 2**40][number % 3]})

    question = "SELECT %(one)s::bigint"
    ask(PREPARED_AFTER + 3, question)
    assert kept() == 0, "unless it is asked for"
    connection.preparing()
    ask(PREPARED_AFTER, question)
    assert kept() == 0
    ask(4, question)
    assert kept() == 1
    ask(PREPARED_AFTER + 1, f"{question} + 1")
    assert kept() == 2
    for _ in range(10):
        with connection.transaction(force_rollback=True):
            connection.execute(READ)
    ask(1, question)
    assert kept() == 2, "a cursor that is rolled back has the server forget nothing"


def test_a_statement_that_could_not_be_prepared_is_prepared_anew(connection: Connection) -> None:
    """Its name is not taken for known."""
    connection.preparing()
    question = "SELECT * FROM later"
    for _ in range(PREPARED_AFTER + 2):
        with pytest.raises(errors.UndefinedTable), connection.together() as questions:
            questions.ask(question, {})
    connection.execute("CREATE TEMPORARY TABLE later AS SELECT 1 AS one")
    for _ in range(2):
        with connection.together() as questions:
            answer = questions.ask(question, {})
        assert answer.rows() == [(1,)]


def test_a_connection_that_breaks_is_told_and_undone(database: str, connection: Connection) -> None:
    """It neither hangs nor hides what happened."""
    with psycopg.connect(database, autocommit=True) as other:
        questions = connection.questions
        assert questions.ask(WRITE, {"word": "a"}).rows() == [("a",)]
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.info.backend_pid])
        questions.ask(WRITE, {"word": "b"})
        with pytest.raises(psycopg.OperationalError):
            questions.wait()
        questions.undo()
        assert connection.closed
        with pytest.raises(psycopg.OperationalError), connection.together() as questions:
            questions.ask(READ, {})
        assert other.execute("SELECT count(*) FROM told").fetchone() == (0,)


def test_much_goes_both_ways_at_once(connection: Connection) -> None:
    """More than what lies between both: neither waits for the other to read first."""
    size = 300_000
    with connection.together() as questions:
        answers = [
            questions.ask("SELECT %(one)s::text || 'x'", {"one": "y" * size}) for _ in range(40)
        ]
    assert {len(answer.rows()[0][0]) for answer in answers} == {size + 1}


def test_an_answer_is_read_by_itself(connection: Connection) -> None:
    """Whoever else asks or reads there meanwhile: here another answer is read between two values
    of it (N05).
    """
    meanwhile: list[Answer] = []

    class Interrupted(Loader):
        format = Format.BINARY

        def load(self, data: Buffer) -> str:
            if meanwhile:
                assert meanwhile.pop().rows() == [(1, 2, 3)]
            return bytes(data).decode()

    connection.adapters.register_loader("text", Interrupted)
    with connection.together() as questions:
        words = questions.ask("SELECT unnest(%(words)s::text[])", {"words": ["a", "b"]})
        numbers = questions.ask("SELECT 1::bigint, 2::bigint, 3::bigint", {})
    meanwhile.append(numbers)
    assert words.rows() == [("a",), ("b",)]
    assert not meanwhile


VALUES: dict[str, Any] = {
    "text": "100 % of \"quotes\", 'ticks' and \\ %(one)s",
    "bigint": -(2**63),
    "boolean": False,
    "uuid": UUID(int=7),
    "bytea": bytes(range(256)),
    "date": date(2026, 3, 2),
    "timestamptz": NOW,
    "bigint[]": [1, 2**40],
    "uuid[]": [UUID(int=7)],
    "bytea[]": [b"\0\\x", b""],
    "text[]": [],
}


@pytest.mark.parametrize("kind", VALUES)
def test_a_value_comes_back_as_it_was(connection: Connection, kind: str) -> None:
    """Values travel as text and have the type that the statement says."""
    query = f"SELECT %(one)s::{kind}, %(none)s::{kind}, 100 %% 7"
    with connection.together() as questions:
        answer = questions.ask(query, {"one": VALUES[kind], "none": None})
    assert answer.rows() == [(VALUES[kind], None, 2)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=some.lists(
        some.text(some.characters(exclude_characters="\0", exclude_categories=["Cs"]))
        | some.sampled_from(["NULL", "null", "{", "}", ",", '"', "\\", "", " "])
    )
)
def test_words_come_back_as_they_were(connection: Connection, words: list[str]) -> None:
    """Whatever is in them."""
    with connection.together() as questions:
        answer = questions.ask("SELECT %(words)s::text[], %(one)s", {"words": words, "one": "x"})
    assert answer.rows() == [(words, "x")]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    start=some.datetimes(datetime(1900, 1, 1), datetime(9000, 1, 1)),  # noqa: DTZ001 - the zone is next
    offset=some.integers(-23 * 60, 23 * 60),
    microseconds=some.integers(1, 10**15),
)
def test_an_interval_comes_back_as_it_was(
    connection: Connection, start: datetime, offset: int, microseconds: int
) -> None:
    """To the microsecond, in whatever zone it was said."""
    begin = start.replace(tzinfo=timezone(timedelta(minutes=offset)))
    interval = Interval(begin, begin + timedelta(microseconds=microseconds))
    with connection.together() as questions:
        answer = questions.ask("SELECT %(one)s::tstzrange", {"one": range_of(interval)})
    assert answer.rows() == [(interval,)]


@pytest.mark.parametrize(
    "written", ["empty", "(,)", "[2026-03-02,)", "(,2026-03-02]", "[2026-03-02,2026-03-03]"]
)
def test_a_range_that_is_no_interval_is_refused(connection: Connection, written: str) -> None:
    """No aggregate makes one; whoever wrote it by hand is told."""
    with connection.together() as questions:
        answer = questions.ask("SELECT %(one)s::tstzrange", {"one": written})
    with pytest.raises(psycopg.DataError):
        answer.rows()
