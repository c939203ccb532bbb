"""What can be asked of letters by their authors and readers: to issue, correct, recall and read."""

import hashlib
from datetime import datetime

import attrs

from telehealth_core.access.actor import Actor, Relation
from telehealth_core.access.policy import Action, authorize, permitted
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.letters.content import LetterContent
from telehealth_core.letters.letter import Letter
from telehealth_core.letters.life import LetterStatus, RecallReason
from telehealth_core.letters.page import LetterPage, page_of
from telehealth_core.letters.ports import Letters, LettersWork
from telehealth_core.letters.rules import RULES, require_allowed
from telehealth_core.letters.use_cases.standing import authorized_letter, facts_of
from telehealth_core.registration.document import Document, DocumentKind
from telehealth_core.registration.ports import Documents
from telehealth_core.registration.use_cases import authorized_patient, standing
from telehealth_core.scheduling.use_cases import authorized_appointment
from telehealth_core.shared.ids import AppointmentId, LetterId, PatientId
from telehealth_core.shared.refusal import Invalid
from telehealth_core.shared.repeat import repeat_of

_LATER = frozenset(
    {"sha256", "delivery", "acknowledged_by", "superseded_by", "recalled_because", "recall_note"}
) | {"hidden_from_guardians"}
"""Fields that follow in a letter's course, so that a repeated request is recognised."""


@attrs.frozen
class Correspondence:
    """The letters of the practice."""

    work: UnitOfWork[LettersWork]
    clock: Clock
    letters: Letters
    documents: Documents

    def issue(
        self,
        actor: Actor,
        id: LetterId,
        appointment_id: AppointmentId,
        content: LetterContent,
        *,
        hidden_from_guardians: bool = False,
    ) -> Letter:
        """Write and issue a letter for the patient of a visit, as PDF sealed by its hash, if every
        rule allows it (F36, FIT-01 to FIT-06, REF-01, REF-02, MSG-08).

        Raises: StepUpNeeded, LetterRefused, MayNotCertify, NotPermitted, Unknown, Invalid,
            IllegalTransition before the visit, IdReused.
        """
        return self._write(actor, id, appointment_id, content, hidden=hidden_from_guardians)

    def correct(
        self, actor: Actor, id: LetterId, former_id: LetterId, content: LetterContent
    ) -> Letter:
        """Issue a corrected letter that takes the place of another; each leads to the other, and
        the former is marked (MSG-08).

        Raises: Invalid for another kind of letter; see `issue`.
        """
        at = self.clock()
        with self.work(actor) as work:
            former = authorized_letter(work, actor, Action.WRITE_LETTER, former_id, at)
        if content.kind is not former.kind:
            raise Invalid("kind", "the same as that of the letter it corrects")
        return self._write(
            actor,
            id,
            former.appointment_id,
            content,
            former=former,
            hidden=former.hidden_from_guardians,
        )

    def recall(self, actor: Actor, id: LetterId, reason: RecallReason, note: str) -> Letter:
        """Call a letter back: from now on nobody reads it (MSG-03).

        Raises: IllegalTransition, Invalid, NotPermitted, Unknown.
        """
        at = self.clock()
        with self.work(actor) as work:
            letter = authorized_letter(work, actor, Action.WRITE_LETTER, id, at)
            recalled, event = letter.recall(reason, note, by=actor.id, at=at)
            work.letters.save(recalled, event)
        return recalled

    def hide(self, actor: Actor, id: LetterId, *, hidden: bool) -> Letter:
        """Hide a letter from the patient's guardians, or show it to them again (CHD-06).

        Raises: NotPermitted, Unknown.
        """
        at = self.clock()
        with self.work(actor) as work:
            letter = authorized_letter(work, actor, Action.WRITE_LETTER, id, at)
            changed, event = letter.hide(hidden=hidden, by=actor.id, at=at)
            work.letters.save(changed, event)
        return changed

    def of_patient(self, actor: Actor, patient_id: PatientId) -> tuple[Letter, ...]:
        """A patient's letters, the newest first (F37): those called back for clinicians only, and
        for guardians nothing that is hidden from them (CHD-06, MSG-03).
        """
        at = self.clock()
        with self.work(actor) as work:
            patient = authorized_patient(work, actor, Action.VIEW_LETTER, patient_id, at)
            work.read(Action.VIEW_LETTER, patient_id, patient_id)
            open_to = standing(work, actor, patient, at)
            sees_hidden = permitted(actor, Action.VIEW_LETTER, open_to - {Relation.GUARDIAN})
            writes = permitted(actor, Action.WRITE_LETTER, open_to)
            return tuple(
                one
                for one in work.letters.of_patient(patient_id)
                if (sees_hidden or not one.hidden_from_guardians)
                and (writes or one.status is not LetterStatus.RECALLED)
            )

    def pdf(self, actor: Actor, id: LetterId) -> bytes:
        """An issued letter as PDF, proven to be what was issued.

        Raises: Unknown, NotPermitted, LetterGone once called back, Invalid for a draft.
        """
        at = self.clock()
        with self.work(actor) as work:
            letter = work.letters.get(id)
            whose = letter.patient_id
            patient = authorized_patient(work, actor, Action.VIEW_LETTER, whose, at, of="letter")
            open_to = standing(work, actor, patient, at)
            if letter.hidden_from_guardians:
                authorize(actor, Action.VIEW_LETTER, open_to - {Relation.GUARDIAN}, of="letter")
            letter.require_readable()
            work.read(Action.VIEW_LETTER, letter.patient_id, id)
        return issued_pdf(self.documents, letter)

    def _write(
        self,
        actor: Actor,
        id: LetterId,
        appointment_id: AppointmentId,
        content: LetterContent,
        *,
        former: Letter | None = None,
        hidden: bool,
    ) -> Letter:
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(
                work, actor, Action.WRITE_LETTER, appointment_id, at
            )
            appointment.require_begun()
            draft = Letter.draft(
                content,
                drafted_at=at,
                id=id,
                practice_id=actor.practice_id,
                patient_id=appointment.patient_id,
                provider_id=appointment.provider_id,
                appointment_id=appointment_id,
                supersedes=None if former is None else former.id,
                hidden_from_guardians=hidden,
            )
            first = repeat_of(draft, work.letters.find(id), "letter", but=_LATER)
            if first is not None:
                return first
            facts = facts_of(work, draft, at)
            actor.require_fresh(at, facts.practice.settings.step_up_minutes)
            require_allowed(facts, RULES[facts.practice.jurisdiction_code])
            patient = work.patients.get(draft.patient_id)
            assessed_on = facts.practice.day(appointment.during.start)
            page = page_of(draft, facts.practice, facts.provider, patient, assessed_on)
        return self._seal(actor, draft, page, former, at)

    def _seal(
        self, actor: Actor, draft: Letter, page: LetterPage, former: Letter | None, at: datetime
    ) -> Letter:
        """Keep the PDF first, then say so: a crash between the two leaves bytes and no claim."""
        pdf = self.letters.render(page)
        issued, event = draft.issue(hashlib.sha256(pdf).hexdigest(), by=actor.id, at=at)
        document = Document(
            id=issued.document_id,
            practice_id=actor.practice_id,
            patient_id=draft.patient_id,
            kind=DocumentKind.LETTER,
            media_type="application/pdf",
            size_bytes=len(pdf),
            sha256=str(issued.sha256),
            filed_at=at,
        )
        self.documents.put(actor.practice_id, draft.patient_id, document.id, pdf)
        with self.work(actor) as work:
            work.letters.save(draft, draft.drafted(by=actor.id))
            work.letters.save(issued, event)
            work.documents.save(document, document.filed(by=actor.id))
            if former is not None:
                work.letters.save(*former.supersede(draft.id, by=actor.id, at=at))
        return issued


def issued_pdf(documents: Documents, letter: Letter) -> bytes:
    """The bytes of an issued letter, proven by their hash."""
    pdf = documents.get(letter.practice_id, letter.patient_id, letter.document_id)
    assert hashlib.sha256(pdf).hexdigest() == letter.sha256, "an issued letter is what was issued"
    return pdf
