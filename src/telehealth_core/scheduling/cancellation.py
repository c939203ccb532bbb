"""Cancellation: what giving up a visit costs, known before booking (N17, PAY-03, PAY-04).

It follows from the settings under which the visit was booked, its price and its start. All instants
are absolute, so a change of the clocks moves none of them.
"""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import ClassVar, Self

import attrs

from telehealth_core.billing.ledger import none_of
from telehealth_core.practice.practice import Practice
from telehealth_core.practice.settings import Settings
from telehealth_core.scheduling.life import CancellationReason
from telehealth_core.shared.money import Money
from telehealth_core.shared.refusal import Refusal
from telehealth_core.shared.text import zone


@attrs.frozen
class ExpressRequestNeeded(Refusal):
    """A visit within the days of withdrawal has to be asked for expressly (PAY-03)."""

    code: ClassVar[str] = "express-request-needed"
    says: ClassVar[str] = (
        "The visit is before {withdraw_until:%Y-%m-%d %H:%M} UTC, while you can still withdraw. "
        "Ask expressly for it to begin by then."
    )

    withdraw_until: datetime


@attrs.frozen
class TooEarly(Refusal):
    """Whoever has not come yet may still come (N17)."""

    code: ClassVar[str] = "too-early"
    says: ClassVar[str] = "The patient can be waited for until {until:%H:%M} UTC."

    until: datetime


@attrs.frozen(kw_only=True)
class Terms:
    """What it costs to give up one visit.

    Up to and including `free_until` nothing, then `late_fee`; `noshow_fee` from `noshow_from` on if
    the patient has not come. Before `withdraw_until`, where consumers have a right to withdraw,
    nothing either.
    """

    start: datetime
    free_until: datetime
    late_fee: Money
    noshow_from: datetime
    noshow_fee: Money
    withdraw_until: datetime | None

    @classmethod
    def of(
        cls,
        settings: Settings,
        price: Money,
        start: datetime,
        withdraw_until: datetime | None,
        free_until: datetime | None = None,
    ) -> Self:
        """The terms of a visit at this price and start, booked under these settings; no fee is
        above the price. A late move before leaves a `free_until` that does not come back.
        """
        free = start - timedelta(hours=settings.free_cancel_hours)
        return cls(
            start=start,
            free_until=free if free_until is None else min(free, free_until),
            late_fee=price.share_down(settings.late_cancel_fee_bp),
            noshow_from=start + timedelta(minutes=settings.noshow_after_minutes),
            noshow_fee=price.share_down(settings.noshow_fee_bp),
            withdraw_until=withdraw_until,
        )


@attrs.frozen
class Facts:
    """What the rules weigh: the terms, why it is given up, whether it had been accepted, when."""

    terms: Terms
    reason: CancellationReason
    accepted: bool
    at: datetime


def _not_the_patient(facts: Facts) -> bool:
    return facts.reason is not CancellationReason.PATIENT


def _not_accepted(facts: Facts) -> bool:
    return not facts.accepted


def _in_time(facts: Facts) -> bool:
    return facts.at <= facts.terms.free_until


def _withdrawn(facts: Facts) -> bool:
    until = facts.terms.withdraw_until
    return until is not None and facts.at < min(until, facts.terms.start)


FREE: tuple[tuple[str, str, Callable[[Facts], bool]], ...] = (
    ("not-the-patient", "It is not the patient who gives it up.", _not_the_patient),
    ("not-accepted", "The practice has not accepted it yet.", _not_accepted),
    ("in-time", "It is early enough.", _in_time),
    ("withdrawn", "The patient can still withdraw from what they ordered.", _withdrawn),
)
"""What makes giving up free. Adding a reason is adding a line."""


@attrs.frozen
class Cost:
    """What giving it up costs, and every reason why it is nothing."""

    fee: Money
    free_because: tuple[str, ...]


def cost(facts: Facts) -> Cost:
    """What giving up costs as the facts are: the late fee, or nothing if any reason holds."""
    reasons = tuple(name for name, _, holds in FREE if holds(facts))
    fee = facts.terms.late_fee
    return Cost(none_of(fee) if reasons else fee, reasons)


def withdrawal_ends(practice: Practice, at: datetime) -> datetime | None:
    """Until when a patient who orders at that instant can withdraw: the end of the last day, where
    the practice is; None where there is no such right.
    """
    days = practice.jurisdiction.cooling_off_days
    if not days:
        return None
    following = practice.day(at) + timedelta(days=days + 1)
    return datetime.combine(following, time(), zone(practice.zone)).astimezone(at.tzinfo)


def require_express(start: datetime, withdraw_until: datetime | None, *, express: bool) -> None:
    """Refuse a visit within the days of withdrawal that nobody asked for expressly (PAY-03).

    Raises: ExpressRequestNeeded.
    """
    if withdraw_until is not None and start < withdraw_until and not express:
        raise ExpressRequestNeeded(withdraw_until)
