"""Video without a vendor: browsers talk to each other, and we only introduce them (WebRTC)."""

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from threading import Lock

import attrs

from telehealth_core.access.policy import NotSignedIn
from telehealth_core.consultation.video import Admission
from telehealth_core.shared.refusal import Invalid, Unknown
from telehealth_embedded.signature import Signature

MESSAGE_BYTES_MOST = 64 * 1024
PARTICIPANTS_MOST = 4

Send = Callable[[str], None]
"""Sends one text message to one participant's connection; must not wait for long."""


@attrs.frozen
class EmbeddedRooms:
    """Admits participants with signed tokens; `url` is where `Signalling` is reached.

    Rooms need no opening: a room is whoever holds a token for it.
    """

    _secret: bytes = attrs.field(repr=False)
    _clock: Callable[[], datetime] = attrs.field(repr=False)
    _url: str
    _signature: Signature = attrs.field(init=False, repr=False)

    @_signature.default
    def _make_signature(self) -> Signature:
        return Signature(self._secret, "video", self._clock)

    def admit(self, room: str, identity: str, *, until: datetime) -> Admission:
        """Let this participant into the room for a while."""
        return Admission(room, self._signature.sign((room, identity), until), self._url)

    def verify(self, token: str) -> tuple[str, str]:
        """The room and the identity that the token was made for.

        Raises: NotSignedIn if it is false or expired.
        """
        claims, _ = self._signature.read(token)
        if len(claims) != 2:
            raise NotSignedIn
        return claims[0], claims[1]


@attrs.define
class Signalling:
    """Passes messages between the participants of a room, so that their browsers find each other.

    Everybody is told when another joins or leaves; what a participant says arrives with the
    sender's identity, which nobody can forge: `{"type": "signal", "from": ..., "message": ...}`.
    """

    _lock: Lock = attrs.field(factory=Lock, init=False, repr=False)
    _rooms: dict[str, dict[str, Send]] = attrs.field(factory=dict, init=False, repr=False)

    def join(self, room: str, identity: str, send: Send) -> Callable[[], None]:
        """Enter the room; the answer leaves it again, unless a newer connection has taken over.

        Joining twice with one identity replaces the first connection: it is told
        `{"type": "replaced"}`, and the others that the peer left and joined.
        Raises: Invalid if the room is full.
        """
        with self._lock:
            participants = self._rooms.setdefault(room, {})
            replaced = participants.get(identity)
            if replaced is None and len(participants) >= PARTICIPANTS_MOST:
                raise Invalid("room", f"at most {PARTICIPANTS_MOST} participants")
            participants[identity] = send
            others = _others(participants, identity)
        if replaced is not None:
            _tell([replaced], {"type": "replaced"})
            _tell(others, {"type": "peer-left", "identity": identity})
        _tell(others, {"type": "peer-joined", "identity": identity})
        return lambda: self._leave(room, identity, send)

    def relay(self, room: str, identity: str, message: str) -> None:
        """Pass the participant's message to all others in the room.

        Raises: Invalid if it is too large; Unknown unless the sender is in the room.
        """
        if len(message.encode("utf-8", "surrogatepass")) > MESSAGE_BYTES_MOST:
            raise Invalid("message", f"at most {MESSAGE_BYTES_MOST} bytes")
        with self._lock:
            participants = self._rooms.get(room, {})
            if identity not in participants:
                raise Unknown("room")
            others = _others(participants, identity)
        _tell(others, {"type": "signal", "from": identity, "message": message})

    def leave(self, room: str, identity: str) -> None:
        """Leave the room, whichever connection it is; leaving twice is no error."""
        self._leave(room, identity, None)

    def _leave(self, room: str, identity: str, only: Send | None) -> None:
        with self._lock:
            participants = self._rooms.get(room, {})
            current = participants.get(identity)
            if current is None or (only is not None and current is not only):
                return
            del participants[identity]
            others = list(participants.values())
            if not participants:
                del self._rooms[room]
        _tell(others, {"type": "peer-left", "identity": identity})


def _others(participants: dict[str, Send], identity: str) -> list[Send]:
    return [send for name, send in participants.items() if name != identity]


def _tell(listeners: Iterable[Send], message: dict[str, str]) -> None:
    """Send to each; a connection that breaks is noticed by its own handler, which then leaves."""
    text = json.dumps(message)
    for send in listeners:
        with suppress(Exception):
            send(text)
