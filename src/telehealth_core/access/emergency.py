"""Emergency access ("break-glass"): a provider reads the record of somebody whom they do not treat,
for a coded reason, for some minutes, and somebody else reviews it (N08, ACC-06).
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

import attrs

from telehealth_core.access.role_grant import NotYoursToDecide
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import EmergencyAccessId, PatientId, PracticeId, UserId
from telehealth_core.shared.lifecycle import Lifecycle
from telehealth_core.shared.phi import phi
from telehealth_core.shared.text import prose


class EmergencyReason(StrEnum):
    """Why somebody breaks the glass. Only a medical emergency is one in the sense of ACC-07."""

    MEDICAL_EMERGENCY = "medical-emergency"
    DANGER_TO_LIFE = "danger-to-life"
    URGENT_COVER = "urgent-cover"


class Verdict(StrEnum):
    """What the review found."""

    JUSTIFIED = "justified"
    NOT_JUSTIFIED = "not-justified"


class EmergencyStatus(StrEnum):
    """Where an emergency access stands."""

    OPEN = "open"
    """Given; lasts until its end, and waits for its review."""
    REVIEWED = "reviewed"


LIFECYCLE = Lifecycle(
    of="EmergencyAccess",
    initial=EmergencyStatus.OPEN,
    transitions={
        "review": (frozenset({EmergencyStatus.OPEN}), EmergencyStatus.REVIEWED),
    },
)


class EmergencyAccessOpened(Event):
    """A provider broke the glass to a patient's record: the administrators are told at once."""


class EmergencyAccessReviewed(Event):
    """Somebody else looked at it and said whether it was justified."""


@attrs.frozen(kw_only=True)
class EmergencyAccess:
    """One provider's leave to read one patient's record, until an instant."""

    id: EmergencyAccessId
    practice_id: PracticeId
    version: int = 1
    status: EmergencyStatus = EmergencyStatus.OPEN
    user_id: UserId
    patient_id: PatientId
    reason: EmergencyReason
    text: str = phi(validator=prose(2_000, least=10))
    opened_at: datetime
    until: datetime
    review_due: datetime
    reviewed_by: UserId | None = None
    reviewed_at: datetime | None = None
    verdict: Verdict | None = None
    finding: str | None = phi(default=None)

    @classmethod
    def open(
        cls,
        id: EmergencyAccessId,
        practice_id: PracticeId,
        patient_id: PatientId,
        *,
        reason: EmergencyReason,
        text: str,
        minutes: int,
        review_hours: int,
        by: UserId,
        at: datetime,
    ) -> tuple[Self, EmergencyAccessOpened]:
        """Break the glass for so many minutes, to be reviewed within so many hours.

        Raises: Invalid for a reason in less than ten characters.
        """
        opened = cls(
            id=id,
            practice_id=practice_id,
            user_id=by,
            patient_id=patient_id,
            reason=reason,
            text=text,
            opened_at=at,
            until=at + timedelta(minutes=minutes),
            review_due=at + timedelta(hours=review_hours),
        )
        return opened, EmergencyAccessOpened(id, opened.version, by, at)

    def live(self, at: datetime) -> bool:
        """Whether the record is open to the provider at that instant: a review ends it, too."""
        return self.status is EmergencyStatus.OPEN and self.opened_at <= at < self.until

    def overdue(self, at: datetime) -> bool:
        """Whether nobody reviewed it in time."""
        return self.status is EmergencyStatus.OPEN and at >= self.review_due

    def review(
        self, verdict: Verdict, finding: str, *, by: UserId, at: datetime
    ) -> tuple[Self, EmergencyAccessReviewed]:
        """Say, as somebody else, whether it was justified; that closes it.

        Raises: NotYoursToDecide to whoever broke the glass; IllegalTransition; Invalid.
        """
        if by == self.user_id:
            raise NotYoursToDecide
        status = LIFECYCLE.after("review", self.status)
        prose(2_000)(self, attrs.fields(type(self)).finding, finding)
        reviewed = attrs.evolve(
            self,
            status=status,
            version=self.version + 1,
            reviewed_by=by,
            reviewed_at=at,
            verdict=verdict,
            finding=finding,
        )
        return reviewed, EmergencyAccessReviewed(self.id, reviewed.version, by, at)
