"""The identity check (KYC): documents and a selfie, a thread of comments, and a person's decision
(F03-F07).
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Self

import attrs

from telehealth_core.registration.document import DocumentKind
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import (
    DocumentId,
    IdentityCheckId,
    PatientId,
    PracticeId,
    UserId,
    derived,
)
from telehealth_core.shared.lifecycle import Lifecycle
from telehealth_core.shared.phi import phi
from telehealth_core.shared.refusal import Refusal, Unknown
from telehealth_core.shared.text import prose


class IdentityStatus(StrEnum):
    """Where the check stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    NEEDS_INFO = "needs-info"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"


_OPEN = frozenset({IdentityStatus.DRAFT, IdentityStatus.NEEDS_INFO})
_REVIEW = frozenset({IdentityStatus.SUBMITTED})
_LAPSED = frozenset({IdentityStatus.EXPIRED})

LIFECYCLE: Lifecycle[IdentityStatus] = Lifecycle(
    "IdentityCheck",
    IdentityStatus.DRAFT,
    {
        "supply": (_OPEN | _LAPSED, None),
        "comment": (_OPEN | _REVIEW, None),
        "submit": (_OPEN | _LAPSED, IdentityStatus.SUBMITTED),
        "ask": (_REVIEW, IdentityStatus.NEEDS_INFO),
        "approve": (_REVIEW, IdentityStatus.APPROVED),
        "reject": (_REVIEW, IdentityStatus.REJECTED),
        "expire": (frozenset({IdentityStatus.APPROVED}), IdentityStatus.EXPIRED),
        "reopen": (
            frozenset({IdentityStatus.APPROVED, IdentityStatus.EXPIRED}),
            IdentityStatus.NEEDS_INFO,
        ),
    },
)

NEEDED = frozenset({DocumentKind.IDENTITY, DocumentKind.SELFIE})
"""Without these there is nothing to compare (F04)."""


@attrs.frozen
class EvidenceSupplied(Event):
    """A document or a selfie was added to the check."""


@attrs.frozen
class IdentitySubmitted(Event):
    """The patient asks for a decision."""


@attrs.frozen
class IdentityInfoRequested(Event):
    """The reviewer asks the patient for more."""


@attrs.frozen
class IdentityApproved(Event):
    """A reviewer found that the patient is who they say."""


@attrs.frozen
class IdentityRejected(Event):
    """A reviewer found that the patient is not who they say."""


@attrs.frozen
class EvidenceMissing(Refusal):
    """A check needs a photo of an identity document and a selfie before it can be submitted."""

    code: ClassVar[str] = "evidence-missing"
    says: ClassVar[str] = "Still missing: {kinds}."

    kinds: str


@attrs.frozen
class ReviewerIsApplicant(Refusal):
    """Nobody decides on their own identity (IDV-02)."""

    code: ClassVar[str] = "reviewer-is-applicant"
    says: ClassVar[str] = "Somebody else has to review this identity check."


@attrs.frozen
class Evidence:
    """One picture of the check."""

    kind: DocumentKind
    document_id: DocumentId


@attrs.frozen
class Comment:
    """One remark in the thread between reviewer and patient (F06)."""

    by: UserId
    at: datetime
    text: str = phi(validator=prose(2000))


@attrs.frozen(kw_only=True)
class IdentityCheck:
    """One patient's identity check, from the first picture to a person's decision.

    The newest evidence of each kind counts; older pictures stay in the history of the record.
    """

    id: IdentityCheckId
    practice_id: PracticeId
    version: int = 1
    patient_id: PatientId
    status: IdentityStatus = LIFECYCLE.initial
    evidence: tuple[Evidence, ...] = ()
    comments: tuple[Comment, ...] = phi(default=())
    reviewer: UserId | None = None
    reason: str | None = phi(default=None)
    decided_at: datetime | None = None
    expires_at: datetime | None = None

    @staticmethod
    def id_of(patient_id: PatientId) -> IdentityCheckId:
        """A patient has one check; its id follows from theirs."""
        return IdentityCheckId(derived(patient_id, "identity-check"))

    @classmethod
    def begin(cls, practice_id: PracticeId, patient_id: PatientId) -> Self:
        """An empty check, version 0: not saved before there is something in it."""
        return cls(
            id=cls.id_of(patient_id), practice_id=practice_id, patient_id=patient_id, version=0
        )

    def standing(self, at: datetime) -> IdentityStatus:
        """The status at that instant: an approval counts until it expires (F07)."""
        lapsed = self.expires_at is not None and self.expires_at <= at
        if self.status is IdentityStatus.APPROVED and lapsed:
            return LIFECYCLE.after("expire", self.status)
        return self.status

    def supply(
        self, evidence: Evidence, *, by: UserId, at: datetime
    ) -> tuple[Self, EvidenceSupplied]:
        """Add a picture.

        Raises: IllegalTransition while under review or decided.
        """
        status = LIFECYCLE.after("supply", self.standing(at))
        others = tuple(one for one in self.evidence if one.kind is not evidence.kind)
        changed = attrs.evolve(
            self, version=self.version + 1, status=status, evidence=(*others, evidence)
        )
        return changed, EvidenceSupplied(self.id, changed.version, by, at)

    def submit(
        self, text: str | None, *, by: UserId, at: datetime
    ) -> tuple[Self, IdentitySubmitted]:
        """Ask for a decision, with an answer to the reviewer where there is one to give.

        Raises: EvidenceMissing; IllegalTransition; Invalid.
        """
        status = LIFECYCLE.after("submit", self.standing(at))
        missing = NEEDED - {one.kind for one in self.evidence}
        if missing:
            raise EvidenceMissing(", ".join(sorted(missing)))
        changed = self._moved(status, text, by, at)
        return changed, IdentitySubmitted(self.id, changed.version, by, at)

    def ask(self, text: str, *, by: UserId, at: datetime) -> tuple[Self, IdentityInfoRequested]:
        """Send it back to the patient with a comment that says what is missing (F06).

        Raises: IllegalTransition; Invalid.
        """
        changed = self._moved(LIFECYCLE.after("ask", self.status), text, by, at)
        return changed, IdentityInfoRequested(self.id, changed.version, by, at)

    def approve(
        self, reason: str, *, valid_days: int, by: UserId, applicant: UserId | None, at: datetime
    ) -> tuple[Self, IdentityApproved]:
        """Decide that the patient is who they say; a person's act, with its reason (IDV-02).

        Raises: ReviewerIsApplicant; IllegalTransition.
        """
        decided = self._decided("approve", reason, by, applicant, at)
        decided = attrs.evolve(decided, expires_at=at + timedelta(days=valid_days))
        return decided, IdentityApproved(self.id, decided.version, by, at)

    def reject(
        self, reason: str, *, by: UserId, applicant: UserId | None, at: datetime
    ) -> tuple[Self, IdentityRejected]:
        """Decide that the patient is not who they say, with the reason.

        Raises: ReviewerIsApplicant; IllegalTransition.
        """
        decided = self._decided("reject", reason, by, applicant, at)
        return decided, IdentityRejected(self.id, decided.version, by, at)

    def reopen(self, *, by: UserId, at: datetime) -> tuple[Self, IdentityInfoRequested]:
        """Ask again, because name or birth date changed after the decision (IDV-10)."""
        changed = self._moved(LIFECYCLE.after("reopen", self.status), None, by, at)
        return changed, IdentityInfoRequested(self.id, changed.version, by, at)

    def require_evidence(self, id: DocumentId) -> None:
        """Refuse a document that is not of this check.

        Raises: Unknown.
        """
        if all(one.document_id != id for one in self.evidence):
            raise Unknown("document", id)

    def _decided(
        self, verb: str, reason: str, by: UserId, applicant: UserId | None, at: datetime
    ) -> Self:
        status = LIFECYCLE.after(verb, self.status)
        if by == applicant:
            raise ReviewerIsApplicant
        comment = Comment(by, at, reason)
        return attrs.evolve(
            self,
            version=self.version + 1,
            status=status,
            reviewer=by,
            reason=comment.text,
            decided_at=at,
        )

    def _moved(self, status: IdentityStatus, text: str | None, by: UserId, at: datetime) -> Self:
        said = () if text is None else (Comment(by, at, text),)
        return attrs.evolve(
            self, version=self.version + 1, status=status, comments=(*self.comments, *said)
        )
