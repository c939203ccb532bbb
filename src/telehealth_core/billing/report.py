"""The payment report: derived from the charges' ledgers, never kept beside them (F48, N05)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

import attrs

from telehealth_core.billing.charge import Charge, ChargeStatus
from telehealth_core.billing.payment import PaymentOutcome
from telehealth_core.shared.ids import AppointmentId, ChargeId, PatientId
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.money import Money

SUMS = ("total", "insured", "fee", "due", "paid", "refunded")
"""What is summed up, by the names that charges have for them."""
Sums = Mapping[str, Mapping[str, int]]
"""For each currency, in minor units: each of `SUMS`."""


class Finding(StrEnum):
    """What comparing one charge with the processor's own view shows."""

    AGREES = "agrees"
    MISSING_THERE = "missing-there"
    """We know of an answer that the processor does not know."""
    MISSING_HERE = "missing-here"
    """The processor took, or gave back, what is not noted here; it may be on its way."""
    AMOUNT_DIFFERS = "amount-differs"
    """Both know of it, and not of the same."""


def verify(
    charge: Charge, outcomes: Mapping[UUID, PaymentOutcome], refunds: Mapping[UUID, Money]
) -> Finding | None:
    """What the processor's view of the charge's orders and refunds says; None before any order."""
    if not charge.attempt:
        return None
    *findings, last = (
        *(
            _payment(ours, outcomes.get(key))
            for key, ours in zip(charge.payment_keys, _answers(charge), strict=True)
        ),
        *(
            _refund(amount, refunds.get(key), made=number < charge.refunds_made)
            for number, (key, amount) in enumerate(
                zip(charge.refund_keys, charge.refunds, strict=True)
            )
        ),
    )
    return next((one for one in (*findings, last) if one is not Finding.AGREES), Finding.AGREES)


def _answers(charge: Charge) -> tuple[PaymentOutcome | None, ...]:
    """The noted answer to each order: of a former one, only that it was not paid is known."""
    waiting = charge.outcome is not None and charge.outcome.requires_action
    last = None if waiting else charge.outcome
    return (*(None for _ in charge.payment_keys[1:]), last)


def _payment(ours: PaymentOutcome | None, theirs: PaymentOutcome | None) -> Finding:
    if ours is None:
        return Finding.MISSING_HERE if theirs is not None and theirs.paid else Finding.AGREES
    if theirs is None or (ours.paid and not theirs.paid):
        return Finding.MISSING_THERE
    if theirs.paid and not ours.paid:
        return Finding.MISSING_HERE
    return Finding.AGREES if ours == theirs else Finding.AMOUNT_DIFFERS


def _refund(ours: Money, theirs: Money | None, *, made: bool) -> Finding:
    if theirs is None:
        return Finding.MISSING_THERE if made else Finding.AGREES
    if ours != theirs:
        return Finding.AMOUNT_DIFFERS
    return Finding.AGREES if made else Finding.MISSING_HERE


@attrs.frozen(kw_only=True)
class ReportLine:
    """One charge as the report shows it: its sums, and whether the processor says the same. `paid`
    is what was taken, `refunded` what of it was given back.
    """

    charge_id: ChargeId
    appointment_id: AppointmentId
    patient_id: PatientId
    number: int
    status: ChargeStatus
    total: Money
    insured: Money
    fee: Money
    due: Money
    paid: Money
    refunded: Money
    entries: int
    reference: str | None
    settled_at: datetime | None
    finding: Finding | None

    @classmethod
    def of(cls, charge: Charge, finding: Finding | None) -> Self:
        """The line of one charge."""
        sums = {name: getattr(charge, name) for name in SUMS}
        return cls(
            charge_id=charge.id,
            appointment_id=charge.appointment_id,
            patient_id=charge.patient_id,
            number=charge.number,
            status=charge.status,
            entries=len(charge.ledger.entries),
            reference=charge.outcome.reference if charge.outcome else None,
            settled_at=charge.settled_at,
            finding=finding,
            **sums,
        )

    @property
    def verified(self) -> bool | None:
        """Whether the processor says the same; None before any order."""
        return None if self.finding is None else self.finding is Finding.AGREES


def added(sums: Sums, sources: Iterable[Charge | ReportLine]) -> Sums:
    """The sums with those of these charges on top."""
    totals = {currency: dict(each) for currency, each in sums.items()}
    for source in sources:
        for name in SUMS:
            amount: Money = getattr(source, name)
            each = totals.setdefault(amount.currency, dict.fromkeys(SUMS, 0))
            each[name] += amount.minor
    return totals


@attrs.frozen
class PaymentReport:
    """The charges of a period, in order, and their sums; `more` if this is not the last page."""

    period: Interval
    lines: tuple[ReportLine, ...]
    more: bool = False

    def sums(self) -> Sums:
        """The sums of these lines by currency."""
        return added({}, self.lines)
