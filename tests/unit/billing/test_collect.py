"""A patient pays once, wherever a call to the processor breaks off (N04, F48)."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.access.actor import Actor
from telehealth_core.billing.card import Card, CardDeclined, CardStatus
from telehealth_core.billing.charge import ChargeReleased, ChargeStatus
from telehealth_core.billing.payment import PaymentOrder, PaymentOutcome
from telehealth_core.practice.settings import Approval, Charging
from telehealth_core.registration.patient import NotVerified
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.life import AppointmentStatus
from telehealth_core.shared.ids import CardId, PatientId
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.money import Money
from telehealth_core.shared.refusal import IdReused, Unavailable, Unknown
from telehealth_core.testing.doubles import MemoryPayments
from unit.clinic import MORNING, SCENARIOS, Clinic
from unit.lives import LIVES

BEFORE, AFTER = "before", "after"
FAULTS = st.lists(st.sampled_from([BEFORE, AFTER]), max_size=4)


@attrs.define
class ShakyPayments(MemoryPayments):
    """A processor that breaks off as planned: before it did anything, or after it did it."""

    faults: list[str] = attrs.field(factory=list)
    orders: list[PaymentOrder] = attrs.field(factory=list)

    def collect(self, order: PaymentOrder) -> PaymentOutcome:
        """Take the sum, or break off."""
        fault = self.faults.pop(0) if self.faults else ""
        if fault == BEFORE:
            raise Unavailable("payments")
        self.orders.append(order)
        outcome = super().collect(order)
        if fault == AFTER:
            raise Unavailable("payments")
        return outcome

    def refund(self, order: UUID, amount: Money, key: UUID) -> None:
        """Give back, or break off."""
        fault = self.faults.pop(0) if self.faults else ""
        if fault == BEFORE:
            raise Unavailable("payments")
        super().refund(order, amount, key)
        if fault == AFTER:
            raise Unavailable("payments")


def at_booking(payments: MemoryPayments, **other: Approval) -> Clinic:
    """A practice that charges at booking through this processor."""
    return Clinic(charging=Charging.AT_BOOKING, ports={"payments": payments}, **other)  # type: ignore[arg-type]


def requested(clinic: Clinic, card: str = "tok_visa") -> tuple[Actor, Appointment]:
    """A patient of this card and their request."""
    patient = clinic.patient(card=card)
    return patient, clinic.requested(patient, clinic.session(clinic.provider()))


@SCENARIOS
@given(FAULTS, st.integers(1, 2), st.sampled_from(["tok_visa", "tok_fails_later"]))
def test_one_payment_is_made_wherever_the_call_breaks_off(
    faults: list[str], times: int, card: str
) -> None:
    """Retried until an answer comes, the order is the same order, and its answer is kept once."""
    payments = ShakyPayments(faults=list(faults))
    clinic = at_booking(payments)
    _, one = requested(clinic, card)
    clinic.drain(times)
    charge = clinic.charge(one)
    assert charge is not None
    assert len({order.key for order in payments.orders}) == len(payments.outcome_of) == 1
    paid = card == "tok_visa"
    assert charge.status is (ChargeStatus.PAID if paid else ChargeStatus.WAIVED)
    expected = AppointmentStatus.BOOKED if paid else AppointmentStatus.CANCELLED
    assert clinic.now(one).status is expected


@SCENARIOS
@given(FAULTS, st.integers(1, 2))
def test_one_refund_is_made_wherever_the_call_breaks_off(faults: list[str], times: int) -> None:
    """What was taken is given back exactly once."""
    payments = ShakyPayments()
    clinic = at_booking(payments, approval=Approval.LIAISON)
    patient, one = requested(clinic)
    clinic.drain()
    payments.faults = list(faults)
    clinic.ask.scheduling.cancel(patient, one.id)
    clinic.drain(times)
    charge = clinic.charge(one)
    assert charge is not None
    assert charge.status is ChargeStatus.REFUNDED
    assert list(payments.refunded.values()) == [Money(6_000, "GBP")]


@SCENARIOS
@given(FAULTS)
def test_cancelling_while_the_outcome_is_unknown_ends_with_nothing_paid(faults: list[str]) -> None:
    """An order under way is settled first, then given back."""
    payments = ShakyPayments(faults=[AFTER, *faults])
    clinic = at_booking(payments, approval=Approval.LIAISON)
    patient, one = requested(clinic)
    charge = clinic.charge(one)
    assert charge is not None
    released = ChargeReleased(charge.id, charge.version, patient.id, clinic.clock())
    with pytest.raises(Unavailable):
        clinic.ask.collecting.collect(clinic.system, released)
    clinic.ask.scheduling.cancel(patient, one.id)
    clinic.drain()
    after = clinic.charge(one)
    assert after is not None
    assert after.settled_without_payment
    assert len(payments.refunded) == len(payments.outcome_of) == 1


def test_an_order_that_nobody_answers_is_asked_about_later() -> None:
    """After the hours that the practice waits between two attempts (F45, N04)."""
    clinic = at_booking(ShakyPayments(faults=[BEFORE]))
    patient, one = requested(clinic)
    charge = clinic.charge(one)
    assert charge is not None
    released = ChargeReleased(charge.id, charge.version, patient.id, clinic.clock())
    with pytest.raises(Unavailable):
        clinic.ask.collecting.collect(clinic.system, released)
    ordered = clinic.charge(one)
    assert ordered is not None
    hours = clinic.practice.settings.collect_retry_hours
    assert ordered.status is ChargeStatus.COLLECTING
    assert ordered.next_at == clinic.clock() + timedelta(hours=hours)


def test_an_order_carries_no_word_about_the_person_or_the_visit() -> None:
    """The processor sees our key, an opaque customer, its own token and a sum (VEN-03)."""
    payments = ShakyPayments()
    clinic = at_booking(payments)
    patient, _ = requested(clinic)
    clinic.drain()
    (order,) = payments.orders
    assert order.customer == patient.patient_id
    assert {field.name for field in attrs.fields(PaymentOrder)} == {
        "key", "customer", "card_token", "amount",
    }  # fmt: skip
    assert order.card_token not in repr(order)


# --- cards -----------------------------------------------------------------------------------


def test_a_card_is_kept_once_for_its_id_and_the_newest_comes_first(clinic: Clinic) -> None:
    """Asking again finds the first; a declined card is not kept (F43)."""
    patient = clinic.patient(card=None)
    id = CardId(clinic.new_id())
    card = clinic.ask.billing.save_card(patient, id, "tok_visa")
    assert clinic.ask.billing.save_card(patient, id, "tok_declined") == card
    clinic.clock.forward(minutes=1)
    newer = clinic.ask.billing.save_card(patient, CardId(clinic.new_id()), "tok_visa")
    with pytest.raises(CardDeclined):
        clinic.ask.billing.save_card(patient, CardId(clinic.new_id()), "tok_declined")
    assert clinic.ask.billing.cards(patient) == (newer, card)
    assert card.details.token not in repr(card)


def test_nobody_takes_over_a_card_by_its_id_or_before_verification(clinic: Clinic) -> None:
    """Another patient's id is used, and an unverified patient keeps no card."""
    patient, other = clinic.patient(), clinic.patient("Lee Example", card=None)
    with pytest.raises(IdReused):
        clinic.ask.billing.save_card(other, clinic.ask.billing.cards(patient)[0].id, "tok_visa")
    with pytest.raises(NotVerified):
        clinic.ask.billing.save_card(clinic.registering(), CardId(clinic.new_id()), "tok_visa")


def test_a_card_that_is_not_there_for_somebody_is_unknown_by_its_id() -> None:
    """A stranger's, to keep it or to pay with it, and one that was removed (F43, ACC-02)."""
    card: Card = LIVES["Card"].example
    stranger = PatientId(UUID(int=99))
    removed = attrs.evolve(card, status=CardStatus.REMOVED)
    asked: tuple[Callable[[], None], ...] = (
        lambda: card.require_owner(stranger),
        lambda: card.require_usable(stranger, MORNING),
        lambda: removed.require_usable(card.patient_id, MORNING),
    )
    for asks in asked:
        with pytest.raises(Unknown) as refused:
            asks()
        assert refused.value.id == card.id


def test_a_card_is_good_up_to_the_end_of_its_month(clinic: Clinic) -> None:
    """December 2040 is paid for until it is over."""
    patient = clinic.patient()
    (card,) = clinic.ask.billing.cards(patient)
    last = MORNING.replace(year=2040, month=12, day=31, hour=23)
    assert card.valid(last)
    assert not card.valid(last + timedelta(hours=1))


# --- the report ------------------------------------------------------------------------------


class ForgetfulPayments(MemoryPayments):
    """A processor whose own view lacks what it told us."""

    def outcomes(self, keys: frozenset[UUID]) -> Mapping[UUID, PaymentOutcome]:
        """Nothing."""
        return {}


DAY = Interval.lasting(MORNING - timedelta(days=2), 3 * 24 * 60)


@pytest.mark.parametrize("agrees", [True, False])
def test_each_payment_is_verified_against_the_processor(agrees: bool) -> None:
    """A line says whether the processor says the same, or nothing where nothing was ordered
    (F48).
    """
    clinic = at_booking(MemoryPayments() if agrees else ForgetfulPayments())
    patient, one = requested(clinic)
    clinic.drain()
    later = clinic.requested(patient, clinic.session(clinic.provider("Robin Doctor")),
                             MORNING + timedelta(minutes=60))  # fmt: skip
    report = clinic.ask.billing.report(clinic.liaison, DAY)
    lines = {line.appointment_id: line for line in report.lines}
    assert lines[one.id].verified is agrees
    assert lines[one.id].reference
    assert lines[one.id].settled_at == clinic.clock()
    assert lines[later.id].verified is None
    sums = {"total": 12_000, "insured": 0, "fee": 0, "due": 12_000, "paid": 6_000, "refunded": 0}
    assert report.sums() == {"GBP": sums} == clinic.ask.billing.totals(clinic.liaison, DAY)


def test_what_was_given_back_is_not_reported_as_paid() -> None:
    """Money that the processor returned is no income (F48, N05)."""
    clinic = at_booking(MemoryPayments(), approval=Approval.LIAISON)
    patient, one = requested(clinic)
    clinic.drain()
    clinic.ask.scheduling.cancel(patient, one.id)
    clinic.drain()
    sums = clinic.ask.billing.report(clinic.liaison, DAY).sums()["GBP"]
    assert (sums["due"], sums["paid"], sums["refunded"]) == (0, 6_000, 6_000)
