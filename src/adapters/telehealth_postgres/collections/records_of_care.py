"""Prescriptions, letters and programs on PostgreSQL."""

import sqlalchemy as sa

from telehealth_core.letters.letter import Letter
from telehealth_core.prescribing.prescription import Prescription
from telehealth_core.shared.ids import (
    PatientId,
)
from telehealth_core.treatment.medication import Medication
from telehealth_core.treatment.program import TreatmentProgram
from telehealth_core.treatment.questionnaire import Questionnaire
from telehealth_postgres.collections.collection import PostgresCollection, all_of, given, of_patient
from telehealth_postgres.statements import Statement
from telehealth_postgres.tables import (
    LETTERS,
    MEDICATIONS,
    PRESCRIPTIONS,
    PROGRAMS,
    QUESTIONNAIRES,
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


class PostgresMedications(PostgresCollection[Medication]):
    """What patients take."""

    _OF_PATIENT = of_patient(MEDICATIONS, "listed_at")

    def of_patient(self, patient_id: PatientId) -> tuple[Medication, ...]:
        """The patient's list, the newest first."""
        return self.several(self._OF_PATIENT, patient_id=patient_id)


class PostgresQuestionnaires(PostgresCollection[Questionnaire]):
    """What patients answered."""

    _OF_PATIENT = of_patient(QUESTIONNAIRES, "answered_at")
    _ALARMING = Statement.of(
        all_of(QUESTIONNAIRES, QUESTIONNAIRES.c.alarm, QUESTIONNAIRES.c.seen_at.is_(None))
        .order_by(QUESTIONNAIRES.c.answered_at, QUESTIONNAIRES.c.id)
        .limit(given("limit", sa.Integer()))
    )

    def of_patient(self, patient_id: PatientId) -> tuple[Questionnaire, ...]:
        """The patient's questionnaires, the newest first."""
        return self.several(self._OF_PATIENT, patient_id=patient_id)

    def alarming(self, *, limit: int) -> tuple[Questionnaire, ...]:
        """Alarming answers that nobody has seen yet, the oldest first."""
        return self.several(self._ALARMING, limit=limit)
