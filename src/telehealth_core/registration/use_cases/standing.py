"""How an actor stands to a patient: what every use case about a patient asks first."""

from datetime import datetime

import attrs

from telehealth_core.access.actor import Actor, Relation, relations
from telehealth_core.access.policy import Action, authorize
from telehealth_core.access.use_cases import in_emergency
from telehealth_core.registration.patient import Patient
from telehealth_core.registration.ports import RegistrationWork
from telehealth_core.shared.ids import PatientId, UserId, derived

PAGE_MOST = 200


def standing(
    work: RegistrationWork, actor: Actor, patient: Patient, at: datetime
) -> frozenset[Relation]:
    """How the actor stands to a patient as a whole: a provider treats whom they have treated, and
    else may read for a while whose glass they broke; whoever is with a partner that is suspended
    follows nobody (F02).
    """
    if actor.partner_id is not None and not work.care.may_follow(actor.partner_id):
        actor = attrs.evolve(actor, partner_id=None)
    provider = actor.provider_id
    treating = provider if provider is not None and work.care.treats(provider, patient.id) else None
    emergency = treating is None and in_emergency(work, actor, patient.id, at)
    return relations(actor, patient.ties, provider_id=treating, at=at, emergency=emergency)


def authorized_patient(
    work: RegistrationWork,
    actor: Actor,
    action: Action,
    id: PatientId,
    at: datetime,
    *,
    of: str = "patient",
) -> Patient:
    """The patient, if the actor stands so to them that the policy lets the action pass. `of` names
    what was asked for, where that was something of the patient's.

    Raises: Unknown, NotPermitted.
    """
    patient = work.patients.get(id)
    authorize(actor, action, standing(work, actor, patient, at), of=of)
    return patient


def account_of(id: PatientId) -> UserId:
    """The id of a patient's own account, which follows from theirs."""
    return UserId(derived(id, "account"))
