"""`telehealth demo`: journeys, told to somebody who sees the clinic for the first time."""

from collections.abc import Callable
from typing import Final

import attrs
import httpx
from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from telehealth_cli.journeys import (
    LONDON,
    NEW_YORK,
    Staff,
    Stopped,
    Told,
    Walk,
    confirmed_payment,
    day_at_the_desk,
    declined_payment,
    partner,
    uk_visit,
    us_visit,
    who_did_what,
)

TIMEOUT_SECONDS = 30.0
NUMBER_WIDTH, ROLE_WIDTH = 5, 14
NARROW = 60
"""Below so many columns the role stands above what it does."""

_COLORS: Final = {
    "visitor": "white",
    "patient": "green",
    "second patient": "bright_green",
    "other patient": "bright_green",
    "parent": "green",
    "client": "green",
    "therapist": "cyan",
    "doctor": "cyan",
    "liaison": "yellow",
    "admin": "red",
    "second admin": "bright_red",
    "partner": "magenta",
    "both": "blue",
}


@attrs.frozen
class Journey:
    """One journey: its heading, one sentence about it, where it takes place."""

    heading: str
    sentence: str
    staff: Staff
    walks: Callable[[Walk, Staff], None]


JOURNEYS: Final = (
    Journey(
        "1. A visit in New York",
        "One patient from registration to payment: a liaison decides who is let in and what takes "
        "place, and money is taken only after the visit.",
        NEW_YORK,
        us_visit,
    ),
    Journey(
        "2. A visit in London",
        "A parent books a doctor for a child today and pays at once; the checks alone let the "
        "visit take place.",
        LONDON,
        uk_visit,
    ),
    Journey(
        "3. A partner refers a client",
        "The client registers without retyping anything, and the partner follows that one "
        "treatment program and nothing else.",
        NEW_YORK,
        partner,
    ),
    Journey(
        "4. A day at the desk",
        "An administrator changes a rule, somebody cancels late, somebody else gets the time, and "
        "the office books what no patient could.",
        NEW_YORK,
        day_at_the_desk,
    ),
    Journey(
        "5. The bank asks back",
        "A payment has to be confirmed with the payer's bank before the visit is booked.",
        LONDON,
        confirmed_payment,
    ),
    Journey(
        "6. A card is declined",
        "The visit took place, the card does not pay, another one does: once.",
        NEW_YORK,
        declined_payment,
    ),
    Journey(
        "7. Who may, and who did",
        "A second administrator agrees, a record is opened in an emergency, and the patient sees "
        "who opened it.",
        NEW_YORK,
        who_did_what,
    ),
)


def run(base_url: str, console: Console) -> int:
    """Walk the journeys against the server there and tell each step; 0 if all went as expected."""
    teller = Teller(console)
    teller.introduce(base_url)
    with httpx.Client(base_url=base_url, timeout=TIMEOUT_SECONDS, trust_env=False) as client:
        walk = Walk(client, base_url, teller.step)
        finished = [_walked(walk, journey, teller) for journey in JOURNEYS]
    console.print()
    console.print(f"demo: {walk.steps} steps, {walk.ok} ok", highlight=False, soft_wrap=True)
    return 0 if all(finished) and walk.ok == walk.steps else 1


def _walked(walk: Walk, journey: Journey, teller: "Teller") -> bool:
    teller.heading(journey)
    try:
        journey.walks(walk, journey.staff)
    except Stopped:
        teller.stopped()
        return False
    return True


@attrs.frozen
class Teller:
    """Puts steps on a console of any width, in color where it has any."""

    console: Console

    def introduce(self, base_url: str) -> None:
        """Say what is going to be seen."""
        journeys = (
            f"{len(JOURNEYS)} journeys through the clinic at {base_url}, as an ordinary HTTP "
            "client makes them. Each step says who asks for what, with which request, and what "
            "came of it; refusals belong to it. Ids are shortened to their last four digits."
        )
        self._prose(journeys)

    def heading(self, journey: Journey) -> None:
        """Begin a journey."""
        line = "─" if self._unicode else "-"
        self.console.print()
        self.console.print(Rule(f"[bold]{journey.heading}[/bold]", align="left", characters=line))
        self._prose(journey.sentence, "italic")
        self.console.print()

    def step(self, told: Told) -> None:
        """Tell one step: who wants what, the request, and below it what came of it."""
        narrow = self.console.width < NARROW
        role = Text(f"{told.role:<{ROLE_WIDTH}} ", style=_COLORS.get(told.role, "white"))
        indent = NUMBER_WIDTH + (0 if narrow else len(role))
        width = max(self.console.width - indent, 10)
        fits = len(told.what) + 2 + len(told.request) <= width
        words = Text.assemble(
            (self._plain(told.what), "bold"),
            "  " if fits else "\n",
            (self._plain(told.request), "dim"),
        )
        mark = ("->", "green") if told.ok else ("FAILED", "bold red")
        outcome = Text.assemble(mark, " ", (self._plain(told.outcome), "" if told.ok else "red"))
        lines = [
            line
            for text in ((role, words, outcome) if narrow else (words, outcome))
            for line in text.wrap(self.console, width)
        ]
        first = Text.assemble(
            (f"{told.number:>{NUMBER_WIDTH - 1}} ", "dim"), "" if narrow else role
        )
        for number, line in enumerate(lines):
            line.rstrip()
            told_line = Text.assemble(first if number == 0 else " " * indent, line)
            self.console.print(told_line, soft_wrap=True)

    def stopped(self) -> None:
        """Say that the rest of a journey was not walked."""
        self._prose("The rest of this journey builds on that and is left out.", "bold red")

    def _prose(self, text: str, style: str = "") -> None:
        for line in Text(self._plain(text), style=style).wrap(self.console, self.console.width):
            line.rstrip()
            self.console.print(line, soft_wrap=True)

    @property
    def _unicode(self) -> bool:
        return self.console.encoding.lower().startswith("utf")

    def _plain(self, text: str) -> str:
        """The text in what the console can show."""
        if self._unicode:
            return text
        return text.encode(self.console.encoding, "replace").decode(self.console.encoding)
