"""Payments as the processor sees them: an order we give, identified by our key, and what became of
it.
"""

from uuid import UUID

import attrs

from telehealth_core.shared.ids import PatientId
from telehealth_core.shared.money import Money


@attrs.frozen(kw_only=True)
class PaymentOrder:
    """Take this sum from this card. `key` is ours: the same key is the same payment, however often
    it is sent.

    Carries no name, service or reason (VEN-03).
    """

    key: UUID
    customer: PatientId
    card_token: str = attrs.field(repr=False)
    amount: Money


@attrs.frozen(kw_only=True)
class PaymentOutcome:
    """What became of an order: paid under the processor's `reference`, or declined with its stable
    code.
    """

    key: UUID
    amount: Money
    reference: str
    declined: str | None = None

    @property
    def paid(self) -> bool:
        """Whether the money was taken."""
        return self.declined is None
