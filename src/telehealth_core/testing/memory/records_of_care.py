"""Prescriptions, letters and programs in memory."""

from telehealth_core.letters.letter import Letter
from telehealth_core.prescribing.prescription import Prescription
from telehealth_core.testing.memory.collection import OfPatient
from telehealth_core.treatment.program import TreatmentProgram


class Prescriptions(OfPatient[Prescription]):
    """Prescriptions."""

    since = "drafted_at"


class Letters(OfPatient[Letter]):
    """Letters."""

    since = "drafted_at"


class Programs(OfPatient[TreatmentProgram]):
    """Treatment programs."""

    since = "entered_at"
