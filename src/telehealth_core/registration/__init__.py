"""Registration: from a stranger to a patient whom the practice knows.

A visitor opens an account, completes a profile, and supplies a photo of an identity document and a
selfie. A liaison compares them, asks for more in a thread of comments, and approves or rejects. A
verified adult adds dependants, who are patients of their own with guardians who act for them.
Imported patients are enrolled by the number that the other system knows them by.
"""

from telehealth_core.registration.consent import Consent, ConsentStatus, standing_consent
from telehealth_core.registration.document import (
    CleanImage,
    Document,
    DocumentKind,
    UnreadableImage,
)
from telehealth_core.registration.identity_check import IdentityCheck, IdentityStatus
from telehealth_core.registration.patient import (
    Address,
    Gender,
    Identifier,
    MaritalStatus,
    NotVerified,
    Patient,
    PatientStatus,
    Profile,
)

__all__ = [
    "Address",
    "CleanImage",
    "Consent",
    "ConsentStatus",
    "Document",
    "DocumentKind",
    "Gender",
    "Identifier",
    "IdentityCheck",
    "IdentityStatus",
    "MaritalStatus",
    "NotVerified",
    "Patient",
    "PatientStatus",
    "Profile",
    "UnreadableImage",
    "standing_consent",
]
