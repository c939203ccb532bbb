"""What the facade promises to type checkers: read by mypy and pyright, never run (N14).

Every line is one that an embedder may write. Those with an `ignore` are mistakes that must be
noticed: an ignore that is not needed is an error itself.
"""

from datetime import datetime
from typing import Any, assert_type
from uuid import UUID

from integration.embedding.host import BookedDocuments, EmployerInvoices
from telehealth_core import Actor, Interval, Money, Ports, Role, Telehealth
from telehealth_core.access.account import Account
from telehealth_core.access.audit import AuditEntry, Opening
from telehealth_core.access.emergency import EmergencyAccess, EmergencyReason
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.access.role_grant import RoleGrant
from telehealth_core.billing.card import Card
from telehealth_core.billing.charge import Charge
from telehealth_core.billing.ports import Payments
from telehealth_core.consultation.completion import OutcomeKind
from telehealth_core.consultation.consultation import Consultation
from telehealth_core.consultation.emergency import Emergency
from telehealth_core.consultation.feedback import Feedback
from telehealth_core.consultation.psychotherapy import PsychotherapyNote
from telehealth_core.consultation.video import Admitted
from telehealth_core.consultation.workspace import Workspace
from telehealth_core.letters.letter import Letter
from telehealth_core.messaging.conversation import Channel, Message
from telehealth_core.messaging.ports import MessagingWork
from telehealth_core.partnership.partner import Partner
from telehealth_core.partnership.referral import Referral
from telehealth_core.partnership.use_cases.following import Followed
from telehealth_core.practice.practice import Practice
from telehealth_core.practice.settings import Settings
from telehealth_core.prescribing.pharmacy import PrescriptionCopy
from telehealth_core.prescribing.prescription import Prescription
from telehealth_core.reactions import Reaction
from telehealth_core.records.conflict import RecordConflict
from telehealth_core.records.quarantine import Quarantined
from telehealth_core.records.use_cases.syncing import RecordAge
from telehealth_core.registration.assessment import CompetenceAssessment
from telehealth_core.registration.duplicate import DuplicateSuspicion
from telehealth_core.registration.identity_check import IdentityCheck
from telehealth_core.registration.patient import Patient, Profile
from telehealth_core.registration.ports import Documents
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.approval import CheckResult
from telehealth_core.scheduling.search import Found, Wishes
from telehealth_core.scheduling.session import Mode, Session
from telehealth_core.scheduling.waitlist import WaitlistEntry
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import (
    AppointmentId,
    CardId,
    EmergencyAccessId,
    EmergencyId,
    LetterId,
    MessageId,
    PartnerId,
    PatientId,
    PracticeId,
    PrescriptionId,
    ProviderId,
    QuarantineId,
    ReferralId,
    RoleGrantId,
    SessionId,
    SuspicionId,
    UserId,
    WaitlistEntryId,
)
from telehealth_core.testing import MemoryStore, memory_ports
from telehealth_core.timers import Timer
from telehealth_core.treatment.medication import Medication
from telehealth_core.treatment.program import TreatmentProgram
from telehealth_core.treatment.questionnaire import Questionnaire
from telehealth_core.workforce.provider import Provider


def ports(invoices: EmployerInvoices, documents: BookedDocuments, store: MemoryStore) -> None:
    """A class fits a port by its methods; what brings them together is typed too."""
    payments: Payments = invoices
    files: Documents = documents
    work: UnitOfWork[MessagingWork] = store.work
    assert_type(memory_ports(payments=payments, documents=files), Ports)
    wrong: Payments = documents  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    del work, wrong


def given(all_ports: Ports) -> None:
    """What was brought can be asked for."""
    assert_type(all_ports.payments, Payments)
    assert_type(all_ports.documents, Documents)
    assert_type(all_ports.work, UnitOfWork[MessagingWork])
    clock: Clock = all_ports.clock
    assert_type(clock(), datetime)
    assert_type(Telehealth(all_ports), Telehealth)
    Telehealth()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def access(clinic: Telehealth, actor: Actor, id: UserId, grant: RoleGrantId) -> None:
    """Who may do what, and who did."""
    account = clinic.access.open_account(
        actor, id, email="", password="", roles=frozenset({Role.ADMIN})
    )
    assert_type(account, Account)
    assert_type(account.id, UserId)
    assert_type(account.actor(), Actor)
    assert_type(clinic.access.actor("token"), Actor)
    assert_type(clinic.accounts.confirm_roles(actor, grant), RoleGrant)


def oversight(
    clinic: Telehealth,
    actor: Actor,
    id: EmergencyAccessId,
    patient: PatientId,
    *,
    reason: EmergencyReason,
    period: Interval,
) -> None:
    """Broken glass, and the audit."""
    opened = clinic.emergency.open(actor, id, patient, reason=reason, text="")
    assert_type(opened, EmergencyAccess)
    assert_type(clinic.oversight.opened_by(actor, patient), tuple[Opening, ...])
    assert_type(clinic.oversight.report(actor, period), tuple[AuditEntry, ...])


def practice(clinic: Telehealth, actor: Actor, settings: Settings) -> None:
    """The tenant and its parameters."""
    changed = clinic.practice.change_settings(actor, settings, replacing=1)
    assert_type(changed, Practice)
    assert_type(changed.id, PracticeId)
    assert_type(changed.settings, Settings)
    assert_type(clinic.practice.named("slug"), Practice)


def registration(
    clinic: Telehealth, actor: Actor, id: PatientId, profile: Profile, suspicion: SuspicionId
) -> None:
    """Patients, who they are, whom they care for, what they agreed to."""
    patient = clinic.registration.register(actor, id, email="", password="", profile=profile)
    assert_type(patient, Patient)
    assert_type(patient.id, PatientId)
    assert_type(clinic.identity.submit(actor, id), IdentityCheck)
    assert_type(clinic.family.dependants(actor), tuple[Patient, ...])
    assert_type(clinic.duplicates.confirm(actor, suspicion, ""), DuplicateSuspicion)
    assert_type(clinic.consents.assessments(actor, id), tuple[CompetenceAssessment, ...])


def workforce(clinic: Telehealth, actor: Actor, provider: Provider) -> None:
    """Who gives care."""
    added = clinic.workforce.add(actor, provider)
    assert_type(added, Provider)
    assert_type(added.id, ProviderId)


def billing(clinic: Telehealth, actor: Actor, id: CardId, visit: AppointmentId) -> None:
    """Cards and charges; sums are integers of minor units."""
    assert_type(clinic.billing.save_card(actor, id, "token"), Card)
    charge = clinic.billing.agree(actor, visit, Money(1, "GBP"))
    assert_type(charge, Charge)
    assert_type(clinic.billing.arrears(actor), tuple[Charge, ...])
    assert_type(clinic.collecting.retry_due(actor), int)
    Money(1.5, "GBP")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def scheduling(
    clinic: Telehealth,
    actor: Actor,
    id: AppointmentId,
    patient: PatientId,
    session: SessionId,
    *,
    period: Interval,
) -> None:
    """From a free time to a visit that stands."""
    held = clinic.scheduling.hold(
        actor,
        id,
        patient_id=patient,
        session_id=session,
        start=period.start,
        mode=Mode.VIDEO,
        location="GB",
    ).appointment
    assert_type(held, Appointment)
    assert_type(held.id, AppointmentId)
    assert_type(held.patient_id, PatientId)
    assert_type(held.during, Interval)
    assert_type(held.price, Money)
    assert_type(clinic.scheduling.cancel(actor, id), Appointment)
    clinic.scheduling.cancel(actor, patient)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    assert_type(clinic.approval.approve(actor, id), Appointment)
    assert_type(clinic.approval.checks(actor, id), tuple[CheckResult, ...])
    assert_type(clinic.cancellation.miss(actor, id), Appointment)


def diary(
    clinic: Telehealth,
    actor: Actor,
    id: SessionId,
    provider: ProviderId,
    *,
    period: Interval,
    wishes: Wishes,
) -> None:
    """Shifts, what is open in them, and who waits for it."""
    session = clinic.diary.add_session(
        actor,
        id,
        provider_id=provider,
        during=period,
        service="",
        modes=frozenset({Mode.VIDEO}),
        start_every_minutes=15,
    )
    assert_type(session, Session)
    assert_type(clinic.search.find_times(actor, wishes), Found)
    assert_type(clinic.at_risk.of_provider(actor, provider), tuple[Appointment, ...])


def waiting(clinic: Telehealth, actor: Actor, id: WaitlistEntryId, visit: AppointmentId) -> None:
    """Those who wait, come again and again, or are booked by staff."""
    assert_type(clinic.waitlist.leave(actor, id), WaitlistEntry)
    assert_type(clinic.series.of(actor, visit), tuple[Appointment, ...])
    amended = clinic.desk.amend(
        actor, visit, mode=Mode.VOICE, location="GB", description=None, because=""
    )
    assert_type(amended, Appointment)


def consultation(
    clinic: Telehealth, actor: Actor, id: AppointmentId, emergency: EmergencyId
) -> None:
    """The visit."""
    assert_type(clinic.consultation.join(actor, id, "GB", private=True), Admitted)
    called_off = clinic.consultation.call_off(actor, id, OutcomeKind.TECHNICAL_FAILURE)
    assert_type(called_off, Consultation)
    assert_type(clinic.notes.apart(actor, id), tuple[PsychotherapyNote, ...])
    assert_type(clinic.feedback.of_visit(actor, id), tuple[Feedback, ...])
    assert_type(clinic.emergencies.log(actor, emergency, ""), Emergency)
    assert_type(clinic.provider_desk.workspace(actor, id), Workspace)


def papers(
    clinic: Telehealth, actor: Actor, id: PrescriptionId, letter: LetterId, token: UUID
) -> None:
    """Prescriptions and letters."""
    assert_type(clinic.prescribing.cancel(actor, id, ""), Prescription)
    assert_type(clinic.prescribing.copy(actor, id), PrescriptionCopy)
    assert_type(clinic.dispensing.claim(actor, token, ""), Prescription)
    assert_type(clinic.letters.hide(actor, letter, hidden=True), Letter)
    assert_type(clinic.posting.acknowledge(actor, letter, ""), Letter)


def together(
    clinic: Telehealth, actor: Actor, patient: PatientId, partner: PartnerId, referral: ReferralId
) -> None:
    """Programs, partners and conversations."""
    assert_type(clinic.treatment.of_patient(actor, patient), tuple[TreatmentProgram, ...])
    assert_type(clinic.partnership.add_partner(actor, partner, ""), Partner)
    assert_type(clinic.partnership.accept(actor, referral, invitation=""), Referral)
    assert_type(clinic.follow_up.followed(actor), tuple[Followed, ...])
    assert_type(clinic.medications.of_patient(actor, patient), tuple[Medication, ...])
    assert_type(clinic.questionnaires.alarms(actor), tuple[Questionnaire, ...])


def elsewhere(
    clinic: Telehealth, actor: Actor, visit: AppointmentId, waiting: QuarantineId
) -> None:
    """Records that another system keeps too."""
    assert_type(clinic.records.refresh(actor, visit), RecordAge)
    assert_type(clinic.record_queue.conflicts(actor), tuple[RecordConflict, ...])
    assert_type(clinic.record_queue.retry(actor, waiting), Quarantined)


def talk(
    clinic: Telehealth, actor: Actor, id: MessageId, patient: PatientId, channel: Channel
) -> None:
    """Messages."""
    assert_type(clinic.messaging.post(actor, id, patient, channel, ""), Message)
    assert_type(clinic.messaging.listen(actor, patient, channel), str)


def machinery(
    clinic: Telehealth, actor: Actor, reaction: Reaction, event: Event, timer: Timer
) -> None:
    """What the host's loops call."""
    clinic.react(reaction, event, actor)
    clinic.tick(timer, actor)
    clinic.react(event, reaction, actor)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    assert_type(clinic.every(), tuple[Any, ...])
