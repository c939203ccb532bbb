"""How often somebody waits for the database."""

from collections.abc import Callable
from itertools import pairwise
from tempfile import TemporaryFile

import psycopg
from psycopg.pq import Trace


def round_trips(connection: psycopg.Connection[tuple[object, ...]], ask: Callable[[], object]) -> int:
    """How many round trips this takes on that connection, as libpq traces what passes there:
    whatever is sent until an answer comes is one.
    """
    with TemporaryFile() as told:
        connection.pgconn.trace(told.fileno())
        connection.pgconn.set_trace_flags(Trace.SUPPRESS_TIMESTAMPS)
        ask()
        connection.pgconn.untrace()
        told.seek(0)
        passed = [line[:1] for line in told if line[:1] in {b"F", b"B"}]
    return sum(pair == (b"F", b"B") for pair in pairwise(passed))
