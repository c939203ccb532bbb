"""A small HTTP/1.1 client: some connections that stay open, each with one request under way."""

import asyncio
import json
import re
import time
from collections.abc import Iterator

import attrs

from children import Pipe, Turn, asked
from plan import LOCATION, Plan, Wish, token_of

CONNECTIONS = 16
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)


def sends(pipe: Pipe, plan: Plan) -> None:
    """Send bookings to whichever port is asked for, for so many seconds."""
    wishes: dict[int, Iterator[Wish]] = {}
    for port, seconds in asked(pipe):
        if port not in wishes:
            wishes[port] = plan.wishes(0, 1)
            next(wishes[port])  # the bare server has used the first one
        pipe.send(asyncio.run(_turn(port, wishes[port], seconds)))


async def _turn(port: int, wishes: Iterator[Wish], seconds: float) -> Turn:
    load = _Load(wishes)
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
    answers = [answer.partition(b"\r\n\r\n") for answer in load.answers]
    made = [head.startswith(b"HTTP/1.1 201 ") for head, _, _ in answers]
    return Turn(
        booked=tuple(
            json.loads(body)["id"] for (_, _, body), ok in zip(answers, made, strict=True) if ok
        ),
        refused=tuple(
            head[9:12].decode() for (head, _, _), ok in zip(answers, made, strict=True) if not ok
        ),
        seconds=lasted,
        waits=tuple(load.waits),
    )


@attrs.define
class _Load:
    """What the connections share: what to ask for, until when, and what was answered."""

    wishes: Iterator[Wish]
    until: float = 0.0
    answers: list[bytes] = attrs.field(factory=list)
    waits: list[float] = attrs.field(factory=list)


class _Client(asyncio.Protocol):
    """One connection."""

    def __init__(self, load: _Load) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._load, self._came, self._sent = load, b"", 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Be ready to send."""
        assert isinstance(transport, asyncio.Transport), "a stream"
        self._transport = transport

    def send(self) -> None:
        """Ask for the next booking, or hang up when time is over."""
        self._sent = time.perf_counter()
        if self._sent >= self._load.until:
            self.done.set_result(None)
            self._transport.close()
        else:
            self._transport.write(_request(next(self._load.wishes)))

    def data_received(self, data: bytes) -> None:
        """Take an answer, in however many pieces it comes, and go on."""
        self._came += data
        head, end, body = self._came.partition(b"\r\n\r\n")
        if not end:
            return
        length = _LENGTH.search(head + b"\r\n")
        assert length is not None, "every answer tells its length"
        if len(body) >= int(length[1]):
            self._load.waits.append(time.perf_counter() - self._sent)
            self._load.answers.append(self._came)
            self._came = b""
            self.send()

    def connection_lost(self, problem: Exception | None) -> None:
        """Say so if the server hung up."""
        if not self.done.done():
            self.done.set_exception(problem or ConnectionError("the server hung up"))


def _request(wish: Wish) -> bytes:
    patient = wish.patient.as_patient()
    body = (
        f'{{"patient_id":"{patient}","session_id":"{wish.session_id}",'
        f'"start":"{wish.start.isoformat()}","mode":"video","location":"{LOCATION}"}}'
    )
    return (
        "POST /v1/appointments HTTP/1.1\r\nHost: bench.example\r\n"
        f"Authorization: Bearer {token_of(patient)}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()
