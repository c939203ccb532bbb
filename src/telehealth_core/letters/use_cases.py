"""What can be asked of letters: to write and issue one after a visit, to list and to read them."""

import hashlib
from datetime import date, datetime

import attrs

from telehealth_core.access.actor import Actor
from telehealth_core.access.policy import Action
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.letters.letter import Letter, LetterKind, LetterStatus
from telehealth_core.letters.ports import Letters, LettersWork
from telehealth_core.registration.document import Document, DocumentKind
from telehealth_core.registration.ports import Documents
from telehealth_core.registration.use_cases import authorized_patient
from telehealth_core.scheduling.use_cases import authorized_appointment
from telehealth_core.shared.ids import AppointmentId, LetterId, PatientId
from telehealth_core.shared.refusal import Unknown
from telehealth_core.shared.repeat import repeat_of


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
        *,
        kind: LetterKind,
        recipient: str,
        text: str,
        unfit_from: date | None = None,
        unfit_until: date | None = None,
    ) -> Letter:
        """Write and issue a letter for the patient of a visit, as PDF sealed by its hash (F36,
        FIT-04, MSG-08).

        Raises: NotPermitted, Unknown, MayNotCertify, Invalid, IllegalTransition, IdReused.
        """
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(
                work, actor, Action.WRITE_LETTER, appointment_id, at
            )
            appointment.require_begun()
            draft = Letter(
                id=id,
                practice_id=actor.practice_id,
                kind=kind,
                patient_id=appointment.patient_id,
                provider_id=appointment.provider_id,
                appointment_id=appointment_id,
                recipient=recipient,
                text=text,
                unfit_from=unfit_from,
                unfit_until=unfit_until,
                drafted_at=at,
            )
            first = repeat_of(draft, work.letters.find(id), "letter", but=frozenset({"sha256"}))
            if first is not None:
                return first
            practice = work.practices.get(actor.practice_id)
            provider = work.providers.get(appointment.provider_id)
            draft.require_allowed(practice, provider)
            patient = work.patients.get(appointment.patient_id)
            page = draft.page(practice, provider, patient, practice.day(appointment.during.start))
        return self._issue(actor, draft, self.letters.render(page), at)

    def _issue(self, actor: Actor, draft: Letter, pdf: bytes, at: datetime) -> Letter:
        """Keep the PDF first, then say so: a crash between the two leaves bytes and no claim."""
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
        return issued

    def of_patient(self, actor: Actor, patient_id: PatientId) -> tuple[Letter, ...]:
        """A patient's letters, the newest first (F37)."""
        with self.work(actor) as work:
            authorized_patient(work, actor, Action.VIEW_LETTER, patient_id, self.clock())
            work.read(Action.VIEW_LETTER, patient_id, patient_id)
            return work.letters.of_patient(patient_id)

    def pdf(self, actor: Actor, id: LetterId) -> bytes:
        """An issued letter as PDF, proven to be what was issued.

        Raises: Unknown, NotPermitted, Invalid for a draft.
        """
        with self.work(actor) as work:
            letter = work.letters.find(id)
            if letter is None or letter.status is LetterStatus.RECALLED:
                raise Unknown("letter", id)
            patient_id, at = letter.patient_id, self.clock()
            authorized_patient(work, actor, Action.VIEW_LETTER, patient_id, at, of="letter")
            letter.require_issued()
            work.read(Action.VIEW_LETTER, letter.patient_id, id)
        pdf = self.documents.get(actor.practice_id, letter.patient_id, letter.document_id)
        assert hashlib.sha256(pdf).hexdigest() == letter.sha256, (
            "an issued letter is what was issued"
        )
        return pdf
