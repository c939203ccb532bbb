"""Partners refer clients and follow their own patients while consent lasts (F49-F51)."""

from datetime import timedelta

import pytest

from telehealth_core.access.account import EmailTaken
from telehealth_core.access.actor import Actor
from telehealth_core.access.policy import NotPermitted
from telehealth_core.partnership.referral import (
    INVITATION_DAYS,
    InvitationExpired,
    Referral,
    ReferralStatus,
)
from telehealth_core.registration.patient import Patient
from telehealth_core.shared.ids import PatientId, ProgramId, ReferralId
from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.refusal import IdReused, Invalid, Unknown
from telehealth_core.treatment.program import ProgramKind
from unit.clinic import ALL_SO, PASSWORD, Clinic, profile, provider_of

SECRET = "an invitation that only the client gets"


def referred(clinic: Clinic, partner: Actor, name: str = "Jo Client") -> Referral:
    """A client whom this partner sent."""
    return clinic.ask.partnership.refer(
        partner, ReferralId(clinic.new_id()), profile(name), "needs care"
    )


def accepted(clinic: Clinic, partner: Actor, secret: str = SECRET) -> Referral:
    """A client who is invited."""
    return clinic.ask.partnership.accept(
        clinic.liaison, referred(clinic, partner).id, invitation=secret
    )


def enrolled(clinic: Clinic, days: int | None, secret: str = SECRET) -> Patient:
    """The invited client, registered, with so many days of consent."""
    return clinic.ask.partnership.enrol(
        clinic.visitor,
        PatientId(clinic.new_id()),
        invitation=secret,
        password=PASSWORD,
        consent_days=days,
    )


def test_a_referral_becomes_a_registration_without_retyping(clinic: Clinic) -> None:
    """The client signs in with what the partner wrote, and only they got the secret (F50)."""
    referral = accepted(clinic, clinic.partner())
    clinic.drain(times=2)
    sent = clinic.sent()
    assert sent == [("jo@example.org", "referral-invitation", {"invitation": SECRET})]
    patient = enrolled(clinic, None)
    assert patient.known == referral.client
    actor, _ = clinic.ask.access.sign_in(clinic.id, "jo@example.org", PASSWORD, token="one")
    assert actor.patient_id == patient.id
    after: Referral = clinic.store.rows["referrals"][referral.id]
    assert (after.status, after.patient_id) == (ReferralStatus.ENROLLED, patient.id)
    assert after.invitation is None


def test_an_invitation_is_used_once(clinic: Clinic) -> None:
    """The second to come with it finds none, as does whoever guesses."""
    accepted(clinic, clinic.partner())
    enrolled(clinic, None)
    for secret in (SECRET, "a guess", "", "None"):
        with pytest.raises(Unknown):
            enrolled(clinic, None, secret)


def test_an_invitation_expires(clinic: Clinic) -> None:
    """It is good for its days and not an instant longer, and leaves nothing behind."""
    referral = accepted(clinic, clinic.partner())
    clinic.clock.forward(days=INVITATION_DAYS)
    before = clinic.rows()
    with pytest.raises(InvitationExpired):
        enrolled(clinic, 30)
    assert clinic.rows() == before
    clinic.clock.now -= timedelta(microseconds=1)
    enrolled(clinic, 30)
    assert clinic.store.rows["referrals"][referral.id].status is ReferralStatus.ENROLLED


def test_a_client_who_has_an_account_already_keeps_the_invitation(clinic: Clinic) -> None:
    """A refused registration uses nothing up."""
    clinic.ask.registration.register(
        clinic.visitor, PatientId(clinic.new_id()), email="jo@example.org", password=PASSWORD
    )
    referral = accepted(clinic, clinic.partner())
    with pytest.raises(EmailTaken):
        enrolled(clinic, 30)
    assert clinic.store.rows["referrals"][referral.id].invitation == SECRET


def test_a_declined_client_is_not_invited(clinic: Clinic) -> None:
    """Decided is decided, either way."""
    partner = clinic.partner()
    referral = referred(clinic, partner)
    clinic.ask.partnership.decline(clinic.liaison, referral.id, "full")
    with pytest.raises(IllegalTransition):
        clinic.ask.partnership.accept(clinic.liaison, referral.id, invitation=SECRET)
    assert clinic.ask.partnership.view_referral(partner, referral.id).status == "declined"


def test_a_referral_needs_an_address_to_write_to(clinic: Clinic) -> None:
    """Without one there is nobody to invite; a reused id is told."""
    partner = clinic.partner()
    with pytest.raises(Invalid, match="email"):
        clinic.ask.partnership.refer(
            partner, ReferralId(clinic.new_id()), profile(email=None), "needs care"
        )
    referral = referred(clinic, partner)
    with pytest.raises(IdReused):
        clinic.ask.partnership.refer(partner, referral.id, profile("Mo Client"), "needs care")


def test_a_partner_follows_a_patient_only_while_consent_lasts(clinic: Clinic) -> None:
    """From the registration to the last instant of the days the client gave (F51)."""
    partner = clinic.partner()
    accepted(clinic, partner)
    patient = enrolled(clinic, 30)
    (seen,) = clinic.ask.follow_up.followed(partner)
    assert (seen.patient, seen.until) == (patient, clinic.clock() + timedelta(days=30))
    assert clinic.ask.treatment.of_patient(partner, patient.id) == ()
    assert clinic.store.audit[-1].actor == partner.id
    clinic.clock.forward(days=30)
    assert clinic.ask.follow_up.followed(partner) == ()
    with pytest.raises(Unknown):
        clinic.ask.treatment.of_patient(partner, patient.id)


def test_without_consent_a_partner_follows_nobody(clinic: Clinic) -> None:
    """Referring somebody is not following them."""
    partner = clinic.partner()
    accepted(clinic, partner)
    patient = enrolled(clinic, None)
    assert clinic.ask.follow_up.followed(partner) == ()
    with pytest.raises(Unknown):
        clinic.ask.treatment.of_patient(partner, patient.id)


@pytest.mark.parametrize(("days", "fine"), [(0, False), (1, True), (730, True), (731, False)])
def test_consent_lasts_between_a_day_and_two_years(clinic: Clinic, days: int, fine: bool) -> None:
    """Consent has an end, and a refused one registers nobody."""
    accepted(clinic, clinic.partner())
    if fine:
        assert enrolled(clinic, days).partners[0].until == clinic.clock() + timedelta(days=days)
    else:
        with pytest.raises(Invalid):
            enrolled(clinic, days)
        assert "patients" not in clinic.store.rows


def test_other_partners_learn_of_no_referral_and_no_patient(clinic: Clinic) -> None:
    """To another organisation there is no such thing (F51)."""
    partner, other = clinic.partner(), clinic.partner("Another Charity")
    referral = accepted(clinic, partner)
    patient = enrolled(clinic, 30)
    assert clinic.ask.follow_up.followed(other) == ()
    with pytest.raises(Unknown):
        clinic.ask.partnership.view_referral(other, referral.id)
    with pytest.raises(Unknown):
        clinic.ask.treatment.of_patient(other, patient.id)


def test_a_partner_sees_the_program_and_not_the_record(clinic: Clinic) -> None:
    """Progress is shared, prescriptions, letters and care chat are not (F51)."""
    partner, provider = clinic.partner(), clinic.provider()
    accepted(clinic, partner)
    patient = enrolled(clinic, 30)
    actor = clinic.store.rows["accounts"]
    (client,) = (one.actor() for one in actor.values() if one.patient_id == patient.id)
    clinic.submit(client)
    clinic.ask.identity.approve(clinic.liaison, patient.id, "same face", ALL_SO)
    program = clinic.ask.treatment.start(
        clinic.liaison,
        ProgramId(clinic.new_id()),
        patient_id=patient.id,
        provider_id=provider_of(provider),
        kind=ProgramKind.PHP,
        starts_on=clinic.clock().date(),
        anticipated_discharge_on=None,
    )
    assert clinic.ask.treatment.of_patient(partner, patient.id) == (program,)
    clinic.ask.treatment.revise(
        provider,
        program.id,
        kind=program.kind,
        anticipated_discharge_on=program.anticipated_discharge_on,
        reason="between us",
    )
    for person, told in ((partner, []), (client, ["between us"]), (provider, ["between us"])):
        (seen,) = clinic.ask.treatment.of_patient(person, patient.id)
        assert [revision.reason for revision in seen.revisions] == told
    for view in (
        clinic.ask.prescribing.of_patient,
        clinic.ask.letters.of_patient,
        clinic.ask.registration.view,
        clinic.ask.diary.calendar,
    ):
        with pytest.raises(NotPermitted):
            view(partner, patient.id)
