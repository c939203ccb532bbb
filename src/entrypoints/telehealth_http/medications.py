"""Medication lists over HTTP."""

from datetime import date
from uuid import UUID

import attrs
from litestar.params import FromPath, JSONBody

from telehealth_core.shared.ids import MedicationId, PatientId, ProgramId
from telehealth_core.treatment.medication import Medication, MedicationSource, MedicationStatus
from telehealth_core.treatment.program import Revision
from telehealth_http.answers import Items, listed, shown
from telehealth_http.bodies import as_in
from telehealth_http.requests import By, creates, does, reads, replaces
from telehealth_http.treatment import ReasonBody, RevisionAnswer


@attrs.frozen(kw_only=True)
class MedicationBody:
    """A medicine that the patient takes, and since when."""

    medicine: str = as_in(Medication, "medicine", repr=False)
    dose: str = as_in(Medication, "dose", repr=False)
    directions: str = as_in(Medication, "directions", repr=False)
    since: date
    source: MedicationSource = MedicationSource.PROVIDER
    program_id: ProgramId | None = None


@attrs.frozen(kw_only=True)
class MedicationChangeBody:
    """How the patient takes it from now on, and why."""

    dose: str = as_in(Medication, "dose", repr=False)
    directions: str = as_in(Medication, "directions", repr=False)
    reason: str = as_in(Revision, "reason", repr=False)


@attrs.frozen(kw_only=True)
class StopBody:
    """From which day on it is taken no more, and why."""

    on: date
    reason: str = as_in(Revision, "reason", repr=False)


@attrs.frozen(kw_only=True)
class MedicationAnswer:
    """One medicine of a patient's list, with every change of it."""

    id: UUID
    status: MedicationStatus
    patient_id: UUID
    program_id: UUID | None
    medicine: str
    dose: str
    directions: str
    source: MedicationSource
    since: date
    stopped_on: date | None
    revisions: tuple[RevisionAnswer, ...]


@creates("/v1/patients/{id:uuid}/medications")
def put_medication(
    caller: By, id: FromPath[UUID], data: JSONBody[MedicationBody]
) -> MedicationAnswer:
    """Put a medicine on a patient's list (F40)."""
    medication = caller.clinic.medications.put(
        caller.actor,
        MedicationId(caller.new_id),
        PatientId(id),
        medicine=data.medicine,
        dose=data.dose,
        directions=data.directions,
        since=data.since,
        source=data.source,
        program_id=data.program_id,
    )
    return shown(MedicationAnswer, medication)


@reads("/v1/patients/{id:uuid}/medications")
def list_medications(caller: By, id: FromPath[UUID]) -> Items[MedicationAnswer]:
    """List what a patient takes, and took; what is taken now first (F40)."""
    found = caller.clinic.medications.of_patient(caller.actor, PatientId(id))
    return listed(MedicationAnswer, found)


@replaces("/v1/medications/{id:uuid}")
def change_medication(
    caller: By, id: FromPath[UUID], data: JSONBody[MedicationChangeBody]
) -> MedicationAnswer:
    """Have it taken otherwise from now on (F40)."""
    changed = caller.clinic.medications.change(
        caller.actor,
        MedicationId(id),
        dose=data.dose,
        directions=data.directions,
        reason=data.reason,
    )
    return shown(MedicationAnswer, changed)


@does("/v1/medications/{id:uuid}/pause")
def pause_medication(
    caller: By, id: FromPath[UUID], data: JSONBody[ReasonBody]
) -> MedicationAnswer:
    """Have it not taken for a while (F40)."""
    paused = caller.clinic.medications.pause(caller.actor, MedicationId(id), reason=data.reason)
    return shown(MedicationAnswer, paused)


@does("/v1/medications/{id:uuid}/resumption")
def resume_medication(
    caller: By, id: FromPath[UUID], data: JSONBody[ReasonBody]
) -> MedicationAnswer:
    """Have it taken again (F40)."""
    resumed = caller.clinic.medications.resume(caller.actor, MedicationId(id), reason=data.reason)
    return shown(MedicationAnswer, resumed)


@does("/v1/medications/{id:uuid}/stop")
def stop_medication(caller: By, id: FromPath[UUID], data: JSONBody[StopBody]) -> MedicationAnswer:
    """Have it taken no more from that day on (F40)."""
    stopped = caller.clinic.medications.stop(
        caller.actor, MedicationId(id), on=data.on, reason=data.reason
    )
    return shown(MedicationAnswer, stopped)


@does("/v1/medications/{id:uuid}/retraction")
def retract_medication(
    caller: By, id: FromPath[UUID], data: JSONBody[ReasonBody]
) -> MedicationAnswer:
    """Say that it was put there in error; it stays, marked as such (F40)."""
    retracted = caller.clinic.medications.retract(
        caller.actor, MedicationId(id), reason=data.reason
    )
    return shown(MedicationAnswer, retracted)


ROUTES = (
    put_medication,
    list_medications,
    change_medication,
    pause_medication,
    resume_medication,
    stop_medication,
    retract_medication,
)
