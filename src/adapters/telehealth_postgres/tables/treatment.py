"""Treatment programs."""

import sqlalchemy as sa

from telehealth_core.treatment.medication import Medication
from telehealth_core.treatment.program import TreatmentProgram
from telehealth_core.treatment.questionnaire import Questionnaire
from telehealth_postgres.tables.base import table_of

PROGRAMS = table_of(
    "programs",
    TreatmentProgram,
    sa.Index("programs_patient", "practice_id", "patient_id"),
    patient_id="patients",
    provider_id="providers",
)
MEDICATIONS = table_of(
    "medications",
    Medication,
    sa.Index("medications_patient", "practice_id", "patient_id"),
    patient_id="patients",
    program_id="programs",
)
QUESTIONNAIRES = table_of(
    "questionnaires",
    Questionnaire,
    sa.Index("questionnaires_patient", "practice_id", "patient_id"),
    sa.Index(
        "questionnaires_alarms",
        "practice_id",
        "answered_at",
        "id",
        postgresql_where=sa.text("alarm AND seen_at IS NULL"),
    ),
    patient_id="patients",
    program_id="programs",
)
