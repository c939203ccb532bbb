"""A PostgreSQL of our own: one folder, one private socket, no account, no port.

Whoever enters `running` first owns the server and stops it on leaving; who comes while it runs
borrows it. Two locks tell them apart: `start.lock` is held while a server is started or stopped,
`owner.lock` as long as its owner lives, so that a server whose owner was killed is recognised.
"""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO
from urllib.parse import quote

import attrs
import psycopg

from telehealth_postgres.account import Account, for_server, within_reach
from telehealth_postgres.binaries import Binaries, ServerError, find

__all__ = ["ServerError", "running"]

DATABASE = "telehealth"
PORT = 5432  # names the socket's file; nothing listens on a network
LONGEST_SOCKET = 103  # bytes; Linux allows 107
START_SECONDS = 300  # recovery after a crash may take its time
STOP_SECONDS = 60
BORROW_SECONDS = 30
_IN_USE = "shared memory block"  # what a server says of one before it that has not ended yet

# A patient's words never reach the log: neither statements nor the values of a violated key.
SETTINGS = (
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "log_checkpoints=off",
    "log_min_error_statement=panic",
    "log_error_verbosity=terse",
    "log_timezone=UTC",
    "timezone=UTC",
)
NOT_DURABLE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


@contextmanager
def running(home: Path, *, durable: bool = True) -> Iterator[str]:
    """Run the server of a folder, or borrow the one that runs there, and yield the database's URI.

    On Linux the server ends with its owner even if that is killed, provided that this was entered
    from the main thread; elsewhere the next start stops what was left behind.

    Args:
        home: the folder for the data, the log and the locks; made if missing.
        durable: whether a commit survives a power cut. Tests need not pay for that.

    Raises:
        ServerError: if there is no PostgreSQL, it fails to start, or the data is of another one.
    """
    home = home.absolute()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (home / "owner.lock").open("w") as owner:
        with _starting(home):
            server, uri = _own_or_borrow(home, owner, durable=durable)
        try:
            yield uri
        finally:
            with _starting(home):
                _stop(server)
                owner.close()


@attrs.frozen
class _Server:
    process: subprocess.Popen[bytes]
    socket_folder: Path


@attrs.frozen
class _Postmaster:
    """What a server writes into its data folder about itself."""

    pid: int
    socket_folder: str
    ready: bool

    @property
    def alive(self) -> bool:
        """Whether it answers; its pid alone may long be somebody else's."""
        with socket.socket(socket.AF_UNIX) as knock:
            return knock.connect_ex(f"{self.socket_folder}/.s.PGSQL.{PORT}") == 0


def _own_or_borrow(home: Path, owner: IO[str], *, durable: bool) -> tuple[_Server | None, str]:
    """Return our own server, or none if another's runs; and the database's URI.

    A server that does not answer may be that of an owner who is dying right now: ask again, for
    with the owner's end the folder becomes ours.
    """
    deadline = time.monotonic() + BORROW_SECONDS
    while True:
        server = _start(home, durable=durable) if _locked(owner) else None
        try:
            uri = _uri(home)
            _create_database(uri)
        except (ServerError, psycopg.OperationalError) as problem:
            _stop(server)
            if server or time.monotonic() > deadline:
                raise ServerError(
                    f"The PostgreSQL of {home} does not answer ({problem}). If another process "
                    f"owns it, end that and start again. {_last_words(home)}"
                ) from problem
            time.sleep(0.05)
        except BaseException:
            _stop(server)
            raise
        else:
            return server, uri


class _StillInUseError(ServerError):
    """A server before this one has closed its socket and not ended yet."""


def _start(home: Path, *, durable: bool) -> _Server:
    deadline = time.monotonic() + STOP_SECONDS
    while True:
        try:
            return _start_now(home, durable=durable)
        except _StillInUseError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _start_now(home: Path, *, durable: bool) -> _Server:
    data = home / "data"
    _stop_orphan(data)
    binaries = find(_major(data))
    account = for_server(data)
    binaries = within_reach(home, binaries, account)
    if not data.exists():
        _initialise(home, binaries, account, durable=durable)
    socket_folder = _socket_folder(home, account)
    settings = SETTINGS if durable else SETTINGS + NOT_DURABLE
    options = [word for setting in settings for word in ("-c", setting)]
    places = ["-D", str(data), "-k", str(socket_folder), "-p", str(PORT)]
    with _log(home) as log:
        process = account.popen(
            binaries.program("postgres"), *places, *options, log=log, with_parent=True
        )
    server = _Server(process, socket_folder)
    try:
        _await_ready(home, process)
    except BaseException:
        _stop(server)
        raise
    return server


def _initialise(home: Path, binaries: Binaries, account: Account, *, durable: bool) -> None:
    """Make the data folder under another name first, so that half of one is never taken for it."""
    for left_over in home.glob("data.new-*"):
        shutil.rmtree(left_over, ignore_errors=True)
    new = Path(tempfile.mkdtemp(prefix="data.new-", dir=home))
    account.own(new)
    locale = "C.UTF-8" if sys.platform == "linux" else "C"
    options = ["-D", str(new), "-U", DATABASE, "-A", "trust", "-E", "UTF8", f"--locale={locale}"]
    if not durable:
        options.append("-N")
    with (
        _log(home) as log,
        account.popen(binaries.program("initdb"), *options, log=log, with_parent=True) as initdb,
    ):
        if initdb.wait() != 0:
            raise ServerError(f"initdb failed: {_last_words(home)}")
    new.rename(home / "data")


def _await_ready(home: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        postmaster = _postmaster(home / "data")
        if postmaster and postmaster.pid == process.pid and postmaster.ready:
            return
        if process.poll() is not None:
            words = _last_words(home)
            kind = _StillInUseError if _IN_USE in words else ServerError
            raise kind(f"PostgreSQL did not start: {words}")
        time.sleep(0.01)
    raise ServerError(f"PostgreSQL was not ready in {START_SECONDS} s: {_last_words(home)}")


def _stop(server: _Server | None) -> None:
    """Stop a server of ours, politely first; one that is borrowed is left alone."""
    if server is None:
        return
    for demand in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        server.process.send_signal(demand)
        with suppress(subprocess.TimeoutExpired):
            server.process.wait(STOP_SECONDS)
            break
    if server.socket_folder.parent == Path(tempfile.gettempdir()):
        shutil.rmtree(server.socket_folder, ignore_errors=True)


def _stop_orphan(data: Path) -> None:
    """Stop a server whose owner was killed, and clear the way if it died with its owner."""
    postmaster = _postmaster(data)
    if postmaster is None:
        return
    if postmaster.alive:
        os.kill(postmaster.pid, signal.SIGINT)
        deadline = time.monotonic() + STOP_SECONDS
        while _postmaster(data) == postmaster and postmaster.alive:
            if time.monotonic() > deadline:
                raise ServerError(
                    f"PostgreSQL (process {postmaster.pid}) still runs on {data} although what "
                    "started it is gone, and does not stop. Stop it by hand."
                )
            time.sleep(0.01)
    _disown(data / "postmaster.pid")


def _disown(pid_file: Path) -> None:
    """Keep PostgreSQL from taking another process with a dead server's pid for that server.

    It never takes its own parent for one, and goes on to check what else the file says.
    """
    with suppress(FileNotFoundError):
        _, rest = pid_file.read_text().split("\n", 1)
        pid_file.write_text(f"{os.getpid()}\n{rest}")


def _postmaster(data: Path) -> _Postmaster | None:
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return None
    if len(lines) < 5:
        return None
    return _Postmaster(int(lines[0]), lines[4], lines[-1].strip() == "ready")


def _uri(home: Path) -> str:
    postmaster = _postmaster(home / "data")
    if postmaster is None or not postmaster.alive:
        raise ServerError("nothing listens")
    place = quote(postmaster.socket_folder, safe="")
    return f"postgresql://{DATABASE}@/{DATABASE}?host={place}&port={PORT}"


def _create_database(uri: str) -> None:
    with psycopg.connect(uri, dbname="postgres", autocommit=True) as connection:
        known = connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE])
        if known.fetchone() is None:
            connection.execute(f"CREATE DATABASE {DATABASE}")


def _socket_folder(home: Path, account: Account) -> Path:
    folder = home / "socket"
    if len(os.fsencode(folder / f".s.PGSQL.{PORT}")) > LONGEST_SOCKET:
        folder = Path(tempfile.mkdtemp(prefix="telehealth-"))
    shutil.rmtree(folder, ignore_errors=True)  # a crash leaves a lock that bars the next start
    folder.mkdir(mode=0o700)
    account.own(folder)
    return folder


def _major(data: Path) -> int | None:
    try:
        return int((data / "PG_VERSION").read_text())
    except FileNotFoundError:
        return None


@contextmanager
def _starting(home: Path) -> Iterator[None]:
    with (home / "start.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _log(home: Path) -> IO[bytes]:
    return os.fdopen(
        os.open(home / "postgres.log", os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o600), "ab"
    )


def _last_words(home: Path) -> str:
    log = home / "postgres.log"
    lines = log.read_text(errors="replace").splitlines()[-3:] if log.exists() else []
    return f"{log} ends with: {' / '.join(lines)}"
