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
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import attrs
import psycopg

import offers
from booking import Bookers
from children import Pipe, Turn, child
from core import Line, measures
from django_booking import DJANGO, served
from django_booking import DOUBLED as DOUBLED_AT_DJANGO
from django_environment import PACKAGE, NotInstalledError
from http_client import CONNECTIONS, HOUSE, Manner, sends
from limit import Limit
from machine import Moment, others
from plan import FOUGHT_FOR, Plan
from seed import DOUBLED, seed
from servers import serve_bare, serve_house
from telehealth_core.access.ports import Keys
from telehealth_keys import LocalKeys
from telehealth_postgres.migrations import upgrade
from telehealth_postgres.server import running

SEEDED = "telehealth"
DATABASES = ("booking", "http", "bare")
"""Each of these variants has a copy of the clinic of its own."""
DOUBLE_BOOKINGS = {"http": DOUBLED, "django": DOUBLED_AT_DJANGO}
"""How those are counted at which clients race for the same times."""
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
    race: Callable[[], Turn] | None = None
    """The turn in which all clients want the same few times."""
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
        lines.append(Line("booking_vs_limit", _ratio(variants, "booking", "limit"), at_least=0.5))
        lines.append(_against_django(variants))
        doubled = {name: _race(variants, name, uri) for name in DOUBLE_BOOKINGS}
        lines.append(Line("api_peak_mb", variants["http"].peak_mb(), at_most=MEMORY_MOST))
        booked = {name: one.booked for name, one in variants.items() if name != "limit"}
        (home / "booked.json").write_text(json.dumps(booked))
        lines.append(offers.month(_beside(uri, "bench_booking"), keys, plan))
        lines += offers.measures(uri, keys, plan, small=options.small)
    print(f"http_booking_vs_bare {_ratio(variants, 'http', 'bare'):.3f}")
    for line in lines:
        print(line)
    theirs = "unknown" if doubled["django"] is None else doubled["django"]
    print(f"double_bookings {doubled['http']} {theirs} (at most 0 of ours)")
    if doubled["http"] != 0:
        sys.exit("somebody is in two visits at once")
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
    return Plan(providers=100, days=90, patients=10_000, existing=100_000, first_day=first)


def _fill(uri: str, keys: Keys, plan: Plan) -> None:
    """Seed one database and copy it for each variant."""
    upgrade(uri)
    seed(uri, keys, plan)
    with psycopg.connect(_beside(uri, "postgres"), autocommit=True) as connection:
        for name in DATABASES:
            connection.execute(f"CREATE DATABASE bench_{name} TEMPLATE {SEEDED}".encode())
        connection.execute("CREATE DATABASE bench_limit")
        connection.execute("CREATE DATABASE bench_django")
        connection.execute("CHECKPOINT")


@contextmanager
def _variants(uri: str, keys: Keys, plan: Plan) -> Iterator[dict[str, Variant]]:
    """Everything that takes turns, ready and warm."""
    of = {name: _beside(uri, f"bench_{name}") for name in ("limit", "django", *DATABASES)}
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
            _served("http", client, HOUSE, *house.recv(), peak_mb=partial(_peak_of, house)),
            _served("bare", client, HOUSE, *bare.recv()),
        ]
        with suppress(NotInstalledError):  # told by another line already, and by its own
            django = stack.enter_context(served(of["django"], plan))
            variants.append(_served("django", client, DJANGO, django, ()))
        yield {variant.name: variant for variant in variants}


def _served(
    name: str, client: Pipe, manner: Manner, port: int, already: tuple[str, ...], **more: Any
) -> Variant:
    def turn(seconds: float | None) -> Turn:
        client.send((port, manner, seconds))
        taken: Turn = client.recv()
        return taken

    begun = [Turn(booked=already, refused=(), seconds=1)]
    return Variant(name, turn, race=lambda: turn(None), others=begun, **more)


def _peak_of(server: Pipe) -> float:
    """The most memory that this server's process ever had."""
    server.send(None)
    most: float = server.recv()
    return most


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


def _against_django(variants: dict[str, Variant]) -> Line:
    line = Line("http_booking_vs_django_appointment", None, at_least=10)
    if "django" not in variants:
        return attrs.evolve(line, problem=f"{PACKAGE} cannot be installed")
    return attrs.evolve(line, figure=_ratio(variants, "http", "django"))


def _ratio(variants: dict[str, Variant], ours: str, against: str) -> float:
    return variants[ours].median / variants[against].median


def _race(variants: dict[str, Variant], name: str, uri: str) -> int | None:
    """Have all clients want the same times at once; then how many double bookings there are, if
    that one could be served.
    """
    variant = variants.get(name)
    if variant is None or variant.race is None:
        return None
    raced = variant.race()
    variant.others.append(raced)
    with psycopg.connect(_beside(uri, f"bench_{name}")) as connection:
        row = connection.execute(DOUBLE_BOOKINGS[name].encode()).fetchone()
    assert row is not None
    wanted = f"{FOUGHT_FOR} times wanted by {CONNECTIONS} clients each"
    _tell(f"{name:8} {wanted}: {len(raced.booked)} bookings made; {row[0]} double bookings in all")
    return int(row[0])


def _beside(uri: str, name: str) -> str:
    return urlsplit(uri)._replace(path=f"/{name}").geturl()


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
