"""The facade an embedder constructs: `Telehealth(ports)` offers every capability's use cases.

clinic = Telehealth(ports)
clinic.scheduling.hold(actor, id, ...)
"""

from collections.abc import Iterator
from typing import Any, Protocol

import attrs

from telehealth_core.access.actor import Actor
from telehealth_core.access.ports import Clock, Notices, Passwords, SignedInActors, UnitOfWork
from telehealth_core.access.use_cases import Access
from telehealth_core.billing.ports import Payments
from telehealth_core.billing.use_cases import Billing
from telehealth_core.consultation.ports import VideoRooms
from telehealth_core.consultation.use_cases import ConsultationRoom
from telehealth_core.letters.ports import Letters
from telehealth_core.letters.use_cases import Correspondence
from telehealth_core.messaging.ports import ChatChannels, MessagingWork
from telehealth_core.messaging.use_cases import Messaging
from telehealth_core.partnership.use_cases import Partnership
from telehealth_core.practice.ports import PracticeDirectory
from telehealth_core.practice.use_cases import PracticeOffice
from telehealth_core.prescribing.use_cases import Prescribing
from telehealth_core.reactions import Reaction
from telehealth_core.records.ports import PatientRecords
from telehealth_core.records.use_cases import RecordQueue, Records
from telehealth_core.registration.ports import Documents, Images
from telehealth_core.registration.use_cases import Registration
from telehealth_core.scheduling.use_cases import Scheduling
from telehealth_core.shared.event import Event
from telehealth_core.treatment.use_cases import Treatment
from telehealth_core.workforce.use_cases import Workforce


class AllWork(MessagingWork, Protocol):
    """A unit of work that offers every capability's collections."""


@attrs.frozen(kw_only=True)
class Ports:
    """Everything the core needs from outside. Whoever embeds it brings these; `testing.memory` has
    them all.
    """

    work: UnitOfWork[AllWork]
    clock: Clock
    signed_in: SignedInActors
    directory: PracticeDirectory
    passwords: Passwords
    images: Images
    documents: Documents
    letters: Letters
    payments: Payments
    rooms: VideoRooms
    records: PatientRecords
    channels: ChatChannels
    notices: Notices


class Telehealth:
    """Every use case of the platform, over one set of ports."""

    def __init__(self, ports: Ports) -> None:
        work, clock = ports.work, ports.clock
        self.access = Access(work, clock, ports.passwords, ports.signed_in)
        self.practice = PracticeOffice(work, clock, ports.directory)
        self.registration = Registration(
            work, clock, ports.passwords, ports.images, ports.documents
        )
        self.workforce = Workforce(work, clock)
        self.billing = Billing(work, clock, ports.payments)
        self.scheduling = Scheduling(work, clock, self.registration)
        self.consultation = ConsultationRoom(work, clock, ports.rooms)
        self.records = Records(work, clock, ports.records, self.scheduling)
        self.record_queue = RecordQueue(work, clock)
        self.prescribing = Prescribing(work, clock)
        self.letters = Correspondence(work, clock, ports.letters, ports.documents)
        self.treatment = Treatment(work, clock)
        self.partnership = Partnership(work, clock, self.registration)
        self.messaging = Messaging(work, clock, ports.channels, ports.notices)

    def react(self, reaction: Reaction, event: Event, actor: Actor) -> None:
        """Run one reaction to one event, as the machinery of the event's practice."""
        capabilities: Iterator[Any] = iter(vars(self).values())
        capability = next(one for one in capabilities if type(one).__name__ == reaction.capability)
        reaction.use_case(capability, actor, event)
