"""Treatment: PHP and IOP programs under a provider, from start to discharge, with their progress as
a share of time; what the patient takes; and questionnaires, whose scores show how it goes.

Every change names its reason. An answer that a human has to see at once waits for one from the
moment it is given.
"""

from telehealth_core.treatment.medication import Medication, MedicationSource, MedicationStatus
from telehealth_core.treatment.program import ProgramKind, ProgramStatus, TreatmentProgram
from telehealth_core.treatment.questionnaire import INSTRUMENTS, Questionnaire

__all__ = [
    "INSTRUMENTS",
    "Medication",
    "MedicationSource",
    "MedicationStatus",
    "ProgramKind",
    "ProgramStatus",
    "Questionnaire",
    "TreatmentProgram",
]
