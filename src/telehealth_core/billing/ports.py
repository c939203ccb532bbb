"""What billing needs from outside."""

from collections.abc import Mapping
from datetime import datetime
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
        """The cards that are kept for the patient, the newest first."""


class Charges(Collection[ChargeId, Charge], Protocol):
    """The practice's charges."""

    def planned_in(
        self, period: Interval, /, *, after: Charge | None = None, limit: int
    ) -> tuple[Charge, ...]:
        """Charges agreed on in the period, in order of that instant and their ids, beyond `after`
        if it is given.
        """

    def to_take_up(self, at: datetime, /, *, limit: int) -> tuple[Charge, ...]:
        """Charges whose `next_at` has come, the longest waiting first."""

    def in_arrears(self, *, limit: int) -> tuple[Charge, ...]:
        """Charges that were declined for good, the oldest first."""

    def needing(self, card_id: CardId, /) -> bool:
        """Whether any charge is yet to be taken from the card."""


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

    def forget_card(self, token: str, /) -> None:
        """Keep the card no longer; one that is not kept is forgotten already.

        Raises: Unavailable.
        """

    def collect(self, order: PaymentOrder, /) -> PaymentOutcome:
        """Take the sum once for the order's key; a repeat answers what has become of the first by
        now. An outcome that requires an action becomes another one once the payer acts.

        Raises: Unavailable when the outcome is not known: repeat with the same key.
        """

    def abandon(self, key: UUID, /) -> PaymentOutcome:
        """End the order of that key, which waits for its payer: declined from now on, unless it is
        paid already. A repeat answers the same.

        Raises: Unavailable when the outcome is not known: repeat with the same key.
        """

    def refund(self, order: UUID, amount: Money, key: UUID, /) -> None:
        """Give back so much of what the order of that key took, once for each `key`.

        Raises: Unavailable when the outcome is not known: repeat with the same key.
        """

    def outcomes(self, keys: frozenset[UUID], /) -> Mapping[UUID, PaymentOutcome]:
        """The processor's own view of these orders, to verify ours against (F48)."""

    def refunds(self, keys: frozenset[UUID], /) -> Mapping[UUID, Money]:
        """The processor's own view of the refunds of these keys (F48)."""
