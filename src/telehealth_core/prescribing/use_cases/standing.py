"""How an actor stands to a prescription, and the facts that its rules weigh."""

from datetime import datetime

from telehealth_core.access.actor import Actor, relations
from telehealth_core.access.policy import Action, authorize
from telehealth_core.consultation.consultation import Consultation
from telehealth_core.practice.consent_text import ConsentPurpose
from telehealth_core.prescribing.facts import Facts, location_in, region_of
from telehealth_core.prescribing.ports import PrescribingWork
from telehealth_core.prescribing.prescription import Prescription
from telehealth_core.prescribing.signature import Particulars
from telehealth_core.registration.consent import standing_consent
from telehealth_core.registration.patient import Patient
from telehealth_core.shared.ids import PatientId, PrescriptionId
from telehealth_core.workforce.provider import Provider


def authorized_prescription(
    work: PrescribingWork, actor: Actor, action: Action, id: PrescriptionId, at: datetime
) -> Prescription:
    """The prescription, if the actor stands so to its patient and author that the policy lets the
    action pass; to a guardian from whom it is hidden there is none (CHD-06).

    Raises: Unknown, NotPermitted.
    """
    prescription = work.prescriptions.get(id)
    standing = relations(
        actor,
        work.patients.get(prescription.patient_id).ties,
        provider_id=prescription.provider_id,
        at=at,
        hidden=prescription.hidden_from_guardians,
    )
    authorize(actor, action, standing, of="prescription")
    return prescription


def facts_of(
    work: PrescribingWork,
    prescription: Prescription,
    at: datetime,
    *,
    signature_stands: bool = False,
    own_key: bool = False,
) -> Facts:
    """All that the rules weigh, as it stands now."""
    practice = work.practices.get(prescription.practice_id)
    provider = work.providers.get(prescription.provider_id)
    patient = work.patients.get(prescription.patient_id)
    visit = work.consultations.find(Consultation.id_of(prescription.appointment_id))
    earlier = work.prescriptions.of_patient(patient.id)
    particulars = prescription.particulars or Particulars.of(
        practice,
        provider,
        patient,
        region=region_of(practice, location_in(visit)),
        signed_on=practice.day(at),
        not_before=prescription.not_before,
    )
    return Facts(
        practice=practice,
        prescription=prescription,
        particulars=particulars,
        provider=provider,
        patient=patient,
        consultation=visit,
        identity_confirmed=visit is not None and visit.identity is not None,
        shares_with_gp=shares_with_gp(work, patient.id, at),
        earlier=tuple(one for one in earlier if one.id != prescription.id),
        prescriber_as_patient=_as_patient(work, provider),
        signature_stands=signature_stands,
        own_key=own_key,
        at=at,
    )


def shares_with_gp(work: PrescribingWork, patient_id: PatientId, at: datetime) -> bool:
    """Whether the patient agreed that their general practitioner is told, and still does (CON-02,
    CON-03).
    """
    answers = work.consents.of_patient(patient_id)
    return standing_consent(answers, ConsentPurpose.GP_SHARING, at) is not None


def _as_patient(work: PrescribingWork, provider: Provider) -> Patient | None:
    return None if provider.patient_id is None else work.patients.find(provider.patient_id)
