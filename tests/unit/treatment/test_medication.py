"""The medication list: what a patient takes now, and took, with every change (F40)."""

from datetime import date, timedelta
from typing import Any

import pytest

from telehealth_core.access.actor import Actor
from telehealth_core.access.policy import NotPermitted
from telehealth_core.shared.ids import MedicationId, PatientId, ProgramId
from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.refusal import IdReused, Invalid, Refusal, Unknown
from telehealth_core.treatment.medication import Medication, MedicationSource, MedicationStatus
from unit.clinic import Clinic, provider_of
from unit.treatment.test_treatment import started

SINCE = date(2026, 11, 1)


def put(clinic: Clinic, by: Actor, patient: Actor, **other: Any) -> Medication:
    """A medicine on the patient's list."""
    usual: dict[str, Any] = {
        "medicine": "Sertraline",
        "dose": "50 mg",
        "directions": "one in the morning",
        "since": SINCE,
    }
    id = MedicationId(other.pop("id", None) or clinic.new_id())
    return clinic.ask.medications.put(by, id, patient.as_patient(), **{**usual, **other})


@pytest.fixture
def patient(clinic: Clinic) -> Actor:
    """Whose list it is."""
    return clinic.patient()


@pytest.fixture
def provider(clinic: Clinic, patient: Actor) -> Actor:
    """Who treats the patient."""
    provider = clinic.provider()
    started(clinic, patient, provider)
    return provider


def test_the_dashboard_shows_what_is_taken_now_before_what_was(
    clinic: Clinic, patient: Actor, provider: Actor
) -> None:
    """The current list comes first, the newest of it first; nothing is ever taken off it (F40)."""
    ask, listed = clinic.ask.medications, []
    for medicine in ("Sertraline", "Ibuprofen", "Melatonin", "Zinc"):
        clinic.clock.forward(minutes=1)
        listed.append(put(clinic, provider, patient, medicine=medicine))
    ask.stop(provider, listed[3].id, on=SINCE, reason="done")
    ask.retract(provider, listed[1].id, reason="somebody else's")
    ask.pause(provider, listed[0].id, reason="operation")
    for reader in (patient, provider):
        found = ask.of_patient(reader, patient.as_patient())
        assert [(one.medicine, one.current) for one in found] == [
            ("Melatonin", True),
            ("Sertraline", True),
            ("Zinc", False),
            ("Ibuprofen", False),
        ]
    assert clinic.store.audit[-1].actor == provider.id


def test_every_change_is_kept_with_who_when_why_and_from_what_to_what(
    clinic: Clinic, patient: Actor, provider: Actor
) -> None:
    """Change, pause, resume, stop: the history tells the whole course (F40, F41)."""
    ask, one = clinic.ask.medications, put(clinic, provider, patient)
    ask.change(provider, one.id, dose="100 mg", directions="at night", reason="too little")
    ask.pause(provider, one.id, reason="operation")
    ask.resume(provider, one.id, reason="recovered")
    until = SINCE + timedelta(days=30)
    last = ask.stop(provider, one.id, on=until, reason="well")
    assert [(entry.verb, entry.reason, entry.by) for entry in last.revisions] == [
        ("change", "too little", provider.id),
        ("pause", "operation", provider.id),
        ("resume", "recovered", provider.id),
        ("stop", "well", provider.id),
    ]
    assert last.revisions[0].before == "50 mg, one in the morning"
    assert {entry.after for entry in last.revisions} == {"100 mg, at night"}
    assert (last.status, last.stopped_on, last.version) == (MedicationStatus.STOPPED, until, 5)
    with pytest.raises(IllegalTransition):
        ask.resume(provider, one.id, reason="again")
    wrong = ask.retract(provider, one.id, reason="never taken")
    assert wrong.status is MedicationStatus.ENTERED_IN_ERROR


def test_it_is_stopped_not_before_it_began_and_for_a_reason(
    clinic: Clinic, patient: Actor, provider: Actor
) -> None:
    """A refused change leaves the list as it was (F40)."""
    ask, one = clinic.ask.medications, put(clinic, provider, patient)
    before = clinic.rows()
    for on, reason in ((SINCE - timedelta(days=1), "too early"), (SINCE, " ")):
        with pytest.raises(Invalid):
            ask.stop(provider, one.id, on=on, reason=reason)
    with pytest.raises(Invalid):
        ask.change(provider, one.id, dose="", directions="one", reason="less")
    with pytest.raises(IllegalTransition):
        ask.resume(provider, one.id, reason="was never paused")
    assert clinic.rows() == before
    assert ask.stop(provider, one.id, on=SINCE, reason="at once").stopped_on == SINCE


def test_what_the_patients_side_reports_says_so(
    clinic: Clinic, patient: Actor, provider: Actor
) -> None:
    """Its source is the patient, whatever was asked, even where the patient is a provider too; who
    treats says whose word it is (F40).
    """
    elsewhere = MedicationSource.ELSEWHERE
    assert put(clinic, provider, patient, source=elsewhere).source is elsewhere
    assert put(clinic, provider, patient).source is MedicationSource.PROVIDER
    assert put(clinic, patient, patient, source=elsewhere).source is MedicationSource.PATIENT
    both = clinic.patient("Kit Clinician")
    both = Actor(
        both.id, both.practice_id, both.roles | provider.roles, both.patient_id,
        provider_of(clinic.provider("Robin Doctor")),
    )  # fmt: skip
    assert put(clinic, both, both, source=elsewhere).source is MedicationSource.PATIENT
    guardian = clinic.patient("Gil Guardian")
    child = clinic.dependant(guardian).id
    reported = clinic.ask.medications.put(
        guardian, MedicationId(clinic.new_id()), child,
        medicine="Zinc", dose="1", directions="one", since=SINCE,
    )  # fmt: skip
    assert reported.source is MedicationSource.PATIENT
    assert clinic.ask.medications.of_patient(guardian, child) == (reported,)


def test_who_reports_does_not_manage_and_strangers_learn_nothing(
    clinic: Clinic, patient: Actor, provider: Actor
) -> None:
    """The patient reports, who treats manages; the office sees no medication (F40, ACC-03)."""
    ask, one = clinic.ask.medications, put(clinic, provider, patient)
    before = clinic.rows()
    with pytest.raises(NotPermitted):
        ask.change(patient, one.id, dose="0", directions="none", reason="feeling well")
    for stranger in (clinic.patient("Lee Example"), clinic.provider("Robin Doctor")):
        for call in (
            lambda who: ask.of_patient(who, patient.as_patient()),
            lambda who: ask.stop(who, one.id, on=SINCE, reason="mine"),
            lambda who: put(clinic, who, patient),
        ):
            with pytest.raises(Unknown):
                call(stranger)
    for staff in (clinic.liaison, clinic.admin):
        with pytest.raises(NotPermitted):
            ask.of_patient(staff, patient.as_patient())
    assert clinic.rows().items() >= before.items()
    assert len(clinic.store.rows["medications"]) == 1


def test_a_medicine_belongs_to_a_program_of_the_same_patient(
    clinic: Clinic, patient: Actor, provider: Actor
) -> None:
    """Somebody else's program is none, as is an invented one; nothing is listed then (F40)."""
    theirs = started(clinic, clinic.patient("Lee Example"), provider)
    for id in (theirs.id, ProgramId(clinic.new_id())):
        with pytest.raises(Unknown):
            put(clinic, provider, patient, program_id=id)
    assert "medications" not in clinic.store.rows
    own = started(clinic, patient, provider)
    assert put(clinic, provider, patient, program_id=own.id).program_id == own.id


def test_a_repeat_finds_the_first_and_another_dose_is_told(
    clinic: Clinic, patient: Actor, provider: Actor
) -> None:
    """Sent twice it is listed once; a dose that would be lost is refused."""
    one = put(clinic, provider, patient)
    assert put(clinic, provider, patient, id=one.id) == one
    stopped = clinic.ask.medications.stop(provider, one.id, on=SINCE, reason="well")
    assert put(clinic, provider, patient, id=one.id) == stopped
    with pytest.raises(IdReused):
        put(clinic, provider, patient, id=one.id, dose="500 mg")


def test_another_practice_has_no_such_list(clinic: Clinic, patient: Actor, provider: Actor) -> None:
    """Neither its own clinicians nor its office find anything."""
    one, there = put(clinic, provider, patient), Clinic(beside=clinic)
    for call in (
        lambda: there.ask.medications.of_patient(there.provider(), PatientId(patient.as_patient())),
        lambda: there.ask.medications.pause(there.provider(), one.id, reason="no"),
    ):
        with pytest.raises(Refusal):
            call()
