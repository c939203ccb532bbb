"""End to end: the demo's journeys over HTTP against the whole program on PostgreSQL."""

import logging
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from rich.console import Console

from integration.app.canary import canaries, in_clear
from telehealth_app import serving
from telehealth_app.container import Container, assembled
from telehealth_app.settings import Settings
from telehealth_cli import seeding
from telehealth_cli.demo import run
from telehealth_postgres import binaries
from telehealth_postgres.guard import wrong_sessions
from telehealth_postgres.wall import application_uri

LOG = StringIO()
"""What the program logs, every word of it."""


@pytest.fixture(scope="module")
def program(database: str, tmp_path_factory: Any) -> Iterator[tuple[Container, str]]:
    """Yield the whole program on a database of its own, and its address."""
    home: Path = tmp_path_factory.mktemp("home")
    root, listener = logging.getLogger(), logging.StreamHandler(LOG)
    listener.addFilter(lambda record: not record.name.startswith(("httpx", "httpcore")))
    root.addHandler(listener)
    before, root.level = root.level, logging.DEBUG
    settings = Settings(home=home, database_url=application_uri(database), port=0)
    with assembled(settings) as container:
        seeding.seed(container.clinic(), datetime.now(UTC))
        with serving.served(container, demo=True) as url:
            yield container, url
    root.removeHandler(listener)
    root.level = before


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


@pytest.fixture(scope="module")
def dump(database: str, told: str) -> str:
    """Return everything in the database, as a backup has it."""
    program = binaries.find().program("pg_dump")
    command = [program, "--inserts", "--data-only", database]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def hunted(program: tuple[Container, str], told: str) -> frozenset[str]:
    """Return every personal word that the journeys put anywhere."""
    found = canaries(program[0].store())
    assert len(found) > 100
    assert any("Hydrocortisone" in word for word in found)
    assert "patient@hudson-therapy.example" in found
    return found


def test_no_personal_word_is_in_a_dump(hunted: frozenset[str], dump: str) -> None:
    """Of all that people wrote and are called, a backup has nothing in clear: no row of a record,
    of the outbox or of the audit, neither as text nor as plain bytes (ENC-01, BCP-01).
    """
    assert "INSERT INTO public.outbox" in dump
    assert "INSERT INTO public.audit" in dump
    assert in_clear(hunted, dump) == set()


def test_no_personal_word_is_logged(hunted: frozenset[str]) -> None:
    """Whatever the program logs, down to the finest, none of it is personal (ENC-09)."""
    assert in_clear(hunted, LOG.getvalue()) == set()


def test_no_document_is_in_clear(program: tuple[Container, str], told: str) -> None:
    """Every file of the document store is sealed: neither a picture nor a word (UPL-05)."""
    folder = program[0].settings().home / "documents"
    files = [path.read_bytes() for path in folder.glob("*/*/*")]
    assert files
    assert not [content for content in files if b"JFIF" in content or b"%PDF" in content]


def test_every_folder_of_the_home_is_its_owners(program: tuple[Container, str], told: str) -> None:
    """Whoever else is on the machine looks into none of them (ENC-01)."""
    home = program[0].settings().home
    folders = [path for path in home.rglob("*") if path.is_dir()]
    assert len(folders) > 5
    assert [path for path in folders if path.stat().st_mode & 0o077] == []


def test_the_hunt_finds_a_word_that_was_left_plain(hunted: frozenset[str], dump: str) -> None:
    """A single one of them, as text or as bytes, is seen in a dump."""
    word = max(hunted)
    assert in_clear(hunted, f"{dump}{word}") >= {word}
    assert in_clear(hunted, f"{dump}\\x{word.encode().hex()}") >= {word}


def test_each_session_says_what_is_free_of_it(database: str, program: Any) -> None:
    """After all that was booked, moved and given up, its row and its visits agree (N01)."""
    assert list(wrong_sessions(database)) == []
