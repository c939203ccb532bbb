"""What anybody can ask about access: to sign in and out, to open and manage accounts, to read in an
emergency, and to see who read what.
"""

from telehealth_core.access.use_cases.accounts import AccountOffice
from telehealth_core.access.use_cases.emergency import BreakGlass, in_emergency
from telehealth_core.access.use_cases.opening import opened_before, save_new_account
from telehealth_core.access.use_cases.oversight import Oversight
from telehealth_core.access.use_cases.signing_in import Access

__all__ = [
    "Access",
    "AccountOffice",
    "BreakGlass",
    "Oversight",
    "in_emergency",
    "opened_before",
    "save_new_account",
]
