"""What can be asked of treatment: to start, revise and end a program, to follow its progress."""

from datetime import date

import attrs

from telehealth_core.access.actor import Actor, relations
from telehealth_core.access.policy import Action, authorize, permitted
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.registration.use_cases import authorized_patient, standing
from telehealth_core.shared.ids import PatientId, ProgramId, ProviderId
from telehealth_core.shared.repeat import repeat_of
from telehealth_core.treatment.ports import TreatmentWork
from telehealth_core.treatment.program import ProgramKind, TreatmentProgram


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
        """Enter a verified patient into a program under a provider (F39).

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
            first = repeat_of(
                program,
                work.programs.find(id),
                "program",
                but=frozenset({"discharged_on", "revisions"}),
            )
            if first is not None:
                return first
            work.programs.save(program, program.started(by=actor.id))
        return program

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
