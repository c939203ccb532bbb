"""Jurisdictions: what differs between countries, as plain data: registers and how their numbers are
written, licensing, currency, words, emergency numbers.
"""

from telehealth_core.jurisdictions.ages import AgeBand, Guardians, OwnConsent
from telehealth_core.jurisdictions.pack import (
    ChecklistItem,
    Entitlement,
    Jurisdiction,
    Licensing,
    Register,
)
from telehealth_core.jurisdictions.profession import Profession
from telehealth_core.jurisdictions.uk import UK
from telehealth_core.jurisdictions.us import US

JURISDICTIONS = {pack.code: pack for pack in (UK, US)}
"""The packs by code."""
_ENTITLES = {one.regulator: one.entitles for pack in (UK, US) for one in pack.registers}


def entitlement(regulator: str) -> Entitlement:
    """What an entry in a register of this regulator entitles to: practice, unless a pack knows
    better.
    """
    return _ENTITLES.get(regulator, Entitlement.PRACTICE)


__all__ = [
    "JURISDICTIONS",
    "UK",
    "US",
    "AgeBand",
    "ChecklistItem",
    "Entitlement",
    "Guardians",
    "Jurisdiction",
    "Licensing",
    "OwnConsent",
    "Profession",
    "Register",
    "entitlement",
]
