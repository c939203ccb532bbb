"""What giving up a visit costs: known before booking, always the same (N17, PAY-03, PAY-04)."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.billing.charge import ChargeStatus
from telehealth_core.practice.settings import Approval, Charging, Settings
from telehealth_core.scheduling.cancellation import (
    ExpressRequestNeeded,
    Facts,
    Terms,
    TooEarly,
    cost,
    withdrawal_ends,
)
from telehealth_core.scheduling.claim import TooLate
from telehealth_core.scheduling.life import AppointmentStatus, CancellationReason
from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.money import BASIS_POINTS, Money
from telehealth_core.shared.refusal import Invalid
from unit.clinic import LAWS, MORNING, Clinic

PRICE = Money(6_001, "GBP")
SECOND = timedelta(seconds=1)
PATIENT, BOOKED = CancellationReason.PATIENT, True
LONDON, NEW_YORK = ZoneInfo("Europe/London"), ZoneInfo("America/New_York")


def terms(start: datetime, **parameters: Any) -> Terms:
    """The terms of a visit at that start, half its price from 24 hours before on."""
    rules: dict[str, Any] = {
        "late_cancel_fee_bp": 5_000,
        "noshow_fee_bp": BASIS_POINTS,
        **parameters,
    }
    settings = Settings(charging=Charging.AT_BOOKING, approval=Approval.AUTOMATIC, **rules)
    return Terms.of(settings, PRICE, start, None)


def fee(start: datetime, at: datetime, **parameters: int) -> int:
    """What the patient pays for giving up then."""
    return cost(Facts(terms(start, **parameters), PATIENT, BOOKED, at)).fee.minor


@pytest.mark.parametrize(
    "start",
    [
        pytest.param(datetime(2026, 3, 29, 9, tzinfo=LONDON), id="clocks went forward at 1"),
        pytest.param(datetime(2026, 10, 25, 9, tzinfo=LONDON), id="clocks went back at 2"),
        pytest.param(datetime(2026, 11, 1, 9, tzinfo=NEW_YORK), id="back in New York"),
        pytest.param(datetime(2026, 3, 8, 9, tzinfo=NEW_YORK), id="forward in New York"),
        pytest.param(MORNING, id="an ordinary day"),
    ],
)
def test_it_is_free_up_to_24_hours_before_and_costs_from_there(start: datetime) -> None:
    """The boundary itself is free, a second later is not, on days of 23, 24 and 25 hours alike
    (PAY-04).
    """
    start = start.astimezone(UTC)
    boundary = start - timedelta(hours=24)
    assert fee(start, boundary - SECOND) == fee(start, boundary) == 0
    assert fee(start, boundary + SECOND) == fee(start, start - SECOND) == 3_000
    assert terms(start).free_until == boundary


def test_the_time_to_withdraw_is_over_at_its_very_end() -> None:
    """And with the visit, where that is earlier; late as it is, it costs from then on (PAY-03)."""
    for until in (MORNING - timedelta(hours=1), MORNING, MORNING + timedelta(days=1)):
        known, ends = attrs.evolve(terms(MORNING), withdraw_until=until), min(until, MORNING)
        fees = [cost(Facts(known, PATIENT, BOOKED, at)).fee.minor for at in (ends - SECOND, ends)]
        assert fees == [0, 3_000]


@LAWS
@given(
    late=st.integers(0, BASIS_POINTS),
    noshow=st.integers(0, BASIS_POINTS),
    price=st.integers(0, 10**6),
    reason=st.sampled_from(CancellationReason),
    accepted=st.booleans(),
    hours=st.integers(-500, 500),
)
def test_no_fee_is_above_the_price_and_only_the_patient_pays_one(
    late: int, noshow: int, price: int, *, reason: CancellationReason, accepted: bool, hours: int
) -> None:
    """Given up by the practice, declined, expired or technical, it costs nothing (N17)."""
    rules = Settings(
        charging=Charging.AT_BOOKING,
        approval=Approval.AUTOMATIC,
        late_cancel_fee_bp=late,
        noshow_fee_bp=noshow,
    )
    known = Terms.of(rules, Money(price, "GBP"), MORNING, None)
    asked = cost(Facts(known, reason, accepted, MORNING + timedelta(hours=hours)))
    assert 0 <= asked.fee.minor <= price
    assert 0 <= known.noshow_fee.minor <= price
    assert bool(asked.free_because) is (
        reason is not PATIENT or not accepted or hours <= -rules.free_cancel_hours
    )
    assert not asked.free_because or not asked.fee.minor


def strict(jurisdiction: str = "us", **other: object) -> Clinic:
    """A practice whose late cancellations cost half, and whose missed visits cost a third."""
    fees = {"late_cancel_fee_bp": 5_000, "noshow_fee_bp": 3_333}
    return Clinic(jurisdiction=jurisdiction, **{**fees, **other})  # type: ignore[arg-type]


@pytest.mark.parametrize("charging", Charging)
@pytest.mark.parametrize("times", [1, 2])
def test_a_late_cancellation_costs_what_was_shown_before_booking(
    charging: Charging, times: int
) -> None:
    """Shown with the hold, shown before cancelling, and charged: the same sum, once (PAY-01)."""
    clinic = strict(charging=charging)
    patient = clinic.patient()
    held = clinic.hold(patient, clinic.session(clinic.provider()))
    shown, now = clinic.ask.cancellation.terms(patient, held.id)
    assert (shown.late_fee.minor, now.fee.minor) == (3_000, 0)
    clinic.request(patient, held)
    clinic.drain(times)
    clinic.clock.now = MORNING - timedelta(hours=1)
    assert clinic.ask.cancellation.terms(patient, held.id)[1].fee == shown.late_fee
    clinic.ask.scheduling.cancel(patient, held.id)
    clinic.drain(times)
    charge = clinic.charge(held)
    assert charge is not None
    assert charge.status is ChargeStatus.PAID
    assert charge.due == charge.kept == charge.fee == shown.late_fee
    assert charge.paid - charge.refunded == shown.late_fee
    assert len(clinic.payments.outcome_of) == 1


def test_what_the_practice_gives_up_costs_nothing_also_once_the_patient_waits() -> None:
    """A provider who does not come is no fault of the patient's; only staff can say so (N17)."""
    clinic = strict(charging=Charging.AT_BOOKING)
    patient, provider = clinic.patient(), clinic.provider()
    booked = clinic.booked(patient, clinic.session(provider))
    clinic.clock.now = MORNING
    clinic.join(patient, booked)
    room = clinic.ask.consultation.view(patient, booked.id).room
    clinic.ask.consultation.entered(room, patient.id, "patient's connection")
    clinic.clock.forward(minutes=30)
    with pytest.raises(IllegalTransition):
        clinic.ask.cancellation.miss(provider, booked.id)
    with pytest.raises(TooLate):
        clinic.ask.scheduling.cancel(patient, booked.id)
    clinic.ask.scheduling.cancel(clinic.liaison, booked.id)
    clinic.drain()
    assert clinic.now(booked).cancelled_because is CancellationReason.PRACTICE
    charge = clinic.charge(booked)
    assert charge is not None
    assert charge.status is ChargeStatus.REFUNDED


@pytest.mark.parametrize(
    ("reason", "owed"),
    [(CancellationReason.PATIENT, 3_000), (CancellationReason.TECHNICAL, 0), (None, 0)],
)
def test_staff_say_why_a_visit_is_given_up(reason: CancellationReason | None, owed: int) -> None:
    """A patient who rings up pays as if they had done it themselves."""
    clinic = strict()
    booked = clinic.booked(clinic.patient(), clinic.session(clinic.provider()))
    clinic.clock.now = MORNING - timedelta(hours=1)
    clinic.ask.scheduling.cancel(clinic.liaison, booked.id, reason)
    clinic.drain()
    charge = clinic.charge(booked)
    assert charge is not None
    assert charge.kept.minor == charge.due.minor == owed


@pytest.mark.parametrize("reason", [CancellationReason.PRACTICE, CancellationReason.TECHNICAL])
def test_a_patient_cannot_blame_the_practice(reason: CancellationReason) -> None:
    """Nobody avoids a fee by naming another reason."""
    clinic = strict()
    patient = clinic.patient()
    booked = clinic.booked(patient, clinic.session(clinic.provider()))
    with pytest.raises(Invalid):
        clinic.ask.scheduling.cancel(patient, booked.id, reason)


# --- who does not come ------------------------------------------------------------------------


def test_a_no_show_counts_after_a_while_and_costs_its_fee() -> None:
    """Fifteen minutes after the start, and not a second before (N17)."""
    clinic = strict()
    patient, provider = clinic.patient(), clinic.provider()
    booked = clinic.booked(patient, clinic.session(provider))
    clinic.clock.now = MORNING + timedelta(minutes=15) - SECOND
    with pytest.raises(TooEarly):
        clinic.ask.cancellation.miss(provider, booked.id)
    clinic.clock.forward(seconds=1)
    clinic.ask.cancellation.miss(provider, booked.id)
    clinic.drain(times=2)
    assert clinic.now(booked).status is AppointmentStatus.NOSHOW
    charge = clinic.charge(booked)
    assert charge is not None
    assert charge.kept.minor == charge.fee.minor == 1_999
    assert [sent[1] for sent in clinic.sent()].count("appointment-missed") == 1


def test_the_sweep_finds_whom_nobody_noted_once_the_room_is_closed() -> None:
    """Nobody is missed while they can still join, and nobody twice (N17)."""
    clinic = strict()
    booked = clinic.booked(clinic.patient(), clinic.session(clinic.provider()))
    closes = booked.during.end + timedelta(minutes=60)
    clinic.clock.now = closes - SECOND
    assert clinic.ask.cancellation.sweep(clinic.system) == 0
    clinic.clock.now = closes
    assert clinic.ask.cancellation.sweep(clinic.system) == 1
    assert clinic.ask.cancellation.sweep(clinic.system) == 0
    assert clinic.now(booked).status is AppointmentStatus.NOSHOW


# --- the right to withdraw --------------------------------------------------------------------


def test_a_visit_within_the_days_of_withdrawal_is_asked_for_expressly() -> None:
    """Without it the request is refused and nothing changes; in the United States there is no such
    right (PAY-03).
    """
    clinic, abroad = strict("uk"), strict("us")
    for here, needed in ((clinic, True), (abroad, False)):
        patient = here.patient()
        held = here.hold(patient, here.session(here.provider()))
        card, before = here.ask.billing.cards(patient)[0], here.rows()
        try:
            here.ask.scheduling.request(patient, held.id, agreed=held.price, card_id=card.id)
            refused = False
        except ExpressRequestNeeded:
            refused = True
            assert here.rows() == before
        assert refused is needed


def test_the_days_of_withdrawal_end_with_a_day_of_the_practice() -> None:
    """Ordered on 23 November, fourteen days end with 7 December in London; a visit after that needs
    no express request.
    """
    clinic = strict("uk")
    patient = clinic.patient()
    session = clinic.session(clinic.provider(), start=datetime(2026, 12, 8, 0, tzinfo=UTC))
    held = clinic.hold(patient, session)
    card = clinic.ask.billing.cards(patient)[0]
    asked = clinic.ask.scheduling.request(patient, held.id, agreed=held.price, card_id=card.id)
    assert asked.withdraw_until == datetime(2026, 12, 8, 0, tzinfo=UTC)
    earlier = clinic.session(clinic.provider("Robin Doctor"))
    with pytest.raises(ExpressRequestNeeded):
        clinic.ask.scheduling.reschedule(
            patient, held.id, session_id=earlier.id, start=earlier.during.start
        )


def test_the_days_of_withdrawal_end_at_midnight_in_summer_too() -> None:
    """That is an hour earlier by Greenwich's clocks, by which all instants are told."""
    clinic = Clinic()
    ordered = datetime(2026, 7, 1, 12, tzinfo=UTC)
    ends = withdrawal_ends(clinic.practice, ordered)
    assert (ends, ends and ends.tzinfo) == (datetime(2026, 7, 15, 23, tzinfo=UTC), UTC)
    late_evening = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
    assert withdrawal_ends(clinic.practice, late_evening) == datetime(2026, 7, 16, 23, tzinfo=UTC)


def test_whoever_withdraws_before_the_visit_gets_everything_back() -> None:
    """However late: the right goes before the practice's own fee (PAY-03)."""
    clinic = strict("uk", charging=Charging.AT_BOOKING)
    patient = clinic.patient()
    booked = clinic.booked(patient, clinic.session(clinic.provider()))
    clinic.clock.now = MORNING - SECOND
    shown, now = clinic.ask.cancellation.terms(patient, booked.id)
    assert (shown.late_fee.minor, now.fee.minor, now.free_because) == (3_000, 0, ("withdrawn",))
    clinic.ask.scheduling.cancel(patient, booked.id)
    clinic.drain()
    charge = clinic.charge(booked)
    assert charge is not None
    assert charge.status is ChargeStatus.REFUNDED


def test_moving_a_late_visit_away_does_not_make_giving_it_up_free() -> None:
    """Whoever moves when giving up costs already pays all the same for giving up later; an early
    move, and a move by staff, change nothing (N17).
    """
    for hours, by_staff, owed in ((23, False, 3_000), (25, False, 0), (23, True, 0)):
        clinic = strict()
        patient, provider = clinic.patient(), clinic.provider()
        booked = clinic.booked(patient, clinic.session(provider, start=MORNING + timedelta(days=2)))
        far = clinic.session(provider, start=MORNING + timedelta(days=20))
        clinic.clock.now = booked.during.start - timedelta(hours=hours)
        mover = clinic.liaison if by_staff else patient
        clinic.ask.scheduling.reschedule(
            mover, booked.id, session_id=far.id, start=far.during.start
        )
        shown, now = clinic.ask.cancellation.terms(patient, booked.id)
        assert now.fee.minor == owed
        assert (shown.free_until < clinic.clock()) is bool(owed)
        clinic.ask.scheduling.cancel(patient, booked.id)
        clinic.drain()
        charge = clinic.charge(booked)
        assert charge is not None
        assert charge.kept.minor == owed
