"""`telehealth jobs`: what was given up is seen and tried again."""

from io import StringIO

import pytest
from rich.console import Console

from integration.worker.practice import Practice
from telehealth_cli import jobs
from telehealth_cli.main import _arguments
from telehealth_worker.reacting import ATTEMPTS_MOST


def said(practice: Practice, *words: str) -> tuple[int, list[str]]:
    """How the command ends, and what it prints."""
    told = StringIO()
    given = _arguments(["jobs", *words])
    status = jobs.run(practice.outbox, given, Console(file=told, width=60, highlight=False))
    return status, told.getvalue().splitlines()


def given_up(practice: Practice, *names: str) -> list[int]:
    """Messages whose fan-out was given up."""
    practice.channels.fails = 2 * len(names)
    for name in names:
        practice.post(name)
    practice.worker.drain()
    practice.sql(f"UPDATE procrastinate_jobs SET attempts = {ATTEMPTS_MOST - 1}")
    practice.time_passes()
    practice.worker.drain()
    assert practice.outbox.waiting() == (0, len(names))
    return [one.id for one in practice.outbox.listed(dead=True, limit=10)]


def test_what_was_given_up_is_listed_with_why(practice: Practice) -> None:
    """Event, reaction, attempts, code and time; what only waits is left out when asked so."""
    (id,) = given_up(practice, "one")
    practice.post("two")

    status, (heading, row, end) = said(practice, "list", "--dead")
    assert status == 0
    assert heading.split()[:5] == ["id", "event", "reaction", "attempts", "problem"]
    assert row.split()[:6] == [
        str(id),
        "MessagePosted",
        "Messaging.fan_out",
        str(ATTEMPTS_MOST),
        "unavailable",
        "dead",
    ]
    assert row.split()[6].endswith("Z")
    assert end.startswith("1 waiting, 1 given up")
    assert len(said(practice, "list")[1]) == 4


def test_what_was_given_up_is_tried_again(practice: Practice) -> None:
    """By its number, or all; what was not given up is told, and fails the command."""
    first, second, third = given_up(practice, "one", "two", "three")
    assert said(practice, "replay", str(second)) == (0, [f"1 to be tried again: {second}"])
    status, told = said(practice, "replay", str(second), "0")
    assert status == 1
    assert told == ["0 to be tried again", f"not among those given up: 0, {second}"]
    assert said(practice, "replay", "--all") == (0, [f"2 to be tried again: {first}, {third}"])
    practice.worker.drain()
    assert len(practice.channels.published) == 3
    assert said(practice, "list") == (0, ["0 waiting, 0 given up (the first 200 are shown)"])


def test_replaying_nothing_or_everything_and_something_is_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whoever replays says what."""
    for words in (["replay"], ["replay", "--all", "3"], ["replay", "three"]):
        with pytest.raises(SystemExit, match="2"):
            _arguments(["jobs", *words])
    assert "replay" in capsys.readouterr().err
