"""What a provider asks for before and during a visit: everything about it, in one read (F42)."""

from datetime import datetime

import attrs

from telehealth_core.access.actor import Actor
from telehealth_core.access.policy import Action
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.consultation.admission import numbers_at
from telehealth_core.consultation.note import VisitNote
from telehealth_core.consultation.ports import ConsultationWork
from telehealth_core.consultation.use_cases.facts import episode_of, gate_facts, visit_of
from telehealth_core.consultation.workspace import GuardianContact, Workspace
from telehealth_core.registration.patient import Patient
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.life import AppointmentStatus
from telehealth_core.scheduling.use_cases import authorized_appointment
from telehealth_core.shared.ids import AppointmentId

PREVIOUS_MOST = 10


@attrs.frozen
class ProviderDesk:
    """What a provider has before them."""

    work: UnitOfWork[ConsultationWork]
    clock: Clock

    def workspace(self, actor: Actor, id: AppointmentId) -> Workspace:
        """The visit, the patient, and what is known of both, for the provider who gives it; one
        read of the record, noted as one (F42, N06).
        """
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.VIEW_WORKSPACE, id, at)
            work.read(Action.VIEW_WORKSPACE, appointment.patient_id, id)
            patient, visit = work.patients.get(appointment.patient_id), visit_of(work, appointment)
            facts = gate_facts(work, appointment, visit, at)
            return Workspace(
                appointment=appointment,
                visit=visit,
                patient=patient,
                guardians=_guardians(work, patient, at),
                age=patient.known.age(at),
                consents=work.consents.of_patient(patient.id),
                previous=_previous(work, appointment),
                note=work.notes.find(VisitNote.id_of(id)),
                emergencies=work.emergencies.of_visit(id),
                mode=facts.mode,
                said=facts.said,
                numbers=numbers_at(facts.practice, facts.said.location or appointment.location),
                missing=visit.missing(episode_of(work, appointment, visit, at), at=at),
            )


def _guardians(
    work: ConsultationWork, patient: Patient, at: datetime
) -> tuple[GuardianContact, ...]:
    live = [tie for tie in patient.guardians if tie.live(at)]
    profiles = [work.patients.get(tie.guardian).known for tie in live]
    return tuple(
        GuardianContact(
            patient_id=tie.guardian, name=profile.full_name, phone=profile.phone, basis=tie.basis
        )
        for tie, profile in zip(live, profiles, strict=True)
    )


def _previous(work: ConsultationWork, appointment: Appointment) -> tuple[Appointment, ...]:
    earlier = (
        one
        for one in work.appointments.of_patient(appointment.patient_id)
        if one.status is AppointmentStatus.FULFILLED and one.during.start < appointment.during.start
    )
    return tuple(earlier)[:PREVIOUS_MOST]
