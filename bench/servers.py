"""The two HTTP servers: the program's own, and a bare one. Each is a process of its own with the
program's settings of uvicorn, as many threads, and a pool of as many connections.
"""

import socket
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Thread
from typing import Any, Self
from uuid import UUID

import attrs
from litestar import Litestar, post
from litestar.concurrency import set_asyncio_executor
from litestar.exceptions import ClientException
from litestar.handlers import HTTPRouteHandler
from psycopg_pool import ConnectionPool

from booking import hold, ports_on
from children import Pipe, asked
from machine import peak_mb
from plan import PRACTICE, VISIT_MINUTES, Plan, Wish, provider_id, session_id
from telehealth_app.serving import server
from telehealth_core.access.ports import Keys
from telehealth_core.shared.ids import ProviderId, SessionId
from telehealth_core.shared.interval import Interval
from telehealth_core.telehealth import Telehealth
from telehealth_http.app import create_app
from telehealth_http.requests import uuid7
from telehealth_postgres.columns import range_of
from telehealth_postgres.keyring import KeyRing
from telehealth_postgres.pipeline import Answer, Connection, Pipeline
from telehealth_postgres.store import PostgresStore
from telehealth_postgres.wall import ENTER, application_uri

THREADS = 16


def serve_house(pipe: Pipe, uri: str, keys: Keys) -> None:
    """Serve the program itself; tells its port."""
    with PostgresStore.open(application_uri(uri), keys, connections=THREADS) as store:
        _serve(pipe, create_app(Telehealth(ports_on(store)), threads=THREADS), ())


def serve_bare(pipe: Pipe, uri: str, keys: Keys, plan: Plan) -> None:
    """Serve a handler that runs the program's statement and nothing else; tells its port, and which
    booking it needed to see that statement.
    """
    recorded = Recorded.by_booking(
        uri, keys, next(plan.wishes(0, 1))
    )  # nobody else asks for that one
    owners = {
        session_id(number, day): provider_id(number)
        for number in range(plan.providers)
        for day in range(plan.days)
    }
    with _pool(uri, Connection, most=THREADS) as pool:
        set_asyncio_executor(ThreadPoolExecutor(THREADS))
        app = Litestar([_booking(pool, recorded, owners)], logging_config=None, openapi_config=None)
        _serve(pipe, app, (str(recorded.example),))


def _pool(uri: str, kind: type[Connection], most: int) -> ConnectionPool[Connection]:
    return ConnectionPool(
        application_uri(uri),
        connection_class=kind,
        min_size=1,
        max_size=most,
        kwargs={"autocommit": True},
        configure=kind.preparing,
        open=True,
    )


def _serve(pipe: Pipe, app: Any, already: tuple[str, ...]) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        web = server(app)

        def stop_with_parent() -> None:
            for _ in asked(pipe):
                pipe.send(peak_mb())
            web.should_exit = True

        pipe.send((listener.getsockname()[1], already))
        Thread(target=stop_with_parent, daemon=True).start()
        web.run(sockets=[listener])


_SENT: list[tuple[str, dict[str, Any]]] = []


class _Remembering(Pipeline):
    """Remembers what was sent."""

    def ask(self, text: str, given: Mapping[str, Any]) -> Answer:
        _SENT.append((text, dict(given)))
        return super().ask(text, given)


class _Overheard(Connection):
    """A connection of which everything is remembered."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.questions = _Remembering(self)


@attrs.frozen
class Recorded:
    """What the core was seen to send to write a booking, to be sent again for others."""

    wish: Wish
    example: UUID
    statement: str
    given: dict[str, Any]

    @classmethod
    def by_booking(cls, uri: str, keys: Keys, wish: Wish) -> Self:
        """Book once through the core, and keep what it sent."""
        with _pool(uri, _Overheard, most=1) as pool:
            example = hold(Telehealth(ports_on(PostgresStore(pool, KeyRing(keys)))), wish)
        ((statement, given),) = [sent for sent in _SENT if "INTO appointments" in sent[0]]
        return cls(wish, example, statement, given)

    def given_for(self, new: "dict[Any, Any]") -> dict[str, Any]:
        """The parameters of another booking, whose values are those of the example but for some."""
        return {
            name: new.get(value, value) if isinstance(value, UUID | str) else value
            for name, value in self.given.items()
        }


@attrs.frozen
class WishBody:
    """What the program's own route takes."""

    patient_id: UUID
    session_id: UUID
    start: datetime
    mode: str
    location: str


def _booking(
    pool: ConnectionPool[Connection], recorded: Recorded, owners: dict[SessionId, ProviderId]
) -> HTTPRouteHandler:
    example, wish = str(recorded.example), recorded.wish
    old_patient, old_provider = wish.patient.as_patient(), owners[wish.session_id]
    old_visit = range_of(_visit(wish.start))
    told = [
        name
        for name, value in recorded.given.items()
        if example in str(value)[:2_000] and isinstance(value, str)
    ]

    @post("/v1/appointments", sync_to_thread=True)
    def book(data: WishBody) -> dict[str, Any]:
        id, provider = uuid7(), owners[SessionId(data.session_id)]
        visit = _visit(data.start)
        given = recorded.given_for(
            {
                recorded.example: id,
                old_patient: data.patient_id,
                wish.patient.id: data.patient_id,
                old_provider: provider,
                wish.session_id: data.session_id,
                old_visit: range_of(visit),
            }
        )
        given |= {name: given[name].replace(example, str(id)) for name in told}
        with pool.connection() as connection, connection.together() as questions:
            questions.ask(ENTER, {"practice": PRACTICE})
            written = questions.ask(recorded.statement, given)
        if written.rows() != [(1,)]:
            raise ClientException("taken", status_code=409)
        return _answer(id, provider, data, visit)

    return book


def _visit(start: datetime) -> Interval:
    return Interval(start, start + timedelta(minutes=VISIT_MINUTES))


def _answer(id: UUID, provider: ProviderId, data: WishBody, visit: Interval) -> dict[str, Any]:
    """As much as the program's own route answers."""
    return {
        "id": id,
        "version": 1,
        "status": "held",
        "patient_id": data.patient_id,
        "provider_id": provider,
        "session_id": data.session_id,
        "during": {"start": visit.start, "end": visit.end},
        "mode": data.mode,
        "price": {"minor": 4_000, "currency": "GBP"},
        "location": data.location,
        "held_until": visit.start,
        "reason": None,
        "pre_screening": [],
        "attachments": [],
        "cancelled_because": None,
    }
