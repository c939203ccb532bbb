"""Sessions and appointments on PostgreSQL."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.life import OCCUPYING, AppointmentStatus
from telehealth_core.scheduling.limits import Beside, Load
from telehealth_core.scheduling.search import Place, Shift, Wishes
from telehealth_core.scheduling.session import Session
from telehealth_core.shared import Interval
from telehealth_core.shared.ids import (
    PatientId,
    ProviderId,
    SeriesId,
    SessionId,
)
from telehealth_postgres import guard
from telehealth_postgres.collections.collection import (
    PRACTICE,
    PostgresCollection,
    RememberedCollection,
    all_of,
    given,
)
from telehealth_postgres.collections.shifts import asked
from telehealth_postgres.columns import range_of
from telehealth_postgres.statements import Statement
from telehealth_postgres.tables import (
    APPOINTMENTS,
    SESSIONS,
)


class PostgresSessions(RememberedCollection[Session]):
    """Bookable shifts."""

    def saving(self, aggregate: Session) -> Statement:
        """The statement that writes this version."""
        return guard.insert_session() if aggregate.version == 1 else super().saving(aggregate)

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
        the period, with their providers and what occupies those then: one query, which tells too
        what version the practice is in, and one more for providers that changed since they were
        last read.
        """
        statement, wished = asked(wishes)
        given = {
            "after": after.start,
            "after_id": after.session_id,
            "until": wishes.period.end,
            "at": at,
            "limit": limit,
        }
        rows = self._work.search(statement, {**given, **wished})
        if rows:
            self._work.practices.current(self._work.practice_id, rows[0][0])
        found = [row[1:] for row in rows if row[1] is not None]
        owners = [self.shape.of(row, "provider_id") for row in found]
        whose = self._work.providers.known(owners, (row[-2] for row in found))
        return tuple(
            Shift(self.of(row), provider, tuple(Interval(*edges) for edges in row[-1]))
            for row, provider in zip(found, whose, strict=True)
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


_AT = given("at", sa.DateTime(timezone=True))


_BEFORE = given("before", sa.DateTime(timezone=True))


_DIARY_ORDER = (APPOINTMENTS.c.during, APPOINTMENTS.c.id)


_ID = given("id", sa.Uuid())
_OWN = APPOINTMENTS.c.patient_id == given("patient_id", sa.Uuid())
_HELD = APPOINTMENTS.c.status == sa.literal_column("'held'")
_KEPT = sa.and_(APPOINTMENTS.c.held_by == given("held_by", sa.Uuid()), _HELD)
_NONE = (None,)
"""What a row begins with that is not there."""
_LOAD = (
    sa.select(
        sa.func.count().filter(_KEPT).label("holds"),
        sa.func.count().filter(_OWN, sa.func.upper(APPOINTMENTS.c.during) > _AT).label("ahead"),
        sa.func.count()
        .filter(_OWN, given("day", pg.TSTZRANGE()).contains(sa.func.lower(APPOINTMENTS.c.during)))
        .label("a_day"),
    )
    .where(
        APPOINTMENTS.c.practice_id == PRACTICE,
        APPOINTMENTS.c.id != _ID,
        sa.or_(_KEPT, _OWN),
        _TAKES_TIME,
        sa.or_(~_HELD, APPOINTMENTS.c.held_until > _AT),
    )
    .subquery("load")
)
_NEAR = all_of(
    APPOINTMENTS,
    sa.or_(
        APPOINTMENTS.c.id == _ID,
        sa.and_(
            _TAKES_TIME,
            APPOINTMENTS.c.provider_id == given("provider_id", sa.Uuid()),
            APPOINTMENTS.c.occupies.overlaps(given("occupies", pg.TSTZRANGE())),
        ),
        sa.and_(_TAKES_TIME, _OWN, _IN_PERIOD),
    ),
).subquery("near")
"""What competes with a claim, and that claim itself if it is there already."""


class PostgresAppointments(PostgresCollection[Appointment]):
    """Claims on time."""

    def saving(self, aggregate: Appointment) -> Statement:
        """The statement that writes this version, by way of the guard where its time changes."""
        if aggregate.version == 1:
            taking = guard.takes_time(aggregate)
            return guard.insert_claim() if taking else super().saving(aggregate)
        former = self._found.get(aggregate.id)
        unchanged = former is not None and guard.same_time(former, aggregate)
        return super().saving(aggregate) if unchanged else guard.update_claim()

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
    _BESIDE = Statement.of(
        sa.select(*_LOAD.c, *_NEAR.c)
        .select_from(_LOAD.outerjoin(_NEAR, sa.true()))
        .order_by(_NEAR.c.during, _NEAR.c.id)
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
            sa.or_(
                given("after", pg.TSTZRANGE()).is_(None),
                sa.tuple_(APPOINTMENTS.c.during, APPOINTMENTS.c.id)
                > sa.tuple_(given("after", pg.TSTZRANGE()), given("after_id", sa.Uuid())),
            ),
        )
        .order_by(*_DIARY_ORDER)
        .limit(given("limit", sa.Integer()))
    )
    _NEWEST = Statement.of(
        all_of(
            APPOINTMENTS,
            APPOINTMENTS.c.requested_at.is_not(None),
            sa.or_(
                _BEFORE.is_(None),
                sa.tuple_(APPOINTMENTS.c.requested_at, APPOINTMENTS.c.id)
                < sa.tuple_(_BEFORE, given("before_id", sa.Uuid())),
            ),
        )
        .order_by(APPOINTMENTS.c.requested_at.desc(), APPOINTMENTS.c.id.desc())
        .limit(given("limit", sa.Integer()))
    )
    _FLAGGED = Statement.of(
        all_of(APPOINTMENTS, APPOINTMENTS.c.flags_open)
        .order_by(*_DIARY_ORDER)
        .limit(given("limit", sa.Integer()))
    )
    _UNANSWERED = Statement.of(
        all_of(
            APPOINTMENTS,
            APPOINTMENTS.c.status == sa.literal_column("'pending'"),
            sa.func.lower(APPOINTMENTS.c.during) <= _AT,
        )
        .order_by(*_DIARY_ORDER)
        .limit(given("limit", sa.Integer()))
    )
    _OF_SERIES = Statement.of(
        all_of(APPOINTMENTS, APPOINTMENTS.c.series == given("series", sa.Uuid())).order_by(
            *_DIARY_ORDER
        )
    )
    _OF_SESSIONS = Statement.of(
        all_of(
            APPOINTMENTS,
            _TAKES_TIME,
            APPOINTMENTS.c.session_id == sa.any_(given("sessions", pg.ARRAY(sa.Uuid()))),
        ).order_by(*_DIARY_ORDER)
    )

    def occupying(
        self, period: Interval, *, provider_id: ProviderId, patient_id: PatientId | None = None
    ) -> tuple[Appointment, ...]:
        """What overlaps the period in an occupying state, of the provider or the patient."""
        return self.several(
            self._OCCUPYING, period=range_of(period), provider_id=provider_id, patient_id=patient_id
        )

    def beside(self, wanted: Appointment, *, day: Interval, at: datetime) -> Beside:
        """What account, patient and provider have beside this claim at that instant; its own row
        comes along.
        """
        given = {
            "id": wanted.id,
            "held_by": wanted.held_by,
            "patient_id": wanted.patient_id,
            "provider_id": wanted.provider_id,
            "period": range_of(wanted.during),
            "occupies": range_of(wanted.occupies),
            "day": range_of(day),
            "at": at,
        }
        rows = self._work.rows(self._BESIDE, given)
        load, near = Load(*rows[0][:3]), {row[3]: row[3:] for row in rows}
        self.bring(wanted.id, near.pop(wanted.id, _NONE))
        near.pop(None, None)
        return Beside(load, tuple(self._work.keys.readable(self.shape, near.values())))

    def lapsed(self, at: datetime, *, limit: int) -> tuple[Appointment, ...]:
        """Holds past their deadline that nobody gave up yet, the oldest deadline first."""
        return self.several(self._LAPSED, at=at, limit=limit)

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
        self,
        period: Interval,
        *,
        status: AppointmentStatus | None,
        limit: int,
        after: Appointment | None = None,
    ) -> tuple[Appointment, ...]:
        """The practice's claims that overlap the period, in order."""
        return self.several(
            self._IN_PRACTICE,
            period=range_of(period),
            states=[status.value] if status else [one.value for one in AppointmentStatus],
            limit=limit,
            after=range_of(after.during) if after else None,
            after_id=after.id if after else None,
        )

    def newest(self, *, before: Appointment | None, limit: int) -> tuple[Appointment, ...]:
        """What was requested last, the newest request first."""
        return self.several(
            self._NEWEST,
            limit=limit,
            before=before.requested_at if before else None,
            before_id=before.id if before else None,
        )

    def flagged(self, *, limit: int) -> tuple[Appointment, ...]:
        """Claims with a red flag that nobody has reviewed, the next visit first."""
        return self.several(self._FLAGGED, limit=limit)

    def unanswered(self, at: datetime, *, limit: int) -> tuple[Appointment, ...]:
        """Pending requests whose visit was to begin by then, the oldest first."""
        return self.several(self._UNANSWERED, at=at, limit=limit)

    def of_series(self, series: SeriesId) -> tuple[Appointment, ...]:
        """The claims that were booked together as this series, in order."""
        return self.several(self._OF_SERIES, series=series)

    def of_sessions(self, sessions: frozenset[SessionId]) -> tuple[Appointment, ...]:
        """The claims on these sessions that occupy their time, in order."""
        return self.several(self._OF_SESSIONS, sessions=sorted(sessions))
