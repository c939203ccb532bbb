"""Partners and their referrals."""

import sqlalchemy as sa

from telehealth_core.partnership.partner import Partner
from telehealth_core.partnership.referral import Referral
from telehealth_postgres.columns import digest_of
from telehealth_postgres.tables.base import table_of

PARTNERS = table_of("partners", Partner)
REFERRALS = table_of(
    "referrals",
    Referral,
    sa.UniqueConstraint("practice_id", "invitation_digest", name="referrals_invitation_once"),
    sa.Index("referrals_partner", "practice_id", "partner_id", "drafted_at", "id"),
    sa.Index("referrals_queue", "practice_id", "status", "drafted_at", "id"),
    # whoever is referred may never become a patient; who does takes this key along when erased
    sealed_for=("id",),
    derived=(digest_of("referrals", "invitation"),),
    partner_id="partners",
    patient_id="patients",
)
