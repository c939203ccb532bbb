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
    """What became of an order: paid under the processor's `reference`, declined with its stable
    code, or waiting for the payer, whose client confirms it with the opaque `action`.
    """

    key: UUID
    amount: Money
    reference: str
    declined: str | None = None
    action: str | None = attrs.field(default=None, repr=False)

    @property
    def requires_action(self) -> bool:
        """Whether the payer has to confirm it with their bank (3-D Secure)."""
        return self.declined is None and self.action is not None

    @property
    def paid(self) -> bool:
        """Whether the money was taken."""
        return self.declined is None and self.action is None
