"""The sum of a visit: base, extras, insurance share, corrections (F46, F47, N05)."""

from datetime import UTC, datetime
from itertools import pairwise
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.access.policy import NotPermitted
from telehealth_core.billing.charge import AboveAgreement, Charge, ChargeStatus
from telehealth_core.billing.ledger import Extra, LineKind, Pricing
from telehealth_core.billing.life import NotProposed
from telehealth_core.billing.payment import PaymentOutcome
from telehealth_core.billing.report import Finding, verify
from telehealth_core.shared.ids import AppointmentId, CardId, PatientId, PracticeId, UserId
from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.money import BASIS_POINTS, Money
from telehealth_core.shared.refusal import Invalid, Unknown
from unit.clinic import LAWS, Clinic

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WHO = UserId(UUID(int=1))
PRICES = st.integers(1, 10**6)


def planned(price: int) -> Charge:
    """The charge of a visit at this price."""
    charge, _ = Charge.plan(
        AppointmentId(UUID(int=2)),
        PracticeId(UUID(int=3)),
        Money(price, "GBP"),
        patient_id=PatientId(UUID(int=4)),
        payer_id=PatientId(UUID(int=4)),
        card_id=None,
        by=WHO,
        at=AT,
    )
    return charge


def extras(*prices: int) -> tuple[Extra, ...]:
    """Additional services at these prices."""
    return tuple(Extra(f"extra {number}", Money(price, "GBP"))
                 for number, price in enumerate(prices))  # fmt: skip


def test_a_charge_begins_with_the_price_agreed_on_and_nothing_else() -> None:
    """Its ledger says so, and under which settings (PAY-01)."""
    charge = planned(6_001)
    (entry,) = charge.ledger.entries
    assert (entry.kind, entry.amount, entry.reason) == (
        LineKind.BASE,
        Money(6_001, "GBP"),
        "the price agreed on",
    )
    assert charge.settings_version == 1


@LAWS
@given(PRICES, st.lists(PRICES, max_size=4), st.integers(0, BASIS_POINTS))
def test_insured_and_due_are_the_total_or_more_than_agreed_is_refused(
    base: int, more: list[int], share: int
) -> None:
    """The patient carries the odd unit, never more than they agreed to (PAY-06)."""
    charge, total = planned(base), base + sum(more)
    due = total - total * share // BASIS_POINTS

    def correct() -> Charge:
        return charge.correct(Pricing(extras(*more), share), reason="covered", by=WHO, at=AT)[0]

    if due > base:
        with pytest.raises(AboveAgreement) as refused:
            correct()
        assert (refused.value.agreed, refused.value.due) == (
            str(Money(base, "GBP")),
            str(Money(due, "GBP")),
        )
        return
    corrected = correct()
    assert corrected.total.minor == total
    assert corrected.insured + corrected.due == corrected.total
    assert corrected.due.minor == due


def test_seventy_percent_and_an_extra_add_up_to_the_penny() -> None:
    """99.99 and an extra of 12.34 at 70 percent: 78.63 insured, 33.70 due."""
    corrected, _ = planned(9_999).correct(
        Pricing(extras(1_234), 7_000), reason="policy 12", by=WHO, at=AT
    )
    assert (str(corrected.insured), str(corrected.due)) == ("78.63 GBP", "33.70 GBP")


@LAWS
@given(st.lists(st.integers(0, BASIS_POINTS), min_size=1, max_size=5))
def test_each_correction_replaces_the_former_and_leaves_its_trace(shares: list[int]) -> None:
    """The ledger tells what was owed before and after each, without a gap (N05)."""
    charge = planned(10_001)
    for number, share in enumerate(shares):
        charge, event = charge.correct(Pricing((), share), reason=f"reason {number}", by=WHO, at=AT)
        assert event.version == charge.version
    opening, *ledger = charge.ledger.entries
    assert opening.after.minor == 10_001
    assert [one.reason for one in ledger] == [f"reason {n}" for n in range(len(shares))]
    assert ledger[0].before.minor == 10_001
    assert ledger[-1].after == charge.due
    assert all(one.after == two.before for one, two in pairwise(ledger))


@pytest.mark.parametrize("extra", [Money(0, "GBP"), Money(-100, "GBP"), Money(100, "USD")], ids=str)
def test_an_extra_costs_something_in_the_same_currency(extra: Money) -> None:
    """Discounts in disguise and foreign sums are refused."""
    with pytest.raises(Invalid):
        planned(100).correct(Pricing((Extra("extra", extra),), 5_000), reason="why", by=WHO, at=AT)


@pytest.mark.parametrize(("share", "reason"), [(-1, "why"), (10_001, "why"), (1, ""), (1, " ")])
def test_a_correction_has_a_share_and_a_reason(share: int, reason: str) -> None:
    """No share beyond the whole, no change without its why."""
    with pytest.raises(Invalid):
        planned(100).correct(Pricing((), share), reason=reason, by=WHO, at=AT)


def test_a_new_order_after_a_failed_one_has_another_key() -> None:
    """A repeat of an order is the same payment, the next attempt another."""
    charge, _ = planned(100).release(by=WHO, at=AT)
    first, _ = charge.order(by=WHO, at=AT)
    repeated, _ = first.order(by=WHO, at=AT)
    assert repeated.payment_key == first.payment_key != charge.payment_key
    declined = PaymentOutcome(
        key=first.payment_key, amount=first.due, reference="r", declined="no money"
    )
    failed, _ = first.settle(declined, by=WHO, at=AT)
    second, _ = failed.retry(by=WHO, at=AT)[0].order(by=WHO, at=AT)
    assert second.payment_key != first.payment_key
    assert (failed.outcome, second.outcome, second.attempt) == (declined, None, 2)
    keys = {second.payment_key, second.refund_key(0), second.refund_key(1)}
    assert len(keys) == 3


def test_a_liaison_corrects_before_the_sum_is_taken_and_nobody_else(clinic: Clinic) -> None:
    """The patient then pays their share only, when the visit took place (F46)."""
    patient, provider = clinic.patient(), clinic.provider()
    booked = clinic.booked(patient, clinic.session(provider))

    for actor in (clinic.admin, patient, provider):
        with pytest.raises((NotPermitted, Unknown)):
            clinic.ask.billing.correct(
                actor, booked.id, insurance_bp=7_000, extras=(), reason="covered"
            )
    clinic.ask.billing.correct(
        clinic.liaison, booked.id, insurance_bp=7_000, extras=extras(500), reason="covered"
    )
    clinic.visited(booked, patient, provider)
    clinic.drain(times=2)
    (outcome,) = clinic.payments.outcome_of.values()
    assert outcome.amount == Money(1_950, "GBP")
    assert clinic.ask.billing.charge(patient, booked.id).status is ChargeStatus.PAID


def test_what_an_insurance_covers_wholly_is_taken_from_nobody(clinic: Clinic) -> None:
    """At 10,000 basis points there is nothing to collect."""
    patient, provider = clinic.patient(), clinic.provider()
    booked = clinic.booked(patient, clinic.session(provider))
    clinic.ask.billing.correct(
        clinic.liaison, booked.id, insurance_bp=10_000, extras=(), reason="covered"
    )
    clinic.visited(booked, patient, provider)
    clinic.drain()
    charge = clinic.ask.billing.charge(patient, booked.id)
    assert (charge.status, charge.insured) == (ChargeStatus.WAIVED, booked.price)
    assert not clinic.payments.outcome_of


def test_extras_come_and_go_and_a_visit_called_off_is_not_priced_anew() -> None:
    """What stays is not written twice, what goes is taken back; after a fee there is nothing to
    correct (N05, N17).
    """
    one, two = extras(100, 200)
    first, _ = attrs.evolve(planned(1_000), agreed=Money(2_000, "GBP")).correct(
        Pricing((one,)), reason="an extra", by=WHO, at=AT
    )
    second, _ = first.correct(Pricing((one, two)), reason="another", by=WHO, at=AT)
    third, _ = second.correct(Pricing((two,)), reason="the first was free", by=WHO, at=AT)
    assert [charge.due.minor for charge in (first, second, third)] == [1_100, 1_300, 1_200]
    kinds = [entry.kind.value for entry in third.ledger.entries]
    assert kinds == ["base", *["extra", "insurance"] * 3]
    fee, _ = third.call_off(Money(500, "GBP"), by=WHO, at=AT)
    assert (fee.due.minor, fee.total.minor, fee.fee.minor) == (500, 0, 500)
    for verb in (fee.correct, fee.propose_increase):
        with pytest.raises(IllegalTransition):
            verb(Pricing(), reason="why", by=WHO, at=AT)


@LAWS
@given(PRICES, PRICES, st.integers(0, BASIS_POINTS), st.booleans())
def test_calling_off_leaves_the_fee_and_never_more_than_was_owed(
    base: int, fee: int, share: int, paid: bool
) -> None:
    """Unpaid it is billable for the fee or waived; paid, what is beyond it goes back (N17)."""
    charge, _ = planned(base).correct(Pricing((), share), reason="covered", by=WHO, at=AT)
    owed = charge.due.minor
    if paid:
        charge = attrs.evolve(
            charge,
            status=ChargeStatus.PAID,
            outcome=PaymentOutcome(key=charge.payment_key, amount=charge.due, reference="r"),
        )
    called_off, _ = charge.call_off(Money(fee, "GBP"), by=WHO, at=AT)
    assert called_off.due.minor == min(fee, owed)
    if paid:
        assert called_off.kept == called_off.due
        assert sum(one.minor for one in called_off.refunds) == owed - min(fee, owed)
    else:
        expected = ChargeStatus.BILLABLE if min(fee, owed) else ChargeStatus.WAIVED
        assert called_off.status is expected


def paid(charge: Charge) -> Charge:
    """The charge, with what is due taken."""
    ordered, _ = charge.release(by=WHO, at=AT)[0].order(by=WHO, at=AT)
    outcome = PaymentOutcome(key=ordered.payment_key, amount=charge.due, reference="r")
    return ordered.settle(outcome, by=WHO, at=AT)[0]


def test_an_increase_is_above_what_was_agreed_or_paid() -> None:
    """Before the payment what the payer agreed to counts, though an insurance made it less; after
    it, what they paid (PAY-06).
    """
    charge, _ = planned(1_000).correct(Pricing((), 5_000), reason="covered", by=WHO, at=AT)
    wanted = Pricing(extras(400), 5_000)
    with pytest.raises(Invalid, match="more than was agreed"):
        charge.propose_increase(wanted, reason="longer", by=WHO, at=AT)
    proposed, _ = paid(charge).propose_increase(wanted, reason="longer", by=WHO, at=AT)
    assert proposed.proposal is not None
    assert proposed.proposal.due == Money(700, "GBP")
    with pytest.raises(Invalid, match="more than was agreed"):
        paid(charge).propose_increase(charge.pricing, reason="longer", by=WHO, at=AT)


def test_what_is_called_off_while_it_is_taken_goes_back_with_the_answer() -> None:
    """All that was taken beyond the fee (N04, N17)."""
    ordered, _ = planned(100).release(by=WHO, at=AT)[0].order(by=WHO, at=AT)
    called_off, _ = ordered.call_off(Money(30, "GBP"), by=WHO, at=AT)
    assert (called_off.status, called_off.refunds) == (ChargeStatus.COLLECTING, ())
    taken = PaymentOutcome(key=ordered.payment_key, amount=ordered.due, reference="r")
    settled, _ = called_off.settle(taken, by=WHO, at=AT)
    assert (settled.refunds, settled.kept.minor) == ((Money(70, "GBP"),), 30)


def test_a_penny_is_given_back_and_nothing_is_not() -> None:
    """Up to all that is kept (F48)."""
    taken = paid(planned(100))
    assert taken.reimburse(Money(1, "GBP"), reason="so", by=WHO, at=AT)[0].kept.minor == 99
    assert taken.reimburse(Money(100, "GBP"), reason="so", by=WHO, at=AT)[0].kept.minor == 0
    for wrong in (0, 101):
        with pytest.raises(Invalid, match="amount"):
            taken.reimburse(Money(wrong, "GBP"), reason="so", by=WHO, at=AT)


def test_an_order_without_an_answer_agrees_unless_it_was_paid_there() -> None:
    """Just sent, or waiting for its payer: the processor need not know of it (F48)."""
    ordered, _ = planned(100).release(by=WHO, at=AT)[0].order(by=WHO, at=AT)
    key, amount = ordered.payment_key, ordered.due
    asked = PaymentOutcome(key=key, amount=amount, reference="r", action="opaque")
    waiting, _ = ordered.await_payer(asked, until=AT, by=WHO, at=AT)
    for one in (ordered, waiting):
        assert verify(one, {}, {}) is Finding.AGREES
        assert verify(one, {key: asked}, {}) is Finding.AGREES
        took = attrs.evolve(asked, action=None)
        assert verify(one, {key: took}, {}) is Finding.MISSING_HERE


def test_agreeing_to_another_sum_than_is_proposed_names_the_one_that_is() -> None:
    """Where nothing is proposed, that is what is due (PAY-06)."""
    charge = planned(1_000)
    with pytest.raises(NotProposed) as refused:
        charge.agree(Money(1_500, "GBP"), by=WHO, at=AT)
    assert refused.value.due == "10.00 GBP"
    proposed, _ = charge.propose_increase(Pricing(extras(700)), reason="longer", by=WHO, at=AT)
    with pytest.raises(NotProposed) as refused:
        proposed.agree(Money(1_500, "GBP"), by=WHO, at=AT)
    assert refused.value.due == "17.00 GBP"


def test_a_supplement_is_planned_under_the_rules_of_its_visit() -> None:
    """Card, payer and version of the settings are those of the charge that it adds to (PAY-06)."""
    card = CardId(UUID(int=5))
    first = attrs.evolve(planned(1_000), settings_version=3, card_id=card, supplements=1)
    more, event = first.supplement(Money(1_700, "GBP"), by=WHO, at=AT)
    assert (more.settings_version, more.card_id, more.number) == (3, card, 1)
    assert (more.due, more.payer_id) == (Money(700, "GBP"), first.payer_id)
    assert event.subject == more.id == Charge.id_of(first.appointment_id, 1) != first.id
