"""Payments that move no money."""

import json
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.billing.card import CardDeclined
from telehealth_core.billing.payment import PaymentOrder
from telehealth_core.billing.ports import Payments
from telehealth_core.shared.ids import PatientId
from telehealth_core.shared.money import Money
from telehealth_core.shared.refusal import Invalid, Refusal, Unavailable, Unknown
from telehealth_embedded import BrokenJournal, EmbeddedPayments

PATIENT, STRANGER = PatientId(UUID(int=1)), PatientId(UUID(int=2))
KEY = UUID(int=7)


def clock() -> datetime:
    """Stand still on one morning."""
    return datetime(2026, 11, 21, 9, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the journal will lie."""
    return tmp_path / "payments" / "journal.jsonl"


@pytest.fixture
def payments(path: Path) -> Payments:
    """The processor over an empty journal."""
    return EmbeddedPayments(path, clock)


def an_order(payments: Payments, token: str = "tok_visa", minor: int = 4500) -> PaymentOrder:
    """An order on a card just kept."""
    card = payments.keep_card(PATIENT, token, uuid4())
    return PaymentOrder(
        key=KEY, customer=PATIENT, card_token=card.token, amount=Money(minor, "GBP")
    )


def test_no_money_moves(payments: Payments) -> None:
    """The adapter says so itself."""
    assert payments.moves_money is False


@pytest.mark.parametrize(
    ("token", "brand", "last4"),
    [("tok_visa", "visa", "4242"), ("tok_mastercard", "mastercard", "4444")],
)
def test_test_cards_are_kept_for_two_years(
    payments: Payments, token: str, brand: str, last4: str
) -> None:
    """A kept card has brand, last digits, an expiry two years ahead, and a token of its own."""
    card = payments.keep_card(PATIENT, token, KEY)
    assert (card.brand, card.last4) == (brand, last4)
    assert (card.expires_year, card.expires_month) == (2028, 11)
    assert token not in card.token


@pytest.mark.parametrize(
    ("token", "reason"), [("tok_declined", "card_declined"), ("4242424242424242", "unknown_token")]
)
def test_other_tokens_are_declined(payments: Payments, token: str, reason: str) -> None:
    """A declined card and an unknown token each have their stable reason."""
    with pytest.raises(CardDeclined) as refused:
        payments.keep_card(PATIENT, token, KEY)
    assert refused.value.reason == reason


def test_a_card_is_kept_once_for_its_key(path: Path) -> None:
    """A repeat answers the first card, also years later and after a restart."""
    first = EmbeddedPayments(path, clock).keep_card(PATIENT, "tok_visa", KEY)
    later = EmbeddedPayments(path, lambda: datetime(2029, 1, 1, tzinfo=UTC))
    assert later.keep_card(PATIENT, "tok_mastercard", KEY) == first


def test_an_order_is_paid_once(payments: Payments, path: Path) -> None:
    """A repeat, after a restart too, answers the first outcome."""
    order = an_order(payments)
    outcome = payments.collect(order)
    assert outcome.paid
    assert (outcome.key, outcome.amount) == (KEY, Money(4500, "GBP"))
    restarted = EmbeddedPayments(path, clock)
    assert restarted.collect(order) == outcome
    assert restarted.outcomes(frozenset({KEY, uuid4()})) == {KEY: outcome}
    assert path.read_text().count('"outcome"') == 1


def test_the_same_key_with_another_amount_answers_the_first(payments: Payments) -> None:
    """What counts for a key is what became of it first."""
    first = payments.collect(an_order(payments))
    assert payments.collect(an_order(payments, minor=1)) == first


def test_a_card_can_fail_later(payments: Payments) -> None:
    """The card is kept, and each order on it declined."""
    outcome = payments.collect(an_order(payments, "tok_fails_later"))
    assert not outcome.paid
    assert outcome.declined == "insufficient_funds"


def test_strangers_cards_are_declined(payments: Payments) -> None:
    """A card pays for its own customer only, and an unknown one for nobody."""
    card = payments.keep_card(STRANGER, "tok_visa", KEY)
    for token in (card.token, "card_unknown"):
        order = PaymentOrder(
            key=uuid4(), customer=PATIENT, card_token=token, amount=Money(1, "GBP")
        )
        assert payments.collect(order).declined == "unknown_card"


def test_an_order_may_wait_for_its_payer(path: Path) -> None:
    """Asking again counts as their confirmation, after a restart too."""
    payments = EmbeddedPayments(path, clock)
    order = an_order(payments, "tok_authenticate")
    waiting = payments.collect(order)
    assert waiting.requires_action
    assert not waiting.paid
    restarted = EmbeddedPayments(path, clock)
    assert restarted.outcomes(frozenset({KEY})) == {KEY: waiting}
    with pytest.raises(Unknown):
        restarted.refund(KEY, Money(1, "GBP"), uuid4())
    confirmed = restarted.collect(order)
    assert confirmed.paid
    assert payments.abandon(KEY) == payments.collect(order) == confirmed


def test_what_waits_can_be_ended(payments: Payments) -> None:
    """It is declined from then on, and cannot be confirmed any more."""
    order = an_order(payments, "tok_authenticate")
    payments.collect(order)
    ended = payments.abandon(KEY)
    assert ended.declined == "not_confirmed"
    assert payments.abandon(KEY) == payments.collect(order) == ended
    with pytest.raises(Unknown):
        payments.abandon(uuid4())


def test_a_forgotten_card_pays_nothing_more(path: Path) -> None:
    """Forgetting it again, or a card never kept, changes nothing."""
    payments = EmbeddedPayments(path, clock)
    order = an_order(payments)
    payments.forget_card(order.card_token)
    for each in (payments, EmbeddedPayments(path, clock)):
        each.forget_card(order.card_token)
        each.forget_card("card_unknown")
    assert payments.collect(order).declined == "unknown_card"


def test_refunds_can_be_looked_up(payments: Payments) -> None:
    """Those that were made, by their keys."""
    payments.collect(an_order(payments))
    payments.refund(KEY, Money(500, "GBP"), UUID(int=20))
    seen = payments.refunds(frozenset({UUID(int=20), UUID(int=21)}))
    assert seen == {UUID(int=20): Money(500, "GBP")}


def test_an_order_never_given_is_not_found(payments: Payments) -> None:
    """There is no outcome without an order."""
    assert payments.outcomes(frozenset({KEY})) == {}


def test_refunds_are_given_once_and_never_above_what_was_paid(path: Path) -> None:
    """A repeat, after a restart too, gives nothing more; parts may add up to the whole."""
    payments: Payments = EmbeddedPayments(path, clock)
    payments.collect(an_order(payments))
    payments.refund(KEY, Money(4000, "GBP"), UUID(int=20))
    restarted = EmbeddedPayments(path, clock)
    restarted.refund(KEY, Money(4000, "GBP"), UUID(int=20))
    restarted.refund(KEY, Money(500, "GBP"), UUID(int=21))
    for amount in (Money(1, "GBP"), Money(-1, "GBP"), Money(1, "USD")):
        with pytest.raises(Invalid):
            restarted.refund(KEY, amount, UUID(int=22))
    assert path.read_text().count('"refund"') == 2


def test_only_what_was_paid_can_be_given_back(payments: Payments) -> None:
    """Neither an order that never was nor a declined one has anything to refund."""
    payments.collect(an_order(payments, "tok_fails_later"))
    for order in (KEY, uuid4()):
        with pytest.raises(Unknown):
            payments.refund(order, Money(1, "GBP"), uuid4())


@given(amounts=st.lists(st.integers(-50, 5000), max_size=8))
def test_refunds_add_up_to_no_more_than_the_payment(
    tmp_path_factory: pytest.TempPathFactory, amounts: list[int]
) -> None:
    """Whatever is asked for, what is given back lies between nothing and all."""
    payments = EmbeddedPayments(tmp_path_factory.mktemp("payments") / "journal.jsonl", clock)
    payments.collect(an_order(payments))
    given_back = 0
    for amount in amounts:
        try:
            payments.refund(KEY, Money(amount, "GBP"), uuid4())
        except Refusal:
            continue
        given_back += amount
    assert 0 <= given_back <= 4500


def test_two_processes_see_each_others_cards(path: Path) -> None:
    """A card kept by one process pays in another that was running already."""
    here = EmbeddedPayments(path, clock)
    assert here.outcomes(frozenset({KEY})) == {}
    script = (
        "import sys; from pathlib import Path; from uuid import UUID\n"
        "from telehealth_embedded import EmbeddedPayments\n"
        "payments = EmbeddedPayments(Path(sys.argv[1]))\n"
        "print(payments.keep_card(UUID(int=1), 'tok_visa', UUID(int=9)).token)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, str(path)],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    order = PaymentOrder(
        key=KEY, customer=PATIENT, card_token=ran.stdout.strip(), amount=Money(1, "GBP")
    )
    assert here.collect(order).paid


def test_many_threads_and_objects_collect_once(path: Path) -> None:
    """Whoever comes first decides, and all agree; every line of the journal is whole."""
    processors: list[Payments] = [EmbeddedPayments(path, clock) for _ in range(4)]
    card = processors[0].keep_card(PATIENT, "tok_visa", uuid4())

    together = Barrier(4)

    def collect(number: int) -> list[Money]:
        outcomes = []
        for key in range(50):
            order = PaymentOrder(
                key=UUID(int=key),
                customer=PATIENT,
                card_token=card.token,
                amount=Money(number, "GBP"),
            )
            together.wait()
            outcomes.append(processors[number].collect(order).amount)
        return outcomes

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(collect, range(4)))
    assert all(answer == answers[0] for answer in answers)
    kinds = [json.loads(line)["kind"] for line in path.read_text().splitlines()]
    assert kinds == ["card", *["outcome"] * 50]


@given(data=st.data())
def test_a_crash_loses_only_the_unfinished_line(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """A journal cut anywhere in its last line still tells the rest, and takes new lines."""
    path = tmp_path_factory.mktemp("payments") / "journal.jsonl"
    payments = EmbeddedPayments(path, clock)
    order = an_order(payments)
    first = payments.collect(order)
    whole = path.read_bytes()
    start = whole.index(b"\n") + 1
    path.write_bytes(whole[: data.draw(st.integers(start, len(whole) - 1))])
    for _ in range(2):
        restarted = EmbeddedPayments(path, clock)
        assert restarted.collect(order) == first
    assert path.read_bytes() == whole


def test_a_last_line_of_rubbish_is_taken_away(payments: Payments, path: Path) -> None:
    """A power cut may leave anything at the end, with or without a line's end."""
    order = an_order(payments)
    whole = path.read_bytes()
    for rubbish in (b"\0" * 100, b"\0\r\0\n", b"[]\n", b"\xff"):
        path.write_bytes(whole + rubbish)
        assert EmbeddedPayments(path, clock).outcomes(frozenset({KEY})) == {}
        assert path.read_bytes() == whole
    assert payments.collect(order).paid


def test_a_journal_broken_in_the_middle_is_not_added_to(payments: Payments, path: Path) -> None:
    """Where a line before the last is unreadable, somebody has to look: nothing is guessed."""
    payments.collect(an_order(payments))
    broken = b"rubbish\n" + path.read_bytes()
    path.write_bytes(broken)
    with pytest.raises(BrokenJournal):
        EmbeddedPayments(path, clock).outcomes(frozenset({KEY}))
    assert path.read_bytes() == broken


def test_a_disk_that_refuses_is_unavailable(tmp_path: Path) -> None:
    """Where the journal cannot be opened, the outcome is not known."""
    with pytest.raises(Unavailable):
        EmbeddedPayments(tmp_path, clock).outcomes(frozenset({KEY}))


def test_the_journal_is_its_owners(payments: Payments, path: Path) -> None:
    """Nobody else on the machine may read it."""
    payments.collect(an_order(payments))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
