"""Following: which partner a patient lets follow, how far and how long; and what it sees (F51,
ACC-14).
"""

from datetime import datetime

import attrs

from telehealth_core.access.actor import Actor, FollowScope, relations
from telehealth_core.access.policy import Action, authorize, permitted
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.partnership.ports import PartnershipWork
from telehealth_core.registration.patient import Patient
from telehealth_core.registration.use_cases import authorized_patient
from telehealth_core.shared.ids import PartnerId, PatientId
from telehealth_core.shared.refusal import Unknown


@attrs.frozen(repr=False)
class Followed:
    """A patient as the partner that referred them may see them: who it is only if they agreed to
    that.
    """

    patient_id: PatientId
    scope: frozenset[FollowScope]
    until: datetime
    patient: Patient | None


@attrs.frozen
class FollowUp:
    """What patients let the partners follow that referred them."""

    work: UnitOfWork[PartnershipWork]
    clock: Clock

    def let(
        self,
        actor: Actor,
        patient_id: PatientId,
        partner_id: PartnerId,
        *,
        days: int,
        scope: frozenset[FollowScope],
    ) -> Patient:
        """Let the partner that referred the patient follow from now on, for so long and so far;
        what was agreed before ends.

        Raises: Unknown unless this partner referred the patient; NotPermitted, Invalid.
        """
        at = self.clock()
        with self.work(actor) as work:
            patient = authorized_patient(work, actor, Action.LET_FOLLOW, patient_id, at)
            referral = work.referrals.enrolled(partner_id, patient_id)
            if referral is None:
                raise Unknown("referral", partner_id)
            most = work.practices.get(actor.practice_id).settings.partner_consent_days_most
            following = referral.following(since=at, days=days, days_most=most, scope=scope)
            followed, event = patient.tie_partner(following, by=actor.id, at=at)
            work.patients.save(followed, event)
        return followed

    def end(self, actor: Actor, patient_id: PatientId, partner_id: PartnerId) -> Patient:
        """Let the partner follow no more, from this very moment (CON-02, ACC-14).

        Raises: Unknown unless it follows; NotPermitted.
        """
        at = self.clock()
        with self.work(actor) as work:
            patient = authorized_patient(work, actor, Action.LET_FOLLOW, patient_id, at)
            free, event = patient.untie_partner(partner_id, by=actor.id, at=at)
            work.patients.save(free, event)
        return free

    def followed(self, actor: Actor) -> tuple[Followed, ...]:
        """The patients whom the actor's organisation referred and may follow, while consent lasts
        and as far as it goes (F51).

        Raises: PartnerIsSuspended, NotPermitted, Invalid.
        """
        at = self.clock()
        with self.work(actor) as work:
            authorize(actor, Action.LIST_FOLLOWED, relations(actor))
            own = actor.as_partner()
            work.partners.get(own).require_active()
            live = [one for one in work.patients.followed_by(own) if one.followed_by(own, at)]
            for patient in live:
                work.read(Action.LIST_FOLLOWED, patient.id, patient.id)
        return tuple(_seen(patient, actor, own, at) for patient in live)


def _seen(patient: Patient, actor: Actor, own: PartnerId, at: datetime) -> Followed:
    tie = next(one for one in patient.partners if one.partner_id == own and one.live(at))
    standing = relations(actor, patient.ties, at=at)
    details = permitted(actor, Action.VIEW_FOLLOWED, standing)
    return Followed(patient.id, tie.scope, tie.until, patient if details else None)
