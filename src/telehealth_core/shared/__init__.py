"""Words every capability uses: intervals of time, money, ids, lifecycles, events, refusals,
personal fields.
"""

from telehealth_core.shared.event import Event
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.lifecycle import IllegalTransition, Lifecycle
from telehealth_core.shared.money import Money
from telehealth_core.shared.phi import phi, phi_fields
from telehealth_core.shared.refusal import (
    Erased,
    IdReused,
    Invalid,
    Refusal,
    StaleVersion,
    Unavailable,
    Unknown,
)

__all__ = [
    "Erased",
    "Event",
    "IdReused",
    "IllegalTransition",
    "Interval",
    "Invalid",
    "Lifecycle",
    "Money",
    "Refusal",
    "StaleVersion",
    "Unavailable",
    "Unknown",
    "phi",
    "phi_fields",
]
