"""Prescribing over HTTP: draft and sign after a visit, and read."""

from datetime import datetime
from uuid import UUID

import attrs
from litestar.params import FromPath, JSONBody

from telehealth_core.prescribing.prescription import Item, PrescriptionStatus
from telehealth_core.shared.ids import AppointmentId, PatientId, PrescriptionId
from telehealth_http.answers import Items, listed, shown
from telehealth_http.bodies import NOTHING, Nothing
from telehealth_http.requests import By, creates, does, reads


@attrs.frozen(kw_only=True)
class PrescriptionBody:
    """What is prescribed."""

    items: tuple[Item, ...] = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class ItemAnswer:
    """One medicine of a prescription."""

    medicine: str
    strength: str
    form: str
    quantity: str
    directions: str
    controlled: bool


@attrs.frozen(kw_only=True)
class PrescriptionAnswer:
    """What a provider orders for a patient."""

    id: UUID
    status: PrescriptionStatus
    patient_id: UUID
    provider_id: UUID
    appointment_id: UUID
    items: tuple[ItemAnswer, ...]
    drafted_at: datetime
    signed_at: datetime | None


@creates("/v1/appointments/{id:uuid}/prescriptions")
def draft_prescription(
    caller: By, id: FromPath[UUID], data: JSONBody[PrescriptionBody]
) -> PrescriptionAnswer:
    """Begin a prescription for the patient of a visit (F35)."""
    prescription = caller.clinic.prescribing.draft(
        caller.actor, PrescriptionId(caller.new_id), AppointmentId(id), data.items
    )
    return shown(PrescriptionAnswer, prescription)


@does("/v1/prescriptions/{id:uuid}/signature")
def sign_prescription(
    caller: By,
    id: FromPath[UUID],
    data: JSONBody[Nothing] = NOTHING,  # noqa: ARG001 - that it is empty is all it says
) -> PrescriptionAnswer:
    """Sign a draft; nothing in it changes afterwards (RXC-01, RXC-02)."""
    signed = caller.clinic.prescribing.sign(caller.actor, PrescriptionId(id))
    return shown(PrescriptionAnswer, signed)


@reads("/v1/patients/{id:uuid}/prescriptions")
def list_prescriptions(caller: By, id: FromPath[UUID]) -> Items[PrescriptionAnswer]:
    """List a patient's prescriptions, the newest first (F37)."""
    return listed(
        PrescriptionAnswer, caller.clinic.prescribing.of_patient(caller.actor, PatientId(id))
    )


ROUTES = (draft_prescription, sign_prescription, list_prescriptions)
