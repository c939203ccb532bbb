"""Patients and their identity checks on PostgreSQL, and who treats whom."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from telehealth_core.registration.assessment import CompetenceAssessment
from telehealth_core.registration.consent import Consent
from telehealth_core.registration.duplicate import DuplicateSuspicion, SuspicionStatus
from telehealth_core.registration.identity_check import DECIDED, IdentityCheck, IdentityStatus
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
    of_patient,
)
from telehealth_postgres.statements import Statement
from telehealth_postgres.tables import (
    APPOINTMENTS,
    ASSESSMENTS,
    CONSENTS,
    IDENTITY_CHECKS,
    PARTNERS,
    PATIENTS,
    PROGRAMS,
    SUSPICIONS,
)


def _tied(column: sa.Column[Any], tie: sa.types.TypeEngine[Any]) -> Statement:
    found = all_of(PATIENTS, column.contains(given("tie", tie)))
    return Statement.of(found.order_by(PATIENTS.c.registered_at, PATIENTS.c.id))


def _literals(words: Iterable[str]) -> list[sa.ColumnElement[str]]:
    """Words that are part of the query, so that it can use an index made for them."""
    return [sa.literal_column(f"'{word}'") for word in sorted(words)]


_DIGESTS: sa.types.TypeEngine[Any] = pg.ARRAY(sa.LargeBinary())


class PostgresPatients(PostgresCollection[Patient]):
    """The practice's patients."""

    _DEPENDANTS = _tied(PATIENTS.c.guardian_ids, pg.ARRAY(sa.Uuid()))
    _FOLLOWED = _tied(PATIENTS.c.partners, pg.JSONB())
    _PAGE = Statement.of(
        all_of(PATIENTS, PATIENTS.c.id > given("after", sa.Uuid()))
        .order_by(PATIENTS.c.id)
        .limit(given("limit", sa.Integer()))
    )

    _MATCHING = Statement.of(
        all_of(PATIENTS, PATIENTS.c.match_keys_digests.overlap(given("keys", _DIGESTS)))
        .order_by(PATIENTS.c.registered_at, PATIENTS.c.id)
        .limit(given("limit", sa.Integer()))
    )

    def dependants_of(self, guardian: PatientId) -> tuple[Patient, ...]:
        """The patients with a guardianship of this guardian."""
        return self.several(self._DEPENDANTS, tie=[guardian])

    def followed_by(self, partner_id: PartnerId) -> tuple[Patient, ...]:
        """The patients tied to this partner."""
        return self.several(self._FOLLOWED, tie=f'[{{"partner_id": "{partner_id}"}}]')

    def page(self, *, after: PatientId | None, limit: int) -> tuple[Patient, ...]:
        """Patients in the order of their ids, after that one."""
        return self.several(self._PAGE, after=after or UUID(int=0), limit=limit)

    def matching(self, keys: frozenset[str], *, limit: int) -> tuple[Patient, ...]:
        """The patients who share any of these keys."""
        return self.several(self._MATCHING, keys=self.digests("match_keys", keys), limit=limit)


class PostgresIdentityChecks(PostgresCollection[IdentityCheck]):
    """The practice's identity checks."""

    _IN_STATUS = Statement.of(
        all_of(IDENTITY_CHECKS, IDENTITY_CHECKS.c.status == given("status", sa.Text()))
        .order_by(IDENTITY_CHECKS.c.submitted_at, IDENTITY_CHECKS.c.id)
        .limit(given("limit", sa.Integer()))
    )
    _LAPSED = Statement.of(
        all_of(
            IDENTITY_CHECKS,
            IDENTITY_CHECKS.c.status == sa.literal_column("'approved'"),
            IDENTITY_CHECKS.c.expires_at <= given("at", sa.DateTime(timezone=True)),
        )
        .order_by(IDENTITY_CHECKS.c.expires_at, IDENTITY_CHECKS.c.id)
        .limit(given("limit", sa.Integer()))
    )
    _WITH_IMAGES = Statement.of(
        all_of(
            IDENTITY_CHECKS,
            sa.literal_column("(evidence <> '[]' OR former <> '[]')", sa.Boolean()),
            IDENTITY_CHECKS.c.status.in_(
                [sa.literal_column(f"'{one}'") for one in sorted(DECIDED)]
            ),
            IDENTITY_CHECKS.c.decided_at < given("before", sa.DateTime(timezone=True)),
        )
        .order_by(IDENTITY_CHECKS.c.decided_at, IDENTITY_CHECKS.c.id)
        .limit(given("limit", sa.Integer()))
    )

    def in_status(self, status: IdentityStatus, *, limit: int) -> tuple[IdentityCheck, ...]:
        """The reviewer's queue."""
        return self.several(self._IN_STATUS, status=status, limit=limit)

    def lapsed(self, at: datetime, *, limit: int) -> tuple[IdentityCheck, ...]:
        """The approved ones that have run out by then."""
        return self.several(self._LAPSED, at=at, limit=limit)

    def with_images(self, decided_before: datetime, *, limit: int) -> tuple[IdentityCheck, ...]:
        """The decided ones that were decided before then and still have pictures."""
        return self.several(self._WITH_IMAGES, before=decided_before, limit=limit)


class PostgresConsents(PostgresCollection[Consent]):
    """What patients agreed to and refused."""

    _OF_PATIENT = of_patient(CONSENTS, "at")

    def of_patient(self, patient_id: PatientId) -> tuple[Consent, ...]:
        """Every answer for the patient, the newest first."""
        return self.several(self._OF_PATIENT, patient_id=patient_id)


class PostgresAssessments(PostgresCollection[CompetenceAssessment]):
    """What clinicians found of young patients."""

    _OF_PATIENT = of_patient(ASSESSMENTS, "at")

    def of_patient(self, patient_id: PatientId) -> tuple[CompetenceAssessment, ...]:
        """Every assessment of the patient, the newest first."""
        return self.several(self._OF_PATIENT, patient_id=patient_id)


class PostgresSuspicions(PostgresCollection[DuplicateSuspicion]):
    """Records that may be one person's."""

    _IN_STATUS = Statement.of(
        all_of(SUSPICIONS, SUSPICIONS.c.status == given("status", sa.Text()))
        .order_by(SUSPICIONS.c.raised_at, SUSPICIONS.c.id)
        .limit(given("limit", sa.Integer()))
    )

    def in_status(self, status: SuspicionStatus, *, limit: int) -> tuple[DuplicateSuspicion, ...]:
        """Those in that state, the oldest first."""
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
                    APPOINTMENTS.c.status.in_(_literals(("booked", "arrived", "fulfilled"))),
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
