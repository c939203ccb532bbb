"""The referral: a partner sends a client; accepted, it becomes an invitation to register without
retyping (F49, F50).
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Self

import attrs

from telehealth_core.access.actor import Following, FollowScope
from telehealth_core.registration.patient import Profile
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import PartnerId, PatientId, PracticeId, ReferralId, UserId
from telehealth_core.shared.lifecycle import Lifecycle
from telehealth_core.shared.phi import phi
from telehealth_core.shared.refusal import Invalid, Refusal
from telehealth_core.shared.text import line, prose

INVITATION_DAYS = 30


class ReferralStatus(StrEnum):
    """Where the referral stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    """The client is invited to register."""
    ENROLLED = "enrolled"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


_S = ReferralStatus
LIFECYCLE: Lifecycle[ReferralStatus] = Lifecycle(
    "Referral",
    _S.DRAFT,
    {
        "revise": (frozenset({_S.DRAFT}), None),
        "submit": (frozenset({_S.DRAFT}), _S.SUBMITTED),
        "accept": (frozenset({_S.SUBMITTED}), _S.ACCEPTED),
        "enrol": (frozenset({_S.ACCEPTED}), _S.ENROLLED),
        "decline": (frozenset({_S.SUBMITTED}), _S.DECLINED),
        "withdraw": (frozenset({_S.DRAFT, _S.SUBMITTED, _S.ACCEPTED}), _S.WITHDRAWN),
    },
)


class ReferralDrafted(Event):
    """A partner wrote down, or rewrote, whom it means to refer."""


class ReferralSubmitted(Event):
    """A partner referred a client."""


class ReferralAccepted(Event):
    """The practice invites the client to register."""


class ReferralEnrolled(Event):
    """The client registered."""


class ReferralDeclined(Event):
    """The practice cannot take the client."""


class ReferralWithdrawn(Event):
    """The partner took the referral back; an invitation is void."""


class InvitationExpired(Refusal):
    """An invitation can be used for some weeks only."""

    code: ClassVar[str] = "invitation-expired"
    says: ClassVar[str] = "This invitation has expired; ask the practice for a new one."


@attrs.frozen(kw_only=True)
class Referral:
    """One client of a partner on the way to becoming a patient.

    `invitation` is a secret that only the client gets; it is forgotten once used.
    """

    id: ReferralId
    practice_id: PracticeId
    version: int = 1
    status: ReferralStatus = LIFECYCLE.initial
    partner_id: PartnerId
    client: Profile = phi()
    reason: str = phi(validator=prose(2000))
    drafted_at: datetime
    submitted_at: datetime | None = None
    invitation: str | None = phi(
        default=None, validator=attrs.validators.optional(line(200, least=12))
    )
    invited_at: datetime | None = None
    patient_id: PatientId | None = None
    closed_because: str | None = phi(default=None, validator=attrs.validators.optional(prose(1000)))

    def __attrs_post_init__(self) -> None:
        if self.client.email is None:
            raise Invalid("client.email", "needed for the invitation")

    def without_invitation(self) -> Self:
        """The referral as everybody but the client may see it."""
        return attrs.evolve(self, invitation=None)

    def drafted(self, *, by: UserId) -> ReferralDrafted:
        """The event that a new referral begins with."""
        return ReferralDrafted(self.id, self.version, by, self.drafted_at)

    def revise(
        self, client: Profile, reason: str, *, by: UserId, at: datetime
    ) -> tuple[Self, ReferralDrafted]:
        """The draft, written anew.

        Raises: IllegalTransition once submitted; Invalid.
        """
        status = LIFECYCLE.after("revise", self.status)
        revised = attrs.evolve(
            self, version=self.version + 1, status=status, client=client, reason=reason
        )
        return revised, ReferralDrafted(self.id, revised.version, by, at)

    def submit(self, *, by: UserId, at: datetime) -> tuple[Self, ReferralSubmitted]:
        """Send it to the practice (F49).

        Raises: IllegalTransition unless a draft.
        """
        status = LIFECYCLE.after("submit", self.status)
        sent = attrs.evolve(self, version=self.version + 1, status=status, submitted_at=at)
        return sent, ReferralSubmitted(self.id, sent.version, by, at)

    def withdraw(self, reason: str, *, by: UserId, at: datetime) -> tuple[Self, ReferralWithdrawn]:
        """Take it back before the client registered; an invitation is void from now on.

        Raises: IllegalTransition; Invalid.
        """
        withdrawn = self._closed("withdraw", reason)
        return withdrawn, ReferralWithdrawn(self.id, withdrawn.version, by, at)

    def accept(self, invitation: str, *, by: UserId, at: datetime) -> tuple[Self, ReferralAccepted]:
        """Invite the client to register (F50).

        Raises: IllegalTransition unless submitted.
        """
        accepted = attrs.evolve(
            self,
            version=self.version + 1,
            status=LIFECYCLE.after("accept", self.status),
            invitation=invitation,
            invited_at=at,
        )
        return accepted, ReferralAccepted(self.id, accepted.version, by, at)

    def decline(self, reason: str, *, by: UserId, at: datetime) -> tuple[Self, ReferralDeclined]:
        """Say that the practice cannot take the client, with the reason.

        Raises: IllegalTransition unless submitted; Invalid.
        """
        declined = self._closed("decline", reason)
        return declined, ReferralDeclined(self.id, declined.version, by, at)

    def enrol(
        self, patient_id: PatientId, *, by: UserId, at: datetime
    ) -> tuple[Self, ReferralEnrolled]:
        """The client registered as this patient; the invitation is used up (F50).

        Raises: InvitationExpired; IllegalTransition unless accepted.
        """
        status = LIFECYCLE.after("enrol", self.status)
        if self.invited_at is None or at >= self.invited_at + timedelta(days=INVITATION_DAYS):
            raise InvitationExpired
        enrolled = attrs.evolve(
            self, version=self.version + 1, status=status, patient_id=patient_id, invitation=None
        )
        return enrolled, ReferralEnrolled(self.id, enrolled.version, by, at)

    def following(
        self, *, since: datetime, days: int, days_most: int, scope: frozenset[FollowScope]
    ) -> Following:
        """The leave to follow that the client gives the partner, as far as `scope` goes (F51).

        Raises: Invalid.
        """
        if not 1 <= days <= days_most:
            raise Invalid("consent_days", f"between 1 and {days_most}")
        if not scope:
            raise Invalid("consent_scope", "at least one of details, program, scores, chat")
        until = since + timedelta(days=days)
        return Following(self.partner_id, self.id, since, until, scope)

    def _closed(self, verb: str, reason: str) -> Self:
        status = LIFECYCLE.after(verb, self.status)
        return attrs.evolve(
            self,
            version=self.version + 1,
            status=status,
            closed_because=reason,
            invitation=None,
        )
