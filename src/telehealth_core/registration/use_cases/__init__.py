"""What can be asked of registration, a module for each kind of asking."""

from telehealth_core.registration.use_cases.consent import Consenting
from telehealth_core.registration.use_cases.enrolment import Registration
from telehealth_core.registration.use_cases.standing import (
    PAGE_MOST,
    authorized_patient,
    standing,
)

__all__ = ["PAGE_MOST", "Consenting", "Registration", "authorized_patient", "standing"]
