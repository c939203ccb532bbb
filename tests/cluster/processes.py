"""What stands on several machines elsewhere, as processes on this one: PostgreSQL with a replica,
PgBouncer, nginx, and the program's own. Each is known by the folder it keeps things in.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import attrs
import psycopg

from telehealth_postgres.account import for_server
from telehealth_postgres.binaries import find

ROOT = Path(__file__).parents[2]
SOURCES = [ROOT / "src", ROOT / "src" / "adapters", ROOT / "src" / "entrypoints"]
COMMAND = [sys.executable, "-m", "telehealth_cli.main"]
PATIENCE_SECONDS = 60.0


def until(what: str, holds: Callable[[], Any], seconds: float = PATIENCE_SECONDS) -> Any:
    """Wait for something to hold, and tell it; asked again where a server is not there yet."""
    deadline, problem = time.monotonic() + seconds, None
    while time.monotonic() < deadline:
        try:
            if found := holds():
                return found
        except (OSError, psycopg.Error) as error:
            problem = error
        time.sleep(0.05)
    raise AssertionError(f"{what}: not within {seconds:.0f} s ({problem})")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


@attrs.define
class Process:
    """One process and what it said, run by somebody less than root."""

    folder: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self, *words: str, environment: dict[str, str] | None = None) -> None:
        """Start it."""
        prefix = () if environment else for_server(self.folder / "none").prefix
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*prefix, *words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={**os.environ, **(environment or {})},
            )

    def run(self, *words: str) -> None:
        """Run something of the same kind to its end."""
        self.start(*words)
        assert self.process is not None
        assert self.process.wait(PATIENCE_SECONDS) == 0, self.said

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self.process is not None
        self.process.send_signal(number)

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it, politely or not, and wait for that."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    @property
    def said(self) -> str:
        """What it said."""
        return (self.folder / "log").read_text(errors="replace")


@attrs.define
class Server(Process):
    """A PostgreSQL that flushes what it commits."""

    port: int = attrs.field(factory=free_port, init=False)

    @property
    def uri(self) -> str:
        """Where its owner reaches it."""
        return f"postgresql://telehealth@/telehealth?host={self.folder}&port={self.port}"

    def ask(self, query: str, *given: Any) -> list[tuple[Any, ...]]:
        """What it says."""
        with psycopg.connect(self.uri, autocommit=True) as connection:
            found = connection.execute(query.encode(), given)
            return found.fetchall() if found.description else []

    def create(self) -> None:
        """Make an empty database, and run it."""
        options = ["-U", "telehealth", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
        self.run(find().program("initdb"), "-D", str(self.data), *options)
        self.serve("primary")
        uri = self.uri.replace("/telehealth?", "/postgres?")
        with psycopg.connect(uri, autocommit=True) as connection:
            connection.execute("CREATE DATABASE telehealth")

    def follow(self, primary: "Server") -> None:
        """Begin as a copy of another, and follow it through a slot of our own."""
        place = f"postgresql://telehealth@/?host={primary.folder}&port={primary.port}"
        self.run(
            *(find().program("pg_basebackup"), "-d", place, "-D", str(self.data), "-R", "-C"),
            *("-S", "replica", "-X", "stream", "--checkpoint=fast"),
        )
        self.serve("replica")

    def serve(self, name: str) -> None:
        """Run it; a replica is known to its primary by this name."""
        settings = ["listen_addresses=", f"cluster_name={name}", "max_connections=150"]
        options = [word for setting in settings for word in ("-c", setting)]
        places = ["-D", str(self.data), "-k", str(self.folder), "-p", str(self.port)]
        self.start(find().program("postgres"), *places, *options)
        uri = self.uri.replace("/telehealth?", "/postgres?")
        until(f"{name} answers", lambda: _answers(lambda: psycopg.connect(uri)))

    @property
    def data(self) -> Path:
        """Its data folder."""
        return self.folder / "data"


@attrs.define
class Pooler(Process):
    """PgBouncer in transaction mode."""

    port: int = attrs.field(factory=free_port, init=False)

    def uri(self, database: str) -> str:
        """Where the application reaches one of its databases."""
        return f"postgresql://telehealth_app@/{database}?host={self.folder}&port={self.port}"

    def serve(self, **databases: Server) -> None:
        """Stand before these servers."""
        self.folder.mkdir()
        (self.folder / "users").write_text('"telehealth_app" ""\n')
        self._point(databases)
        self.start(program("pgbouncer"), str(self.folder / "ini"))
        until("the pooler answers", (self.folder / f".s.PGSQL.{self.port}").exists)

    def repoint(self, **databases: Server) -> None:
        """Stand before other servers from now on."""
        self._point(databases)
        self.send(signal.SIGHUP)

    def _point(self, databases: dict[str, Server]) -> None:
        lines = [
            f"{name} = host={server.folder} port={server.port} dbname=telehealth"
            for name, server in databases.items()
        ]
        settings = {
            "listen_addr": "",
            "listen_port": self.port,
            "unix_socket_dir": self.folder,
            "auth_type": "trust",
            "auth_file": self.folder / "users",
            "pool_mode": "transaction",
            "default_pool_size": 20,
            "max_client_conn": 500,
            "query_wait_timeout": 4,
            "server_connect_timeout": 2,
            "server_login_retry": 1,
        }
        words = [f"{name} = {value}" for name, value in settings.items()]
        (self.folder / "ini").write_text(
            "\n".join(["[databases]", *lines, "[pgbouncer]", *words, ""])
        )


@attrs.define
class Api(Process):
    """One API process of the program."""

    url: str = ""

    def begin(self, home: Path, **settings: str) -> None:
        """Start to serve, without a worker."""
        self.start(*COMMAND, "serve", "--no-worker", "--demo", environment=told(home, settings))

    def wait(self) -> None:
        """Wait until it serves."""
        found = until("the API says where", lambda: re.search(r"(http://\S+?)\s", self.said))
        self.url = found[1]


def work(folder: Path, home: Path, **settings: str) -> Process:
    """A worker process of the program, at work."""
    worker = Process(folder)
    worker.start(*COMMAND, "work", environment=told(home, settings))
    return worker


def told(home: Path, settings: dict[str, str]) -> dict[str, str]:
    """What a process of the program is told by its environment."""
    return {
        "PYTHONPATH": os.pathsep.join(map(str, SOURCES)),
        "PYTHONUNBUFFERED": "1",
        "TELEHEALTH_HOME": str(home),
        "TELEHEALTH_PORT": "0",
        "TELEHEALTH_SECRET": "one secret for every process there is",
        **{f"TELEHEALTH_{name.upper()}": value for name, value in settings.items()},
    }


@attrs.define
class Proxy(Process):
    """nginx before the API processes; signalling goes to one of them, the others stand by."""

    port: int = attrs.field(factory=free_port, init=False)

    @property
    def url(self) -> str:
        """Where people reach the clinic."""
        return f"http://127.0.0.1:{self.port}"

    def serve(self, *apis: Api) -> None:
        """Stand before these processes."""
        self.folder.mkdir()
        places = [api.url.removeprefix("http://") for api in apis]
        standing_by = [f"server {place} backup;" for place in places[1:]]
        conf = (Path(__file__).parent / "nginx.conf").read_text()
        for name, value in {
            "FOLDER": str(self.folder),
            "PORT": str(self.port),
            "EVERY_API": " ".join(f"server {place};" for place in places),
            "FIRST_API": f"server {places[0]}; {' '.join(standing_by)}",
        }.items():
            conf = conf.replace(f"@{name}@", value)
        (self.folder / "conf").write_text(conf)
        self.start(program("nginx"), "-e", "stderr", "-c", str(self.folder / "conf"))
        place = ("127.0.0.1", self.port)
        until("the proxy answers", lambda: _answers(lambda: socket.create_connection(place)))


def _answers(knock: Callable[[], Any]) -> bool:
    with closing(knock()):
        return True


def program(name: str) -> str:
    """Where an installed program is."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    assert found, f"{name} is missing: `make cluster` installs it"
    return found
