"""Partners and their referrals: drafted, sent, decided, and enrolled on an invitation (F49,
F50).
"""

import attrs

from telehealth_core.access.account import check_password
from telehealth_core.access.actor import Actor, FollowScope, Relation, relations
from telehealth_core.access.policy import Action, authorize
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.partnership.partner import Partner
from telehealth_core.partnership.ports import PartnershipWork
from telehealth_core.partnership.referral import Referral, ReferralStatus
from telehealth_core.registration.patient import Patient, Profile
from telehealth_core.registration.use_cases import Registration
from telehealth_core.shared.ids import PartnerId, PatientId, ReferralId
from telehealth_core.shared.refusal import Unknown
from telehealth_core.shared.repeat import repeat_of

REFERRALS_MOST = 200
_OWN_COURSE = frozenset({"invitation", "patient_id", "submitted_at", "closed_because"})


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
            work.take_turns(id)
            first = repeat_of(partner, work.partners.find(id), "partner")
            if first is not None:
                return first
            work.partners.save(partner, partner.added(by=actor.id))
        return partner

    def suspend_partner(self, actor: Actor, id: PartnerId, reason: str) -> Partner:
        """Let an organisation neither refer nor follow, from the next request on (F02).

        Raises: NotPermitted, Unknown, IllegalTransition, Invalid.
        """
        with self.work(actor) as work:
            authorize(actor, Action.MANAGE_PARTNER, relations(actor))
            suspended, event = work.partners.get(id).suspend(reason, by=actor.id, at=self.clock())
            work.partners.save(suspended, event)
        return suspended

    def reinstate_partner(self, actor: Actor, id: PartnerId, reason: str) -> Partner:
        """Let an organisation refer and follow again.

        Raises: NotPermitted, Unknown, IllegalTransition, Invalid.
        """
        with self.work(actor) as work:
            authorize(actor, Action.MANAGE_PARTNER, relations(actor))
            reinstated, event = work.partners.get(id).reinstate(
                reason, by=actor.id, at=self.clock()
            )
            work.partners.save(reinstated, event)
        return reinstated

    def partners(self, actor: Actor) -> tuple[Partner, ...]:
        """The practice's partners, by name (F02)."""
        with self.work(actor) as work:
            authorize(actor, Action.VIEW_PARTNERS, relations(actor))
            return work.partners.all()

    def draft(self, actor: Actor, id: ReferralId, client: Profile, reason: str) -> Referral:
        """Write down a client whom one means to refer (F49).

        Raises: NotPermitted, PartnerIsSuspended, Invalid, IdReused.
        """
        with self.work(actor) as work:
            first, draft = self._drafted(work, actor, id, client, reason)
            if first is None:
                work.referrals.save(draft, draft.drafted(by=actor.id))
        return first or draft

    def revise(self, actor: Actor, id: ReferralId, client: Profile, reason: str) -> Referral:
        """Write a draft anew.

        Raises: NotPermitted, Unknown, PartnerIsSuspended, IllegalTransition once sent, Invalid.
        """
        with self.work(actor) as work:
            draft = self._own(work, actor, id)
            revised, event = draft.revise(client, reason, by=actor.id, at=self.clock())
            work.referrals.save(revised, event)
        return revised

    def submit(self, actor: Actor, id: ReferralId) -> Referral:
        """Send a draft to the practice (F49).

        Raises: NotPermitted, Unknown, PartnerIsSuspended, IllegalTransition.
        """
        with self.work(actor) as work:
            sent, event = self._own(work, actor, id).submit(by=actor.id, at=self.clock())
            work.referrals.save(sent, event)
        return sent

    def refer(self, actor: Actor, id: ReferralId, client: Profile, reason: str) -> Referral:
        """Write down a client and send them to the practice at once; what was a draft under this
        id is sent (F49).

        Raises: NotPermitted, PartnerIsSuspended, Invalid, IdReused.
        """
        with self.work(actor) as work:
            first, draft = self._drafted(work, actor, id, client, reason)
            if first is not None and first.status is not ReferralStatus.DRAFT:
                return first
            sent, event = (first or draft).submit(by=actor.id, at=self.clock())
            if first is None:
                work.referrals.save(draft, draft.drafted(by=actor.id))
            work.referrals.save(sent, event)
        return sent

    def withdraw(self, actor: Actor, id: ReferralId, reason: str) -> Referral:
        """Take a referral back before the client registered; an invitation is void (F49).

        Raises: NotPermitted, Unknown, PartnerIsSuspended, IllegalTransition, Invalid.
        """
        with self.work(actor) as work:
            withdrawn, event = self._own(work, actor, id).withdraw(
                reason, by=actor.id, at=self.clock()
            )
            work.referrals.save(withdrawn, event)
        return withdrawn

    def referrals(
        self, actor: Actor, status: ReferralStatus = ReferralStatus.SUBMITTED
    ) -> tuple[Referral, ...]:
        """A partner's member: the organisation's referrals, the newest first. Staff: those of the
        practice in this state, the oldest first (F49).

        Raises: NotPermitted, PartnerIsSuspended.
        """
        with self.work(actor) as work:
            authorize(actor, Action.LIST_REFERRALS, relations(actor))
            if actor.partner_id is not None:
                work.partners.get(actor.partner_id).require_active()
                found = work.referrals.of_partner(actor.partner_id, limit=REFERRALS_MOST)
            else:
                found = work.referrals.in_status(status, limit=REFERRALS_MOST)
            for one in found:
                _note_read(work, Action.LIST_REFERRALS, one)
        return tuple(one.without_invitation() for one in found)

    def view_referral(self, actor: Actor, id: ReferralId) -> Referral:
        """One referral, for its partner and for staff (F49).

        Raises: NotPermitted, Unknown, PartnerIsSuspended.
        """
        with self.work(actor) as work:
            referral = work.referrals.get(id)
            authorize(actor, Action.VIEW_REFERRAL, _standing(work, actor, referral), of="referral")
            _note_read(work, Action.VIEW_REFERRAL, referral)
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

    def decline(self, actor: Actor, id: ReferralId, reason: str) -> Referral:
        """Say that the practice cannot take the client, with the reason, which the partner is
        told.
        """
        with self.work(actor) as work:
            authorize(actor, Action.DECIDE_REFERRAL, relations(actor))
            declined, event = work.referrals.get(id).decline(reason, by=actor.id, at=self.clock())
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
        consent_scope: frozenset[FollowScope] = frozenset(FollowScope),
    ) -> Patient:
        """Register as the invited client, with what the partner wrote, nothing retyped (F50).

        With `consent_days` the client lets the partner follow for so long, as far as
        `consent_scope` goes (F51).

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
                settings = work.practices.get(actor.practice_id).settings
                following = referral.following(
                    since=at,
                    days=consent_days,
                    days_most=settings.partner_consent_days_most,
                    scope=consent_scope,
                )
                patient, tied = patient.tie_partner(following, by=account.id, at=at)
                work.patients.save(patient, tied)
            work.referrals.save(enrolled, event)
        return patient

    def _drafted(
        self, work: PartnershipWork, actor: Actor, id: ReferralId, client: Profile, reason: str
    ) -> tuple[Referral | None, Referral]:
        """What an earlier, identical request wrote, if any, and what this one would write."""
        authorize(actor, Action.REFER, relations(actor))
        work.partners.get(actor.as_partner()).require_active()
        draft = Referral(
            id=id,
            practice_id=actor.practice_id,
            partner_id=actor.as_partner(),
            client=client,
            reason=reason,
            drafted_at=self.clock(),
        )
        work.take_turns(id)
        return repeat_of(draft, work.referrals.find(id), "referral", but=_OWN_COURSE), draft

    @staticmethod
    def _own(work: PartnershipWork, actor: Actor, id: ReferralId) -> Referral:
        referral = work.referrals.get(id)
        standing = _standing(work, actor, referral)
        authorize(actor, Action.WITHDRAW_REFERRAL, standing, of="referral")
        return referral


def _standing(work: PartnershipWork, actor: Actor, referral: Referral) -> frozenset[Relation]:
    """How the actor stands to a referral: its partner's members follow it.

    Raises: PartnerIsSuspended to them, while it is.
    """
    own = actor.partner_id == referral.partner_id
    if own:
        work.partners.get(referral.partner_id).require_active()
    return relations(actor) | ({Relation.FOLLOWING} if own else set())


def _note_read(work: PartnershipWork, action: Action, referral: Referral) -> None:
    """Leave in the audit that somebody read of a client who is a patient by now."""
    if referral.patient_id is not None:
        work.read(action, referral.patient_id, referral.id)
