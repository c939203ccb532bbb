"""Identifiers: UUIDs with a name for the type checker.

Whoever starts something mints its id (UUIDv7 recommended), so that a repeated call is recognised.
What follows from a thing already named gets a *derived* id: the same cause always names the same
consequence, however often it is replayed.
"""

from typing import NewType
from uuid import UUID, uuid5

PracticeId = NewType("PracticeId", UUID)
SettingsId = NewType("SettingsId", UUID)
RecordLinkId = NewType("RecordLinkId", UUID)
RecordConflictId = NewType("RecordConflictId", UUID)
RecordCursorId = NewType("RecordCursorId", UUID)
QuarantineId = NewType("QuarantineId", UUID)
UserId = NewType("UserId", UUID)
PatientId = NewType("PatientId", UUID)
ProviderId = NewType("ProviderId", UUID)
PartnerId = NewType("PartnerId", UUID)
IdentityCheckId = NewType("IdentityCheckId", UUID)
ConsentId = NewType("ConsentId", UUID)
AssessmentId = NewType("AssessmentId", UUID)
SuspicionId = NewType("SuspicionId", UUID)
DocumentId = NewType("DocumentId", UUID)
SessionId = NewType("SessionId", UUID)
AppointmentId = NewType("AppointmentId", UUID)
WaitlistEntryId = NewType("WaitlistEntryId", UUID)
SeriesId = NewType("SeriesId", UUID)
ConsultationId = NewType("ConsultationId", UUID)
NoteId = NewType("NoteId", UUID)
FeedbackId = NewType("FeedbackId", UUID)
EmergencyId = NewType("EmergencyId", UUID)
PrescriptionId = NewType("PrescriptionId", UUID)
LetterId = NewType("LetterId", UUID)
ReferralId = NewType("ReferralId", UUID)
ProgramId = NewType("ProgramId", UUID)
MedicationId = NewType("MedicationId", UUID)
QuestionnaireId = NewType("QuestionnaireId", UUID)
ChargeId = NewType("ChargeId", UUID)
CardId = NewType("CardId", UUID)
ConversationId = NewType("ConversationId", UUID)
ChatGrantId = NewType("ChatGrantId", UUID)
MessageId = NewType("MessageId", UUID)
SignInId = NewType("SignInId", UUID)
RoleGrantId = NewType("RoleGrantId", UUID)
SignInAttemptsId = NewType("SignInAttemptsId", UUID)
EmergencyAccessId = NewType("EmergencyAccessId", UUID)
EventId = NewType("EventId", UUID)


def derived(cause: UUID, name: str) -> UUID:
    """The id of what follows from `cause` under this name: UUIDv5, so the same on every replay."""
    return uuid5(cause, name)
