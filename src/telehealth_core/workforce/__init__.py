"""Workforce: the clinicians, what they may do where and until when, and which visits they give at
which price.
"""

from telehealth_core.workforce.licence import Condition, Licence, RegisterStatus
from telehealth_core.workforce.provider import (
    NotLicensed,
    Profession,
    Provider,
    ProviderStatus,
    Service,
)

__all__ = [
    "Condition",
    "Licence",
    "NotLicensed",
    "Profession",
    "Provider",
    "ProviderStatus",
    "RegisterStatus",
    "Service",
]
