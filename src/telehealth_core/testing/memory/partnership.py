"""Referrals in memory."""

from telehealth_core.partnership.partner import Partner
from telehealth_core.partnership.referral import Referral, ReferralStatus
from telehealth_core.shared.ids import PartnerId, PatientId
from telehealth_core.testing.memory.collection import MemoryCollection


class Referrals(MemoryCollection[Referral]):
    """Inbound referrals."""

    def by_invitation(self, invitation: str) -> Referral | None:
        return next(iter(self.where(lambda one: one.invitation == invitation)), None)

    def of_partner(self, partner_id: PartnerId, *, limit: int) -> tuple[Referral, ...]:
        found = self.where(lambda one: one.partner_id == partner_id)
        newest = sorted(found, key=lambda one: (one.drafted_at, one.id), reverse=True)
        return tuple(newest[:limit])

    def in_status(self, status: ReferralStatus, *, limit: int) -> tuple[Referral, ...]:
        found = self.where(lambda one: one.status is status)
        return tuple(sorted(found, key=lambda one: (one.drafted_at, one.id))[:limit])

    def enrolled(self, partner_id: PartnerId, patient_id: PatientId) -> Referral | None:
        found = self.where(lambda one: (one.partner_id, one.patient_id) == (partner_id, patient_id))
        return next(iter(found), None)


class Partners(MemoryCollection[Partner]):
    """Partner organisations."""

    def all(self) -> tuple[Partner, ...]:
        return tuple(sorted(self.where(lambda _: True), key=lambda one: (one.name, one.id)))
