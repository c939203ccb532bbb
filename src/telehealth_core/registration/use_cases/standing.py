"""How an actor stands to a patient: what every use case about a patient asks first."""

from datetime import datetime

from telehealth_core.access.actor import Actor, Relation, relations
from telehealth_core.access.policy import Action, authorize
from telehealth_core.registration.patient import Patient
from telehealth_core.registration.ports import RegistrationWork
from telehealth_core.shared.ids import PatientId

PAGE_MOST = 200


def standing(
    work: RegistrationWork, actor: Actor, patient: Patient, at: datetime
) -> frozenset[Relation]:
    """How the actor stands to a patient as a whole: a provider treats whom they have treated."""
    provider = actor.provider_id
    treating = provider if provider is not None and work.care.treats(provider, patient.id) else None
    return relations(actor, patient.ties, provider_id=treating, at=at)


def authorized_patient(
    work: RegistrationWork, actor: Actor, action: Action, id: PatientId, at: datetime
) -> Patient:
    """The patient, if the actor stands so to them that the policy lets the action pass.

    Raises: Unknown, NotPermitted.
    """
    patient = work.patients.get(id)
    authorize(actor, action, standing(work, actor, patient, at), of="patient")
    return patient
