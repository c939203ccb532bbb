"""How often somebody waits for the database."""

import re
from collections.abc import Callable
from tempfile import TemporaryFile

import psycopg
from psycopg.pq import Trace

_ASKS = re.compile(rb"(?:^F\t\d+\t(?:Sync|Flush|Query)\b.*\n)+", re.MULTILINE)
"""What a client sends to have its answers, by one such message or several at once; whatever it sent
before may wait on the way.
"""


def round_trips(
    connection: psycopg.Connection[tuple[object, ...]], ask: Callable[[], object]
) -> int:
    """How often this has to wait for an answer on that connection, as libpq traces it."""
    with TemporaryFile() as told:
        connection.pgconn.trace(told.fileno())
        connection.pgconn.set_trace_flags(Trace.SUPPRESS_TIMESTAMPS)
        ask()
        connection.pgconn.untrace()
        told.seek(0)
        return len(_ASKS.findall(told.read()))
