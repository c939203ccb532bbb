"""Placing: a claim becomes a request, with its charge; where staff vouch for it, a visit."""

from datetime import datetime

import attrs

from telehealth_core.access.actor import Actor
from telehealth_core.billing.card import CardNeeded
from telehealth_core.billing.charge import Charge
from telehealth_core.practice.settings import Charging, Settings
from telehealth_core.registration.patient import Patient
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.approval import check, require_passed
from telehealth_core.scheduling.cancellation import withdrawal_ends
from telehealth_core.scheduling.life import AppointmentHeld
from telehealth_core.scheduling.ports import SchedulingWork
from telehealth_core.scheduling.use_cases.claims import facts_of
from telehealth_core.shared.ids import CardId, PatientId
from telehealth_core.shared.money import Money
from telehealth_core.shared.refusal import Unknown


@attrs.frozen
class Bill:
    """Who pays, with which card, the price that was agreed, and whether the visit was expressly
    asked for before the time to withdraw is over (PAY-03).
    """

    payer_id: PatientId
    card_id: CardId | None
    agreed: Money
    starts_within_cooling_off: bool = False


def own_bill(
    work: SchedulingWork,
    actor: Actor,
    agreed: Money,
    card_id: CardId | None,
    *,
    on: datetime,
    starts_within_cooling_off: bool = False,
) -> Bill:
    """The actor pays, with a card of their own that is good on the day of the visit.

    Raises: CardNeeded, CardUnusable; Unknown for anybody else's card.
    """
    payer = actor.as_patient()
    if card_id is not None:
        work.cards.get(card_id).require_usable(payer, on)
    elif agreed.minor:
        raise CardNeeded
    return Bill(payer, card_id, agreed, starts_within_cooling_off)


def bill_for(
    work: SchedulingWork,
    patient: Patient,
    agreed: Money,
    card_id: CardId | None,
    *,
    settings: Settings,
    at: datetime,
) -> Bill:
    """The patient pays, or a guardian of theirs: with a card on file or, where the practice charges
    on completion, later.

    Raises: CardNeeded, Unknown for the card of somebody else.
    """
    guardians = tuple(tie.guardian for tie in patient.ties.guardians if tie.live(at))
    if card_id is None:
        if agreed.minor and settings.charging is Charging.AT_BOOKING:
            raise CardNeeded
        return Bill(guardians[0] if guardians else patient.id, None, agreed)
    owner = work.cards.get(card_id).patient_id
    if owner not in {patient.id, *guardians}:
        raise Unknown("card", card_id)
    return Bill(owner, card_id, agreed)


def request(
    work: SchedulingWork,
    actor: Actor,
    held: Appointment,
    bill: Bill,
    *,
    settings: Settings,
    at: datetime,
) -> tuple[Appointment, Charge]:
    """Request what is held, with its charge; where the practice charges at booking, the charge is
    released at once (F15, F44).

    Raises: HoldExpired, PriceChanged, TooLate, IllegalTransition.
    """
    at_booking = settings.charging is Charging.AT_BOOKING
    requested, asked = held.request(
        bill.agreed,
        withdraw_until=withdrawal_ends(work.practices.get(held.practice_id), at),
        starts_within_cooling_off=bill.starts_within_cooling_off,
        by=actor.id,
        at=at,
    )
    charge, planned = Charge.plan(
        held.id,
        held.practice_id,
        bill.agreed,
        patient_id=held.patient_id,
        payer_id=bill.payer_id,
        card_id=bill.card_id,
        settings_version=held.settings_version,
        confirm_by=held.held_until if at_booking else None,
        by=actor.id,
        at=at,
    )
    work.appointments.save(requested, asked)
    work.charges.save(charge, planned)
    if at_booking:
        charge, due = charge.release(by=actor.id, at=at)
        work.charges.save(charge, due)
    return requested, charge


def place(
    work: SchedulingWork,
    actor: Actor,
    claim: tuple[Appointment, AppointmentHeld],
    bill: Bill,
    *,
    settings: Settings,
    at: datetime,
) -> Appointment:
    """Hold and request in one; what staff vouch for is approved too, if every check passes and
    nothing is to be paid first (F22, N10).

    Raises: ChecksFailed, PriceChanged.
    """
    held, event = claim
    work.appointments.save(held, event)
    requested, charge = request(work, actor, held, bill, settings=settings, at=at)
    paid_first = settings.charging is Charging.AT_BOOKING and bool(bill.agreed.minor)
    if held.vouched_by is None or paid_first:
        return requested
    require_passed(check(facts_of(work, requested, charge, at)))
    approved, done = requested.approve(by=actor.id, at=at)
    work.appointments.save(approved, done)
    return approved
