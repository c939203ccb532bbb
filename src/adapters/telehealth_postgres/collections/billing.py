"""Cards and charges on PostgreSQL."""

import sqlalchemy as sa

from telehealth_core.billing.card import Card
from telehealth_core.billing.charge import Charge
from telehealth_core.shared import Interval
from telehealth_core.shared.ids import (
    PatientId,
)
from telehealth_postgres.collections.collection import PostgresCollection, all_of, given, of_patient
from telehealth_postgres.statements import Statement
from telehealth_postgres.tables import (
    CARDS,
    CHARGES,
)


class PostgresCards(PostgresCollection[Card]):
    """Cards on file."""

    _OF_PATIENT = of_patient(CARDS, "saved_at")

    def of_patient(self, patient_id: PatientId) -> tuple[Card, ...]:
        """The patient's cards, the newest first."""
        return self.several(self._OF_PATIENT, patient_id=patient_id)


class PostgresCharges(PostgresCollection[Charge]):
    """The practice's charges."""

    _PLANNED_IN = Statement.of(
        all_of(
            CHARGES,
            CHARGES.c.planned_at >= given("start", sa.DateTime(timezone=True)),
            CHARGES.c.planned_at < given("end", sa.DateTime(timezone=True)),
        )
        .order_by(CHARGES.c.planned_at, CHARGES.c.id)
        .limit(given("limit", sa.Integer()))
    )

    def planned_in(self, period: Interval, *, limit: int) -> tuple[Charge, ...]:
        """Charges agreed on in the period, in order."""
        return self.several(self._PLANNED_IN, start=period.start, end=period.end, limit=limit)
