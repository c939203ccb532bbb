"""Partnership over HTTP: partners, their referrals, and the patients they follow."""

import secrets
from datetime import date, datetime
from uuid import UUID

import attrs
from litestar.params import FromPath, FromQuery, JSONBody

from telehealth_core.access.account import check_password
from telehealth_core.access.actor import Actor, FollowScope
from telehealth_core.partnership.partner import Partner, PartnerStatus
from telehealth_core.partnership.referral import Referral, ReferralStatus
from telehealth_core.partnership.use_cases import Followed
from telehealth_core.registration.patient import Profile
from telehealth_core.shared.ids import PartnerId, PatientId, ReferralId
from telehealth_http.answers import Items, listed, shown
from telehealth_http.bodies import NOTHING, Nothing, as_in, located, ruled
from telehealth_http.registration import PatientAnswer, ProfileAnswer
from telehealth_http.requests import By, creates, does, reads, replaces


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
    consent_scope: frozenset[FollowScope] = frozenset(FollowScope)


@attrs.frozen(kw_only=True)
class ClosingBody:
    """Why something ends."""

    reason: str = as_in(Referral, "closed_because", repr=False)


@attrs.frozen(kw_only=True)
class FollowingBody:
    """Which partner may follow, for how many days, and what."""

    partner_id: PartnerId
    days: int
    scope: frozenset[FollowScope]


@attrs.frozen(kw_only=True)
class FollowingEndBody:
    """Which partner may follow no more."""

    partner_id: PartnerId


@attrs.frozen(kw_only=True)
class PartnerAnswer:
    """An organisation that refers clients."""

    id: UUID
    name: str
    status: PartnerStatus
    reason: str | None


@attrs.frozen(kw_only=True)
class ReferralAnswer:
    """A client on the way to becoming a patient; the invitation is the client's alone."""

    id: UUID
    status: ReferralStatus
    partner_id: UUID
    client: ProfileAnswer
    reason: str
    drafted_at: datetime
    submitted_at: datetime | None
    closed_because: str | None
    patient_id: UUID | None


@attrs.frozen(kw_only=True)
class FollowedAnswer:
    """A patient whom the partner may follow, and until when."""

    patient_id: UUID
    name: str | None
    birth_date: date | None
    phone: str | None
    scope: tuple[FollowScope, ...]
    consent_until: datetime


@attrs.frozen(kw_only=True)
class FollowerAnswer:
    """A partner that a patient lets follow."""

    partner_id: UUID
    since: datetime
    until: datetime
    scope: tuple[FollowScope, ...]


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
        consent_scope=data.consent_scope,
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
def decline_referral(caller: By, id: FromPath[UUID], data: JSONBody[ClosingBody]) -> ReferralAnswer:
    """Say that the practice cannot take the client, and why."""
    declined = caller.clinic.partnership.decline(caller.actor, ReferralId(id), data.reason)
    return shown(ReferralAnswer, declined)


@creates("/v1/referral-drafts")
def draft_referral(caller: By, data: JSONBody[ReferralBody]) -> ReferralAnswer:
    """Write down a client whom one means to refer (F49)."""
    with located(data):
        draft = caller.clinic.partnership.draft(
            caller.actor, ReferralId(caller.new_id), data.client, data.reason
        )
    return shown(ReferralAnswer, draft)


@replaces("/v1/referrals/{id:uuid}")
def revise_referral(caller: By, id: FromPath[UUID], data: JSONBody[ReferralBody]) -> ReferralAnswer:
    """Write a draft anew (F49)."""
    with located(data):
        revised = caller.clinic.partnership.revise(
            caller.actor, ReferralId(id), data.client, data.reason
        )
    return shown(ReferralAnswer, revised)


@does("/v1/referrals/{id:uuid}/submission")
def submit_referral(
    caller: By,
    id: FromPath[UUID],
    data: JSONBody[Nothing] = NOTHING,  # noqa: ARG001 - that it is empty is all it says
) -> ReferralAnswer:
    """Send a draft to the practice (F49)."""
    return shown(ReferralAnswer, caller.clinic.partnership.submit(caller.actor, ReferralId(id)))


@does("/v1/referrals/{id:uuid}/withdrawal")
def withdraw_referral(
    caller: By, id: FromPath[UUID], data: JSONBody[ClosingBody]
) -> ReferralAnswer:
    """Take a referral back before the client registered (F49)."""
    withdrawn = caller.clinic.partnership.withdraw(caller.actor, ReferralId(id), data.reason)
    return shown(ReferralAnswer, withdrawn)


@reads("/v1/referrals")
def list_referrals(
    caller: By, status: FromQuery[ReferralStatus] = ReferralStatus.SUBMITTED
) -> Items[ReferralAnswer]:
    """List a partner's own referrals or, for staff, those of the practice in one state (F49)."""
    return listed(ReferralAnswer, caller.clinic.partnership.referrals(caller.actor, status))


@reads("/v1/partners")
def list_partners(caller: By) -> Items[PartnerAnswer]:
    """List the practice's partners, by name (F02)."""
    return listed(PartnerAnswer, caller.clinic.partnership.partners(caller.actor))


@does("/v1/partners/{id:uuid}/suspension")
def suspend_partner(caller: By, id: FromPath[UUID], data: JSONBody[ClosingBody]) -> PartnerAnswer:
    """Let an organisation neither refer nor follow, from the next request on (F02)."""
    suspended = caller.clinic.partnership.suspend_partner(caller.actor, PartnerId(id), data.reason)
    return shown(PartnerAnswer, suspended)


@does("/v1/partners/{id:uuid}/reinstatement")
def reinstate_partner(caller: By, id: FromPath[UUID], data: JSONBody[ClosingBody]) -> PartnerAnswer:
    """Let an organisation refer and follow again (F02)."""
    reinstated = caller.clinic.partnership.reinstate_partner(
        caller.actor, PartnerId(id), data.reason
    )
    return shown(PartnerAnswer, reinstated)


@replaces("/v1/patients/{id:uuid}/followers")
def let_follow(caller: By, id: FromPath[UUID], data: JSONBody[FollowingBody]) -> FollowerAnswer:
    """Let the partner that referred the patient follow, so far and so long (F51, ACC-14)."""
    patient = caller.clinic.follow_up.let(
        caller.actor, PatientId(id), data.partner_id, days=data.days, scope=data.scope
    )
    tie = patient.partners[-1]
    return shown(FollowerAnswer, tie)


@does("/v1/patients/{id:uuid}/followers/end")
def end_following(
    caller: By, id: FromPath[UUID], data: JSONBody[FollowingEndBody]
) -> FollowerAnswer:
    """Let a partner follow no more, from this moment on (ACC-14)."""
    patient = caller.clinic.follow_up.end(caller.actor, PatientId(id), data.partner_id)
    tie = max(
        (one for one in patient.partners if one.partner_id == data.partner_id),
        key=lambda one: one.until,
    )
    return shown(FollowerAnswer, tie)


@reads("/v1/followed-patients")
def list_followed(caller: By) -> Items[FollowedAnswer]:
    """List the patients whom the caller's organisation referred and may follow now (F51)."""
    return Items(tuple(map(_followed, caller.clinic.follow_up.followed(caller.actor))))


def _followed(seen: Followed) -> FollowedAnswer:
    profile = seen.patient.known if seen.patient else None
    return FollowedAnswer(
        patient_id=seen.patient_id,
        name=profile.full_name if profile else None,
        birth_date=profile.birth_date if profile else None,
        phone=profile.phone if profile else None,
        scope=tuple(sorted(seen.scope)),
        consent_until=seen.until,
    )


ROUTES = (
    register_invited,
    add_partner,
    refer,
    view_referral,
    accept_referral,
    decline_referral,
    draft_referral,
    revise_referral,
    submit_referral,
    withdraw_referral,
    list_referrals,
    list_partners,
    suspend_partner,
    reinstate_partner,
    let_follow,
    end_following,
    list_followed,
)
