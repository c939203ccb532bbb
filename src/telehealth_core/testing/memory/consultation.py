"""Visits, their notes, feedback and emergencies in memory."""

from datetime import datetime

from telehealth_core.consultation.consultation import Consultation
from telehealth_core.consultation.emergency import Emergency, EmergencyStatus
from telehealth_core.consultation.feedback import Feedback
from telehealth_core.consultation.life import ConsultationStatus
from telehealth_core.consultation.psychotherapy import PsychotherapyNote
from telehealth_core.shared.ids import AppointmentId, ProviderId, UserId
from telehealth_core.shared.interval import Interval
from telehealth_core.testing.memory.collection import MemoryCollection


class Consultations(MemoryCollection[Consultation]):
    """Visits."""

    def overdue(self, at: datetime, *, limit: int) -> tuple[Consultation, ...]:
        found = self.where(
            lambda one: (
                one.status is ConsultationStatus.IN_PROGRESS
                and one.window is not None
                and one.window.end <= at
            )
        )
        return _oldest(found)[:limit]

    def unconfirmed(
        self, *, provider_id: ProviderId | None, limit: int
    ) -> tuple[Consultation, ...]:
        found = self.where(
            lambda one: (
                one.status is ConsultationStatus.FINISHED and provider_id in {None, one.provider_id}
            )
        )
        return _oldest(found)[:limit]


class PsychotherapyNotes(MemoryCollection[PsychotherapyNote]):
    """Notes apart from the record."""

    def of_author(
        self, author: UserId, appointment_id: AppointmentId
    ) -> tuple[PsychotherapyNote, ...]:
        found = self.where(
            lambda one: one.author == author and one.appointment_id == appointment_id
        )
        return tuple(sorted(found, key=lambda one: (one.written_at, one.id), reverse=True))


class FeedbackGivenSoFar(MemoryCollection[Feedback]):
    """What participants said of their connections."""

    def of_visit(self, appointment_id: AppointmentId) -> tuple[Feedback, ...]:
        return self._in_order(self.where(lambda one: one.appointment_id == appointment_id))

    def given_in(self, period: Interval, *, limit: int) -> tuple[Feedback, ...]:
        return self._in_order(self.where(lambda one: one.given_at in period))[:limit]

    @staticmethod
    def _in_order(found: list[Feedback]) -> tuple[Feedback, ...]:
        return tuple(sorted(found, key=lambda one: (one.given_at, one.id)))


class EmergencyLog(MemoryCollection[Emergency]):
    """Emergencies."""

    def open(self, *, limit: int) -> tuple[Emergency, ...]:
        found = self.where(lambda one: one.status is EmergencyStatus.OPEN)
        return self._in_order(found)[:limit]

    def of_visit(self, appointment_id: AppointmentId) -> tuple[Emergency, ...]:
        return self._in_order(self.where(lambda one: one.appointment_id == appointment_id))

    @staticmethod
    def _in_order(found: list[Emergency]) -> tuple[Emergency, ...]:
        return tuple(sorted(found, key=lambda one: (one.raised_at, one.id)))


def _oldest(found: list[Consultation]) -> tuple[Consultation, ...]:
    return tuple(sorted(found, key=lambda one: (one.window is not None, one.window, one.id)))
