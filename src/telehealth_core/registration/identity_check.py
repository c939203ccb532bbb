"""The identity check (KYC): documents and a selfie, a thread of comments, and a person's decision
(F03-F07).
"""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Self

import attrs

from telehealth_core.jurisdictions.pack import ChecklistItem
from telehealth_core.registration.document import DocumentKind
from telehealth_core.registration.identity_decision import Decision, Evidence
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
REOPENED = frozenset({IdentityStatus.APPROVED}) | _LAPSED
"""From here a change of what was checked asks again (IDV-10)."""
DECIDED = frozenset({IdentityStatus.APPROVED, IdentityStatus.REJECTED}) | _LAPSED
"""Nothing more is asked of anybody: its pictures are not needed much longer (IDV-05)."""

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
        "reopen": (REOPENED, IdentityStatus.NEEDS_INFO),
        "purge": (DECIDED, None),
    },
)

NEEDED = frozenset({DocumentKind.IDENTITY, DocumentKind.SELFIE})
"""Without these there is nothing to compare (F04)."""


class EvidenceSupplied(Event):
    """A document or a selfie was added to the check."""


class IdentitySubmitted(Event):
    """The patient asks for a decision."""


class IdentityInfoRequested(Event):
    """The reviewer asks the patient for more."""


class IdentityApproved(Event):
    """A reviewer found that the patient is who they say."""


class IdentityRejected(Event):
    """A reviewer found that the patient is not who they say."""


class IdentityCommented(Event):
    """Somebody wrote in the check's thread."""


class IdentityExpired(Event):
    """An approval counts no longer."""


class IdentityImagesPurged(Event):
    """The pictures of a decided check are removed; what was decided stays (IDV-05)."""


@attrs.frozen
class EvidenceMissing(Refusal):
    """A check needs a photo of an identity document and a selfie before it can be submitted."""

    code: ClassVar[str] = "evidence-missing"
    says: ClassVar[str] = "Still missing: {kinds}."

    kinds: str


class ReviewerIsApplicant(Refusal):
    """Nobody decides on their own identity (IDV-02)."""

    code: ClassVar[str] = "reviewer-is-applicant"
    says: ClassVar[str] = "Somebody else has to review this identity check."


@attrs.frozen
class Comment:
    """One remark in the thread between reviewer and patient (F06)."""

    by: UserId
    at: datetime
    text: str = phi(validator=prose(2000))


@attrs.frozen(kw_only=True)
class IdentityCheck:
    """One patient's identity check, from the first picture to a person's decision, and to the next.

    The newest evidence of each kind counts; `former` pictures are kept beside it until all of them
    are `purged`. Decisions are only ever added (F07).
    """

    id: IdentityCheckId
    practice_id: PracticeId
    version: int = 1
    patient_id: PatientId
    status: IdentityStatus = LIFECYCLE.initial
    evidence: tuple[Evidence, ...] = ()
    former: tuple[Evidence, ...] = ()
    purged: tuple[Evidence, ...] = ()
    comments: tuple[Comment, ...] = phi(default=())
    decisions: tuple[Decision, ...] = phi(default=())
    submitted_at: datetime | None = None
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

    @property
    def decision(self) -> Decision | None:
        """The newest decision, if there is any."""
        return self.decisions[-1] if self.decisions else None

    @property
    def reviewer(self) -> UserId | None:
        """Who decided last."""
        return self.decision.reviewer if self.decision else None

    @property
    def reason(self) -> str | None:
        """Why it was decided so last."""
        return self.decision.reason if self.decision else None

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
        former = tuple(one for one in self.evidence if one.kind is evidence.kind)
        changed = attrs.evolve(
            self,
            version=self.version + 1,
            status=status,
            evidence=(*others, evidence),
            former=(*self.former, *former),
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
        changed = attrs.evolve(self._moved(status, text, by, at), submitted_at=at)
        return changed, IdentitySubmitted(self.id, changed.version, by, at)

    def ask(self, text: str, *, by: UserId, at: datetime) -> tuple[Self, IdentityInfoRequested]:
        """Send it back to the patient with a comment that says what is missing (F06).

        Raises: IllegalTransition; Invalid.
        """
        changed = self._moved(LIFECYCLE.after("ask", self.status), text, by, at)
        return changed, IdentityInfoRequested(self.id, changed.version, by, at)

    def comment(self, text: str, *, by: UserId, at: datetime) -> tuple[Self, IdentityCommented]:
        """Say something in the thread, without deciding anything (F06).

        Raises: IllegalTransition once decided; Invalid.
        """
        changed = self._moved(LIFECYCLE.after("comment", self.standing(at)), text, by, at)
        return changed, IdentityCommented(self.id, changed.version, by, at)

    def approve(
        self,
        decision: Decision,
        checklist: tuple[ChecklistItem, ...],
        *,
        applicants: frozenset[UserId],
    ) -> tuple[Self, IdentityApproved]:
        """Decide that the patient is who they say; a person's act, with its reason (IDV-02).

        Raises: ReviewerIsApplicant; ChecklistUnfinished; IllegalTransition.
        """
        assert decision.approved, "a verdict that turns away approves nobody"
        status = LIFECYCLE.after("approve", self.status)
        decision.require_all(checklist)
        decided = self._decided(status, decision, applicants)
        return decided, IdentityApproved(self.id, decided.version, decision.reviewer, decision.at)

    def reject(
        self, decision: Decision, *, applicants: frozenset[UserId]
    ) -> tuple[Self, IdentityRejected]:
        """Decide that the patient is not who they say, with the reason.

        Raises: ReviewerIsApplicant; IllegalTransition.
        """
        assert not decision.approved, "a verdict that lets in rejects nobody"
        status = LIFECYCLE.after("reject", self.status)
        decided = self._decided(status, decision, applicants)
        return decided, IdentityRejected(self.id, decided.version, decision.reviewer, decision.at)

    def reopen(self, *, by: UserId, at: datetime) -> tuple[Self, IdentityInfoRequested]:
        """Ask again, because name, birth date or picture changed after the decision (IDV-10)."""
        changed = self._moved(LIFECYCLE.after("reopen", self.status), None, by, at)
        changed = attrs.evolve(changed, expires_at=None)
        return changed, IdentityInfoRequested(self.id, changed.version, by, at)

    def expire(self, *, by: UserId, at: datetime) -> tuple[Self, IdentityExpired]:
        """The check, whose approval counts no longer (F07)."""
        changed = self._moved(LIFECYCLE.after("expire", self.status), None, by, at)
        return changed, IdentityExpired(self.id, changed.version, by, at)

    def purge(self, *, by: UserId, at: datetime) -> tuple[Self, IdentityImagesPurged]:
        """The check without its pictures: the decisions say which they were (IDV-05).

        Raises: IllegalTransition unless decided.
        """
        status = LIFECYCLE.after("purge", self.status)
        changed = attrs.evolve(
            self,
            version=self.version + 1,
            status=status,
            evidence=(),
            former=(),
            purged=(*self.purged, *self.former, *self.evidence),
        )
        return changed, IdentityImagesPurged(self.id, changed.version, by, at)

    def require_evidence(self, id: DocumentId) -> None:
        """Refuse a document that is not of this check.

        Raises: Unknown.
        """
        if all(one.document_id != id for one in self.evidence):
            raise Unknown("document", id)

    def _decided(
        self, status: IdentityStatus, decision: Decision, applicants: frozenset[UserId]
    ) -> Self:
        if decision.reviewer in applicants:
            raise ReviewerIsApplicant
        return attrs.evolve(
            self,
            version=self.version + 1,
            status=status,
            decisions=(*self.decisions, decision),
            decided_at=decision.at,
            expires_at=decision.expires_at,
        )

    def _moved(self, status: IdentityStatus, text: str | None, by: UserId, at: datetime) -> Self:
        said = () if text is None else (Comment(by, at, text),)
        return attrs.evolve(
            self, version=self.version + 1, status=status, comments=(*self.comments, *said)
        )
