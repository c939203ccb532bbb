"""Partnership over HTTP: partners, their referrals, and the patients they follow."""

import secrets
from datetime import date, datetime
from uuid import UUID

import attrs
from litestar.params import FromPath, JSONBody

from telehealth_core.access.account import check_password
from telehealth_core.access.actor import Actor
from telehealth_core.partnership.partner import Partner, PartnerStatus
from telehealth_core.partnership.referral import Referral, ReferralStatus
from telehealth_core.registration.patient import Patient, Profile
from telehealth_core.shared.ids import PartnerId, PatientId, ReferralId
from telehealth_http.answers import Items, shown
from telehealth_http.bodies import NOTHING, Nothing, as_in, located, ruled
from telehealth_http.registration import PatientAnswer, ProfileAnswer
from telehealth_http.requests import By, creates, does, reads


@attrs.frozen(kw_only=True)
class PartnerBody:
    """An organisation that will refer clients."""

    name: str = as_in(Partner, "name")


@attrs.frozen(kw_only=True)
class ReferralBody:
    """A client, and why the partner sends them."""

    client: Profile
    reason: str = as_in(Referral, "reason", repr=False)


@attrs.frozen(kw_only=True)
class InvitedBody:
    """An invited client who registers; with `consent_days` the partner may follow for so long."""

    practice: str
    invitation: str = attrs.field(repr=False)
    password: str = ruled(check_password, repr=False)
    consent_days: int | None = None


@attrs.frozen(kw_only=True)
class PartnerAnswer:
    """An organisation that refers clients."""

    id: UUID
    name: str
    status: PartnerStatus


@attrs.frozen(kw_only=True)
class ReferralAnswer:
    """A client on the way to becoming a patient; the invitation is the client's alone."""

    id: UUID
    status: ReferralStatus
    partner_id: UUID
    client: ProfileAnswer
    reason: str
    submitted_at: datetime
    patient_id: UUID | None


@attrs.frozen(kw_only=True)
class FollowedAnswer:
    """A patient whom the partner may follow, and until when."""

    patient_id: UUID
    name: str
    birth_date: date
    consent_until: datetime | None


@creates("/v1/registrations/invited", everybody=True)
def register_invited(caller: By, data: JSONBody[InvitedBody]) -> PatientAnswer:
    """Register as the invited client, with what the partner wrote, nothing retyped (F50)."""
    visitor = Actor.visitor(caller.clinic.practice.named(data.practice).id)
    patient = caller.clinic.partnership.enrol(
        visitor,
        PatientId(caller.new_id_for(visitor, data.invitation)),
        invitation=data.invitation,
        password=data.password,
        consent_days=data.consent_days,
    )
    return shown(PatientAnswer, patient)


@creates("/v1/partners")
def add_partner(caller: By, data: JSONBody[PartnerBody]) -> PartnerAnswer:
    """Add a partner organisation (F02)."""
    partner = caller.clinic.partnership.add_partner(
        caller.actor, PartnerId(caller.new_id), data.name
    )
    return shown(PartnerAnswer, partner)


@creates("/v1/referrals")
def refer(caller: By, data: JSONBody[ReferralBody]) -> ReferralAnswer:
    """Send a client to the practice (F49)."""
    with located(data):
        referral = caller.clinic.partnership.refer(
            caller.actor, ReferralId(caller.new_id), data.client, data.reason
        )
    return shown(ReferralAnswer, referral)


@reads("/v1/referrals/{id:uuid}")
def view_referral(caller: By, id: FromPath[UUID]) -> ReferralAnswer:
    """Show one referral, to its partner and to staff (F49)."""
    return shown(
        ReferralAnswer, caller.clinic.partnership.view_referral(caller.actor, ReferralId(id))
    )


@does("/v1/referrals/{id:uuid}/acceptance")
def accept_referral(
    caller: By,
    id: FromPath[UUID],
    data: JSONBody[Nothing] = NOTHING,  # noqa: ARG001 - that it is empty is all it says
) -> ReferralAnswer:
    """Invite the client to register (F50); only the client is sent the invitation."""
    referral = caller.clinic.partnership.accept(
        caller.actor, ReferralId(id), invitation=secrets.token_urlsafe(16)
    )
    return shown(ReferralAnswer, referral)


@does("/v1/referrals/{id:uuid}/refusal")
def decline_referral(
    caller: By,
    id: FromPath[UUID],
    data: JSONBody[Nothing] = NOTHING,  # noqa: ARG001 - that it is empty is all it says
) -> ReferralAnswer:
    """Say that the practice cannot take the client."""
    return shown(ReferralAnswer, caller.clinic.partnership.decline(caller.actor, ReferralId(id)))


@reads("/v1/followed-patients")
def list_followed(caller: By) -> Items[FollowedAnswer]:
    """List the patients whom the caller's organisation referred and may follow now (F51)."""
    found = caller.clinic.partnership.followed(caller.actor)
    return Items(tuple(_followed(patient, caller.actor) for patient in found))


def _followed(patient: Patient, actor: Actor) -> FollowedAnswer:
    profile = patient.known
    return FollowedAnswer(
        patient_id=patient.id,
        name=profile.full_name,
        birth_date=profile.birth_date,
        consent_until=patient.consent_until(actor.as_partner()),
    )


ROUTES = (
    register_invited,
    add_partner,
    refer,
    view_referral,
    accept_referral,
    decline_referral,
    list_followed,
)
