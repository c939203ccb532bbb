"""The collections: what the core's ports ask of each kind of aggregate, as one query each."""

from telehealth_postgres.collections.access import PostgresAccounts
from telehealth_postgres.collections.billing import PostgresCards, PostgresCharges
from telehealth_postgres.collections.collection import PostgresCollection
from telehealth_postgres.collections.messaging import PostgresMessages
from telehealth_postgres.collections.partnership import PostgresReferrals
from telehealth_postgres.collections.practice import PostgresSettingsHistory
from telehealth_postgres.collections.records import (
    PostgresQuarantine,
    PostgresRecordConflicts,
    PostgresRecordLinks,
)
from telehealth_postgres.collections.records_of_care import (
    PostgresLetters,
    PostgresPrescriptions,
    PostgresPrograms,
)
from telehealth_postgres.collections.registration import (
    PostgresCare,
    PostgresIdentityChecks,
    PostgresPatients,
)
from telehealth_postgres.collections.scheduling import PostgresAppointments, PostgresSessions
from telehealth_postgres.collections.workforce import PostgresProviders

__all__ = [
    "PostgresAccounts",
    "PostgresAppointments",
    "PostgresCards",
    "PostgresCare",
    "PostgresCharges",
    "PostgresCollection",
    "PostgresIdentityChecks",
    "PostgresLetters",
    "PostgresMessages",
    "PostgresPatients",
    "PostgresPrescriptions",
    "PostgresPrograms",
    "PostgresProviders",
    "PostgresQuarantine",
    "PostgresRecordConflicts",
    "PostgresRecordLinks",
    "PostgresReferrals",
    "PostgresSessions",
    "PostgresSettingsHistory",
]
