"""Processes of their own that take a turn whenever they are asked to."""

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

import attrs

_SPAWN = multiprocessing.get_context("spawn")

Pipe = Connection


@attrs.frozen(kw_only=True)
class Turn:
    """What came of one turn."""

    booked: tuple[str, ...]
    """The ids of the appointments that were made."""
    refused: tuple[str, ...]
    """Why the other attempts failed."""
    seconds: float
    waits: tuple[float, ...] = ()
    """How long each attempt took, in seconds, where that was watched."""

    @property
    def rate(self) -> float:
        """Bookings a second."""
        return len(self.booked) / self.seconds

    @classmethod
    def together(cls, turns: "list[Turn]") -> "Turn":
        """Turns that were taken at the same time."""
        return cls(
            booked=tuple(id for turn in turns for id in turn.booked),
            refused=tuple(why for turn in turns for why in turn.refused),
            seconds=max(turn.seconds for turn in turns),
            waits=tuple(wait for turn in turns for wait in turn.waits),
        )


@contextmanager
def child(target: Callable[..., None], *given: Any) -> Iterator[Pipe]:
    """Another process that runs `target(pipe, *given)`; it is to end when the pipe does."""
    ours, theirs = _SPAWN.Pipe()
    process = _SPAWN.Process(target=target, args=(theirs, *given), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ours
    finally:
        ours.close()
        process.join()


def asked(pipe: Pipe) -> Iterator[Any]:
    """Whatever the parent asks for, until it asks no more."""
    while True:
        try:
            yield pipe.recv()
        except EOFError:
            return
