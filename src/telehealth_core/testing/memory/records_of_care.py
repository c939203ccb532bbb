"""Prescriptions, letters and programs in memory."""

from telehealth_core.letters.letter import Letter
from telehealth_core.prescribing.prescription import Prescription
from telehealth_core.testing.memory.collection import OfPatient
from telehealth_core.treatment.medication import Medication
from telehealth_core.treatment.program import TreatmentProgram
from telehealth_core.treatment.questionnaire import Questionnaire


class Prescriptions(OfPatient[Prescription]):
    """Prescriptions."""

    since = "drafted_at"


class Letters(OfPatient[Letter]):
    """Letters."""

    since = "drafted_at"


class Programs(OfPatient[TreatmentProgram]):
    """Treatment programs."""

    since = "entered_at"


class Medications(OfPatient[Medication]):
    """What patients take."""

    since = "listed_at"


class Questionnaires(OfPatient[Questionnaire]):
    """What patients answered."""

    since = "answered_at"

    def alarming(self, *, limit: int) -> tuple[Questionnaire, ...]:
        found = self.where(lambda one: one.alarm and one.seen_at is None)
        return tuple(sorted(found, key=lambda one: (one.answered_at, one.id))[:limit])
