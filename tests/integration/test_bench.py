"""The benchmark measures real bookings: whatever it counts is in the database."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import attrs
import psycopg
import pytest

from django_environment import NotInstalledError, python_with
from seed import DOUBLED
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

    def connect(self, variant: str) -> psycopg.Connection[tuple[Any, ...]]:
        """The database that this variant booked in."""
        return psycopg.connect(urlsplit(self.uri)._replace(path=f"/bench_{variant}").geturl())

    def ask(self, variant: str, query: str) -> int:
        """The number that a query finds in the database that this variant booked in."""
        with self.connect(variant) as connection:
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
        rf"http_booking_vs_bare {ratio}",
        rf"offers_growth {ratio} \(at most 10\)",
        rf"slots_vs_django_appointment {ratio} \(at least 50\)",
        rf"authorize_vs_call {ratio} \(at most 20\)",
        rf"import_vs_150ms {ratio} \(at most 1\)",
        rf"booking_vs_limit {ratio} \(at least 0.5\)",
        rf"http_booking_vs_django_appointment {ratio} \(at least 10\)",
        rf"api_peak_mb {ratio} \(at most 256\)",
        rf"month_round_trips {ratio} \(at most 1\)",
        rf"offers_vs_sql {ratio} \(at most 1.5\)",
        rf"offers_growth_db {ratio} \(at most 1.5\)",
        r"double_bookings 0 \d+ \(at most 0 of ours\)",
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


def test_counts_each_booking_at_django_appointment(measured: Measured) -> None:
    """Every booking counted there is an appointment with a request of its own, of the client whose
    session asked for it.
    """
    counted = measured.booked["django"]
    made = """
        SELECT count(DISTINCT appointment_request_id) FROM appointment_appointment AS made
          JOIN auth_user ON auth_user.id = client_id
         WHERE made.id = ANY (%(booked)s::bigint[]) AND username LIKE 'patient-%%'
    """
    assert len(counted) == len(set(counted)) == measured.ask("django", made) > 0


def test_counts_the_double_bookings_of_django_appointment(measured: Measured) -> None:
    """What is printed is how many appointments there begin before the one before is over."""
    times = """(
        SELECT tsrange(date + start_time, date + end_time) AS during, staff_member_id AS staff
          FROM appointment_appointment AS made
          JOIN appointment_appointmentrequest AS asked ON asked.id = appointment_request_id
    ) AS times"""
    printed = re.search(r"^double_bookings 0 (\d+) ", measured.printed, re.MULTILINE)
    assert printed is not None
    assert int(printed[1]) == measured.ask("django", overlaps(times, "staff")) > 0


def test_would_count_a_double_booking_of_the_house(measured: Measured) -> None:
    """Where the constraint is gone and one appointment is moved onto another, one is counted."""
    moved = """
        UPDATE appointments SET provider_id = other.provider_id, during = other.during
          FROM appointments AS other
         WHERE appointments.id = %(one)s AND other.id = %(other)s
    """
    one, other = measured.booked["http"][:2]
    with measured.connect("http") as connection:
        for whose in ("provider", "patient"):
            connection.execute(
                f"ALTER TABLE appointments DROP CONSTRAINT appointments_{whose}_once".encode()
            )
        connection.execute(moved.encode(), {"one": one, "other": other})
        assert connection.execute(DOUBLED.encode()).fetchone() == (1,)
        connection.rollback()


def test_leaves_no_environment_that_is_half_installed(tmp_path: Path) -> None:
    """An environment in which something could not be installed is not there the next time."""
    with pytest.raises(NotInstalledError, match=r"nothing-1-py3-none-any\.whl"):
        python_with(["./nothing-1-py3-none-any.whl"], tmp_path)
    assert list(tmp_path.iterdir()) == []
