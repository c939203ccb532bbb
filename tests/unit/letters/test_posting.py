"""What becomes of issued letters: delivered, acknowledged, chased, kept back (REF-01, CON-02)."""

from datetime import timedelta

import pytest

from telehealth_core.access.policy import NotPermitted
from telehealth_core.letters.content import LetterContent, LetterKind, Urgency
from telehealth_core.letters.letter import Delivery
from telehealth_core.letters.life import LetterRefused, LetterStatus, RecallReason
from telehealth_core.practice.consent_text import ConsentPurpose
from telehealth_core.registration.consent import ConsentWithdrawn
from telehealth_core.shared.ids import ConsentId, LetterId
from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.refusal import Invalid
from unit.clinic import Clinic
from unit.letters.test_letters import issue, referral
from unit.prescribing.scripts import in_visit

GP_LETTER = LetterContent(kind=LetterKind.GP_LETTER, recipient="A practice", text="Seen today.")


def test_delivery_and_acknowledgement_are_recorded(clinic: Clinic) -> None:
    """How it went, who has it, and when; each once (REF-01)."""
    patient, doctor, visit = in_visit(clinic)
    letter = issue(clinic, doctor, visit)
    with pytest.raises(NotPermitted):
        clinic.ask.posting.deliver(patient, letter.id, Delivery.POST)
    sent = clinic.ask.posting.deliver(clinic.liaison, letter.id, Delivery.SECURE_MAIL)
    assert (sent.status, sent.delivery) == (LetterStatus.DELIVERED, Delivery.SECURE_MAIL)
    assert sent.delivered_at == clinic.clock()
    with pytest.raises(IllegalTransition):
        clinic.ask.posting.deliver(doctor, letter.id, Delivery.POST)
    clinic.clock.forward(days=1)
    known = clinic.ask.posting.acknowledge(doctor, letter.id, "the clinic's secretary")
    assert (known.acknowledged_by, known.acknowledged_at) == (
        "the clinic's secretary",
        clinic.clock(),
    )
    with pytest.raises(Invalid):
        clinic.ask.posting.acknowledge(clinic.liaison, letter.id, "somebody else")


@pytest.mark.parametrize(("urgency", "days"), [(Urgency.ROUTINE, 14), (Urgency.URGENT, 2)])
def test_silence_shows_to_staff_in_time(clinic: Clinic, urgency: Urgency, days: int) -> None:
    """At fourteen days, or two where it is urgent, and not a second sooner (REF-01)."""
    _, doctor, visit = in_visit(clinic)
    letter = issue(clinic, doctor, visit, referral(urgency=urgency))
    clinic.clock.now += timedelta(days=days, seconds=-1)
    assert clinic.ask.posting.unanswered(clinic.liaison) == ()
    clinic.clock.forward(seconds=1)
    (found,) = clinic.ask.posting.unanswered(clinic.liaison)
    assert (found.letter_id, found.urgency, found.delivered_at) == (letter.id, urgency, None)
    assert found.recipient == "A clinic\n3 Example Street"
    with pytest.raises(NotPermitted):
        clinic.ask.posting.unanswered(doctor)
    clinic.ask.posting.acknowledge(clinic.liaison, letter.id, "the clinic's secretary")
    assert clinic.ask.posting.unanswered(clinic.liaison) == ()


def test_only_referrals_that_are_out_are_chased(clinic: Clinic) -> None:
    """Not what was called back or superseded, nor a letter to the GP; delivered or not (REF-01)."""
    _, doctor, visit = in_visit(clinic)
    gone, former, delivered = (issue(clinic, doctor, visit) for _ in range(3))
    issue(clinic, doctor, visit, GP_LETTER)
    clinic.ask.letters.recall(doctor, gone.id, RecallReason.WRONG_PATIENT, "a slip")
    better = clinic.ask.letters.correct(
        clinic.fresh(doctor), LetterId(clinic.new_id()), former.id, referral(text="Better.")
    )
    clinic.ask.posting.deliver(doctor, delivered.id, Delivery.POST)
    clinic.clock.forward(days=30)
    found = [one.letter_id for one in clinic.ask.posting.unanswered(clinic.admin)]
    assert sorted(found) == sorted([delivered.id, better.id])


def test_the_gp_is_not_told_without_the_patients_agreement(clinic: Clinic) -> None:
    """Refused when it is written, and again when it would go (CON-02, CON-03, RXU-09)."""
    patient, doctor, visit = in_visit(clinic)
    letter = issue(clinic, doctor, visit, GP_LETTER)
    text = clinic.text(ConsentPurpose.GP_SHARING)
    clinic.ask.consents.refuse(
        patient,
        ConsentId(clinic.new_id()),
        patient.as_patient(),
        ConsentPurpose.GP_SHARING,
        text_hash=text.hash,
    )
    with pytest.raises(LetterRefused) as refused:
        issue(clinic, doctor, visit, GP_LETTER)
    assert refused.value.rules == "gp-agreed"
    with pytest.raises(LetterRefused):
        clinic.ask.posting.deliver(clinic.liaison, letter.id, Delivery.POST)
    clinic.drain(times=2)
    kept = clinic.store.rows["letters"][letter.id]
    assert kept.status is LetterStatus.RECALLED
    assert kept.recalled_because is RecallReason.CONSENT_WITHDRAWN


def test_withdrawing_keeps_back_what_has_not_gone_and_nothing_else(clinic: Clinic) -> None:
    """A referral goes on, and what the GP has they have (CON-02)."""
    patient, doctor, visit = in_visit(clinic)
    there, waiting = (issue(clinic, doctor, visit, GP_LETTER) for _ in range(2))
    other = issue(clinic, doctor, visit)
    clinic.ask.posting.deliver(doctor, there.id, Delivery.POST)
    marketing = clinic.agree(patient, ConsentPurpose.MARKETING)
    clinic.ask.consents.withdraw(patient, marketing.id)
    clinic.drain()
    now = clinic.store.rows["letters"]
    assert now[waiting.id].status is LetterStatus.ISSUED
    answers = clinic.store.rows["consents"].values()
    yes = next(one for one in answers if one.purpose is ConsentPurpose.GP_SHARING)
    clinic.ask.consents.withdraw(patient, yes.id)
    clinic.drain()
    now = clinic.store.rows["letters"]
    assert now[waiting.id].status is LetterStatus.RECALLED
    assert now[there.id].status is LetterStatus.DELIVERED
    assert now[other.id].status is LetterStatus.ISSUED


def test_a_withdrawal_that_was_taken_back_keeps_nothing_back(clinic: Clinic) -> None:
    """A late reaction looks at what counts now (CON-02)."""
    patient, doctor, visit = in_visit(clinic)
    waiting = issue(clinic, doctor, visit, GP_LETTER)
    answers = clinic.store.rows["consents"].values()
    yes = next(one for one in answers if one.purpose is ConsentPurpose.GP_SHARING)
    clinic.ask.consents.withdraw(patient, yes.id)
    clinic.clock.forward(seconds=1)
    clinic.agree(patient, ConsentPurpose.GP_SHARING)
    told = ConsentWithdrawn(yes.id, 2, patient.id, clinic.clock())
    clinic.ask.posting.keep_from_gp(clinic.system, told)
    assert clinic.store.rows["letters"][waiting.id].status is LetterStatus.ISSUED
