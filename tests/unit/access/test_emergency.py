"""In an emergency a provider reads whom they do not treat, and answers for it."""

from datetime import timedelta
from typing import Any

import pytest

from telehealth_core.access.actor import Actor, Purpose, Role, StepUpNeeded
from telehealth_core.access.emergency import (
    EmergencyAccess,
    EmergencyAccessOpened,
    EmergencyReason,
    EmergencyStatus,
    Verdict,
)
from telehealth_core.access.policy import NotPermitted
from telehealth_core.access.role_grant import NotYoursToDecide
from telehealth_core.shared.ids import EmergencyAccessId, PatientId
from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.refusal import IdReused, Invalid, Refusal, Unknown
from unit.access.cases import CASES
from unit.access.test_policy import EMERGENCY_READS
from unit.access.world import World
from unit.clinic import Clinic


def broken(
    clinic: Clinic, by: Actor, patient_id: PatientId, text: str = "found unconscious", **more: Any
) -> EmergencyAccess:
    """Break the glass as somebody who just proved who they are."""
    usual = {"reason": EmergencyReason.MEDICAL_EMERGENCY, "id": EmergencyAccessId(clinic.new_id())}
    given = {**usual, **more}
    return clinic.ask.emergency.open(
        clinic.fresh(by), given["id"], patient_id, reason=given["reason"], text=text
    )


def test_a_provider_who_broke_the_glass_reads_for_some_minutes_and_no_longer() -> None:
    """Everything that care in an emergency needs, until the instant it ends (N08, ACC-06)."""
    clinic = Clinic(break_glass_minutes=30)
    patient, helper = clinic.patient(), clinic.provider()
    with pytest.raises(Unknown):
        clinic.ask.registration.view(helper, patient.as_patient())
    access = broken(clinic, helper, patient.as_patient())
    assert access.until == clinic.clock() + timedelta(minutes=30)
    clinic.clock.forward(minutes=29, seconds=59)
    clinic.ask.registration.view(helper, patient.as_patient())
    entry = clinic.store.audit[-1]
    assert (entry.purpose, entry.actor) == (Purpose.EMERGENCY, helper.id)
    clinic.clock.forward(seconds=1)
    with pytest.raises(Unknown):
        clinic.ask.registration.view(helper, patient.as_patient())


READS = {
    "Registration.view", "Scheduling.view", "Scheduling.photo", "Scheduling.form",
    "Scheduling.history", "SeriesBooking.of", "Cancellation.terms",
    "PracticeDiary.calendar", "PracticeDiary.of_patient",
    "ConsultationRoom.view", "Prescribing.of_patient", "Correspondence.of_patient",
    "Correspondence.pdf", "Treatment.of_patient", "Treatment.activity", "MedicationList.of_patient",
}  # fmt: skip


@pytest.fixture(scope="module")
def world() -> World:
    """One world for all: its helper broke the glass."""
    return World()


@pytest.mark.parametrize("name", CASES)
def test_an_emergency_opens_reading_and_no_more(world: World, name: str) -> None:
    """Whatever a stranger who is a provider may not do, the helper may not either, but for the
    reads of the record (N08, ACC-06, ACC-07).
    """
    before = world.here.rows()
    case, new = CASES[name], world.here.new_id()
    open_to_all = "provider" in case.may
    if name in READS:
        case.call(world, world.helper, new)
    elif not open_to_all:
        with pytest.raises((Refusal, AssertionError)):
            case.call(world, world.helper, new)
    if not open_to_all:
        assert world.here.rows() == before


def test_the_notes_of_a_visit_are_open_in_an_emergency(world: World) -> None:
    """Ordinary notes are what an emergency is about; nothing else of the cube opened (ACC-06)."""
    assert len(EMERGENCY_READS) == 10
    visit = world.here.ask.consultation.view(world.helper, world.appointment.id)
    own = world.here.ask.consultation.view(world.provider, world.appointment.id)
    assert visit == own


def test_only_who_just_proved_who_they_are_breaks_the_glass(clinic: Clinic) -> None:
    """A session left open is not enough (AUT-11, ACC-06)."""
    patient, helper = clinic.patient(), clinic.provider()
    with pytest.raises(StepUpNeeded):
        clinic.ask.emergency.open(
            helper,
            EmergencyAccessId(clinic.new_id()),
            patient.as_patient(),
            reason=EmergencyReason.DANGER_TO_LIFE,
            text="found unconscious",
        )


@pytest.mark.parametrize("text", ["", "urgent", "         .", "x" * 2_001])
def test_the_reason_is_given_in_words(clinic: Clinic, text: str) -> None:
    """A code alone is no reason (ACC-06)."""
    with pytest.raises(Invalid, match="text"):
        broken(clinic, clinic.provider(), clinic.patient().as_patient(), text)


def test_only_providers_break_the_glass(clinic: Clinic) -> None:
    """Staff have other ways, and a stranger learns nothing of who is a patient here (N08)."""
    patient = clinic.patient()
    for actor in (clinic.liaison, clinic.admin, patient):
        with pytest.raises(NotPermitted):
            broken(clinic, actor, patient.as_patient())
    for actor in (clinic.patient("Lee Example"), clinic.partner(), clinic.visitor):
        with pytest.raises(Unknown):
            broken(clinic, actor, patient.as_patient())


def test_the_administrators_are_told_at_once(clinic: Clinic) -> None:
    """The alert is queued with the access itself, and says nothing about whom (ACC-06, MSG-01)."""
    patient, helper = clinic.patient(), clinic.provider()
    clinic.drain()
    access = broken(clinic, helper, patient.as_patient())
    (waiting,) = [event for _, event in clinic.store.outbox]
    assert isinstance(waiting, EmergencyAccessOpened)
    assert waiting.subject == access.id
    clinic.drain(times=2)
    address = clinic.store.rows["accounts"][clinic.admin.id].email
    assert clinic.sent()[-1] == (address, "emergency-access", {})
    assert [one for _, one, _ in clinic.sent()].count("emergency-access") == 1


def test_breaking_it_twice_is_breaking_it_once(clinic: Clinic) -> None:
    """A repeat finds the first and lasts no longer, also after the review."""
    patient, helper, id = clinic.patient(), clinic.provider(), EmergencyAccessId(clinic.new_id())
    first = broken(clinic, helper, patient.as_patient(), id=id)
    clinic.clock.forward(minutes=1)
    assert broken(clinic, helper, patient.as_patient(), id=id) == first
    reviewed = clinic.ask.emergency.review(clinic.admin, id, Verdict.JUSTIFIED, "indeed")
    assert broken(clinic, helper, patient.as_patient(), id=id) == reviewed
    with pytest.raises(IdReused):
        broken(clinic, helper, patient.as_patient(), "another reason", id=id)


def test_somebody_else_reviews_it_and_that_closes_it(clinic: Clinic) -> None:
    """An administrator, not oneself, and once; what still lasts is over then (ACC-06)."""
    patient = clinic.patient()
    helper = clinic.provider()
    both = clinic.account(Role.PROVIDER, Role.ADMIN, provider_id=helper.provider_id)
    access = broken(clinic, both, patient.as_patient())
    judge = clinic.ask.emergency.review
    with pytest.raises(NotYoursToDecide):
        judge(both, access.id, Verdict.JUSTIFIED, "of course")
    assert clinic.store.audit[-1].outcome == "not-yours-to-decide"
    with pytest.raises(NotPermitted):
        judge(clinic.liaison, access.id, Verdict.JUSTIFIED, "of course")
    with pytest.raises(Invalid):
        judge(clinic.admin, access.id, Verdict.JUSTIFIED, " ")
    closed = judge(clinic.admin, access.id, Verdict.NOT_JUSTIFIED, "was not on call")
    assert (closed.status, closed.verdict) == (EmergencyStatus.REVIEWED, Verdict.NOT_JUSTIFIED)
    assert not closed.live(clinic.clock())
    with pytest.raises(IllegalTransition):
        judge(clinic.admin, access.id, Verdict.JUSTIFIED, "on second thought")


def test_what_waits_for_review_is_listed_and_overdue_after_its_hours() -> None:
    """The most pressing first, each patient named in the audit; what nobody reviewed in time says
    so (ACC-06).
    """
    clinic = Clinic(break_glass_review_hours=24)
    one, two, helper = clinic.patient(), clinic.patient("Lee Example"), clinic.provider()
    first = broken(clinic, helper, one.as_patient())
    clinic.clock.forward(hours=12)
    second = broken(clinic, helper, two.as_patient())
    clinic.clock.forward(hours=12)
    noted = len(clinic.store.audit)
    assert clinic.ask.emergency.unreviewed(clinic.admin) == (first, second)
    named = [entry.patient_id for entry in clinic.store.audit[noted:]]
    assert named == [one.as_patient(), two.as_patient()]
    assert [access.overdue(clinic.clock()) for access in (first, second)] == [True, False]
    closed = clinic.ask.emergency.review(clinic.admin, first.id, Verdict.JUSTIFIED, "indeed")
    assert not closed.overdue(clinic.clock())
    assert clinic.ask.emergency.unreviewed(clinic.admin) == (second,)


def test_the_patient_sees_that_their_record_was_opened_in_an_emergency(clinic: Clinic) -> None:
    """By whom of which role, when, and what for (AUD-10, N08)."""
    patient, helper = clinic.patient(), clinic.provider()
    broken(clinic, helper, patient.as_patient())
    clinic.ask.prescribing.of_patient(helper, patient.as_patient())
    seen = clinic.ask.oversight.opened_by(patient, patient.as_patient())[0]
    assert (seen.role, seen.purpose, seen.at) == (
        Role.PROVIDER,
        Purpose.EMERGENCY,
        clinic.clock(),
    )


def test_a_finding_is_at_most_two_thousand_characters(clinic: Clinic) -> None:
    """A page, not a file (ACC-06)."""
    access = broken(clinic, clinic.provider(), clinic.patient().as_patient())
    with pytest.raises(Invalid, match="finding"):
        clinic.ask.emergency.review(clinic.admin, access.id, Verdict.JUSTIFIED, "x" * 2_001)
    clinic.ask.emergency.review(clinic.admin, access.id, Verdict.JUSTIFIED, "x" * 2_000)
