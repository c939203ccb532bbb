"""Consent texts: what the practice asks its patients, word for word, for each purpose."""

import hashlib
from enum import StrEnum

import attrs

from telehealth_core.shared.text import place, prose


class ConsentPurpose(StrEnum):
    """What a patient is asked to agree to; each is asked by itself, none with another (CON-01)."""

    TELEHEALTH = "telehealth"
    """To be treated from afar (CON-04)."""
    GP_SHARING = "gp-sharing"
    """To tell the patient's general practitioner (CON-03)."""
    PARTNER_FOLLOWING = "partner-following"
    """To let a partner organisation follow (F51)."""
    RECORDING = "recording"
    """To record a call (CON-08)."""
    MARKETING = "marketing"
    """To be sent news; never a condition of anything (CON-09)."""
    EMAIL_ATTACHMENT = "e-mail-attachment"
    """To be sent documents as attachments of an e-mail."""


@attrs.frozen(kw_only=True)
class ConsentText:
    """What is asked for one purpose; with `region`, of patients who are there (CON-04)."""

    purpose: ConsentPurpose
    region: str | None = attrs.field(default=None, validator=attrs.validators.optional(place))
    text: str = attrs.field(validator=prose(20_000))

    @property
    def hash(self) -> str:
        """Names exactly these words: another text is another version, asked anew (CON-01)."""
        words = "\n".join((self.purpose, self.region or "", self.text))
        return hashlib.sha256(words.encode()).hexdigest()


_USUAL = {
    ConsentPurpose.TELEHEALTH: (
        "I agree to be treated by video or telephone. I know its limits, that I may ask to be seen "
        "in person instead, and that it is no service for emergencies."
    ),
    ConsentPurpose.GP_SHARING: (
        "I agree that the practice tells my general practitioner about my treatment here."
    ),
    ConsentPurpose.PARTNER_FOLLOWING: (
        "I agree that the organisation which referred me may follow how far my treatment has come."
    ),
    ConsentPurpose.RECORDING: "I agree that this call is recorded.",
    ConsentPurpose.MARKETING: "I would like to be sent news of the practice.",
    ConsentPurpose.EMAIL_ATTACHMENT: (
        "I agree to be sent documents by e-mail. I know that others may be able to read them there."
    ),
}
CONSENT_TEXTS = tuple(ConsentText(purpose=purpose, text=text) for purpose, text in _USUAL.items())
"""What a practice asks that has no words of its own."""
