"""What an actor can ask of scheduling, a module for each kind of asking: the diary, an
appointment, the decision on it.
"""

from telehealth_core.scheduling.use_cases.approving import Approving
from telehealth_core.scheduling.use_cases.booking import Scheduling
from telehealth_core.scheduling.use_cases.claims import authorized_appointment
from telehealth_core.scheduling.use_cases.diary import PracticeDiary
from telehealth_core.scheduling.use_cases.ending import Cancellation, give_up

__all__ = [
    "Approving",
    "Cancellation",
    "PracticeDiary",
    "Scheduling",
    "authorized_appointment",
    "give_up",
]
