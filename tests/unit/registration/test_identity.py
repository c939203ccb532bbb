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
from telehealth_core.registration.identity_decision import (
    ChecklistUnfinished,
    Finding,
    IdentityVerdict,
)
from telehealth_core.registration.patient import Patient, PatientStatus, ProfileIncomplete
from telehealth_core.scheduling.life import AppointmentStatus
from telehealth_core.shared.ids import DocumentId, PatientId
from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.refusal import Invalid, Unknown
from unit.clinic import ALL_SO, PHOTO, Clinic, profile


def check_of(clinic: Clinic, patient: Actor) -> IdentityCheck:
    """The patient's check as the liaison sees it."""
    return clinic.ask.identity.view(clinic.liaison, patient.as_patient())[1]


def supply(
    clinic: Clinic, patient: Actor, kind: DocumentKind, content: bytes = PHOTO
) -> DocumentId:
    """Add one picture."""
    id = DocumentId(clinic.new_id())
    clinic.ask.identity.supply(patient, patient.as_patient(), kind, id, content)
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
            clinic.ask.identity.submit(patient, id)
        assert refused.value.kinds == missing
        supply(clinic, patient, kind)
    clinic.ask.identity.submit(patient, id)
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
    view = clinic.ask.identity.image
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
        clinic.ask.identity.submit(patient, patient.as_patient())


def test_reviewer_and_patient_talk_in_one_thread_until_it_is_decided(clinic: Clinic) -> None:
    """Asked for more, the patient answers and resubmits; both see every word (F06)."""
    patient, ask = clinic.registering(), clinic.ask.identity
    id = patient.as_patient()
    clinic.submit(patient)
    assert check_of(clinic, patient) in ask.queue(clinic.liaison)
    with pytest.raises(IllegalTransition):
        supply(clinic, patient, DocumentKind.SELFIE)
    ask.ask_for_more(clinic.liaison, id, "The photo is blurred.")
    assert ask.queue(clinic.liaison) == ()
    with pytest.raises(IllegalTransition):
        ask.approve(clinic.liaison, id, "same face", ALL_SO)
    supply(clinic, patient, DocumentKind.IDENTITY)
    ask.submit(patient, id, "Here is a sharper one.")
    ask.approve(clinic.liaison, id, "same face", ALL_SO)
    told = ask.view(patient, id)[1].comments
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
    clinic.ask.identity.reject(clinic.liaison, patient.as_patient(), "another face")
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
        clinic.ask.identity.approve,
        clinic.ask.identity.reject,
    ):
        with pytest.raises(ReviewerIsApplicant):
            decide(both, patient.as_patient(), "it is me", ALL_SO)
    assert check_of(clinic, patient).status is IdentityStatus.SUBMITTED


def test_a_decision_needs_its_reason(clinic: Clinic) -> None:
    """An empty reason decides nothing."""
    patient = clinic.registering()
    clinic.submit(patient)
    with pytest.raises(Invalid):
        clinic.ask.identity.approve(clinic.liaison, patient.as_patient(), " ", ALL_SO)
    assert check_of(clinic, patient).status is IdentityStatus.SUBMITTED


def test_patients_do_not_review(clinic: Clinic) -> None:
    """Seeing one's own check is not deciding on it."""
    patient = clinic.registering()
    clinic.submit(patient)
    with pytest.raises(NotPermitted):
        clinic.ask.identity.approve(patient, patient.as_patient(), "it is me", ALL_SO)


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
    clinic.ask.identity.approve(clinic.liaison, patient.as_patient(), "new passport", ALL_SO)
    assert clinic.person(patient).is_verified(clinic.clock())


def test_whoever_was_verified_long_ago_can_be_verified_again(clinic: Clinic) -> None:
    """When a check has run out the patient supplies new pictures, and stays who they are until then
    (F07).
    """
    patient = clinic.patient()
    days = clinic.practice.settings.identity_valid_days
    clinic.clock.forward(days=days, seconds=-1)
    assert clinic.ask.identity.expire(clinic.system) == 0
    assert check_of(clinic, patient).standing(clinic.clock()) is IdentityStatus.APPROVED
    clinic.clock.forward(seconds=1)
    assert check_of(clinic, patient).standing(clinic.clock()) is IdentityStatus.EXPIRED
    assert clinic.ask.identity.expire(clinic.system) == 1
    assert clinic.ask.identity.expire(clinic.system) == 0
    clinic.submit(patient)
    clinic.ask.identity.approve(clinic.liaison, patient.as_patient(), "still the same", ALL_SO)
    assert clinic.person(patient).is_verified(clinic.clock.forward(days=days, seconds=-1))


def test_another_picture_after_the_approval_asks_again(clinic: Clinic) -> None:
    """A new face is a new question: the patient is not verified until somebody looked, and a repeat
    of an old upload changes nothing; what was booked stays booked (IDV-10).
    """
    patient = clinic.patient()
    booked = clinic.booked(patient, clinic.session(clinic.provider()))
    old = check_of(clinic, patient).evidence[0]
    again = clinic.ask.identity.supply
    again(patient, patient.as_patient(), old.kind, old.document_id, PHOTO)
    assert clinic.person(patient).is_verified(clinic.clock())
    supply(clinic, patient, DocumentKind.SELFIE)
    assert check_of(clinic, patient).status is IdentityStatus.NEEDS_INFO
    assert clinic.person(patient).status is PatientStatus.REGISTERING
    assert clinic.now(booked).status is AppointmentStatus.BOOKED
    clinic.ask.identity.submit(patient, patient.as_patient())
    clinic.ask.identity.approve(clinic.liaison, patient.as_patient(), "same face", ALL_SO)
    assert clinic.person(patient).is_verified(clinic.clock())


def test_a_new_name_while_nothing_is_decided_changes_nothing_else(clinic: Clinic) -> None:
    """Whoever is under review, was sent back or rejected, just writes their profile."""
    patient, other = clinic.registering(), clinic.registering("Lee Example")
    for one in (patient, other):
        clinic.submit(one)
    clinic.ask.identity.reject(clinic.liaison, other.as_patient(), "another face")
    changed(clinic, patient, "Pat Other")
    assert check_of(clinic, patient).status is IdentityStatus.SUBMITTED
    changed(clinic, other, "Lee Other")
    assert check_of(clinic, other).status is IdentityStatus.REJECTED


def test_whoever_approves_has_looked_at_everything(clinic: Clinic) -> None:
    """Each point of the list is found to be so; the refusal names every other (IDV-02)."""
    patient = clinic.registering()
    clinic.submit(patient)
    ask, id = clinic.ask.identity, patient.as_patient()
    first, *rest = ALL_SO
    for findings in (
        tuple(rest),
        (Finding(first.point, passed=False), *rest),
        (*ALL_SO, Finding(first.point, passed=False)),
    ):
        with pytest.raises(ChecklistUnfinished) as refused:
            ask.approve(clinic.liaison, id, "fine", findings)
        assert refused.value.missing == first.point
    no, yes = IdentityVerdict.DETAILS_DIFFER, IdentityVerdict.KNOWN_IN_PERSON
    with pytest.raises(Invalid, match="verdict"):
        ask.approve(clinic.liaison, id, "fine", ALL_SO, no)
    with pytest.raises(Invalid, match="verdict"):
        ask.reject(clinic.liaison, id, "no", ALL_SO, yes)
    assert check_of(clinic, patient).decisions == ()
    ask.approve(clinic.liaison, id, "A neighbour.", ALL_SO, yes)
    (decision,) = check_of(clinic, patient).decisions
    assert (decision.verdict, decision.findings, decision.approved) == (yes, ALL_SO, True)


def test_no_decision_is_overwritten_by_the_next(clinic: Clinic) -> None:
    """Each stays with its reason, its evidence and whoever made it (F07, IDV-02)."""
    patient = clinic.patient()
    first = check_of(clinic, patient).decisions
    changed(clinic, patient, "Pat Other")
    clinic.submit(patient)
    clinic.ask.identity.reject(clinic.admin, patient.as_patient(), "another face")
    check = check_of(clinic, patient)
    assert check.decisions[:1] == first
    assert [one.approved for one in check.decisions] == [True, False]
    assert (check.reviewer, check.reason) == (clinic.admin.id, "another face")
    assert check.expires_at is None
    assert not {one.document_id for one in check.decisions[0].evidence} & {
        one.document_id for one in check.decisions[1].evidence
    }


def test_nobody_decides_on_the_identity_of_their_own_child(clinic: Clinic) -> None:
    """A guardian is an applicant too (IDV-02)."""
    guardian = clinic.patient()
    kim = clinic.dependant(guardian)
    clinic.submit(guardian, kim.id)
    both = attrs.evolve(guardian, roles=frozenset({Role.PATIENT, Role.LIAISON}))
    with pytest.raises(ReviewerIsApplicant):
        clinic.ask.identity.approve(both, kim.id, "my own", ALL_SO)


def test_who_has_waited_longest_is_looked_at_first(clinic: Clinic) -> None:
    """The queue goes by the newest submission, not by who registered first."""
    first, second = clinic.registering("A One"), clinic.registering("B Two")
    for one in (second, first):
        clinic.clock.forward(minutes=1)
        clinic.submit(one)

    def queue() -> list[PatientId]:
        return [one.patient_id for one in clinic.ask.identity.queue(clinic.liaison)]

    assert queue() == [second.as_patient(), first.as_patient()]
    clinic.ask.identity.ask_for_more(clinic.liaison, second.as_patient(), "blurred")
    clinic.clock.forward(minutes=1)
    clinic.ask.identity.submit(second, second.as_patient())
    assert queue() == [first.as_patient(), second.as_patient()]


def test_both_sides_write_in_the_thread_without_deciding(clinic: Clinic) -> None:
    """A word moves nothing, and once it is decided there is nothing more to say (F06)."""
    patient, ask = clinic.registering(), clinic.ask.identity
    clinic.submit(patient)
    for who, text in ((clinic.liaison, "Soon."), (patient, "Thank you.")):
        assert ask.comment(who, patient.as_patient(), text).status is IdentityStatus.SUBMITTED
    assert [one.text for one in check_of(clinic, patient).comments] == ["Soon.", "Thank you."]
    with pytest.raises(Unknown):
        ask.comment(clinic.registering("Lee Example"), patient.as_patient(), "me too")
    ask.reject(clinic.liaison, patient.as_patient(), "another face")
    with pytest.raises(IllegalTransition):
        ask.comment(patient, patient.as_patient(), "But it is me.")


def test_pictures_are_deleted_some_days_after_the_decision(clinic: Clinic) -> None:
    """Every picture's bytes go, replaced ones too; the outcome and what it was decided on stay, and
    the deletion is in the audit (IDV-05).
    """
    patient = clinic.registering()
    supply(clinic, patient, DocumentKind.SELFIE)
    clinic.submit(patient)
    clinic.ask.identity.approve(clinic.liaison, patient.as_patient(), "same face", ALL_SO)
    waiting = clinic.registering("Lee Example")
    clinic.submit(waiting)
    days, purge = clinic.practice.settings.identity_images_days, clinic.ask.identity.purge_images
    pictures = len(clinic.documents.kept)
    assert pictures == 5
    clinic.clock.forward(days=days)
    assert purge(clinic.system) == 0
    clinic.clock.forward(seconds=1)
    before = check_of(clinic, patient)
    assert purge(clinic.system) == 1
    assert purge(clinic.system) == 0
    clinic.drain(times=2)
    assert {key[1] for key in clinic.documents.kept} == {waiting.as_patient()}
    after = check_of(clinic, patient)
    assert (after.status, after.decisions) == (before.status, before.decisions)
    assert (after.evidence, after.former) == ((), ())
    assert {one.document_id for one in after.purged} <= set(clinic.store.rows["documents"])
    assert "IdentityImagesPurged" in [entry.action for entry in clinic.store.audit]
    for gone in after.purged:
        with pytest.raises(Unknown):
            clinic.ask.identity.image(clinic.liaison, patient.as_patient(), gone.document_id)
