"""What treatment needs from outside."""

from typing import Protocol

from telehealth_core.access.ports import Collection
from telehealth_core.letters.ports import LettersWork
from telehealth_core.shared.ids import MedicationId, PatientId, ProgramId, QuestionnaireId
from telehealth_core.treatment.medication import Medication
from telehealth_core.treatment.program import TreatmentProgram
from telehealth_core.treatment.questionnaire import Questionnaire


class Programs(Collection[ProgramId, TreatmentProgram], Protocol):
    """The practice's treatment programs."""

    def of_patient(self, patient_id: PatientId, /) -> tuple[TreatmentProgram, ...]:
        """The patient's programs, the newest first."""


class Medications(Collection[MedicationId, Medication], Protocol):
    """What patients take, and took."""

    def of_patient(self, patient_id: PatientId, /) -> tuple[Medication, ...]:
        """The patient's list, the newest first."""


class Questionnaires(Collection[QuestionnaireId, Questionnaire], Protocol):
    """What patients answered."""

    def of_patient(self, patient_id: PatientId, /) -> tuple[Questionnaire, ...]:
        """The patient's questionnaires, the newest first."""

    def alarming(self, *, limit: int) -> tuple[Questionnaire, ...]:
        """Those with an alarming answer that nobody has seen yet, the oldest first."""


class TreatmentWork(LettersWork, Protocol):
    """What treatment reads and saves."""

    @property
    def programs(self) -> Programs: ...
    @property
    def medications(self) -> Medications: ...
    @property
    def questionnaires(self) -> Questionnaires: ...
