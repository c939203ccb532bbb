"""Signalling: participants meet, and being connected is attending."""

import asyncio
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from litestar.exceptions import WebSocketDisconnect
from litestar.testing import TestClient

from integration.http.clinic import Clinic, Person
from telehealth_core.shared.refusal import StaleVersion
from telehealth_core.telehealth import Telehealth
from telehealth_core.testing import memory_ports
from telehealth_http import create_app
from telehealth_http.signalling import _recorded

PATH = "/v1/signalling"


def until(holds: Callable[[], bool]) -> None:
    """Wait until it holds: what a closing connection leaves behind follows a moment later."""
    deadline = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.01)


@pytest.fixture
def visit(clinic: Clinic) -> tuple[Clinic, Person, Person, str]:
    """A clinic, patient and provider of a visit that can be joined now, and its path."""
    provider, patient = clinic.provider(), clinic.verified_patient()
    appointment = clinic.booked(patient, provider)
    clinic.clock.forward(hours=1)
    return clinic, patient, provider, f"/v1/appointments/{appointment['id']}/visit"


def hello(person: Person, path: str) -> dict[str, str]:
    """What this person says first."""
    admission = person.post(f"{path}/join", {"location": "US-NY", "private": True}, status=200)
    return {"room": admission["room"], "token": admission["token"]}


def test_two_participants_meet_talk_and_are_recorded(
    visit: tuple[Clinic, Person, Person, str],
) -> None:
    """Both hear of each other and from each other; who attended, and how long, is on record."""
    clinic, patient, provider, path = visit
    with clinic.client.websocket_connect(PATH) as theirs:
        theirs.send_json(hello(patient, path))
        joined = theirs.receive_json()
        assert joined["type"] == "joined"
        with clinic.client.websocket_connect(PATH) as ours:
            ours.send_json(hello(provider, path))
            assert ours.receive_json() == joined
            peer = theirs.receive_json()
            assert peer == {"type": "peer-joined", "identity": provider.who["user_id"]}
            theirs.send_text('{"sdp": "offer"}')
            assert ours.receive_json() == {
                "type": "signal",
                "from": patient.who["user_id"],
                "message": '{"sdp": "offer"}',
            }
            clinic.clock.forward(minutes=20)
        left = theirs.receive_json()
        assert left == {"type": "peer-left", "identity": provider.who["user_id"]}
        until(lambda: sum(one["until"] is not None for one in attended(provider, path)) == 1)
    until(lambda: provider.get(path)["status"] == "finished")
    seen = provider.get(path)
    assert [one["side"] for one in seen["attendances"]] == ["patient", "provider"]
    assert seen["counted_seconds"] == 20 * 60
    assert provider.get(path.removesuffix("/visit"))["status"] == "arrived"


def attended(person: Person, path: str) -> list[dict[str, Any]]:
    """Who attended so far."""
    attendances: list[dict[str, Any]] = person.get(path)["attendances"]
    return attendances


@pytest.mark.parametrize(
    ("first", "code"),
    [
        ('{"room": "r", "token": "false"}', 4401),
        ("no json", 4400),
        ("[]", 4400),
        ('{"room": "r"}', 4400),
        ('{"room": 1, "token": 2}', 4400),
    ],
)
def test_who_was_not_let_in_is_shown_the_door(clinic: Clinic, first: str, code: int) -> None:
    """A false token and a first word that is none close the connection, each with its code."""
    with clinic.client.websocket_connect(PATH) as socket:
        socket.send_text(first)
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_text()
    assert closed.value.code == code


def test_a_token_opens_its_own_room_only(visit: tuple[Clinic, Person, Person, str]) -> None:
    """A true token for another room is a false one, and nobody is recorded as attending."""
    clinic, patient, _, path = visit
    words = {**hello(patient, path), "room": "another"}
    with clinic.client.websocket_connect(PATH) as socket:
        socket.send_json(words)
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_text()
    assert closed.value.code == 4401
    assert attended(patient, path) == []


def test_a_token_that_ran_out_opens_nothing(visit: tuple[Clinic, Person, Person, str]) -> None:
    """Once the room is closed its tokens are false."""
    clinic, patient, _, path = visit
    words = hello(patient, path)
    clinic.clock.forward(hours=3)
    with clinic.client.websocket_connect(PATH) as socket:
        socket.send_json(words)
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_text()
    assert closed.value.code == 4401


def test_a_newer_connection_takes_over(visit: tuple[Clinic, Person, Person, str]) -> None:
    """Who connects again is moved: the older connection is told and closed."""
    clinic, patient, _, path = visit
    words = hello(patient, path)
    with clinic.client.websocket_connect(PATH) as older:
        older.send_json(words)
        assert older.receive_json()["type"] == "joined"
        with clinic.client.websocket_connect(PATH) as newer:
            newer.send_json(words)
            assert newer.receive_json()["type"] == "joined"
            assert older.receive_json() == {"type": "replaced"}
            with pytest.raises(WebSocketDisconnect) as closed:
                older.receive_text()
            assert closed.value.code == 4409
    until(lambda: all(one["until"] for one in attended(patient, path)))
    assert len(attended(patient, path)) == 2


def test_a_message_that_is_too_large_ends_the_connection(
    visit: tuple[Clinic, Person, Person, str],
) -> None:
    """Signalling carries no files; leaving is recorded all the same."""
    clinic, patient, _, path = visit
    with clinic.client.websocket_connect(PATH) as socket:
        socket.send_json(hello(patient, path))
        assert socket.receive_json()["type"] == "joined"
        socket.send_text("x" * 70_000)
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_text()
    assert closed.value.code == 4413
    until(lambda: all(one["until"] for one in attended(patient, path)))


def test_signalling_and_mail_exist_only_where_they_are_given() -> None:
    """A server without them has no such routes."""
    app = create_app(Telehealth(memory_ports()))
    paths = {route.path for route in app.routes}
    assert not paths & {PATH, "/embedded/mail"}
    with TestClient(app) as client:
        assert client.get("/embedded/mail?practice=a&address=b").status_code == 404


def test_attendance_is_recorded_although_two_come_at_once() -> None:
    """Where both were told at the same time, the later report is made again."""
    told: list[int] = []

    def tell() -> None:
        told.append(len(told))
        if len(told) < 3:
            raise StaleVersion("consultation", UUID(int=7))

    asyncio.run(_recorded(tell))
    assert told == [0, 1, 2]


def test_attendance_that_cannot_be_recorded_is_told_in_the_end() -> None:
    """Reports are not made again for ever."""

    def tell() -> None:
        raise StaleVersion("consultation", UUID(int=7))

    with pytest.raises(StaleVersion):
        asyncio.run(_recorded(tell))


def test_who_left_the_visit_for_good_is_not_let_in_again(
    visit: tuple[Clinic, Person, Person, str],
) -> None:
    """Once the visit is confirmed its room lets nobody in, whatever their token says."""
    clinic, patient, provider, path = visit
    words = hello(patient, path)
    clinic.meet(patient, provider, {"id": path.split("/")[3]})
    provider.post(f"{path}/completion", {}, status=200)
    with clinic.client.websocket_connect(PATH) as socket:
        socket.send_json(words)
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_text()
    assert closed.value.code == 4403
