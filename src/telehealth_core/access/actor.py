"""Actors: whoever asks for something, in one practice, with roles; and how they stand to what they
ask about.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

import attrs

from telehealth_core.shared.ids import PartnerId, PatientId, PracticeId, ProviderId, UserId, derived
from telehealth_core.shared.phi import phi
from telehealth_core.shared.refusal import Invalid, Refusal
from telehealth_core.shared.text import prose


class Role(StrEnum):
    """What somebody is to the practice (F01, F02)."""

    PATIENT = "patient"
    PROVIDER = "provider"
    LIAISON = "liaison"
    PARTNER = "partner"
    ADMIN = "admin"
    VISITOR = "visitor"
    """Nobody signed in: may register and sign in."""
    SYSTEM = "system"
    """The practice's own machinery, acting on what happened: runs reactions."""


STAFF = frozenset({Role.LIAISON, Role.ADMIN, Role.SYSTEM})
"""The roles that stand in relation PRACTICE to everything of their practice."""


class Relation(StrEnum):
    """How an actor stands to one thing; computed from what is stored, never claimed."""

    SELF = "self"
    """It is about the actor."""
    GUARDIAN = "guardian"
    """It is about somebody whose live guardian the actor is (F10)."""
    TREATING = "treating"
    """The actor is the provider who gives, or gave, this care."""
    FOLLOWING = "following"
    """The actor's partner organisation referred the patient, and consent lasts (F51)."""
    FOLLOWS_DETAILS = "follows-details"
    """... and the consent covers who the patient is and how to reach them."""
    FOLLOWS_PROGRAM = "follows-program"
    """... and the consent covers the program and its progress."""
    FOLLOWS_SCORES = "follows-scores"
    """... and the consent covers the scores of questionnaires."""
    FOLLOWS_CHAT = "follows-chat"
    """... and the consent covers writing to each other."""
    EMERGENCY = "emergency"
    """The actor broke the glass to this patient's record, and the access lasts (N08)."""
    PRACTICE = "practice"
    """The actor is staff of the practice that it belongs to."""
    MEMBER = "member"
    """It is open to everybody signed in to the practice, or, for a visitor, to everybody."""


class Purpose(StrEnum):
    """What somebody uses a record for (ACC-05). Who treats, and the patient's side, need not say
    it: it follows from how they stand to the patient.
    """

    TREATMENT = "treatment"
    PAYMENT = "payment"
    OPERATIONS = "operations"
    PATIENT_REQUEST = "patient-request"
    EMERGENCY = "emergency"
    LEGAL = "legal"


class GuardianBasis(StrEnum):
    """What makes somebody a guardian (CHD-02)."""

    PARENTAL_RESPONSIBILITY = "parental-responsibility"
    LEGAL_GUARDIAN = "legal-guardian"
    COURT_ORDER = "court-order"


class GuardianshipDecision(StrEnum):
    """What somebody decided about a guardianship."""

    RENEWED = "renewed"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    ENDED = "ended"


@attrs.frozen
class GuardianshipDecided:
    """One decision about a guardianship, kept for good (CHD-04, CHD-08)."""

    decision: GuardianshipDecision
    by: UserId
    at: datetime
    reason: str = phi(validator=prose(2000))


@attrs.frozen
class Guardianship:
    """One adult's authority over a dependant's care, with its basis and the document that shows it
    (CHD-02), and what was decided about it since.
    """

    guardian: PatientId
    basis: GuardianBasis
    evidence: UUID
    since: datetime
    until: datetime | None = None
    suspended: bool = False
    ended: bool = False
    decisions: tuple[GuardianshipDecided, ...] = ()

    def live(self, at: datetime) -> bool:
        """Whether the authority holds at that instant."""
        stopped = self.suspended or self.ended
        return not stopped and self.since <= at and (self.until is None or at < self.until)


class FollowScope(StrEnum):
    """What a patient lets a partner follow (F51)."""

    DETAILS = "details"
    PROGRAM = "program"
    SCORES = "scores"
    CHAT = "chat"


@attrs.frozen
class Following:
    """A partner organisation's leave to follow a patient it referred, as far and as long as the
    consent goes (F51).
    """

    partner_id: PartnerId
    referral: UUID
    since: datetime
    until: datetime
    scope: frozenset[FollowScope] = frozenset(FollowScope)

    def live(self, at: datetime) -> bool:
        """Whether the consent lasts at that instant."""
        return self.since <= at < self.until


@attrs.frozen
class Ties:
    """Everybody who stands in a lasting relation to one patient: kept with the patient, read for
    every decision.
    """

    patient_id: PatientId
    guardians: tuple[Guardianship, ...] = ()
    partners: tuple[Following, ...] = ()

    def ends_of(self, actor: "Actor", at: datetime) -> tuple[datetime, ...]:
        """When the actor's ties that are live at that instant end, as far as that is known."""
        own: tuple[Guardianship | Following, ...] = (
            *(one for one in self.guardians if one.guardian == actor.patient_id),
            *(one for one in self.partners if one.partner_id == actor.partner_id),
        )
        return tuple(one.until for one in own if one.until is not None and one.live(at))


@attrs.frozen
class StepUpNeeded(Refusal):
    """What is asked for needs a fresh proof of who asks: the password, given once more (AUT-11)."""

    code: ClassVar[str] = "step-up-needed"
    says: ClassVar[str] = "Prove again who you are; a proof counts for {minutes} minutes."

    minutes: int


@attrs.frozen
class Actor:
    """Somebody acting in one practice.

    `patient_id`, `provider_id` and `partner_id` say whom the account stands for, where it stands
    for anybody; `proven_at` is when they last proved who they are. What they ask now comes with the
    `purpose` they say it is for (ACC-05) and an opaque id of the `request` (AUD-02).
    """

    id: UserId
    practice_id: PracticeId
    roles: frozenset[Role]
    patient_id: PatientId | None = None
    provider_id: ProviderId | None = None
    partner_id: PartnerId | None = None
    proven_at: datetime | None = attrs.field(default=None, eq=False)
    purpose: Purpose | None = attrs.field(default=None, eq=False)
    request: UUID | None = attrs.field(default=None, eq=False)

    @classmethod
    def visitor(cls, practice_id: PracticeId) -> Self:
        """Whoever has not signed in."""
        return cls(UserId(derived(practice_id, "visitor")), practice_id, frozenset({Role.VISITOR}))

    @classmethod
    def system(cls, practice_id: PracticeId) -> Self:
        """The practice's own machinery."""
        return cls(UserId(derived(practice_id, "system")), practice_id, frozenset({Role.SYSTEM}))

    def as_patient(self) -> PatientId:
        """The patient this account stands for.

        Raises: Invalid if it stands for none.
        """
        if self.patient_id is None:
            raise Invalid("patient_id", "this account stands for no patient; name one")
        return self.patient_id

    def require_fresh(self, at: datetime, minutes: int) -> None:
        """Refuse whoever proved who they are too long ago (AUT-11).

        Raises: StepUpNeeded.
        """
        if self.proven_at is None or at - self.proven_at > timedelta(minutes=minutes):
            raise StepUpNeeded(minutes)

    def as_provider(self) -> ProviderId:
        """The provider this account stands for.

        Raises: Invalid if it stands for none.
        """
        if self.provider_id is None:
            raise Invalid("provider_id", "this account stands for no provider")
        return self.provider_id

    def as_partner(self) -> PartnerId:
        """The partner organisation this account stands for.

        Raises: Invalid if it stands for none.
        """
        if self.partner_id is None:
            raise Invalid("partner_id", "this account stands for no partner organisation")
        return self.partner_id


_FOLLOWS = {
    FollowScope.DETAILS: Relation.FOLLOWS_DETAILS,
    FollowScope.PROGRAM: Relation.FOLLOWS_PROGRAM,
    FollowScope.SCORES: Relation.FOLLOWS_SCORES,
    FollowScope.CHAT: Relation.FOLLOWS_CHAT,
}


class Standing(frozenset[Relation]):
    """Relations to one thing, which remember the patient whom it concerns: for the audit alone."""

    patient_id: PatientId | None = None


def relations(
    actor: Actor,
    ties: Ties | None = None,
    *,
    provider_id: ProviderId | None = None,
    at: datetime | None = None,
    hidden: bool = False,
    emergency: bool = False,
) -> frozenset[Relation]:
    """How the actor stands to a thing of their own practice that concerns this patient and this
    provider.

    Without `ties` the thing concerns no patient. Guardianship and partner consent count only while
    live `at`; a guardian stands in no relation to what a clinician has `hidden` from guardians
    (CHD-06). `emergency` says that the actor's emergency access to the patient lasts (N08).
    """
    found = {Relation.MEMBER}
    if actor.roles & STAFF:
        found.add(Relation.PRACTICE)
    if provider_id is not None and provider_id == actor.provider_id:
        found.add(Relation.TREATING)
    if emergency:
        found.add(Relation.EMERGENCY)
    if ties is None:
        return Standing(found)
    assert at is not None, "whether a tie is live depends on the instant"
    standing = Standing(found | _tied(actor, ties, at, hidden=hidden))
    standing.patient_id = ties.patient_id
    return standing


def _tied(actor: Actor, ties: Ties, at: datetime, *, hidden: bool) -> set[Relation]:
    """How the actor stands to the patient themselves."""
    found = {Relation.SELF} if ties.patient_id == actor.patient_id else set()
    guardians = () if hidden else ties.guardians
    if any(tie.guardian == actor.patient_id and tie.live(at) for tie in guardians):
        found.add(Relation.GUARDIAN)
    for tie in ties.partners:
        if tie.partner_id == actor.partner_id and tie.live(at):
            found |= {Relation.FOLLOWING, *(_FOLLOWS[one] for one in tie.scope)}
    return found
