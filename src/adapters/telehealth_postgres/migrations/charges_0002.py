"""Charges: a ledger whose sums are those that 0001 worked out anew each time, and back."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import attrs

from telehealth_core.billing.ledger import Extra, Ledger, LineKind, none_of
from telehealth_core.billing.payment import PaymentOutcome
from telehealth_core.shared import Money
from telehealth_core.shared.ids import UserId
from telehealth_postgres.columns import CONVERTER, to_json

Row = Mapping[str, Any]

ALL = """
    SELECT c.*, a.settings_version AS booked_under, a.held_by
    FROM charges c
    JOIN appointments a ON a.practice_id = c.practice_id AND a.id = c.appointment_id
"""
UP = """
    UPDATE charges SET number = 0, supplements = 0, settings_version = :settings_version,
        ledger = CAST(:ledger AS jsonb), refunds_made = :refunds_made,
        ordered_minor = :ordered_minor, ordered_currency = :ordered_currency,
        next_at = CASE WHEN status = 'collecting' THEN now() END
    WHERE practice_id = :practice_id AND id = :id
"""
"""An order whose outcome is not known is asked about at once, with the same key."""
DOWN = """
    UPDATE charges SET corrections = CAST(:corrections AS jsonb), base_minor = :base_minor,
        extras = CAST(:extras AS jsonb), insurance_bp = :insurance_bp
    WHERE practice_id = :practice_id AND id = :id
"""
_GONE = frozenset({"waived", "refunded"})


@attrs.frozen
class Correction:
    """What 0001 kept of a change of the sum."""

    by: UserId
    at: datetime
    before: Money
    after: Money
    reason: str


def up(row: Row) -> Iterable[Row]:
    """The charge's new columns."""
    ledger = _priced(row)
    ordered = ledger.owed if row["attempt"] else None
    if row["status"] in _GONE:
        ledger = _gone(row, ledger)
    yield {
        "practice_id": row["practice_id"],
        "id": row["id"],
        "settings_version": row["booked_under"],
        "ledger": to_json(ledger),
        "refunds_made": len(ledger.refunds),
        "ordered_minor": ordered and ordered.minor,
        "ordered_currency": ordered and ordered.currency,
    }


def _priced(row: Row) -> Ledger:
    """Base, extras and insurance. Of a correction 0001 kept the sums before and after: all but the
    last are a line each of what they look like, and the last makes every kind right.
    """
    base = Money(row["base_minor"], row["base_currency"])
    extras, share = CONVERTER.structure(row["extras"], tuple[Extra, ...]), row["insurance_bp"]
    own = {"by": row["held_by"], "at": row["planned_at"], "reason": "the price agreed on"}
    ledger = Ledger.opened(base, **own)
    corrections = CONVERTER.structure(row["corrections"], tuple[Correction, ...])
    for one in corrections[:-1]:
        change = one.after - one.before
        kind = LineKind.INSURANCE if change.minor < 0 else LineKind.EXTRA
        ledger = ledger.adding(kind, change, by=one.by, at=one.at, reason=one.reason)
    if corrections:
        last = corrections[-1]
        own = {"by": last.by, "at": last.at, "reason": last.reason}
    total = sum((one.price for one in extras), start=base)
    wanted = {
        LineKind.EXTRA: total - base,
        LineKind.INSURANCE: none_of(base) - total.share_down(share),
    }
    for kind, sum_ in wanted.items():
        change = sum_ - ledger.sum(kind)
        if change.minor or (corrections and kind is LineKind.INSURANCE):
            ledger = ledger.adding(kind, change, **own)
    return ledger


def _gone(row: Row, ledger: Ledger) -> Ledger:
    """Nothing is owed, and what was paid went back."""
    outcome = row["outcome"] and CONVERTER.structure(row["outcome"], PaymentOutcome)
    nothing = none_of(ledger.owed)
    paid = outcome.amount if outcome and outcome.paid else nothing
    own = {"by": row["held_by"], "at": row["settled_at"] or row["planned_at"]}
    if ledger.owed.minor:
        ledger = ledger.shrunk_to(nothing, reason="called off", **own)
    return ledger.balanced(paid, reason="called off", **own)


def down(row: Row) -> Iterable[Row]:
    """The charge's former columns. Where their sums cannot say what is owed, as for a fee, that is
    the base.
    """
    ledger = CONVERTER.structure(row["ledger"], Ledger)
    base = Money(row["base_minor"], row["base_currency"])
    extras = CONVERTER.structure(row["extras"], tuple[Extra, ...])
    total = sum((one.price for one in extras), start=base)
    said = total - total.share_down(row["insurance_bp"])
    if said != ledger.owed and row["status"] not in _GONE:
        base, extras, row = ledger.owed, (), {**row, "insurance_bp": 0}
    yield {
        "practice_id": row["practice_id"],
        "id": row["id"],
        "corrections": to_json(_corrections(ledger)),
        "base_minor": base.minor,
        "extras": to_json(extras),
        "insurance_bp": row["insurance_bp"],
    }


def _corrections(ledger: Ledger) -> tuple[Correction, ...]:
    """Lines made at once are one correction."""
    made: dict[tuple[Any, ...], Correction] = {}
    for one in ledger.entries:
        if one.kind in {LineKind.EXTRA, LineKind.INSURANCE} and one.reason != "called off":
            key = (one.by, one.at, one.reason)
            before = made[key].before if key in made else one.before
            made[key] = Correction(one.by, one.at, before, one.after, one.reason)
    return tuple(made.values())
