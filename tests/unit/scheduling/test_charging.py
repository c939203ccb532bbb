"""What a booking does to the money, at booking and on completion, and back (F44, F45, N04, N17)."""

from collections.abc import Callable
from datetime import timedelta

import attrs
import pytest

from telehealth_core.access.actor import Actor
from telehealth_core.billing.charge import Charge, ChargeStatus
from telehealth_core.practice.settings import Approval, Charging
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.approval import ChecksFailed
from telehealth_core.scheduling.life import AppointmentStatus, CancellationReason
from telehealth_core.shared.money import Money
from unit.clinic import MORNING, Clinic

AT_BOOKING = Charging.AT_BOOKING
HALF = timedelta(minutes=30)


def charge_of(clinic: Clinic, appointment: Appointment) -> Charge:
    """The charge that there must be."""
    found = clinic.charge(appointment)
    assert found is not None
    return found


def paid(clinic: Clinic) -> int:
    """What the processor took less what it gave back."""
    payments = clinic.payments
    taken = sum(one.amount.minor for one in payments.outcome_of.values() if one.paid)
    return taken - sum(amount.minor for amount in payments.refunded.values())


@pytest.mark.parametrize("times", [1, 2])
def test_charging_at_booking_takes_the_price_and_then_approves(times: int) -> None:
    """Payment is the last step of booking, once, however often reactions run (F44)."""
    clinic = Clinic(charging=AT_BOOKING)
    requested = clinic.requested(clinic.patient(), clinic.session(clinic.provider()))
    assert charge_of(clinic, requested).status is ChargeStatus.BILLABLE
    clinic.drain(times)
    assert clinic.now(requested).status is AppointmentStatus.BOOKED
    assert charge_of(clinic, requested).status is ChargeStatus.PAID
    assert paid(clinic) == 6_000


@pytest.mark.parametrize("times", [1, 2])
def test_a_visit_paid_at_booking_is_not_paid_again_when_it_took_place(times: int) -> None:
    """The visit's completion finds nothing left to take."""
    clinic = Clinic(charging=AT_BOOKING)
    patient, provider = clinic.patient(), clinic.provider()
    booked = clinic.booked(patient, clinic.session(provider))
    clinic.visited(booked, patient, provider)
    clinic.drain(times)
    assert clinic.now(booked).status is AppointmentStatus.FULFILLED
    assert paid(clinic) == 6_000


@pytest.mark.parametrize("times", [1, 2])
def test_a_failed_payment_at_booking_frees_the_time(times: int) -> None:
    """Declined money ends the claim: the time is open, nothing was taken, the patient is told
    (F44).
    """
    clinic = Clinic(charging=AT_BOOKING)
    session = clinic.session(clinic.provider())
    requested = clinic.requested(clinic.patient(card="tok_fails_later"), session)
    clinic.drain(times)
    assert clinic.now(requested).cancelled_because is CancellationReason.UNPAID
    assert charge_of(clinic, requested).status is ChargeStatus.WAIVED
    assert paid(clinic) == 0
    templates = [sent[1] for sent in clinic.sent()]
    assert templates.count("payment-failed") == 1
    assert clinic.booked(clinic.patient("Lee Example"), session).during == requested.during


@pytest.mark.parametrize("approval", Approval)
def test_a_free_visit_is_booked_where_the_practice_charges_at_booking(approval: Approval) -> None:
    """Nothing to take counts as paid: the request does not wait for money that never comes."""
    clinic = Clinic(charging=AT_BOOKING, approval=approval)
    session = clinic.session(clinic.provider(price=Money(0, "GBP")))
    requested = clinic.requested(clinic.patient(card=None), session)
    clinic.drain(times=2)
    expected = {
        Approval.AUTOMATIC: AppointmentStatus.BOOKED,
        Approval.LIAISON: AppointmentStatus.PENDING,
    }
    assert clinic.now(requested).status is expected[approval]
    assert paid(clinic) == 0


def cancelled_by_patient(clinic: Clinic, patient: Actor, one: Appointment) -> None:
    """The patient gives up."""
    clinic.ask.scheduling.cancel(patient, one.id)


def declined_by_liaison(clinic: Clinic, _: Actor, one: Appointment) -> None:
    """The liaison says no."""
    clinic.ask.approval.decline(clinic.liaison, one.id)


@pytest.mark.parametrize("undo", [cancelled_by_patient, declined_by_liaison])
@pytest.mark.parametrize("collected", [True, False])
@pytest.mark.parametrize("times", [1, 2])
def test_what_was_paid_for_a_visit_that_will_not_be_is_given_back_once(
    undo: Callable[[Clinic, Actor, Appointment], None], collected: bool, times: int
) -> None:
    """Cancelled before or after the money moved, reactions once or twice: in the end the patient
    paid nothing (N04).
    """
    clinic = Clinic(charging=AT_BOOKING, approval=Approval.LIAISON)
    patient = clinic.patient()
    requested = clinic.requested(patient, clinic.session(clinic.provider()))
    if collected:
        clinic.drain(times)
        assert paid(clinic) == 6_000
    undo(clinic, patient, requested)
    clinic.drain(times)
    assert clinic.now(requested).status is AppointmentStatus.CANCELLED
    assert charge_of(clinic, requested).settled_without_payment
    assert paid(clinic) == 0
    assert len(clinic.payments.refunded) == len(clinic.payments.outcome_of)


@pytest.mark.parametrize("times", [1, 2])
def test_charging_on_completion_takes_nothing_before_the_provider_confirms(times: int) -> None:
    """Booked, begun, left: only the confirmation frees the charge, once (F45)."""
    clinic = Clinic()
    patient, provider = clinic.patient(), clinic.provider()
    booked = clinic.booked(patient, clinic.session(provider))
    room = clinic.both_join(booked, patient, provider).room
    clinic.clock.forward(minutes=10)
    clinic.ask.consultation.left(room, patient.id, "patient's connection")
    clinic.drain(times)
    assert charge_of(clinic, booked).status is ChargeStatus.PLANNED
    assert paid(clinic) == 0
    clinic.ask.consultation.complete(provider, booked.id)
    clinic.drain(times)
    assert charge_of(clinic, booked).status is ChargeStatus.PAID
    assert paid(clinic) == 6_000


def test_a_visit_that_is_cancelled_before_it_began_costs_nothing() -> None:
    """On completion means on completion only."""
    clinic = Clinic()
    patient = clinic.patient()
    booked = clinic.booked(patient, clinic.session(clinic.provider()))
    clinic.ask.scheduling.cancel(patient, booked.id)
    clinic.drain(times=2)
    assert charge_of(clinic, booked).status is ChargeStatus.WAIVED
    assert not clinic.payments.outcome_of


def test_a_guardian_pays_for_the_child() -> None:
    """The charge is of the child's visit and of the guardian's card (F10)."""
    clinic = Clinic(charging=AT_BOOKING)
    guardian = clinic.patient()
    child = clinic.dependant(guardian)
    session = clinic.session(clinic.provider())
    requested = clinic.request(guardian, clinic.hold(guardian, session, on_behalf_of=child.id))
    clinic.drain()
    assert clinic.now(requested).status is AppointmentStatus.BOOKED
    assert charge_of(clinic, requested).payer_id == guardian.patient_id


def test_a_liaison_cannot_approve_what_is_not_paid_yet() -> None:
    """Where payment is the last step of booking, nobody is booked whose payment failed (F44)."""
    clinic = Clinic(charging=AT_BOOKING, approval=Approval.LIAISON)
    patient = clinic.patient(card="tok_fails_later")
    requested = clinic.requested(patient, clinic.session(clinic.provider()))
    with pytest.raises(ChecksFailed, match="paid-first"):
        clinic.ask.approval.approve(clinic.liaison, requested.id)
    clinic.drain()
    assert clinic.now(requested).cancelled_because is CancellationReason.UNPAID


def test_settings_changed_meanwhile_do_not_charge_twice() -> None:
    """A request under one way of charging is not charged again under the other."""
    clinic = Clinic(charging=AT_BOOKING)
    patient, provider = clinic.patient(), clinic.provider()
    session = clinic.session(provider)
    booked = clinic.booked(patient, session)
    later = attrs.evolve(clinic.practice.settings, charging=Charging.ON_COMPLETION)
    clinic.ask.practice.change_settings(clinic.admin, later, replacing=1)
    second = clinic.booked(patient, session, MORNING + HALF)
    assert (booked.settings_version, second.settings_version) == (1, 2)
    clinic.visited(booked, patient, provider)
    clinic.drain()
    assert paid(clinic) == 6_000
