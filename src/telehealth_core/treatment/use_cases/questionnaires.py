"""Questionnaires: answered by the patient's side or with a clinician, their scores over time
(F41, F51).
"""

from typing import Self

import attrs

from telehealth_core.access.actor import Actor, relations
from telehealth_core.access.policy import Action, authorize, permitted
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.jurisdictions import Jurisdiction
from telehealth_core.registration.use_cases import authorized_patient, standing
from telehealth_core.shared.ids import PatientId, ProgramId, QuestionnaireId
from telehealth_core.shared.repeat import repeat_of
from telehealth_core.treatment.ports import TreatmentWork
from telehealth_core.treatment.questionnaire import Questionnaire
from telehealth_core.treatment.use_cases.programs import program_of

ALARMS_MOST = 200
_OWN_COURSE = frozenset({"seen_by"})


@attrs.frozen
class Answered:
    """A questionnaire as whoever answered it is told of it: with an alarming answer also whom to
    call at once, where the practice is (TEL-11).
    """

    questionnaire: Questionnaire
    emergency_number: str | None
    crisis_number: str | None

    @classmethod
    def of(cls, given: Questionnaire, country: Jurisdiction) -> Self:
        """What whoever answered is told."""
        if not given.alarm:
            return cls(given, None, None)
        return cls(given, country.emergency_number, country.crisis_number)


@attrs.frozen
class QuestionnaireBook:
    """What the practice's patients answered."""

    work: UnitOfWork[TreatmentWork]
    clock: Clock

    def answer(
        self,
        actor: Actor,
        id: QuestionnaireId,
        patient_id: PatientId,
        *,
        instrument: str,
        answers: tuple[int, ...],
        program_id: ProgramId | None = None,
    ) -> Answered:
        """Answer an instrument; an alarming answer waits for a human from this very moment, and
        whoever gave it is told whom to call (TEL-11).

        Raises: NotPermitted, Unknown, Invalid, IdReused.
        """
        at = self.clock()
        with self.work(actor) as work:
            patient = authorized_patient(work, actor, Action.ANSWER_QUESTIONNAIRE, patient_id, at)
            given = Questionnaire.answer(
                id=id,
                practice_id=actor.practice_id,
                patient_id=patient.id,
                program_id=program_of(work, patient.id, program_id),
                instrument=instrument,
                answers=answers,
                answered_at=at,
            )
            work.take_turns(id)
            first = repeat_of(given, work.questionnaires.find(id), "questionnaire", but=_OWN_COURSE)
            if first is None:
                work.questionnaires.save(given, *given.answered(by=actor.id))
            country = work.practices.get(actor.practice_id).jurisdiction
        return Answered.of(first or given, country)

    def of_patient(self, actor: Actor, patient_id: PatientId) -> tuple[Questionnaire, ...]:
        """A patient's questionnaires, the newest first; who may see scores alone is told scores
        alone (F51, ACC-03).

        Raises: NotPermitted, Unknown.
        """
        at = self.clock()
        with self.work(actor) as work:
            patient = authorized_patient(work, actor, Action.VIEW_SCORES, patient_id, at)
            work.read(Action.VIEW_SCORES, patient_id, patient_id)
            found = work.questionnaires.of_patient(patient_id)
            whole = permitted(actor, Action.VIEW_ANSWERS, standing(work, actor, patient, at))
        return found if whole else tuple(one.score_alone() for one in found)

    def alarms(self, actor: Actor) -> tuple[Questionnaire, ...]:
        """Alarming answers that nobody has seen yet, the oldest first, for the office; scores
        alone.

        Raises: NotPermitted.
        """
        with self.work(actor) as work:
            authorize(actor, Action.SEE_ALARM, relations(actor))
            found = work.questionnaires.alarming(limit=ALARMS_MOST)
            for one in found:
                work.read(Action.SEE_ALARM, one.patient_id, one.id)
        return tuple(one.without_answers() for one in found)

    def see_alarm(self, actor: Actor, id: QuestionnaireId) -> Questionnaire:
        """Say that one has seen an alarming answer and looks after it (TEL-11). Only who may see
        answers is told them.

        Raises: NotPermitted, Unknown, Invalid where there is none.
        """
        at = self.clock()
        with self.work(actor) as work:
            found = work.questionnaires.get(id)
            patient = authorized_patient(
                work, actor, Action.SEE_ALARM, found.patient_id, at, of="questionnaire"
            )
            seen, event = found.see(by=actor.id, at=at)
            work.questionnaires.save(seen, event)
            whole = permitted(actor, Action.VIEW_ANSWERS, standing(work, actor, patient, at))
        return seen if whole else seen.without_answers()
