"""What a payment processor promises."""

from concurrent.futures import ThreadPoolExecutor
from unittest import SkipTest
from uuid import UUID

from telehealth_core.billing.card import CardDeclined
from telehealth_core.billing.payment import PaymentOrder
from telehealth_core.billing.ports import Payments
from telehealth_core.shared.ids import PatientId
from telehealth_core.shared.money import Money
from telehealth_core.testing.contracts.beginning import named, refused

PAYER = PatientId(named("payer"))


class PaymentsContract:
    """Cards are kept, sums are taken and given back once for each key, and all can be looked up.

    A subclass brings `payments` and the one-time tokens it knows; None where there is no such card,
    and what it is about is then skipped.
    """

    paying: str = "tok_visa"
    declined_at_once: str | None = "tok_declined"
    failing_later: str | None = "tok_fails_later"
    waiting: str | None = "tok_authenticate"

    def payments(self) -> Payments:
        """The processor, the same one within a test."""
        raise NotImplementedError

    def order(self, name: str, minor: int = 4_900, *, token: str | None = None) -> PaymentOrder:
        """An order on a card that was just kept."""
        card = self.payments().keep_card(PAYER, token or self.paying, named(f"card of {name}"))
        return PaymentOrder(
            key=named(name), customer=PAYER, card_token=card.token, amount=Money(minor, "GBP")
        )

    def test_it_says_whether_money_moves(self) -> None:
        """Whoever pays is told."""
        assert self.payments().moves_money in {True, False}

    def test_a_card_is_kept_once_for_its_key(self) -> None:
        """A repeat answers the same card; another key may be another card (F43)."""
        first, again = (
            self.payments().keep_card(PAYER, self.paying, named("card")) for _ in range(2)
        )
        assert first == again
        assert first.token
        assert first.token not in repr(first)

    def test_a_card_can_be_refused(self) -> None:
        """By the processor's stable code, and nothing is kept."""
        token = _there(self.declined_at_once)
        with refused(CardDeclined):
            self.payments().keep_card(PAYER, token, named("card"))

    def test_a_sum_is_taken_once_for_its_key(self) -> None:
        """The outcome tells key and sum; a repeat answers what became of the first (F44, F62)."""
        order = self.order("order")
        outcome = self.payments().collect(order)
        assert outcome.paid
        assert (outcome.key, outcome.amount) == (order.key, order.amount)
        assert outcome.reference
        assert self.payments().collect(order) == outcome

    def test_askers_at_once_take_one_sum(self) -> None:
        """However many ask at the same time (F62)."""
        order = self.order("order")
        with ThreadPoolExecutor(8) as threads:
            asked = list(threads.map(self.payments().collect, [order] * 8))
        assert asked == [asked[0]] * 8

    def test_a_card_can_fail_when_it_is_charged(self) -> None:
        """Nothing is taken, for a stable reason, and a repeat answers the same (F44)."""
        order = self.order("order", token=_there(self.failing_later))
        outcome = self.payments().collect(order)
        assert outcome.declined
        assert not outcome.paid
        assert self.payments().collect(order) == outcome

    def test_a_forgotten_card_pays_nothing_more(self) -> None:
        """Forgetting it again, or one that was never kept, changes nothing (F43)."""
        order = self.order("order")
        for token in (order.card_token, order.card_token, "never kept"):
            self.payments().forget_card(token)
        assert self.payments().collect(order).declined

    def test_an_order_that_waits_for_its_payer_can_be_ended(self) -> None:
        """It is declined from then on, and a repeat answers the same (F44)."""
        order = self.order("order", token=_there(self.waiting))
        outcome = self.payments().collect(order)
        assert outcome.requires_action
        assert not outcome.paid
        assert self.payments().outcomes(frozenset({order.key})) == {order.key: outcome}
        ended = self.payments().abandon(order.key)
        assert ended.declined
        assert self.payments().abandon(order.key) == ended
        assert self.payments().collect(order) == ended

    def test_what_is_paid_stays_paid(self) -> None:
        """Ending an order that was paid answers that it was (F44)."""
        outcome = self.payments().collect(order := self.order("order"))
        assert self.payments().abandon(order.key) == outcome
        assert self.payments().outcomes(frozenset({order.key})) == {order.key: outcome}

    def test_a_sum_is_given_back_once_for_its_key(self) -> None:
        """In parts too; each part can be looked up by its key (F46)."""
        order = self.order("order", 4_900)
        self.payments().collect(order)
        parts = {named("one part"): Money(1_900, "GBP"), named("the rest"): Money(3_000, "GBP")}
        for key, amount in (*parts.items(), *parts.items()):
            self.payments().refund(order.key, amount, key)
        assert self.payments().refunds(frozenset({*parts, named("none")})) == parts

    def test_every_order_can_be_looked_up(self) -> None:
        """Paid or declined; what was never ordered is left out (F48)."""
        orders = [self.order("one"), self.order("other", 1)]
        outcomes = {order.key: self.payments().collect(order) for order in orders}
        keys: frozenset[UUID] = frozenset({*outcomes, named("none")})
        assert self.payments().outcomes(keys) == outcomes
        assert self.payments().outcomes(frozenset()) == {}
        assert self.payments().refunds(frozenset(outcomes)) == {}


def _there(token: str | None) -> str:
    if token is None:
        raise SkipTest("this processor has no such card")
    return token
