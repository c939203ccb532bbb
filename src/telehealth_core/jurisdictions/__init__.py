"""Jurisdictions: what differs between countries, as plain data: licensing, currency, words,
emergency numbers.
"""

from telehealth_core.jurisdictions.ages import AgeBand, Guardians, OwnConsent
from telehealth_core.jurisdictions.pack import ChecklistItem, Jurisdiction, Licensing
from telehealth_core.jurisdictions.uk import UK
from telehealth_core.jurisdictions.us import US

JURISDICTIONS = {pack.code: pack for pack in (UK, US)}
"""The packs by code."""

__all__ = [
    "JURISDICTIONS",
    "UK",
    "US",
    "AgeBand",
    "ChecklistItem",
    "Guardians",
    "Jurisdiction",
    "Licensing",
    "OwnConsent",
]
