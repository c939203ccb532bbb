"""The life of a letter: its states, what happens to it, and what refuses to happen (F36, MSG-03,
MSG-08).
"""

from enum import StrEnum
from typing import ClassVar

import attrs

from telehealth_core.shared.event import Event
from telehealth_core.shared.lifecycle import Lifecycle
from telehealth_core.shared.refusal import Refusal


class LetterStatus(StrEnum):
    """Where the letter stands."""

    DRAFT = "draft"
    ISSUED = "issued"
    DELIVERED = "delivered"
    SUPERSEDED = "superseded"
    RECALLED = "recalled"


_S = LetterStatus
_OUT = frozenset({_S.ISSUED, _S.DELIVERED})
LIFECYCLE: Lifecycle[LetterStatus] = Lifecycle(
    "Letter",
    _S.DRAFT,
    {
        "issue": (frozenset({_S.DRAFT}), _S.ISSUED),
        "deliver": (frozenset({_S.ISSUED}), _S.DELIVERED),
        "acknowledge": (_OUT, None),
        "supersede": (_OUT, _S.SUPERSEDED),
        "recall": (_OUT, _S.RECALLED),
        "hide": (frozenset(LetterStatus), None),
    },
)


class RecallReason(StrEnum):
    """Why a letter is called back."""

    WRONG_RECIPIENT = "wrong-recipient"
    """It went, or was about to go, to somebody else: an incident to look into (MSG-03)."""
    WRONG_PATIENT = "wrong-patient"
    """It is about somebody else: an incident too."""
    WRONG_CONTENT = "wrong-content"
    """What it says is wrong and nothing takes its place."""
    CONSENT_WITHDRAWN = "consent-withdrawn"
    """The patient does not want it sent any more (CON-02)."""


class LetterDrafted(Event):
    """A clinician wrote a letter."""


class LetterIssued(Event):
    """A letter was issued; from now on nothing in it changes."""


class LetterDelivered(Event):
    """A letter went to its recipient."""


class LetterAcknowledged(Event):
    """The recipient said that they have it."""


class LetterSuperseded(Event):
    """A corrected letter took its place."""


@attrs.frozen
class LetterRecalled(Event):
    """It was called back: nobody reads it any more."""

    reason: RecallReason


class LetterHidden(Event):
    """It was hidden from guardians, or shown to them again (CHD-06)."""


class LetterGone(Refusal):
    """The letter was called back (MSG-03)."""

    code: ClassVar[str] = "letter-recalled"
    says: ClassVar[str] = "This letter was called back."


@attrs.frozen
class LetterRefused(Refusal):
    """A letter that may not be issued, or sent, so; `rules` names every rule that forbids it."""

    code: ClassVar[str] = "letter-refused"
    says: ClassVar[str] = "This letter cannot be issued so ({rules})."

    rules: str


class MayNotCertify(LetterRefused):
    """Sick notes are issued by certain professions only, whose register allows it (FIT-03, PRO-03);
    `rules` names every rule that forbids it, others included.
    """

    code: ClassVar[str] = "may-not-certify"
    says: ClassVar[str] = "This provider may not issue this sick note ({rules})."
