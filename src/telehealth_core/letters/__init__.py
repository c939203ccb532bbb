"""Letters: what a clinician writes to somebody else about a patient after a visit: referral letters
and sick notes.

An issued letter is a PDF sealed by its hash. The patient is told by a neutral notice and reads it
after signing in.
"""

from telehealth_core.letters.letter import Letter, LetterKind, LetterStatus, MayNotCertify
from telehealth_core.letters.page import LetterPage

__all__ = ["Letter", "LetterKind", "LetterPage", "LetterStatus", "MayNotCertify"]
