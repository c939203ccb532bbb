"""Reactions: what follows from what happened. One table; the worker runs it at least once for each
event.

Every reaction is a use case that is safe to repeat, run as the practice's own machinery
(`Role.SYSTEM`).
"""

from collections.abc import Callable
from typing import Any

import attrs

from telehealth_core.access.account import AccountDisabled, RolesRevoked
from telehealth_core.billing.card import CardRemoved
from telehealth_core.billing.life import (
    ChargeCalledOff,
    ChargeFailed,
    ChargePaid,
    ChargeReleased,
    ChargeWaived,
    ConfirmationLapsed,
    PaymentConfirmed,
    RefundOrdered,
)
from telehealth_core.billing.use_cases import Collecting
from telehealth_core.letters.life import LetterIssued
from telehealth_core.letters.use_cases import Posting
from telehealth_core.messaging.conversation import MessagePosted
from telehealth_core.messaging.notice import ALERTS, NOTICES
from telehealth_core.messaging.use_cases import Messaging
from telehealth_core.partnership.partner import PartnerSuspended
from telehealth_core.partnership.referral import ReferralAccepted
from telehealth_core.prescribing.life import (
    PrescriptionCancelled,
    PrescriptionReissued,
    PrescriptionSent,
)
from telehealth_core.prescribing.use_cases import Dispensing
from telehealth_core.records.conflict import RecordConflictResolved
from telehealth_core.records.link import RecordLinked, RecordPulled
from telehealth_core.records.quarantine import RecordRetried
from telehealth_core.records.use_cases import Records
from telehealth_core.registration.consent import ConsentRefused, ConsentWithdrawn
from telehealth_core.registration.guardianship import (
    GuardianshipEnded,
    GuardianshipSuspended,
    RecordTakenOver,
)
from telehealth_core.registration.identity_check import IdentityImagesPurged
from telehealth_core.registration.patient import (
    DocumentNumberNoted,
    PartnersUntied,
    PartnerTied,
    PartnerUntied,
    PatientRegistered,
    PatientVerified,
    ProfileCompleted,
)
from telehealth_core.registration.use_cases import Duplicates, IdentityReview
from telehealth_core.scheduling.life import (
    AppointmentApproved,
    AppointmentCancelled,
    AppointmentFulfilled,
    AppointmentMissed,
    AppointmentRequested,
    AppointmentRescheduled,
    PatientArrived,
)
from telehealth_core.scheduling.session import SessionAdded, SessionPublished
from telehealth_core.scheduling.use_cases import Approving, Scheduling, Waitlist
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


SHARED: tuple[type[Event], ...] = (
    ProfileCompleted,
    PatientVerified,
    AppointmentApproved,
    AppointmentRescheduled,
    AppointmentCancelled,
    PatientArrived,
    AppointmentFulfilled,
    AppointmentMissed,
)
"""What an outside record system is told of (F55)."""

REACTIONS: tuple[Reaction, ...] = (
    Reaction(PatientRegistered, Duplicates.suspect),
    Reaction(ProfileCompleted, Duplicates.suspect),
    Reaction(DocumentNumberNoted, Duplicates.suspect),
    Reaction(IdentityImagesPurged, IdentityReview.delete_images),
    Reaction(AppointmentRequested, Approving.decide_requested),
    Reaction(AppointmentFulfilled, Collecting.release),
    Reaction(ChargeReleased, Collecting.collect),
    Reaction(PaymentConfirmed, Collecting.collect),
    Reaction(ConfirmationLapsed, Collecting.abandon),
    Reaction(CardRemoved, Collecting.forget_card),
    Reaction(ChargeCalledOff, Collecting.give_back),
    Reaction(RefundOrdered, Collecting.give_back),
    Reaction(ChargePaid, Collecting.give_back),
    Reaction(AppointmentRequested, Waitlist.note_taken),
    Reaction(AppointmentCancelled, Waitlist.offer_freed),
    Reaction(AppointmentRescheduled, Waitlist.offer_freed),
    Reaction(SessionAdded, Waitlist.offer_new),
    Reaction(SessionPublished, Waitlist.offer_new),
    Reaction(ChargePaid, Approving.decide_paid),
    Reaction(ChargeWaived, Approving.decide_paid),
    Reaction(ChargeFailed, Scheduling.give_up_unpaid),
    Reaction(PrescriptionSent, Dispensing.transmit),
    Reaction(PrescriptionCancelled, Dispensing.withdraw),
    Reaction(PrescriptionReissued, Dispensing.withdraw),
    Reaction(LetterIssued, Posting.attach),
    Reaction(ConsentWithdrawn, Posting.keep_from_gp),
    Reaction(ConsentRefused, Posting.keep_from_gp),
    *(Reaction(event, Records.push) for event in SHARED),
    Reaction(RecordPulled, Records.push_link),
    Reaction(RecordConflictResolved, Records.push_decided),
    Reaction(RecordLinked, Records.hear_linked),
    Reaction(RecordRetried, Records.hear_retried),
    Reaction(PatientVerified, Records.hear_verified),
    Reaction(ReferralAccepted, Messaging.invite),
    *(
        Reaction(event, Messaging.dismiss_strangers)
        for event in (
            PartnerTied,
            PartnerUntied,
            PartnersUntied,
            PartnerSuspended,
            GuardianshipSuspended,
            GuardianshipEnded,
            RecordTakenOver,
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
