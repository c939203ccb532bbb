"""The facade an embedder constructs: `Telehealth(ports)` offers every capability's use cases.

clinic = Telehealth(ports)
clinic.scheduling.hold(actor, id, ...)
"""

from typing import Any, Protocol

import attrs

from telehealth_core.access.actor import Actor
from telehealth_core.access.ports import Clock, Notices, Passwords, SignedInActors, UnitOfWork
from telehealth_core.access.use_cases import Access, AccountOffice, BreakGlass, Oversight
from telehealth_core.billing.ports import Payments
from telehealth_core.billing.use_cases import Billing, Collecting
from telehealth_core.consultation.ports import VideoRooms
from telehealth_core.consultation.use_cases import (
    ConnectionFeedback,
    ConsultationRoom,
    Emergencies,
    ProviderDesk,
    VisitNotes,
)
from telehealth_core.jurisdictions.ports import NumberChecks
from telehealth_core.letters.ports import Attachments, Letters
from telehealth_core.letters.use_cases import Correspondence, Posting
from telehealth_core.messaging.ports import ChatChannels, MessagingWork
from telehealth_core.messaging.use_cases import Messaging
from telehealth_core.partnership.use_cases import FollowUp, Partnership
from telehealth_core.practice.ports import PracticeDirectory
from telehealth_core.practice.use_cases import PracticeOffice
from telehealth_core.prescribing.ports import Pharmacies, Signatures
from telehealth_core.prescribing.use_cases import Dispensing, Prescribing
from telehealth_core.reactions import Reaction
from telehealth_core.records.ports import PatientRecords
from telehealth_core.records.use_cases import RecordQueue, Records
from telehealth_core.registration.ports import Documents, Images
from telehealth_core.registration.use_cases import (
    Consenting,
    Duplicates,
    Family,
    IdentityReview,
    Registration,
)
from telehealth_core.scheduling.use_cases import (
    Approving,
    Cancellation,
    FrontDesk,
    PracticeDiary,
    Scheduling,
    Searching,
    SeriesBooking,
    VisitsAtRisk,
    Waitlist,
)
from telehealth_core.shared.event import Event
from telehealth_core.timers import Timer
from telehealth_core.treatment.use_cases import MedicationList, QuestionnaireBook, Treatment
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
    numbers: NumberChecks
    images: Images
    documents: Documents
    signatures: Signatures
    pharmacies: Pharmacies
    letters: Letters
    attachments: Attachments
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
        self.accounts = AccountOffice(work, clock)
        self.emergency = BreakGlass(work, clock)
        self.oversight = Oversight(work, clock)
        self.practice = PracticeOffice(work, clock, ports.directory)
        self.registration = Registration(
            work, clock, ports.passwords, ports.images, ports.documents
        )
        self.identity = IdentityReview(work, clock, self.registration)
        self.family = Family(work, clock, self.registration)
        self.duplicates = Duplicates(work, clock)
        self.consents = Consenting(work, clock)
        self.workforce = Workforce(work, clock, ports.numbers)
        self.billing = Billing(work, clock, ports.payments)
        self.collecting = Collecting(work, clock, ports.payments)
        self.diary = PracticeDiary(work, clock)
        self.search = Searching(work, clock)
        self.waitlist = Waitlist(work, clock)
        self.approval = Approving(work, clock)
        self.at_risk = VisitsAtRisk(work, clock)
        self.cancellation = Cancellation(work, clock)
        self.scheduling = Scheduling(work, clock, self.registration)
        self.series = SeriesBooking(work, clock, self.scheduling)
        self.desk = FrontDesk(work, clock)
        self.consultation = ConsultationRoom(work, clock, ports.rooms)
        self.notes = VisitNotes(work, clock)
        self.feedback = ConnectionFeedback(work, clock)
        self.emergencies = Emergencies(work, clock)
        self.provider_desk = ProviderDesk(work, clock)
        self.prescribing = Prescribing(work, clock, ports.signatures)
        self.dispensing = Dispensing(work, clock, ports.signatures, ports.pharmacies)
        self.records = Records(work, clock, ports.records, self.scheduling, self.desk)
        self.record_queue = RecordQueue(work, clock)
        self.letters = Correspondence(work, clock, ports.letters, ports.documents)
        self.posting = Posting(work, clock, ports.documents, ports.attachments)
        self.treatment = Treatment(work, clock)
        self.medications = MedicationList(work, clock)
        self.questionnaires = QuestionnaireBook(work, clock)
        self.partnership = Partnership(work, clock, self.registration)
        self.follow_up = FollowUp(work, clock)
        self.messaging = Messaging(work, clock, ports.channels, ports.notices)

    def tick(self, timer: Timer, actor: Actor) -> None:
        """Do what is due of one timer, as the machinery of the actor's practice."""
        timer.use_case(self._with(timer.capability), actor)

    def react(self, reaction: Reaction, event: Event, actor: Actor) -> None:
        """Run one reaction to one event, as the machinery of the event's practice."""
        reaction.use_case(self._with(reaction.capability), actor, event)

    def _with(self, capability: str) -> Any:
        return next(one for one in vars(self).values() if type(one).__name__ == capability)
