"""The payment report: derived from the charges' ledger, never kept beside it (F48, N05)."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Self

import attrs

from telehealth_core.billing.charge import Charge, ChargeStatus
from telehealth_core.shared.ids import AppointmentId, ChargeId, PatientId
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.money import Money


@attrs.frozen(kw_only=True)
class ReportLine:
    """One charge as the report shows it. `verified` is whether the processor says the same; None
    before any order.
    """

    charge_id: ChargeId
    appointment_id: AppointmentId
    patient_id: PatientId
    status: ChargeStatus
    total: Money
    insured: Money
    due: Money
    paid: Money
    corrections: int
    reference: str | None
    settled_at: datetime | None
    verified: bool | None

    @classmethod
    def of(cls, charge: Charge, *, verified: bool | None) -> Self:
        """The line of one charge."""
        return cls(
            charge_id=charge.id,
            appointment_id=charge.appointment_id,
            patient_id=charge.patient_id,
            status=charge.status,
            total=charge.total,
            insured=charge.insured,
            due=charge.due,
            paid=charge.paid - charge.refunded,
            corrections=len(charge.ledger.entries) - 1,
            reference=charge.outcome.reference if charge.outcome else None,
            settled_at=charge.settled_at,
            verified=verified,
        )


@attrs.frozen
class PaymentReport:
    """The charges of a period and their sums by currency."""

    period: Interval
    lines: tuple[ReportLine, ...]

    def sums(self) -> Mapping[str, Mapping[str, int]]:
        """For each currency, in minor units: total, insured, due, paid."""
        sums: dict[str, dict[str, int]] = defaultdict(
            lambda: dict.fromkeys(("total", "insured", "due", "paid"), 0)
        )
        for line in self.lines:
            for name in ("total", "insured", "due", "paid"):
                amount: Money = getattr(line, name)
                sums[amount.currency][name] += amount.minor
        return sums
