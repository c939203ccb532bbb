"""What can be asked of treatment: of programs, of the medication list, and of questionnaires."""

from telehealth_core.treatment.use_cases.medications import MedicationList
from telehealth_core.treatment.use_cases.programs import Activity, Treatment
from telehealth_core.treatment.use_cases.questionnaires import Answered, QuestionnaireBook

__all__ = ["Activity", "Answered", "MedicationList", "QuestionnaireBook", "Treatment"]
