"""Sessions and appointments on PostgreSQL."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.life import OCCUPYING, AppointmentStatus
from telehealth_core.scheduling.search import Place, Shift, Wishes
from telehealth_core.scheduling.session import Session
from telehealth_core.scheduling.waitlist import WaitlistEntry
from telehealth_core.shared import Interval
from telehealth_core.shared.ids import (
    AppointmentId,
    PatientId,
    ProviderId,
    SessionId,
    UserId,
)
from telehealth_core.workforce.provider import Provider
from telehealth_postgres.collections.collection import (
    PRACTICE,
    PostgresCollection,
    all_of,
    given,
    of_patient,
    range_of,
)
from telehealth_postgres.collections.shifts import asked, shifts_of
from telehealth_postgres.statements import Statement
from telehealth_postgres.tables import (
    APPOINTMENTS,
    SESSIONS,
    WAITLIST,
)

LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


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

    def shifts(
        self, wishes: Wishes, after: Place, *, at: datetime, limit: int
    ) -> tuple[Shift, ...]:
        """The first so many published sessions that could offer a visit after that place and within
        the period, with their providers and what occupies those then: one query.
        """
        statement, wished = asked(wishes)
        given = {
            "after": after.start,
            "after_id": after.session_id,
            "until": wishes.period.end,
            "at": at,
            "limit": limit,
        }
        return shifts_of(self._work.rows(statement, {**given, **wished}))

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
    _LAPSED = Statement.of(
        all_of(
            APPOINTMENTS,
            APPOINTMENTS.c.status == sa.literal_column("'held'"),
            APPOINTMENTS.c.held_until <= given("at", sa.DateTime(timezone=True)),
        )
        .order_by(APPOINTMENTS.c.held_until, APPOINTMENTS.c.id)
        .limit(given("limit", sa.Integer()))
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

    def lapsed(self, at: datetime, *, limit: int) -> tuple[Appointment, ...]:
        """Holds past their deadline that nobody gave up yet, the oldest deadline first."""
        return self.several(self._LAPSED, at=at, limit=limit)

    def of_patient(self, patient_id: PatientId) -> tuple[Appointment, ...]:
        """All claims for the patient, the latest visit first."""
        return self.several(self._OF_PATIENT, patient_id=patient_id)

    def of_provider(self, provider_id: ProviderId, period: Interval) -> tuple[Appointment, ...]:
        """The provider's claims that overlap the period, in order."""
        return self.several(self._OF_PROVIDER, provider_id=provider_id, period=range_of(period))

    def in_practice(
        self, period: Interval, *, status: AppointmentStatus | None, limit: int
    ) -> tuple[Appointment, ...]:
        """The practice's claims that overlap the period, in order."""
        states = [status.value] if status else [one.value for one in AppointmentStatus]
        return self.several(self._IN_PRACTICE, period=range_of(period), states=states, limit=limit)


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
            joined_at=after.joined_at if after else LONG_AGO,
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
