"""Scheduling: how a provider's time becomes a visit.

Staff publish sessions, once or repeating at their wall time: shifts in which visits of one service
can start. What is open is the session minus what occupies it, asked afresh each time, and the same
predicate accepts what it offered. A patient holds a time for some minutes, tells what the visit is
about, and requests it at the price shown. Named checks, alone or before a liaison's eyes, approve
it. A search merges all diaries in order; what becomes free is offered to who
waits first. Staff book for a patient in one, by the same rules; a series of visits is booked whole
or not at all. Every change stays with the appointment: what, by whom, when and why.
"""

from telehealth_core.scheduling.appointment import Appointment, PriceChanged, TimeTaken
from telehealth_core.scheduling.approval import CheckResult, ChecksFailed
from telehealth_core.scheduling.availability import Diary, NotBookable
from telehealth_core.scheduling.claim import HoldExpired, TooLate
from telehealth_core.scheduling.life import AppointmentStatus, CancellationReason
from telehealth_core.scheduling.limits import LimitsReached
from telehealth_core.scheduling.pre_screening import Answer
from telehealth_core.scheduling.session import Mode, Session, SessionStatus

__all__ = [
    "Answer",
    "Appointment",
    "AppointmentStatus",
    "CancellationReason",
    "CheckResult",
    "ChecksFailed",
    "Diary",
    "HoldExpired",
    "LimitsReached",
    "Mode",
    "NotBookable",
    "PriceChanged",
    "Session",
    "SessionStatus",
    "TimeTaken",
    "TooLate",
]
