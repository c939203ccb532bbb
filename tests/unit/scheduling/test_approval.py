"""Approval: named checks, alone or before a liaison's eyes (F25)."""

from datetime import timedelta

import attrs
import pytest

from telehealth_core.practice.settings import Approval, Charging
from telehealth_core.scheduling.appointment import TooLate
from telehealth_core.scheduling.approval import CHECKS, ChecksFailed
from telehealth_core.scheduling.life import AppointmentStatus, CancellationReason
from telehealth_core.shared.ids import CardId
from telehealth_core.shared.lifecycle import IllegalTransition
from unit.clinic import MORNING, Clinic, profile

BOOKED, PENDING = AppointmentStatus.BOOKED, AppointmentStatus.PENDING


def test_passing_checks_approve_by_themselves_where_the_practice_says_so(clinic: Clinic) -> None:
    """With automatic approval a sound request is booked as soon as what follows has run."""
    requested = clinic.requested(clinic.patient(), clinic.session(clinic.provider()))
    assert requested.status is PENDING
    clinic.drain(times=2)
    assert clinic.now(requested).status is BOOKED
    assert [sent[1] for sent in clinic.sent()].count("appointment-booked") == 1


def test_a_liaison_decides_where_the_practice_says_so() -> None:
    """Nothing is approved by itself; the liaison sees every check passed and approves."""
    clinic = Clinic(approval=Approval.LIAISON)
    requested = clinic.requested(clinic.patient(), clinic.session(clinic.provider()))
    clinic.drain()
    assert clinic.now(requested).status is PENDING
    results = clinic.ask.approval.checks(clinic.liaison, requested.id)
    assert [result.name for result in results] == [name for name, _, _ in CHECKS]
    assert all(result.passed and result.asks.endswith(".") for result in results)
    assert clinic.ask.approval.approve(clinic.liaison, requested.id).status is BOOKED
    with pytest.raises(IllegalTransition):
        clinic.ask.approval.approve(clinic.liaison, requested.id)


def test_declining_frees_the_time_and_charges_nothing() -> None:
    """A declined request is over, its charge waived, its time open again."""
    clinic = Clinic(approval=Approval.LIAISON)
    session = clinic.session(clinic.provider())
    requested = clinic.requested(clinic.patient(), session)
    clinic.ask.approval.decline(clinic.liaison, requested.id)
    clinic.drain(times=2)
    assert clinic.now(requested).cancelled_because is CancellationReason.DECLINED
    charge = clinic.charge(requested)
    assert charge is not None
    assert charge.settled_without_payment
    clinic.hold(clinic.patient("Lee Example"), session)


def failing(clinic: Clinic, check: str) -> None:
    """Let exactly this check of the one pending request fail."""
    rows = clinic.store.rows
    (appointment,) = (one for one in rows["appointments"].values() if one.status is PENDING)
    if check == "on-shift":
        session = rows["sessions"][appointment.session_id]
        moved = session.during.widened(before=timedelta(hours=-1), after=timedelta())
        rows["sessions"][session.id] = attrs.evolve(session, during=moved)
    elif check == "no-clash":
        other = attrs.evolve(appointment, id=clinic.new_id(), status=BOOKED)
        rows["appointments"][other.id] = other
    elif check == "verified":
        patient = rows["patients"][appointment.patient_id]
        rows["patients"][patient.id] = attrs.evolve(patient, verified_until=clinic.clock())
    elif check == "licensed":
        provider = rows["providers"][appointment.provider_id]
        rows["providers"][provider.id] = attrs.evolve(provider, licences=())
    elif check == "card-valid":
        for id, card in rows["cards"].items():
            details = attrs.evolve(card.details, expires_year=2026, expires_month=10)
            rows["cards"][CardId(id)] = attrs.evolve(card, details=details)
    elif check == "paid-first":
        practice = rows["practices"][clinic.id]
        settings = attrs.evolve(practice.settings, charging=Charging.AT_BOOKING)
        rows["practices"][clinic.id] = attrs.evolve(practice, settings=settings)
    else:
        assert check == "not-over"
        clinic.clock.now = appointment.during.end


@pytest.mark.parametrize("check", [name for name, _, _ in CHECKS])
def test_each_check_alone_keeps_a_request_from_being_approved(check: str) -> None:
    """A failing check is shown as failed, named in the refusal, and leaves the request pending."""
    clinic = Clinic()
    requested = clinic.requested(clinic.patient(), clinic.session(clinic.provider()))
    failing(clinic, check)
    clinic.drain()
    assert clinic.now(requested).status is PENDING
    results = clinic.ask.approval.checks(clinic.liaison, requested.id)
    assert [result.name for result in results if not result.passed] == [check]
    with pytest.raises((ChecksFailed, TooLate)) as refused:
        clinic.ask.approval.approve(clinic.liaison, requested.id)
    if isinstance(refused.value, ChecksFailed):
        assert refused.value.checks == check
    else:
        assert check == "not-over"


def test_a_refusal_names_every_check_that_failed() -> None:
    """Two failures are told at once."""
    clinic = Clinic()
    requested = clinic.requested(clinic.patient(), clinic.session(clinic.provider()))
    for check in ("verified", "licensed"):
        failing(clinic, check)
    with pytest.raises(ChecksFailed, match="verified, licensed"):
        clinic.ask.approval.approve(clinic.liaison, requested.id)


def test_a_name_changed_after_the_request_waits_for_a_person(clinic: Clinic) -> None:
    """Whoever is no longer verified is not approved by the checks (IDV-10)."""
    patient = clinic.patient()
    requested = clinic.requested(patient, clinic.session(clinic.provider()))
    clinic.ask.registration.complete_profile(patient, patient.as_patient(), profile("Pat Other"))
    clinic.drain()
    assert clinic.now(requested).status is PENDING


def test_a_visit_under_way_can_still_be_approved_one_that_is_over_cannot() -> None:
    """A liaison may approve late, up to the visit's end."""
    clinic = Clinic(approval=Approval.LIAISON)
    patient, session = clinic.patient(), clinic.session(clinic.provider())
    first = clinic.requested(patient, session)
    second = clinic.requested(patient, session, MORNING + timedelta(minutes=30))
    clinic.clock.now = first.during.start
    assert clinic.ask.approval.approve(clinic.liaison, first.id).status is BOOKED
    clinic.clock.now = second.during.end
    with pytest.raises(TooLate):
        clinic.ask.approval.approve(clinic.liaison, second.id)
