"""Notes over HTTP: the visit's note with its addenda, and those that are their author's alone."""

from datetime import datetime
from uuid import UUID

import attrs
from litestar.params import FromPath, JSONBody

from telehealth_core.consultation.note import (
    Addendum,
    AddendumKind,
    NoteBody,
    NoteStatus,
    VisitNote,
)
from telehealth_core.consultation.psychotherapy import PsychotherapyNote
from telehealth_core.shared.ids import AppointmentId, NoteId
from telehealth_http.answers import Items, listed, shown
from telehealth_http.bodies import NOTHING, Nothing, as_in
from telehealth_http.requests import By, creates, does, reads, replaces


@attrs.frozen(kw_only=True)
class NoteTextBody:
    """What a note says, in sections; at least one of them."""

    summary: str | None = as_in(NoteBody, "summary", default=None, repr=False)
    history: str | None = as_in(NoteBody, "history", default=None, repr=False)
    findings: str | None = as_in(NoteBody, "findings", default=None, repr=False)
    assessment: str | None = as_in(NoteBody, "assessment", default=None, repr=False)
    plan: str | None = as_in(NoteBody, "plan", default=None, repr=False)


@attrs.frozen(kw_only=True)
class AddendumBody:
    """What is added to a signed note, and why."""

    kind: AddendumKind
    reason: str = as_in(Addendum, "reason", repr=False)
    text: str = as_in(Addendum, "text", repr=False)


@attrs.frozen(kw_only=True)
class HidingBody:
    """Whether the patient's guardians are kept from the note."""

    hidden: bool


@attrs.frozen(kw_only=True)
class ApartBody:
    """Thoughts of one's own. There is no field for what belongs to the record."""

    text: str = as_in(PsychotherapyNote, "text", repr=False)


@attrs.frozen(kw_only=True)
class NoteTextAnswer:
    """What a note says, in sections."""

    summary: str | None
    history: str | None
    findings: str | None
    assessment: str | None
    plan: str | None


@attrs.frozen(kw_only=True)
class AddendumAnswer:
    """What was added to a signed note."""

    id: UUID
    kind: AddendumKind
    by: UUID
    at: datetime
    reason: str
    text: str


@attrs.frozen(kw_only=True)
class NoteAnswer:
    """The note of a visit; `late` marks one that was signed long after it."""

    id: UUID
    appointment_id: UUID
    status: NoteStatus
    author: UUID
    body: NoteTextAnswer
    hidden: bool
    addenda: tuple[AddendumAnswer, ...]
    visit_at: datetime
    drafted_at: datetime
    signed_at: datetime | None
    late: bool


@attrs.frozen(kw_only=True)
class ApartAnswer:
    """A note apart from the record, for its author."""

    id: UUID
    appointment_id: UUID
    text: str
    written_at: datetime


def _note(note: VisitNote) -> NoteAnswer:
    return shown(NoteAnswer, note)


@replaces("/v1/appointments/{id:uuid}/visit/note")
def write_note(caller: By, id: FromPath[UUID], data: JSONBody[NoteTextBody]) -> NoteAnswer:
    """Write the visit's note, or write its draft anew (F42)."""
    body = NoteBody(**attrs.asdict(data))
    return _note(caller.clinic.notes.write(caller.actor, AppointmentId(id), body))


@reads("/v1/appointments/{id:uuid}/visit/note")
def read_note(caller: By, id: FromPath[UUID]) -> NoteAnswer:
    """Show the visit's note (F37)."""
    return _note(caller.clinic.notes.read(caller.actor, AppointmentId(id)))


@does("/v1/appointments/{id:uuid}/visit/note/signature")
def sign_note(
    caller: By,
    id: FromPath[UUID],
    data: JSONBody[Nothing] = NOTHING,  # noqa: ARG001 - that it is empty is all it says
) -> NoteAnswer:
    """Make the note part of the record; it never changes afterwards (SAF-03)."""
    return _note(caller.clinic.notes.sign(caller.actor, AppointmentId(id)))


@creates("/v1/appointments/{id:uuid}/visit/note/addenda")
def add_to_note(caller: By, id: FromPath[UUID], data: JSONBody[AddendumBody]) -> NoteAnswer:
    """Add a correction or a late entry to a signed note (SAF-03)."""
    note = caller.clinic.notes.add(
        caller.actor,
        AppointmentId(id),
        caller.new_id,
        kind=data.kind,
        reason=data.reason,
        text=data.text,
    )
    return _note(note)


@does("/v1/appointments/{id:uuid}/visit/note/hiding")
def hide_note(caller: By, id: FromPath[UUID], data: JSONBody[HidingBody]) -> NoteAnswer:
    """Hide the note from the patient's guardians, or show it to them (CHD-06)."""
    return _note(caller.clinic.notes.hide(caller.actor, AppointmentId(id), hidden=data.hidden))


@creates("/v1/appointments/{id:uuid}/visit/psychotherapy-notes")
def write_apart(caller: By, id: FromPath[UUID], data: JSONBody[ApartBody]) -> ApartAnswer:
    """Write down thoughts of one's own, apart from the record (ACC-08)."""
    note = caller.clinic.notes.write_apart(
        caller.actor, NoteId(caller.new_id), AppointmentId(id), data.text
    )
    return shown(ApartAnswer, note)


@reads("/v1/appointments/{id:uuid}/visit/psychotherapy-notes")
def list_apart(caller: By, id: FromPath[UUID]) -> Items[ApartAnswer]:
    """List one's own notes apart from the record about a visit (ACC-08)."""
    return listed(ApartAnswer, caller.clinic.notes.apart(caller.actor, AppointmentId(id)))


@reads("/v1/psychotherapy-notes/{id:uuid}")
def read_apart(caller: By, id: FromPath[UUID]) -> ApartAnswer:
    """Show one's own note apart from the record (ACC-08)."""
    return shown(ApartAnswer, caller.clinic.notes.read_apart(caller.actor, NoteId(id)))


ROUTES = (
    write_note,
    read_note,
    sign_note,
    add_to_note,
    hide_note,
    write_apart,
    list_apart,
    read_apart,
)
