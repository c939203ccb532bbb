"""Workforce: the clinicians, what they may do where and until when, and which visits they give at
which price.
"""

from telehealth_core.workforce.provider import (
    Licence,
    NotLicensed,
    Profession,
    Provider,
    ProviderStatus,
    Service,
)

__all__ = ["Licence", "NotLicensed", "Profession", "Provider", "ProviderStatus", "Service"]
