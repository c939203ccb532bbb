"""Cards on file: the processor's token and what a person needs to recognise the card. Never the
number (F43, PAY-08).
"""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Self

import attrs

from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import CardId, PatientId, PracticeId, UserId
from telehealth_core.shared.lifecycle import Lifecycle
from telehealth_core.shared.refusal import Refusal, Unknown


class CardStatus(StrEnum):
    """Whether a card can be used."""

    KEPT = "kept"
    REMOVED = "removed"


LIFECYCLE: Lifecycle[CardStatus] = Lifecycle(
    "Card",
    CardStatus.KEPT,
    {
        "prefer": (frozenset({CardStatus.KEPT}), None),
        "remove": (frozenset({CardStatus.KEPT}), CardStatus.REMOVED),
    },
)


class CardSaved(Event):
    """A patient keeps a card for coming visits."""


class CardPreferred(Event):
    """A patient made a card the default."""


class CardRemoved(Event):
    """A patient keeps a card no longer."""


@attrs.frozen
class CardDeclined(Refusal):
    """The processor refused the card; `reason` is its stable code, never card data."""

    code: ClassVar[str] = "card-declined"
    says: ClassVar[str] = "The card was declined ({reason}). Use another card."

    reason: str


class CardNeeded(Refusal):
    """A visit with a price needs a card to take it from (F44, F45)."""

    code: ClassVar[str] = "card-needed"
    says: ClassVar[str] = "Save a card first and name it in the request."


@attrs.frozen
class CardExpired(Refusal):
    """The card is not valid when it is needed (F43)."""

    code: ClassVar[str] = "card-expired"
    says: ClassVar[str] = "The card is valid up to {month:02d}/{year} only. Use another card."

    year: int
    month: int


class CardInUse(Refusal):
    """A visit is to be paid from the card (F43)."""

    code: ClassVar[str] = "card-in-use"
    says: ClassVar[str] = "A visit is still to be paid from this card. Choose another for it first."


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
    status: CardStatus = LIFECYCLE.initial
    patient_id: PatientId
    details: CardDetails
    saved_at: datetime
    default_since: datetime | None = None

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

    def prefer(self, *, by: UserId, at: datetime) -> tuple[Self, CardPreferred]:
        """The card as the default from now on, instead of any other.

        Raises: IllegalTransition once removed.
        """
        preferred = attrs.evolve(self._moved("prefer"), default_since=at)
        return preferred, CardPreferred(self.id, preferred.version, by, at)

    def remove(self, *, by: UserId, at: datetime) -> tuple[Self, CardRemoved]:
        """The card, kept no longer; charges that were paid from it still name it.

        Raises: IllegalTransition once removed.
        """
        return self._moved("remove"), CardRemoved(self.id, self.version + 1, by, at)

    def require_usable(self, patient_id: PatientId, at: datetime) -> None:
        """Refuse anybody else's card, a removed one, and one that is not valid at that instant.

        Raises: Unknown, CardExpired.
        """
        self.require_owner(patient_id)
        if self.status is CardStatus.REMOVED:
            raise Unknown("card", self.id)
        if not self.valid(at):
            raise CardExpired(self.details.expires_year, self.details.expires_month)

    def require_owner(self, patient_id: PatientId) -> None:
        """Refuse anybody else's card.

        Raises: Unknown.
        """
        if self.patient_id != patient_id:
            raise Unknown("card", self.id)

    def _moved(self, verb: str) -> Self:
        status = LIFECYCLE.after(verb, self.status)
        return attrs.evolve(self, version=self.version + 1, status=status)


def default_first(cards: tuple[Card, ...]) -> tuple[Card, ...]:
    """The same cards, the one that was last made the default before all others."""
    chosen = [card for card in cards if card.default_since is not None]
    if not chosen:
        return cards
    default = max(chosen, key=lambda card: (card.default_since, card.id))
    return (default, *(card for card in cards if card != default))
