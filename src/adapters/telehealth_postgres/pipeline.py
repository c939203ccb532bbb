"""Questions that travel together: one round trip for whatever was asked since the last answer.

This is libpq's pipeline mode, by psycopg's own wrapper of libpq and with its adapters. A cursor of
psycopg can do the same, but sends each statement by itself and looks for answers after each; here
statements are gathered until somebody waits, which is less work for both sides (decision 0023).
"""

import re
import select
import struct
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from typing import Any

import psycopg
from psycopg import errors
from psycopg.abc import Buffer
from psycopg.adapt import Loader, PyFormat, Transformer
from psycopg.pq import ExecStatus, Format, PipelineStatus
from psycopg.pq.abc import PGconn, PGresult
from psycopg.rows import RowFactory, tuple_row

from telehealth_core.shared import Interval

Row = tuple[Any, ...]
PREPARED_AFTER = 5
"""A statement that a connection ran so often is prepared there."""

_NAMED = re.compile(r"%%|%\((\w+)\)s")
_FROM_AND_UNTIL = 0x02
"""How a range begins that has both bounds, and of these only the lower one in it."""
_MIDNIGHT, _MICROSECOND = datetime(2000, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
"""From when PostgreSQL counts, and what."""
_ROLLBACK = "ROLLBACK"
_GOOD = {ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK, ExecStatus.PIPELINE_SYNC}


class Connection(psycopg.Connection[Row]):
    """A connection that can be asked several things together."""

    def __init__(self, pgconn: PGconn, row_factory: RowFactory[Row] = tuple_row) -> None:
        super().__init__(pgconn, row_factory)
        self.adapters.register_loader("tstzrange", _IntervalLoader)
        self.questions = Pipeline(self)

    def preparing(self) -> None:
        """Have the server keep what is asked often. Cursors of this connection prepare nothing: one
        that is rolled back would have the server forget everything.
        """
        self.prepare_threshold, self.questions.prepared_after = None, PREPARED_AFTER

    @contextmanager
    def together(self) -> Iterator["Pipeline"]:
        """What is asked inside is one transaction and one round trip."""
        try:
            yield self.questions
            self.questions.end()
        finally:
            self.questions.undo()


class _IntervalLoader(Loader):
    """A range of time as the interval that it is."""

    format = Format.BINARY
    _RANGE = struct.Struct("!Biqiq")

    def load(self, data: Buffer) -> Interval:
        """Raises: psycopg.DataError for any range that no interval of ours makes."""
        if len(data) != self._RANGE.size or data[0] != _FROM_AND_UNTIL:
            raise psycopg.DataError(
                "a range without a beginning or an end, or with the latter in it"
            )
        _, _, start, _, end = self._RANGE.unpack(data)
        return Interval(_MIDNIGHT + start * _MICROSECOND, _MIDNIGHT + end * _MICROSECOND)


class Answer:
    """What comes back for one question. It is read by adapters of its own, so that nothing that is
    asked or read meanwhile comes between.
    """

    def __init__(self, pipeline: "Pipeline") -> None:
        self._pipeline = pipeline
        self.result: PGresult | None = None

    def rows(self) -> list[Row]:
        """The rows found; waits for them if need be. Raises: psycopg.Error."""
        if self.result is None:
            self._pipeline.wait()
        if self.result is None:
            raise errors.PipelineAborted("this failed before")
        adapters = Transformer(self._pipeline.connection)
        adapters.set_pgresult(self.result)
        return adapters.load_rows(0, self.result.ntuples, tuple)


class Pipeline:
    """The questions of one connection.

    They are one transaction from the first one to `end`, which commits it, or to `undo`. After an
    error the server skips all that was asked behind it; whoever asks or ends is told.
    """

    def __init__(self, connection: Connection) -> None:
        self.prepared_after: int | None = None
        self.connection, self._pgconn = connection, connection.pgconn
        self._adapters = Transformer(connection)
        self._poll = select.poll()
        self._expected: deque[Answer | bytes | None] = deque()
        """What answers are outstanding, in order: to questions, to statements that were sent to be
        prepared, and to `end`.
        """
        self._failed = False
        self._asked: Counter[bytes] = Counter()
        self._names: dict[bytes, bytes] = {}
        self._numbers = count()

    def ask(self, text: str, given: Mapping[str, Any]) -> Answer:
        """Ask this with these values, together with whatever comes before somebody waits."""
        if self._pgconn.pipeline_status == PipelineStatus.OFF:
            self._pgconn.enter_pipeline_mode()
        sql, names = _positional(text)
        values = self._adapters.dump_sequence([given[name] for name in names], _text(len(names)))
        prepared = self._prepared(sql)
        if prepared is None:
            self._pgconn.send_query_params(sql, values, result_format=Format.BINARY)
        else:
            self._pgconn.send_query_prepared(prepared, values, result_format=Format.BINARY)
        self._expected.append(answer := Answer(self))
        return answer

    def wait(self) -> None:
        """Wait for the answers to all that was asked.

        Raises: psycopg.Error of what failed first; PipelineAborted if something failed before.
        """
        self._pgconn.send_flush_request()
        self._receive()

    def end(self) -> None:
        """Commit, in the round trip of what was asked and not waited for. Raises like `wait`."""
        if self._pgconn.pipeline_status == PipelineStatus.OFF:
            return
        failed = self._failed
        self._pgconn.pipeline_sync()
        self._expected.append(None)
        try:
            self._receive()
        finally:
            if not self._expected:
                self._failed = False
                self._pgconn.exit_pipeline_mode()
        if failed:
            raise errors.PipelineAborted("what failed before was undone with all the rest")

    def undo(self) -> None:
        """Undo whatever was asked and not ended. A connection that broke undoes it by itself."""
        if self._pgconn.pipeline_status == PipelineStatus.OFF:
            return
        with suppress(psycopg.Error):  # what failed was told before
            if not self._failed:
                self.ask(_ROLLBACK, {})
            self.end()

    def _prepared(self, sql: bytes) -> bytes | None:
        """Under which name the server knows this, once it was asked often."""
        name = self._names.get(sql)
        if name is None and self.prepared_after is not None:
            self._asked[sql] += 1
            if self._asked[sql] > self.prepared_after:
                name = self._names[sql] = b"asked_%d" % next(self._numbers)
                self._pgconn.send_prepare(name, sql)
                self._expected.append(sql)
        return name

    def _receive(self) -> None:
        self._send()
        problem: psycopg.Error | None = None
        while self._expected:
            result = self._next()
            expected = self._expected.popleft()
            if result.status not in _GOOD:
                self._failed = True
                problem = problem or _error(result)
                if isinstance(expected, bytes):
                    del self._names[expected]
            elif isinstance(expected, Answer):
                expected.result = result
            if expected is not None:
                self._pgconn.get_result()  # nothing: the end of this answer
        if problem is not None:
            raise problem

    def _send(self) -> None:
        while self._pgconn.flush():
            if self._ready(select.POLLIN | select.POLLOUT) & select.POLLIN:
                self._pgconn.consume_input()

    def _next(self) -> PGresult:
        while self._pgconn.is_busy():
            self._ready(select.POLLIN)
            self._pgconn.consume_input()
        result = self._pgconn.get_result()
        if result is None:
            raise errors.OperationalError("the connection ended before the answer came")
        return result

    def _ready(self, events: int) -> int:
        self._poll.register(self._pgconn.socket, events)
        ((_, ready),) = self._poll.poll()
        return ready


@cache
def _positional(text: str) -> tuple[bytes, tuple[str, ...]]:
    """A statement with numbers in the place of names, and the names in that order."""
    names: dict[str, int] = {}

    def numbered(found: re.Match[str]) -> str:
        name = found[1]
        return "%" if name is None else f"${names.setdefault(name, len(names) + 1)}"

    return _NAMED.sub(numbered, text).encode(), tuple(names)


@cache
def _text(many: int) -> list[PyFormat]:
    return [PyFormat.TEXT] * many


def _error(result: PGresult) -> psycopg.Error:
    if result.status == ExecStatus.PIPELINE_ABORTED:
        return errors.PipelineAborted("skipped after an error")
    return errors.error_from_result(result)
