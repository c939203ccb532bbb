"""The medication list: what the patient reports and what those who treat them manage (F40)."""

from datetime import date

import attrs

from telehealth_core.access.actor import Actor
from telehealth_core.access.policy import Action, permitted
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.registration.use_cases import authorized_patient, standing
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import MedicationId, PatientId, ProgramId
from telehealth_core.shared.repeat import repeat_of
from telehealth_core.treatment.medication import Medication, MedicationSource
from telehealth_core.treatment.ports import TreatmentWork
from telehealth_core.treatment.use_cases.programs import program_of

_OWN_COURSE = frozenset({"stopped_on", "revisions"})


@attrs.frozen
class MedicationList:
    """What the practice's patients take."""

    work: UnitOfWork[TreatmentWork]
    clock: Clock

    def put(
        self,
        actor: Actor,
        id: MedicationId,
        patient_id: PatientId,
        *,
        medicine: str,
        dose: str,
        directions: str,
        since: date,
        source: MedicationSource = MedicationSource.PROVIDER,
        program_id: ProgramId | None = None,
    ) -> Medication:
        """Put a medicine on the list. What patient or guardian put there says so: its source is the
        patient, whatever was asked.

        Raises: NotPermitted, Unknown, Invalid, IdReused.
        """
        at = self.clock()
        with self.work(actor) as work:
            patient = authorized_patient(work, actor, Action.REPORT_MEDICATION, patient_id, at)
            treats = permitted(actor, Action.MANAGE_MEDICATION, standing(work, actor, patient, at))
            listed = Medication(
                id=id,
                practice_id=actor.practice_id,
                patient_id=patient.id,
                program_id=program_of(work, patient.id, program_id),
                medicine=medicine,
                dose=dose,
                directions=directions,
                source=source if treats else MedicationSource.PATIENT,
                since=since,
                listed_at=at,
            )
            work.take_turns(id)
            first = repeat_of(listed, work.medications.find(id), "medication", but=_OWN_COURSE)
            if first is not None:
                return first
            work.medications.save(listed, listed.listed(by=actor.id))
        return listed

    def change(
        self, actor: Actor, id: MedicationId, *, dose: str, directions: str, reason: str
    ) -> Medication:
        """Have it taken otherwise from now on, with the reason."""
        with self.work(actor) as work:
            changed, event = self._managed(work, actor, id).change(
                dose, directions, reason, by=actor.id, at=self.clock()
            )
            return self._kept(work, changed, event)

    def pause(self, actor: Actor, id: MedicationId, *, reason: str) -> Medication:
        """Have it not taken for a while, with the reason."""
        with self.work(actor) as work:
            return self._kept(
                work,
                *self._managed(work, actor, id).pause(reason, by=actor.id, at=self.clock()),
            )

    def resume(self, actor: Actor, id: MedicationId, *, reason: str) -> Medication:
        """Have it taken again, with the reason."""
        with self.work(actor) as work:
            return self._kept(
                work,
                *self._managed(work, actor, id).resume(reason, by=actor.id, at=self.clock()),
            )

    def stop(self, actor: Actor, id: MedicationId, *, on: date, reason: str) -> Medication:
        """Have it taken no more from that day on, with the reason."""
        with self.work(actor) as work:
            return self._kept(
                work,
                *self._managed(work, actor, id).stop(on, reason, by=actor.id, at=self.clock()),
            )

    def retract(self, actor: Actor, id: MedicationId, *, reason: str) -> Medication:
        """Say that it was put there in error; it stays, marked as such."""
        with self.work(actor) as work:
            return self._kept(
                work,
                *self._managed(work, actor, id).retract(reason, by=actor.id, at=self.clock()),
            )

    def of_patient(self, actor: Actor, patient_id: PatientId) -> tuple[Medication, ...]:
        """A patient's list, what is taken now first (F40).

        Raises: NotPermitted, Unknown.
        """
        with self.work(actor) as work:
            authorized_patient(work, actor, Action.VIEW_MEDICATIONS, patient_id, self.clock())
            work.read(Action.VIEW_MEDICATIONS, patient_id, patient_id)
            found = work.medications.of_patient(patient_id)
        return tuple(sorted(found, key=lambda one: not one.current))

    def _managed(self, work: TreatmentWork, actor: Actor, id: MedicationId) -> Medication:
        found = work.medications.get(id)
        authorized_patient(
            work,
            actor,
            Action.MANAGE_MEDICATION,
            found.patient_id,
            self.clock(),
            of="medication",
        )
        return found

    @staticmethod
    def _kept(work: TreatmentWork, medication: Medication, event: Event) -> Medication:
        work.medications.save(medication, event)
        return medication
