"""What can be asked of a visit's notes: to write, sign, add to, hide and read them, and those that
are their author's alone.
"""

from datetime import datetime
from uuid import UUID

import attrs

from telehealth_core.access.actor import Actor, relations
from telehealth_core.access.policy import Action, authorize
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.consultation.consultation import Consultation
from telehealth_core.consultation.note import (
    Addendum,
    AddendumKind,
    NoteBody,
    NoteStatus,
    VisitNote,
)
from telehealth_core.consultation.ports import ConsultationWork
from telehealth_core.consultation.psychotherapy import PsychotherapyNote, require_kept_apart
from telehealth_core.consultation.use_cases.facts import visit_of
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.use_cases import authorized_appointment
from telehealth_core.shared.ids import AppointmentId, NoteId
from telehealth_core.shared.refusal import Unknown
from telehealth_core.shared.repeat import repeat_of


@attrs.frozen
class VisitNotes:
    """The notes of the practice's visits."""

    work: UnitOfWork[ConsultationWork]
    clock: Clock

    def write(self, actor: Actor, id: AppointmentId, body: NoteBody) -> VisitNote:
        """Write the visit's note, or write its draft anew.

        Raises: IllegalTransition before the visit began, and once the note is signed.
        """
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.WRITE_NOTE, id, at)
            visit_of(work, appointment).require_begun()
            return _written(work, actor, appointment, body, at)

    def sign(self, actor: Actor, id: AppointmentId) -> VisitNote:
        """Make the note part of the record; it never changes afterwards (SAF-03).

        Raises: IdentityNotConfirmed; IllegalTransition once signed; Unknown.
        """
        at = self.clock()
        with self.work(actor) as work:
            authorized_appointment(work, actor, Action.WRITE_NOTE, id, at)
            work.consultations.get(Consultation.id_of(id)).require_identity_confirmed()
            signed, event = work.notes.get(VisitNote.id_of(id)).sign(by=actor.id, at=at)
            work.notes.save(signed, event)
        return signed

    def add(
        self,
        actor: Actor,
        id: AppointmentId,
        addendum_id: UUID,
        *,
        kind: AddendumKind,
        reason: str,
        text: str,
    ) -> VisitNote:
        """Add a correction or a late entry to a signed note, of which nothing changes (SAF-03).

        Raises: IllegalTransition unless signed; IdReused; Invalid; Unknown.
        """
        at = self.clock()
        addendum = Addendum(id=addendum_id, kind=kind, by=actor.id, at=at, reason=reason, text=text)
        with self.work(actor) as work:
            authorized_appointment(work, actor, Action.WRITE_NOTE, id, at)
            note = work.notes.get(VisitNote.id_of(id))
            if note.added(addendum):
                return note
            longer, event = note.add(addendum)
            work.notes.save(longer, event)
        return longer

    def hide(self, actor: Actor, id: AppointmentId, *, hidden: bool) -> VisitNote:
        """Hide the note from the patient's guardians, or show it to them (CHD-06); twice is no
        error.
        """
        at = self.clock()
        with self.work(actor) as work:
            authorized_appointment(work, actor, Action.WRITE_NOTE, id, at)
            note = work.notes.get(VisitNote.id_of(id))
            if note.hidden is hidden:
                return note
            changed, event = note.hide(hidden=hidden, by=actor.id, at=at)
            work.notes.save(changed, event)
        return changed

    def read(self, actor: Actor, id: AppointmentId) -> VisitNote:
        """The visit's note, for the patient, guardians it is not hidden from, and who gives the
        care; a draft is its author's alone (F37, CHD-06).

        Raises: Unknown, NotPermitted.
        """
        at = self.clock()
        with self.work(actor) as work:
            note = work.notes.get(VisitNote.id_of(id))
            ties = work.patients.get(note.patient_id).ties
            standing = relations(
                actor, ties, provider_id=note.provider_id, at=at, hidden=note.hidden
            )
            authorize(actor, Action.VIEW_NOTES, standing, of="visit note")
            if note.status is NoteStatus.DRAFT and note.author != actor.id:
                raise Unknown("visit note")
            work.read(Action.VIEW_NOTES, note.patient_id, note.id)
        return note

    def write_apart(
        self, actor: Actor, note_id: NoteId, id: AppointmentId, text: str
    ) -> PsychotherapyNote:
        """Write down thoughts of one's own, apart from the record (ACC-08).

        Raises: NotKeptApart; IllegalTransition before the visit began; IdReused; Invalid.
        """
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.WRITE_NOTE_APART, id, at)
            require_kept_apart(work.practices.get(actor.practice_id).jurisdiction)
            visit_of(work, appointment).require_begun()
            note = PsychotherapyNote(
                id=note_id,
                practice_id=actor.practice_id,
                appointment_id=id,
                patient_id=appointment.patient_id,
                provider_id=appointment.provider_id,
                author=actor.id,
                text=text,
                written_at=at,
            )
            work.take_turns(note_id)
            first = repeat_of(note, work.psychotherapy_notes.find(note_id), "psychotherapy note")
            if first is not None:
                return first
            work.psychotherapy_notes.save(note, note.written())
        return note

    def read_apart(self, actor: Actor, id: NoteId) -> PsychotherapyNote:
        """One's own note apart from the record; nobody else learns that there is one, the patient
        and whoever breaks the glass included (ACC-07, ACC-08).

        Raises: Unknown, NotPermitted.
        """
        with self.work(actor) as work:
            note = work.psychotherapy_notes.get(id)
            if note.author != actor.id:
                raise Unknown("psychotherapy note")
            standing = relations(actor, provider_id=note.provider_id)
            authorize(actor, Action.READ_NOTE_APART, standing, of="psychotherapy note")
            work.read(Action.READ_NOTE_APART, note.patient_id, note.id)
        return note

    def apart(self, actor: Actor, id: AppointmentId) -> tuple[PsychotherapyNote, ...]:
        """One's own notes apart from the record about one visit, the newest first."""
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.READ_NOTE_APART, id, at)
            work.read(Action.READ_NOTE_APART, appointment.patient_id, id)
            return work.psychotherapy_notes.of_author(actor.id, id)


def sign_on_completion(
    work: ConsultationWork,
    actor: Actor,
    appointment: Appointment,
    notes: str | NoteBody | None,
    at: datetime,
) -> None:
    """Sign the visit's note with its confirmation: the one given, or the draft there is.

    Raises: IllegalTransition for another note once one is signed.
    """
    body = NoteBody(summary=notes) if isinstance(notes, str) else notes
    if body is not None:
        note: VisitNote | None = _written(work, actor, appointment, body, at)
    else:
        note = work.notes.find(VisitNote.id_of(appointment.id))
    if note is not None and note.status is NoteStatus.DRAFT:
        signed, event = note.sign(by=actor.id, at=at)
        work.notes.save(signed, event)


def _written(
    work: ConsultationWork, actor: Actor, appointment: Appointment, body: NoteBody, at: datetime
) -> VisitNote:
    draft = work.notes.find(VisitNote.id_of(appointment.id))
    if draft is not None:
        edited, changed = draft.edit(body, by=actor.id, at=at)
        work.notes.save(edited, changed)
        return edited
    note, begun = VisitNote.draft(
        id=VisitNote.id_of(appointment.id),
        practice_id=appointment.practice_id,
        appointment_id=appointment.id,
        patient_id=appointment.patient_id,
        provider_id=appointment.provider_id,
        author=actor.id,
        body=body,
        visit_at=appointment.during.start,
        drafted_at=at,
    )
    work.notes.save(note, begun)
    return note
