"""A process that has loaded the program once and starts copies of itself, each to be killed.

It reads one JSON line for each: what to run, and before or after how many steps it dies. A step is
whatever a process does that others can see: a statement sent to the database, a file opened,
renamed, linked or removed under its home. So a death falls anywhere between two of them, by chance
of a seed and not of a clock.
"""

import json
import os
import signal
import sys
from functools import cache
from pathlib import Path
from threading import Event, Lock
from typing import Any

import attrs
import psycopg
from dependency_injector import providers

from telehealth_app.container import Container
from telehealth_app.settings import Settings
from telehealth_cli import main as command
from telehealth_core.telehealth import Ports
from telehealth_postgres.pipeline import Pipeline
from telehealth_worker import Pace

SENDING = (
    (psycopg.Cursor, "execute"),
    (psycopg.AsyncCursor, "execute"),
    (Pipeline, "wait"),
    (Pipeline, "end"),
)
"""What sends something to the database."""
FILES = {"open", "os.rename", "os.link", "os.remove", "os.mkdir"}


class Death:
    """Comes at one step, before or after it."""

    def __init__(self, home: str, at: int, *, after: bool) -> None:
        self._home, self._left, self._after = home, at, after
        self._lock = Lock()

    def step(self) -> bool:
        """Count one step; whether it is the last."""
        with self._lock:
            self._left -= 1
            last = self._left == 0
        if last and not self._after:
            os.kill(os.getpid(), signal.SIGKILL)
        return last

    def watch(self) -> None:
        """Have every step counted from now on."""
        sys.addaudithook(self._file)
        for kind, name in SENDING:
            setattr(kind, name, self._counted(getattr(kind, name)))

    def _file(self, event: str, given: tuple[Any, ...]) -> None:
        if event in FILES and str(given[0]).startswith(self._home) and self.step():
            self._left, self._after = 1, False  # this is told before it is done: die at the next

    def _counted(self, execute: Any) -> Any:
        if execute.__code__.co_flags & 0x80:  # a coroutine

            async def send(cursor: Any, *given: Any, **more: Any) -> Any:
                last = self.step()
                sent = await execute(cursor, *given, **more)
                return self._end(sent, last=last)

            return send

        def send_now(cursor: Any, *given: Any, **more: Any) -> Any:
            last = self.step()
            return self._end(execute(cursor, *given, **more), last=last)

        return send_now

    @staticmethod
    def _end(sent: Any, *, last: bool) -> Any:
        if last:
            os.kill(os.getpid(), signal.SIGKILL)
        return sent


@cache
def ports(home: str) -> Ports:
    """What is the same for every copy, made before they are."""
    container = Container(settings=Settings(home=Path(home), database_url="postgresql://", port=0))
    container.store.override(providers.Object(Nowhere))
    made: Ports = container.ports()
    return made


class Nowhere:
    """In the place of a store."""

    work = None


def work(home: str, uri: str, at: int, *, after: bool) -> None:
    """Be a worker until death."""
    container = Container(settings=Settings(home=Path(home), database_url=uri, port=0))
    container.database.override(providers.Object(uri))
    death = Death(home, at, after=after)
    container.init_resources()
    store = container.store()
    own = attrs.evolve(ports(home), work=store.work, signed_in=store, directory=store)
    container.ports.override(providers.Object(own))
    worker = container.worker(pace=Pace(jobs=2, pause_seconds=0.01))
    death.watch()
    worker.run(Event())


def main() -> None:
    """Start a copy for each line: tell how a worker ended, or the id of a program that goes on."""
    for line in sys.stdin:
        given = json.loads(line)
        goes_on = "words" in given
        if not goes_on:
            ports(given["home"])
        child = os.fork()
        if child == 0:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            if goes_on:
                os.environ.update(given["environment"])
                command.main(given["words"])
            work(given["home"], given["uri"], given["at"], after=given["after"])
        elif goes_on:
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for it
            print(child, flush=True)
        else:
            print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
