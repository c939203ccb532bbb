"""Billing: what a visit costs, who owes how much of it, and when it may be taken.

Requesting a visit plans a charge for the price shown. A liaison may correct it: an insurance covers
a share, an extra service was given. Where the practice charges at booking the charge is released
with the request, where it charges on completion only the provider's confirmation releases it. A
released charge is ordered from the processor under a key of ours and settled by its answer: paid
once, or failed.
"""

from telehealth_core.billing.card import Card, CardDeclined, CardDetails
from telehealth_core.billing.charge import AboveAgreement, Charge, ChargeStatus, Extra
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
    "PaymentOrder",
    "PaymentOutcome",
    "PaymentReport",
]
