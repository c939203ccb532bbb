"""A payment processor that moves no money: fixed test cards, outcomes remembered in a file."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid5

import attrs

from telehealth_core.billing.card import CardDeclined, CardDetails
from telehealth_core.billing.payment import PaymentOrder, PaymentOutcome
from telehealth_core.shared.ids import PatientId
from telehealth_core.shared.money import Money
from telehealth_core.shared.refusal import Invalid, Unavailable, Unknown
from telehealth_embedded.journal import BrokenJournal, Journal, Pen

__all__ = ["BrokenJournal", "EmbeddedPayments"]

EXPIRES_AFTER_YEARS = 2


@attrs.frozen
class _TestCard:
    brand: str
    last4: str
    declined_later: str | None = None
    authenticates: bool = False


_CARDS: Final[Mapping[str, _TestCard]] = {
    "tok_visa": _TestCard("visa", "4242"),
    "tok_mastercard": _TestCard("mastercard", "4444"),
    "tok_fails_later": _TestCard("visa", "0341", "insufficient_funds"),
    "tok_authenticate": _TestCard("visa", "3155", authenticates=True),
}


@attrs.frozen
class _KeptCard:
    customer: UUID
    details: CardDetails
    declined_later: str | None
    authenticates: bool


def _now() -> datetime:
    return datetime.now(UTC)


def _refund_entry(order: UUID, amount: Money, key: UUID) -> dict[str, Any]:
    return {
        "kind": "refund",
        "key": str(key),
        "order": str(order),
        "minor": amount.minor,
        "currency": amount.currency,
    }


def _outcome(outcome: PaymentOutcome) -> dict[str, Any]:
    return {
        "kind": "outcome",
        "key": str(outcome.key),
        "minor": outcome.amount.minor,
        "currency": outcome.amount.currency,
        "reference": outcome.reference,
        "declined": outcome.declined,
        "action": outcome.action,
    }


@attrs.define
class EmbeddedPayments:
    """Plays a processor, faithfully enough for every path a real one would take us.

    Tokens: `tok_visa` and `tok_mastercard` pay; `tok_declined` cannot be kept;
    `tok_fails_later` is kept but declines every order; an order on `tok_authenticate` waits for its
    payer, and asking about it again counts as their confirmation. Cards and outcomes are remembered
    in a journal at `path`, shared by every process on the machine.
    """

    _path: Path
    _clock: Callable[[], datetime] = _now
    _journal: Journal = attrs.field(init=False, repr=False)
    _cards: dict[UUID, _KeptCard] = attrs.field(factory=dict, init=False, repr=False)
    _by_token: dict[str, _KeptCard] = attrs.field(factory=dict, init=False, repr=False)
    _outcomes: dict[UUID, PaymentOutcome] = attrs.field(factory=dict, init=False, repr=False)
    _refunds: dict[UUID, tuple[UUID, Money]] = attrs.field(factory=dict, init=False, repr=False)

    @_journal.default
    def _make_journal(self) -> Journal:
        return Journal(self._path)

    @property
    def moves_money(self) -> bool:
        """False: nothing real happens here."""
        return False

    def keep_card(self, customer: PatientId, token: str, key: UUID, /) -> CardDetails:
        """Keep the card behind this token; a repeat with the same key answers the first card.

        Raises: CardDeclined; Unavailable if the journal cannot be written.
        """
        with self._held() as pen:
            if key in self._cards:
                return self._cards[key].details
            if token == "tok_declined":  # noqa: S105 (the name of a test card)
                raise CardDeclined("card_declined")
            if token not in _CARDS:
                raise CardDeclined("unknown_token")
            entry = self._card_entry(customer, _CARDS[token], key)
            pen.add(entry)
            self._remember(entry)
            return self._cards[key].details

    def forget_card(self, token: str, /) -> None:
        """Keep the card no longer: orders on it are declined from now on.

        Raises: Unavailable if the journal cannot be written.
        """
        with self._held() as pen:
            if token in self._by_token:
                key = next(key for key, card in self._cards.items() if card.details.token == token)
                pen.add(entry := {"kind": "forgotten", "key": str(key), "token": token})
                self._remember(entry)

    def collect(self, order: PaymentOrder, /) -> PaymentOutcome:
        """Decide the order once for its key; a repeat answers what has become of the first.

        Raises: Unavailable if the journal cannot be written: repeat with the same key.
        """
        with self._held() as pen:
            if order.key not in self._outcomes:
                pen.add(entry := self._outcome_entry(order))
                self._remember(entry)
            elif self._outcomes[order.key].requires_action:
                self._end(pen, order.key, declined=None)
            return self._outcomes[order.key]

    def abandon(self, key: UUID, /) -> PaymentOutcome:
        """Decline what still waits for its payer; answers what became of the order.

        Raises: Unknown for an order never given; Unavailable if the journal cannot be written.
        """
        with self._held() as pen:
            if key not in self._outcomes:
                raise Unknown("payment", key)
            if self._outcomes[key].requires_action:
                self._end(pen, key, declined="not_confirmed")
            return self._outcomes[key]

    def refund(self, order: UUID, amount: Money, key: UUID, /) -> None:
        """Give back so much of what the order took, once for each key.

        Raises: Unknown if the order took nothing; Invalid if more would be given back than it
        took; Unavailable if the journal cannot be written: repeat with the same key.
        """
        with self._held() as pen:
            if key in self._refunds:
                return
            outcome = self._outcomes.get(order)
            if outcome is None or not outcome.paid:
                raise Unknown("payment", order)
            back = sum(each.minor for paid, each in self._refunds.values() if paid == order)
            if amount.currency != outcome.amount.currency:
                raise Invalid("amount", "in the currency that was paid")
            if not 0 <= amount.minor <= outcome.amount.minor - back:
                raise Invalid("amount", "not below nothing and not above what was paid")
            pen.add(entry := _refund_entry(order, amount, key))
            self._remember(entry)

    def outcomes(self, keys: frozenset[UUID], /) -> Mapping[UUID, PaymentOutcome]:
        """What became of the orders with these keys, as far as there were any.

        Raises: Unavailable if the journal cannot be read.
        """
        with self._held():
            return {key: self._outcomes[key] for key in keys & self._outcomes.keys()}

    def refunds(self, keys: frozenset[UUID], /) -> Mapping[UUID, Money]:
        """What was given back under these keys, as far as anything was.

        Raises: Unavailable if the journal cannot be read.
        """
        with self._held():
            return {key: self._refunds[key][1] for key in keys & self._refunds.keys()}

    def _end(self, pen: Pen, key: UUID, *, declined: str | None) -> None:
        waiting = self._outcomes[key]
        ended = attrs.evolve(waiting, action=None, declined=declined)
        pen.add(entry := _outcome(ended))
        self._remember(entry)

    @contextmanager
    def _held(self) -> Iterator[Pen]:
        try:
            with self._journal.held() as (news, pen):
                for entry in news:
                    self._remember(entry)
                yield pen
        except OSError as error:
            raise Unavailable("The payment journal") from error

    def _remember(self, entry: Mapping[str, Any]) -> None:
        key = UUID(entry["key"])
        if entry["kind"] == "card":
            card = _KeptCard(
                UUID(entry["customer"]),
                CardDetails(**entry["details"]),
                entry["declined_later"],
                entry.get("authenticates", False),
            )
            self._cards[key] = self._by_token[card.details.token] = card
            return
        if entry["kind"] == "forgotten":
            self._by_token.pop(entry["token"], None)
            return
        amount = Money(entry["minor"], entry["currency"])
        if entry["kind"] == "refund":
            self._refunds[key] = (UUID(entry["order"]), amount)
        else:
            self._outcomes[key] = PaymentOutcome(
                key=key,
                amount=amount,
                reference=entry["reference"],
                declined=entry["declined"],
                action=entry.get("action"),
            )

    def _card_entry(self, customer: PatientId, card: _TestCard, key: UUID) -> dict[str, Any]:
        now = self._clock()
        details = CardDetails(
            token=f"card_{uuid5(customer, str(key)).hex}",
            brand=card.brand,
            last4=card.last4,
            expires_year=now.year + EXPIRES_AFTER_YEARS,
            expires_month=now.month,
        )
        return {
            "kind": "card",
            "key": str(key),
            "customer": str(customer),
            "details": attrs.asdict(details),
            "declined_later": card.declined_later,
            "authenticates": card.authenticates,
        }

    def _outcome_entry(self, order: PaymentOrder) -> dict[str, Any]:
        card = self._by_token.get(order.card_token)
        ours = card is not None and card.customer == order.customer
        waits = card is not None and ours and card.authenticates
        outcome = PaymentOutcome(
            key=order.key,
            amount=order.amount,
            reference=f"embedded_{order.key.hex}",
            declined=card.declined_later if card is not None and ours else "unknown_card",
            action=f"confirm_{order.key.hex}" if waits else None,
        )
        return _outcome(outcome)
