"""Two people meet in a video room: both connect, exchange what browsers would, stay, and leave."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urljoin, urlsplit

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

PATIENCE_SECONDS = 5.0
OFFER = {"type": "offer", "sdp": "v=0 ... m=video (an offer as a browser makes it)"}
ANSWER = {"type": "answer", "sdp": "v=0 ... m=video (its answer)"}


def meet(base_url: str, first: dict[str, Any], second: dict[str, Any], seconds: float) -> str:
    """Let both in with their admissions and have them stay together for so many seconds.

    Raises: OSError, ValueError, LookupError if the room does not do its part.
    """
    try:
        with _entered(base_url, first) as provider, _entered(base_url, second) as patient:
            _hear(provider, "peer-joined")
            provider.send(json.dumps(OFFER))
            offer = _hear(patient, "offer")
            patient.send(json.dumps(ANSWER))
            answer = _hear(provider, "answer")
            time.sleep(seconds)
    except WebSocketException as error:
        raise OSError(str(error)) from None
    if (offer, answer) != (OFFER, ANSWER):
        raise ValueError("what one said did not arrive unchanged at the other")
    return f"both are in, offer and answer went through; together for {seconds} s, then both leave"


def address(base_url: str, url: str) -> str:
    """Where the room's WebSocket is; the server may tell a path or the whole address."""
    parts = urlsplit(urljoin(base_url, url))
    return parts._replace(scheme=parts.scheme.replace("http", "ws")).geturl()


@contextmanager
def _entered(base_url: str, admission: dict[str, Any]) -> Iterator[ClientConnection]:
    where = address(base_url, admission["url"])
    with connect(where, open_timeout=PATIENCE_SECONDS, proxy=None) as connection:
        connection.send(json.dumps({"room": admission["room"], "token": admission["token"]}))
        _hear(connection, "joined")
        yield connection


def _hear(connection: ClientConnection, kind: str) -> dict[str, Any]:
    """The next message of that kind, which may come in the envelope that names its sender."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        message = json.loads(connection.recv(timeout=max(0.0, deadline - time.monotonic())))
        if message.get("type") == "signal":
            inner = message["message"]
            message = json.loads(inner) if isinstance(inner, str) else inner
        if message.get("type") == kind:
            return dict(message)
