"""What partnership needs from outside."""

from typing import Protocol

from telehealth_core.access.ports import Collection
from telehealth_core.partnership.partner import Partner
from telehealth_core.partnership.referral import Referral, ReferralStatus
from telehealth_core.shared.ids import PartnerId, PatientId, ReferralId
from telehealth_core.treatment.ports import TreatmentWork


class Partners(Collection[PartnerId, Partner], Protocol):
    """The practice's partners."""

    def all(self) -> tuple[Partner, ...]:
        """All of them, by name."""


class Referrals(Collection[ReferralId, Referral], Protocol):
    """The practice's inbound referrals."""

    def by_invitation(self, invitation: str, /) -> Referral | None:
        """The referral whose invitation this is."""

    def of_partner(self, partner_id: PartnerId, /, *, limit: int) -> tuple[Referral, ...]:
        """The partner's referrals, the newest first."""

    def in_status(self, status: ReferralStatus, /, *, limit: int) -> tuple[Referral, ...]:
        """The practice's referrals in this state, the oldest first."""

    def enrolled(self, partner_id: PartnerId, patient_id: PatientId, /) -> Referral | None:
        """The referral by which this partner's client became this patient."""


class PartnershipWork(TreatmentWork, Protocol):
    """What partnership reads and saves."""

    @property
    def partners(self) -> Partners: ...
    @property
    def referrals(self) -> Referrals: ...
