"""What treatment needs from outside."""

from typing import Protocol

from telehealth_core.access.ports import Collection
from telehealth_core.letters.ports import LettersWork
from telehealth_core.shared.ids import PatientId, ProgramId
from telehealth_core.treatment.program import TreatmentProgram


class Programs(Collection[ProgramId, TreatmentProgram], Protocol):
    """The practice's treatment programs."""

    def of_patient(self, patient_id: PatientId, /) -> tuple[TreatmentProgram, ...]:
        """The patient's programs, the newest first."""


class TreatmentWork(LettersWork, Protocol):
    """What treatment reads and saves."""

    @property
    def programs(self) -> Programs: ...
