"""Everything that happened in a patient's treatment, in one place and in order (F41)."""

from datetime import date, timedelta

import pytest

from telehealth_core.access.policy import NotPermitted
from telehealth_core.shared.ids import MedicationId, QuestionnaireId
from telehealth_core.shared.refusal import Unknown
from unit.clinic import Clinic
from unit.treatment.test_treatment import START, started

END = START + timedelta(days=60)


def test_the_activity_holds_everything_the_newest_first(clinic: Clinic) -> None:
    """Programs entered and changed, medicines listed and changed, answers given and alarms seen,
    each with its reason; what happened at one instant stays in the order it happened (F41).
    """
    patient, provider, ask = clinic.patient(), clinic.provider(), clinic.ask
    program = started(clinic, patient, provider, END)
    clinic.clock.forward(hours=1)
    medicine = ask.medications.put(
        provider, MedicationId(clinic.new_id()), patient.as_patient(),
        medicine="Zinc", dose="1", directions="one", since=START,
    )  # fmt: skip
    clinic.clock.forward(hours=1)
    given = ask.questionnaires.answer(
        patient, QuestionnaireId(clinic.new_id()), patient.as_patient(),
        instrument="phq-9", answers=(0,) * 8 + (2,),
    ).questionnaire  # fmt: skip
    clinic.clock.forward(hours=1)
    ask.questionnaires.see_alarm(clinic.liaison, given.id)
    clinic.clock.forward(hours=1)
    ask.treatment.pause(provider, program.id, on=START, reason="a crisis")
    ask.treatment.resume(
        provider, program.id, on=START, anticipated_discharge_on=END, reason="a mistake"
    )
    clinic.clock.forward(hours=1)
    ask.medications.stop(provider, medicine.id, on=START, reason="no use")
    ask.treatment.discharge(provider, program.id, on=START, reason="well")
    expected = [
        ("TreatmentProgram", "enter", "", None),
        ("Medication", "put", "", None),
        ("phq-9", "answer", "score 2", None),
        ("phq-9", "see", "", clinic.liaison.id),
        ("TreatmentProgram", "pause", "a crisis", provider.id),
        ("TreatmentProgram", "resume", "a mistake", provider.id),
        ("Medication", "stop", "no use", provider.id),
        ("TreatmentProgram", "discharge", "well", provider.id),
    ]
    for reader in (patient, provider):
        found = ask.treatment.activity(reader, patient.as_patient())[::-1]
        told = [(one.kind, one.verb, one.reason, one.by) for one in found]
        assert told[:6] == expected[:6]
        assert sorted(map(str, told[6:])) == sorted(map(str, expected[6:]))
        assert [one.at for one in found] == sorted(one.at for one in found)
        assert "a crisis" not in repr(found)


def test_the_activity_is_for_who_treats_and_the_patients_side(clinic: Clinic) -> None:
    """The office and other clinicians are told no reasons (F41, ACC-03)."""
    patient, provider = clinic.patient(), clinic.provider()
    started(clinic, patient, provider)
    guardian = clinic.patient("Gil Guardian")
    child = clinic.dependant(guardian).id
    assert clinic.ask.treatment.activity(guardian, child) == ()
    for staff in (clinic.liaison, clinic.admin):
        with pytest.raises(NotPermitted):
            clinic.ask.treatment.activity(staff, patient.as_patient())
    for stranger in (clinic.patient("Lee Example"), clinic.provider("Robin Doctor")):
        with pytest.raises(Unknown):
            clinic.ask.treatment.activity(stranger, patient.as_patient())


def test_a_planned_program_waits_for_its_day_and_is_started_or_given_up(clinic: Clinic) -> None:
    """One that begins later is planned; whoever leads it starts it, or cancels it (F39, F41)."""
    patient, provider, ask = clinic.patient(), clinic.provider(), clinic.ask.treatment
    later = date(2026, 12, 24)
    clinic.clock.now = clinic.clock().replace(month=10)
    first, second = (started(clinic, patient, provider) for _ in range(2))
    assert (first.status, first.progress_bp(later)) == ("planned", None)
    running = ask.begin(provider, first.id, on=START + timedelta(days=1), reason="a bed is free")
    assert (running.status, running.starts_on) == ("active", START + timedelta(days=1))
    given_up = ask.cancel(provider, second.id, reason="moved away")
    assert (given_up.status, given_up.progress_bp(later)) == ("cancelled", None)
