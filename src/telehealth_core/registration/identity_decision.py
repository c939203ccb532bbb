"""The decision on an identity: what a person looked at, found, and decided, kept as it was (IDV-02,
F07).
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Self

import attrs

from telehealth_core.jurisdictions.pack import ChecklistItem
from telehealth_core.registration.document import DocumentKind
from telehealth_core.shared.ids import DocumentId, UserId
from telehealth_core.shared.phi import phi
from telehealth_core.shared.refusal import Refusal
from telehealth_core.shared.text import line, prose


@attrs.frozen
class ChecklistUnfinished(Refusal):
    """A reviewer looks at everything on the list, and approves only what is all so (IDV-02)."""

    code: ClassVar[str] = "checklist-unfinished"
    says: ClassVar[str] = "Not looked at, or not so: {missing}."

    missing: str


class IdentityVerdict(StrEnum):
    """Why a check was decided so, as a code (IDV-02)."""

    DOCUMENTS_MATCH = "documents-match"
    KNOWN_IN_PERSON = "known-in-person"
    DOCUMENT_NOT_GENUINE = "document-not-genuine"
    DOCUMENT_NOT_ACCEPTED = "document-not-accepted"
    ANOTHER_PERSON = "another-person"
    DETAILS_DIFFER = "details-differ"


APPROVING = frozenset({IdentityVerdict.DOCUMENTS_MATCH, IdentityVerdict.KNOWN_IN_PERSON})
"""The verdicts that let somebody in; every other turns them away."""


@attrs.frozen
class Finding:
    """What a reviewer found on one point of the checklist."""

    point: str = attrs.field(validator=line(60))
    passed: bool


@attrs.frozen
class Evidence:
    """One picture of the check."""

    kind: DocumentKind
    document_id: DocumentId


@attrs.frozen
class Decision:
    """One person's decision, never changed: what it was, on which evidence, and what was found."""

    approved: bool
    verdict: IdentityVerdict
    findings: tuple[Finding, ...]
    evidence: tuple[Evidence, ...]
    reviewer: UserId
    at: datetime
    expires_at: datetime | None
    reason: str = phi(validator=prose(2000))

    @classmethod
    def of(
        cls,
        evidence: tuple[Evidence, ...],
        verdict: IdentityVerdict,
        reason: str,
        findings: tuple[Finding, ...],
        *,
        valid_days: int,
        by: UserId,
        at: datetime,
    ) -> Self:
        """What a reviewer decides on this evidence; it counts so many days if they approve.

        Raises: Invalid without a reason.
        """
        approved = verdict in APPROVING
        expires_at = at + timedelta(days=valid_days) if approved else None
        return cls(approved, verdict, findings, evidence, by, at, expires_at, reason)

    def require_all(self, checklist: tuple[ChecklistItem, ...]) -> None:
        """Refuse unless every point of the list was looked at and found to be so.

        Raises: ChecklistUnfinished.
        """
        passed = {one.point for one in self.findings if one.passed}
        passed -= {one.point for one in self.findings if not one.passed}
        missing = [item.code for item in checklist if item.code not in passed]
        if missing:
            raise ChecklistUnfinished(", ".join(missing))
