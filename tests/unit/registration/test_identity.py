"""The identity check: pictures, a thread, and another person's decision (F03-F07)."""

import attrs
import pytest

from telehealth_core.access.actor import Actor, Role
from telehealth_core.access.policy import NotPermitted
from telehealth_core.registration.document import DocumentKind, UnreadableImage
from telehealth_core.registration.identity_check import (
    EvidenceMissing,
    IdentityCheck,
    IdentityStatus,
    ReviewerIsApplicant,
)
from telehealth_core.registration.patient import Patient, PatientStatus, ProfileIncomplete
from telehealth_core.shared.ids import DocumentId
from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.refusal import Invalid, Unknown
from unit.clinic import PHOTO, Clinic, profile


def check_of(clinic: Clinic, patient: Actor) -> IdentityCheck:
    """The patient's check as the liaison sees it."""
    return clinic.ask.registration.view_identity(clinic.liaison, patient.as_patient())[1]


def supply(
    clinic: Clinic, patient: Actor, kind: DocumentKind, content: bytes = PHOTO
) -> DocumentId:
    """Add one picture."""
    id = DocumentId(clinic.new_id())
    clinic.ask.registration.supply_identity(patient, patient.as_patient(), kind, id, content)
    return id


def test_pictures_of_document_and_face_are_needed(clinic: Clinic) -> None:
    """Without something to compare there is nothing to decide, and the refusal says what is
    missing (F04).
    """
    patient = clinic.registering()
    id = patient.as_patient()
    for missing, kind in (
        ("identity, selfie", DocumentKind.SELFIE),
        ("identity", DocumentKind.IDENTITY),
    ):
        with pytest.raises(EvidenceMissing) as refused:
            clinic.ask.registration.submit_identity(patient, id)
        assert refused.value.kinds == missing
        supply(clinic, patient, kind)
    clinic.ask.registration.submit_identity(patient, id)
    assert check_of(clinic, patient).status is IdentityStatus.SUBMITTED


def test_only_pictures_of_these_kinds_are_taken(clinic: Clinic) -> None:
    """Other bytes and other kinds are refused before anything is kept."""
    patient = clinic.registering()
    before = clinic.rows()
    with pytest.raises(UnreadableImage):
        supply(clinic, patient, DocumentKind.SELFIE, b"%PDF")
    with pytest.raises(Invalid):
        supply(clinic, patient, DocumentKind.LETTER)
    assert clinic.rows() == before


def test_the_newest_picture_of_a_kind_counts(clinic: Clinic) -> None:
    """A better photo replaces the one before, which stays in the history of the record."""
    patient = clinic.registering()
    first, second = (supply(clinic, patient, DocumentKind.SELFIE) for _ in range(2))
    assert [one.document_id for one in check_of(clinic, patient).evidence] == [second]
    view = clinic.ask.registration.identity_image
    assert view(clinic.liaison, patient.as_patient(), second)[1] == PHOTO
    with pytest.raises(Unknown):
        view(clinic.liaison, patient.as_patient(), first)
    assert first in clinic.store.rows["documents"]


def test_an_unfinished_profile_cannot_be_submitted(clinic: Clinic) -> None:
    """Address and phone belong to a registration (F08)."""
    patient = clinic.registering(address=None)
    for kind in (DocumentKind.IDENTITY, DocumentKind.SELFIE):
        supply(clinic, patient, kind)
    with pytest.raises(ProfileIncomplete):
        clinic.ask.registration.submit_identity(patient, patient.as_patient())


def test_reviewer_and_patient_talk_in_one_thread_until_it_is_decided(clinic: Clinic) -> None:
    """Asked for more, the patient answers and resubmits; both see every word (F06)."""
    patient, ask = clinic.registering(), clinic.ask.registration
    id = patient.as_patient()
    clinic.submit(patient)
    assert check_of(clinic, patient) in ask.review_queue(clinic.liaison)
    with pytest.raises(IllegalTransition):
        supply(clinic, patient, DocumentKind.SELFIE)
    ask.ask_for_more(clinic.liaison, id, "The photo is blurred.")
    assert ask.review_queue(clinic.liaison) == ()
    with pytest.raises(IllegalTransition):
        ask.approve_identity(clinic.liaison, id, "same face")
    supply(clinic, patient, DocumentKind.IDENTITY)
    ask.submit_identity(patient, id, "Here is a sharper one.")
    ask.approve_identity(clinic.liaison, id, "same face")
    told = ask.view_identity(patient, id)[1].comments
    assert [(one.by, one.text) for one in told] == [
        (clinic.liaison.id, "The photo is blurred."),
        (patient.id, "Here is a sharper one."),
    ]
    clinic.drain(times=2)
    sent = [one[1] for one in clinic.sent()]
    assert sent == ["identity-info-requested", "identity-approved"]


def test_an_approval_lasts_as_long_as_the_practice_says(clinic: Clinic) -> None:
    """The patient is verified for the practice's days, from the decision on (F07)."""
    patient = clinic.patient()
    person, check = clinic.person(patient), check_of(clinic, patient)
    assert person.status is PatientStatus.VERIFIED
    assert person.verified_until == check.expires_at
    assert check.expires_at is not None
    assert (check.expires_at - clinic.clock()).days == clinic.practice.settings.identity_valid_days
    assert person.is_verified(clinic.clock())
    assert not person.is_verified(check.expires_at)


def test_a_rejected_patient_is_not_verified(clinic: Clinic) -> None:
    """A rejection ends the check with its reason; nothing can be supplied any more."""
    patient = clinic.registering()
    clinic.submit(patient)
    clinic.ask.registration.reject_identity(clinic.liaison, patient.as_patient(), "another face")
    check = check_of(clinic, patient)
    assert (check.status, check.reason) == (IdentityStatus.REJECTED, "another face")
    assert not clinic.person(patient).is_verified(clinic.clock())
    with pytest.raises(IllegalTransition):
        supply(clinic, patient, DocumentKind.SELFIE)


def test_nobody_decides_on_their_own_identity(clinic: Clinic) -> None:
    """A liaison who is also a patient needs somebody else to review (IDV-02)."""
    patient = clinic.registering()
    clinic.submit(patient)
    both = attrs.evolve(patient, roles=frozenset({Role.PATIENT, Role.LIAISON}))
    for decide in (
        clinic.ask.registration.approve_identity,
        clinic.ask.registration.reject_identity,
    ):
        with pytest.raises(ReviewerIsApplicant):
            decide(both, patient.as_patient(), "it is me")
    assert check_of(clinic, patient).status is IdentityStatus.SUBMITTED


def test_a_decision_needs_its_reason(clinic: Clinic) -> None:
    """An empty reason decides nothing."""
    patient = clinic.registering()
    clinic.submit(patient)
    with pytest.raises(Invalid):
        clinic.ask.registration.approve_identity(clinic.liaison, patient.as_patient(), " ")
    assert check_of(clinic, patient).status is IdentityStatus.SUBMITTED


def test_patients_do_not_review(clinic: Clinic) -> None:
    """Seeing one's own check is not deciding on it."""
    patient = clinic.registering()
    clinic.submit(patient)
    with pytest.raises(NotPermitted):
        clinic.ask.registration.approve_identity(patient, patient.as_patient(), "it is me")


def changed(clinic: Clinic, patient: Actor, name: str, **other: str) -> Patient:
    """Write the profile anew."""
    return clinic.ask.registration.complete_profile(
        patient, patient.as_patient(), profile(name, **other)
    )


def test_a_new_name_reopens_verification_and_a_new_phone_does_not(clinic: Clinic) -> None:
    """Name and birth date are what was checked: changing them asks again (IDV-10)."""
    patient = clinic.patient()
    assert changed(clinic, patient, "Pat Example", phone="12345").status is PatientStatus.VERIFIED
    assert changed(clinic, patient, "Pat Other").status is PatientStatus.REGISTERING
    assert check_of(clinic, patient).status is IdentityStatus.NEEDS_INFO
    clinic.submit(patient)
    clinic.ask.registration.approve_identity(clinic.liaison, patient.as_patient(), "new passport")
    assert clinic.person(patient).is_verified(clinic.clock())


def test_whoever_was_verified_long_ago_can_be_verified_again(clinic: Clinic) -> None:
    """When a check has run out, and not before, the patient supplies new pictures (F07)."""
    patient = clinic.patient()
    days = clinic.practice.settings.identity_valid_days
    clinic.clock.forward(days=days, seconds=-1)
    with pytest.raises(IllegalTransition):
        clinic.submit(patient)
    clinic.clock.forward(seconds=1)
    clinic.submit(patient)
    clinic.ask.registration.approve_identity(clinic.liaison, patient.as_patient(), "still the same")
    assert clinic.person(patient).is_verified(clinic.clock.forward(days=days, seconds=-1))
