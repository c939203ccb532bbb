"""The life of a prescription: its states, what happens to it, and what refuses to happen (F35,
RXC-02).
"""

from datetime import date
from enum import StrEnum
from typing import ClassVar

import attrs

from telehealth_core.shared.event import Event
from telehealth_core.shared.lifecycle import Lifecycle
from telehealth_core.shared.refusal import Refusal


class PrescriptionStatus(StrEnum):
    """Where the prescription stands."""

    DRAFT = "draft"
    ACTIVE = "active"
    """Signed."""
    SENT = "sent"
    DISPENSED = "dispensed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


_S = PrescriptionStatus
_ANY = frozenset(PrescriptionStatus)
LIFECYCLE: Lifecycle[PrescriptionStatus] = Lifecycle(
    "Prescription",
    _S.DRAFT,
    {
        "edit": (frozenset({_S.DRAFT}), None),
        "sign": (frozenset({_S.DRAFT}), _S.ACTIVE),
        "send": (frozenset({_S.ACTIVE}), _S.SENT),
        "transmit": (frozenset({_S.SENT}), None),
        "claim": (frozenset({_S.SENT}), None),
        "dispense": (frozenset({_S.SENT}), _S.DISPENSED),
        "cancel": (frozenset({_S.DRAFT, _S.ACTIVE, _S.SENT}), _S.CANCELLED),
        "reissue": (frozenset({_S.ACTIVE, _S.SENT}), _S.CANCELLED),
        "expire": (frozenset({_S.ACTIVE, _S.SENT}), _S.EXPIRED),
        "hide": (_ANY, None),
        "review": (_ANY - {_S.DRAFT}, None),
    },
)


class PrescriptionDrafted(Event):
    """A provider began a prescription."""


class PrescriptionEdited(Event):
    """A provider changed a draft."""


class PrescriptionSigned(Event):
    """A provider signed; from now on nothing in it changes."""


class PrescriptionFlagged(Event):
    """A medicine liable to misuse was prescribed without the patient's record, by one of the two
    exceptions: somebody has to look at it (RXU-08).
    """


class PrescriptionReviewed(Event):
    """Somebody looked at a prescription that was made by way of exception."""


class PrescriptionSent(Event):
    """The patient's pharmacy is to have it."""


class PrescriptionTransmitted(Event):
    """The pharmacy's system took it."""


class PrescriptionClaimed(Event):
    """A pharmacy dispensed once, and may again."""


class PrescriptionDispensed(Event):
    """A pharmacy dispensed all that may be."""


class PrescriptionCancelled(Event):
    """The prescriber took it back."""


class PrescriptionReissued(Event):
    """The prescriber took it back in favor of another one (RXC-02)."""


class PrescriptionExpired(Event):
    """Its last day passed."""


class PrescriptionHidden(Event):
    """It was hidden from guardians, or shown to them again (CHD-06)."""


class AlreadyClaimed(Refusal):
    """Everything that may be dispensed on it was (RXU-03, RXU-11)."""

    code: ClassVar[str] = "already-claimed"
    says: ClassVar[str] = "This prescription was dispensed already."


@attrs.frozen
class NotDispensable(Refusal):
    """It is dispensed from one day to another, no sooner and no later (RXU-02, RXS-04)."""

    code: ClassVar[str] = "not-dispensable"
    says: ClassVar[str] = "This prescription is dispensed from {first} to {last}."

    first: date
    last: date
