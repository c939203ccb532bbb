"""`telehealth jobs`: what waits for its reactions, what was given up, and trying that again.

Shown are ids, names and codes, never a word about a person.
"""

import argparse
from collections.abc import Sequence
from typing import Any, Protocol

from rich.console import Console

HEADINGS = ("id", "event", "reaction", "attempts", "problem", "state", "since", "practice")
SHOWN_MOST = 200
DONE, NOTHING_SUCH = 0, 1


class Outbox(Protocol):
    """Where events wait for their reactions."""

    def listed(self, *, dead: bool, limit: int) -> Sequence[Any]:
        """The oldest that wait or were given up, or only the latter."""

    def replay(self, ids: Sequence[int] | None = None, /) -> list[int]:
        """Have these tried again, or all that were given up; which were."""

    def waiting(self) -> tuple[int, int]:
        """How many events wait, and how many were given up."""


def arguments(jobs: argparse.ArgumentParser) -> None:
    """What can be asked of them."""
    kinds = jobs.add_subparsers(required=True, metavar="list|replay", dest="kind")
    listing = kinds.add_parser("list", help="what waits and what was given up, the oldest first")
    listing.add_argument("--dead", action="store_true", help="only what was given up")
    replaying = kinds.add_parser("replay", help="try again what was given up")
    which = replaying.add_mutually_exclusive_group(required=True)
    which.add_argument("ids", nargs="*", type=int, default=[], metavar="ID", help="as listed")
    which.add_argument("--all", action="store_true", help="everything that was given up")


def run(outbox: Outbox, given: argparse.Namespace, console: Console) -> int:
    """List or replay; fails if none of what was named was given up."""
    if given.kind == "list":
        return _list(outbox, console, dead=given.dead)
    replayed = outbox.replay(None if given.all else given.ids)
    missing = sorted(set(given.ids) - set(replayed))
    console.print(f"{len(replayed)} to be tried again" + (_told(replayed) if replayed else ""))
    if missing:
        console.print(f"not among those given up: {_told(missing)[2:]}", style="red")
    return NOTHING_SUCH if missing else DONE


def _told(ids: list[int]) -> str:
    return ": " + ", ".join(map(str, ids))


def _list(outbox: Outbox, console: Console, *, dead: bool) -> int:
    rows = [HEADINGS, *map(_row, outbox.listed(dead=dead, limit=SHOWN_MOST))]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows if len(rows) > 1 else ():
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        # never cut off, so that a program can read it too
        console.print("  ".join(cells).rstrip(), markup=False, soft_wrap=True)
    waits, given_up = outbox.waiting()
    console.print(f"{waits} waiting, {given_up} given up (the first {SHOWN_MOST} are shown)")
    return DONE


def _row(one: Any) -> tuple[str, ...]:
    return (
        str(one.id),
        one.name,
        one.reaction or "-",
        str(one.attempts),
        one.problem or "-",
        "dead" if one.dead else "waits",
        one.since.strftime("%Y-%m-%dT%H:%M:%SZ") if one.since else "-",
        str(one.practice_id),
    )
