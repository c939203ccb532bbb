"""Completion: how a visit can end, and what has to be there before the provider confirms it (F45,
CON-03, CHD-03, TEL-09).
"""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import attrs

from telehealth_core.shared.ids import UserId
from telehealth_core.shared.phi import phi
from telehealth_core.shared.refusal import Invalid, Refusal
from telehealth_core.shared.text import prose


class OutcomeKind(StrEnum):
    """What became of the visit."""

    TOOK_PLACE = "took-place"
    """Patient and provider met, and the provider confirms it; this frees the charge."""
    UNSUITABLE = "unsuitable"
    """The patient has to be seen in person; costs nothing (TEL-09)."""
    TECHNICAL_FAILURE = "technical-failure"
    """The connection did not carry the visit; costs nothing, and the next one keeps the price."""


@attrs.frozen
class Outcome:
    """How a visit ended, who says so, and the words for it: what the patient was advised to do
    instead where it was unsuitable (TEL-09), what went wrong where the connection failed.
    """

    kind: OutcomeKind
    by: UserId
    at: datetime
    text: str | None = phi(default=None, validator=attrs.validators.optional(prose(4000)))

    def require_advice(self) -> None:
        """Refuse to send a patient elsewhere without a word on what to do (TEL-09).

        Raises: Invalid.
        """
        if self.kind is OutcomeKind.UNSUITABLE and self.text is None:
            raise Invalid("text", "what the patient is advised to do instead, and when at once")


@attrs.frozen
class CannotComplete(Refusal):
    """Something is missing before the visit can be confirmed; `missing` names all of it (F33, F45,
    IDV-04, CON-03, CHD-03).
    """

    code: ClassVar[str] = "cannot-complete"
    says: ClassVar[str] = "The visit cannot be confirmed yet ({missing})."

    missing: str


@attrs.frozen
class Episode:
    """What consents and ages say of the visit: whether the patient was asked about their GP where
    the practice has to ask, and whether a child had a guardian with them or was found able to
    decide in this very visit.
    """

    sharing_answered: bool
    accompanied: bool


@attrs.frozen
class Facts:
    """All that a confirmation weighs."""

    met: bool
    identity_confirmed: bool
    episode: Episode


def _met(facts: Facts) -> bool:
    return facts.met


def _identity_confirmed(facts: Facts) -> bool:
    return facts.identity_confirmed


def _sharing_answered(facts: Facts) -> bool:
    return facts.episode.sharing_answered


def _accompanied(facts: Facts) -> bool:
    return facts.episode.accompanied


REQUIREMENTS: tuple[tuple[str, str, Callable[[Facts], bool]], ...] = (
    ("met", "Patient and provider were in the visit together.", _met),
    ("identity-confirmed", "The provider confirmed who the patient is.", _identity_confirmed),
    ("gp-sharing-answered", "The patient was asked if their GP may be told.", _sharing_answered),
    ("accompanied", "A child has a guardian, or was found able to decide alone.", _accompanied),
)
"""What has to be there. Adding a requirement is adding a line."""


def missing(facts: Facts) -> tuple[str, ...]:
    """What is not there yet, by name."""
    return tuple(name for name, _, holds in REQUIREMENTS if not holds(facts))


def require_complete(facts: Facts) -> None:
    """Refuse unless everything is there.

    Raises: CannotComplete, naming all that is not.
    """
    if absent := missing(facts):
        raise CannotComplete(", ".join(absent))
