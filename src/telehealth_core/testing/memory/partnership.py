"""Referrals in memory."""

from telehealth_core.partnership.referral import Referral
from telehealth_core.testing.memory.collection import MemoryCollection


class Referrals(MemoryCollection[Referral]):
    """Inbound referrals."""

    def by_invitation(self, invitation: str) -> Referral | None:
        return next(iter(self.where(lambda one: one.invitation == invitation)), None)
