"""How fast this machine books, as ratios: one `name ratio` line each on standard output.

Everything else goes to standard error. See README.md beside this file.
"""

import argparse
import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import attrs
import psycopg

import offers
from booking import Bookers
from children import Pipe, Turn, child
from core import Line, measures
from http_client import sends
from limit import Limit
from machine import Moment, others
from plan import Plan
from seed import seed
from servers import serve_bare, serve_house
from telehealth_core.access.ports import Keys
from telehealth_keys import LocalKeys
from telehealth_postgres.migrations import upgrade
from telehealth_postgres.server import running

RATIOS = {
    "booking_vs_limit": ("booking", "limit"),
    "http_booking_vs_bare": ("http", "bare"),
}
SEEDED = "telehealth"
DATABASES = ("booking", "http", "bare")
"""Each of these variants has a copy of the clinic of its own."""
REFUSED_MOST = 0.05
"""The share of attempts that may fail before the figures mean something else."""
DISTURBED = 0.10
"""The share of the machine that others may use during a turn that is not to be taken again."""
TRIES = 4
MEMORY_MOST = 256
"""The most memory, in MB, that a process of the program's own server may ever have."""
PATIENCE = 1.6
"""How much longer all turns may last for that."""


@attrs.frozen
class Variant:
    """One way to book, with what came of its turns."""

    name: str
    turn: Callable[[float], Turn]
    turns: list[Turn] = attrs.field(factory=list)
    others: list[Turn] = attrs.field(factory=list)
    """Those that do not count: to warm up, or disturbed."""
    peak_mb: Callable[[], float | None] = lambda: None
    """The most memory that the one process behind it ever had."""

    def take(self, seconds: float) -> float:
        """Take a turn; tells the share of the machine that other programs used meanwhile."""
        before = Moment.now()
        self.turns.append(self.turn(seconds))
        return Moment.now().others_since(before)

    @property
    def median(self) -> float:
        """Bookings a second in the middle round."""
        return statistics.median(turn.rate for turn in self.turns)

    @property
    def booked(self) -> list[str]:
        """Every booking made, in whichever turn."""
        return [id for turn in (*self.others, *self.turns) for id in turn.booked]


def main() -> None:
    """Measure, and print what came of it."""
    options = _options()
    lines = list(measures(small=options.small))
    plan = _plan(small=options.small)
    with ExitStack() as stack:
        home = options.home or Path(stack.enter_context(TemporaryDirectory(prefix="bench-")))
        uri = stack.enter_context(running(home / "postgres"))
        began = time.perf_counter()
        _tell(f"others use {others():.0%} of the machine. Filling {len(DATABASES)} databases ...")
        keys = LocalKeys(home / "keys")
        _fill(uri, keys, plan)
        _tell(f"filled in {time.perf_counter() - began:.0f} s")
        variants = stack.enter_context(_variants(uri, keys, plan))
        _take_turns(list(variants.values()), options.rounds, options.seconds)
        peak = variants["http"].peak_mb()
        lines.append(Line("api_peak_mb", peak, at_most=MEMORY_MOST))
        booked = {name: variants[name].booked for name in DATABASES}
        (home / "booked.json").write_text(json.dumps(booked))
        lines.append(offers.month(_beside(uri, "bench_booking"), keys, plan))
        lines += offers.measures(uri, keys, plan, small=options.small)
    for name, (ours, against) in RATIOS.items():
        print(f"{name} {variants[ours].median / variants[against].median:.3f}")
    for line in lines:
        print(line)
    if not options.small and not all(line.kept for line in lines):
        sys.exit("a limit is not kept")
    if any(line.figure is None for line in lines):
        sys.exit("a measure could not be taken")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=2, help="how long a turn lasts")
    parser.add_argument("--rounds", type=int, default=7, help="how many turns each variant has")
    parser.add_argument("--small", action="store_true", help="a small clinic: to see that it works")
    parser.add_argument("--home", type=Path, help="keep database and booked.json in this folder")
    return parser.parse_args()


def _plan(*, small: bool) -> Plan:
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    first = datetime.combine(tomorrow, time_of_day(8), UTC)
    if small:
        return Plan(providers=8, days=20, patients=60, existing=200, first_day=first)
    return Plan(providers=100, days=90, patients=4_000, existing=10_000, first_day=first)


def _fill(uri: str, keys: Keys, plan: Plan) -> None:
    """Seed one database and copy it for each variant."""
    upgrade(uri)
    seed(uri, keys, plan)
    with psycopg.connect(_beside(uri, "postgres"), autocommit=True) as connection:
        for name in DATABASES:
            connection.execute(f"CREATE DATABASE bench_{name} TEMPLATE {SEEDED}".encode())
        connection.execute("CREATE DATABASE bench_limit")
        connection.execute("CHECKPOINT")


@contextmanager
def _variants(uri: str, keys: Keys, plan: Plan) -> Iterator[dict[str, Variant]]:
    """Everything that takes turns, ready and warm."""
    of = {name: _beside(uri, f"bench_{name}") for name in ("limit", *DATABASES)}
    with ExitStack() as stack:
        limit = stack.enter_context(Limit.prepared(of["limit"]))
        if limit.pgbench is None:
            _tell("no pgbench here: a Python loop measures the limit, which is then too low")
        bookers = stack.enter_context(Bookers.started(of["booking"], keys, plan))
        client = stack.enter_context(child(sends, plan))
        house = stack.enter_context(child(serve_house, of["http"], keys))
        bare = stack.enter_context(child(serve_bare, of["bare"], keys, plan))
        variants = [
            Variant("limit", limit.turn),
            Variant("booking", bookers.turn),
            _served("http", client, house),
            _served("bare", client, bare),
        ]
        yield {variant.name: variant for variant in variants}


def _served(name: str, client: Pipe, server: Pipe) -> Variant:
    port, already = server.recv()

    def turn(seconds: float) -> Turn:
        client.send((port, seconds))
        taken: Turn = client.recv()
        return taken

    def peak_mb() -> float:
        server.send(None)
        most: float = server.recv()
        return most

    before = Turn(booked=already, refused=(), seconds=1)
    return Variant(name, turn, others=[before], peak_mb=peak_mb)


def _take_turns(variants: list[Variant], rounds: int, seconds: float) -> None:
    for variant in variants:
        variant.take(min(seconds, 1))
        variant.others.append(variant.turns.pop())
    patience = time.monotonic() + PATIENCE * rounds * seconds * len(variants)
    for number in range(rounds):
        told = [_best_turn(variant, seconds, patience) for variant in variants]
        _tell(f"round {number + 1}:  {'  '.join(told)}")
    for variant in variants:
        _tell(_summary(variant))


def _best_turn(variant: Variant, seconds: float, patience: float) -> str:
    """Take a turn, and again if others disturbed it and there is time; the best one counts."""
    disturbed = variant.take(seconds)
    for _ in range(TRIES - 1):
        if disturbed <= DISTURBED or time.monotonic() > patience:
            break
        again = variant.take(seconds)
        worse = -1 if again >= disturbed else -2
        variant.others.append(variant.turns.pop(worse))
        disturbed = min(again, disturbed)
    return f"{variant.name} {variant.turns[-1].rate:,.0f}/s ({disturbed:.0%})"


def _summary(variant: Variant) -> str:
    """The absolute figures of a variant. Raises: SystemExit if too much was refused."""
    together = Turn.together(variant.turns)
    rates = [turn.rate for turn in variant.turns]
    refused, booked = len(together.refused), len(together.booked)
    if refused > REFUSED_MOST * (refused + booked):
        sys.exit(f"{variant.name}: too many refusals: {dict(Counter(together.refused))}")
    spread = f"{min(rates):,.0f} to {max(rates):,.0f}"
    parts = [f"{variant.name:8} {variant.median:7,.0f}/s ({spread}); {booked} booked"]
    if refused:
        parts.append(f"refused: {dict(Counter(together.refused))}")
    if together.waits:
        waits = statistics.quantiles(together.waits, n=100)
        parts.append(f"p50 {waits[49] * 1_000:.1f} ms, p99 {waits[98] * 1_000:.1f} ms")
    return "; ".join(parts)


def _beside(uri: str, name: str) -> str:
    return urlsplit(uri)._replace(path=f"/{name}").geturl()


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
