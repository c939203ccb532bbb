"""What consultations need from outside."""

from datetime import datetime
from typing import Protocol

from telehealth_core.access.ports import Collection
from telehealth_core.consultation.consultation import Consultation
from telehealth_core.consultation.video import Admission
from telehealth_core.scheduling.ports import SchedulingWork
from telehealth_core.shared.ids import ConsultationId


class Consultations(Collection[ConsultationId, Consultation], Protocol):
    """The practice's visits."""


class ConsultationWork(SchedulingWork, Protocol):
    """What consultations read and save."""

    @property
    def consultations(self) -> Consultations: ...


class VideoRooms(Protocol):
    """Video and voice rooms. Names and identities are opaque; recording is off (VEN-04)."""

    def admit(self, room: str, identity: str, *, until: datetime) -> Admission:
        """Open the room if it is not open and let this participant in for a while (TEL-07).

        Raises: Unavailable.
        """
