"""Assurance: in every visit anew the provider makes sure who the patient is (IDV-04)."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import attrs

from telehealth_core.shared.ids import UserId
from telehealth_core.shared.refusal import Refusal


class IdentityMethod(StrEnum):
    """How a provider saw that the patient is who they should be (IDV-04)."""

    KNOWN = "known"
    """Known from earlier visits."""
    PICTURE = "picture"
    """Looks as in the pictures of the identity check."""
    DOCUMENT = "document"
    """Held an identity document into the camera."""
    DETAILS = "details"
    """Said full name, birth date and address; all that a voice call allows."""


@attrs.frozen
class IdentityConfirmation:
    """That the provider confirmed at the start of the visit who the patient is, how and when."""

    method: IdentityMethod
    by: UserId
    at: datetime


class IdentityNotConfirmed(Refusal):
    """In every visit the provider confirms first who the patient is (IDV-04)."""

    code: ClassVar[str] = "identity-not-confirmed"
    says: ClassVar[str] = "Confirm first in the visit who the patient is."
