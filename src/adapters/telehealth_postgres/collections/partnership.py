"""Referrals on PostgreSQL."""

import sqlalchemy as sa

from telehealth_core.partnership.referral import Referral
from telehealth_postgres.collections.collection import PostgresCollection, all_of, given
from telehealth_postgres.statements import Statement
from telehealth_postgres.tables import (
    REFERRALS,
)


class PostgresReferrals(PostgresCollection[Referral]):
    """The practice's inbound referrals."""

    _BY_INVITATION = Statement.of(
        all_of(REFERRALS, REFERRALS.c.invitation == given("invitation", sa.Text()))
    )

    def by_invitation(self, invitation: str) -> Referral | None:
        """The referral whose invitation this is."""
        return self.first(self._BY_INVITATION, invitation=invitation)
