"""The waitlist on PostgreSQL."""

from datetime import UTC, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from telehealth_core.scheduling.waitlist import WaitlistEntry
from telehealth_core.shared.ids import AppointmentId, PatientId
from telehealth_core.workforce.provider import Provider
from telehealth_postgres.collections.collection import (
    PostgresCollection,
    all_of,
    given,
    of_patient,
)
from telehealth_postgres.statements import Statement
from telehealth_postgres.tables import WAITLIST

_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


class PostgresWaitlist(PostgresCollection[WaitlistEntry]):
    """Who waits for a time."""

    _ORDER = (WAITLIST.c.joined_at, WAITLIST.c.id)
    _WAITING = Statement.of(
        all_of(
            WAITLIST,
            WAITLIST.c.status == sa.literal_column("'waiting'"),
            sa.or_(
                WAITLIST.c.provider_id == given("provider_id", sa.Uuid()),
                sa.and_(
                    WAITLIST.c.provider_id.is_(None),
                    WAITLIST.c.specialty == sa.any_(given("specialties", pg.ARRAY(sa.Text()))),
                ),
            ),
            sa.func.upper(WAITLIST.c.period) > given("at", sa.DateTime(timezone=True)),
            sa.tuple_(*_ORDER)
            > sa.tuple_(
                given("joined_at", sa.DateTime(timezone=True)), given("after_id", sa.Uuid())
            ),
        )
        .order_by(*_ORDER)
        .limit(given("limit", sa.Integer()))
    )
    _OF_APPOINTMENT = Statement.of(
        all_of(WAITLIST, WAITLIST.c.appointment_id == given("appointment_id", sa.Uuid()))
    )
    _OF_PATIENT = of_patient(WAITLIST, "joined_at")
    _IN_ORDER = Statement.of(
        all_of(
            WAITLIST,
            WAITLIST.c.status.in_(
                [sa.literal_column(f"'{one}'") for one in ("waiting", "offered")]
            ),
        )
        .order_by(*_ORDER)
        .limit(given("limit", sa.Integer()))
    )

    def waiting(
        self, provider: Provider, *, after: WaitlistEntry | None, at: datetime, limit: int
    ) -> tuple[WaitlistEntry, ...]:
        """Those who wait for this provider or one of their specialties, in order."""
        return self.several(
            self._WAITING,
            provider_id=provider.id,
            specialties=sorted(provider.specialties),
            at=at,
            joined_at=after.joined_at if after else _LONG_AGO,
            after_id=after.id if after else UUID(int=0),
            limit=limit,
        )

    def of_appointment(self, appointment_id: AppointmentId) -> WaitlistEntry | None:
        """The entry to which this hold was offered."""
        return self.first(self._OF_APPOINTMENT, appointment_id=appointment_id)

    def of_patient(self, patient_id: PatientId) -> tuple[WaitlistEntry, ...]:
        """All that the patient waits or waited for, the latest first."""
        return self.several(self._OF_PATIENT, patient_id=patient_id)

    def in_order(self, *, limit: int) -> tuple[WaitlistEntry, ...]:
        """Those who wait, with or without an offer, in order."""
        return self.several(self._IN_ORDER, limit=limit)
