"""Limits: how much of the diary one account may keep and one patient may have (API-03, F25).

What an account or a patient has is counted afresh each time. Requests of one moment take turns, so
that nobody passes a limit by asking for much at once.
"""

from collections.abc import Callable
from typing import ClassVar

import attrs

from telehealth_core.practice.settings import Settings
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.shared.refusal import Refusal


@attrs.frozen
class LimitsReached(Refusal):
    """One more would be too many; `limits` names every limit that is reached."""

    code: ClassVar[str] = "limits-reached"
    says: ClassVar[str] = "This is more than can be booked at once ({limits})."

    limits: str


@attrs.frozen
class Load:
    """What there is beside one claim: times that its account keeps, visits that its patient has
    ahead, and those on the claim's day.
    """

    holds: int = 0
    ahead: int = 0
    a_day: int = 0


@attrs.frozen
class Beside:
    """What there is beside one claim: its load, and the claims of which only one of the two can be,
    lapsed holds included.
    """

    load: Load
    claims: tuple[Appointment, ...]


def _holds(load: Load, settings: Settings) -> bool:
    return load.holds < settings.holds_most


def _ahead(load: Load, settings: Settings) -> bool:
    return load.ahead < settings.visits_ahead_most


def _a_day(load: Load, settings: Settings) -> bool:
    return load.a_day < settings.visits_a_day_most


LIMITS: tuple[tuple[str, Callable[[Load, Settings], bool]], ...] = (
    ("holds", _holds),
    ("visits-ahead", _ahead),
    ("visits-a-day", _a_day),
)
"""What is limited. Adding a limit is adding a line."""


def limits_reached(load: Load, settings: Settings) -> tuple[str, ...]:
    """The names of the limits at which one more is too many."""
    return tuple(name for name, leaves_room in LIMITS if not leaves_room(load, settings))
