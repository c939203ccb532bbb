"""Steps about money."""

from typing import TYPE_CHECKING, Any

from telehealth_core.billing.charge import ChargeStatus
from telehealth_core.billing.ledger import Extra
from telehealth_core.shared.interval import Interval
from telehealth_core.testing.world.place import MARKER
from telehealth_core.testing.world.steps.booking import card_of
from telehealth_core.testing.world.steps.registering import verified
from telehealth_core.testing.world.steps.step import Call, Step, ask

if TYPE_CHECKING:
    from telehealth_core.testing.world.world import World

_TOKENS = ("tok_visa",) * 3 + ("tok_fails_later", "tok_authenticate", "tok_declined")


def _charge(w: "World", *statuses: ChargeStatus) -> Any:
    return w.any("charges", lambda one: one.status in statuses or w.chance(3))


def _save_card(w: "World") -> Call:
    actor = w.of(patient_id=verified(w).id)
    return ask(w.ask.billing.save_card, actor, w.new_id(), w.rng.choice(_TOKENS))


def _manage_card(w: "World") -> Call:
    card = w.any("cards")
    verb: Any = w.ask.billing.remove_card if w.chance(30) else w.ask.billing.prefer_card
    return ask(verb, w.of(patient_id=card.patient_id), card.id)


def _view_cards(w: "World") -> Call:
    return ask(w.ask.billing.cards, w.of(patient_id=w.any("cards").patient_id))


def _pricing(w: "World") -> dict[str, Any]:
    extras = (Extra("report", w.here.money(1_500)),) if w.chance(50) else ()
    share = w.rng.choice((0, 3_333, 10_000))
    return {"insurance_bp": share, "extras": extras, "reason": MARKER}


def _correct(w: "World") -> Call:
    one = _charge(w, ChargeStatus.PLANNED, ChargeStatus.BILLABLE)
    return ask(w.ask.billing.correct, w.staff(), one.appointment_id, **_pricing(w))


def _propose(w: "World") -> Call:
    one = _charge(w, ChargeStatus.PLANNED, ChargeStatus.PAID)
    return ask(w.ask.billing.propose_increase, w.staff(), one.appointment_id, **_pricing(w))


def _agree(w: "World") -> Call:
    one = w.any("charges", lambda one: one.proposal is not None)
    due = one.proposal.due if w.chance(90) else w.here.money(1)
    return ask(w.ask.billing.agree, w.of(patient_id=one.payer_id), one.appointment_id, due)


def _pay(w: "World") -> Call:
    one = _charge(w, ChargeStatus.FAILED, ChargeStatus.PLANNED)
    actor = w.of(patient_id=one.payer_id)
    card = card_of(w, actor) or w.any("cards").id
    return ask(w.ask.billing.pay, actor, one.appointment_id, card, number=one.number)


def _authenticate(w: "World") -> Call:
    """The payer's bank says yes or no: nobody tells us before we ask."""
    one = w.any("charges", lambda one: one.awaits_payer)
    waiting = w.processor.outcome_of[one.payment_key].requires_action
    if not waiting:
        return _confirm(w)
    declined = "refused_by_bank" if w.chance(20) else None
    return ask(w.processor.authenticate, one.payment_key, declined=declined)


def _confirm(w: "World") -> Call:
    one = w.any("charges", lambda one: one.awaits_payer)
    actor = w.of(patient_id=one.payer_id)
    return ask(w.ask.billing.confirm, actor, one.appointment_id, number=one.number)


def _refund(w: "World") -> Call:
    one = _charge(w, ChargeStatus.PAID)
    amount = w.here.money(w.rng.choice((1, 1_000, max(1, one.kept.minor))))
    return ask(
        w.ask.billing.refund,
        w.staff(),
        one.appointment_id,
        amount,
        reason=MARKER,
        number=one.number,
    )


def _write_off(w: "World") -> Call:
    one = _charge(w, ChargeStatus.FAILED)
    return ask(
        w.ask.billing.write_off, w.staff(), one.appointment_id, reason=MARKER, number=one.number
    )


def _view_charge(w: "World") -> Call:
    one = w.any("charges")
    return ask(w.ask.billing.charge, w.of(patient_id=one.payer_id), one.appointment_id)


def _report(w: "World") -> Call:
    one = w.any("charges")
    day = Interval.lasting(one.planned_at, 24 * 60)
    return ask(w.ask.billing.report, w.staff(), day)


PAYING = (
    Step("save card", 8, _save_card, creates=True),
    Step("manage card", 2, _manage_card),
    Step("view cards", 1, _view_cards, reads=True),
    Step("correct charge", 2, _correct),
    Step("propose increase", 2, _propose),
    Step("agree to increase", 3, _agree),
    Step("pay with another card", 4, _pay),
    Step("authenticate payment", 4, _authenticate, faults=False),
    Step("confirm payment", 3, _confirm),
    Step("refund", 3, _refund),
    Step("write off", 1, _write_off),
    Step("view charge", 2, _view_charge, reads=True),
    Step("payment report", 1, _report),
)
