"""How the demo is told."""

import io

import pytest
from rich.console import Console

from telehealth_cli import demo
from telehealth_cli.journeys import NEW_YORK, Staff, Stopped, Walk
from telehealth_cli.journeys.walk import Told

LONG = Told(
    12,
    "second patient",
    "wants the same time",
    "POST /v1/appointments/…9f3c/request",
    "409 time-taken: This time was just taken. Pick another one.",
    ok=True,
)


def plain(width: int, encoding: str = "utf-8") -> tuple[Console, io.TextIOWrapper]:
    """A console that is no terminal."""
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, write_through=True)
    return Console(file=file, width=width), file


def written(file: io.TextIOWrapper) -> str:
    """What was written there."""
    file.seek(0)
    return file.read()


@pytest.mark.parametrize("width", [24, 40, 59, 60, 80, 200])
def test_a_step_fits_any_width(width: int) -> None:
    """No line is longer than the console, and every word is there."""
    console, file = plain(width)
    demo.Teller(console).step(LONG)
    told = written(file)
    assert all(len(line) <= width for line in told.splitlines())
    everything = "".join(told.split())
    for part in ("12", LONG.role, LONG.what, LONG.request):
        assert "".join(part.split()) in everything
    assert "409time-taken:" in everything


def test_without_a_terminal_the_text_is_plain() -> None:
    """A pipe gets words and no color codes."""
    console, file = plain(80)
    demo.Teller(console).heading(demo.JOURNEYS[0])
    demo.Teller(console).step(LONG)
    assert "\x1b" not in written(file)
    assert "-> 409 time-taken: This time was just taken. Pick another\n" in written(file)


def test_a_console_without_unicode_gets_what_it_can_show() -> None:
    """An old code page is no reason to end in an error."""
    console, file = plain(80, "ascii")
    demo.Teller(console).heading(demo.JOURNEYS[0])
    demo.Teller(console).step(LONG)
    assert "request" in written(file)


def test_a_failed_step_is_seen_at_once() -> None:
    """It says so in capitals."""
    console, file = plain(80)
    demo.Teller(console).step(Told(1, "patient", "asks", "GET /x", "500 oops", ok=False))
    assert "FAILED 500 oops" in written(file)


def test_without_a_server_the_demo_fails_and_ends_with_its_line() -> None:
    """Every journey tells its first step as failed; the last line counts; the status is 1."""
    console, file = plain(80)
    assert demo.run("http://127.0.0.1:9", console) == 1
    told = written(file)
    assert told.splitlines()[-1] == f"demo: {len(demo.JOURNEYS)} steps, 0 ok"
    assert told.count("demo:") == 1
    assert told.count("is left out") == len(demo.JOURNEYS)


def test_a_journey_that_stops_fails_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if every step that was told went well."""

    def stops(walk: Walk, _: Staff) -> None:
        raise Stopped

    journey = demo.Journey("Nowhere", "It ends.", NEW_YORK, stops)
    monkeypatch.setattr(demo, "JOURNEYS", (journey,))
    console, file = plain(80)
    assert demo.run("http://127.0.0.1:9", console) == 1
    assert written(file).splitlines()[-1] == "demo: 0 steps, 0 ok"
