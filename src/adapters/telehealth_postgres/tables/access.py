"""Who may come in: accounts, sign-ins, role grants and access in emergencies."""

import sqlalchemy as sa

from telehealth_core.access.account import Account, SignIn
from telehealth_core.access.attempts import SignInAttempts
from telehealth_core.access.emergency import EmergencyAccess
from telehealth_core.access.role_grant import RoleGrant
from telehealth_postgres.columns import digest_of
from telehealth_postgres.tables.base import table_of

ACCOUNTS = table_of(
    "accounts",
    Account,
    sa.UniqueConstraint("practice_id", "email_digest", name="accounts_email_once"),
    sa.UniqueConstraint("practice_id", "patient_id", name="accounts_patient_once"),
    sa.Index("accounts_roles", "roles", postgresql_using="gin"),
    derived=(digest_of("accounts", "email"),),
    patient_id="patients",
    provider_id="providers",
    partner_id="partners",
)
SIGN_INS = table_of(
    "sign_ins",
    SignIn,
    sa.UniqueConstraint("id", name="sign_ins_id_once"),
    sa.Index("sign_ins_user", "practice_id", "user_id", "ends_at"),
    user_id="accounts",
)
SIGN_IN_ATTEMPTS = table_of("sign_in_attempts", SignInAttempts, user_id="accounts")
ROLE_GRANTS = table_of(
    "role_grants",
    RoleGrant,
    sa.Index(
        "role_grants_pending",
        "practice_id",
        "asked_at",
        "id",
        postgresql_where=sa.text("status = 'pending'"),
    ),
    account_id="accounts",
    provider_id="providers",
    partner_id="partners",
)
EMERGENCY_ACCESSES = table_of(
    "emergency_accesses",
    EmergencyAccess,
    sa.Index("emergency_accesses_live", "practice_id", "user_id", "patient_id", "until"),
    sa.Index(
        "emergency_accesses_unreviewed",
        "practice_id",
        "review_due",
        "id",
        postgresql_where=sa.text("status = 'open'"),
    ),
    patient_id="patients",
)
