"""The benchmark measures real bookings: whatever it counts is in the database."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import attrs
import psycopg
import pytest

from telehealth_postgres.server import running

RUN = Path(__file__).parents[2] / "bench" / "run.py"
TINY = ("--small", "--seconds", "0.2", "--rounds", "1")

pytestmark = pytest.mark.slow


@attrs.frozen
class Measured:
    """What a run printed and counted, and the server with what it left."""

    printed: str
    booked: dict[str, list[str]]
    uri: str

    def ask(self, variant: str, query: str) -> int:
        """The number that a query finds in the database that this variant booked in."""
        uri = urlsplit(self.uri)._replace(path=f"/bench_{variant}").geturl()
        with psycopg.connect(uri) as connection:
            row = connection.execute(
                query.encode(), {"booked": self.booked.get(variant)}
            ).fetchone()
        assert row is not None
        return int(row[0])


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Measured]:
    """Run the benchmark with tiny sizes."""
    home = tmp_path_factory.mktemp("bench")
    done = subprocess.run(
        [sys.executable, str(RUN), *TINY, "--home", str(home)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == 0, done.stderr
    booked = json.loads((home / "booked.json").read_text())
    with running(home / "postgres") as uri:
        yield Measured(done.stdout, booked, uri)


def test_prints_one_ratio_a_line(measured: Measured) -> None:
    """Standard output is the measures and nothing else, each with its limit where it has one."""
    ratio = r"0*\.?\d+(\.\d+)?"
    lines = (
        rf"booking_vs_limit {ratio}",
        rf"http_booking_vs_bare {ratio}",
        rf"offers_growth {ratio} \(at most 10\)",
        rf"slots_vs_django_appointment {ratio} \(at least 50\)",
        rf"authorize_vs_call {ratio} \(at most 20\)",
        rf"import_vs_150ms {ratio} \(at most 1\)",
        rf"api_peak_mb {ratio} \(at most 256\)",
        rf"month_round_trips {ratio} \(at most 1\)",
        rf"offers_vs_sql {ratio} \(at most 1.5\)",
        rf"offers_growth_db {ratio} \(at most 1.5\)",
    )
    assert re.fullmatch("".join(f"{line}\n" for line in lines), measured.printed)


@pytest.mark.parametrize("variant", ["booking", "http", "bare"])
def test_counts_only_what_is_booked_once(measured: Measured, variant: str) -> None:
    """Every booking counted is one appointment with its message and its audit entry."""
    counted = measured.booked[variant]
    assert counted
    assert len(counted) == len(set(counted))
    among = "= ANY (%(booked)s::uuid[])"
    for table, column in (("appointments", "id"), ("outbox", "subject"), ("audit", "subject")):
        found = f"SELECT count({column}) FROM {table} WHERE {column} {among}"
        different = f"SELECT count(DISTINCT {column}) FROM {table} WHERE {column} {among}"
        assert measured.ask(variant, found) == len(counted), table
        assert measured.ask(variant, different) == len(counted), table


def overlaps(table: str, whose: str) -> str:
    """Count the appointments that begin before the one before them of the same person is over."""
    return f"""
        SELECT count(*) FILTER (WHERE lower(during) < before) FROM (
            SELECT during, lag(upper(during)) OVER (PARTITION BY {whose} ORDER BY during) AS before
              FROM {table}
        ) AS diary
    """


@pytest.mark.parametrize("variant", ["booking", "http", "bare"])
@pytest.mark.parametrize("whose", ["provider_id", "patient_id"])
def test_books_nobody_twice(measured: Measured, variant: str, whose: str) -> None:
    """No provider and no patient is in two appointments at once."""
    assert measured.ask(variant, overlaps("appointments", whose)) == 0


def test_the_limit_keeps_its_promises_too(measured: Measured) -> None:
    """The smallest tables overlap nothing either, and lose no message and no audit entry."""
    unmatched = """
        SELECT count(*) FROM least.outbox FULL JOIN least.audit USING (subject)
         WHERE outbox.id IS NULL OR audit.id IS NULL
    """
    assert measured.ask("limit", "SELECT count(*) FROM least.outbox") > 0
    assert measured.ask("limit", unmatched) == 0
    for whose in ("provider", "patient"):
        assert measured.ask("limit", overlaps("least.appointment", whose)) == 0
