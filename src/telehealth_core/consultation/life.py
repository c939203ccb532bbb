"""The life of a consultation: its states, what may happen in each, and the events of it."""

from enum import StrEnum

import attrs

from telehealth_core.consultation.completion import OutcomeKind
from telehealth_core.scheduling.session import Mode
from telehealth_core.shared.event import Event
from telehealth_core.shared.lifecycle import Lifecycle


class ConsultationStatus(StrEnum):
    """Where the visit stands."""

    PLANNED = "planned"
    IN_PROGRESS = "in-progress"
    FINISHED = "finished"
    """Everybody has left; somebody may come back."""
    COMPLETED = "completed"
    """The provider confirmed that the visit took place; this frees the charge."""
    CANCELLED = "cancelled"
    """It did not become what it was for: unsuitable from afar, or the connection failed. FHIR says
    cancelled of what never began and discontinued of what did; here it is one state.
    """


_S = ConsultationStatus
_OPEN = frozenset({_S.PLANNED, _S.IN_PROGRESS, _S.FINISHED})
_BEGUN = frozenset({_S.IN_PROGRESS, _S.FINISHED})
_ENDED = frozenset({_S.COMPLETED, _S.CANCELLED})
LIFECYCLE: Lifecycle[ConsultationStatus] = Lifecycle(
    "Consultation",
    _S.PLANNED,
    {
        "admit": (_OPEN, None),
        "enter": (_OPEN, _S.IN_PROGRESS),
        "leave": (_OPEN | _ENDED, None),
        "empty": (frozenset({_S.IN_PROGRESS}), _S.FINISHED),
        "confirm_identity": (_BEGUN, None),
        "change_mode": (_OPEN, None),
        "report_failure": (_OPEN | {_S.COMPLETED}, None),
        "reconcile": (_BEGUN | _ENDED, None),
        "complete": (_BEGUN, _S.COMPLETED),
        "cancel": (_OPEN, _S.CANCELLED),
    },
)


class ParticipantAdmitted(Event):
    """Somebody was let into the visit's room."""


class ParticipantEntered(Event):
    """Somebody is in the room."""


class ParticipantLeft(Event):
    """Somebody left the room."""


class VisitEnded(Event):
    """The room is closed for good and nobody is in it any more."""


class PatientIdentityConfirmed(Event):
    """The provider confirmed in the visit who the patient is."""


@attrs.frozen
class VisitModeChanged(Event):
    """The visit went on by voice instead of video, or the other way round."""

    mode: Mode


class VisitFailureReported(Event):
    """Somebody in the visit says that the connection fails."""


@attrs.frozen
class AttendanceReconciled(Event):
    """The final list of the room's operator counts from now on."""

    seconds_before: int
    seconds_after: int


class ConsultationCompleted(Event):
    """The provider confirmed that the visit took place."""


@attrs.frozen
class ConsultationCancelled(Event):
    """The visit did not become what it was for; it costs nothing."""

    kind: OutcomeKind
