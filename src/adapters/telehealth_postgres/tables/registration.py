"""Patients, how they are known, and what they agreed to."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from telehealth_core.registration.assessment import CompetenceAssessment
from telehealth_core.registration.consent import Consent
from telehealth_core.registration.document import Document
from telehealth_core.registration.duplicate import DuplicateSuspicion
from telehealth_core.registration.identity_check import IdentityCheck
from telehealth_core.registration.patient import Patient
from telehealth_postgres.columns import Derived, digests_of
from telehealth_postgres.tables.base import table_of

_GUARDIANS = Derived(
    sa.Column("guardian_ids", pg.ARRAY(sa.Uuid())),
    lambda patient, _: sorted(tie.guardian for tie in patient.guardians),
)
"""By whom dependants are found: reasons are kept with a guardianship, so the rest is sealed."""
PATIENTS = table_of(
    "patients",
    Patient,
    sa.Index("patients_guardians", "guardian_ids", postgresql_using="gin"),
    sa.Index(
        "patients_partners",
        "partners",
        postgresql_using="gin",
        postgresql_ops={"partners": "jsonb_path_ops"},
    ),
    sa.Index("patients_match_keys", "match_keys_digests", postgresql_using="gin"),
    sealed_for=("id",),
    derived=(_GUARDIANS, digests_of("patients", "match_keys")),
)
IDENTITY_CHECKS = table_of(
    "identity_checks",
    IdentityCheck,
    sa.Index("identity_checks_queue", "practice_id", "status", "submitted_at", "id"),
    sa.Index(
        "identity_checks_lapse",
        "practice_id",
        "expires_at",
        postgresql_where=sa.text("status = 'approved'"),
    ),
    sa.Index(
        "identity_checks_images",
        "practice_id",
        "decided_at",
        postgresql_where=sa.text("evidence <> '[]' OR former <> '[]'"),
    ),
    patient_id="patients",
)
CONSENTS = table_of(
    "consents",
    Consent,
    sa.Index("consents_patient", "practice_id", "patient_id", "at"),
    patient_id="patients",
)
ASSESSMENTS = table_of(
    "assessments",
    CompetenceAssessment,
    sa.Index("assessments_patient", "practice_id", "patient_id", "at"),
    patient_id="patients",
    provider_id="providers",
    appointment_id="appointments",
)
SUSPICIONS = table_of(
    "suspicions",
    DuplicateSuspicion,
    sa.Index("suspicions_queue", "practice_id", "status", "raised_at", "id"),
    patient_id="patients",
    other_id="patients",
)
DOCUMENTS = table_of("documents", Document, patient_id="patients")
