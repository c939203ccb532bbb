"""Cards and charges on PostgreSQL."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from telehealth_core.billing.card import Card, CardStatus
from telehealth_core.billing.charge import Charge
from telehealth_core.billing.life import LIFECYCLE, ChargeStatus
from telehealth_core.shared import Interval
from telehealth_core.shared.ids import CardId, PatientId
from telehealth_postgres.collections.collection import PostgresCollection, all_of, given
from telehealth_postgres.statements import Statement
from telehealth_postgres.tables import (
    CARDS,
    CHARGES,
)

INSTANT = sa.DateTime(timezone=True)


class PostgresCards(PostgresCollection[Card]):
    """Cards on file."""

    _OF_PATIENT = Statement.of(
        all_of(
            CARDS,
            CARDS.c.patient_id == given("patient_id", sa.Uuid()),
            CARDS.c.status == sa.literal_column(f"'{CardStatus.KEPT}'"),
        ).order_by(CARDS.c.saved_at.desc(), CARDS.c.id.desc())
    )

    def of_patient(self, patient_id: PatientId) -> tuple[Card, ...]:
        """The cards that are kept for the patient, the newest first."""
        return self.several(self._OF_PATIENT, patient_id=patient_id)


_YET_TO_BE_TAKEN = CHARGES.c.status.in_(
    [
        sa.literal_column(f"'{one}'")
        for one in sorted(LIFECYCLE.transitions["waive"][0] | {ChargeStatus.COLLECTING})
    ]
)


class PostgresCharges(PostgresCollection[Charge]):
    """The practice's charges."""

    _PLANNED_IN = Statement.of(
        all_of(
            CHARGES,
            CHARGES.c.planned_at >= given("start", INSTANT),
            CHARGES.c.planned_at < given("end", INSTANT),
            sa.tuple_(CHARGES.c.planned_at, CHARGES.c.id)
            > sa.tuple_(given("after_at", INSTANT), given("after_id", sa.Uuid())),
        )
        .order_by(CHARGES.c.planned_at, CHARGES.c.id)
        .limit(given("limit", sa.Integer()))
    )
    _TO_TAKE_UP = Statement.of(
        all_of(CHARGES, CHARGES.c.next_at <= given("at", INSTANT))
        .order_by(CHARGES.c.next_at, CHARGES.c.id)
        .limit(given("limit", sa.Integer()))
    )
    _IN_ARREARS = Statement.of(
        all_of(
            CHARGES,
            CHARGES.c.status == sa.literal_column(f"'{ChargeStatus.FAILED}'"),
            CHARGES.c.next_at.is_(None),
        )
        .order_by(CHARGES.c.settled_at, CHARGES.c.id)
        .limit(given("limit", sa.Integer()))
    )
    _NEEDING = Statement.of(
        all_of(CHARGES, CHARGES.c.card_id == given("card_id", sa.Uuid()), _YET_TO_BE_TAKEN).limit(1)
    )

    def planned_in(
        self, period: Interval, *, after: Charge | None = None, limit: int
    ) -> tuple[Charge, ...]:
        """Charges agreed on in the period, in order, beyond `after` if it is given."""
        return self.several(
            self._PLANNED_IN,
            start=period.start,
            end=period.end,
            after_at=after.planned_at if after else period.start,
            after_id=after.id if after else UUID(int=0),
            limit=limit,
        )

    def to_take_up(self, at: datetime, *, limit: int) -> tuple[Charge, ...]:
        """Charges whose `next_at` has come, the longest waiting first."""
        return self.several(self._TO_TAKE_UP, at=at, limit=limit)

    def in_arrears(self, *, limit: int) -> tuple[Charge, ...]:
        """Charges that were declined for good, the oldest first."""
        return self.several(self._IN_ARREARS, limit=limit)

    def needing(self, card_id: CardId) -> bool:
        """Whether any charge is yet to be taken from the card."""
        return self.first(self._NEEDING, card_id=card_id) is not None
