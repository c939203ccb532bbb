"""Approval: the named checks that decide whether a requested visit can take place (F25).

The same list is shown to a liaison, check by check, and lets requests through by itself where the
practice says so.
"""

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

import attrs

from telehealth_core.billing.card import Card
from telehealth_core.billing.charge import Charge
from telehealth_core.practice.practice import Practice
from telehealth_core.practice.settings import Charging, Settings
from telehealth_core.registration.patient import Patient
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.limits import Load, limits_reached
from telehealth_core.scheduling.session import Session
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.refusal import Refusal
from telehealth_core.workforce.provider import Provider


@attrs.frozen
class ChecksFailed(Refusal):
    """The request cannot be approved; `checks` names every check that failed."""

    code: ClassVar[str] = "checks-failed"
    says: ClassVar[str] = "The visit cannot take place as requested ({checks})."

    checks: str


@attrs.frozen
class Facts:
    """All that the checks weigh. `settings` are those that the visit was booked under (F30),
    `elsewhere` is what else occupies the provider's or the patient's time then, `load` what the
    patient has beside it.
    """

    practice: Practice
    settings: Settings
    appointment: Appointment
    session: Session
    provider: Provider
    patient: Patient
    charge: Charge
    card: Card | None
    elsewhere: tuple[Interval, ...]
    load: Load
    at: datetime


@attrs.frozen
class CheckResult:
    """One check, passed or not, with what it looks at."""

    name: str
    asks: str
    passed: bool


def _on_shift(facts: Facts) -> bool:
    return facts.session.during.covers(facts.appointment.during)


def _no_clash(facts: Facts) -> bool:
    return not facts.elsewhere


def _verified(facts: Facts) -> bool:
    return facts.patient.is_verified(facts.at)


def _licensed(facts: Facts) -> bool:
    return licensed(
        facts.practice, facts.provider, facts.appointment.location, facts.appointment.during.start
    )


def _card_valid(facts: Facts) -> bool:
    pays_later = facts.appointment.vouched_by is not None and facts.charge.card_id is None
    return (
        not facts.appointment.price.minor
        or (pays_later and facts.settings.charging is Charging.ON_COMPLETION)
        or (facts.card is not None and facts.card.valid(facts.appointment.during.end))
    )


def _paid_first(facts: Facts) -> bool:
    at_booking = facts.settings.charging is Charging.AT_BOOKING
    return facts.charge.nothing_due or not at_booking


def _few_ahead(facts: Facts) -> bool:
    return "visits-ahead" not in limits_reached(facts.load, facts.settings)


def _few_a_day(facts: Facts) -> bool:
    return "visits-a-day" not in limits_reached(facts.load, facts.settings)


def _not_over(facts: Facts) -> bool:
    return facts.at < facts.appointment.during.end


def licensed(practice: Practice, provider: Provider, location: str, at: datetime) -> bool:
    """Whether the provider may treat a patient who is there at that instant (TEL-02, TEL-03,
    PRO-01, PRO-04).
    """
    pack = practice.jurisdiction
    region = pack.licence_region(location)
    return pack.covers(location) and provider.bookable(practice.day(at), region, practice.settings)


CHECKS: tuple[tuple[str, str, Callable[[Facts], bool]], ...] = (
    ("on-shift", "The provider works then.", _on_shift),
    ("no-clash", "Neither provider nor patient is elsewhere then.", _no_clash),
    ("verified", "The practice knows who the patient is.", _verified),
    ("licensed", "The provider may treat a patient who is there.", _licensed),
    ("visits-ahead", "The patient has not too many visits ahead.", _few_ahead),
    ("visits-a-day", "The patient has not too many visits on that day.", _few_a_day),
    ("card-valid", "A card on file is valid on the day of the visit.", _card_valid),
    ("paid-first", "What is to be paid at booking is paid.", _paid_first),
    ("not-over", "The time of the visit is not over.", _not_over),
)
"""What decides. Adding a check is adding a line."""


def check(facts: Facts) -> tuple[CheckResult, ...]:
    """Every check with its result; what staff set aside for this visit passes."""
    override = facts.appointment.override
    aside = override.rules if override else frozenset[str]()
    return tuple(
        CheckResult(name, asks, name in aside or passes(facts)) for name, asks, passes in CHECKS
    )


def require_passed(results: tuple[CheckResult, ...]) -> None:
    """Refuse unless every check passed.

    Raises: ChecksFailed, naming every one that did not.
    """
    failed = [result.name for result in results if not result.passed]
    if failed:
        raise ChecksFailed(", ".join(failed))
