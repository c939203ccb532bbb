"""The command as people run it: it starts, tells where, and stops everything it started."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from rich.console import Console

from telehealth_cli.demo import run
from telehealth_postgres import migrations
from telehealth_postgres.wall import application_uri

SOURCES = Path(__file__).parents[3] / "src"
COMMAND = [sys.executable, "-m", "telehealth_cli.main"]


def environment(home: Path, **other: str) -> dict[str, str]:
    """What the command is told."""
    folders = (SOURCES, SOURCES / "adapters", SOURCES / "entrypoints")
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, folders)),
        "TELEHEALTH_HOME": str(home),
        "TELEHEALTH_PORT": "0",
        **other,
    }


@contextmanager
def serving(home: Path, *words: str, **other: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`telehealth serve` and the address it printed; killed at the end if it still runs."""
    process = subprocess.Popen(
        [*COMMAND, "serve", *words],
        env=environment(home, **other),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        said = ""
        while not (found := re.search(r"serves on (http://\S+)", said)):
            line = process.stdout.readline()
            assert line, f"it ended: {said}"
            said += line
        url = found[1]
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"{url}/health/ready").is_success:
                    break
            except httpx.TransportError:
                time.sleep(0.02)
        yield process, url
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def server_of(home: Path) -> int | None:
    """The process id of the PostgreSQL that works in this home."""
    note = home / "postgres" / "data" / "postmaster.pid"
    return int(note.read_text().splitlines()[0]) if note.exists() else None


def alive(process_id: int) -> bool:
    """Whether there is such a process."""
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopping_it_stops_every_process_it_started(tmp_path: Path, number: signal.Signals) -> None:
    """Neither Ctrl-C nor a polite kill leaves a server behind."""
    with serving(tmp_path) as (process, url):
        assert httpx.get(f"{url}/v1/practices/thames-gp").json()["zone"] == "Europe/London"
        server = server_of(tmp_path)
        assert server is not None
        assert alive(server)
        process.send_signal(number)
        assert process.wait(30) == 0
        assert not alive(server)
        with pytest.raises(httpx.TransportError):
            httpx.get(f"{url}/health")


@pytest.mark.slow
def test_a_stop_answers_first_what_was_asked(tmp_path: Path) -> None:
    """A request under way when the process is asked to stop is answered, and then all ends well."""
    with serving(tmp_path, "--no-demo") as (process, url):
        port = int(url.rpartition(":")[2])
        body = b'{"practice": "nowhere", "email": "a@example.org", "password": "%b"}' % (b"x" * 64)
        with socket.create_connection(("127.0.0.1", port)) as half:
            half.sendall(
                b"POST /v1/sign-ins HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json"
                b"\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body[:20])
            )
            time.sleep(0.2)  # the server has begun to read
            process.send_signal(signal.SIGTERM)
            closed(port)
            half.sendall(body[20:])
            answer = half.recv(4_096)
        assert answer.startswith(b"HTTP/1.1 4"), answer
        assert process.wait(30) == 0


def closed(port: int) -> None:
    """Wait until nobody is let in any more."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            return
        time.sleep(0.01)
    raise AssertionError("it still lets people in")


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_worker_stops_when_told_so(tmp_path: Path, database: str, number: signal.Signals) -> None:
    """It ends well and leaves the list of those who are alive."""
    working = subprocess.Popen(
        [*COMMAND, "work"],
        env=environment(tmp_path, TELEHEALTH_DATABASE_URL=application_uri(database)),
        stdout=subprocess.PIPE,
    )
    with psycopg.connect(database, autocommit=True) as connection, working:
        alive = "SELECT count(*) FROM procrastinate_workers"
        while connection.execute(alive).fetchone() == (0,):
            assert working.poll() is None
            time.sleep(0.02)
        working.send_signal(number)
        assert working.wait(30) == 0
        assert connection.execute(alive).fetchone() == (0,)


@pytest.mark.slow
def test_a_second_start_finds_what_the_first_left(tmp_path: Path) -> None:
    """Demo accounts work after a restart, and demo data is not there twice."""
    for _ in range(2):
        with serving(tmp_path) as (process, url):
            signed_in = httpx.post(
                f"{url}/v1/sign-ins",
                json={
                    "practice": "hudson-therapy",
                    "email": "liaison@hudson-therapy.example",
                    "password": "correct horse battery staple",
                },
            )
            assert signed_in.status_code == 201
            bearer = {"Authorization": f"Bearer {signed_in.json()['token']}"}
            providers = httpx.get(f"{url}/v1/providers", headers=bearer).json()["items"]
            assert len(providers) == 3
            process.send_signal(signal.SIGINT)
            process.wait(30)


@pytest.mark.slow
def test_it_serves_on_a_database_that_is_named(tmp_path: Path, database: str) -> None:
    """The same program runs elsewhere; demo practices are there only if asked for."""
    with serving(tmp_path, TELEHEALTH_DATABASE_URL=application_uri(database)) as (_, url):
        assert httpx.get(f"{url}/health/ready").is_success
        assert httpx.get(f"{url}/v1/practices/thames-gp").status_code == 404
        assert server_of(tmp_path) is None


@pytest.mark.slow
def test_web_and_worker_work_in_processes_of_their_own(tmp_path: Path, database: str) -> None:
    """The journeys go through when the worker is another process on the same database."""
    other = {"TELEHEALTH_DATABASE_URL": application_uri(database)}
    with serving(tmp_path, "--demo", "--no-worker", **other) as (_, url):
        worker = subprocess.Popen([*COMMAND, "work"], env=environment(tmp_path, **other))
        try:
            told = StringIO()
            assert run(url, Console(file=told, width=100)) == 0, told.getvalue()
        finally:
            worker.send_signal(signal.SIGINT)
            worker.wait(30)


def refused(home: Path, *words: str, **other: str) -> str:
    """What the command says when it cannot do what it was told."""
    ended = subprocess.run(
        [*COMMAND, *words],
        env=environment(home, **other),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert "Traceback" not in ended.stdout + ended.stderr
    return " ".join((ended.stdout + ended.stderr).split())


def test_a_taken_port_is_told_with_what_to_do(tmp_path: Path) -> None:
    """The message names the port and the setting."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        said = refused(tmp_path, "serve", TELEHEALTH_PORT=port)
    assert port in said
    assert "TELEHEALTH_PORT=" in said


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TELEHEALTH_PORT", "many"),
        ("TELEHEALTH_DATABASE_URL", "mysql://host/name"),
        ("TELEHEALTH_SECRET", "short"),
        ("TELEHEALTH_REPLICA_URL", "mysql://host/name"),
        ("TELEHEALTH_REPLICA_LAG_SECONDS", "0"),
        ("TELEHEALTH_PREPARE", "perhaps"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(tmp_path: Path, variable: str, value: str) -> None:
    """The message names the variable; a secret's value is not repeated."""
    said = refused(tmp_path, "serve", **{variable: value})
    assert variable in said


def test_published_passwords_are_never_served_to_a_network(tmp_path: Path) -> None:
    """Demo accounts stay on this machine."""
    assert "--no-demo" in refused(tmp_path, "serve", TELEHEALTH_HOST="0.0.0.0")


def test_importing_into_an_unknown_practice_is_told(tmp_path: Path, fresh_database: Any) -> None:
    """The message says that there is no such practice."""
    where = (str(tmp_path), "--practice", "nowhere")
    with fresh_database() as uri:
        said = refused(tmp_path, "import", *where, TELEHEALTH_DATABASE_URL=application_uri(uri))
    assert "no such practice" in said


@pytest.mark.parametrize("command", ["serve", "work"])
def test_a_role_that_could_see_past_the_wall_is_refused(
    tmp_path: Path, database: str, command: str
) -> None:
    """The owner's address is no address for the application, and the message says which is."""
    said = refused(tmp_path, command, TELEHEALTH_DATABASE_URL=database)
    assert "could see every practice" in said
    assert "TELEHEALTH_OWNER_URL" in said


def test_the_owner_migrates_and_the_application_waits_for_it(
    tmp_path: Path, fresh_database: Any
) -> None:
    """Tables of another release are refused until `migrate` was run with the owner's address."""
    with fresh_database() as owner:
        migrations.downgrade(owner, "base")
        named = {"TELEHEALTH_DATABASE_URL": application_uri(owner)}
        assert "telehealth migrate" in refused(tmp_path, "serve", **named)
        assert "TELEHEALTH_OWNER_URL" in refused(tmp_path, "migrate", **named)
        both = {**named, "TELEHEALTH_OWNER_URL": owner}
        done = subprocess.run([*COMMAND, "migrate"], env=environment(tmp_path, **both), check=False)
        assert done.returncode == 0
        with serving(tmp_path, **named) as (_, url):
            assert httpx.get(f"{url}/health/ready").is_success
