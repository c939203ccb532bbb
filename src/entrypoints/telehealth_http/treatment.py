"""Treatment over HTTP: programs from start to discharge, their progress, and the record."""

from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import attrs
from litestar.params import FromPath, JSONBody

from telehealth_core.shared.ids import PatientId, ProgramId, ProviderId
from telehealth_core.treatment.program import (
    ProgramKind,
    ProgramStatus,
    Revision,
    TreatmentProgram,
)
from telehealth_http.answers import Items, listed, shown
from telehealth_http.bodies import as_in
from telehealth_http.letters import LetterAnswer
from telehealth_http.prescribing import PrescriptionAnswer, prescription_answer
from telehealth_http.registration import PatientAnswer
from telehealth_http.requests import By, creates, does, reads, replaces
from telehealth_http.scheduling import AppointmentAnswer


@attrs.frozen(kw_only=True)
class ProgramBody:
    """A program that the patient enters, under which provider."""

    provider_id: ProviderId
    kind: ProgramKind
    starts_on: date
    anticipated_discharge_on: date | None = None


@attrs.frozen(kw_only=True)
class RevisionBody:
    """Other terms of the program, and why; no date means open-ended."""

    kind: ProgramKind
    anticipated_discharge_on: date | None
    reason: str = as_in(Revision, "reason", repr=False)


@attrs.frozen(kw_only=True)
class DischargeBody:
    """The day of the discharge, and why."""

    on: date
    reason: str = as_in(Revision, "reason", repr=False)


@attrs.frozen(kw_only=True)
class ReasonBody:
    """Why something changes."""

    reason: str = as_in(Revision, "reason", repr=False)


@attrs.frozen(kw_only=True)
class ResumptionBody:
    """From when on a program runs again, up to when, and why; no date means open-ended."""

    on: date
    anticipated_discharge_on: date | None
    reason: str = as_in(Revision, "reason", repr=False)


@attrs.frozen(kw_only=True)
class ActivityAnswer:
    """One thing that happened in a patient's treatment."""

    at: datetime
    kind: str
    about: UUID
    verb: str
    reason: str
    by: UUID | None


@attrs.frozen(kw_only=True)
class RevisionAnswer:
    """One change of a program."""

    by: UUID
    at: datetime
    verb: str
    before: str
    after: str
    reason: str


@attrs.frozen(kw_only=True)
class ProgramAnswer:
    """A program with every change of it; a partner that follows the patient is told no changes."""

    id: UUID
    status: ProgramStatus
    kind: ProgramKind
    starts_on: date
    anticipated_discharge_on: date | None
    discharged_on: date | None
    progress_percent: float | None
    overdue: bool
    discharged_early: bool
    provider_id: UUID
    patient_id: UUID
    revisions: tuple[RevisionAnswer, ...]


@attrs.frozen(kw_only=True)
class RecordAnswer:
    """What the practice knows of a patient, for the patient and those who treat them."""

    patient: PatientAnswer
    appointments: tuple[AppointmentAnswer, ...]
    prescriptions: tuple[PrescriptionAnswer, ...]
    letters: tuple[LetterAnswer, ...]
    programs: tuple[ProgramAnswer, ...]


def _today(caller: By) -> date:
    zone = ZoneInfo(caller.clinic.practice.view(caller.actor).zone)
    return caller.clinic.treatment.clock().astimezone(zone).date()


def _progress(program: TreatmentProgram, today: date) -> float | None:
    basis_points = program.progress_bp(today)
    return None if basis_points is None else basis_points / 100


def _program(program: TreatmentProgram, today: date) -> ProgramAnswer:
    return shown(
        ProgramAnswer,
        program,
        progress_percent=_progress(program, today),
        overdue=program.overdue(today),
    )


@creates("/v1/patients/{id:uuid}/programs")
def start_program(caller: By, id: FromPath[UUID], data: JSONBody[ProgramBody]) -> ProgramAnswer:
    """Enter a verified patient into a program under a provider (F39)."""
    program = caller.clinic.treatment.start(
        caller.actor,
        ProgramId(caller.new_id),
        patient_id=PatientId(id),
        provider_id=data.provider_id,
        kind=data.kind,
        starts_on=data.starts_on,
        anticipated_discharge_on=data.anticipated_discharge_on,
    )
    return _program(program, _today(caller))


@reads("/v1/patients/{id:uuid}/programs")
def list_programs(caller: By, id: FromPath[UUID]) -> Items[ProgramAnswer]:
    """List a patient's programs, the newest first; a partner sees no reasons (F38, F51)."""
    found = caller.clinic.treatment.of_patient(caller.actor, PatientId(id))
    today = _today(caller)
    return Items(tuple(_program(program, today) for program in found))


@replaces("/v1/programs/{id:uuid}")
def revise_program(caller: By, id: FromPath[UUID], data: JSONBody[RevisionBody]) -> ProgramAnswer:
    """Change kind or anticipated discharge, with the reason (F41)."""
    program = caller.clinic.treatment.revise(
        caller.actor,
        ProgramId(id),
        kind=data.kind,
        anticipated_discharge_on=data.anticipated_discharge_on,
        reason=data.reason,
    )
    return _program(program, _today(caller))


@does("/v1/programs/{id:uuid}/discharge")
def discharge(caller: By, id: FromPath[UUID], data: JSONBody[DischargeBody]) -> ProgramAnswer:
    """End the program, with the reason (F39)."""
    program = caller.clinic.treatment.discharge(
        caller.actor, ProgramId(id), on=data.on, reason=data.reason
    )
    return _program(program, _today(caller))


@does("/v1/programs/{id:uuid}/start")
def begin_program(caller: By, id: FromPath[UUID], data: JSONBody[DischargeBody]) -> ProgramAnswer:
    """Let a planned program run from that day on (F39)."""
    program = caller.clinic.treatment.begin(
        caller.actor, ProgramId(id), on=data.on, reason=data.reason
    )
    return _program(program, _today(caller))


@does("/v1/programs/{id:uuid}/hold")
def pause_program(caller: By, id: FromPath[UUID], data: JSONBody[DischargeBody]) -> ProgramAnswer:
    """Let the program stand still from that day on (F41)."""
    program = caller.clinic.treatment.pause(
        caller.actor, ProgramId(id), on=data.on, reason=data.reason
    )
    return _program(program, _today(caller))


@does("/v1/programs/{id:uuid}/resumption")
def resume_program(caller: By, id: FromPath[UUID], data: JSONBody[ResumptionBody]) -> ProgramAnswer:
    """Let the program run again, up to a discharge anticipated anew (F41)."""
    program = caller.clinic.treatment.resume(
        caller.actor,
        ProgramId(id),
        on=data.on,
        anticipated_discharge_on=data.anticipated_discharge_on,
        reason=data.reason,
    )
    return _program(program, _today(caller))


@does("/v1/programs/{id:uuid}/cancellation")
def cancel_program(caller: By, id: FromPath[UUID], data: JSONBody[ReasonBody]) -> ProgramAnswer:
    """Give up a program before it began (F41)."""
    program = caller.clinic.treatment.cancel(caller.actor, ProgramId(id), reason=data.reason)
    return _program(program, _today(caller))


@reads("/v1/patients/{id:uuid}/activity")
def list_activity(caller: By, id: FromPath[UUID]) -> Items[ActivityAnswer]:
    """List everything that happened in a patient's programs, the newest first (F41)."""
    return listed(ActivityAnswer, caller.clinic.treatment.activity(caller.actor, PatientId(id)))


@reads("/v1/patients/{id:uuid}/record")
def view_record(caller: By, id: FromPath[UUID]) -> RecordAnswer:
    """Show what the practice knows of a patient, each part by its own permission (F37)."""
    clinic, actor, patient_id, today = caller.clinic, caller.actor, PatientId(id), _today(caller)
    # First what the fewest may read, so that whoever may not read it all reads nothing.
    prescriptions = clinic.prescribing.of_patient(actor, patient_id)
    programs = clinic.treatment.of_patient(actor, patient_id)
    return RecordAnswer(
        patient=shown(PatientAnswer, clinic.registration.view(actor, patient_id)),
        appointments=listed(AppointmentAnswer, clinic.diary.of_patient(actor, patient_id)).items,
        prescriptions=tuple(map(prescription_answer, prescriptions)),
        letters=listed(LetterAnswer, clinic.letters.of_patient(actor, patient_id)).items,
        programs=tuple(_program(program, today) for program in programs),
    )


ROUTES = (
    start_program,
    list_programs,
    revise_program,
    discharge,
    begin_program,
    pause_program,
    resume_program,
    cancel_program,
    list_activity,
    view_record,
)
