"""What can be asked of visits, a module for each kind of asking: the visit itself, its notes, what
was said of its connection, an emergency in it, and everything a provider needs in one place.
"""

from telehealth_core.consultation.use_cases.emergencies import Emergencies
from telehealth_core.consultation.use_cases.feedback import ConnectionFeedback
from telehealth_core.consultation.use_cases.notes import VisitNotes
from telehealth_core.consultation.use_cases.room import ConsultationRoom, practice_of_room
from telehealth_core.consultation.use_cases.workspace import ProviderDesk

__all__ = [
    "ConnectionFeedback",
    "ConsultationRoom",
    "Emergencies",
    "ProviderDesk",
    "VisitNotes",
    "practice_of_room",
]
