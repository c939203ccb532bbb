"""The letter: what a clinician issues to somebody about a patient; issued, it never changes (F36,
MSG-08).
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, Self

import attrs

from telehealth_core.letters.content import (
    Certificate,
    Disclosure,
    LetterContent,
    LetterKind,
    RecipientKind,
    Urgency,
)
from telehealth_core.letters.life import (
    LIFECYCLE,
    LetterAcknowledged,
    LetterDelivered,
    LetterDrafted,
    LetterGone,
    LetterHidden,
    LetterIssued,
    LetterRecalled,
    LetterStatus,
    LetterSuperseded,
    RecallReason,
)
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import (
    AppointmentId,
    DocumentId,
    LetterId,
    PatientId,
    PracticeId,
    ProviderId,
    UserId,
    derived,
)
from telehealth_core.shared.phi import phi
from telehealth_core.shared.refusal import Invalid
from telehealth_core.shared.text import line, prose

__all__ = ["LIFECYCLE", "Delivery", "Letter", "LetterKind", "LetterStatus"]


class Delivery(StrEnum):
    """How a letter reached its recipient (REF-01)."""

    POST = "post"
    SECURE_MAIL = "secure-mail"
    BY_PATIENT = "by-patient"


@attrs.frozen(kw_only=True)
class Letter:
    """One letter about a patient, addressed to somebody, as its author wrote it.

    `supersedes` and `superseded_by` link a corrected letter with the one it took the place of.
    """

    id: LetterId
    practice_id: PracticeId
    version: int = 1
    status: LetterStatus = LIFECYCLE.initial
    patient_id: PatientId
    provider_id: ProviderId
    appointment_id: AppointmentId
    kind: LetterKind
    recipient: str = phi(validator=prose(500))
    recipient_kind: RecipientKind = RecipientKind.TREATING
    text: str = phi(validator=prose(10_000))
    reason: str | None = phi(default=None)
    urgency: Urgency | None = None
    disclosure: Disclosure | None = None
    certificate: Certificate | None = phi(default=None)
    supersedes: LetterId | None = None
    hidden_from_guardians: bool = False
    drafted_at: datetime
    issued_at: datetime | None = None
    sha256: str | None = None
    delivery: Delivery | None = None
    delivered_at: datetime | None = None
    acknowledged_by: str | None = phi(default=None, validator=attrs.validators.optional(line(200)))
    acknowledged_at: datetime | None = None
    superseded_by: LetterId | None = None
    recalled_because: RecallReason | None = None
    recall_note: str | None = phi(default=None, validator=attrs.validators.optional(prose(1000)))

    @classmethod
    def draft(cls, content: LetterContent, **fields: Any) -> Self:
        """A letter as its author wrote it; see the class for the other fields."""
        written = {one.name: getattr(content, one.name) for one in attrs.fields(LetterContent)}
        return cls(**written, **fields)

    @property
    def document_id(self) -> DocumentId:
        """The document that its PDF is kept as: named after its bytes."""
        return DocumentId(derived(self.id, f"pdf/{self.sha256}"))

    def drafted(self, *, by: UserId) -> LetterDrafted:
        """The event that a new letter begins with."""
        return LetterDrafted(self.id, self.version, by, self.drafted_at)

    def issue(self, sha256: str, *, by: UserId, at: datetime) -> tuple[Self, LetterIssued]:
        """Issue the letter, sealed by its PDF's hash.

        Raises: IllegalTransition unless a draft.
        """
        return self._went("issue", LetterIssued, by, at, issued_at=at, sha256=sha256)

    def deliver(self, how: Delivery, *, by: UserId, at: datetime) -> tuple[Self, LetterDelivered]:
        """Note that it went to its recipient (REF-01).

        Raises: IllegalTransition unless issued and not delivered yet.
        """
        return self._went("deliver", LetterDelivered, by, at, delivery=how, delivered_at=at)

    def acknowledge(self, who: str, *, by: UserId, at: datetime) -> tuple[Self, LetterAcknowledged]:
        """Note that the recipient has it, and who said so (REF-01).

        Raises: IllegalTransition unless issued; Invalid if nobody or a second one said so.
        """
        if self.acknowledged_at is not None:
            raise Invalid("acknowledged_by", "once")
        return self._went(
            "acknowledge", LetterAcknowledged, by, at, acknowledged_by=who, acknowledged_at=at
        )

    def supersede(
        self, other: LetterId, *, by: UserId, at: datetime
    ) -> tuple[Self, LetterSuperseded]:
        """Mark it as superseded by a corrected letter (MSG-08).

        Raises: IllegalTransition unless issued.
        """
        return self._went("supersede", LetterSuperseded, by, at, superseded_by=other)

    def recall(
        self, reason: RecallReason, note: str, *, by: UserId, at: datetime
    ) -> tuple[Self, LetterRecalled]:
        """Call it back: from now on nobody reads it (MSG-03).

        Raises: IllegalTransition unless issued; Invalid without a note.
        """
        status = LIFECYCLE.after("recall", self.status)
        changed = attrs.evolve(
            self,
            version=self.version + 1,
            status=status,
            recalled_because=reason,
            recall_note=note,
        )
        return changed, LetterRecalled(self.id, changed.version, by, at, reason)

    def hide(self, *, hidden: bool, by: UserId, at: datetime) -> tuple[Self, LetterHidden]:
        """Hide it from guardians, or show it to them again (CHD-06)."""
        return self._went("hide", LetterHidden, by, at, hidden_from_guardians=hidden)

    def require_readable(self) -> None:
        """Refuse to hand out what is not issued, or was called back.

        Raises: Invalid, LetterGone.
        """
        if self.sha256 is None:
            raise Invalid("letter", "issued; this one is a draft")
        if self.status is LetterStatus.RECALLED:
            raise LetterGone

    def _went(
        self, verb: str, kind: Any, by: UserId, at: datetime, **fields: Any
    ) -> tuple[Self, Any]:
        status = LIFECYCLE.after(verb, self.status)
        evolve: Any = attrs.evolve
        changed: Self = evolve(self, version=self.version + 1, status=status, **fields)
        happened: Event = kind(self.id, changed.version, by, at)
        return changed, happened
