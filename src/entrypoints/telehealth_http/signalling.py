"""Signalling over WebSocket: introduces the participants of a visit to each other.

Who connects says room and token first. From then on what each says is passed to the others, and
being connected is attending: the visit is told who enters and who leaves.
"""

import asyncio
import json
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol
from uuid import UUID, uuid4

import attrs
import msgspec
from litestar import WebSocket, websocket
from litestar.concurrency import sync_to_thread
from litestar.exceptions import WebSocketDisconnect

from telehealth_core.access.policy import NotSignedIn
from telehealth_core.shared.ids import UserId
from telehealth_core.shared.refusal import Invalid, Refusal, StaleVersion
from telehealth_core.telehealth import Telehealth

FIRST_WORD_SECONDS = 10
ATTEMPTS = 8
QUEUED_MOST = 1_000
LOG = logging.getLogger("telehealth.http")

MALFORMED, FALSE_TOKEN, REFUSED, REPLACED, TOO_LARGE = 4400, 4401, 4403, 4409, 4413
"""What a connection is closed with; the last digits are the HTTP status of that meaning."""


class Introductions(Protocol):
    """Passes messages between the participants of a room."""

    def join(self, room: str, identity: str, send: Callable[[str], None], /) -> Callable[[], None]:
        """Enter the room; the answer leaves it again. Raises: Invalid if the room is full."""

    def relay(self, room: str, identity: str, message: str, /) -> None:
        """Pass the participant's message to all others in the room. Raises: Invalid, Unknown."""


@attrs.frozen
class Signalling:
    """How signalling knows its participants: `verify` reads a token, `rooms` passes messages.

    `verify` answers room and identity, or raises NotSignedIn.
    """

    verify: Callable[[str], tuple[str, str]]
    rooms: Introductions


@attrs.frozen(kw_only=True)
class _Hello:
    room: str
    token: str = attrs.field(repr=False)


@websocket("/v1/signalling", everybody=True)
async def signal(socket: WebSocket[Any, Any, Any]) -> None:
    """Let a participant in by the token of their admission, and relay until they leave."""
    signalling: Signalling = socket.app.state.signalling
    await socket.accept()
    try:
        room, identity = await _hello(socket, signalling)
    except (TimeoutError, msgspec.DecodeError, ValueError):
        await socket.close(MALFORMED, "malformed")
        return
    except NotSignedIn:
        await socket.close(FALSE_TOKEN, NotSignedIn.code)
        return
    except WebSocketDisconnect:
        return
    await _attend(socket, signalling, room, identity)


async def _hello(socket: WebSocket[Any, Any, Any], signalling: Signalling) -> tuple[str, str]:
    """Room and identity of whoever connected. Raises: NotSignedIn; ValueError; TimeoutError."""
    first = await asyncio.wait_for(socket.receive_text(), FIRST_WORD_SECONDS)
    hello = msgspec.json.decode(first, type=_Hello)
    room, identity = await sync_to_thread(signalling.verify, hello.token)
    if room != hello.room:
        raise NotSignedIn
    return room, identity


async def _attend(
    socket: WebSocket[Any, Any, Any], signalling: Signalling, room: str, identity: str
) -> None:
    """Record the connection from its beginning to its end, and relay meanwhile."""
    clinic: Telehealth = socket.app.state.clinic
    user, connection = UserId(UUID(identity)), str(uuid4())
    try:
        await _recorded(lambda: clinic.consultation.entered(room, user, connection))
    except Refusal as refusal:
        await socket.close(REFUSED, refusal.code)
        return
    try:
        await _relayed(socket, signalling.rooms, room, identity)
    finally:
        await asyncio.shield(_left(clinic, room, user, connection))


async def _left(clinic: Telehealth, room: str, user: UserId, connection: str) -> None:
    try:
        await _recorded(lambda: clinic.consultation.left(room, user, connection))
    except Refusal as refusal:
        LOG.warning("leaving a visit was not recorded: %s", refusal.code)


async def _recorded(tell: Callable[[], object]) -> None:
    """Tell the visit, again where two participants came or went at the same time."""
    for attempt in range(ATTEMPTS):
        try:
            await sync_to_thread(tell)
        except StaleVersion:
            if attempt == ATTEMPTS - 1:
                raise
            await asyncio.sleep(0.01 * 2**attempt)
        else:
            return


async def _relayed(
    socket: WebSocket[Any, Any, Any], rooms: Introductions, room: str, identity: str
) -> None:
    """Pass on what either side says, until the participant leaves."""
    loop, inbox = asyncio.get_running_loop(), asyncio.Queue[str]()

    def send(text: str) -> None:
        loop.call_soon_threadsafe(inbox.put_nowait, text)

    try:
        leave = rooms.join(room, identity, send)
    except Invalid:
        await socket.close(REPLACED, "the room is full")
        return
    # Heard from now on, answered first: whoever joins meanwhile waits in the inbox.
    inbox.put_nowait(json.dumps({"type": "joined", "room": room}))
    delivering = asyncio.create_task(_deliver(socket, inbox))
    try:
        while True:
            rooms.relay(room, identity, await socket.receive_text())
    except WebSocketDisconnect:
        pass
    except Refusal as refusal:
        with suppress(Exception):
            await socket.close(TOO_LARGE, refusal.code)
    finally:
        leave()
        delivering.cancel()
        with suppress(asyncio.CancelledError):
            await delivering


async def _deliver(socket: WebSocket[Any, Any, Any], inbox: asyncio.Queue[str]) -> None:
    """Send the participant what others say, until a newer connection of theirs takes over."""
    while True:
        text = await inbox.get()
        if inbox.qsize() > QUEUED_MOST:
            await socket.close(TOO_LARGE, "too slow")
            return
        await socket.send_text(text)
        if json.loads(text).get("type") == "replaced":
            await socket.close(REPLACED, "replaced")
            return
