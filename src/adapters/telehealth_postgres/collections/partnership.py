"""Referrals on PostgreSQL."""

import sqlalchemy as sa

from telehealth_core.partnership.partner import Partner
from telehealth_core.partnership.referral import Referral, ReferralStatus
from telehealth_core.shared.ids import PartnerId, PatientId
from telehealth_postgres.collections.collection import PostgresCollection, all_of, given
from telehealth_postgres.statements import Statement
from telehealth_postgres.tables import (
    PARTNERS,
    REFERRALS,
)


class PostgresReferrals(PostgresCollection[Referral]):
    """The practice's inbound referrals."""

    _BY_INVITATION = Statement.of(
        all_of(REFERRALS, REFERRALS.c.invitation_digest == given("invitation", sa.LargeBinary()))
    )

    def by_invitation(self, invitation: str) -> Referral | None:
        """The referral whose invitation this is."""
        return self.first(self._BY_INVITATION, invitation=self.digest("invitation", invitation))

    _OF_PARTNER = Statement.of(
        all_of(REFERRALS, REFERRALS.c.partner_id == given("partner_id", sa.Uuid()))
        .order_by(REFERRALS.c.drafted_at.desc(), REFERRALS.c.id.desc())
        .limit(given("limit", sa.Integer()))
    )
    _IN_STATUS = Statement.of(
        all_of(REFERRALS, REFERRALS.c.status == given("status", sa.Text()))
        .order_by(REFERRALS.c.drafted_at, REFERRALS.c.id)
        .limit(given("limit", sa.Integer()))
    )
    _ENROLLED = Statement.of(
        all_of(
            REFERRALS,
            REFERRALS.c.partner_id == given("partner_id", sa.Uuid()),
            REFERRALS.c.patient_id == given("patient_id", sa.Uuid()),
        )
    )

    def of_partner(self, partner_id: PartnerId, *, limit: int) -> tuple[Referral, ...]:
        """The partner's referrals, the newest first."""
        return self.several(self._OF_PARTNER, partner_id=partner_id, limit=limit)

    def in_status(self, status: ReferralStatus, *, limit: int) -> tuple[Referral, ...]:
        """The practice's referrals in this state, the oldest first."""
        return self.several(self._IN_STATUS, status=status.value, limit=limit)

    def enrolled(self, partner_id: PartnerId, patient_id: PatientId) -> Referral | None:
        """The referral by which this partner's client became this patient."""
        return self.first(self._ENROLLED, partner_id=partner_id, patient_id=patient_id)


class PostgresPartners(PostgresCollection[Partner]):
    """Partner organisations."""

    _ALL = Statement.of(all_of(PARTNERS).order_by(PARTNERS.c.name, PARTNERS.c.id))

    def all(self) -> tuple[Partner, ...]:
        """All of them, by name."""
        return self.several(self._ALL)
