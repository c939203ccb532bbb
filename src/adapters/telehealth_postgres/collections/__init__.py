"""The collections: what the core's ports ask of each kind of aggregate, as one query each."""

from telehealth_postgres.collections.access import (
    PostgresAccounts,
    PostgresEmergencyAccesses,
    PostgresRoleGrants,
    PostgresSignIns,
    PostgresTrail,
)
from telehealth_postgres.collections.billing import PostgresCards, PostgresCharges
from telehealth_postgres.collections.collection import PostgresCollection, RememberedCollection
from telehealth_postgres.collections.consultation import (
    PostgresConsultations,
    PostgresEmergencies,
    PostgresFeedback,
    PostgresPsychotherapyNotes,
)
from telehealth_postgres.collections.messaging import PostgresChatGrants, PostgresMessages
from telehealth_postgres.collections.partnership import PostgresPartners, PostgresReferrals
from telehealth_postgres.collections.practice import PostgresSettingsHistory
from telehealth_postgres.collections.records import (
    PostgresQuarantine,
    PostgresRecordConflicts,
    PostgresRecordLinks,
)
from telehealth_postgres.collections.records_of_care import (
    PostgresLetters,
    PostgresMedications,
    PostgresPrescriptions,
    PostgresPrograms,
    PostgresQuestionnaires,
)
from telehealth_postgres.collections.registration import (
    PostgresAssessments,
    PostgresCare,
    PostgresConsents,
    PostgresIdentityChecks,
    PostgresPatients,
    PostgresSuspicions,
)
from telehealth_postgres.collections.scheduling import PostgresAppointments, PostgresSessions
from telehealth_postgres.collections.waitlist import PostgresWaitlist
from telehealth_postgres.collections.workforce import PostgresProviders

__all__ = [
    "PostgresAccounts",
    "PostgresAppointments",
    "PostgresAssessments",
    "PostgresCards",
    "PostgresCare",
    "PostgresCharges",
    "PostgresChatGrants",
    "PostgresCollection",
    "PostgresConsents",
    "PostgresConsultations",
    "PostgresEmergencies",
    "PostgresEmergencyAccesses",
    "PostgresFeedback",
    "PostgresIdentityChecks",
    "PostgresLetters",
    "PostgresMedications",
    "PostgresMessages",
    "PostgresPartners",
    "PostgresPatients",
    "PostgresPrescriptions",
    "PostgresPrograms",
    "PostgresProviders",
    "PostgresPsychotherapyNotes",
    "PostgresQuarantine",
    "PostgresQuestionnaires",
    "PostgresRecordConflicts",
    "PostgresRecordLinks",
    "PostgresReferrals",
    "PostgresRoleGrants",
    "PostgresSessions",
    "PostgresSettingsHistory",
    "PostgresSignIns",
    "PostgresSuspicions",
    "PostgresTrail",
    "PostgresWaitlist",
    "RememberedCollection",
]
