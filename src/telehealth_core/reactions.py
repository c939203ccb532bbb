"""Reactions: what follows from what happened. One table; the worker runs it at least once for each
event.

Every reaction is a use case that is safe to repeat, run as the practice's own machinery
(`Role.SYSTEM`).
"""

from collections.abc import Callable
from typing import Any

import attrs

from telehealth_core.billing.charge import (
    ChargeFailed,
    ChargePaid,
    ChargeReleased,
    ChargeWaived,
)
from telehealth_core.billing.use_cases import Billing
from telehealth_core.messaging.conversation import MessagePosted
from telehealth_core.messaging.notice import NOTICES
from telehealth_core.messaging.use_cases import Messaging
from telehealth_core.partnership.referral import ReferralAccepted
from telehealth_core.records.conflict import RecordConflictResolved
from telehealth_core.records.link import RecordPulled
from telehealth_core.records.use_cases import Records
from telehealth_core.registration.patient import PatientVerified, ProfileCompleted
from telehealth_core.scheduling.appointment import (
    AppointmentApproved,
    AppointmentCancelled,
    AppointmentFulfilled,
    AppointmentRequested,
    AppointmentRescheduled,
    PatientArrived,
)
from telehealth_core.scheduling.use_cases import Scheduling
from telehealth_core.shared.event import Event


@attrs.frozen
class Reaction:
    """When this happened, this use case follows."""

    event: type[Event]
    use_case: Callable[..., Any]

    @property
    def name(self) -> str:
        """Identifies the reaction among those to the same event."""
        return self.use_case.__qualname__

    @property
    def capability(self) -> str:
        """The facade's class that has the use case."""
        return self.use_case.__qualname__.partition(".")[0]


SHARED: tuple[type[Event], ...] = (
    ProfileCompleted,
    PatientVerified,
    AppointmentApproved,
    AppointmentRescheduled,
    AppointmentCancelled,
    PatientArrived,
    AppointmentFulfilled,
)
"""What an outside record system is told of (F55)."""

REACTIONS: tuple[Reaction, ...] = (
    Reaction(AppointmentRequested, Scheduling.decide_requested),
    Reaction(AppointmentCancelled, Billing.undo),
    Reaction(AppointmentFulfilled, Billing.release),
    Reaction(ChargeReleased, Billing.collect),
    Reaction(ChargePaid, Scheduling.decide_paid),
    Reaction(ChargeWaived, Scheduling.decide_paid),
    Reaction(ChargeFailed, Scheduling.give_up_unpaid),
    *(Reaction(event, Records.push) for event in SHARED),
    *(Reaction(event, Records.push_link) for event in (RecordPulled, RecordConflictResolved)),
    Reaction(ReferralAccepted, Messaging.invite),
    Reaction(MessagePosted, Messaging.fan_out),
    *(Reaction(event, Messaging.notify) for event in NOTICES),
)


def reactions_to(event: type[Event]) -> tuple[Reaction, ...]:
    """What follows from an event of this kind, in order."""
    return tuple(reaction for reaction in REACTIONS if reaction.event is event)


EVENTS: dict[str, type[Event]] = {}
"""Every kind of event by its name, for whoever reads it back from a queue."""


def _collect(kind: type[Event]) -> None:
    for sub in kind.__subclasses__():
        EVENTS[sub.__name__] = sub
        _collect(sub)


_collect(Event)
