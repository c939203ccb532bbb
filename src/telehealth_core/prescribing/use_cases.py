"""What can be asked of prescribing: to draft and sign after a visit, and to read."""

import attrs

from telehealth_core.access.actor import Actor, relations
from telehealth_core.access.policy import Action, authorize
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.prescribing.ports import PrescribingWork
from telehealth_core.prescribing.prescription import Item, Prescription
from telehealth_core.registration.use_cases import authorized_patient
from telehealth_core.scheduling.use_cases import authorized_appointment
from telehealth_core.shared.ids import AppointmentId, PatientId, PrescriptionId
from telehealth_core.shared.repeat import repeat_of


@attrs.frozen
class Prescribing:
    """The prescriptions of the practice."""

    work: UnitOfWork[PrescribingWork]
    clock: Clock

    def draft(
        self,
        actor: Actor,
        id: PrescriptionId,
        appointment_id: AppointmentId,
        items: tuple[Item, ...],
    ) -> Prescription:
        """Begin a prescription for the patient of an appointment (F35).

        Raises: NotPermitted, Unknown, Invalid, IdReused.
        """
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.PRESCRIBE, appointment_id, at)
            appointment.require_begun()
            prescription = Prescription(
                id=id,
                practice_id=actor.practice_id,
                patient_id=appointment.patient_id,
                provider_id=appointment.provider_id,
                appointment_id=appointment_id,
                items=items,
                drafted_at=at,
            )
            first = repeat_of(prescription, work.prescriptions.find(id), "prescription")
            if first is not None:
                return first
            work.prescriptions.save(prescription, prescription.drafted(by=actor.id))
        return prescription

    def sign(self, actor: Actor, id: PrescriptionId) -> Prescription:
        """Sign a draft; nothing in it changes afterwards (RXC-01, RXC-02).

        Raises: NotPrescriber, ItemsNotAllowed, IllegalTransition, NotPermitted, Unknown.
        """
        with self.work(actor) as work:
            draft = work.prescriptions.get(id)
            standing = relations(actor, provider_id=draft.provider_id)
            authorize(actor, Action.PRESCRIBE, standing, of="prescription")
            provider = work.providers.get(draft.provider_id)
            signed, event = draft.sign(prescriber=provider.prescriber, by=actor.id, at=self.clock())
            work.prescriptions.save(signed, event)
        return signed

    def of_patient(self, actor: Actor, patient_id: PatientId) -> tuple[Prescription, ...]:
        """A patient's prescriptions, the newest first (F37)."""
        with self.work(actor) as work:
            authorized_patient(work, actor, Action.VIEW_PRESCRIPTION, patient_id, self.clock())
            work.read(Action.VIEW_PRESCRIPTION, patient_id, patient_id)
            return work.prescriptions.of_patient(patient_id)
