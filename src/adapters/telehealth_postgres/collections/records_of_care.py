"""Prescriptions, letters and programs on PostgreSQL."""

from telehealth_core.letters.letter import Letter
from telehealth_core.prescribing.prescription import Prescription
from telehealth_core.shared.ids import (
    PatientId,
)
from telehealth_core.treatment.program import TreatmentProgram
from telehealth_postgres.collections.collection import PostgresCollection, of_patient
from telehealth_postgres.tables import (
    LETTERS,
    PRESCRIPTIONS,
    PROGRAMS,
)


class PostgresPrescriptions(PostgresCollection[Prescription]):
    """The practice's prescriptions."""

    _OF_PATIENT = of_patient(PRESCRIPTIONS, "drafted_at")

    def of_patient(self, patient_id: PatientId) -> tuple[Prescription, ...]:
        """The patient's prescriptions, the newest first."""
        return self.several(self._OF_PATIENT, patient_id=patient_id)


class PostgresLetters(PostgresCollection[Letter]):
    """The practice's letters."""

    _OF_PATIENT = of_patient(LETTERS, "drafted_at")

    def of_patient(self, patient_id: PatientId) -> tuple[Letter, ...]:
        """The patient's letters, the newest first."""
        return self.several(self._OF_PATIENT, patient_id=patient_id)


class PostgresPrograms(PostgresCollection[TreatmentProgram]):
    """The practice's treatment programs."""

    _OF_PATIENT = of_patient(PROGRAMS, "entered_at")

    def of_patient(self, patient_id: PatientId) -> tuple[TreatmentProgram, ...]:
        """The patient's programs, the newest first."""
        return self.several(self._OF_PATIENT, patient_id=patient_id)
