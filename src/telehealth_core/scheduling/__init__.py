"""Scheduling: how a provider's time becomes a visit.

Staff publish sessions, once or repeating at their wall time: shifts in which visits of one service
can start. What is open is the session minus what occupies it, asked afresh each time, and the same
predicate accepts what it offered. A patient holds a time for some minutes, tells what the visit is
about, and requests it at the price shown. Named checks, alone or before a liaison's eyes, approve
it.
"""

from telehealth_core.scheduling.appointment import (
    Answer,
    Appointment,
    HoldExpired,
    PriceChanged,
    TimeTaken,
    TooLate,
)
from telehealth_core.scheduling.approval import CheckResult, ChecksFailed
from telehealth_core.scheduling.availability import Diary, HoldLimit, NotBookable
from telehealth_core.scheduling.life import AppointmentStatus, CancellationReason
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
    "HoldLimit",
    "Mode",
    "NotBookable",
    "PriceChanged",
    "Session",
    "SessionStatus",
    "TimeTaken",
    "TooLate",
]
