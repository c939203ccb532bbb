"""Medication lists and questionnaires over HTTP."""

from datetime import date, datetime
from uuid import UUID

import attrs
from litestar.params import FromPath, JSONBody

from telehealth_core.shared.ids import MedicationId, PatientId, ProgramId, QuestionnaireId
from telehealth_core.treatment.medication import Medication, MedicationSource, MedicationStatus
from telehealth_core.treatment.program import Revision
from telehealth_core.treatment.questionnaire import Questionnaire
from telehealth_http.answers import Items, listed, shown
from telehealth_http.bodies import NOTHING, Nothing, as_in
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
class QuestionnaireBody:
    """The answers to an instrument."""

    instrument: str
    answers: tuple[int, ...] = attrs.field(repr=False)
    program_id: ProgramId | None = None


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


@attrs.frozen(kw_only=True)
class QuestionnaireAnswer:
    """One questionnaire: its score and what a score of this height is called; the answers only for
    those who may see them.
    """

    id: UUID
    patient_id: UUID
    program_id: UUID | None
    instrument: str
    answered_at: datetime
    score: int
    band: str
    answers: tuple[int, ...]
    alarm: bool
    seen_at: datetime | None


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


@creates("/v1/patients/{id:uuid}/questionnaires")
def answer_questionnaire(
    caller: By, id: FromPath[UUID], data: JSONBody[QuestionnaireBody]
) -> QuestionnaireAnswer:
    """Answer an instrument; an alarming answer waits for a human from now on (F41, TEL-11)."""
    given = caller.clinic.assessments.answer(
        caller.actor,
        QuestionnaireId(caller.new_id),
        PatientId(id),
        instrument=data.instrument,
        answers=data.answers,
        program_id=data.program_id,
    )
    return _questionnaire(given)


@reads("/v1/patients/{id:uuid}/questionnaires")
def list_questionnaires(caller: By, id: FromPath[UUID]) -> Items[QuestionnaireAnswer]:
    """List a patient's questionnaires, the newest first: how the score goes over time (F41,
    F51).
    """
    found = caller.clinic.assessments.of_patient(caller.actor, PatientId(id))
    return Items(tuple(map(_questionnaire, found)))


@reads("/v1/questionnaire-alarms")
def list_alarms(caller: By) -> Items[QuestionnaireAnswer]:
    """List alarming answers that nobody has seen yet, the oldest first (TEL-11)."""
    return Items(tuple(map(_questionnaire, caller.clinic.assessments.alarms(caller.actor))))


@does("/v1/questionnaires/{id:uuid}/sighting")
def see_alarm(
    caller: By,
    id: FromPath[UUID],
    data: JSONBody[Nothing] = NOTHING,  # noqa: ARG001 - that it is empty is all it says
) -> QuestionnaireAnswer:
    """Say that one has seen an alarming answer and looks after it (TEL-11)."""
    return _questionnaire(caller.clinic.assessments.see_alarm(caller.actor, QuestionnaireId(id)))


def _questionnaire(one: Questionnaire) -> QuestionnaireAnswer:
    return shown(QuestionnaireAnswer, one)


ROUTES = (
    put_medication,
    list_medications,
    change_medication,
    pause_medication,
    resume_medication,
    stop_medication,
    retract_medication,
    answer_questionnaire,
    list_questionnaires,
    list_alarms,
    see_alarm,
)
