"""Reactions: what follows from what happened. One table; the worker runs it at least once for each
event.

Every reaction is a use case that is safe to repeat, run as the practice's own machinery
(`Role.SYSTEM`).
"""

from collections.abc import Callable
from typing import Any

import attrs

from telehealth_core.access.account import AccountDisabled, RolesRevoked
from telehealth_core.billing.charge import (
    ChargeFailed,
    ChargePaid,
    ChargeReleased,
    ChargeWaived,
)
from telehealth_core.billing.use_cases import Billing
from telehealth_core.messaging.conversation import MessagePosted
from telehealth_core.messaging.notice import ALERTS, NOTICES
from telehealth_core.messaging.use_cases import Messaging
from telehealth_core.partnership.partner import PartnerSuspended
from telehealth_core.partnership.referral import ReferralAccepted
from telehealth_core.registration.patient import PartnerTied, PartnerUntied
from telehealth_core.scheduling.appointment import (
    AppointmentCancelled,
    AppointmentFulfilled,
    AppointmentRequested,
)
from telehealth_core.scheduling.use_cases import Scheduling
from telehealth_core.shared.event import Event
from telehealth_core.treatment.questionnaire import AlarmingAnswer


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


REACTIONS: tuple[Reaction, ...] = (
    Reaction(AppointmentRequested, Scheduling.decide_requested),
    Reaction(AppointmentCancelled, Billing.undo),
    Reaction(AppointmentFulfilled, Billing.release),
    Reaction(ChargeReleased, Billing.collect),
    Reaction(ChargePaid, Scheduling.decide_paid),
    Reaction(ChargeWaived, Scheduling.decide_paid),
    Reaction(ChargeFailed, Scheduling.give_up_unpaid),
    Reaction(ReferralAccepted, Messaging.invite),
    *(
        Reaction(event, Messaging.dismiss_strangers)
        for event in (
            PartnerTied,
            PartnerUntied,
            PartnerSuspended,
            AppointmentCancelled,
            AccountDisabled,
            RolesRevoked,
        )
    ),
    Reaction(AlarmingAnswer, Messaging.call_for_help),
    Reaction(MessagePosted, Messaging.fan_out),
    *(Reaction(event, Messaging.alert) for event in ALERTS),
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
