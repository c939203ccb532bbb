"""Visits, their notes, feedback and emergencies on PostgreSQL."""

from datetime import datetime

import sqlalchemy as sa

from telehealth_core.consultation.consultation import Consultation
from telehealth_core.consultation.emergency import Emergency
from telehealth_core.consultation.feedback import Feedback
from telehealth_core.consultation.psychotherapy import PsychotherapyNote
from telehealth_core.shared import Interval
from telehealth_core.shared.ids import AppointmentId, ProviderId, UserId
from telehealth_postgres.collections.collection import PostgresCollection, all_of, given
from telehealth_postgres.statements import Statement
from telehealth_postgres.tables import CONSULTATIONS, EMERGENCIES, FEEDBACK, PSYCHOTHERAPY_NOTES

_OLDEST_FIRST = (CONSULTATIONS.c.window.asc().nulls_first(), CONSULTATIONS.c.id)
_PROVIDER = given("provider_id", sa.Uuid())


class PostgresConsultations(PostgresCollection[Consultation]):
    """Visits."""

    _OVERDUE = Statement.of(
        all_of(
            CONSULTATIONS,
            CONSULTATIONS.c.status == sa.literal_column("'in-progress'"),
            sa.func.upper(CONSULTATIONS.c.window) <= given("at", sa.DateTime(timezone=True)),
        )
        .order_by(*_OLDEST_FIRST)
        .limit(given("limit", sa.Integer()))
    )
    _UNCONFIRMED = Statement.of(
        all_of(
            CONSULTATIONS,
            CONSULTATIONS.c.status == sa.literal_column("'finished'"),
            sa.or_(
                sa.cast(_PROVIDER, sa.Uuid()).is_(None), CONSULTATIONS.c.provider_id == _PROVIDER
            ),
        )
        .order_by(*_OLDEST_FIRST)
        .limit(given("limit", sa.Integer()))
    )

    def overdue(self, at: datetime, *, limit: int) -> tuple[Consultation, ...]:
        """Visits in progress whose rooms have closed by that instant."""
        return self.several(self._OVERDUE, at=at, limit=limit)

    def unconfirmed(
        self, *, provider_id: ProviderId | None, limit: int
    ) -> tuple[Consultation, ...]:
        """Finished visits that nobody confirmed."""
        return self.several(self._UNCONFIRMED, provider_id=provider_id, limit=limit)


class PostgresPsychotherapyNotes(PostgresCollection[PsychotherapyNote]):
    """Notes apart from the record."""

    _OF_AUTHOR = Statement.of(
        all_of(
            PSYCHOTHERAPY_NOTES,
            PSYCHOTHERAPY_NOTES.c.appointment_id == given("appointment_id", sa.Uuid()),
            PSYCHOTHERAPY_NOTES.c.author == given("author", sa.Uuid()),
        ).order_by(PSYCHOTHERAPY_NOTES.c.written_at.desc(), PSYCHOTHERAPY_NOTES.c.id.desc())
    )

    def of_author(
        self, author: UserId, appointment_id: AppointmentId
    ) -> tuple[PsychotherapyNote, ...]:
        """What this author wrote about the visit, the newest first."""
        return self.several(self._OF_AUTHOR, author=author, appointment_id=appointment_id)


class PostgresFeedback(PostgresCollection[Feedback]):
    """What participants said of their connections."""

    _OF_VISIT = Statement.of(
        all_of(FEEDBACK, FEEDBACK.c.appointment_id == given("appointment_id", sa.Uuid())).order_by(
            FEEDBACK.c.given_at, FEEDBACK.c.id
        )
    )
    _GIVEN_IN = Statement.of(
        all_of(
            FEEDBACK,
            FEEDBACK.c.given_at >= given("start", sa.DateTime(timezone=True)),
            FEEDBACK.c.given_at < given("end", sa.DateTime(timezone=True)),
        )
        .order_by(FEEDBACK.c.given_at, FEEDBACK.c.id)
        .limit(given("limit", sa.Integer()))
    )

    def of_visit(self, appointment_id: AppointmentId) -> tuple[Feedback, ...]:
        """What was said of one visit, in order."""
        return self.several(self._OF_VISIT, appointment_id=appointment_id)

    def given_in(self, period: Interval, *, limit: int) -> tuple[Feedback, ...]:
        """What was said in the period, in order."""
        return self.several(self._GIVEN_IN, start=period.start, end=period.end, limit=limit)


class PostgresEmergencies(PostgresCollection[Emergency]):
    """Emergencies."""

    _OPEN = Statement.of(
        all_of(EMERGENCIES, EMERGENCIES.c.status == sa.literal_column("'open'"))
        .order_by(EMERGENCIES.c.raised_at, EMERGENCIES.c.id)
        .limit(given("limit", sa.Integer()))
    )
    _OF_VISIT = Statement.of(
        all_of(
            EMERGENCIES, EMERGENCIES.c.appointment_id == given("appointment_id", sa.Uuid())
        ).order_by(EMERGENCIES.c.raised_at, EMERGENCIES.c.id)
    )

    def open(self, *, limit: int) -> tuple[Emergency, ...]:
        """Those nobody has closed, the oldest first."""
        return self.several(self._OPEN, limit=limit)

    def of_visit(self, appointment_id: AppointmentId) -> tuple[Emergency, ...]:
        """Those of one visit, the oldest first."""
        return self.several(self._OF_VISIT, appointment_id=appointment_id)
