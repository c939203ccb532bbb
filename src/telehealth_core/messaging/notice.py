"""Notices: which event tells a patient something, in which words (F06, F36, F50, MSG-01)."""

from telehealth_core.access.emergency import EmergencyAccessOpened
from telehealth_core.access.role_grant import RoleGrantAsked
from telehealth_core.billing.life import ChargeFailed, IncreaseProposed, PaymentToConfirm
from telehealth_core.letters.letter import Letter
from telehealth_core.letters.life import LetterIssued
from telehealth_core.registration.identity_check import (
    IdentityApproved,
    IdentityInfoRequested,
    IdentityRejected,
)
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.life import (
    AppointmentAmended,
    AppointmentApproved,
    AppointmentCancelled,
    AppointmentMissed,
    AppointmentRescheduled,
    CancellationReason,
)
from telehealth_core.scheduling.waitlist import TimeOffered
from telehealth_core.shared.event import Event

NOTICES: dict[type[Event], tuple[str, str]] = {
    IdentityInfoRequested: ("identity-info-requested", "identity_checks"),
    IdentityApproved: ("identity-approved", "identity_checks"),
    IdentityRejected: ("identity-rejected", "identity_checks"),
    AppointmentApproved: ("appointment-booked", "appointments"),
    AppointmentRescheduled: ("appointment-moved", "appointments"),
    AppointmentAmended: ("appointment-changed", "appointments"),
    AppointmentCancelled: ("appointment-declined", "appointments"),
    AppointmentMissed: ("appointment-missed", "appointments"),
    TimeOffered: ("time-offered", "waitlist"),
    LetterIssued: ("letter-ready", "letters"),
    ChargeFailed: ("payment-failed", "charges"),
    PaymentToConfirm: ("payment-to-confirm", "charges"),
    IncreaseProposed: ("sum-proposed", "charges"),
}
"""Event to template, and the collection that holds the event's subject."""

ALERTS: dict[type[Event], str] = {
    EmergencyAccessOpened: "emergency-access",
    RoleGrantAsked: "role-asked",
}
"""Event to the template of what the practice's administrators are told at once (ACC-06, ACC-11)."""

_OWN_DOING = frozenset({CancellationReason.PATIENT, CancellationReason.EXPIRED})


def is_hidden(subject: object) -> bool:
    """Whether what a notice is about is kept from guardians (CHD-06)."""
    return (isinstance(subject, Letter) and subject.hidden_from_guardians) or (
        isinstance(subject, Appointment) and subject.hidden
    )


def worth_telling(event: Event) -> bool:
    """Whether the event is news to the patient: giving up a time themselves is not."""
    return not (isinstance(event, AppointmentCancelled) and event.reason in _OWN_DOING)
