"""What billing needs from outside."""

from collections.abc import Mapping
from typing import Protocol
from uuid import UUID

from telehealth_core.access.ports import Collection
from telehealth_core.billing.card import Card, CardDetails
from telehealth_core.billing.charge import Charge
from telehealth_core.billing.payment import PaymentOrder, PaymentOutcome
from telehealth_core.registration.ports import RegistrationWork
from telehealth_core.shared.ids import CardId, ChargeId, PatientId
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.money import Money


class Cards(Collection[CardId, Card], Protocol):
    """Cards on file."""

    def of_patient(self, patient_id: PatientId, /) -> tuple[Card, ...]:
        """The patient's cards, the newest first."""


class Charges(Collection[ChargeId, Charge], Protocol):
    """The practice's charges."""

    def planned_in(self, period: Interval, /, *, limit: int) -> tuple[Charge, ...]:
        """Charges agreed on in the period, in order."""


class BillingWork(RegistrationWork, Protocol):
    """What billing reads and saves."""

    @property
    def cards(self) -> Cards: ...
    @property
    def charges(self) -> Charges: ...


class Payments(Protocol):
    """A payment processor: keeps cards, takes sums. Called outside transactions only; every call
    can be repeated.
    """

    @property
    def moves_money(self) -> bool:
        """False where nothing real happens; whoever pays is told."""

    def keep_card(self, customer: PatientId, token: str, key: UUID, /) -> CardDetails:
        """Keep the card that the client handed to the processor under this one-time token.

        Raises: CardDeclined; Unavailable.
        """

    def collect(self, order: PaymentOrder, /) -> PaymentOutcome:
        """Take the sum once for the order's key; a repeat answers what became of the first.

        Raises: Unavailable when the outcome is not known: repeat with the same key.
        """

    def refund(self, order: UUID, amount: Money, key: UUID, /) -> None:
        """Give back so much of what the order of that key took, once for each `key`.

        Raises: Unavailable when the outcome is not known: repeat with the same key.
        """

    def outcomes(self, keys: frozenset[UUID], /) -> Mapping[UUID, PaymentOutcome]:
        """The processor's own view of these orders, to verify ours against (F48)."""
