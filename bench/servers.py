"""The two HTTP servers: the program's own, and a bare one. Each is a process of its own with the
program's settings of uvicorn, as many threads, and a pool of as many connections.
"""

import json
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any
from uuid import UUID

import attrs
import psycopg
from booking import hold, ports_on
from children import Pipe, asked
from litestar import Litestar, post
from litestar.concurrency import set_asyncio_executor
from plan import LOCATION, PRACTICE, VISIT_MINUTES, Plan, Wish, provider_id, session_id
from psycopg.types.range import TimestamptzRange
from psycopg_pool import ConnectionPool

from telehealth_app.serving import server
from telehealth_core.telehealth import Telehealth
from telehealth_http.app import create_app
from telehealth_http.requests import uuid7
from telehealth_postgres.store import PostgresStore

THREADS = 16
HELD_MINUTES = 10


def serve_house(pipe: Pipe, uri: str) -> None:
    """Serve the program itself; tells its port."""
    with PostgresStore.open(uri, connections=THREADS) as store:
        _serve(pipe, create_app(Telehealth(ports_on(store)), threads=THREADS), "")


def serve_bare(pipe: Pipe, uri: str, plan: Plan) -> None:
    """Serve a handler that runs the program's statement and nothing else; tells its port."""
    recorded = Recorded.by_booking(uri, next(plan.wishes(0, 1)))
    owners = {
        session_id(number, day): provider_id(number)
        for number in range(plan.providers)
        for day in range(plan.days)
    }
    kwargs = {"autocommit": True}
    with ConnectionPool(uri, min_size=1, max_size=THREADS, kwargs=kwargs) as pool:
        set_asyncio_executor(ThreadPoolExecutor(THREADS))
        app = Litestar([_booking(pool, recorded, owners)], logging_config=None, openapi_config=None)
        _serve(pipe, app, str(recorded.example))


def _serve(pipe: Pipe, app: Any, example: str) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        web = server(app)

        def stop_with_parent() -> None:
            for _ in asked(pipe):
                pass
            web.should_exit = True

        pipe.send((listener.getsockname()[1], example))
        Thread(target=stop_with_parent, daemon=True).start()
        web.run(sockets=[listener])


class _Cursor(psycopg.Cursor[Any]):
    """Remembers what was sent."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> "_Cursor":
        _SENT.append((bytes(query), params))
        return super().execute(query, params, **options)


_SENT: list[tuple[bytes, Any]] = []


@attrs.frozen
class Recorded:
    """The statement that a booking through the core sends, as it was seen to send it."""

    statement: bytes
    given: dict[str, Any]
    example: UUID
    """The booking it was seen with."""

    @classmethod
    def by_booking(cls, uri: str, wish: Wish) -> "Recorded":
        """Book once through the core, and keep what it sent."""
        kwargs = {"autocommit": True, "cursor_factory": _Cursor}
        with ConnectionPool(uri, min_size=1, max_size=1, kwargs=kwargs) as pool:
            example = hold(Telehealth(ports_on(PostgresStore(pool))), wish)
        writes = [sent for sent in _SENT if b"INSERT INTO appointments" in sent[0]]
        assert len(writes) == 1, "a booking is written by one statement"
        return cls(writes[0][0], dict(writes[0][1]), example)

    def with_values(self) -> Callable[[dict[Any, Any]], dict[str, Any]]:
        """What makes the parameters of another booking from what takes the place of what."""
        texts = {name for name, value in self.given.items() if isinstance(value, str)}
        texts = {name for name in texts if str(self.example) in self.given[name]}
        plain = [name for name, value in self.given.items() if _is_key(value)]

        def made(places: dict[Any, Any]) -> dict[str, Any]:
            given = dict(self.given)
            for name in plain:
                given[name] = places.get(given[name], given[name])
            for name in texts:
                for old, new in places.items():
                    if isinstance(old, UUID):
                        given[name] = given[name].replace(str(old), str(new))
            return given

        return made


def _is_key(value: object) -> bool:
    return isinstance(value, UUID | datetime | TimestamptzRange)
