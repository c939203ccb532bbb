"""Guardianship over time: until when it holds at which age, what ends it, and how a dependant who
has grown up takes over their record (CHD-04, CHD-08, CHD-12).
"""

import hashlib
from datetime import datetime, timedelta
from typing import Any, ClassVar

import attrs

from telehealth_core.access.actor import (
    Guardianship,
    GuardianshipDecided,
    GuardianshipDecision,
)
from telehealth_core.jurisdictions.ages import Guardians
from telehealth_core.jurisdictions.pack import Jurisdiction
from telehealth_core.registration.profile import Profile
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import PatientId, UserId
from telehealth_core.shared.phi import phi
from telehealth_core.shared.refusal import Refusal, Unknown
from telehealth_core.shared.text import prose

HANDOVER_DAYS = 14
"""How long the invitation to take over one's record counts."""


class GuardianshipRenewed(Event):
    """A guardian may act for the patient further on."""


class GuardianshipSuspended(Event):
    """A guardian may not act for the patient at present; nobody is told (CHD-08)."""


class GuardianshipResumed(Event):
    """A guardian may act for the patient again."""


class GuardianshipEnded(Event):
    """A guardian may never again act for the patient on this basis."""


DECISIONS: dict[GuardianshipDecision, type[Event]] = {
    GuardianshipDecision.RENEWED: GuardianshipRenewed,
    GuardianshipDecision.SUSPENDED: GuardianshipSuspended,
    GuardianshipDecision.RESUMED: GuardianshipResumed,
    GuardianshipDecision.ENDED: GuardianshipEnded,
}
"""What is told of each decision."""


class HandoverOffered(Event):
    """A dependant who has grown up was invited to take over their record."""


class RecordTakenOver(Event):
    """A dependant who has grown up has an account of their own, and nobody acts for them."""


class GuardianshipOver(Refusal):
    """It ended for good, by age or by decision: another needs its own basis and evidence."""

    code: ClassVar[str] = "guardianship-over"
    says: ClassVar[str] = "This guardianship is over."


@attrs.frozen
class TooYoung(Refusal):
    """An account of one's own comes with the age of agreeing to treatment alone (CHD-12)."""

    code: ClassVar[str] = "too-young"
    says: ClassVar[str] = "The patient has to be {years} or older."

    years: int


@attrs.frozen
class Handover:
    """An invitation to take over one's record: what is kept of its secret, who gave it, how they
    made sure who it is, and until when it counts.
    """

    digest: str = attrs.field(repr=False)
    by: UserId
    until: datetime
    reason: str = phi(validator=prose(2000))


def offered(invitation: str, *, reason: str, by: UserId, at: datetime) -> Handover:
    """An invitation under this caller-minted secret, which is not kept."""
    return Handover(secret_digest(invitation), by, at + timedelta(days=HANDOVER_DAYS), reason)


def secret_digest(invitation: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(invitation.encode()).hexdigest()


def holds_until(pack: Jurisdiction, profile: Profile, at: datetime) -> datetime:
    """Until when a guardian may act on what lets them act at the patient's present age: the first
    instant of the first birthday that asks for something else (CHD-04, CHD-12).
    """
    now = profile.band(pack, at)
    later = (
        band
        for band in pack.age_bands
        if band.least > now.least and band.guardians != now.guardians
    )
    following = next(later, None)
    return at if following is None else profile.turns(following.least)


def begins_until(pack: Jurisdiction, profile: Profile, at: datetime) -> datetime:
    """Until when a new guardian may act: not at all before somebody decides so, where at that age
    somebody has to (CHD-04).
    """
    acts = profile.band(pack, at).guardians is Guardians.ACT
    return holds_until(pack, profile, at) if acts else at


def at_most(
    guardians: tuple[Guardianship, ...], until: datetime | None
) -> tuple[Guardianship, ...]:
    """The guardians, none of whom may act longer than that."""
    if until is None:
        return guardians
    return tuple(attrs.evolve(tie, until=min(tie.until or until, until)) for tie in guardians)


def decided(
    guardians: tuple[Guardianship, ...],
    guardian: PatientId,
    noted: GuardianshipDecided,
    **changes: Any,
) -> tuple[Guardianship, ...]:
    """The guardians, after a decision about one of them; `changes` is the `until` of a renewal.

    Raises: Unknown if that is none; GuardianshipOver.
    """
    tie = next((one for one in guardians if one.guardian == guardian), None)
    if tie is None:
        raise Unknown("guardianship", guardian)
    if tie.ended:
        raise GuardianshipOver
    decision, decisions = noted.decision, (*tie.decisions, noted)
    if decision in {GuardianshipDecision.SUSPENDED, GuardianshipDecision.RESUMED}:
        changes["suspended"] = decision is GuardianshipDecision.SUSPENDED
    ended = decision is GuardianshipDecision.ENDED
    changed = attrs.evolve(tie, decisions=decisions, ended=ended, **changes)
    return tuple(changed if one is tie else one for one in guardians)
