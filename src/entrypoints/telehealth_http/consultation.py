"""Consultation over HTTP: join a visit, see who attends, confirm that it took place."""

from datetime import datetime
from uuid import UUID

import attrs
from litestar.params import FromPath, JSONBody

from telehealth_core.access.actor import Ties, relations
from telehealth_core.access.policy import Action, permitted
from telehealth_core.consultation.consultation import Consultation, ConsultationStatus, Side
from telehealth_core.shared.ids import AppointmentId
from telehealth_core.shared.text import line
from telehealth_http.answers import shown
from telehealth_http.requests import By, does, reads


@attrs.frozen(kw_only=True)
class JoinBody:
    """Where the patient is now, said by whoever is on the patient's side, as `US-NY` or `GB`."""

    location: str | None = attrs.field(
        default=None,
        validator=attrs.validators.optional(line(6, least=2)),
        repr=False,
    )


@attrs.frozen(kw_only=True)
class CompletionBody:
    """What the provider notes about the visit."""

    notes: str | None = attrs.field(
        default=None, validator=attrs.fields(Consultation).notes.validator, repr=False
    )


@attrs.frozen(kw_only=True)
class AdmissionAnswer:
    """One participant's way into the room."""

    room: str
    token: str = attrs.field(repr=False)
    url: str


@attrs.frozen(kw_only=True)
class AttendanceAnswer:
    """One connection to the room."""

    user_id: UUID
    side: Side | None
    since: datetime | None
    until: datetime | None


@attrs.frozen(kw_only=True)
class VisitAnswer:
    """A visit; `notes` show to whom the policy lets read the patient's record."""

    appointment_id: UUID
    version: int
    status: ConsultationStatus
    attendances: tuple[AttendanceAnswer, ...]
    counted_seconds: int
    completed_at: datetime | None
    notes: str | None


def _visit(caller: By, visit: Consultation) -> VisitAnswer:
    at = caller.clinic.consultation.clock()
    counted = sum(int((one.end - one.start).total_seconds()) for one in visit.counted(at))
    return shown(
        VisitAnswer,
        visit,
        attendances=tuple(
            shown(AttendanceAnswer, one, side=visit.side_of(one.user_id))
            for one in visit.attendances
        ),
        counted_seconds=counted if visit.counted_seconds is None else visit.counted_seconds,
        notes=visit.notes if _reads_notes(caller, visit, at) else None,
    )


def _reads_notes(caller: By, visit: Consultation, at: datetime) -> bool:
    """Whether the policy lets the caller read this patient's record (F37)."""
    actor = caller.actor
    wards = () if actor.patient_id is None else caller.clinic.registration.dependants(actor)
    ties = {child.id: child.ties for child in wards}.get(visit.patient_id, Ties(visit.patient_id))
    standing = relations(actor, ties, provider_id=visit.provider_id, at=at)
    return permitted(actor, Action.VIEW_RECORD, standing)


@does("/v1/appointments/{id:uuid}/visit/join")
def join_visit(
    caller: By, id: FromPath[UUID], data: JSONBody[JoinBody] = JoinBody()
) -> AdmissionAnswer:
    """Be let into the visit's room, shortly before its time (F32, TEL-01, TEL-07)."""
    admission = caller.clinic.consultation.join(caller.actor, AppointmentId(id), data.location)
    return shown(AdmissionAnswer, admission)


@reads("/v1/appointments/{id:uuid}/visit")
def view_visit(caller: By, id: FromPath[UUID]) -> VisitAnswer:
    """Show who attended when, and whether the visit was confirmed (F33)."""
    return _visit(caller, caller.clinic.consultation.view(caller.actor, AppointmentId(id)))


@does("/v1/appointments/{id:uuid}/visit/completion")
def complete_visit(
    caller: By, id: FromPath[UUID], data: JSONBody[CompletionBody] = CompletionBody()
) -> VisitAnswer:
    """Confirm that the visit took place; only now may a charge on completion be taken (F45)."""
    visit = caller.clinic.consultation.complete(caller.actor, AppointmentId(id), data.notes)
    return _visit(caller, visit)


ROUTES = (join_visit, view_visit, complete_visit)
