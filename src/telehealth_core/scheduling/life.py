"""The life of an appointment: its states, what leads from one to the next, and what is told of it
(F15-F29, N01, N02).
"""

from enum import StrEnum

import attrs

from telehealth_core.shared.event import Event
from telehealth_core.shared.lifecycle import Lifecycle


class AppointmentStatus(StrEnum):
    """Where the claim stands; FHIR codes where FHIR has one."""

    HELD = "held"
    """Picked and kept for a while, for whoever picked it."""
    PENDING = "pending"
    """Requested; waits for approval or payment."""
    BOOKED = "booked"
    ARRIVED = "arrived"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"
    NOSHOW = "noshow"


class CancellationReason(StrEnum):
    """Why a claim was given up."""

    PATIENT = "patient"
    PRACTICE = "practice"
    DECLINED = "declined"
    EXPIRED = "expired"
    UNPAID = "unpaid"
    TECHNICAL = "technical"
    """It could not be held, by nobody's choice: the connection did not carry it."""
    UNSUITABLE = "unsuitable"
    """The patient has to be seen in person (TEL-09)."""


OCCUPYING = frozenset(
    {
        AppointmentStatus.HELD,
        AppointmentStatus.PENDING,
        AppointmentStatus.BOOKED,
        AppointmentStatus.ARRIVED,
        AppointmentStatus.FULFILLED,
    }
)
"""The states in which an appointment takes its time; a hold does only until its deadline."""

_S = AppointmentStatus
LIFECYCLE: Lifecycle[AppointmentStatus] = Lifecycle(
    "Appointment",
    _S.HELD,
    {
        "describe": (frozenset({_S.HELD, _S.PENDING, _S.BOOKED}), None),
        "request": (frozenset({_S.HELD}), _S.PENDING),
        "reschedule": (frozenset({_S.PENDING, _S.BOOKED}), None),
        "approve": (frozenset({_S.PENDING}), _S.BOOKED),
        "decline": (frozenset({_S.PENDING}), _S.CANCELLED),
        "expire": (frozenset({_S.HELD}), _S.CANCELLED),
        "cancel": (frozenset({_S.HELD, _S.PENDING, _S.BOOKED, _S.ARRIVED}), _S.CANCELLED),
        "arrive": (frozenset({_S.BOOKED, _S.ARRIVED}), _S.ARRIVED),
        "fulfil": (frozenset({_S.ARRIVED}), _S.FULFILLED),
        "miss": (frozenset({_S.BOOKED}), _S.NOSHOW),
    },
)


@attrs.frozen
class AppointmentHeld(Event):
    """A time was picked and is kept for a while."""


@attrs.frozen
class AppointmentDescribed(Event):
    """The patient told, or showed, what the visit is about."""


@attrs.frozen
class AppointmentRequested(Event):
    """The patient asks for the visit to take place."""


@attrs.frozen
class AppointmentApproved(Event):
    """The visit will take place."""


@attrs.frozen
class AppointmentRescheduled(Event):
    """The visit takes place at another time; the old one is free again."""


@attrs.frozen
class AppointmentCancelled(Event):
    """The claim was given up; the time is free again."""

    reason: CancellationReason


@attrs.frozen
class PatientArrived(Event):
    """The patient entered the visit's room."""


@attrs.frozen
class AppointmentFulfilled(Event):
    """The visit took place."""


@attrs.frozen
class AppointmentMissed(Event):
    """The patient did not come."""
