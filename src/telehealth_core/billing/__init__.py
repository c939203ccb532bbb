"""Billing: what a visit costs, who owes how much of it, and when it may be taken.

Requesting a visit plans a charge for the price shown; its ledger has a line for whatever changes it
from then on: an insurance's share, an extra service, a fee, a part given back. The payer never owes
more than they agreed to. Where the practice charges at booking the charge is released with the
request, where it charges on completion only the provider's confirmation releases it. A released
charge is ordered from the processor under a key of ours and settled by its answer: paid once,
declined and tried again, or waiting for its payer. A visit that will not be shrinks to its fee, and
what was taken beyond it goes back.
"""

from telehealth_core.billing.card import Card, CardDeclined, CardDetails
from telehealth_core.billing.charge import Charge
from telehealth_core.billing.ledger import Extra, Ledger, Pricing
from telehealth_core.billing.life import AboveAgreement, ChargeStatus
from telehealth_core.billing.payment import PaymentOrder, PaymentOutcome
from telehealth_core.billing.report import PaymentReport

__all__ = [
    "AboveAgreement",
    "Card",
    "CardDeclined",
    "CardDetails",
    "Charge",
    "ChargeStatus",
    "Extra",
    "Ledger",
    "PaymentOrder",
    "PaymentOutcome",
    "PaymentReport",
    "Pricing",
]
