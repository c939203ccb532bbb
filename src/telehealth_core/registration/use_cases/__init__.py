"""What can be asked of registration, a module for each kind of asking."""

from telehealth_core.registration.use_cases.consent import Consenting
from telehealth_core.registration.use_cases.duplicates import Duplicates
from telehealth_core.registration.use_cases.enrolment import Registration, write_profile
from telehealth_core.registration.use_cases.family import Family
from telehealth_core.registration.use_cases.identity import IdentityReview
from telehealth_core.registration.use_cases.standing import (
    PAGE_MOST,
    authorized_patient,
    standing,
)

__all__ = [
    "PAGE_MOST",
    "Consenting",
    "Duplicates",
    "Family",
    "IdentityReview",
    "Registration",
    "authorized_patient",
    "standing",
    "write_profile",
]
