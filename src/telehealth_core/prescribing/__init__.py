"""Prescribing: after a visit the provider drafts a prescription and signs it, if the law of the
practice's jurisdiction lets them; signed, it never changes.

The patient chooses a pharmacy, and the signed prescription is sent there if the law still lets it.
The pharmacy claims it, as often as it may be dispensed and no later than its last day.
"""

from telehealth_core.prescribing.facts import MayNotPrescribe, PrescriptionRefused
from telehealth_core.prescribing.item import Item, Schedule
from telehealth_core.prescribing.life import AlreadyClaimed, NotDispensable, PrescriptionStatus
from telehealth_core.prescribing.pharmacy import Pharmacy, PrescriptionCopy, PrescriptionOrder
from telehealth_core.prescribing.prescription import Prescription
from telehealth_core.prescribing.script import Asked, Circumstances, MedicationHistory, Script

__all__ = [
    "AlreadyClaimed",
    "Asked",
    "Circumstances",
    "Item",
    "MayNotPrescribe",
    "MedicationHistory",
    "NotDispensable",
    "Pharmacy",
    "Prescription",
    "PrescriptionCopy",
    "PrescriptionOrder",
    "PrescriptionRefused",
    "PrescriptionStatus",
    "Schedule",
    "Script",
]
