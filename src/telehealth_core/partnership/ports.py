"""What partnership needs from outside."""

from typing import Protocol

from telehealth_core.access.ports import Collection
from telehealth_core.partnership.partner import Partner
from telehealth_core.partnership.referral import Referral
from telehealth_core.shared.ids import PartnerId, ReferralId
from telehealth_core.treatment.ports import TreatmentWork


class Partners(Collection[PartnerId, Partner], Protocol):
    """The practice's partners."""


class Referrals(Collection[ReferralId, Referral], Protocol):
    """The practice's inbound referrals."""

    def by_invitation(self, invitation: str, /) -> Referral | None:
        """The referral whose invitation this is."""


class PartnershipWork(TreatmentWork, Protocol):
    """What partnership reads and saves."""

    @property
    def partners(self) -> Partners: ...
    @property
    def referrals(self) -> Referrals: ...
