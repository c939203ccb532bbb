"""Workforce: the clinicians, what they may do where and until when, and which visits they give at
which price.
"""

from telehealth_core.jurisdictions import Profession
from telehealth_core.workforce.licence import Condition, DueLicence, Licence, RegisterStatus
from telehealth_core.workforce.provider import (
    NotLicensed,
    Provider,
    ProviderDetails,
    ProviderStatus,
)
from telehealth_core.workforce.service import Service

__all__ = [
    "Condition",
    "DueLicence",
    "Licence",
    "NotLicensed",
    "Profession",
    "Provider",
    "ProviderDetails",
    "ProviderStatus",
    "RegisterStatus",
    "Service",
]
