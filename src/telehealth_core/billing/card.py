"""Cards on file: the processor's token and what a person needs to recognise the card. Never the
number (F43, PAY-08).
"""

from datetime import datetime
from typing import ClassVar, Self

import attrs

from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import CardId, PatientId, PracticeId, UserId
from telehealth_core.shared.refusal import Refusal, Unknown


@attrs.frozen
class CardSaved(Event):
    """A patient keeps a card for coming visits."""


@attrs.frozen
class CardDeclined(Refusal):
    """The processor refused the card; `reason` is its stable code, never card data."""

    code: ClassVar[str] = "card-declined"
    says: ClassVar[str] = "The card was declined ({reason}). Use another card."

    reason: str


@attrs.frozen
class CardNeeded(Refusal):
    """A visit with a price needs a card to take it from (F44, F45)."""

    code: ClassVar[str] = "card-needed"
    says: ClassVar[str] = "Save a card first and name it in the request."


@attrs.frozen
class CardDetails:
    """What the processor tells of a card it keeps for us."""

    token: str = attrs.field(repr=False)
    brand: str
    last4: str
    expires_year: int
    expires_month: int


@attrs.frozen(kw_only=True)
class Card:
    """One card of a patient, usable up to the end of its month."""

    id: CardId
    practice_id: PracticeId
    version: int = 1
    patient_id: PatientId
    details: CardDetails
    saved_at: datetime

    @classmethod
    def save(
        cls,
        id: CardId,
        practice_id: PracticeId,
        patient_id: PatientId,
        details: CardDetails,
        *,
        by: UserId,
        at: datetime,
    ) -> tuple[Self, CardSaved]:
        """A new card on file."""
        card = cls(
            id=id, practice_id=practice_id, patient_id=patient_id, details=details, saved_at=at
        )
        return card, CardSaved(id, card.version, by, at)

    def valid(self, at: datetime) -> bool:
        """Whether the card is not yet expired at that instant."""
        return (at.year, at.month) <= (self.details.expires_year, self.details.expires_month)

    def require_owner(self, patient_id: PatientId) -> None:
        """Refuse anybody else's card.

        Raises: Unknown.
        """
        if self.patient_id != patient_id:
            raise Unknown("card", self.id)
