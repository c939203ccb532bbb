"""What becomes of an issued letter: delivered, acknowledged, chased, sent to the patient."""

from datetime import datetime, timedelta

import attrs

from telehealth_core.access.actor import Actor, relations
from telehealth_core.access.policy import Action, authorize
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.letters.content import LetterKind, Urgency
from telehealth_core.letters.letter import Delivery, Letter
from telehealth_core.letters.life import LetterStatus, RecallReason
from telehealth_core.letters.ports import Attachments, LettersWork
from telehealth_core.letters.rules import GP_AGREED, require_allowed
from telehealth_core.letters.use_cases.correspondence import issued_pdf
from telehealth_core.letters.use_cases.standing import authorized_letter, facts_of
from telehealth_core.practice.consent_text import ConsentPurpose
from telehealth_core.registration.consent import standing_consent
from telehealth_core.registration.ports import Documents
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import (
    ConsentId,
    EventId,
    LetterId,
    PatientId,
    ProviderId,
    derived,
)

UNANSWERED_MOST = 200


@attrs.frozen
class Unanswered:
    """A referral letter that nobody acknowledged in time: whom to ask, and nothing of what is in
    it (REF-01).
    """

    letter_id: LetterId
    patient_id: PatientId
    provider_id: ProviderId
    urgency: Urgency | None
    issued_at: datetime | None
    delivered_at: datetime | None
    recipient: str = attrs.field(repr=False)


@attrs.frozen
class Posting:
    """The way of letters to whom they are for."""

    work: UnitOfWork[LettersWork]
    clock: Clock
    documents: Documents
    attachments: Attachments

    def deliver(self, actor: Actor, id: LetterId, how: Delivery) -> Letter:
        """Note that a letter goes to its recipient, and how (REF-01); one to the general
        practitioner only while the patient agrees (CON-02).

        Raises: LetterRefused, IllegalTransition, NotPermitted, Unknown.
        """
        at = self.clock()
        with self.work(actor) as work:
            letter = authorized_letter(work, actor, Action.POST_LETTER, id, at)
            delivered, event = letter.deliver(how, by=actor.id, at=at)
            require_allowed(facts_of(work, letter, at), (GP_AGREED,))
            work.letters.save(delivered, event)
        return delivered

    def acknowledge(self, actor: Actor, id: LetterId, who: str) -> Letter:
        """Note that the recipient has a letter, and who there said so (REF-01).

        Raises: IllegalTransition, Invalid, NotPermitted, Unknown.
        """
        at = self.clock()
        with self.work(actor) as work:
            letter = authorized_letter(work, actor, Action.POST_LETTER, id, at)
            acknowledged, event = letter.acknowledge(who, by=actor.id, at=at)
            work.letters.save(acknowledged, event)
        return acknowledged

    def unanswered(self, actor: Actor) -> tuple[Unanswered, ...]:
        """The referral letters that nobody acknowledged in time, the oldest first; urgent ones have
        less time (REF-01).
        """
        at = self.clock()
        with self.work(actor) as work:
            authorize(actor, Action.CHASE_LETTERS, relations(actor))
            settings = work.practices.get(actor.practice_id).settings
            found = work.letters.unanswered(
                routine_before=at - timedelta(days=settings.acknowledge_days),
                urgent_before=at - timedelta(days=settings.acknowledge_urgent_days),
                limit=UNANSWERED_MOST,
            )
        return tuple(
            Unanswered(
                one.id,
                one.patient_id,
                one.provider_id,
                one.urgency,
                one.issued_at,
                one.delivered_at,
                one.recipient,
            )
            for one in found
        )

    def keep_from_gp(self, actor: Actor, event: Event) -> None:
        """Call back what has not gone to the general practitioner yet: reaction to ConsentWithdrawn
        and ConsentRefused, safe to repeat (CON-02).
        """
        at = self.clock()
        with self.work(actor) as work:
            authorize(actor, Action.DISPATCH_LETTER, relations(actor))
            answer = work.consents.get(ConsentId(event.subject))
            if answer.purpose is not ConsentPurpose.GP_SHARING:
                return
            answers = work.consents.of_patient(answer.patient_id)
            if standing_consent(answers, ConsentPurpose.GP_SHARING, at) is not None:
                return
            for one in work.letters.of_patient(answer.patient_id):
                if one.kind is LetterKind.GP_LETTER and one.status is LetterStatus.ISSUED:
                    recalled = one.recall(
                        RecallReason.CONSENT_WITHDRAWN, "before it was sent", by=actor.id, at=at
                    )
                    work.letters.save(*recalled)

    def attach(self, actor: Actor, event: Event) -> None:
        """Send an issued letter to the patient as an attachment, if they asked for that knowing the
        risk: reaction to LetterIssued, safe to repeat (F36, MSG-02). Whoever did not gets the
        neutral notice only, as everybody does.

        Raises: Unavailable.
        """
        at = self.clock()
        with self.work(actor) as work:
            authorize(actor, Action.DISPATCH_LETTER, relations(actor))
            letter = work.letters.get(LetterId(event.subject))
            answers = work.consents.of_patient(letter.patient_id)
            asked = standing_consent(answers, ConsentPurpose.EMAIL_ATTACHMENT, at)
            email = _address(work, letter, at)
        if asked is None or email is None or letter.status is LetterStatus.RECALLED:
            return
        pdf, key = issued_pdf(self.documents, letter), derived(event.id, "attachment")
        self.attachments.attach(actor.practice_id, email, pdf, EventId(key))


def _address(work: LettersWork, letter: Letter, at: datetime) -> str | None:
    """Where the patient, or a guardian who may see the letter, reads e-mail."""
    guardians = work.patients.get(letter.patient_id).guardians
    ours = () if letter.hidden_from_guardians else guardians
    people = (letter.patient_id, *(tie.guardian for tie in ours if tie.live(at)))
    accounts = (work.accounts.of_patient(person) for person in people)
    return next((account.email for account in accounts if account is not None), None)
