"""Prescriptions."""

import sqlalchemy as sa

from telehealth_core.prescribing.prescription import Prescription
from telehealth_postgres.tables.base import table_of

PRESCRIPTIONS = table_of(
    "prescriptions",
    Prescription,
    sa.Index("prescriptions_patient", "practice_id", "patient_id"),
    sa.Index(
        "prescriptions_claim",
        "practice_id",
        "claim_sha256",
        postgresql_where=sa.text("claim_sha256 IS NOT NULL"),
    ),
    sa.Index(
        "prescriptions_lapsing",
        "practice_id",
        "valid_until",
        "id",
        postgresql_where=sa.text("status IN ('active', 'sent')"),
    ),
    sa.Index(
        "prescriptions_to_review",
        "practice_id",
        "drafted_at",
        "id",
        postgresql_where=sa.text("review_needed AND review IS NULL"),
    ),
    patient_id="patients",
    provider_id="providers",
    appointment_id="appointments",
    replaces="prescriptions",
)
