"""What can be asked of partnership: to refer, decide, enrol on an invitation, and follow one's own
patients.
"""

import attrs

from telehealth_core.access.account import check_password
from telehealth_core.access.actor import Actor, Relation, relations
from telehealth_core.access.policy import Action, authorize
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.partnership.partner import Partner
from telehealth_core.partnership.ports import PartnershipWork
from telehealth_core.partnership.referral import Referral
from telehealth_core.registration.patient import Patient, Profile
from telehealth_core.registration.use_cases import Registration
from telehealth_core.shared.ids import PartnerId, PatientId, ReferralId
from telehealth_core.shared.refusal import Unknown
from telehealth_core.shared.repeat import repeat_of


@attrs.frozen
class Partnership:
    """The partners of the practice and their clients."""

    work: UnitOfWork[PartnershipWork]
    clock: Clock
    registration: Registration

    def add_partner(self, actor: Actor, id: PartnerId, name: str) -> Partner:
        """Add a partner organisation (F02).

        Raises: NotPermitted, Invalid, IdReused.
        """
        partner = Partner(id=id, practice_id=actor.practice_id, name=name, added_at=self.clock())
        with self.work(actor) as work:
            authorize(actor, Action.MANAGE_PARTNER, relations(actor))
            first = repeat_of(partner, work.partners.find(id), "partner")
            if first is not None:
                return first
            work.partners.save(partner, partner.added(by=actor.id))
        return partner

    def refer(self, actor: Actor, id: ReferralId, client: Profile, reason: str) -> Referral:
        """Send a client to the practice (F49).

        Raises: NotPermitted, Invalid, IdReused.
        """
        with self.work(actor) as work:
            authorize(actor, Action.REFER, relations(actor))
            referral = Referral(
                id=id,
                practice_id=actor.practice_id,
                partner_id=actor.as_partner(),
                client=client,
                reason=reason,
                submitted_at=self.clock(),
            )
            first = repeat_of(
                referral,
                work.referrals.find(id),
                "referral",
                but=frozenset({"invitation", "patient_id"}),
            )
            if first is not None:
                return first
            work.referrals.save(referral, referral.submitted(by=actor.id))
        return referral

    def view_referral(self, actor: Actor, id: ReferralId) -> Referral:
        """One referral, for its partner and for staff (F49)."""
        with self.work(actor) as work:
            referral = work.referrals.get(id)
            standing = relations(actor)
            if actor.partner_id is not None and actor.partner_id == referral.partner_id:
                standing |= {Relation.FOLLOWING}
            authorize(actor, Action.VIEW_REFERRAL, standing, of="referral")
            if referral.patient_id is not None:
                work.read(Action.VIEW_REFERRAL, referral.patient_id, id)
        return referral.without_invitation()

    def accept(self, actor: Actor, id: ReferralId, *, invitation: str) -> Referral:
        """Invite the client to register, under a caller-minted secret that only the client is sent
        (F50).
        """
        with self.work(actor) as work:
            authorize(actor, Action.DECIDE_REFERRAL, relations(actor))
            accepted, event = work.referrals.get(id).accept(
                invitation, by=actor.id, at=self.clock()
            )
            work.referrals.save(accepted, event)
        return accepted

    def decline(self, actor: Actor, id: ReferralId) -> Referral:
        """Say that the practice cannot take the client."""
        with self.work(actor) as work:
            authorize(actor, Action.DECIDE_REFERRAL, relations(actor))
            declined, event = work.referrals.get(id).decline(by=actor.id, at=self.clock())
            work.referrals.save(declined, event)
        return declined

    def enrol(
        self,
        actor: Actor,
        id: PatientId,
        *,
        invitation: str,
        password: str,
        consent_days: int | None,
    ) -> Patient:
        """Register as the invited client, with what the partner wrote, nothing retyped (F50).

        With `consent_days` the client lets the partner follow the treatment for so long (F51).

        Raises: Unknown for a false or used invitation; InvitationExpired, EmailTaken, Invalid.
        """
        at = self.clock()
        with self.work(actor) as work:
            authorize(actor, Action.ENROL_REFERRED, relations(actor))
            first = self.registration.registered_before(work, id, None, password)
            if first is not None:
                return first
            referral = work.referrals.by_invitation(invitation)
            if referral is None:
                raise Unknown("invitation")
            enrolled, event = referral.enrol(id, by=actor.id, at=at)
            check_password(password, work.practices.get(actor.practice_id).name)
            account, patient, happened = self.registration.newcomer(
                actor.practice_id,
                id,
                email=str(referral.client.email),
                password=password,
                profile=referral.client,
            )
            self.registration.save_newcomer(work, account, patient, happened)
            if consent_days is not None:
                following = referral.following(since=at, days=consent_days)
                patient, tied = patient.tie_partner(following, by=account.id, at=at)
                work.patients.save(patient, tied)
            work.referrals.save(enrolled, event)
        return patient

    def followed(self, actor: Actor) -> tuple[Patient, ...]:
        """The patients whom the actor's organisation referred and may follow, while consent lasts
        (F51).
        """
        at = self.clock()
        with self.work(actor) as work:
            authorize(actor, Action.LIST_FOLLOWED, relations(actor))
            own = actor.as_partner()
            found = work.patients.followed_by(own)
            live = tuple(patient for patient in found if patient.followed_by(own, at))
            for patient in live:
                work.read(Action.LIST_FOLLOWED, patient.id, patient.id)
        return live
