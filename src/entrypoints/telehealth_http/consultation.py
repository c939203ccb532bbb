"""Consultation over HTTP: join a visit, see who attends and all that belongs to it, say what became
of it.
"""

from datetime import datetime
from uuid import UUID

import attrs
from litestar.params import FromPath, JSONBody

from telehealth_core.access.actor import GuardianBasis
from telehealth_core.consultation.admission import EmergencyNumbers
from telehealth_core.consultation.assurance import CapacityAssessment, IdentityMethod
from telehealth_core.consultation.attendance import Side, Whereabouts
from telehealth_core.consultation.completion import Outcome, OutcomeKind
from telehealth_core.consultation.consultation import Consultation, FailureReport
from telehealth_core.consultation.life import ConsultationStatus
from telehealth_core.consultation.note import NoteBody
from telehealth_core.scheduling.session import Mode
from telehealth_core.shared.ids import AppointmentId
from telehealth_http.answers import Items, shown
from telehealth_http.bodies import as_in
from telehealth_http.registration import PatientAnswer
from telehealth_http.requests import By, does, reads
from telehealth_http.scheduling import AppointmentAnswer


@attrs.frozen(kw_only=True)
class JoinBody:
    """Said by whoever is on the patient's side: where the patient is now, as `US-NY` or `GB`, and
    whether they are safe and by themselves there.
    """

    location: str | None = as_in(Whereabouts, "location", default=None, repr=False)
    private: bool | None = attrs.field(default=None, repr=False)
    mode: Mode | None = None


@attrs.frozen(kw_only=True)
class IdentityBody:
    """How the provider saw who the patient is."""

    method: IdentityMethod


@attrs.frozen(kw_only=True)
class ModeBody:
    """Video or voice."""

    mode: Mode


@attrs.frozen(kw_only=True)
class AssessmentBody:
    """What shows that a child understands enough to decide alone in this visit."""

    finding: str = as_in(CapacityAssessment, "finding", repr=False)


@attrs.frozen(kw_only=True)
class FailureBody:
    """What is wrong with the connection."""

    text: str | None = as_in(FailureReport, "text", default=None, repr=False)


@attrs.frozen(kw_only=True)
class CompletionBody:
    """What the provider notes about the visit; signed with the confirmation."""

    notes: str | None = as_in(NoteBody, "summary", default=None, repr=False)


@attrs.frozen(kw_only=True)
class CallingOffBody:
    """Why the visit did not become what it was for: `unsuitable`, with the advice that the patient
    was given, or `technical-failure`.
    """

    kind: OutcomeKind
    text: str | None = as_in(Outcome, "text", default=None, repr=False)


@attrs.frozen(kw_only=True)
class GateAnswer:
    """One gate to the room, open or shut."""

    name: str
    asks: str
    passed: bool


@attrs.frozen(kw_only=True)
class AdmissionAnswer:
    """One participant's way into the room, what the other side still has before it, and whom to
    call in an emergency.
    """

    room: str
    token: str = attrs.field(repr=False)
    url: str
    mode: Mode
    other_side: tuple[GateAnswer, ...]
    emergency_number: str
    crisis_number: str


@attrs.frozen(kw_only=True)
class WaitingRoomAnswer:
    """What both sides still have before them, and whom to call in an emergency."""

    mode: Mode
    patient: tuple[GateAnswer, ...]
    provider: tuple[GateAnswer, ...]
    emergency_number: str
    crisis_number: str


@attrs.frozen(kw_only=True)
class AttendanceAnswer:
    """One connection to the room."""

    user_id: UUID
    side: Side | None
    since: datetime | None
    until: datetime | None


@attrs.frozen(kw_only=True)
class ModeChangeAnswer:
    """A change between video and voice."""

    mode: Mode
    by: UUID
    at: datetime


@attrs.frozen(kw_only=True)
class IdentityAnswer:
    """That the provider confirmed who the patient is."""

    method: IdentityMethod
    by: UUID
    at: datetime


@attrs.frozen(kw_only=True)
class FailureAnswer:
    """What somebody said of a connection that failed."""

    by: UUID
    side: Side
    at: datetime
    text: str | None


@attrs.frozen(kw_only=True)
class VisitOutcomeAnswer:
    """What became of the visit; `text` shows to whom the policy lets read the patient's record."""

    kind: OutcomeKind
    by: UUID
    at: datetime
    text: str | None


@attrs.frozen(kw_only=True)
class VisitAnswer:
    """A visit: who attended, and what became of it."""

    appointment_id: UUID
    version: int
    status: ConsultationStatus
    attendances: tuple[AttendanceAnswer, ...]
    counted_seconds: int
    mode_changes: tuple[ModeChangeAnswer, ...]
    identity: IdentityAnswer | None
    failures: tuple[FailureAnswer, ...]
    outcome: VisitOutcomeAnswer | None
    completed_at: datetime | None


@attrs.frozen(kw_only=True)
class GuardianContactAnswer:
    """Whom to ask about a child."""

    patient_id: UUID
    name: str
    phone: str | None
    basis: GuardianBasis


@attrs.frozen(kw_only=True)
class ConsentInSightAnswer:
    """One answer of the patient to what the practice asked."""

    purpose: str
    given: bool
    at: datetime
    withdrawn_at: datetime | None


@attrs.frozen(kw_only=True)
class WorkspaceAnswer:
    """A visit with everything that its provider needs before and during it; `missing` is what a
    confirmation would still ask for.
    """

    appointment: AppointmentAnswer
    visit: VisitAnswer
    patient: PatientAnswer
    guardians: tuple[GuardianContactAnswer, ...]
    age: int
    consents: tuple[ConsentInSightAnswer, ...]
    previous: tuple[AppointmentAnswer, ...]
    note_id: UUID | None
    emergency_ids: tuple[UUID, ...]
    mode: Mode
    location: str | None
    private: bool | None
    emergency_number: str
    crisis_number: str
    missing: tuple[str, ...]


def _visit(caller: By, visit: Consultation) -> VisitAnswer:
    return shown(
        VisitAnswer,
        visit,
        attendances=tuple(
            shown(AttendanceAnswer, one, side=visit.side_of(one.user_id)) for one in visit.stays
        ),
        counted_seconds=visit.seconds_together(caller.clinic.consultation.clock()),
    )


def _numbers(numbers: EmergencyNumbers) -> dict[str, str]:
    return {"emergency_number": numbers.emergency, "crisis_number": numbers.crisis}


@does("/v1/appointments/{id:uuid}/visit/join")
def join_visit(
    caller: By, id: FromPath[UUID], data: JSONBody[JoinBody] = JoinBody()
) -> AdmissionAnswer:
    """Be let into the visit's room, shortly before its time (F32, TEL-01, TEL-07)."""
    admitted = caller.clinic.consultation.join(
        caller.actor, AppointmentId(id), data.location, private=data.private, mode=data.mode
    )
    return shown(AdmissionAnswer, admitted, **_numbers(admitted.numbers))


@reads("/v1/appointments/{id:uuid}/visit/waiting-room")
def view_waiting_room(caller: By, id: FromPath[UUID]) -> WaitingRoomAnswer:
    """Show what both sides of a visit still have before them (F32, TEL-04)."""
    waiting = caller.clinic.consultation.waiting_room(caller.actor, AppointmentId(id))
    return shown(WaitingRoomAnswer, waiting, **_numbers(waiting.numbers))


@reads("/v1/appointments/{id:uuid}/visit")
def view_visit(caller: By, id: FromPath[UUID]) -> VisitAnswer:
    """Show who attended when, and what became of the visit (F33)."""
    return _visit(caller, caller.clinic.consultation.view(caller.actor, AppointmentId(id)))


@reads("/v1/appointments/{id:uuid}/visit/workspace")
def view_workspace(caller: By, id: FromPath[UUID]) -> WorkspaceAnswer:
    """Show the visit, the patient and all that belongs to both, in one place (F42)."""
    desk = caller.clinic.desk.workspace(caller.actor, AppointmentId(id))
    return shown(
        WorkspaceAnswer,
        desk,
        visit=_visit(caller, desk.visit),
        note_id=desk.note and desk.note.id,
        emergency_ids=tuple(one.id for one in desk.emergencies),
        location=desk.said.location,
        private=desk.said.private,
        **_numbers(desk.numbers),
    )


@does("/v1/appointments/{id:uuid}/visit/identity")
def confirm_identity(caller: By, id: FromPath[UUID], data: JSONBody[IdentityBody]) -> VisitAnswer:
    """Confirm that the patient in the visit is who they should be (IDV-04)."""
    visit = caller.clinic.consultation.confirm_identity(
        caller.actor, AppointmentId(id), data.method
    )
    return _visit(caller, visit)


@does("/v1/appointments/{id:uuid}/visit/mode")
def change_mode(caller: By, id: FromPath[UUID], data: JSONBody[ModeBody]) -> VisitAnswer:
    """Go on by voice instead of video, or the other way round (F19, TEL-06)."""
    visit = caller.clinic.consultation.change_mode(caller.actor, AppointmentId(id), data.mode)
    return _visit(caller, visit)


@does("/v1/appointments/{id:uuid}/visit/assessment")
def assess_capacity(caller: By, id: FromPath[UUID], data: JSONBody[AssessmentBody]) -> VisitAnswer:
    """Find a child able to decide without a guardian in this visit (CHD-03)."""
    visit = caller.clinic.consultation.assess(caller.actor, AppointmentId(id), data.finding)
    return _visit(caller, visit)


@does("/v1/appointments/{id:uuid}/visit/failures")
def report_failure(
    caller: By, id: FromPath[UUID], data: JSONBody[FailureBody] = FailureBody()
) -> VisitAnswer:
    """Say that the connection fails, or failed (F32)."""
    visit = caller.clinic.consultation.report_failure(caller.actor, AppointmentId(id), data.text)
    return _visit(caller, visit)


@does("/v1/appointments/{id:uuid}/visit/completion")
def complete_visit(
    caller: By, id: FromPath[UUID], data: JSONBody[CompletionBody] = CompletionBody()
) -> VisitAnswer:
    """Confirm that the visit took place; only now may a charge on completion be taken (F45)."""
    visit = caller.clinic.consultation.complete(caller.actor, AppointmentId(id), data.notes)
    return _visit(caller, visit)


@does("/v1/appointments/{id:uuid}/visit/calling-off")
def call_off_visit(caller: By, id: FromPath[UUID], data: JSONBody[CallingOffBody]) -> VisitAnswer:
    """End a visit that was unsuitable from afar or failed; it costs nothing (TEL-09)."""
    visit = caller.clinic.consultation.call_off(
        caller.actor, AppointmentId(id), data.kind, data.text
    )
    return _visit(caller, visit)


@reads("/v1/visits/unconfirmed")
def list_unconfirmed(caller: By) -> Items[VisitAnswer]:
    """List finished visits that nobody has confirmed yet, the oldest first (F45)."""
    visits = caller.clinic.consultation.unconfirmed(caller.actor)
    return Items(tuple(_visit(caller, visit) for visit in visits))


ROUTES = (
    join_visit,
    view_waiting_room,
    view_visit,
    view_workspace,
    confirm_identity,
    change_mode,
    assess_capacity,
    report_failure,
    complete_visit,
    call_off_visit,
    list_unconfirmed,
)
