"""Database and web server killed in the middle of bookings: what was answered is there."""

import os
import random
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Lock, Thread
from uuid import UUID, uuid4

import attrs
import httpx
import pytest

from integration.crash import clinic
from integration.crash.conftest import Nursery
from telehealth_app.container import assembled
from telehealth_app.settings import Settings
from telehealth_postgres import server

ROUNDS, CLIENTS = 20, 6
REFUSED = {"time-taken", "unavailable"}
SEED = int(os.environ.get("TELEHEALTH_CRASH_SEED", "4"))


@attrs.define
class Storm:
    """Clients that book over HTTP until nobody answers any more."""

    wishes: Iterator[clinic.Wish]
    chance: random.Random
    answered: set[UUID] = attrs.field(factory=set)
    refused: set[str] = attrs.field(factory=set)
    _lock: Lock = attrs.field(factory=Lock)
    _last: clinic.Wish | None = None

    def wish(self) -> clinic.Wish:
        """The next free time, or the last one again: somebody else wants it too."""
        with self._lock:
            if self._last is None or self.chance.random() < 0.8:
                self._last = next(self.wishes)
            return self._last

    def book(self, url: str) -> None:
        """One client."""
        headers = {"Authorization": f"Bearer {clinic.TOKEN}", "Purpose-Of-Use": "operations"}
        with httpx.Client(base_url=url, headers=headers, timeout=10) as client:
            while True:
                try:
                    answer = client.post(
                        "/v1/bookings",
                        json=self.wish().body(),
                        headers={"Idempotency-Key": str(uuid4())},
                    )
                except httpx.TransportError:
                    return
                if answer.status_code == 201:
                    self.answered.add(UUID(answer.json()["id"]))
                else:
                    self.refused.add(answer.json()["code"])
                    assert self.refused <= REFUSED, answer.text

    def rage(self, url: str, bookings: int) -> list[Thread]:
        """Book until so many more were answered; the clients go on."""
        clients = [Thread(target=self.book, args=(url,)) for _ in range(CLIENTS)]
        enough = len(self.answered) + bookings
        for client in clients:
            client.start()
        while len(self.answered) < enough and any(client.is_alive() for client in clients):
            time.sleep(0.001)
        return clients


def started(nursery: Nursery, home: Path) -> tuple[int, str]:
    """`telehealth serve` on its own database: the process, and its address once it is ready."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = nursery(
        words=["serve", "--no-demo"],
        environment={"TELEHEALTH_HOME": str(home), "TELEHEALTH_PORT": str(port)},
    )
    url = f"http://127.0.0.1:{port}"
    for _ in range(6_000):
        try:
            if httpx.get(f"{url}/health/ready").is_success:
                return process, url
        except httpx.TransportError:
            time.sleep(0.01)
    raise AssertionError("it does not start again")


def crash(process: int, home: Path, chance: random.Random) -> None:
    """Kill both, one a little after the other."""
    postmaster = int((home / "postgres" / "data" / "postmaster.pid").read_text().split("\n")[0])
    kills = [(process, signal.SIGKILL), (postmaster, signal.SIGQUIT)]
    chance.shuffle(kills)
    os.kill(*kills[0])
    time.sleep(chance.random() * 0.02)
    try:
        os.kill(*kills[1])
    except ProcessLookupError:
        assert kills[1][0] == postmaster, "the server ends with its owner"


@pytest.mark.slow
def test_what_was_answered_survives_any_crash(nursery: Nursery, tmp_path: Path) -> None:
    """Twenty times everything dies during a storm of bookings and starts again: each answered one
    is there, none is half there, nobody is in two places; in the end each was paid and told once
    (N01, N09).
    """
    print(f"TELEHEALTH_CRASH_SEED={SEED}")
    chance = random.Random(SEED)
    with assembled(Settings(home=tmp_path, port=0)) as container:
        storm = Storm(clinic.wishes(clinic.seed(container)), chance)
    for _ in range(ROUNDS):
        process, url = started(nursery, tmp_path)
        uri = server._uri(tmp_path / "postgres")
        assert clinic.ask(uri, "SHOW fsync") == [("on",)]
        clinic.all_or_nothing(uri, storm.answered)
        clients = storm.rage(url, chance.randint(1, 25))
        crash(process, tmp_path, chance)
        for client in clients:
            client.join()
    with assembled(Settings(home=tmp_path, port=0)) as container:
        uri = server._uri(tmp_path / "postgres")
        clinic.finish(container, uri)
        clinic.all_or_nothing(uri, storm.answered)
        visits = clinic.all_followed(uri, tmp_path)
    print(f"{len(storm.answered)} answered, {visits} there, refused: {sorted(storm.refused)}")
    assert len(storm.answered) > ROUNDS
    assert storm.refused <= REFUSED
