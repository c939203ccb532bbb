"""Questionnaires over HTTP: their scores, and the alarming answers that wait for a human."""

from datetime import datetime
from uuid import UUID

import attrs
from litestar.params import FromPath, JSONBody

from telehealth_core.shared.ids import PatientId, ProgramId, QuestionnaireId
from telehealth_core.treatment.questionnaire import Questionnaire
from telehealth_http.answers import Items, shown
from telehealth_http.bodies import NOTHING, Nothing
from telehealth_http.requests import By, creates, does, reads


@attrs.frozen(kw_only=True)
class QuestionnaireBody:
    """The answers to an instrument."""

    instrument: str
    answers: tuple[int, ...] = attrs.field(repr=False)
    program_id: ProgramId | None = None


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


@attrs.frozen(kw_only=True)
class AnsweredAnswer:
    """A questionnaire that was just answered; with an alarming answer also whom to call at once."""

    questionnaire: QuestionnaireAnswer
    emergency_number: str | None
    crisis_number: str | None


@creates("/v1/patients/{id:uuid}/questionnaires")
def answer_questionnaire(
    caller: By, id: FromPath[UUID], data: JSONBody[QuestionnaireBody]
) -> AnsweredAnswer:
    """Answer an instrument; an alarming answer waits for a human from now on, and whoever gave it
    is told whom to call (F41, TEL-11).
    """
    given = caller.clinic.questionnaires.answer(
        caller.actor,
        QuestionnaireId(caller.new_id),
        PatientId(id),
        instrument=data.instrument,
        answers=data.answers,
        program_id=data.program_id,
    )
    return AnsweredAnswer(
        questionnaire=_questionnaire(given.questionnaire),
        emergency_number=given.emergency_number,
        crisis_number=given.crisis_number,
    )


@reads("/v1/patients/{id:uuid}/questionnaires")
def list_questionnaires(caller: By, id: FromPath[UUID]) -> Items[QuestionnaireAnswer]:
    """List a patient's questionnaires, the newest first: how the score goes over time (F41,
    F51).
    """
    found = caller.clinic.questionnaires.of_patient(caller.actor, PatientId(id))
    return Items(tuple(map(_questionnaire, found)))


@reads("/v1/questionnaire-alarms")
def list_alarms(caller: By) -> Items[QuestionnaireAnswer]:
    """List alarming answers that nobody has seen yet, the oldest first (TEL-11)."""
    return Items(tuple(map(_questionnaire, caller.clinic.questionnaires.alarms(caller.actor))))


@does("/v1/questionnaires/{id:uuid}/sighting")
def see_alarm(
    caller: By,
    id: FromPath[UUID],
    data: JSONBody[Nothing] = NOTHING,  # noqa: ARG001 - that it is empty is all it says
) -> QuestionnaireAnswer:
    """Say that one has seen an alarming answer and looks after it (TEL-11)."""
    return _questionnaire(caller.clinic.questionnaires.see_alarm(caller.actor, QuestionnaireId(id)))


def _questionnaire(one: Questionnaire) -> QuestionnaireAnswer:
    return shown(QuestionnaireAnswer, one)


ROUTES = (
    answer_questionnaire,
    list_questionnaires,
    list_alarms,
    see_alarm,
)
