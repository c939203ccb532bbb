"""Letters: issued once and sealed, corrected by another, called back, kept from whom they are not
for (F36, MSG-02, MSG-03, MSG-08, CHD-06).
"""

from typing import Any

import attrs
import pytest

from telehealth_core.access.actor import Actor, StepUpNeeded
from telehealth_core.access.policy import NotPermitted
from telehealth_core.letters.content import (
    Disclosure,
    LetterContent,
    LetterKind,
    RecipientKind,
    Urgency,
)
from telehealth_core.letters.letter import Letter
from telehealth_core.letters.life import (
    LetterGone,
    LetterIssued,
    LetterRecalled,
    LetterStatus,
    RecallReason,
)
from telehealth_core.practice.consent_text import ConsentPurpose
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.shared.ids import LetterId
from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.refusal import IdReused, Invalid, Unknown
from telehealth_core.testing.doubles import MemoryAttachments
from unit.clinic import Clinic
from unit.prescribing.scripts import in_visit, ward_in_visit


def referral(**other: Any) -> LetterContent:
    """A whole referral letter, or with what is named instead."""
    usual: dict[str, Any] = {
        "kind": LetterKind.REFERRAL,
        "recipient": "A clinic\n3 Example Street",
        "text": "Please see this patient.\n\nThank you.",
        "reason": "a rash that keeps coming back",
        "urgency": Urgency.ROUTINE,
        "disclosure": Disclosure.DIRECT_CARE,
    }
    return LetterContent(**{**usual, **other})


def issue(
    clinic: Clinic, doctor: Actor, visit: Appointment, content: LetterContent | None = None
) -> Letter:
    """Issue a letter, with a fresh proof of who signs."""
    return clinic.ask.letters.issue(
        clinic.fresh(doctor), LetterId(clinic.new_id()), visit.id, content or referral()
    )


def attached(clinic: Clinic) -> list[tuple[str, bytes]]:
    """What was sent as an attachment, and to whom."""
    assert isinstance(clinic.ports.attachments, MemoryAttachments)
    return list(clinic.ports.attachments.sent.values())


def email_of(clinic: Clinic, actor: Actor) -> str:
    """The address that somebody signs in with."""
    found: str = clinic.store.rows["accounts"][actor.id].email
    return found


def test_an_issued_letter_reaches_the_patient_as_it_was_sealed(clinic: Clinic) -> None:
    """Listed, readable, told by a neutral notice, and proven by its hash (MSG-08)."""
    patient, doctor, visit = in_visit(clinic)
    letter = issue(clinic, doctor, visit)
    assert letter.status is LetterStatus.ISSUED
    assert clinic.ask.letters.of_patient(patient, patient.as_patient()) == (letter,)
    pdf = clinic.ask.letters.pdf(patient, letter.id)
    assert b"Pat Example" in pdf
    assert b"GMC 1234567" in pdf
    clinic.drain()
    notice = clinic.sent()[-1]
    assert notice[1:] == ("letter-ready", {})
    with pytest.raises(Unknown):
        clinic.ask.letters.pdf(clinic.patient("Lee Example"), letter.id)


def test_issuing_needs_a_fresh_proof_of_who_signs(clinic: Clinic) -> None:
    """A stale one issues nothing; a repeat of what was issued needs none (AUT-11)."""
    _, doctor, visit = in_visit(clinic)
    letter = issue(clinic, doctor, visit)
    clinic.clock.forward(minutes=6)
    before = clinic.rows()
    with pytest.raises(StepUpNeeded):
        clinic.ask.letters.issue(doctor, LetterId(clinic.new_id()), visit.id, referral())
    assert clinic.ask.letters.issue(doctor, letter.id, visit.id, referral()) == letter
    with pytest.raises(IdReused):
        clinic.ask.letters.issue(doctor, letter.id, visit.id, referral(text="Another."))
    assert clinic.rows() == before


def test_a_letter_that_was_tampered_with_is_not_handed_out(clinic: Clinic) -> None:
    """Other bytes than those issued are a fault, never an answer."""
    patient, doctor, visit = in_visit(clinic)
    letter = issue(clinic, doctor, visit)
    where = clinic.id, letter.patient_id, letter.document_id
    clinic.documents.kept[where] = b"another letter"
    with pytest.raises(AssertionError, match="what was issued"):
        clinic.ask.letters.pdf(patient, letter.id)


def test_a_draft_is_not_handed_out(clinic: Clinic) -> None:
    """Nobody reads what is not issued."""
    patient, doctor, visit = in_visit(clinic)
    letter = issue(clinic, doctor, visit)
    draft = attrs.evolve(letter, status=LetterStatus.DRAFT, sha256=None)
    clinic.store.rows["letters"][letter.id] = draft
    with pytest.raises(Invalid):
        clinic.ask.letters.pdf(patient, letter.id)


def test_a_correction_is_another_letter_that_takes_its_place(clinic: Clinic) -> None:
    """The former is marked, each leads to the other, and neither changes (MSG-08)."""
    patient, doctor, visit = in_visit(clinic)
    former = issue(clinic, doctor, visit)
    pdf = clinic.ask.letters.pdf(patient, former.id)
    new, right = LetterId(clinic.new_id()), referral(text="Please see this patient soon.")
    better = clinic.ask.letters.correct(clinic.fresh(doctor), new, former.id, right)
    assert (better.status, better.supersedes) == (LetterStatus.ISSUED, former.id)
    marked = clinic.store.rows["letters"][former.id]
    assert (marked.status, marked.superseded_by) == (LetterStatus.SUPERSEDED, better.id)
    assert (marked.text, marked.sha256) == (former.text, former.sha256)
    assert clinic.ask.letters.pdf(patient, former.id) == pdf
    assert clinic.ask.letters.pdf(patient, better.id) != pdf
    assert clinic.ask.letters.correct(clinic.fresh(doctor), new, former.id, right) == better
    with pytest.raises(IllegalTransition):
        clinic.ask.letters.correct(
            clinic.fresh(doctor), LetterId(clinic.new_id()), former.id, referral()
        )
    other = LetterContent(kind=LetterKind.GP_LETTER, recipient="A practice", text="Seen today.")
    with pytest.raises(Invalid):
        clinic.ask.letters.correct(
            clinic.fresh(doctor), LetterId(clinic.new_id()), better.id, other
        )


@pytest.mark.parametrize("reason", RecallReason)
def test_a_letter_that_was_called_back_is_gone(clinic: Clinic, reason: RecallReason) -> None:
    """Nobody reads it any more, and what happened says why (MSG-03)."""
    patient, doctor, visit = in_visit(clinic)
    letter = issue(clinic, doctor, visit)
    with pytest.raises(NotPermitted):
        clinic.ask.letters.recall(patient, letter.id, reason, "mine")
    with pytest.raises(Invalid):
        clinic.ask.letters.recall(doctor, letter.id, reason, " ")
    gone = clinic.ask.letters.recall(doctor, letter.id, reason, "sent to a namesake")
    assert (gone.status, gone.recalled_because) == (LetterStatus.RECALLED, reason)
    events = [one for _, one in clinic.store.outbox if isinstance(one, LetterRecalled)]
    assert [one.reason for one in events] == [reason]
    for actor in (patient, doctor):
        with pytest.raises(LetterGone):
            clinic.ask.letters.pdf(actor, letter.id)
    assert clinic.ask.letters.of_patient(patient, patient.as_patient()) == ()
    assert clinic.ask.letters.of_patient(doctor, patient.as_patient()) == (gone,)
    with pytest.raises(IllegalTransition):
        clinic.ask.letters.recall(doctor, letter.id, reason, "again")


def test_no_letter_is_written_before_the_visit(clinic: Clinic) -> None:
    """Whoever did not see the patient writes nothing about them (FIT-04)."""
    doctor = clinic.fresh(clinic.provider())
    booked = clinic.booked(clinic.patient(), clinic.session(doctor))
    with pytest.raises(IllegalTransition):
        issue(clinic, doctor, booked)


def test_what_is_hidden_from_guardians_is_neither_seen_nor_told(clinic: Clinic) -> None:
    """Not listed, not read, not announced; for the clinician it is there (CHD-06)."""
    guardian, ward, doctor, visit = ward_in_visit(clinic)
    clinic.drain()
    told = len(clinic.sent())
    letter = clinic.ask.letters.issue(
        doctor, LetterId(clinic.new_id()), visit.id, referral(), hidden_from_guardians=True
    )
    clinic.drain()
    assert len(clinic.sent()) == told
    assert clinic.ask.letters.of_patient(guardian, ward) == ()
    with pytest.raises(Unknown):
        clinic.ask.letters.pdf(guardian, letter.id)
    assert clinic.ask.letters.of_patient(doctor, ward) == (letter,)
    assert clinic.ask.letters.pdf(doctor, letter.id)
    shown = clinic.ask.letters.hide(doctor, letter.id, hidden=False)
    assert clinic.ask.letters.of_patient(guardian, ward) == (shown,)
    assert clinic.ask.letters.pdf(guardian, letter.id)
    issue(clinic, doctor, visit)
    clinic.drain()
    assert len(clinic.sent()) == told + 1


def test_without_a_recorded_wish_nothing_is_attached(clinic: Clinic) -> None:
    """The patient gets a neutral notice, and the letter after signing in (MSG-02)."""
    _, doctor, visit = in_visit(clinic)
    issue(clinic, doctor, visit)
    clinic.drain()
    assert attached(clinic) == []


def test_who_asked_for_attachments_knowing_the_risk_gets_them_once(clinic: Clinic) -> None:
    """To the patient's own address, until the wish is withdrawn (MSG-02)."""
    patient, doctor, visit = in_visit(clinic)
    wish = clinic.agree(patient, ConsentPurpose.EMAIL_ATTACHMENT)
    assert wish.text_hash == clinic.text(ConsentPurpose.EMAIL_ATTACHMENT).hash
    letter = issue(clinic, doctor, visit)
    clinic.drain(times=2)
    pdf = clinic.ask.letters.pdf(patient, letter.id)
    assert attached(clinic) == [(email_of(clinic, patient), pdf)]
    clinic.ask.consents.withdraw(patient, wish.id)
    issue(clinic, doctor, visit)
    clinic.drain()
    assert len(attached(clinic)) == 1


def test_what_was_called_back_before_it_went_is_not_attached(clinic: Clinic) -> None:
    """The reaction looks at how the letter stands."""
    patient, doctor, visit = in_visit(clinic)
    clinic.agree(patient, ConsentPurpose.EMAIL_ATTACHMENT)
    letter = issue(clinic, doctor, visit)
    clinic.ask.letters.recall(doctor, letter.id, RecallReason.WRONG_CONTENT, "a slip")
    clinic.drain()
    assert attached(clinic) == []


def test_a_childs_letter_is_attached_for_the_guardian_unless_hidden(clinic: Clinic) -> None:
    """Where nobody has an address, nothing is sent (MSG-02, CHD-06)."""
    guardian, ward, doctor, visit = ward_in_visit(clinic)
    clinic.agree(guardian, ConsentPurpose.EMAIL_ATTACHMENT, ward)
    letter = issue(clinic, doctor, visit)
    clinic.ask.letters.hide(doctor, letter.id, hidden=True)
    clinic.ask.posting.attach(clinic.system, LetterIssued(letter.id, 2, doctor.id, clinic.clock()))
    assert attached(clinic) == []
    issue(clinic, doctor, visit)
    clinic.store.outbox[:] = [one for one in clinic.store.outbox if one[1].subject != letter.id]
    clinic.drain()
    assert [to for to, _ in attached(clinic)] == [email_of(clinic, guardian)]


@pytest.mark.parametrize("kind", RecipientKind)
def test_who_does_not_treat_the_patient_gets_little(clinic: Clinic, kind: RecipientKind) -> None:
    """A treating recipient gets what they need, everybody else name and day only (REF-02)."""
    _, doctor, visit = in_visit(clinic)
    content = referral(
        recipient_kind=kind,
        disclosure=Disclosure.DIRECT_CARE
        if kind is RecipientKind.TREATING
        else Disclosure.PATIENT_AGREED,
    )
    letter = issue(clinic, doctor, visit, content)
    pdf = clinic.ask.letters.pdf(doctor, letter.id).decode()
    little = ["Pat Example", "2026-11-24, by remote consultation"]
    much = ["1980-02-29", "1 Example Street", "+44 20 7946 0000", "a rash that keeps", "routine"]
    assert all(one in pdf for one in little)
    for one in much:
        assert (one in pdf) == (kind is RecipientKind.TREATING), one
