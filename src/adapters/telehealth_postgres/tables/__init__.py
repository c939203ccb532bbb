"""The tables. Columns follow from the aggregates; here stands what fields cannot say.
A table's `info["shape"]` turns its rows into aggregates.

`practice_id` leads every key, so that rows can be secured and sharded by it; references stay
inside a practice. Two exclusion constraints are the second wall of N01: no provider and no patient
is ever in two appointments at once.
"""

from telehealth_postgres.tables.access import (
    ACCOUNTS,
    EMERGENCY_ACCESSES,
    ROLE_GRANTS,
    SIGN_IN_ATTEMPTS,
    SIGN_INS,
)
from telehealth_postgres.tables.base import METADATA
from telehealth_postgres.tables.billing import CARDS, CHARGES
from telehealth_postgres.tables.consultation import (
    CONSULTATIONS,
    EMERGENCIES,
    FEEDBACK,
    NOTES,
    PSYCHOTHERAPY_NOTES,
)
from telehealth_postgres.tables.letters import LETTERS
from telehealth_postgres.tables.log import AUDIT, AUDIT_HEADS, AUDIT_LINKS, OUTBOX, REACTIONS_DONE
from telehealth_postgres.tables.messaging import CHAT_GRANTS, CONVERSATIONS, MESSAGES
from telehealth_postgres.tables.partnership import PARTNERS, REFERRALS
from telehealth_postgres.tables.practice import PRACTICES, SETTINGS_HISTORY
from telehealth_postgres.tables.prescribing import PRESCRIPTIONS
from telehealth_postgres.tables.records import (
    QUARANTINE,
    RECORD_CONFLICTS,
    RECORD_CURSORS,
    RECORD_LINKS,
)
from telehealth_postgres.tables.registration import (
    ASSESSMENTS,
    CONSENTS,
    DOCUMENTS,
    IDENTITY_CHECKS,
    PATIENTS,
    SUSPICIONS,
)
from telehealth_postgres.tables.scheduling import APPOINTMENTS, SESSIONS, WAITLIST
from telehealth_postgres.tables.treatment import MEDICATIONS, PROGRAMS, QUESTIONNAIRES
from telehealth_postgres.tables.workforce import PROVIDERS

__all__ = [
    "ACCOUNTS",
    "APPOINTMENTS",
    "ASSESSMENTS",
    "AUDIT",
    "AUDIT_HEADS",
    "AUDIT_LINKS",
    "CARDS",
    "CHARGES",
    "CHAT_GRANTS",
    "CONSENTS",
    "CONSULTATIONS",
    "CONVERSATIONS",
    "DOCUMENTS",
    "EMERGENCIES",
    "EMERGENCY_ACCESSES",
    "FEEDBACK",
    "IDENTITY_CHECKS",
    "LETTERS",
    "MEDICATIONS",
    "MESSAGES",
    "METADATA",
    "NOTES",
    "OUTBOX",
    "PARTNERS",
    "PATIENTS",
    "PRACTICES",
    "PRESCRIPTIONS",
    "PROGRAMS",
    "PROVIDERS",
    "PSYCHOTHERAPY_NOTES",
    "QUARANTINE",
    "QUESTIONNAIRES",
    "REACTIONS_DONE",
    "RECORD_CONFLICTS",
    "RECORD_CURSORS",
    "RECORD_LINKS",
    "REFERRALS",
    "ROLE_GRANTS",
    "SESSIONS",
    "SETTINGS_HISTORY",
    "SIGN_INS",
    "SIGN_IN_ATTEMPTS",
    "SUSPICIONS",
    "WAITLIST",
]
