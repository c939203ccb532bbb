"""Approval: named checks, alone or before a liaison's eyes (F25)."""

from datetime import timedelta
from typing import Any

import attrs
import pytest

from telehealth_core.access.policy import NotPermitted
from telehealth_core.billing.charge import ChargeStatus
from telehealth_core.practice.settings import Approval, Charging, Settings
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.approval import CHECKS, ChecksFailed
from telehealth_core.scheduling.claim import TooLate
from telehealth_core.scheduling.life import (
    AppointmentStatus,
    CancellationReason,
    DeclineCode,
    Declined,
)
from telehealth_core.scheduling.limits import LimitsReached
from telehealth_core.scheduling.override import Override
from telehealth_core.shared.ids import AppointmentId, CardId
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
    clinic.decline(requested)
    clinic.drain(times=2)
    assert clinic.now(requested).cancelled_because is CancellationReason.DECLINED
    charge = clinic.charge(requested)
    assert charge is not None
    assert charge.settled_without_payment
    clinic.hold(clinic.patient("Lee Example"), session)


def under(clinic: Clinic, **other: Any) -> None:
    """Let the settings that everything was booked under be others."""
    practice = clinic.store.rows["practices"][clinic.id]
    settings = attrs.evolve(practice.settings, **other)
    clinic.store.rows["practices"][clinic.id] = attrs.evolve(practice, settings=settings)


def crowd(clinic: Clinic, appointment: Appointment, limit: str) -> None:
    """Let the patient have one visit beside this one, which is one too many for the limit."""
    away = timedelta(days=2) if limit == "visits-ahead" else timedelta(hours=5)
    visit = appointment.during.widened(before=-away, after=away)
    other = attrs.evolve(
        appointment,
        id=AppointmentId(clinic.new_id()),
        status=BOOKED,
        during=visit,
        occupies=visit,
    )
    clinic.store.rows["appointments"][other.id] = other
    under(clinic, **{f"{limit.replace('-', '_')}_most": 1})


def failing(clinic: Clinic, check: str) -> None:
    """Let exactly this check of the one pending request fail."""
    rows = clinic.store.rows
    (appointment,) = (one for one in rows["appointments"].values() if one.status is PENDING)
    if check.startswith("visits-"):
        crowd(clinic, appointment, check)
    elif check == "on-shift":
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
    elif check == "paid-first":
        under(clinic, charging=Charging.AT_BOOKING)
    elif check == "not-over":
        clinic.clock.now = appointment.during.end
    else:
        assert check == "card-valid"
        expired(clinic)


def expired(clinic: Clinic) -> None:
    """Let every card be past its month."""
    for id, card in clinic.store.rows["cards"].items():
        details = attrs.evolve(card.details, expires_year=2026, expires_month=10)
        clinic.store.rows["cards"][CardId(id)] = attrs.evolve(card, details=details)


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


def test_a_declined_patient_is_told_and_reads_why() -> None:
    """The notice says that there is something; the reason shows after signing in (F25, MSG-01)."""
    clinic = Clinic(approval=Approval.LIAISON)
    patient = clinic.patient()
    requested = clinic.requested(patient, clinic.session(clinic.provider()))
    why = Declined(DeclineCode.NO_CAPACITY, "We are full until spring.")
    clinic.ask.approval.decline(clinic.liaison, requested.id, why)
    clinic.drain()
    assert clinic.sent()[-1][1] == "appointment-declined"
    seen = clinic.ask.scheduling.view(patient, requested.id)
    assert seen.declined == why
    assert seen.history[-1].reason == why.text
    assert "spring" not in repr(seen)


def test_a_request_that_nobody_decides_on_expires_when_its_visit_was_to_begin() -> None:
    """The machinery gives it up, the patient is told, nothing is charged; others stay (F25)."""
    clinic = Clinic(approval=Approval.LIAISON)
    session = clinic.session(clinic.provider())
    late = clinic.requested(clinic.patient(), session)
    early = clinic.requested(clinic.patient("Lee Example"), session, MORNING + timedelta(hours=1))
    expire = clinic.ask.approval.expire_unanswered
    clinic.clock.now = MORNING - timedelta(minutes=1)
    assert expire(clinic.system) == ()
    clinic.clock.now = MORNING
    assert expire(clinic.system) == (late.id,)
    assert expire(clinic.system) == ()
    clinic.drain()
    assert clinic.now(late).cancelled_because is CancellationReason.UNANSWERED
    assert clinic.now(early).status is PENDING
    assert clinic.sent()[-1][1] == "appointment-declined"
    charge = clinic.charge(late)
    assert charge is not None
    assert charge.settled_without_payment
    with pytest.raises(NotPermitted):
        expire(clinic.liaison)


def test_a_liaison_sets_a_limit_aside_with_a_reason_that_stays() -> None:
    """Soft checks yield to staff, who say why; hard ones never (F25, F29)."""
    clinic = Clinic(approval=Approval.LIAISON)
    requested = clinic.requested(clinic.patient(), clinic.session(clinic.provider()))
    failing(clinic, "visits-a-day")
    aside = Override(rules=frozenset({"visits-a-day"}), reason="a course of treatment")
    with pytest.raises(ChecksFailed, match="visits-a-day"):
        clinic.ask.approval.approve(clinic.liaison, requested.id)
    failing(clinic, "verified")
    with pytest.raises(ChecksFailed, match=r"\(verified\)"):
        clinic.ask.approval.approve(clinic.liaison, requested.id, override=aside)
    patient = clinic.store.rows["patients"][requested.patient_id]
    clinic.store.rows["patients"][patient.id] = attrs.evolve(patient, verified_until=None)
    approved = clinic.ask.approval.approve(clinic.liaison, requested.id, override=aside)
    assert (approved.status, approved.override) == (BOOKED, aside)
    assert approved.history[-1].reason == aside.reason


def test_a_request_is_decided_under_the_settings_it_was_held_under() -> None:
    """Rules that changed meanwhile are for later bookings: approval, charging, limits (F30)."""
    clinic = Clinic(approval=Approval.LIAISON, charging=Charging.ON_COMPLETION)
    patient, session = clinic.patient(), clinic.session(clinic.provider())
    held = clinic.hold(patient, session)
    clinic.ask.practice.change_settings(
        clinic.admin,
        Settings(charging=Charging.AT_BOOKING, approval=Approval.AUTOMATIC, visits_ahead_most=1),
        replacing=1,
    )
    clinic.request(patient, held)
    clinic.drain()
    charge = clinic.charge(held)
    assert charge is not None
    assert charge.status is ChargeStatus.PLANNED
    assert clinic.now(held).status is PENDING
    assert all(one.passed for one in clinic.ask.approval.checks(clinic.liaison, held.id))
    clinic.ask.approval.approve(clinic.liaison, held.id)
    with pytest.raises(LimitsReached):
        clinic.hold(patient, session, MORNING + timedelta(hours=1))
