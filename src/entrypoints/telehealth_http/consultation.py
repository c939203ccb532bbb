"""Consultation over HTTP: join a visit, see who attends, confirm that it took place."""

from datetime import datetime
from uuid import UUID

import attrs
from litestar.params import FromPath, JSONBody

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
    return shown(
        VisitAnswer,
        visit,
        attendances=tuple(
            shown(AttendanceAnswer, one, side=visit.side_of(one.user_id))
            for one in visit.attendances
        ),
        counted_seconds=visit.seconds_together(caller.clinic.consultation.clock()),
    )


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
