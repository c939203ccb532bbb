"""Whoever changes, reads or is refused leaves an entry (N06)."""

import pytest

from telehealth_core.access.policy import Action
from telehealth_core.shared.ids import AppointmentId
from telehealth_core.shared.refusal import Refusal
from unit.clinic import Clinic


def test_a_change_leaves_an_entry_for_each_event(clinic: Clinic) -> None:
    """What happened, to whose record, by whom."""
    patient = clinic.patient()
    held = clinic.hold(patient, clinic.session(clinic.provider()))
    entry = clinic.store.audit[-1]
    assert (entry.action, entry.actor, entry.subject) == ("AppointmentHeld", patient.id, held.id)
    assert (entry.patient_id, entry.practice_id) == (patient.patient_id, clinic.id)


def test_reading_a_record_leaves_an_entry(clinic: Clinic) -> None:
    """Patients can be told who opened their record."""
    patient = clinic.patient()
    clinic.ask.registration.view(clinic.liaison, patient.as_patient())
    entry = clinic.store.audit[-1]
    assert (entry.action, entry.outcome) == (Action.VIEW_PATIENT.value, "read")
    assert (entry.actor, entry.patient_id) == (clinic.liaison.id, patient.patient_id)


def test_a_refused_look_leaves_an_entry_without_an_answer(clinic: Clinic) -> None:
    """Who searched for what is not theirs is known."""
    stranger = clinic.patient("Lee Example")
    with pytest.raises(Refusal):
        clinic.ask.scheduling.view(stranger, AppointmentId(clinic.new_id()))
    entry = clinic.store.audit[-1]
    assert (entry.outcome, entry.actor) == ("unknown", stranger.id)


def test_a_refusal_by_role_leaves_an_entry(clinic: Clinic) -> None:
    """Trying what a role does not allow is worth knowing, too."""
    patient = clinic.patient()
    with pytest.raises(Refusal):
        clinic.ask.registration.page(patient)
    assert clinic.store.audit[-1].outcome == "not-permitted"
