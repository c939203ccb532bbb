"""The identity check over HTTP: pictures, the thread, and a person's decision."""

from datetime import datetime
from uuid import UUID

import attrs
from litestar import Response
from litestar.params import FromPath, FromQuery, JSONBody, RawBody

from telehealth_core.registration.document import DocumentKind
from telehealth_core.registration.identity_check import Comment, IdentityCheck, IdentityStatus
from telehealth_core.registration.identity_decision import Decision, Finding, IdentityVerdict
from telehealth_core.registration.matching import DocumentNumber
from telehealth_core.registration.patient import Profile
from telehealth_core.shared.ids import DocumentId, PatientId
from telehealth_http.answers import Items, attachment, listed, shown
from telehealth_http.bodies import as_in
from telehealth_http.registration import PatientAnswer, ProfileAnswer
from telehealth_http.requests import By, creates, does, reads, takes_image


@attrs.frozen(kw_only=True)
class SubmissionBody:
    """An answer to the reviewer, where there is one to give."""

    text: str | None = attrs.field(default=None, repr=False)


@attrs.frozen(kw_only=True)
class TextBody:
    """What the reviewer needs to know."""

    text: str = as_in(Comment, "text")


@attrs.frozen(kw_only=True)
class ApprovalBody:
    """Why a patient is let in, and what was found on each point of the checklist."""

    reason: str = as_in(Decision, "reason", repr=False)
    findings: tuple[Finding, ...]
    verdict: IdentityVerdict = IdentityVerdict.DOCUMENTS_MATCH


@attrs.frozen(kw_only=True)
class RejectionBody:
    """Why a patient is turned away, and what was found."""

    reason: str = as_in(Decision, "reason", repr=False)
    findings: tuple[Finding, ...] = ()
    verdict: IdentityVerdict = IdentityVerdict.ANOTHER_PERSON


@attrs.frozen(kw_only=True)
class DocumentNumberBody:
    """The number of the patient's document as the reviewer reads it; only a digest is kept."""

    number: str = as_in(DocumentNumber, "number", repr=False)


@attrs.frozen(kw_only=True)
class EvidenceAnswer:
    """One picture of an identity check."""

    kind: DocumentKind
    document_id: UUID


@attrs.frozen(kw_only=True)
class CommentAnswer:
    """One remark in the thread between reviewer and patient."""

    by: UUID
    at: datetime
    text: str


@attrs.frozen(kw_only=True)
class FindingAnswer:
    """What a reviewer found on one point of the checklist."""

    point: str
    passed: bool


@attrs.frozen(kw_only=True)
class DecisionAnswer:
    """One decision on the check, with what it was made on."""

    approved: bool
    verdict: IdentityVerdict
    reason: str
    findings: tuple[FindingAnswer, ...]
    evidence: tuple[EvidenceAnswer, ...]
    reviewer: UUID
    at: datetime
    expires_at: datetime | None


@attrs.frozen(kw_only=True)
class ChecklistItemAnswer:
    """Something that a reviewer looks at."""

    code: str
    says: str


@attrs.frozen(kw_only=True)
class IdentityAnswer:
    """An identity check; `profile` is told where the check itself is asked for."""

    patient_id: UUID
    version: int
    status: IdentityStatus
    evidence: tuple[EvidenceAnswer, ...]
    comments: tuple[CommentAnswer, ...]
    decisions: tuple[DecisionAnswer, ...]
    reason: str | None
    submitted_at: datetime | None
    decided_at: datetime | None
    expires_at: datetime | None
    profile: ProfileAnswer | None


def identity(check: IdentityCheck, profile: Profile | None = None) -> IdentityAnswer:
    """What shows of a check."""
    told = None if profile is None else shown(ProfileAnswer, profile)
    return shown(IdentityAnswer, check, profile=told)


@takes_image("/v1/patients/{id:uuid}/identity/images")
def supply_identity(
    caller: By, id: FromPath[UUID], kind: FromQuery[DocumentKind], body: RawBody
) -> IdentityAnswer:
    """Add a photo of an identity document, or a selfie, to the check (F03)."""
    check = caller.clinic.identity.supply(
        caller.actor, PatientId(id), kind, DocumentId(caller.new_id), body
    )
    return identity(check)


@reads("/v1/patients/{id:uuid}/identity")
def view_identity(caller: By, id: FromPath[UUID]) -> IdentityAnswer:
    """Show the check with its pictures and thread, beside the profile to match (F04, F06)."""
    patient, check = caller.clinic.identity.view(caller.actor, PatientId(id))
    return identity(check, patient.profile)


@reads("/v1/patients/{id:uuid}/identity/images/{document_id:uuid}")
def view_identity_image(
    caller: By, id: FromPath[UUID], document_id: FromPath[UUID]
) -> Response[bytes]:
    """Hand out one picture of the check, for whoever may see the check."""
    document, content = caller.clinic.identity.image(
        caller.actor, PatientId(id), DocumentId(document_id)
    )
    name = f"{document.kind.value}.{document.media_type.partition('/')[2]}"
    return attachment(content, document.media_type, name)


@does("/v1/patients/{id:uuid}/identity/submission")
def submit_identity(
    caller: By, id: FromPath[UUID], data: JSONBody[SubmissionBody] = SubmissionBody()
) -> IdentityAnswer:
    """Ask for a decision, or answer the reviewer and ask again (F06)."""
    return identity(caller.clinic.identity.submit(caller.actor, PatientId(id), data.text))


@does("/v1/patients/{id:uuid}/identity/request-for-info")
def ask_for_more(caller: By, id: FromPath[UUID], data: JSONBody[TextBody]) -> IdentityAnswer:
    """Send the check back to the patient with a comment (F06)."""
    return identity(caller.clinic.identity.ask_for_more(caller.actor, PatientId(id), data.text))


@does("/v1/patients/{id:uuid}/identity/approval")
def approve_identity(
    caller: By, id: FromPath[UUID], data: JSONBody[ApprovalBody]
) -> IdentityAnswer:
    """Decide that the patient is who they say; from now on they can book (F05)."""
    approved = caller.clinic.identity.approve(
        caller.actor, PatientId(id), data.reason, data.findings, data.verdict
    )
    return identity(approved)


@does("/v1/patients/{id:uuid}/identity/rejection")
def reject_identity(
    caller: By, id: FromPath[UUID], data: JSONBody[RejectionBody]
) -> IdentityAnswer:
    """Decide that the patient is not who they say (F05)."""
    rejected = caller.clinic.identity.reject(
        caller.actor, PatientId(id), data.reason, data.findings, data.verdict
    )
    return identity(rejected)


@reads("/v1/identity-reviews")
def list_identity_reviews(caller: By) -> Items[IdentityAnswer]:
    """List the checks that wait for a decision (F04)."""
    return Items(tuple(map(identity, caller.clinic.identity.queue(caller.actor))))


@reads("/v1/identity-checklist")
def list_identity_checklist(caller: By) -> Items[ChecklistItemAnswer]:
    """List what a reviewer looks at (IDV-02)."""
    practice = caller.clinic.practice.view(caller.actor)
    return listed(ChecklistItemAnswer, practice.jurisdiction.identity_checklist)


@creates("/v1/patients/{id:uuid}/identity/comments")
def comment_identity(caller: By, id: FromPath[UUID], data: JSONBody[TextBody]) -> IdentityAnswer:
    """Say something in the check's thread, as patient or as reviewer (F06)."""
    return identity(caller.clinic.identity.comment(caller.actor, PatientId(id), data.text))


@does("/v1/patients/{id:uuid}/identity/document-number")
def note_document_number(
    caller: By, id: FromPath[UUID], data: JSONBody[DocumentNumberBody]
) -> PatientAnswer:
    """Enter the number of the patient's document, so that a second record with it is found."""
    digest = DocumentNumber(data.number).digest(caller.actor.practice_id.bytes)
    patient = caller.clinic.identity.note_document(caller.actor, PatientId(id), digest)
    return shown(PatientAnswer, patient)


ROUTES = (
    supply_identity,
    view_identity,
    view_identity_image,
    submit_identity,
    comment_identity,
    ask_for_more,
    approve_identity,
    reject_identity,
    note_document_number,
    list_identity_reviews,
    list_identity_checklist,
)
