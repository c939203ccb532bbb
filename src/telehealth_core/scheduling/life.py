"""The life of an appointment: its states, what leads from one to the next, and what is told of it
(F15-F29, N01, N02).
"""

from datetime import datetime
from enum import StrEnum

import attrs

from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import UserId
from telehealth_core.shared.lifecycle import Lifecycle
from telehealth_core.shared.phi import phi
from telehealth_core.shared.text import prose


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
    UNANSWERED = "unanswered"
    """Nobody had decided on the request when the visit was to begin."""


class DeclineCode(StrEnum):
    """Why a request was declined, for whoever counts."""

    UNSUITABLE = "unsuitable"
    """A visit at a distance, or with this provider, is not what the patient needs."""
    INCOMPLETE = "incomplete"
    """Something is missing that the practice needs to know first."""
    NO_CAPACITY = "no-capacity"
    CHECKS_FAILED = "checks-failed"
    OTHER = "other"


@attrs.frozen
class Declined:
    """Why a request was declined: a code, and words for the patient (F25)."""

    code: DeclineCode
    text: str | None = phi(default=None, validator=attrs.validators.optional(prose(500)))


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
        "pre_screen": (frozenset({_S.HELD, _S.PENDING, _S.BOOKED}), None),
        "review": (frozenset(_S), None),
        "request": (frozenset({_S.HELD}), _S.PENDING),
        "reschedule": (frozenset({_S.PENDING, _S.BOOKED}), None),
        "amend": (frozenset({_S.PENDING, _S.BOOKED}), None),
        "approve": (frozenset({_S.PENDING}), _S.BOOKED),
        "decline": (frozenset({_S.PENDING}), _S.CANCELLED),
        "expire": (frozenset({_S.HELD, _S.PENDING}), _S.CANCELLED),
        "cancel": (frozenset({_S.HELD, _S.PENDING, _S.BOOKED, _S.ARRIVED}), _S.CANCELLED),
        "arrive": (frozenset({_S.BOOKED, _S.ARRIVED}), _S.ARRIVED),
        "fulfil": (frozenset({_S.ARRIVED}), _S.FULFILLED),
        "miss": (frozenset({_S.BOOKED}), _S.NOSHOW),
        "hide": (frozenset(_S), None),
        "unhide": (frozenset(_S), None),
    },
)


@attrs.frozen
class Change:
    """One change of an appointment: what, by whom, when and, where somebody gave one, why (F29)."""

    verb: str
    by: UserId
    at: datetime
    reason: str | None = phi(default=None, validator=attrs.validators.optional(prose(500)))


class AppointmentHeld(Event):
    """A time was picked and is kept for a while."""


class AppointmentDescribed(Event):
    """The patient told, or showed, what the visit is about."""


class RedFlagRaised(Event):
    """An answer that a human has to see at once; which one, only the appointment says (TEL-11)."""


class RedFlagReviewed(Event):
    """A human saw the red flags and wrote down what came of it."""


class AppointmentRequested(Event):
    """The patient asks for the visit to take place."""


class AppointmentApproved(Event):
    """The visit will take place."""


class AppointmentRescheduled(Event):
    """The visit takes place at another time; the old one is free again."""


class AppointmentAmended(Event):
    """Staff changed how, or where, the visit takes place, or what it is about."""


class AppointmentHidden(Event):
    """The clinician hid the visit from the patient's guardians (CHD-06)."""


class AppointmentUnhidden(Event):
    """Guardians see the visit again."""


@attrs.frozen
class AppointmentCancelled(Event):
    """The claim was given up; the time is free again."""

    reason: CancellationReason


class PatientArrived(Event):
    """The patient entered the visit's room."""


class AppointmentFulfilled(Event):
    """The visit took place."""


class AppointmentMissed(Event):
    """The patient did not come."""
