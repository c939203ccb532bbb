"""The facade an embedder constructs: `Telehealth(ports)` offers every capability's use cases.

clinic = Telehealth(ports)
clinic.scheduling.hold(actor, id, ...)

Each capability is loaded when it is first asked for, so that whoever embeds the core pays at start
for what they use (N14).
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
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


@attrs.frozen(kw_only=True)
class Ports:
    """Everything the core needs from outside. Whoever embeds it brings these; `testing.memory` has
    them all.
    """

    work: UnitOfWork[MessagingWork]
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
    searching: UnitOfWork[MessagingWork] | None = None
    """Where searches read, if that is elsewhere: what they find may be a little late."""


class Telehealth:
    """Every use case of the platform, over one set of ports.

    Each property is one kind of asking; its class says what.
    """

    def __init__(self, ports: Ports) -> None:
        self._ports, self._work, self._clock = ports, ports.work, ports.clock

    @cached_property
    def access(self) -> Access:
        from telehealth_core.access.use_cases import Access

        return Access(self._work, self._clock, self._ports.passwords, self._ports.signed_in)

    @cached_property
    def accounts(self) -> AccountOffice:
        from telehealth_core.access.use_cases import AccountOffice

        return AccountOffice(self._work, self._clock)

    @cached_property
    def emergency(self) -> BreakGlass:
        from telehealth_core.access.use_cases import BreakGlass

        return BreakGlass(self._work, self._clock)

    @cached_property
    def oversight(self) -> Oversight:
        from telehealth_core.access.use_cases import Oversight

        return Oversight(self._work, self._clock)

    @cached_property
    def practice(self) -> PracticeOffice:
        from telehealth_core.practice.use_cases import PracticeOffice

        return PracticeOffice(self._work, self._clock, self._ports.directory)

    @cached_property
    def registration(self) -> Registration:
        from telehealth_core.registration.use_cases import Registration

        return Registration(
            self._work,
            self._clock,
            self._ports.passwords,
            self._ports.images,
            self._ports.documents,
        )

    @cached_property
    def identity(self) -> IdentityReview:
        from telehealth_core.registration.use_cases import IdentityReview

        return IdentityReview(self._work, self._clock, self.registration)

    @cached_property
    def family(self) -> Family:
        from telehealth_core.registration.use_cases import Family

        return Family(self._work, self._clock, self.registration)

    @cached_property
    def duplicates(self) -> Duplicates:
        from telehealth_core.registration.use_cases import Duplicates

        return Duplicates(self._work, self._clock)

    @cached_property
    def consents(self) -> Consenting:
        from telehealth_core.registration.use_cases import Consenting

        return Consenting(self._work, self._clock)

    @cached_property
    def workforce(self) -> Workforce:
        from telehealth_core.workforce.use_cases import Workforce

        return Workforce(self._work, self._clock, self._ports.numbers)

    @cached_property
    def billing(self) -> Billing:
        from telehealth_core.billing.use_cases import Billing

        return Billing(self._work, self._clock, self._ports.payments)

    @cached_property
    def collecting(self) -> Collecting:
        from telehealth_core.billing.use_cases import Collecting

        return Collecting(self._work, self._clock, self._ports.payments)

    @cached_property
    def diary(self) -> PracticeDiary:
        from telehealth_core.scheduling.use_cases import PracticeDiary

        return PracticeDiary(self._work, self._clock)

    @cached_property
    def search(self) -> Searching:
        from telehealth_core.scheduling.use_cases import Searching

        return Searching(self._ports.searching or self._work, self._clock)

    @cached_property
    def waitlist(self) -> Waitlist:
        from telehealth_core.scheduling.use_cases import Waitlist

        return Waitlist(self._work, self._clock)

    @cached_property
    def approval(self) -> Approving:
        from telehealth_core.scheduling.use_cases import Approving

        return Approving(self._work, self._clock)

    @cached_property
    def at_risk(self) -> VisitsAtRisk:
        from telehealth_core.scheduling.use_cases import VisitsAtRisk

        return VisitsAtRisk(self._work, self._clock)

    @cached_property
    def cancellation(self) -> Cancellation:
        from telehealth_core.scheduling.use_cases import Cancellation

        return Cancellation(self._work, self._clock)

    @cached_property
    def scheduling(self) -> Scheduling:
        from telehealth_core.scheduling.use_cases import Scheduling

        return Scheduling(self._work, self._clock, self.registration)

    @cached_property
    def series(self) -> SeriesBooking:
        from telehealth_core.scheduling.use_cases import SeriesBooking

        return SeriesBooking(self._work, self._clock, self.scheduling)

    @cached_property
    def desk(self) -> FrontDesk:
        from telehealth_core.scheduling.use_cases import FrontDesk

        return FrontDesk(self._work, self._clock)

    @cached_property
    def consultation(self) -> ConsultationRoom:
        from telehealth_core.consultation.use_cases import ConsultationRoom

        return ConsultationRoom(self._work, self._clock, self._ports.rooms)

    @cached_property
    def notes(self) -> VisitNotes:
        from telehealth_core.consultation.use_cases import VisitNotes

        return VisitNotes(self._work, self._clock)

    @cached_property
    def feedback(self) -> ConnectionFeedback:
        from telehealth_core.consultation.use_cases import ConnectionFeedback

        return ConnectionFeedback(self._work, self._clock)

    @cached_property
    def emergencies(self) -> Emergencies:
        from telehealth_core.consultation.use_cases import Emergencies

        return Emergencies(self._work, self._clock)

    @cached_property
    def provider_desk(self) -> ProviderDesk:
        from telehealth_core.consultation.use_cases import ProviderDesk

        return ProviderDesk(self._work, self._clock)

    @cached_property
    def prescribing(self) -> Prescribing:
        from telehealth_core.prescribing.use_cases import Prescribing

        return Prescribing(self._work, self._clock, self._ports.signatures)

    @cached_property
    def dispensing(self) -> Dispensing:
        from telehealth_core.prescribing.use_cases import Dispensing

        return Dispensing(self._work, self._clock, self._ports.signatures, self._ports.pharmacies)

    @cached_property
    def records(self) -> Records:
        from telehealth_core.records.use_cases import Records

        return Records(self._work, self._clock, self._ports.records, self.scheduling, self.desk)

    @cached_property
    def record_queue(self) -> RecordQueue:
        from telehealth_core.records.use_cases import RecordQueue

        return RecordQueue(self._work, self._clock)

    @cached_property
    def letters(self) -> Correspondence:
        from telehealth_core.letters.use_cases import Correspondence

        return Correspondence(self._work, self._clock, self._ports.letters, self._ports.documents)

    @cached_property
    def posting(self) -> Posting:
        from telehealth_core.letters.use_cases import Posting

        return Posting(self._work, self._clock, self._ports.documents, self._ports.attachments)

    @cached_property
    def treatment(self) -> Treatment:
        from telehealth_core.treatment.use_cases import Treatment

        return Treatment(self._work, self._clock)

    @cached_property
    def medications(self) -> MedicationList:
        from telehealth_core.treatment.use_cases import MedicationList

        return MedicationList(self._work, self._clock)

    @cached_property
    def questionnaires(self) -> QuestionnaireBook:
        from telehealth_core.treatment.use_cases import QuestionnaireBook

        return QuestionnaireBook(self._work, self._clock)

    @cached_property
    def partnership(self) -> Partnership:
        from telehealth_core.partnership.use_cases import Partnership

        return Partnership(self._work, self._clock, self.registration)

    @cached_property
    def follow_up(self) -> FollowUp:
        from telehealth_core.partnership.use_cases import FollowUp

        return FollowUp(self._work, self._clock)

    @cached_property
    def messaging(self) -> Messaging:
        from telehealth_core.messaging.use_cases import Messaging

        return Messaging(self._work, self._clock, self._ports.channels, self._ports.notices)

    def every(self) -> tuple[Any, ...]:
        """All of these at once, for a server that loads everything before it begins."""
        return tuple(getattr(self, name) for name in _NAMES.values())

    def tick(self, timer: Timer, actor: Actor) -> None:
        """Do what is due of one timer, as the machinery of the actor's practice."""
        timer.use_case(self._with(timer.capability), actor)

    def react(self, reaction: Reaction, event: Event, actor: Actor) -> None:
        """Run one reaction to one event, as the machinery of the event's practice."""
        reaction.use_case(self._with(reaction.capability), actor, event)

    def _with(self, capability: str) -> Any:
        return getattr(self, _NAMES[capability])


_NAMES = {
    of.func.__annotations__["return"]: name
    for name, of in vars(Telehealth).items()
    if isinstance(of, cached_property)
}
"""What the facade calls each class of use cases."""
