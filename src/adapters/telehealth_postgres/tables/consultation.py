"""Visits and what is written of them."""

import sqlalchemy as sa

from telehealth_core.consultation.consultation import Consultation
from telehealth_core.consultation.emergency import Emergency
from telehealth_core.consultation.feedback import Feedback
from telehealth_core.consultation.note import VisitNote
from telehealth_core.consultation.psychotherapy import PsychotherapyNote
from telehealth_postgres.tables.base import table_of

CONSULTATIONS = table_of(
    "consultations",
    Consultation,
    sa.Index(
        "consultations_open",
        "practice_id",
        "status",
        "window",
        postgresql_where=sa.text("status IN ('in-progress', 'finished')"),
    ),
    appointment_id="appointments",
    patient_id="patients",
    provider_id="providers",
)
NOTES = table_of(
    "notes",
    VisitNote,
    sa.Index("notes_patient", "practice_id", "patient_id"),
    appointment_id="appointments",
    patient_id="patients",
    provider_id="providers",
)
PSYCHOTHERAPY_NOTES = table_of(
    "psychotherapy_notes",
    PsychotherapyNote,
    sa.Index("psychotherapy_notes_author", "practice_id", "appointment_id", "author"),
    appointment_id="appointments",
    patient_id="patients",
    provider_id="providers",
)
FEEDBACK = table_of(
    "feedback",
    Feedback,
    sa.CheckConstraint("rating BETWEEN 1 AND 5", name="rating_known"),
    sa.Index("feedback_visit", "practice_id", "appointment_id"),
    sa.Index("feedback_report", "practice_id", "given_at", "id"),
    appointment_id="appointments",
    patient_id="patients",
    provider_id="providers",
)
EMERGENCIES = table_of(
    "emergencies",
    Emergency,
    sa.Index(
        "emergencies_queue",
        "practice_id",
        "raised_at",
        postgresql_where=sa.text("status = 'open'"),
    ),
    sa.Index("emergencies_visit", "practice_id", "appointment_id"),
    appointment_id="appointments",
    patient_id="patients",
    provider_id="providers",
)
