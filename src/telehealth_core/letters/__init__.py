"""Letters: what a clinician writes to somebody else about a patient after a visit: referral
letters, sick notes, letters to the general practitioner.

An issued letter is a PDF sealed by its hash; a correction is another letter that takes its place.
The patient is told by a neutral notice and reads it after signing in. A referral letter that nobody
acknowledges is chased.
"""

from telehealth_core.letters.content import (
    Adjustment,
    Certificate,
    Disclosure,
    Fitness,
    LetterContent,
    LetterKind,
    RecipientKind,
    Urgency,
)
from telehealth_core.letters.letter import Delivery, Letter
from telehealth_core.letters.life import LetterRefused, LetterStatus, MayNotCertify, RecallReason
from telehealth_core.letters.page import LetterPage

__all__ = [
    "Adjustment",
    "Certificate",
    "Delivery",
    "Disclosure",
    "Fitness",
    "Letter",
    "LetterContent",
    "LetterKind",
    "LetterPage",
    "LetterRefused",
    "LetterStatus",
    "MayNotCertify",
    "RecallReason",
    "RecipientKind",
    "Urgency",
]
