"""Consultation: the visit itself.

Shortly before its time patient and provider are let into a room; whoever is on the patient's side
says where the patient is. The room's operator reports who enters and leaves, in any order; time
counts while both sides are present. The provider confirms that the visit took place, which fulfils
the appointment and frees the charge.
"""

from telehealth_core.consultation.consultation import (
    Attendance,
    Consultation,
    ConsultationStatus,
    NobodyMet,
    NotOpen,
    Participant,
    Side,
)
from telehealth_core.consultation.video import Admission

__all__ = [
    "Admission",
    "Attendance",
    "Consultation",
    "ConsultationStatus",
    "NobodyMet",
    "NotOpen",
    "Participant",
    "Side",
]
