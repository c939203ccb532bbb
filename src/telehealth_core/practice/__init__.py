"""Practice: the clinic as a tenant. It has a jurisdiction, a time zone and settings, and every row
belongs to one.
"""

from telehealth_core.practice.consent_text import ConsentPurpose, ConsentText
from telehealth_core.practice.practice import Practice
from telehealth_core.practice.settings import Approval, Charging, Settings, SettingsVersion

__all__ = [
    "Approval",
    "Charging",
    "ConsentPurpose",
    "ConsentText",
    "Practice",
    "Settings",
    "SettingsVersion",
]
