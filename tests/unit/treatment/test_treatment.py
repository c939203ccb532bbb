"""Treatment programs: terms, progress, discharge, each change with its reason (F38-F41)."""

from datetime import date, timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.access.actor import Actor
from telehealth_core.access.policy import NotPermitted
from telehealth_core.registration.patient import NotVerified
from telehealth_core.shared.ids import ProgramId
from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.refusal import Invalid, Unknown
from telehealth_core.treatment.program import ProgramKind, ProgramStatus, TreatmentProgram
from unit.clinic import LAWS, Clinic, provider_of

START = date(2026, 11, 1)


def started(
    clinic: Clinic,
    patient: Actor,
    provider: Actor,
    end: date | None = None,
    *,
    by: Actor | None = None,
) -> TreatmentProgram:
    """Enter the patient into an IOP from 1 November on."""
    return clinic.ask.treatment.start(
        by or clinic.liaison,
        ProgramId(clinic.new_id()),
        patient_id=patient.as_patient(),
        provider_id=provider_of(provider),
        kind=ProgramKind.IOP,
        starts_on=START,
        anticipated_discharge_on=end,
    )


@pytest.mark.parametrize(
    ("on", "end", "progress", "overdue"),
    [
        (-30, 40, 0, False),
        (0, 40, 0, False),
        (1, 40, 250, False),
        (1, 3, 3_333, False),
        (2, 3, 6_666, False),
        (20, 40, 5_000, False),
        (39, 40, 9_750, False),
        (40, 40, 10_000, False),
        (41, 40, 10_000, True),
        (99, None, None, False),
    ],
)
def test_progress_is_the_time_that_has_passed(
    clinic: Clinic, on: int, end: int | None, progress: int | None, overdue: bool
) -> None:
    """From start to anticipated discharge in basis points; open-ended has none (F38)."""
    until = None if end is None else START + timedelta(days=end)
    program = started(clinic, clinic.patient(), clinic.provider(), until)
    day = START + timedelta(days=on)
    assert (program.progress_bp(day), program.overdue(day)) == (progress, overdue)


def _program() -> TreatmentProgram:
    clinic = Clinic()
    return started(clinic, clinic.patient(), clinic.provider())


PROGRAM = _program()


@LAWS
@given(st.integers(1, 400), st.integers(-50, 500))
def test_progress_only_grows_and_stays_between_nothing_and_all(length: int, day: int) -> None:
    """A day later nobody has got less far."""
    program = attrs.evolve(PROGRAM, anticipated_discharge_on=START + timedelta(days=length))
    today, tomorrow = (program.progress_bp(START + timedelta(days=day + more)) for more in (0, 1))
    assert today is not None
    assert tomorrow is not None
    assert 0 <= today <= tomorrow <= 10_000


def test_the_treating_provider_changes_terms_with_a_reason_kept_in_order(clinic: Clinic) -> None:
    """Each revision says who, when, why; a discharge ends them (F41)."""
    patient, provider = clinic.patient(), clinic.provider()
    program = started(clinic, patient, provider, START + timedelta(days=40))
    end = START + timedelta(days=60)
    clinic.ask.treatment.revise(
        provider, program.id, kind=ProgramKind.PHP, anticipated_discharge_on=end, reason="worse"
    )
    clinic.ask.treatment.discharge(
        provider, program.id, on=START + timedelta(days=30), reason="better"
    )
    (after,) = clinic.ask.treatment.of_patient(patient, patient.as_patient())
    assert [(one.by, one.reason) for one in after.revisions] == [
        (provider.id, "worse"),
        (provider.id, "better"),
    ]
    assert (after.status, after.kind) == (ProgramStatus.FINISHED, ProgramKind.PHP)
    assert after.progress_bp(START) == 10_000
    assert not after.overdue(end + timedelta(days=1))
    with pytest.raises(IllegalTransition):
        clinic.ask.treatment.discharge(provider, program.id, on=end, reason="again")


def test_dates_and_reasons_make_sense(clinic: Clinic) -> None:
    """A program ends after it starts, is left not before it, and changes for a reason."""
    patient, provider = clinic.patient(), clinic.provider()
    with pytest.raises(Invalid):
        started(clinic, patient, provider, START)
    program = started(clinic, patient, provider)
    with pytest.raises(Invalid):
        clinic.ask.treatment.discharge(
            provider, program.id, on=START - timedelta(days=1), reason="better"
        )
    with pytest.raises(Invalid):
        clinic.ask.treatment.discharge(provider, program.id, on=START, reason="")


def test_a_program_is_for_verified_patients_under_a_known_provider(clinic: Clinic) -> None:
    """Neither strangers nor inventions are entered (F39)."""
    provider, there = clinic.provider(), Clinic(beside=clinic)
    with pytest.raises(NotVerified):
        started(clinic, clinic.registering(), provider)
    with pytest.raises(Unknown):
        started(clinic, clinic.patient(), there.provider())


def test_only_who_treats_starts_and_only_who_leads_changes(clinic: Clinic) -> None:
    """Leading a program is treating its patient; staff start one but do not change it."""
    patient, leads, other = clinic.patient(), clinic.provider(), clinic.provider("Robin Doctor")
    with pytest.raises(Unknown):
        started(clinic, patient, other, by=other)
    program = started(clinic, patient, leads)
    started(clinic, patient, leads, by=leads)
    for actor, refusal in ((clinic.liaison, NotPermitted), (other, Unknown), (patient, Unknown)):
        with pytest.raises(refusal):
            clinic.ask.treatment.discharge(actor, program.id, on=START, reason="mine to end")
