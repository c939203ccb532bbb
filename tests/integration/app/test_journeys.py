"""End to end: the demo's journeys over HTTP against the whole program on PostgreSQL."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from rich.console import Console

from telehealth_app import serving
from telehealth_app.container import Container, assembled
from telehealth_app.settings import Settings
from telehealth_cli import seeding
from telehealth_cli.demo import run
from telehealth_postgres.wall import application_uri

PERSONAL = (
    "Example",
    "rash",
    "Weekly counseling",
    "Hydrocortisone",
    "unconscious",
    "Slept better",
    "stay for an hour",
    "nothing had been posted",
)
"""Words that the journeys put into records; none may leave them."""


@pytest.fixture(scope="module")
def program(database: str, tmp_path_factory: Any) -> Iterator[tuple[Container, str]]:
    """Yield the whole program on a database of its own, and its address."""
    home: Path = tmp_path_factory.mktemp("home")
    settings = Settings(home=home, database_url=application_uri(database), port=0)
    with assembled(settings) as container:
        seeding.seed(container.clinic(), datetime.now(UTC))
        with serving.served(container, demo=True) as url:
            yield container, url


@pytest.fixture(scope="module")
def told(program: tuple[Container, str]) -> str:
    """Return what the demo tells; it ends well."""
    out = StringIO()
    assert run(program[1], Console(file=out, width=120)) == 0, out.getvalue()
    return out.getvalue()


def ask(database: str, query: str) -> list[tuple[Any, ...]]:
    """What the database says."""
    with psycopg.connect(database) as connection:
        return connection.execute(query.encode()).fetchall()


def test_every_step_of_the_journeys_is_as_expected(told: str) -> None:
    """The last line counts as many good steps as there are."""
    *_, last = told.strip().splitlines()
    words = last.split()
    assert words[0] == "demo:"
    assert words[1] == words[3]
    assert int(words[1]) > 150


def test_the_journeys_can_be_walked_again(program: tuple[Container, str], told: str) -> None:
    """A second walk on the same server ends as well as the first."""
    out = StringIO()
    assert run(program[1], Console(file=out, width=120)) == 0, out.getvalue()


def test_the_outbox_drains(program: tuple[Container, str], told: str) -> None:
    """Everything that happened was reacted to; nothing was given up."""
    outbox = program[0].outbox()
    deadline = time.monotonic() + 20
    while outbox.waiting()[0] and time.monotonic() < deadline:
        time.sleep(0.05)
    assert outbox.waiting() == (0, 0)


def test_each_visit_was_paid_once(database: str, told: str) -> None:
    """Every paid charge has one payment, of what was due: a visit's price or the fee for a late
    cancellation, at the first attempt or, where a card was declined, at the second.
    """
    charges = ask(
        database,
        """SELECT c.status, c.outcome->'amount'->>'minor', c.attempt, p.slug
           FROM charges c JOIN practices p ON p.id = c.practice_id WHERE c.status = 'paid'""",
    )
    assert {(slug, minor, attempt) for _, minor, attempt, slug in charges} == {
        ("hudson-therapy", "7200", 1),
        ("hudson-therapy", "10000", 1),
        ("hudson-therapy", "20000", 2),
        ("thames-gp", "4500", 1),
    }


def test_every_change_of_a_patient_left_audit(database: str, told: str) -> None:
    """No event without its audit entry, by the same transaction."""
    missing = ask(
        database,
        """SELECT o.name FROM outbox o WHERE NOT EXISTS (
             SELECT FROM audit a
             WHERE a.practice_id = o.practice_id AND a.subject = o.subject
               AND a.action = o.name)""",
    )
    assert missing == []
    read = ask(database, "SELECT count(*) FROM audit WHERE outcome = 'read'")
    refused = ask(
        database, "SELECT count(*) FROM audit WHERE outcome IN ('not-permitted', 'unknown')"
    )
    assert read[0][0] > 10
    assert refused[0][0] >= 4


def test_no_personal_word_leaves_the_records(database: str, told: str) -> None:
    """Outbox and audit hold ids, names of events and instants, nothing of what people wrote."""
    for table in ("outbox", "audit"):
        ((text,),) = ask(database, f"SELECT string_agg(t::text, ' ') FROM {table} t")
        assert not [word for word in PERSONAL if word in text], table
    records = ask(database, "SELECT string_agg(p::text, ' ') FROM patients p")
    assert "Example" in records[0][0], "the words that are looked for are real"
