"""Prescribing over HTTP: write, sign, send to a pharmacy, claim there, and read."""

import secrets
from datetime import date, datetime
from uuid import UUID

import attrs
from litestar.params import FromPath, JSONBody

from telehealth_core.access.actor import Actor
from telehealth_core.prescribing.item import Schedule
from telehealth_core.prescribing.life import PrescriptionStatus
from telehealth_core.prescribing.pharmacy import Pharmacy
from telehealth_core.prescribing.prescription import Prescription, Review
from telehealth_core.prescribing.script import RecordException, Script
from telehealth_core.shared.ids import AppointmentId, PatientId, PrescriptionId
from telehealth_core.shared.text import line
from telehealth_http.answers import Items, listed, shown
from telehealth_http.bodies import NOTHING, Nothing, as_in
from telehealth_http.requests import By, creates, does, reads, replaces

TOKEN_MOST = 200


@attrs.frozen(kw_only=True)
class BecauseBody:
    """Why a prescription is taken back."""

    reason: str = as_in(Prescription, "cancelled_because", repr=False)


@attrs.frozen(kw_only=True)
class HidingBody:
    """Whether guardians are not to see it."""

    hidden: bool


@attrs.frozen(kw_only=True)
class OutcomeBody:
    """What came of looking at it."""

    outcome: str = as_in(Review, "outcome", repr=False)


@attrs.frozen(kw_only=True)
class ClaimBody:
    """At which practice, and the token that the pharmacy was sent."""

    practice: str
    token: str = attrs.field(repr=False, validator=line(TOKEN_MOST))


@attrs.frozen(kw_only=True)
class ItemAnswer:
    """One medicine of a prescription."""

    medicine: str
    strength: str
    form: str
    quantity: int
    unit: str
    days: int
    directions: str
    schedule: Schedule | None
    higher_risk: bool
    misuse_liable: bool
    oral_contraceptive: bool


@attrs.frozen(kw_only=True)
class ParticularsAnswer:
    """Who is prescribed for and who prescribes, as it was signed."""

    patient_name: str
    patient_address: str
    patient_age: int | None
    prescriber_name: str
    prescriber_kind: str
    prescriber_address: str
    registrations: tuple[str, ...]
    appropriate_date: date


@attrs.frozen(kw_only=True)
class PharmacyAnswer:
    """Where the patient wants the medicine from."""

    name: str
    address: str
    contact: str


@attrs.frozen(kw_only=True)
class PrescriptionAnswer:
    """What a provider orders for a patient."""

    id: UUID
    status: PrescriptionStatus
    patient_id: UUID
    provider_id: UUID
    appointment_id: UUID
    items: tuple[ItemAnswer, ...]
    dispensings: int | None
    not_before: date | None
    drafted_at: datetime
    signed_at: datetime | None
    warnings: tuple[str, ...]
    valid_until: date | None
    dispensable: int | None
    dispensed: int
    pharmacy: PharmacyAnswer | None
    sent_at: datetime | None
    transmitted_at: datetime | None
    cancelled_because: str | None
    replaces: UUID | None
    replaced_by: UUID | None


@attrs.frozen(kw_only=True)
class CopyAnswer:
    """The patient's own copy: marked, and without the signature (RXU-04)."""

    stamp: str
    particulars: ParticularsAnswer
    items: tuple[ItemAnswer, ...]


@attrs.frozen(kw_only=True)
class ClaimedAnswer:
    """What a pharmacy that claimed it dispenses, and what is left to claim."""

    status: PrescriptionStatus
    particulars: ParticularsAnswer
    items: tuple[ItemAnswer, ...]
    left: int


@attrs.frozen(kw_only=True)
class ToReviewAnswer:
    """A prescription made by way of exception; never what is in it (RXU-08)."""

    prescription_id: UUID
    patient_id: UUID
    provider_id: UUID
    signed_at: datetime | None
    exception: RecordException | None


def prescription_answer(one: Prescription) -> PrescriptionAnswer:
    """A prescription as whoever may read it sees it."""
    return shown(PrescriptionAnswer, one, dispensed=len(one.claims))


@creates("/v1/appointments/{id:uuid}/prescriptions")
def draft_prescription(
    caller: By, id: FromPath[UUID], data: JSONBody[Script]
) -> PrescriptionAnswer:
    """Begin a prescription for the patient of a visit (F35)."""
    prescription = caller.clinic.prescribing.draft(
        caller.actor, PrescriptionId(caller.new_id), AppointmentId(id), data
    )
    return prescription_answer(prescription)


@replaces("/v1/prescriptions/{id:uuid}")
def edit_prescription(caller: By, id: FromPath[UUID], data: JSONBody[Script]) -> PrescriptionAnswer:
    """Write a draft anew (RXC-02)."""
    return prescription_answer(
        caller.clinic.prescribing.edit(caller.actor, PrescriptionId(id), data)
    )


@does("/v1/prescriptions/{id:uuid}/signature")
def sign_prescription(
    caller: By,
    id: FromPath[UUID],
    data: JSONBody[Nothing] = NOTHING,  # noqa: ARG001 - that it is empty is all it says
) -> PrescriptionAnswer:
    """Sign a draft that the law allows; nothing in it changes afterwards (RXC-01, RXC-02)."""
    return prescription_answer(caller.clinic.prescribing.sign(caller.actor, PrescriptionId(id)))


@does("/v1/prescriptions/{id:uuid}/cancellation")
def cancel_prescription(
    caller: By, id: FromPath[UUID], data: JSONBody[BecauseBody]
) -> PrescriptionAnswer:
    """Take a prescription back; a pharmacy that has it is told (RXC-02)."""
    return prescription_answer(
        caller.clinic.prescribing.cancel(caller.actor, PrescriptionId(id), data.reason)
    )


@creates("/v1/prescriptions/{id:uuid}/reissue")
def reissue_prescription(
    caller: By, id: FromPath[UUID], data: JSONBody[BecauseBody]
) -> PrescriptionAnswer:
    """Take a signed prescription back and begin another one from it (RXC-02)."""
    return prescription_answer(
        caller.clinic.prescribing.reissue(
            caller.actor, PrescriptionId(caller.new_id), PrescriptionId(id), data.reason
        )
    )


@replaces("/v1/prescriptions/{id:uuid}/hiding")
def hide_prescription(
    caller: By, id: FromPath[UUID], data: JSONBody[HidingBody]
) -> PrescriptionAnswer:
    """Hide a prescription from guardians, or show it to them again (CHD-06)."""
    return prescription_answer(
        caller.clinic.prescribing.hide(caller.actor, PrescriptionId(id), hidden=data.hidden)
    )


@does("/v1/prescriptions/{id:uuid}/sending")
def send_prescription(
    caller: By, id: FromPath[UUID], data: JSONBody[Pharmacy]
) -> PrescriptionAnswer:
    """Have it brought to the pharmacy that the patient chose, if the law still allows it (F35)."""
    sent = caller.clinic.dispensing.send(
        caller.actor, PrescriptionId(id), data, token=secrets.token_urlsafe(32)
    )
    return prescription_answer(sent)


@does("/v1/prescription-claims", everybody=True)
def claim_prescription(caller: By, data: JSONBody[ClaimBody]) -> ClaimedAnswer:
    """Dispense once, as the pharmacy that was sent the token (RXU-11); a repeat needs the same
    Idempotency-Key.
    """
    practice = caller.clinic.practice.named(data.practice)
    pharmacy = Actor.visitor(practice.id)
    claimed = caller.clinic.dispensing.claim(
        pharmacy, caller.new_id_for(pharmacy, data.token), data.token
    )
    return shown(ClaimedAnswer, claimed, left=(claimed.dispensable or 0) - len(claimed.claims))


@reads("/v1/prescriptions/{id:uuid}/copy")
def copy_prescription(caller: By, id: FromPath[UUID]) -> CopyAnswer:
    """Hand out the patient's own copy, which nobody can dispense (RXU-04)."""
    return shown(CopyAnswer, caller.clinic.prescribing.copy(caller.actor, PrescriptionId(id)))


@reads("/v1/patients/{id:uuid}/prescriptions")
def list_prescriptions(caller: By, id: FromPath[UUID]) -> Items[PrescriptionAnswer]:
    """List a patient's prescriptions, the newest first (F37)."""
    found = caller.clinic.prescribing.of_patient(caller.actor, PatientId(id))
    return Items(tuple(map(prescription_answer, found)))


@reads("/v1/prescription-reviews")
def list_prescription_reviews(caller: By) -> Items[ToReviewAnswer]:
    """List what was prescribed by way of exception and nobody looked at yet (RXU-08)."""
    return listed(ToReviewAnswer, caller.clinic.prescribing.to_review(caller.actor))


@does("/v1/prescriptions/{id:uuid}/review")
def review_prescription(caller: By, id: FromPath[UUID], data: JSONBody[OutcomeBody]) -> Nothing:
    """Note what came of looking at a prescription made by way of exception (RXU-08)."""
    caller.clinic.prescribing.review(caller.actor, PrescriptionId(id), data.outcome)
    return NOTHING


ROUTES = (
    draft_prescription,
    edit_prescription,
    sign_prescription,
    cancel_prescription,
    reissue_prescription,
    hide_prescription,
    send_prescription,
    claim_prescription,
    copy_prescription,
    list_prescriptions,
    list_prescription_reviews,
    review_prescription,
)
