"""What an actor can ask of scheduling, a module for each kind of asking: the diary, an
appointment, the decision on it, the front desk, a series, what ends, visits at risk.
"""

from telehealth_core.scheduling.use_cases.approving import Approving
from telehealth_core.scheduling.use_cases.at_risk import VisitsAtRisk
from telehealth_core.scheduling.use_cases.booking import Scheduling
from telehealth_core.scheduling.use_cases.claims import authorized_appointment
from telehealth_core.scheduling.use_cases.desk import FrontDesk
from telehealth_core.scheduling.use_cases.diary import PracticeDiary
from telehealth_core.scheduling.use_cases.ending import Cancellation, give_up
from telehealth_core.scheduling.use_cases.searching import Searching
from telehealth_core.scheduling.use_cases.series import SeriesBooking, Wish
from telehealth_core.scheduling.use_cases.waiting import Waitlist

__all__ = [
    "Approving",
    "Cancellation",
    "FrontDesk",
    "PracticeDiary",
    "Scheduling",
    "Searching",
    "SeriesBooking",
    "VisitsAtRisk",
    "Waitlist",
    "Wish",
    "authorized_appointment",
    "give_up",
]
