"""Accounts on PostgreSQL."""

import sqlalchemy as sa

from telehealth_core.access.account import Account
from telehealth_core.shared.ids import (
    PatientId,
)
from telehealth_postgres.collections.collection import PostgresCollection, all_of, given
from telehealth_postgres.statements import Statement
from telehealth_postgres.tables import (
    ACCOUNTS,
)


class PostgresAccounts(PostgresCollection[Account]):
    """Who can sign in."""

    _BY_EMAIL = Statement.of(all_of(ACCOUNTS, ACCOUNTS.c.email == given("email", sa.Text())))
    _OF_PATIENT = Statement.of(
        all_of(ACCOUNTS, ACCOUNTS.c.patient_id == given("patient_id", sa.Uuid()))
    )

    def by_email(self, email: str) -> Account | None:
        """The account with this address, whatever its case."""
        return self.first(self._BY_EMAIL, email=email.strip().lower())

    def of_patient(self, patient_id: PatientId) -> Account | None:
        """The account that stands for this patient."""
        return self.first(self._OF_PATIENT, patient_id=patient_id)
