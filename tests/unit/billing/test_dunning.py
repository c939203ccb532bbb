"""Declined, confirmed, agreed anew, given back, written off: what follows after the first answer
(F43, F45-F48, PAY-01, PAY-06).
"""

from datetime import timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.access.actor import Actor
from telehealth_core.access.policy import NotPermitted
from telehealth_core.billing.card import CardDetails, CardExpired, CardInUse, CardStatus
from telehealth_core.billing.charge import Charge, ChargeStatus
from telehealth_core.billing.ledger import Extra, LineKind
from telehealth_core.billing.life import AboveAgreement, NotProposed
from telehealth_core.billing.report import Finding
from telehealth_core.practice.settings import Approval, Charging
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.life import AppointmentStatus
from telehealth_core.shared.ids import CardId, PatientId
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.money import Money
from telehealth_core.shared.refusal import Invalid, Unknown
from telehealth_core.testing.doubles import MemoryPayments
from unit.clinic import MORNING, SCENARIOS, Clinic

PERIOD = Interval.lasting(MORNING - timedelta(days=2), 30 * 24 * 60)
MORE = (Extra("more time", Money(1_500, "GBP")),)


def visited(clinic: Clinic, card: str = "tok_visa") -> tuple[Actor, Appointment]:
    """A patient of this card after their visit, with everything that follows done."""
    patient, provider = clinic.patient(card=card), clinic.provider()
    booked = clinic.booked(patient, clinic.session(provider))
    clinic.visited(booked, patient, provider)
    clinic.drain()
    return patient, booked


def charge_of(clinic: Clinic, one: Appointment, number: int = 0) -> Charge:
    """The charge that there must be."""
    found: Charge = clinic.store.rows["charges"][Charge.id_of(one.id, number)]
    return found


def wait(clinic: Clinic, hours: float = 72) -> int:
    """Let that time pass and the timer ring."""
    clinic.clock.forward(hours=hours)
    taken_up = clinic.ask.collecting.retry_due(clinic.system)
    clinic.drain()
    return taken_up


# --- declined ---------------------------------------------------------------------------------


def test_a_declined_sum_is_tried_again_and_at_last_somebody_looks_after_it() -> None:
    """Four times in all, three days apart; the patient is told each time, then staff see it."""
    clinic = Clinic()
    _, one = visited(clinic, "tok_fails_later")
    assert wait(clinic, 71) == 0
    assert not clinic.ask.billing.arrears(clinic.liaison)
    for _ in range(3):
        wait(clinic)
    assert wait(clinic) == 0
    assert len(clinic.payments.outcome_of) == charge_of(clinic, one).attempt == 4
    assert clinic.ask.billing.arrears(clinic.liaison) == (charge_of(clinic, one),)
    assert [sent[1] for sent in clinic.sent()].count("payment-failed") == 4
    for nobody in (clinic.admin, clinic.patient("Lee Example")):
        with pytest.raises((NotPermitted, Unknown)):
            clinic.ask.billing.write_off(nobody, one.id, reason="a favor")
    clinic.ask.billing.write_off(clinic.liaison, one.id, reason="moved abroad")
    written = charge_of(clinic, one)
    assert (written.status, written.due.minor) == (ChargeStatus.WAIVED, 0)
    assert written.ledger.entries[-1].reason == "moved abroad"
    assert not clinic.ask.billing.arrears(clinic.liaison)


def test_another_card_is_tried_at_once() -> None:
    """Whoever pays chooses it, and nobody else does (F43, F45)."""
    clinic = Clinic()
    patient, one = visited(clinic, "tok_fails_later")
    card = clinic.ask.billing.save_card(patient, CardId(clinic.new_id()), "tok_visa")
    for nobody in (clinic.liaison, clinic.patient("Lee Example")):
        with pytest.raises((NotPermitted, Unknown)):
            clinic.ask.billing.pay(nobody, one.id, card.id)
    clinic.ask.billing.pay(patient, one.id, card.id)
    clinic.drain(times=2)
    assert charge_of(clinic, one).status is ChargeStatus.PAID
    assert charge_of(clinic, one).paid.minor == 6_000
    with pytest.raises(IllegalTransition):
        clinic.ask.billing.pay(patient, one.id, card.id)


def test_an_order_that_nobody_answered_is_asked_about_again_by_the_timer() -> None:
    """Even if its event was put aside for good, the charge does not stay where it is (N04)."""
    clinic = Clinic()
    patient, provider = clinic.patient(), clinic.provider()
    booked = clinic.booked(patient, clinic.session(provider))
    clinic.visited(booked, patient, provider)
    ordered = charge_of(clinic, booked)
    released, _ = ordered.release(by=patient.id, at=clinic.clock())
    stuck, _ = released.order(again_at=clinic.clock(), by=patient.id, at=clinic.clock())
    clinic.store.rows["charges"][stuck.id] = stuck
    clinic.store.outbox.clear()
    assert clinic.ask.collecting.retry_due(clinic.system) == 1
    assert clinic.ask.collecting.retry_due(clinic.system) == 0
    clinic.drain()
    assert charge_of(clinic, booked).status is ChargeStatus.PAID
    assert [one.key for one in clinic.payments.outcome_of.values()] == [stuck.payment_key]


# --- to be confirmed --------------------------------------------------------------------------


@pytest.mark.parametrize("confirmed", [True, False])
def test_a_payment_may_wait_for_its_payer_after_the_visit(confirmed: bool) -> None:
    """Being collected until they confirm it, or fail to; only they see how."""
    clinic = Clinic()
    patient, one = visited(clinic, "tok_authenticate")
    waiting = clinic.ask.billing.charge(patient, one.id)
    assert waiting.status is ChargeStatus.COLLECTING
    assert waiting.outcome is not None
    assert waiting.outcome.action
    assert waiting.outcome.action not in repr(waiting)
    assert waiting.next_at is not None
    assert waiting.next_at > clinic.clock(), "not only as long as the time was held"
    seen = clinic.ask.billing.charge(clinic.liaison, one.id).outcome
    assert seen is not None
    assert seen.action is None
    clinic.ask.billing.confirm(patient, one.id)
    clinic.drain()
    assert charge_of(clinic, one).awaits_payer
    clinic.payments.authenticate(waiting.payment_key, declined=None if confirmed else "wrong")
    clinic.ask.billing.confirm(patient, one.id)
    clinic.drain()
    expected = ChargeStatus.PAID if confirmed else ChargeStatus.FAILED
    assert charge_of(clinic, one).status is expected
    assert [sent[1] for sent in clinic.sent()].count("payment-to-confirm") == 1


def test_a_lapse_told_late_ends_nothing_that_is_settled() -> None:
    """Told twice, or after the answer, the end of the wait changes nothing (N04)."""
    clinic = Clinic()
    _, one = visited(clinic, "tok_authenticate")
    clinic.payments.authenticate(charge_of(clinic, one).payment_key)
    clinic.clock.forward(hours=72)
    clinic.ask.collecting.retry_due(clinic.system)
    clinic.drain(times=2)
    assert charge_of(clinic, one).status is ChargeStatus.PAID


def test_what_is_declined_after_the_visit_was_called_off_is_owed_no_more() -> None:
    """Remembered while the outcome was not known, and settled with it (N17)."""
    clinic = Clinic(charging=Charging.AT_BOOKING)
    patient = clinic.patient(card="tok_authenticate")
    one = clinic.requested(patient, clinic.session(clinic.provider()))
    clinic.drain()
    clinic.ask.scheduling.cancel(patient, one.id)
    clinic.payments.authenticate(charge_of(clinic, one).payment_key, declined="wrong")
    clinic.ask.billing.confirm(patient, one.id)
    clinic.drain()
    charge = charge_of(clinic, one)
    assert (charge.status, charge.due.minor) == (ChargeStatus.WAIVED, 0)


@pytest.mark.parametrize("quicker", [True, False])
def test_at_booking_the_time_is_kept_until_the_hold_ends(quicker: bool) -> None:
    """Unconfirmed by then, the payment is ended at the processor and the time is free; whoever was
    quicker is booked (F44, N02).
    """
    clinic = Clinic(charging=Charging.AT_BOOKING)
    session = clinic.session(clinic.provider())
    one = clinic.requested(clinic.patient(card="tok_authenticate"), session)
    clinic.drain()
    charge = charge_of(clinic, one)
    assert charge.next_at == one.held_until
    assert wait(clinic, 0.1) == 0
    if quicker:
        clinic.payments.authenticate(charge.payment_key)
    clinic.clock.now = one.held_until
    assert wait(clinic, 0) == 1
    expected = AppointmentStatus.BOOKED if quicker else AppointmentStatus.CANCELLED
    assert clinic.now(one).status is expected
    assert charge_of(clinic, one).paid.minor == (6_000 if quicker else 0)
    assert clinic.payments.abandon(charge.payment_key).paid is quicker


# --- agreed anew ------------------------------------------------------------------------------


def test_more_than_was_agreed_applies_only_once_the_payer_agrees() -> None:
    """Proposed with its reason, agreed by who pays, and then charged (PAY-06)."""
    clinic = Clinic()
    patient, provider = clinic.patient(), clinic.provider()
    booked = clinic.booked(patient, clinic.session(provider))
    billing = clinic.ask.billing
    with pytest.raises(AboveAgreement):
        billing.correct(clinic.liaison, booked.id, extras=MORE, reason="longer")
    with pytest.raises(NotProposed):
        billing.agree(patient, booked.id, Money(7_500, "GBP"))
    with pytest.raises(Invalid):
        billing.propose_increase(clinic.liaison, booked.id, extras=(), reason="no more")
    billing.propose_increase(clinic.liaison, booked.id, extras=MORE, reason="longer")
    assert charge_of(clinic, booked).due.minor == 6_000
    with pytest.raises(NotProposed):
        billing.agree(patient, booked.id, Money(7_400, "GBP"))
    with pytest.raises(NotPermitted):
        billing.agree(clinic.liaison, booked.id, Money(7_500, "GBP"))
    agreed = billing.agree(patient, booked.id, Money(7_500, "GBP"))
    assert (agreed.due, agreed.agreed) == (Money(7_500, "GBP"), Money(7_500, "GBP"))
    assert {one.reason for one in agreed.ledger.entries[1:]} == {"longer"}
    assert agreed.ledger.entries[-1].by == patient.id
    clinic.visited(booked, patient, provider)
    clinic.drain()
    assert charge_of(clinic, booked).paid.minor == 7_500


def test_what_is_agreed_on_after_the_payment_is_a_charge_of_its_own() -> None:
    """The visit stays paid once; the supplement is taken once beside it, and both go back with the
    visit (PAY-06, N04).
    """
    clinic = Clinic(charging=Charging.AT_BOOKING, approval=Approval.LIAISON)
    patient = clinic.patient()
    one = clinic.booked(patient, clinic.session(clinic.provider()))
    clinic.ask.billing.propose_increase(clinic.liaison, one.id, extras=MORE, reason="longer")
    clinic.ask.billing.agree(patient, one.id, Money(7_500, "GBP"))
    clinic.drain(times=2)
    first, further = charge_of(clinic, one), charge_of(clinic, one, 1)
    assert (first.paid.minor, further.paid.minor) == (6_000, 1_500)
    assert clinic.ask.billing.charge(patient, one.id, number=1) == further
    clinic.ask.billing.refund(
        clinic.liaison, one.id, Money(1_500, "GBP"), reason="a fault", number=1
    )
    clinic.drain()
    clinic.ask.scheduling.cancel(clinic.liaison, one.id)
    clinic.drain(times=2)
    assert charge_of(clinic, one).status is charge_of(clinic, one, 1).status
    assert charge_of(clinic, one, 1).status is ChargeStatus.REFUNDED


def test_a_declined_supplement_does_not_end_the_visit() -> None:
    """What was paid stays paid, and the time stays taken."""
    clinic = Clinic(charging=Charging.AT_BOOKING, approval=Approval.LIAISON)
    patient = clinic.patient()
    one = clinic.requested(patient, clinic.session(clinic.provider()))
    clinic.drain()
    failing = clinic.ask.billing.save_card(patient, CardId(clinic.new_id()), "tok_fails_later")
    stored = clinic.store.rows["charges"]
    charge = charge_of(clinic, one)
    stored[charge.id] = attrs.evolve(charge, card_id=failing.id)
    clinic.ask.billing.propose_increase(clinic.liaison, one.id, extras=MORE, reason="longer")
    clinic.ask.billing.agree(patient, one.id, Money(7_500, "GBP"))
    clinic.drain()
    assert charge_of(clinic, one, 1).status is ChargeStatus.FAILED
    assert clinic.now(one).status is AppointmentStatus.PENDING


def supplement(clinic: Clinic, card: str) -> tuple[Actor, Appointment]:
    """A visit that was paid at booking, whose supplement is taken from a card like that."""
    patient = clinic.patient()
    one = clinic.booked(patient, clinic.session(clinic.provider()))
    other = clinic.ask.billing.save_card(patient, CardId(clinic.new_id()), card)
    clinic.ask.billing.propose_increase(clinic.liaison, one.id, extras=MORE, reason="longer")
    charge = charge_of(clinic, one)
    clinic.store.rows["charges"][charge.id] = attrs.evolve(charge, card_id=other.id)
    clinic.ask.billing.agree(patient, one.id, Money(7_500, "GBP"))
    clinic.drain()
    return patient, one


def test_whatever_is_done_about_a_charge_can_be_done_about_a_supplement() -> None:
    """Each by its number, and the first stays as it is (PAY-06, F45, F48)."""
    at_booking = {"charging": Charging.AT_BOOKING, "approval": Approval.LIAISON}
    clinic = Clinic(**at_booking)  # type: ignore[arg-type]
    patient, one = supplement(clinic, "tok_fails_later")
    first, billing = charge_of(clinic, one), clinic.ask.billing
    good = billing.save_card(patient, CardId(clinic.new_id()), "tok_visa")
    paid = billing.pay(patient, one.id, good.id, number=1)
    clinic.drain()
    back = billing.refund(clinic.liaison, one.id, Money(1_500, "GBP"), reason="so", number=1)
    _, other = supplement(clinic, "tok_fails_later")
    written = billing.write_off(clinic.liaison, other.id, reason="moved abroad", number=1)
    careful, third = supplement(clinic, "tok_authenticate")
    told = billing.confirm(careful, third.id, number=1)
    assert [charge.number for charge in (paid, back, written, told)] == [1, 1, 1, 1]
    assert charge_of(clinic, one) == first


def test_a_late_cancellation_costs_its_fee_once() -> None:
    """A supplement goes back whole (PAY-06, N17)."""
    clinic = Clinic(
        charging=Charging.AT_BOOKING, approval=Approval.LIAISON, jurisdiction="us",
        late_cancel_fee_bp=5_000,
    )  # fmt: skip
    patient = clinic.patient()
    one = clinic.booked(patient, clinic.session(clinic.provider()))
    more = (Extra("more time", Money(1_500, "USD")),)
    clinic.ask.billing.propose_increase(clinic.liaison, one.id, extras=more, reason="longer")
    clinic.ask.billing.agree(patient, one.id, Money(7_500, "USD"))
    clinic.drain()
    clinic.clock.now = MORNING - timedelta(hours=1)
    clinic.ask.scheduling.cancel(patient, one.id)
    assert [charge_of(clinic, one, number).due.minor for number in (0, 1)] == [3_000, 0]


def test_a_proposal_has_the_insurance_that_is_named_and_no_other() -> None:
    """A sum, a share, or none of either (F46, PAY-06)."""
    clinic = Clinic()
    one = clinic.booked(clinic.patient(), clinic.session(clinic.provider()))
    long = (Extra("a day more", Money(94_000, "GBP")),)

    def due(**insurance: Any) -> int:
        proposed = clinic.ask.billing.propose_increase(
            clinic.liaison, one.id, extras=long, reason="longer", **insurance
        )
        assert proposed.proposal is not None
        return proposed.proposal.due.minor

    assert due() == 100_000
    assert due(insurance_bp=1) == 99_990
    assert due(insurance_fixed=Money(500, "GBP")) == 99_500


@SCENARIOS
@given(st.integers(1, 10**6), st.sampled_from(Charging), st.sampled_from(["uk", "us"]))
def test_shown_is_agreed_is_charged(price: int, charging: Charging, jurisdiction: str) -> None:
    """The price of the open time is the one agreed to and the one taken (PAY-01)."""
    clinic = Clinic(jurisdiction=jurisdiction, charging=charging)
    money = Money(price, clinic.price.currency)
    patient, provider = clinic.patient(), clinic.provider(price=money)
    session = clinic.session(provider)
    (shown, _), *_ = clinic.ask.diary.open_times(patient, session.provider_id, session.during)
    booked = clinic.booked(patient, session)
    clinic.visited(booked, patient, provider)
    clinic.drain()
    (outcome,) = clinic.payments.outcome_of.values()
    assert shown.price == booked.price == charge_of(clinic, booked).agreed == outcome.amount


# --- an insurance, and money back -------------------------------------------------------------


@pytest.mark.parametrize(("fixed", "due"), [(2_000, 4_000), (9_000, 0), (0, 6_000)])
def test_an_insurance_can_cover_a_fixed_sum(fixed: int, due: int) -> None:
    """Never more than there is to cover (F46)."""
    clinic = Clinic()
    booked = clinic.booked(clinic.patient(), clinic.session(clinic.provider()))
    charge = clinic.ask.billing.correct(
        clinic.liaison,
        booked.id,
        insurance_fixed=Money(fixed, "GBP"),
        extras=(),
        reason="policy 12",
    )
    assert (charge.due.minor, (charge.insured + charge.due).minor) == (due, 6_000)


@pytest.mark.parametrize(
    ("share", "fixed"), [(1, Money(1, "GBP")), (0, Money(1, "USD")), (0, Money(-1, "GBP"))]
)
def test_a_share_is_one_or_the_other(share: int, fixed: Money) -> None:
    """Basis points or a sum in the currency of the visit."""
    clinic = Clinic()
    booked = clinic.booked(clinic.patient(), clinic.session(clinic.provider()))
    with pytest.raises(Invalid):
        clinic.ask.billing.correct(
            clinic.liaison,
            booked.id,
            insurance_bp=share,
            insurance_fixed=fixed,
            extras=(),
            reason="why",
        )


def test_a_part_is_given_back_and_then_the_rest() -> None:
    """Each under its own key, with its reason, and never more than is left (F48)."""
    clinic = Clinic()
    _, one = visited(clinic)
    for amount, status in ((2_000, ChargeStatus.PAID), (4_000, ChargeStatus.REFUNDED)):
        for nobody in (clinic.admin, clinic.patient("Lee Example")):
            with pytest.raises((NotPermitted, Unknown)):
                clinic.ask.billing.refund(nobody, one.id, Money(1, "GBP"), reason="so")
        for wrong in (Money(6_001, "GBP"), Money(0, "GBP"), Money(1, "USD")):
            with pytest.raises(Invalid):
                clinic.ask.billing.refund(clinic.liaison, one.id, wrong, reason="so")
        clinic.ask.billing.refund(
            clinic.liaison, one.id, Money(amount, "GBP"), reason="a technical fault"
        )
        clinic.drain(times=2)
        assert charge_of(clinic, one).status is status
    kinds = [entry.kind for entry in charge_of(clinic, one).ledger.entries]
    assert kinds == [LineKind.BASE, *[LineKind.CORRECTION, LineKind.REFUND] * 2]
    assert sorted(money.minor for money in clinic.payments.refunded.values()) == [2_000, 4_000]
    line = clinic.ask.billing.report(clinic.liaison, PERIOD).lines[0]
    assert (line.paid.minor, line.refunded.minor, line.finding) == (6_000, 6_000, Finding.AGREES)


# --- cards ------------------------------------------------------------------------------------


def test_the_default_card_comes_first_and_a_removed_one_is_gone() -> None:
    """A card that a visit needs stays until another pays; then the processor forgets it (F43)."""
    clinic = Clinic()
    patient, provider = clinic.patient(), clinic.provider()
    billing = clinic.ask.billing
    (old,) = billing.cards(patient)
    clinic.clock.forward(minutes=1)
    new = billing.save_card(patient, CardId(clinic.new_id()), "tok_visa")
    booked = clinic.booked(patient, clinic.session(provider))
    assert charge_of(clinic, booked).card_id == new.id
    clinic.clock.forward(minutes=1)
    old = billing.prefer_card(patient, old.id)
    assert billing.cards(patient) == (old, new)
    clinic.clock.forward(minutes=1)
    new = billing.prefer_card(patient, new.id)
    assert billing.cards(patient) == (new, old)
    clinic.clock.forward(minutes=1)
    old = billing.prefer_card(patient, old.id)
    assert billing.cards(patient) == (old, new)
    with pytest.raises(CardInUse):
        billing.remove_card(patient, new.id)
    billing.pay(patient, booked.id, old.id)
    assert billing.remove_card(patient, new.id).status is CardStatus.REMOVED
    clinic.drain(times=2)
    assert billing.remove_card(patient, new.id).status is CardStatus.REMOVED
    assert billing.cards(patient) == (old,)
    assert clinic.payments.forgotten == {new.details.token}
    with pytest.raises(Unknown):
        billing.pay(patient, booked.id, new.id)
    other = clinic.patient("Lee Example")
    with pytest.raises(Unknown):
        billing.prefer_card(other, old.id)


class ExpiringPayments(MemoryPayments):
    """Keeps cards that end with this month."""

    def keep_card(self, customer: PatientId, token: str, key: Any) -> CardDetails:
        """A card of November 2026."""
        return CardDetails(f"{token}/{key}", "visa", "4242", 2026, 11)


def test_a_card_that_ends_before_the_visit_is_refused_when_it_is_asked_for() -> None:
    """The patient hears it while they can still choose another (F43)."""
    clinic = Clinic(ports={"payments": ExpiringPayments()})
    patient = clinic.patient()
    session = clinic.session(clinic.provider(), start=MORNING + timedelta(days=10))
    with pytest.raises(CardExpired, match="11/2026"):
        clinic.requested(patient, session)


# --- the report -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (lambda key, seen: seen.pop(key), Finding.MISSING_THERE),
        (
            lambda key, seen: seen.update({key: attrs.evolve(seen[key], amount=Money(1, "GBP"))}),
            Finding.AMOUNT_DIFFERS,
        ),
        (
            lambda key, seen: seen.update({key: attrs.evolve(seen[key], declined="revoked")}),
            Finding.MISSING_THERE,
        ),
        (lambda key, seen: None, Finding.AGREES),
    ],
)
def test_the_report_names_what_the_processor_says_otherwise(change: Any, finding: Finding) -> None:
    """Missing there, of another amount, or the same (F48)."""
    clinic = Clinic()
    _, one = visited(clinic)
    change(charge_of(clinic, one).payment_key, clinic.payments.outcome_of)
    (line,) = clinic.ask.billing.report(clinic.liaison, PERIOD).lines
    assert line.finding is finding
    assert line.verified is (finding is Finding.AGREES)


def test_the_report_names_what_only_the_processor_knows() -> None:
    """Taken there and declined here; given back there and not noted here, or the other way round
    (F48).
    """
    clinic = Clinic()
    _, one = visited(clinic, "tok_fails_later")
    key = charge_of(clinic, one).payment_key
    seen = clinic.payments.outcome_of

    def finding() -> Finding | None:
        return clinic.ask.billing.report(clinic.liaison, PERIOD).lines[0].finding

    assert finding() is Finding.AGREES
    declined = seen[key]
    seen[key] = attrs.evolve(declined, declined=None)
    assert finding() is Finding.MISSING_HERE
    seen[key] = declined
    wait(clinic)
    seen[key] = attrs.evolve(declined, declined=None)
    assert finding() is Finding.MISSING_HERE


def test_the_report_compares_refunds_too() -> None:
    """Each by its key and amount (F48)."""
    clinic = Clinic()
    _, one = visited(clinic)
    clinic.ask.billing.refund(clinic.liaison, one.id, Money(1_000, "GBP"), reason="so")
    key, back = charge_of(clinic, one).refund_key(0), clinic.payments.refunded

    def finding() -> Finding | None:
        return clinic.ask.billing.report(clinic.liaison, PERIOD).lines[0].finding

    assert finding() is Finding.AGREES
    back[key] = Money(1_000, "GBP")
    assert finding() is Finding.MISSING_HERE
    clinic.drain()
    assert finding() is Finding.AGREES
    back[key] = Money(999, "GBP")
    assert finding() is Finding.AMOUNT_DIFFERS
    del back[key]
    assert finding() is Finding.MISSING_THERE


def test_a_long_report_comes_in_pages_and_its_totals_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No charge is left out, none is told twice, and the sums are those of all (F48)."""
    monkeypatch.setattr("telehealth_core.billing.use_cases.billing.PAGE", 2)
    clinic = Clinic(visits_a_day_most=9)
    patient, session = clinic.patient(), clinic.session(clinic.provider())
    for slot in range(4):
        clinic.requested(patient, session, MORNING + timedelta(minutes=30 * slot))
    first = clinic.ask.billing.report(clinic.liaison, PERIOD)
    rest = clinic.ask.billing.report(clinic.liaison, PERIOD, first.lines[-1].charge_id)
    assert (first.more, rest.more) == (True, False)
    assert (len(first.lines), len(rest.lines)) == (2, 2)
    assert len({line.charge_id for line in (*first.lines, *rest.lines)}) == 4
    assert clinic.ask.billing.totals(clinic.liaison, PERIOD)["GBP"]["total"] == 24_000


def test_what_is_owed_without_a_card_is_in_arrears_until_its_payer_names_one() -> None:
    """A visit that staff book without a card is not given away (F22, F45)."""
    clinic = Clinic(jurisdiction="us")
    patient, provider = clinic.patient(card=None), clinic.provider()
    booked = clinic.book(patient, clinic.session(provider), card=False)
    clinic.drain()
    clinic.visited(clinic.now(booked), patient, provider)
    clinic.drain(times=2)
    charge = charge_of(clinic, booked)
    assert (charge.status, charge.attempt, charge.in_arrears) == (ChargeStatus.FAILED, 0, True)
    assert clinic.ask.billing.arrears(clinic.liaison) == (charge,)
    assert not clinic.payments.outcome_of
    card = CardId(clinic.new_id())
    clinic.ask.billing.save_card(patient, card, "tok_visa")
    clinic.ask.billing.pay(patient, booked.id, card)
    clinic.drain(times=2)
    assert charge_of(clinic, booked).status is ChargeStatus.PAID
