"""Consent: what a patient, or somebody in their place, agreed to or refused, and when they took it
back (CON-01).
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Self

import attrs

from telehealth_core.practice.consent_text import ConsentPurpose, ConsentText
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import ConsentId, PatientId, PracticeId, UserId
from telehealth_core.shared.lifecycle import Lifecycle
from telehealth_core.shared.phi import phi
from telehealth_core.shared.refusal import Invalid, Refusal
from telehealth_core.shared.text import prose


class ConsentStatus(StrEnum):
    """What became of an answer."""

    GIVEN = "given"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


LIFECYCLE: Lifecycle[ConsentStatus] = Lifecycle(
    "Consent",
    ConsentStatus.GIVEN,
    {"withdraw": (frozenset({ConsentStatus.GIVEN}), ConsentStatus.WITHDRAWN)},
)


class ConsentBasis(StrEnum):
    """On which authority an answer was given; worked out, never claimed."""

    OWN = "own"
    """The patient's own."""
    GUARDIAN = "guardian"
    """A guardian's, in the patient's place."""
    CLINICIAN_RECORDED = "clinician-recorded"
    """Said to a clinician, who wrote it down."""


class ConsentChannel(StrEnum):
    """Where the answer was given."""

    ONLINE = "online"
    VISIT = "visit"
    TELEPHONE = "telephone"
    PAPER = "paper"


class ConsentGiven(Event):
    """Somebody agreed."""


class ConsentRefused(Event):
    """Somebody was asked and did not agree."""


class ConsentWithdrawn(Event):
    """Somebody took their agreement back."""


@attrs.frozen
class ConsentTextChanged(Refusal):
    """Another text is asked by now: only what was shown can be answered (CON-01)."""

    code: ClassVar[str] = "consent-text-changed"
    says: ClassVar[str] = "The text for {purpose} is another one by now; show it and ask again."

    purpose: str


@attrs.frozen(kw_only=True)
class Consent:
    """One answer to one text, kept for good: the only thing that can happen to it is that it is
    withdrawn (CON-01, CON-02).

    `text_hash` names the words that were shown and `region` the state they are for, if for one;
    `explanation` is what was explained to somebody who refused (CON-03).
    """

    id: ConsentId
    practice_id: PracticeId
    version: int = 1
    status: ConsentStatus = LIFECYCLE.initial
    patient_id: PatientId
    given_by: UserId
    basis: ConsentBasis
    purpose: ConsentPurpose
    text_hash: str
    region: str | None = None
    channel: ConsentChannel
    given: bool
    explanation: str | None = phi(default=None, validator=attrs.validators.optional(prose(2000)))
    at: datetime
    withdrawn_at: datetime | None = None

    def __attrs_post_init__(self) -> None:
        if self.given and self.explanation is not None:
            raise Invalid("explanation", "for a refusal only")
        recorded = self.basis is ConsentBasis.CLINICIAN_RECORDED
        if recorded and not self.given and self.explanation is None:
            raise Invalid("explanation", "what was explained to whoever refused")

    @classmethod
    def answer(
        cls, text: ConsentText, *, given: bool, by: UserId, at: datetime, **fields: Any
    ) -> tuple[Self, ConsentGiven | ConsentRefused]:
        """A new answer to this text; see the class for the other fields.

        Raises: Invalid.
        """
        consent = cls(
            status=ConsentStatus.GIVEN if given else ConsentStatus.REFUSED,
            given_by=by,
            purpose=text.purpose,
            text_hash=text.hash,
            region=text.region,
            given=given,
            at=at,
            **fields,
        )
        happened = ConsentGiven if given else ConsentRefused
        return consent, happened(consent.id, consent.version, by, at)

    def withdraw(self, *, by: UserId, at: datetime) -> tuple[Self, ConsentWithdrawn]:
        """The answer, taken back: it counts no longer from this instant on (CON-02).

        Raises: IllegalTransition unless it was a yes that still stands.
        """
        status = LIFECYCLE.after("withdraw", self.status)
        changed = attrs.evolve(self, version=self.version + 1, status=status, withdrawn_at=at)
        return changed, ConsentWithdrawn(self.id, changed.version, by, at)

    def stands(self, at: datetime) -> bool:
        """Whether it is a yes that nobody had taken back at that instant."""
        withdrawn = self.withdrawn_at is not None and self.withdrawn_at <= at
        return self.given and self.at <= at and not withdrawn


def standing_consent(
    consents: Iterable[Consent],
    purpose: ConsentPurpose,
    at: datetime,
    *,
    text_hash: str | None = None,
    region: str | None = None,
) -> Consent | None:
    """The yes that counts at that instant; None if there is none, so that somebody has to ask.

    Only the newest answer for purpose and region counts (`region` None is the text for everywhere):
    a later no ends an earlier yes. With `text_hash` it must be an answer to those very words.
    """
    answers = (
        one for one in consents if one.purpose is purpose and one.region == region and one.at <= at
    )
    newest = max(answers, key=lambda one: (one.at, one.id), default=None)
    if newest is None or not newest.stands(at):
        return None
    return newest if text_hash in {None, newest.text_hash} else None
