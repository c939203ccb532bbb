"""Sessions and appointments on PostgreSQL."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.life import OCCUPYING, AppointmentStatus
from telehealth_core.scheduling.session import Session
from telehealth_core.shared import Interval
from telehealth_core.shared.ids import (
    PatientId,
    ProviderId,
    SessionId,
    UserId,
)
from telehealth_postgres.collections.collection import (
    PRACTICE,
    PostgresCollection,
    all_of,
    given,
    range_of,
)
from telehealth_postgres.statements import Statement
from telehealth_postgres.tables import (
    APPOINTMENTS,
    SESSIONS,
)


class PostgresSessions(PostgresCollection[Session]):
    """Bookable shifts."""

    _PUBLISHED = Statement.of(
        all_of(
            SESSIONS,
            SESSIONS.c.provider_id == given("provider_id", sa.Uuid()),
            SESSIONS.c.status == sa.literal_column("'published'"),
            SESSIONS.c.during.overlaps(given("period", pg.TSTZRANGE())),
        ).order_by(SESSIONS.c.during, SESSIONS.c.id)
    )

    _OF_SERIES = Statement.of(
        all_of(SESSIONS, SESSIONS.c.series == given("series", sa.Uuid())).order_by(
            SESSIONS.c.during, SESSIONS.c.id
        )
    )

    def of_series(self, series: SessionId) -> tuple[Session, ...]:
        """The sessions that were published together as this series, in order."""
        return self.several(self._OF_SERIES, series=series)

    def published(self, provider_id: ProviderId, period: Interval) -> tuple[Session, ...]:
        """The provider's published sessions that overlap the period."""
        return self.several(self._PUBLISHED, provider_id=provider_id, period=range_of(period))


_TAKES_TIME = APPOINTMENTS.c.status.in_(
    [sa.literal_column(f"'{one}'") for one in sorted(OCCUPYING)]
)


_IN_PERIOD = APPOINTMENTS.c.during.overlaps(given("period", pg.TSTZRANGE()))


_DIARY_ORDER = (APPOINTMENTS.c.during, APPOINTMENTS.c.id)


class PostgresAppointments(PostgresCollection[Appointment]):
    """Claims on time."""

    _OCCUPYING = Statement.of(
        all_of(
            APPOINTMENTS,
            _TAKES_TIME,
            APPOINTMENTS.c.provider_id == given("provider_id", sa.Uuid()),
            APPOINTMENTS.c.occupies.overlaps(given("period", pg.TSTZRANGE())),
        )
        .union(
            all_of(
                APPOINTMENTS,
                _TAKES_TIME,
                APPOINTMENTS.c.patient_id == given("patient_id", sa.Uuid()),
                _IN_PERIOD,
            )
        )
        .order_by("during", "id")
    )
    _LIVE_HOLDS = Statement.of(
        sa.select(sa.func.count()).where(
            APPOINTMENTS.c.practice_id == PRACTICE,
            APPOINTMENTS.c.held_by == given("held_by", sa.Uuid()),
            APPOINTMENTS.c.status == sa.literal_column("'held'"),
            APPOINTMENTS.c.held_until > given("at", sa.DateTime(timezone=True)),
        )
    )
    _OF_PATIENT = Statement.of(
        all_of(APPOINTMENTS, APPOINTMENTS.c.patient_id == given("patient_id", sa.Uuid())).order_by(
            APPOINTMENTS.c.during.desc(), APPOINTMENTS.c.id.desc()
        )
    )
    _OF_PROVIDER = Statement.of(
        all_of(
            APPOINTMENTS, APPOINTMENTS.c.provider_id == given("provider_id", sa.Uuid()), _IN_PERIOD
        ).order_by(*_DIARY_ORDER)
    )
    _IN_PRACTICE = Statement.of(
        all_of(
            APPOINTMENTS,
            _IN_PERIOD,
            APPOINTMENTS.c.status == sa.any_(given("states", pg.ARRAY(sa.Text()))),
        )
        .order_by(*_DIARY_ORDER)
        .limit(given("limit", sa.Integer()))
    )

    def occupying(
        self, period: Interval, *, provider_id: ProviderId, patient_id: PatientId | None = None
    ) -> tuple[Appointment, ...]:
        """What overlaps the period in an occupying state, of the provider or the patient."""
        return self.several(
            self._OCCUPYING, period=range_of(period), provider_id=provider_id, patient_id=patient_id
        )

    def live_holds(self, held_by: UserId, at: Any) -> int:
        """How many times this account keeps at that instant."""
        return int(self.scalar(self._LIVE_HOLDS, held_by=held_by, at=at))

    def of_patient(self, patient_id: PatientId) -> tuple[Appointment, ...]:
        """All claims for the patient, the latest visit first."""
        return self.several(self._OF_PATIENT, patient_id=patient_id)

    def of_provider(self, provider_id: ProviderId, period: Interval) -> tuple[Appointment, ...]:
        """The provider's claims that overlap the period, in order."""
        return self.several(self._OF_PROVIDER, provider_id=provider_id, period=range_of(period))

    _UNATTENDED = Statement.of(
        all_of(
            APPOINTMENTS,
            APPOINTMENTS.c.status == sa.literal_column("'booked'"),
            sa.func.upper(APPOINTMENTS.c.during) <= given("at", sa.DateTime(timezone=True)),
        )
        .order_by(sa.func.upper(APPOINTMENTS.c.during), APPOINTMENTS.c.id)
        .limit(given("limit", sa.Integer()))
    )

    def unattended(self, at: datetime, *, limit: int) -> tuple[Appointment, ...]:
        """Claims still booked whose visit's time was over at that instant, the oldest first."""
        return self.several(self._UNATTENDED, at=at, limit=limit)

    def in_practice(
        self, period: Interval, *, status: AppointmentStatus | None, limit: int
    ) -> tuple[Appointment, ...]:
        """The practice's claims that overlap the period, in order."""
        states = [status.value] if status else [one.value for one in AppointmentStatus]
        return self.several(self._IN_PRACTICE, period=range_of(period), states=states, limit=limit)
