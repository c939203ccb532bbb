"""Prescribing: after a visit the provider drafts a prescription and signs it; signed, it never
changes.
"""

from telehealth_core.prescribing.prescription import (
    Item,
    ItemsNotAllowed,
    NotPrescriber,
    Prescription,
)

__all__ = ["Item", "ItemsNotAllowed", "NotPrescriber", "Prescription"]
