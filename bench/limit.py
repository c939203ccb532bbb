"""The raw limit: one statement a booking, prepared, sent by PostgreSQL's own load program."""

import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import attrs
import psycopg

from children import Turn
from telehealth_postgres.binaries import find

HERE = Path(__file__).parent
CLIENTS = 8
PROVIDERS, PATIENTS, EXISTING = 2_000, 10_000, 100_000
BODY = """'{"at":"2030-01-07T09:30:00+00:00","by":"0d7b1c52-8a2f-4e07-9f0a-2f2f4a1f7f11","during":\
{"start":"2030-01-07T09:30:00+00:00","end":"2030-01-07T09:45:00+00:00"},"version":1}'::jsonb"""


@attrs.frozen
class Limit:
    """The smallest tables that book safely, and a way to book as fast as they allow."""

    uri: str
    script: Path
    pgbench: str | None

    @classmethod
    @contextmanager
    def prepared(cls, uri: str) -> Iterator["Limit"]:
        """The tables, filled, in a schema of their own in this database."""
        sizes = {"{providers}": PROVIDERS, "{patients}": PATIENTS, "{existing}": EXISTING}
        with psycopg.connect(uri, autocommit=True) as connection:
            for statement in _filled("limit.sql", sizes).split(";\n"):
                connection.execute(statement.encode())
        with TemporaryDirectory(prefix="bench-") as folder:
            script = Path(folder, "book.sql")
            script.write_text(_filled("limit_book.sql", {**sizes, "{body}": BODY}))
            yield cls(uri, script, _pgbench())

    def turn(self, seconds: float) -> Turn:
        """Book for so long; `pgbench` knows whole seconds only."""
        before = self._booked()
        lasted = self._by_pgbench(seconds) if self.pgbench else self._by_psycopg(seconds)
        booked = self._booked() - before
        return Turn(booked=("",) * booked, refused=(), seconds=lasted)

    def _by_pgbench(self, seconds: float) -> float:
        assert self.pgbench is not None, "asked only where there is one"
        how = ["-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2"]
        so_long = ["-T", str(max(1, round(seconds))), "-f", str(self.script)]
        done = subprocess.run(
            [self.pgbench, *how, *so_long, self.uri], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"pgbench failed: {done.stderr}")
        tps = re.search(r"tps = ([\d.]+)", done.stdout)
        attempts = re.search(r"actually processed: (\d+)", done.stdout)
        assert tps is not None, done.stdout
        assert attempts is not None, done.stdout
        return int(attempts[1]) / float(tps[1])

    def _by_psycopg(self, seconds: float) -> float:
        """The same statement from Python, which costs more: for machines without `pgbench`."""
        statement = self.script.read_text().split("\n", 3)[3]
        named = re.sub(r"(?<!:):(provider|patient|minutes)\b", r"%(\1)s", statement)
        began = time.perf_counter()

        def client(number: int) -> None:
            chosen = Random(f"{number} {began}")
            with psycopg.connect(self.uri, autocommit=True, prepare_threshold=0) as connection:
                while time.perf_counter() < began + seconds:
                    minutes = chosen.randrange(365) * 1440 + 480 + chosen.randrange(40) * 15
                    wish = {
                        "provider": chosen.randint(1, PROVIDERS),
                        "patient": chosen.randint(1, PATIENTS),
                        "minutes": minutes,
                    }
                    connection.execute(named.encode(), wish)

        with ThreadPoolExecutor(CLIENTS) as threads:
            list(threads.map(client, range(CLIENTS)))
        return time.perf_counter() - began

    def _booked(self) -> int:
        with psycopg.connect(self.uri) as connection:
            row = connection.execute("SELECT count(*) FROM least.outbox").fetchone()
        assert row is not None, "a count is one row"
        return int(row[0])


def _filled(name: str, places: Mapping[str, object]) -> str:
    text = (HERE / name).read_text()
    for place, value in places.items():
        text = text.replace(place, str(value))
    return text


def _pgbench() -> str | None:
    beside = find().folder / "pgbench"
    return str(beside) if beside.exists() else shutil.which("pgbench")
