"""Programs: entered, started, revised, paused, ended, each change with its reason (F38, F39,
F41).
"""

from collections.abc import Iterator
from datetime import date, datetime
from uuid import UUID

import attrs

from telehealth_core.access.actor import Actor, relations
from telehealth_core.access.policy import Action, authorize, permitted
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.registration.use_cases import authorized_patient, standing
from telehealth_core.shared.ids import PatientId, ProgramId, ProviderId, UserId
from telehealth_core.shared.refusal import Unknown
from telehealth_core.shared.repeat import repeat_of
from telehealth_core.treatment.medication import Medication
from telehealth_core.treatment.ports import TreatmentWork
from telehealth_core.treatment.program import ProgramKind, TreatmentProgram
from telehealth_core.treatment.questionnaire import Questionnaire


def program_of(
    work: TreatmentWork, patient_id: PatientId, id: ProgramId | None
) -> ProgramId | None:
    """The program, if it is one of this patient's, or none.

    Raises: Unknown.
    """
    if id is not None and work.programs.get(id).patient_id != patient_id:
        raise Unknown("program", id)
    return id


@attrs.frozen(repr=False)
class Activity:
    """One thing that happened in a patient's treatment: when, about what, which verb, why, by
    whom.
    """

    at: datetime
    kind: str
    about: UUID
    verb: str
    reason: str
    by: UserId | None


def _course(one: TreatmentProgram | Medication) -> Iterator[Activity]:
    """How a program or a medicine began, and every change of it, the oldest first."""
    kind = type(one).__name__
    if isinstance(one, TreatmentProgram):
        yield Activity(one.entered_at, kind, one.id, "enter", "", None)
    else:
        yield Activity(one.listed_at, kind, one.id, "put", "", None)
    for entry in one.revisions:
        yield Activity(entry.at, kind, one.id, entry.verb, entry.reason, entry.by)


def _occasion(one: Questionnaire) -> Iterator[Activity]:
    """That a questionnaire was answered, and that somebody saw its alarm."""
    yield Activity(one.answered_at, one.instrument, one.id, "answer", f"score {one.score}", None)
    if one.seen_at is not None:
        yield Activity(one.seen_at, one.instrument, one.id, "see", "", one.seen_by)


_OWN_COURSE = frozenset({"discharged_on", "holds", "revisions"})
"""What changes in a program's own course."""


@attrs.frozen
class Treatment:
    """The treatment programs of the practice."""

    work: UnitOfWork[TreatmentWork]
    clock: Clock

    def start(
        self,
        actor: Actor,
        id: ProgramId,
        *,
        patient_id: PatientId,
        provider_id: ProviderId,
        kind: ProgramKind,
        starts_on: date,
        anticipated_discharge_on: date | None,
    ) -> TreatmentProgram:
        """Enter a verified patient into a program under a provider; one that begins today or began
        earlier runs at once (F39).

        Raises: NotPermitted, NotVerified, Unknown, Invalid, IdReused.
        """
        at = self.clock()
        with self.work(actor) as work:
            authorized_patient(work, actor, Action.START_PROGRAM, patient_id, at).require_verified(
                at
            )
            program = TreatmentProgram(
                id=id,
                practice_id=actor.practice_id,
                patient_id=patient_id,
                provider_id=work.providers.get(provider_id).id,
                kind=kind,
                starts_on=starts_on,
                anticipated_discharge_on=anticipated_discharge_on,
                entered_at=at,
            )
            work.take_turns(id)
            first = repeat_of(
                program,
                work.programs.find(id),
                "program",
                but=_OWN_COURSE,
            )
            if first is not None:
                return first
            running = program.entered(work.practices.get(actor.practice_id).day(at))
            work.programs.save(running, *running.begun(by=actor.id))
        return running

    def revise(
        self,
        actor: Actor,
        id: ProgramId,
        *,
        kind: ProgramKind,
        anticipated_discharge_on: date | None,
        reason: str,
    ) -> TreatmentProgram:
        """Change kind or anticipated discharge, with the reason (F41)."""
        with self.work(actor) as work:
            program = self._managed(work, actor, id)
            revised, event = program.revise(
                kind=kind,
                anticipated_discharge_on=anticipated_discharge_on,
                reason=reason,
                by=actor.id,
                at=self.clock(),
            )
            work.programs.save(revised, event)
        return revised

    def begin(self, actor: Actor, id: ProgramId, *, on: date, reason: str) -> TreatmentProgram:
        """Let a planned program run from that day on (F39)."""
        with self.work(actor) as work:
            started, event = self._managed(work, actor, id).start(
                on, reason, by=actor.id, at=self.clock()
            )
            work.programs.save(started, event)
        return started

    def pause(self, actor: Actor, id: ProgramId, *, on: date, reason: str) -> TreatmentProgram:
        """Let the program stand still from that day on (F41)."""
        with self.work(actor) as work:
            paused, event = self._managed(work, actor, id).pause(
                on, reason, by=actor.id, at=self.clock()
            )
            work.programs.save(paused, event)
        return paused

    def resume(
        self,
        actor: Actor,
        id: ProgramId,
        *,
        on: date,
        anticipated_discharge_on: date | None,
        reason: str,
    ) -> TreatmentProgram:
        """Let the program run again, up to a discharge anticipated anew (F41)."""
        with self.work(actor) as work:
            resumed, event = self._managed(work, actor, id).resume(
                on,
                reason,
                anticipated_discharge_on=anticipated_discharge_on,
                by=actor.id,
                at=self.clock(),
            )
            work.programs.save(resumed, event)
        return resumed

    def cancel(self, actor: Actor, id: ProgramId, *, reason: str) -> TreatmentProgram:
        """Give up a program before it began (F41)."""
        with self.work(actor) as work:
            cancelled, event = self._managed(work, actor, id).cancel(
                reason, by=actor.id, at=self.clock()
            )
            work.programs.save(cancelled, event)
        return cancelled

    def discharge(self, actor: Actor, id: ProgramId, *, on: date, reason: str) -> TreatmentProgram:
        """End the program, with the reason (F39)."""
        with self.work(actor) as work:
            finished, event = self._managed(work, actor, id).discharge(
                on, reason, by=actor.id, at=self.clock()
            )
            work.programs.save(finished, event)
        return finished

    def of_patient(self, actor: Actor, patient_id: PatientId) -> tuple[TreatmentProgram, ...]:
        """A patient's programs, the newest first, for those who treat, care for or follow the
        patient (F38, F51). A partner follows the progress and is not told the reasons (ACC-03).
        """
        at = self.clock()
        with self.work(actor) as work:
            patient = authorized_patient(work, actor, Action.VIEW_PROGRAM, patient_id, at)
            work.read(Action.VIEW_PROGRAM, patient_id, patient_id)
            programs = work.programs.of_patient(patient_id)
            if permitted(actor, Action.VIEW_PROGRAM_HISTORY, standing(work, actor, patient, at)):
                return programs
        return tuple(program.without_history() for program in programs)

    def activity(self, actor: Actor, patient_id: PatientId) -> tuple[Activity, ...]:
        """Everything that happened in a patient's programs, in one place: programs entered,
        medicines listed, every change of both with its reason, and questionnaires; the newest
        first (F41).

        Raises: NotPermitted, Unknown.
        """
        with self.work(actor) as work:
            authorized_patient(work, actor, Action.VIEW_PROGRAM_HISTORY, patient_id, self.clock())
            work.read(Action.VIEW_PROGRAM_HISTORY, patient_id, patient_id)
            changed: tuple[TreatmentProgram | Medication, ...] = (
                *work.programs.of_patient(patient_id),
                *work.medications.of_patient(patient_id),
            )
            answered = work.questionnaires.of_patient(patient_id)
        found = [
            *(one for course in changed for one in _course(course)),
            *(one for given in answered for one in _occasion(given)),
        ]
        return tuple(sorted(found, key=lambda one: one.at)[::-1])

    @staticmethod
    def _managed(work: TreatmentWork, actor: Actor, id: ProgramId) -> TreatmentProgram:
        program = work.programs.get(id)
        authorize(
            actor,
            Action.MANAGE_PROGRAM,
            relations(actor, provider_id=program.provider_id),
            of="program",
        )
        return program
