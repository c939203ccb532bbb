"""A small HTTP/1.1 client: some connections that stay open, each with one request under way."""

import asyncio
import json
import math
import re
import time
from collections.abc import Callable, Generator, Iterator

import attrs

from children import Pipe, Turn, asked
from plan import LOCATION, Plan, Wish, token_of

CONNECTIONS = 16
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)

Asking = Generator[bytes, bytes, bytes]
"""The requests of one booking: each is sent after the answer to the one before it, and the last
answer is what came of the booking.
"""


@attrs.frozen
class Manner:
    """How a server is asked for a booking."""

    ask: Callable[[Wish], Asking]
    made: Callable[[bytes], str | None]
    """The id of the appointment that an answer tells, if it does."""


def sends(pipe: Pipe, plan: Plan) -> None:
    """Send bookings to whichever port is asked for, for so many seconds; or, if that is None, what
    all connections want at once.
    """
    wishes: dict[int, Iterator[Wish]] = {}
    for port, manner, seconds in asked(pipe):
        if port not in wishes:
            wishes[port] = plan.wishes(0, 1)
            next(wishes[port])  # the bare server has used the first one
        if seconds is None:
            pipe.send(asyncio.run(_turn(port, manner, plan.race(CONNECTIONS), math.inf)))
        else:
            pipe.send(asyncio.run(_turn(port, manner, wishes[port], seconds)))


async def _turn(port: int, manner: Manner, wishes: Iterator[Wish], seconds: float) -> Turn:
    load = _Load(manner, wishes)
    connecting = asyncio.get_running_loop().create_connection
    clients = [
        (await connecting(lambda: _Client(load), "127.0.0.1", port))[1] for _ in range(CONNECTIONS)
    ]
    began = time.perf_counter()
    load.until = began + seconds
    for client in clients:
        client.send()
    await asyncio.gather(*(client.done for client in clients))
    lasted = time.perf_counter() - began
    told = [(manner.made(answer), answer[9:12].decode()) for answer in load.answers]
    return Turn(
        booked=tuple(id for id, _ in told if id is not None),
        refused=tuple(status for id, status in told if id is None),
        seconds=lasted,
        waits=tuple(load.waits),
    )


@attrs.define
class _Load:
    """What the connections share: what to ask for, until when, and what was answered."""

    manner: Manner
    wishes: Iterator[Wish]
    until: float = 0.0
    answers: list[bytes] = attrs.field(factory=list)
    waits: list[float] = attrs.field(factory=list)


class _Client(asyncio.Protocol):
    """One connection."""

    def __init__(self, load: _Load) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._load, self._came, self._began = load, b"", 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Be ready to send."""
        assert isinstance(transport, asyncio.Transport), "a stream"
        self._transport = transport

    def send(self) -> None:
        """Ask for the next booking, or hang up when time is over or nothing is left to ask for."""
        self._began = time.perf_counter()
        wish = next(self._load.wishes, None) if self._began < self._load.until else None
        if wish is None:
            self.done.set_result(None)
            self._transport.close()
        else:
            self._asking = self._load.manner.ask(wish)
            self._transport.write(next(self._asking))

    def data_received(self, data: bytes) -> None:
        """Take an answer, in however many pieces it comes, and go on."""
        self._came += data
        head, end, body = self._came.partition(b"\r\n\r\n")
        if not end:
            return
        length = _LENGTH.search(head + b"\r\n")
        assert length is not None, "every answer tells its length"
        if len(body) >= int(length[1]):
            answer, self._came = self._came, b""
            try:
                self._transport.write(self._asking.send(answer))
            except StopIteration as booked:
                self._load.waits.append(time.perf_counter() - self._began)
                self._load.answers.append(booked.value)
                self.send()

    def connection_lost(self, problem: Exception | None) -> None:
        """Say so if the server hung up."""
        if not self.done.done():
            self.done.set_exception(problem or ConnectionError("the server hung up"))


def _ask_house(wish: Wish) -> Asking:
    patient = wish.patient.as_patient()
    body = (
        f'{{"patient_id":"{patient}","session_id":"{wish.session_id}",'
        f'"start":"{wish.start.isoformat()}","mode":"video","location":"{LOCATION}"}}'
    )
    return (
        yield (
            "POST /v1/appointments HTTP/1.1\r\nHost: bench.example\r\n"
            f"Authorization: Bearer {token_of(patient)}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        ).encode()
    )


def _made_by_house(answer: bytes) -> str | None:
    head, _, body = answer.partition(b"\r\n\r\n")
    return str(json.loads(body)["id"]) if head.startswith(b"HTTP/1.1 201 ") else None


HOUSE = Manner(_ask_house, _made_by_house)
