"""The patient: a person the practice cares for, with a profile, an identity status, and everybody
tied to them.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Self

import attrs

from telehealth_core.access.actor import (
    Following,
    Guardianship,
    GuardianshipDecided,
    GuardianshipDecision,
    Ties,
)
from telehealth_core.registration.guardianship import (
    DECISIONS,
    Handover,
    HandoverOffered,
    RecordTakenOver,
    at_most,
    decided,
    offered,
    secret_digest,
)
from telehealth_core.registration.matching import document_key, match_keys, of_document
from telehealth_core.registration.profile import (
    ADULT_YEARS,
    OLDEST_YEARS,
    Address,
    Gender,
    Identifier,
    MaritalStatus,
    Profile,
)
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import PartnerId, PatientId, PracticeId, UserId
from telehealth_core.shared.lifecycle import Lifecycle
from telehealth_core.shared.phi import phi
from telehealth_core.shared.refusal import Refusal, Unknown
from telehealth_core.shared.text import prose

__all__ = [
    "ADULT_YEARS",
    "LIFECYCLE",
    "OLDEST_YEARS",
    "Address",
    "DocumentNumberNoted",
    "Gender",
    "Identifier",
    "MaritalStatus",
    "NotVerified",
    "PartnerTied",
    "PartnersUntied",
    "Patient",
    "PatientClosed",
    "PatientRegistered",
    "PatientReinstated",
    "PatientStatus",
    "PatientSuspended",
    "PatientVerified",
    "Profile",
    "ProfileCompleted",
    "ProfileIncomplete",
    "VerificationReopened",
]


class PatientStatus(StrEnum):
    """Where a patient stands in the registration (F05, F08)."""

    REGISTERING = "registering"
    VERIFIED = "verified"
    SUSPENDED = "suspended"
    CLOSED = "closed"


_ACTIVE = frozenset({PatientStatus.REGISTERING, PatientStatus.VERIFIED})
_HERE = _ACTIVE | {PatientStatus.SUSPENDED}
_SUSPENDED = frozenset({PatientStatus.SUSPENDED})

LIFECYCLE: Lifecycle[PatientStatus] = Lifecycle(
    "Patient",
    PatientStatus.REGISTERING,
    {
        "complete_profile": (_ACTIVE, None),
        "verify": (_ACTIVE, PatientStatus.VERIFIED),
        "reopen": (_ACTIVE, PatientStatus.REGISTERING),
        "note_document": (_HERE, None),
        "tie": (_ACTIVE, None),
        "untie": (_HERE, None),
        "decide_guardian": (_HERE, None),
        "offer_handover": (_ACTIVE, None),
        "take_over": (_ACTIVE, PatientStatus.REGISTERING),
        "suspend": (_ACTIVE, PatientStatus.SUSPENDED),
        "readmit": (_SUSPENDED, PatientStatus.REGISTERING),
        "reinstate": (_SUSPENDED, PatientStatus.VERIFIED),
        "close": (_HERE, PatientStatus.CLOSED),
    },
)


class PatientRegistered(Event):
    """Somebody began to register, or was registered by a guardian or by staff."""


class ProfileCompleted(Event):
    """The patient's profile was written or changed."""


class PatientVerified(Event):
    """The practice knows who the patient is."""


class VerificationReopened(Event):
    """What the practice knew of the patient has changed: it asks again who they are (IDV-10)."""


class DocumentNumberNoted(Event):
    """A reviewer entered the number of the patient's document."""


class PatientSuspended(Event):
    """Staff stopped the patient from doing anything for the time being."""


class PatientReinstated(Event):
    """Staff let the patient go on."""


class PatientClosed(Event):
    """The patient left, or staff closed the record; it is kept."""


class PartnerTied(Event):
    """A partner organisation may follow the patient while consent lasts."""


class PartnersUntied(Event):
    """The patient lets no partner follow any more."""


@attrs.frozen
class PartnerUntied(Event):
    """A partner organisation may not follow the patient any more."""

    partner_id: PartnerId


class NotVerified(Refusal):
    """Until verified a patient can do nothing but finish registration (F05, IDV-01)."""

    code: ClassVar[str] = "not-verified"
    says: ClassVar[str] = (
        "The patient's identity is not verified yet; finish the registration first."
    )


@attrs.frozen
class PatientNotActive(Refusal):
    """A suspended or closed patient books and does nothing that is for verified patients (F12)."""

    code: ClassVar[str] = "patient-not-active"
    says: ClassVar[str] = "The patient is {status} here; ask the practice."

    status: str


class ProfileIncomplete(Refusal):
    """The profile must be complete first (F08)."""

    code: ClassVar[str] = "profile-incomplete"
    says: ClassVar[str] = "Complete the profile first."


@attrs.frozen(kw_only=True)
class Patient:
    """A person the practice cares for.

    A dependant is a patient of their own, with `guardians` who act for them (F09, CHD-02);
    `partners` are the organisations that referred the patient and may follow while consent lasts
    (F51).
    """

    id: PatientId
    practice_id: PracticeId
    version: int = 1
    status: PatientStatus = LIFECYCLE.initial
    profile: Profile | None = phi(default=None)
    identifiers: tuple[Identifier, ...] = phi(default=())
    guardians: tuple[Guardianship, ...] = ()
    partners: tuple[Following, ...] = ()
    verified_until: datetime | None = None
    reason: str | None = phi(default=None, validator=attrs.validators.optional(prose(2000)))
    """Why staff suspended or closed it."""
    handover: Handover | None = None
    match_keys: frozenset[str] = phi(default=frozenset())
    """By what it may be the same person as another record (IDV-03)."""
    registered_at: datetime

    @classmethod
    def register(cls, *, by: UserId, **fields: Any) -> tuple[Self, PatientRegistered]:
        """A new patient; see the class for the fields.

        Raises: Invalid.
        """
        patient = cls(**fields)
        keys = match_keys(patient.practice_id, patient.profile, patient.identifiers)
        patient = attrs.evolve(patient, match_keys=keys)
        if patient.profile is not None:
            patient.profile.require_born(patient.registered_at)
        return patient, PatientRegistered(patient.id, patient.version, by, patient.registered_at)

    def same_dependant(self, other: Self) -> bool:
        """Whether the other is a repeat of the request that registered this dependant."""
        ours, theirs = (
            (one.profile, [(tie.guardian, tie.basis, tie.evidence) for tie in one.guardians])
            for one in (self, other)
        )
        return ours == theirs

    @property
    def ties(self) -> Ties:
        """Everybody in a lasting relation to this patient."""
        return Ties(self.id, self.guardians, self.partners)

    @property
    def known(self) -> Profile:
        """The profile.

        Raises: ProfileIncomplete if there is none yet.
        """
        if self.profile is None:
            raise ProfileIncomplete
        return self.profile

    def require_profile(self) -> None:
        """Refuse what needs a finished profile (F08).

        Raises: ProfileIncomplete.
        """
        if self.known.missing():
            raise ProfileIncomplete

    def complete_profile(
        self,
        profile: Profile,
        *,
        by: UserId,
        at: datetime,
        guardians_until: datetime | None = None,
    ) -> tuple[Self, ProfileCompleted]:
        """The patient with this profile. Changing name or birth date later reopens verification
        (IDV-10); `guardians_until` is the most that guardians may act at the age it tells (CHD-04).

        Raises: Invalid for an impossible birth date; IllegalTransition if suspended or closed.
        """
        status = LIFECYCLE.after("complete_profile", self.status)
        profile.require_born(at)
        until = self.verified_until
        if self.profile is not None and profile.identity != self.profile.identity:
            status, until = LIFECYCLE.after("reopen", status), None
        keys = match_keys(self.practice_id, profile, self.identifiers)
        changed = attrs.evolve(
            self,
            version=self.version + 1,
            status=status,
            profile=profile,
            verified_until=until,
            guardians=at_most(self.guardians, guardians_until),
            match_keys=keys | frozenset(filter(of_document, self.match_keys)),
        )
        return changed, ProfileCompleted(self.id, changed.version, by, at)

    def verify(
        self, *, until: datetime | None, by: UserId, at: datetime
    ) -> tuple[Self, PatientVerified]:
        """The patient, known to the practice until the check expires (F05, F07).

        Raises: ProfileIncomplete; IllegalTransition.
        """
        changed = self._after("verify", verified_until=until)
        self.require_profile()
        return changed, PatientVerified(self.id, changed.version, by, at)

    def reopen(self, *, by: UserId, at: datetime) -> tuple[Self, VerificationReopened]:
        """The patient, whose identity has to be checked anew (IDV-10)."""
        changed = self._after("reopen", verified_until=None)
        return changed, VerificationReopened(self.id, changed.version, by, at)

    def note_document(
        self, digest: str, *, by: UserId, at: datetime
    ) -> tuple[Self, DocumentNumberNoted]:
        """The patient, with what is kept of their document's number (IDV-03)."""
        keys = self.match_keys | {document_key(self.practice_id, digest)}
        changed = self._after("note_document", match_keys=keys)
        return changed, DocumentNumberNoted(self.id, changed.version, by, at)

    def suspend(self, reason: str, *, by: UserId, at: datetime) -> tuple[Self, PatientSuspended]:
        """The patient, kept from doing anything that only verified patients do (F12).

        Raises: IllegalTransition; Invalid without a reason.
        """
        changed = self._after("suspend", reason=reason)
        return changed, PatientSuspended(self.id, changed.version, by, at)

    def reinstate(self, *, by: UserId, at: datetime) -> tuple[Self, PatientReinstated]:
        """The patient as they were before: verified, or still registering."""
        verb = "readmit" if self.verified_until is None else "reinstate"
        changed = self._after(verb, reason=None)
        return changed, PatientReinstated(self.id, changed.version, by, at)

    def close(self, reason: str, *, by: UserId, at: datetime) -> tuple[Self, PatientClosed]:
        """The patient, of whom only the record stays (F12).

        Raises: IllegalTransition; Invalid without a reason.
        """
        changed = self._after("close", reason=reason)
        return changed, PatientClosed(self.id, changed.version, by, at)

    def decide_guardian(
        self,
        guardian: PatientId,
        decision: GuardianshipDecision,
        *,
        reason: str,
        by: UserId,
        at: datetime,
        **changes: Any,
    ) -> tuple[Self, Event]:
        """The patient, after a guardianship was renewed (with the new `until`), suspended, resumed
        or ended (CHD-04, CHD-08).

        Raises: Unknown; GuardianshipOver; Invalid without a reason.
        """
        noted = GuardianshipDecided(decision, by, at, reason)
        guardians = decided(self.guardians, guardian, noted, **changes)
        changed = self._after("decide_guardian", guardians=guardians)
        return changed, DECISIONS[decision](self.id, changed.version, by, at)

    def offer_handover(
        self, invitation: str, *, reason: str, by: UserId, at: datetime
    ) -> tuple[Self, HandoverOffered]:
        """The patient, invited under this secret to take over their record (CHD-12)."""
        handover = offered(invitation, reason=reason, by=by, at=at)
        changed = self._after("offer_handover", handover=handover)
        return changed, HandoverOffered(self.id, changed.version, by, at)

    def take_over(
        self, invitation: str, *, by: UserId, at: datetime
    ) -> tuple[Self, RecordTakenOver]:
        """The patient, who acts alone from now on: no guardian does, and the practice asks again
        who they are (CHD-12).

        Raises: Unknown for a false, used or outdated invitation.
        """
        offer = self.handover
        if offer is None or offer.digest != secret_digest(invitation) or offer.until <= at:
            raise Unknown("invitation")
        guardians = tuple(attrs.evolve(tie, ended=True) for tie in self.guardians)
        changed = self._after("take_over", handover=None, guardians=guardians, verified_until=None)
        return changed, RecordTakenOver(self.id, changed.version, by, at)

    def tie_partner(
        self, following: Following, *, by: UserId, at: datetime
    ) -> tuple[Self, PartnerTied]:
        """The patient, followed by the referring partner as long as they consented (F51)."""
        others = tuple(
            attrs.evolve(tie, until=at)
            if tie.partner_id == following.partner_id and tie.live(at)
            else tie
            for tie in self.partners
        )
        changed = self._after("tie", partners=(*others, following))
        return changed, PartnerTied(self.id, changed.version, by, at)

    def untie_partners(self, *, by: UserId, at: datetime) -> tuple[Self, PartnersUntied]:
        """The patient, whom no partner follows from now on (CON-02)."""
        partners = tuple(attrs.evolve(tie, until=min(tie.until, at)) for tie in self.partners)
        changed = self._after("untie", partners=partners)
        return changed, PartnersUntied(self.id, changed.version, by, at)

    def untie_partner(
        self, partner_id: PartnerId, *, by: UserId, at: datetime
    ) -> tuple[Self, PartnerUntied]:
        """The patient, followed by this partner no more from now on; that it once was stays known
        (ACC-14).

        Raises: Unknown unless the partner follows at that instant.
        """
        if not self.followed_by(partner_id, at):
            raise Unknown("following", partner_id)
        ties = tuple(
            attrs.evolve(tie, until=at) if tie.partner_id == partner_id and tie.live(at) else tie
            for tie in self.partners
        )
        changed = self._after("untie", partners=ties)
        return changed, PartnerUntied(self.id, changed.version, by, at, partner_id)

    def is_verified(self, at: datetime) -> bool:
        """Whether the practice knows at that instant who this is (IDV-01)."""
        return self.status is PatientStatus.VERIFIED and (
            self.verified_until is None or at < self.verified_until
        )

    def require_verified(self, at: datetime) -> None:
        """Refuse whatever only verified patients can do.

        Raises: PatientNotActive while suspended or closed; NotVerified.
        """
        if self.status in {PatientStatus.SUSPENDED, PatientStatus.CLOSED}:
            raise PatientNotActive(self.status.value)
        if not self.is_verified(at):
            raise NotVerified

    def followed_by(self, partner_id: PartnerId, at: datetime) -> bool:
        """Whether this partner may follow the patient at that instant."""
        return any(tie.partner_id == partner_id and tie.live(at) for tie in self.partners)

    def _after(self, verb: str, **changes: Any) -> Self:
        status = LIFECYCLE.after(verb, self.status)
        return attrs.evolve(self, version=self.version + 1, status=status, **changes)
