"""What consultations need from outside."""

from datetime import datetime
from typing import Protocol

from telehealth_core.access.ports import Collection
from telehealth_core.consultation.consultation import Consultation
from telehealth_core.consultation.emergency import Emergency
from telehealth_core.consultation.feedback import Feedback
from telehealth_core.consultation.note import VisitNote
from telehealth_core.consultation.psychotherapy import PsychotherapyNote
from telehealth_core.consultation.video import Admission
from telehealth_core.scheduling.ports import SchedulingWork
from telehealth_core.shared.ids import (
    AppointmentId,
    ConsultationId,
    EmergencyId,
    FeedbackId,
    NoteId,
    ProviderId,
    UserId,
)
from telehealth_core.shared.interval import Interval


class Consultations(Collection[ConsultationId, Consultation], Protocol):
    """The practice's visits."""

    def overdue(self, at: datetime, /, *, limit: int) -> tuple[Consultation, ...]:
        """Visits in progress whose rooms have closed by that instant, the oldest first."""

    def unconfirmed(
        self, *, provider_id: ProviderId | None, limit: int
    ) -> tuple[Consultation, ...]:
        """Finished visits, of that provider or of all, that are not completed; the oldest first."""


class Notes(Collection[NoteId, VisitNote], Protocol):
    """The notes of visits."""


class PsychotherapyNotes(Collection[NoteId, PsychotherapyNote], Protocol):
    """Notes apart from the record."""

    def of_author(
        self, author: UserId, appointment_id: AppointmentId, /
    ) -> tuple[PsychotherapyNote, ...]:
        """What this author, and nobody else, wrote about the visit, the newest first."""


class FeedbackGivenSoFar(Collection[FeedbackId, Feedback], Protocol):
    """What participants said of their connections."""

    def of_visit(self, appointment_id: AppointmentId, /) -> tuple[Feedback, ...]:
        """What was said of one visit, in the order it was said."""

    def given_in(self, period: Interval, /, *, limit: int) -> tuple[Feedback, ...]:
        """What was said in the period, in order."""


class EmergencyLog(Collection[EmergencyId, Emergency], Protocol):
    """Emergencies; none is ever deleted."""

    def open(self, *, limit: int) -> tuple[Emergency, ...]:
        """Those nobody has closed, the oldest first."""

    def of_visit(self, appointment_id: AppointmentId, /) -> tuple[Emergency, ...]:
        """Those of one visit, the oldest first."""


class ConsultationWork(SchedulingWork, Protocol):
    """What consultations read and save."""

    @property
    def consultations(self) -> Consultations: ...
    @property
    def notes(self) -> Notes: ...
    @property
    def psychotherapy_notes(self) -> PsychotherapyNotes: ...
    @property
    def feedback(self) -> FeedbackGivenSoFar: ...
    @property
    def emergencies(self) -> EmergencyLog: ...


class VideoRooms(Protocol):
    """Video and voice rooms. Names and identities are opaque; recording is off (VEN-04)."""

    def admit(self, room: str, identity: str, *, until: datetime) -> Admission:
        """Open the room if it is not open and let this participant in for a while (TEL-07).

        Raises: Unavailable.
        """
