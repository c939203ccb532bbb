"""Patients and their identity checks on PostgreSQL, and who treats whom."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from telehealth_core.registration.identity_check import IdentityCheck, IdentityStatus
from telehealth_core.registration.patient import Patient
from telehealth_core.shared.ids import (
    PartnerId,
    PatientId,
    ProviderId,
)
from telehealth_postgres.collections.collection import (
    PRACTICE,
    PostgresCollection,
    all_of,
    given,
)
from telehealth_postgres.statements import Statement
from telehealth_postgres.tables import (
    APPOINTMENTS,
    IDENTITY_CHECKS,
    PARTNERS,
    PATIENTS,
    PROGRAMS,
)


def _tied(column: sa.Column[Any]) -> Statement:
    found = all_of(PATIENTS, column.contains(given("tie", pg.JSONB())))
    return Statement.of(found.order_by(PATIENTS.c.registered_at, PATIENTS.c.id))


class PostgresPatients(PostgresCollection[Patient]):
    """The practice's patients."""

    _DEPENDANTS = _tied(PATIENTS.c.guardians)
    _FOLLOWED = _tied(PATIENTS.c.partners)
    _PAGE = Statement.of(
        all_of(PATIENTS, PATIENTS.c.id > given("after", sa.Uuid()))
        .order_by(PATIENTS.c.id)
        .limit(given("limit", sa.Integer()))
    )

    def dependants_of(self, guardian: PatientId) -> tuple[Patient, ...]:
        """The patients with a guardianship of this guardian."""
        return self.several(self._DEPENDANTS, tie=f'[{{"guardian": "{guardian}"}}]')

    def followed_by(self, partner_id: PartnerId) -> tuple[Patient, ...]:
        """The patients tied to this partner."""
        return self.several(self._FOLLOWED, tie=f'[{{"partner_id": "{partner_id}"}}]')

    def page(self, *, after: PatientId | None, limit: int) -> tuple[Patient, ...]:
        """Patients in the order of their ids, after that one."""
        return self.several(self._PAGE, after=after or UUID(int=0), limit=limit)


class PostgresIdentityChecks(PostgresCollection[IdentityCheck]):
    """The practice's identity checks."""

    _IN_STATUS = Statement.of(
        all_of(IDENTITY_CHECKS, IDENTITY_CHECKS.c.status == given("status", sa.Text()))
        .order_by(IDENTITY_CHECKS.c.id)
        .limit(given("limit", sa.Integer()))
    )

    def in_status(self, status: IdentityStatus, *, limit: int) -> tuple[IdentityCheck, ...]:
        """The reviewer's queue."""
        return self.several(self._IN_STATUS, status=status, limit=limit)


class PostgresCare:
    """Who treats whom, and who may follow at all."""

    _TREATS = Statement.of(
        sa.select(
            sa.or_(
                sa.exists().where(
                    APPOINTMENTS.c.practice_id == PRACTICE,
                    APPOINTMENTS.c.patient_id == given("patient_id", sa.Uuid()),
                    APPOINTMENTS.c.provider_id == given("provider_id", sa.Uuid()),
                    APPOINTMENTS.c.status.in_(
                        [
                            sa.literal_column(f"'{one}'")
                            for one in ("booked", "arrived", "fulfilled")
                        ]
                    ),
                ),
                sa.exists().where(
                    PROGRAMS.c.practice_id == PRACTICE,
                    PROGRAMS.c.patient_id == given("patient_id", sa.Uuid()),
                    PROGRAMS.c.provider_id == given("provider_id", sa.Uuid()),
                ),
            )
        )
    )

    _MAY_FOLLOW = Statement.of(
        sa.select(
            sa.exists().where(
                PARTNERS.c.practice_id == PRACTICE,
                PARTNERS.c.id == given("partner_id", sa.Uuid()),
                PARTNERS.c.status == sa.literal_column("'active'"),
            )
        )
    )

    def __init__(
        self, rows: Callable[[Statement, Mapping[str, Any]], list[tuple[Any, ...]]]
    ) -> None:
        self._rows = rows

    def treats(self, provider_id: ProviderId, patient_id: PatientId) -> bool:
        """Whether this provider gives, or gave, this patient a visit, or leads their program."""
        ((found,),) = self._rows(
            self._TREATS, {"provider_id": provider_id, "patient_id": patient_id}
        )
        return bool(found)

    def may_follow(self, partner_id: PartnerId) -> bool:
        """Whether this partner organisation may follow patients at present."""
        ((found,),) = self._rows(self._MAY_FOLLOW, {"partner_id": partner_id})
        return bool(found)
