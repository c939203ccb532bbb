"""The core is whole."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from telehealth_postgres.migrations import data_0002

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it so."""
    op.create_table(
        "quarantine",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("outside_id", sa.Text(), nullable=False),
        sa.Column(
            "row", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False
        ),
        sa.Column("patient", sa.Text(), nullable=True),
        sa.Column("provider", sa.Text(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column(
            "candidates", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False
        ),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('patient', 'appointment', 'provider')", name=op.f("quarantine_kind_known")
        ),
        sa.CheckConstraint(
            "problem IN ('unreadable', 'unknown-patient', 'unknown-provider', 'possible-match', 'not-bookable', 'time-taken', 'refused')",
            name=op.f("quarantine_problem_known"),
        ),
        sa.CheckConstraint(
            "status IN ('waiting', 'released', 'dismissed')", name=op.f("quarantine_status_known")
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name="quarantine_practice_fkey"),
        sa.PrimaryKeyConstraint("practice_id", "id", name="quarantine_key"),
    )
    op.create_table(
        "record_cursors",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("position", sa.Text(), nullable=True),
        sa.Column("polled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('patient', 'appointment', 'provider')", name=op.f("record_cursors_kind_known")
        ),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name="record_cursors_practice_fkey"
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name="record_cursors_key"),
    )
    op.create_table(
        "settings_history",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column(
            "settings", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False
        ),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name="settings_history_practice_fkey"
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name="settings_history_key"),
    )
    op.create_table(
        "consents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("given_by", sa.Uuid(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "basis IN ('own', 'guardian', 'clinician-recorded')", name=op.f("consents_basis_known")
        ),
        sa.CheckConstraint(
            "channel IN ('online', 'visit', 'telephone', 'paper')",
            name=op.f("consents_channel_known"),
        ),
        sa.CheckConstraint(
            "purpose IN ('telehealth', 'gp-sharing', 'partner-following', 'recording', 'marketing', 'e-mail-attachment')",
            name=op.f("consents_purpose_known"),
        ),
        sa.CheckConstraint(
            "status IN ('given', 'refused', 'withdrawn')", name=op.f("consents_status_known")
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "patient_id"],
            ["patients.practice_id", "patients.id"],
            name="consents_patient_id_fkey",
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name="consents_key"),
    )
    op.create_table(
        "conversations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "channel IN ('care', 'partner')", name=op.f("conversations_channel_known")
        ),
        sa.CheckConstraint("status IN ('open', 'closed')", name=op.f("conversations_status_known")),
        sa.ForeignKeyConstraint(
            ["practice_id", "patient_id"],
            ["patients.practice_id", "patients.id"],
            name="conversations_patient_id_fkey",
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name="conversations_key"),
    )
    op.create_table(
        "emergency_accesses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("review_due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewed_by", sa.Uuid(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("finding", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "reason IN ('medical-emergency', 'danger-to-life', 'urgent-cover')",
            name=op.f("emergency_accesses_reason_known"),
        ),
        sa.CheckConstraint(
            "status IN ('open', 'reviewed')", name=op.f("emergency_accesses_status_known")
        ),
        sa.CheckConstraint(
            "verdict IN ('justified', 'not-justified')",
            name=op.f("emergency_accesses_verdict_known"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "patient_id"],
            ["patients.practice_id", "patients.id"],
            name="emergency_accesses_patient_id_fkey",
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name="emergency_accesses_key"),
    )
    op.create_table(
        "record_conflicts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column(
            "differences",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=False,
        ),
        sa.Column(
            "earlier", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False
        ),
        sa.Column(
            "kept", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('patient', 'appointment', 'provider')",
            name=op.f("record_conflicts_kind_known"),
        ),
        sa.CheckConstraint(
            "status IN ('open', 'resolved')", name=op.f("record_conflicts_status_known")
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "patient_id"],
            ["patients.practice_id", "patients.id"],
            name="record_conflicts_patient_id_fkey",
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name="record_conflicts_key"),
    )
    op.create_table(
        "record_links",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("outside_id", sa.Text(), nullable=False),
        sa.Column(
            "last_agreed",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=False,
        ),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("vanished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('patient', 'appointment', 'provider')", name=op.f("record_links_kind_known")
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "patient_id"],
            ["patients.practice_id", "patients.id"],
            name="record_links_patient_id_fkey",
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name="record_links_key"),
        sa.UniqueConstraint("practice_id", "kind", "outside_id", name="record_links_outside_once"),
    )
    op.create_table(
        "suspicions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("rules", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "status IN ('open', 'dismissed', 'confirmed')", name=op.f("suspicions_status_known")
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "other_id"],
            ["patients.practice_id", "patients.id"],
            name="suspicions_other_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "patient_id"],
            ["patients.practice_id", "patients.id"],
            name="suspicions_patient_id_fkey",
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name="suspicions_key"),
    )
    op.create_table(
        "chat_grants",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "channel IN ('care', 'partner')", name=op.f("chat_grants_channel_known")
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "patient_id"],
            ["patients.practice_id", "patients.id"],
            name="chat_grants_patient_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "user_id"],
            ["accounts.practice_id", "accounts.id"],
            name="chat_grants_user_id_fkey",
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name="chat_grants_key"),
    )
    op.create_table(
        "medications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=True),
        sa.Column("medicine", sa.Text(), nullable=False),
        sa.Column("dose", sa.Text(), nullable=False),
        sa.Column("directions", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("stopped_on", sa.Date(), nullable=True),
        sa.Column(
            "revisions", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False
        ),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "source IN ('patient', 'provider', 'elsewhere')", name=op.f("medications_source_known")
        ),
        sa.CheckConstraint(
            "status IN ('active', 'on-hold', 'stopped', 'entered-in-error')",
            name=op.f("medications_status_known"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "patient_id"],
            ["patients.practice_id", "patients.id"],
            name="medications_patient_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "program_id"],
            ["programs.practice_id", "programs.id"],
            name="medications_program_id_fkey",
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name="medications_key"),
    )
    op.create_table(
        "questionnaires",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=True),
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column(
            "answers", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False
        ),
        sa.Column("score", sa.BigInteger(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("alarm", sa.Boolean(), nullable=False),
        sa.Column("seen_by", sa.Uuid(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["practice_id", "patient_id"],
            ["patients.practice_id", "patients.id"],
            name="questionnaires_patient_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "program_id"],
            ["programs.practice_id", "programs.id"],
            name="questionnaires_program_id_fkey",
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name="questionnaires_key"),
    )
    op.create_table(
        "role_grants",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('pending', 'granted', 'refused')", name=op.f("role_grants_status_known")
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "account_id"],
            ["accounts.practice_id", "accounts.id"],
            name="role_grants_account_id_fkey",
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name="role_grants_key"),
    )
    op.create_table(
        "sign_in_attempts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "user_id"],
            ["accounts.practice_id", "accounts.id"],
            name="sign_in_attempts_user_id_fkey",
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name="sign_in_attempts_key"),
    )
    op.create_table(
        "assessments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("competent", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "appointment_id"],
            ["appointments.practice_id", "appointments.id"],
            name="assessments_appointment_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "patient_id"],
            ["patients.practice_id", "patients.id"],
            name="assessments_patient_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "provider_id"],
            ["providers.practice_id", "providers.id"],
            name="assessments_provider_id_fkey",
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name="assessments_key"),
    )
    op.create_table(
        "emergencies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("raised_by", sa.Uuid(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column(
            "log", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False
        ),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('raised', 'quiet-exit')", name=op.f("emergencies_kind_known")),
        sa.CheckConstraint("status IN ('open', 'closed')", name=op.f("emergencies_status_known")),
        sa.ForeignKeyConstraint(
            ["practice_id", "appointment_id"],
            ["appointments.practice_id", "appointments.id"],
            name="emergencies_appointment_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "patient_id"],
            ["patients.practice_id", "patients.id"],
            name="emergencies_patient_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "provider_id"],
            ["providers.practice_id", "providers.id"],
            name="emergencies_provider_id_fkey",
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name="emergencies_key"),
    )
    op.create_table(
        "feedback",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("rating", sa.BigInteger(), nullable=False),
        sa.Column("issues", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("side IN ('patient', 'provider')", name=op.f("feedback_side_known")),
        sa.CheckConstraint("rating BETWEEN 1 AND 5", name=op.f("feedback_rating_known")),
        sa.ForeignKeyConstraint(
            ["practice_id", "appointment_id"],
            ["appointments.practice_id", "appointments.id"],
            name="feedback_appointment_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "patient_id"],
            ["patients.practice_id", "patients.id"],
            name="feedback_patient_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "provider_id"],
            ["providers.practice_id", "providers.id"],
            name="feedback_provider_id_fkey",
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name="feedback_key"),
    )
    op.create_table(
        "notes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("author", sa.Uuid(), nullable=False),
        sa.Column(
            "body", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False
        ),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column(
            "addenda", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False
        ),
        sa.Column("visit_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status IN ('draft', 'signed')", name=op.f("notes_status_known")),
        sa.ForeignKeyConstraint(
            ["practice_id", "appointment_id"],
            ["appointments.practice_id", "appointments.id"],
            name="notes_appointment_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "patient_id"],
            ["patients.practice_id", "patients.id"],
            name="notes_patient_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "provider_id"],
            ["providers.practice_id", "providers.id"],
            name="notes_provider_id_fkey",
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name="notes_key"),
    )
    op.create_table(
        "psychotherapy_notes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("author", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "appointment_id"],
            ["appointments.practice_id", "appointments.id"],
            name="psychotherapy_notes_appointment_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "patient_id"],
            ["patients.practice_id", "patients.id"],
            name="psychotherapy_notes_patient_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "provider_id"],
            ["providers.practice_id", "providers.id"],
            name="psychotherapy_notes_provider_id_fkey",
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name="psychotherapy_notes_key"),
    )
    op.create_table(
        "waitlist",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("specialty", sa.Text(), nullable=True),
        sa.Column("service", sa.Text(), nullable=True),
        sa.Column("mode", sa.Text(), nullable=True),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("period", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("joined_by", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=True),
        sa.Column("offered_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("mode IN ('video', 'voice')", name=op.f("waitlist_mode_known")),
        sa.CheckConstraint(
            "status IN ('waiting', 'offered', 'taken', 'lapsed', 'left')",
            name=op.f("waitlist_status_known"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "appointment_id"],
            ["appointments.practice_id", "appointments.id"],
            name="waitlist_appointment_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "patient_id"],
            ["patients.practice_id", "patients.id"],
            name="waitlist_patient_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "provider_id"],
            ["providers.practice_id", "providers.id"],
            name="waitlist_provider_id_fkey",
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name="waitlist_key"),
    )
    op.add_column("accounts", sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "appointments",
        sa.Column(
            "declined", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
    )
    op.add_column(
        "appointments", sa.Column("withdraw_until", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column(
        "appointments", sa.Column("free_until", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column(
        "appointments", sa.Column("starts_within_cooling_off", sa.Boolean(), nullable=True)
    )
    op.add_column(
        "appointments", sa.Column("requested_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column("appointments", sa.Column("vouched_by", sa.Uuid(), nullable=True))
    op.add_column(
        "appointments",
        sa.Column(
            "override", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
    )
    op.add_column("appointments", sa.Column("series", sa.Uuid(), nullable=True))
    op.add_column(
        "appointments",
        sa.Column(
            "red_flags", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
    )
    op.add_column("appointments", sa.Column("flags_open", sa.Boolean(), nullable=True))
    op.add_column("appointments", sa.Column("hidden", sa.Boolean(), nullable=True))
    op.add_column(
        "appointments",
        sa.Column(
            "history", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
    )
    op.add_column("audit", sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=True))
    op.add_column("audit", sa.Column("acted_for", sa.Uuid(), nullable=True))
    op.add_column("audit", sa.Column("kind", sa.Text(), nullable=True))
    op.add_column("audit", sa.Column("category", sa.Text(), nullable=True))
    op.add_column("audit", sa.Column("purpose", sa.Text(), nullable=True))
    op.add_column("audit", sa.Column("request", sa.Uuid(), nullable=True))
    op.add_column("cards", sa.Column("status", sa.Text(), nullable=True))
    op.add_column("cards", sa.Column("default_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("charges", sa.Column("number", sa.BigInteger(), nullable=True))
    op.add_column("charges", sa.Column("settings_version", sa.BigInteger(), nullable=True))
    op.add_column("charges", sa.Column("insurance_fixed_minor", sa.BigInteger(), nullable=True))
    op.add_column(
        "charges", sa.Column("insurance_fixed_currency", sa.CHAR(length=3), nullable=True)
    )
    op.add_column(
        "charges",
        sa.Column(
            "ledger", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
    )
    op.add_column(
        "charges",
        sa.Column(
            "proposal", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
    )
    op.add_column("charges", sa.Column("supplements", sa.BigInteger(), nullable=True))
    op.add_column("charges", sa.Column("ordered_minor", sa.BigInteger(), nullable=True))
    op.add_column("charges", sa.Column("ordered_currency", sa.CHAR(length=3), nullable=True))
    op.add_column("charges", sa.Column("refunds_made", sa.BigInteger(), nullable=True))
    op.add_column("charges", sa.Column("next_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("charges", sa.Column("confirm_by", sa.DateTime(timezone=True), nullable=True))
    op.add_column("consultations", sa.Column("window", postgresql.TSTZRANGE(), nullable=True))
    op.add_column(
        "consultations",
        sa.Column(
            "reconciliations",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
        ),
    )
    op.add_column(
        "consultations",
        sa.Column(
            "mode_changes",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
        ),
    )
    op.add_column(
        "consultations",
        sa.Column(
            "identity", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
    )
    op.add_column(
        "consultations",
        sa.Column(
            "failures", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
    )
    op.add_column(
        "consultations",
        sa.Column(
            "outcome", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
    )
    op.add_column(
        "identity_checks",
        sa.Column(
            "former", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
    )
    op.add_column(
        "identity_checks",
        sa.Column(
            "purged", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
    )
    op.add_column(
        "identity_checks",
        sa.Column(
            "decisions", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
    )
    op.add_column(
        "identity_checks", sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column("letters", sa.Column("recipient_kind", sa.Text(), nullable=True))
    op.add_column("letters", sa.Column("reason", sa.Text(), nullable=True))
    op.add_column("letters", sa.Column("urgency", sa.Text(), nullable=True))
    op.add_column("letters", sa.Column("disclosure", sa.Text(), nullable=True))
    op.add_column(
        "letters",
        sa.Column(
            "certificate", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
    )
    op.add_column("letters", sa.Column("supersedes", sa.Uuid(), nullable=True))
    op.add_column("letters", sa.Column("hidden_from_guardians", sa.Boolean(), nullable=True))
    op.add_column("letters", sa.Column("delivery", sa.Text(), nullable=True))
    op.add_column("letters", sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("letters", sa.Column("acknowledged_by", sa.Text(), nullable=True))
    op.add_column(
        "letters", sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column("letters", sa.Column("superseded_by", sa.Uuid(), nullable=True))
    op.add_column("letters", sa.Column("recalled_because", sa.Text(), nullable=True))
    op.add_column("letters", sa.Column("recall_note", sa.Text(), nullable=True))
    op.add_column("partners", sa.Column("reason", sa.Text(), nullable=True))
    op.add_column("patients", sa.Column("reason", sa.Text(), nullable=True))
    op.add_column(
        "patients",
        sa.Column(
            "handover", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
    )
    op.add_column("patients", sa.Column("match_keys", postgresql.ARRAY(sa.Text()), nullable=True))
    op.add_column("prescriptions", sa.Column("dispensings", sa.BigInteger(), nullable=True))
    op.add_column("prescriptions", sa.Column("not_before", sa.Date(), nullable=True))
    op.add_column(
        "prescriptions",
        sa.Column(
            "history", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
    )
    op.add_column(
        "prescriptions",
        sa.Column(
            "circumstances",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
        ),
    )
    op.add_column(
        "prescriptions",
        sa.Column(
            "particulars", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
    )
    op.add_column(
        "prescriptions", sa.Column("warnings", postgresql.ARRAY(sa.Text()), nullable=True)
    )
    op.add_column("prescriptions", sa.Column("valid_until", sa.Date(), nullable=True))
    op.add_column("prescriptions", sa.Column("dispensable", sa.BigInteger(), nullable=True))
    op.add_column(
        "prescriptions",
        sa.Column(
            "signature", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
    )
    op.add_column("prescriptions", sa.Column("review_needed", sa.Boolean(), nullable=True))
    op.add_column(
        "prescriptions",
        sa.Column(
            "review", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
    )
    op.add_column(
        "prescriptions",
        sa.Column(
            "pharmacy", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
    )
    op.add_column("prescriptions", sa.Column("claim_token", sa.Text(), nullable=True))
    op.add_column("prescriptions", sa.Column("claim_sha256", sa.Text(), nullable=True))
    op.add_column("prescriptions", sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "prescriptions", sa.Column("transmitted_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column(
        "prescriptions",
        sa.Column(
            "claims", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
    )
    op.add_column("prescriptions", sa.Column("cancelled_because", sa.Text(), nullable=True))
    op.add_column("prescriptions", sa.Column("replaces", sa.Uuid(), nullable=True))
    op.add_column("prescriptions", sa.Column("replaced_by", sa.Uuid(), nullable=True))
    op.add_column("prescriptions", sa.Column("hidden_from_guardians", sa.Boolean(), nullable=True))
    op.add_column(
        "programs",
        sa.Column(
            "holds", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
    )
    op.add_column("providers", sa.Column("gender", sa.Text(), nullable=True))
    op.add_column("providers", sa.Column("npi", sa.Text(), nullable=True))
    op.add_column("providers", sa.Column("patient_id", sa.Uuid(), nullable=True))
    op.add_column("providers", sa.Column("status_reason", sa.Text(), nullable=True))
    op.create_foreign_key(
        "providers_patient_id_fkey",
        "providers",
        "patients",
        ["practice_id", "patient_id"],
        ["practice_id", "id"],
    )
    op.add_column("referrals", sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("referrals", sa.Column("closed_because", sa.Text(), nullable=True))
    op.add_column("sign_ins", sa.Column("proven_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("ALTER TABLE appointments DROP CONSTRAINT appointments_cancelled_because_known")
    op.execute("ALTER TABLE audit DROP CONSTRAINT audit_outcome_known")
    op.execute("ALTER TABLE letters DROP CONSTRAINT letters_kind_known")
    op.execute("ALTER TABLE providers DROP CONSTRAINT providers_profession_known")
    op.execute("ALTER TABLE referrals DROP CONSTRAINT referrals_status_known")
    data_0002.upgrade(op.get_bind())
    op.execute(
        """ALTER TABLE appointments ADD CONSTRAINT appointments_cancelled_because_known CHECK ((cancelled_because = ANY (ARRAY['patient'::text, 'practice'::text, 'declined'::text, 'expired'::text, 'unpaid'::text, 'technical'::text, 'unsuitable'::text, 'unanswered'::text])))"""
    )
    op.execute(
        """ALTER TABLE cards ADD CONSTRAINT cards_status_known CHECK ((status = ANY (ARRAY['kept'::text, 'removed'::text])))"""
    )
    op.execute(
        """ALTER TABLE letters ADD CONSTRAINT letters_delivery_known CHECK ((delivery = ANY (ARRAY['post'::text, 'secure-mail'::text, 'by-patient'::text])))"""
    )
    op.execute(
        """ALTER TABLE letters ADD CONSTRAINT letters_disclosure_known CHECK ((disclosure = ANY (ARRAY['direct-care'::text, 'patient-agreed'::text])))"""
    )
    op.execute(
        """ALTER TABLE letters ADD CONSTRAINT letters_kind_known CHECK ((kind = ANY (ARRAY['referral'::text, 'sick-note'::text, 'gp-letter'::text])))"""
    )
    op.execute(
        """ALTER TABLE letters ADD CONSTRAINT letters_recalled_because_known CHECK ((recalled_because = ANY (ARRAY['wrong-recipient'::text, 'wrong-patient'::text, 'wrong-content'::text, 'consent-withdrawn'::text])))"""
    )
    op.execute(
        """ALTER TABLE letters ADD CONSTRAINT letters_recipient_kind_known CHECK ((recipient_kind = ANY (ARRAY['treating'::text, 'partner'::text, 'employer'::text, 'insurer'::text])))"""
    )
    op.execute(
        """ALTER TABLE letters ADD CONSTRAINT letters_urgency_known CHECK ((urgency = ANY (ARRAY['routine'::text, 'urgent'::text])))"""
    )
    op.execute(
        """ALTER TABLE providers ADD CONSTRAINT providers_gender_known CHECK ((gender = ANY (ARRAY['male'::text, 'female'::text, 'other'::text, 'unknown'::text])))"""
    )
    op.execute(
        """ALTER TABLE providers ADD CONSTRAINT providers_profession_known CHECK ((profession = ANY (ARRAY['doctor'::text, 'nurse'::text, 'pharmacist'::text, 'physician-associate'::text, 'physiotherapist'::text, 'occupational-therapist'::text, 'psychiatrist'::text, 'psychologist'::text, 'therapist'::text])))"""
    )
    op.execute(
        """ALTER TABLE referrals ADD CONSTRAINT referrals_status_known CHECK ((status = ANY (ARRAY['draft'::text, 'submitted'::text, 'accepted'::text, 'enrolled'::text, 'declined'::text, 'withdrawn'::text])))"""
    )
    op.create_index(
        "quarantine_queue",
        "quarantine",
        ["practice_id", "heard_at", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.create_index(
        "consents_patient", "consents", ["practice_id", "patient_id", "at"], unique=False
    )
    op.create_index(
        "emergency_accesses_live",
        "emergency_accesses",
        ["practice_id", "user_id", "patient_id", "until"],
        unique=False,
    )
    op.create_index(
        "emergency_accesses_unreviewed",
        "emergency_accesses",
        ["practice_id", "review_due", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_index(
        "record_conflicts_queue",
        "record_conflicts",
        ["practice_id", "found_at", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_index(
        "record_conflicts_subject", "record_conflicts", ["practice_id", "subject"], unique=False
    )
    op.create_index(
        "suspicions_queue", "suspicions", ["practice_id", "status", "raised_at", "id"], unique=False
    )
    op.create_index(
        "chat_grants_patient", "chat_grants", ["practice_id", "patient_id", "until"], unique=False
    )
    op.create_index(
        "chat_grants_user", "chat_grants", ["practice_id", "user_id", "until"], unique=False
    )
    op.create_index(
        "medications_patient", "medications", ["practice_id", "patient_id"], unique=False
    )
    op.create_index(
        "questionnaires_alarms",
        "questionnaires",
        ["practice_id", "answered_at", "id"],
        unique=False,
        postgresql_where=sa.text("alarm AND seen_at IS NULL"),
    )
    op.create_index(
        "questionnaires_patient", "questionnaires", ["practice_id", "patient_id"], unique=False
    )
    op.create_index(
        "role_grants_pending",
        "role_grants",
        ["practice_id", "asked_at", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_index(
        "assessments_patient", "assessments", ["practice_id", "patient_id", "at"], unique=False
    )
    op.create_index(
        "emergencies_queue",
        "emergencies",
        ["practice_id", "raised_at"],
        unique=False,
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_index(
        "emergencies_visit", "emergencies", ["practice_id", "appointment_id"], unique=False
    )
    op.create_index("feedback_report", "feedback", ["practice_id", "given_at", "id"], unique=False)
    op.create_index("feedback_visit", "feedback", ["practice_id", "appointment_id"], unique=False)
    op.create_index("notes_patient", "notes", ["practice_id", "patient_id"], unique=False)
    op.create_index(
        "psychotherapy_notes_author",
        "psychotherapy_notes",
        ["practice_id", "appointment_id", "author"],
        unique=False,
    )
    op.create_index("waitlist_offer", "waitlist", ["practice_id", "appointment_id"], unique=False)
    op.create_index(
        "waitlist_order",
        "waitlist",
        ["practice_id", "joined_at", "id"],
        unique=False,
        postgresql_where=sa.text("status IN ('waiting', 'offered')"),
    )
    op.create_index("waitlist_patient", "waitlist", ["practice_id", "patient_id"], unique=False)
    op.create_index("accounts_roles", "accounts", ["roles"], unique=False, postgresql_using="gin")
    op.create_index(
        "appointments_flagged",
        "appointments",
        ["practice_id"],
        unique=False,
        postgresql_where=sa.text("flags_open"),
    )
    op.create_index(
        "appointments_newest",
        "appointments",
        ["practice_id", "requested_at", "id"],
        unique=False,
        postgresql_where=sa.text("requested_at IS NOT NULL"),
    )
    op.create_index(
        "appointments_series",
        "appointments",
        ["practice_id", "series"],
        unique=False,
        postgresql_where=sa.text("series IS NOT NULL"),
    )
    op.create_index(
        "appointments_session", "appointments", ["practice_id", "session_id"], unique=False
    )
    op.create_index(
        "appointments_unattended",
        "appointments",
        ["practice_id", sa.literal_column("upper(during)"), "id"],
        unique=False,
        postgresql_where=sa.text("status = 'booked'"),
    )
    op.create_index(
        "appointments_waiting",
        "appointments",
        ["practice_id"],
        unique=False,
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_index("audit_action", "audit", ["practice_id", "action", "id"], unique=False)
    op.create_index("audit_actor", "audit", ["practice_id", "actor", "id"], unique=False)
    op.create_index("audit_time", "audit", ["practice_id", "at", "id"], unique=False)
    op.create_index(
        "charges_arrears",
        "charges",
        ["practice_id", "settled_at", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'failed' AND next_at IS NULL"),
    )
    op.create_index("charges_card", "charges", ["practice_id", "card_id"], unique=False)
    op.create_index(
        "charges_next",
        "charges",
        ["practice_id", "next_at", "id"],
        unique=False,
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )
    op.create_index(
        "consultations_open",
        "consultations",
        ["practice_id", "status", "window"],
        unique=False,
        postgresql_where=sa.text("status IN ('in-progress', 'finished')"),
    )
    op.drop_index(op.f("identity_checks_queue"), table_name="identity_checks")
    op.create_index(
        "identity_checks_queue",
        "identity_checks",
        ["practice_id", "status", "submitted_at", "id"],
        unique=False,
    )
    op.create_index(
        "identity_checks_images",
        "identity_checks",
        ["practice_id", "decided_at"],
        unique=False,
        postgresql_where=sa.text("evidence <> '[]' OR former <> '[]'"),
    )
    op.create_index(
        "identity_checks_lapse",
        "identity_checks",
        ["practice_id", "expires_at"],
        unique=False,
        postgresql_where=sa.text("status = 'approved'"),
    )
    op.create_index(
        "letters_unanswered",
        "letters",
        ["practice_id", "issued_at", "id"],
        unique=False,
        postgresql_where=sa.text(
            "kind = 'referral' AND status IN ('issued', 'delivered') AND acknowledged_at IS NULL"
        ),
    )
    op.create_index(
        "patients_match_keys", "patients", ["match_keys"], unique=False, postgresql_using="gin"
    )
    op.create_index(
        "prescriptions_claim",
        "prescriptions",
        ["practice_id", "claim_sha256"],
        unique=False,
        postgresql_where=sa.text("claim_sha256 IS NOT NULL"),
    )
    op.create_index(
        "prescriptions_lapsing",
        "prescriptions",
        ["practice_id", "valid_until", "id"],
        unique=False,
        postgresql_where=sa.text("status IN ('active', 'sent')"),
    )
    op.create_index(
        "prescriptions_to_review",
        "prescriptions",
        ["practice_id", "drafted_at", "id"],
        unique=False,
        postgresql_where=sa.text("review_needed AND review IS NULL"),
    )
    op.create_index(
        "providers_named",
        "providers",
        ["practice_id", "name", "id"],
        unique=False,
        postgresql_where=sa.text("status <> 'left'"),
    )
    op.alter_column(
        "referrals",
        "submitted_at",
        existing_type=postgresql.TIMESTAMP(timezone=True),
        nullable=True,
    )
    op.create_index(
        "referrals_partner",
        "referrals",
        ["practice_id", "partner_id", "drafted_at", "id"],
        unique=False,
    )
    op.create_index(
        "referrals_queue", "referrals", ["practice_id", "status", "drafted_at", "id"], unique=False
    )
    op.create_index(
        "sessions_running",
        "sessions",
        ["practice_id", "during"],
        unique=False,
        postgresql_using="gist",
        postgresql_where=sa.text("status = 'published'"),
    )
    op.create_index(
        "sessions_starting",
        "sessions",
        ["practice_id", sa.literal_column("lower(during)"), "id"],
        unique=False,
        postgresql_where=sa.text("status = 'published'"),
    )
    op.create_index(
        "sign_ins_user", "sign_ins", ["practice_id", "user_id", "ends_at"], unique=False
    )
    op.drop_column("charges", "corrections")
    op.drop_column("consultations", "notes")
    op.drop_column("identity_checks", "reviewer")
    op.drop_column("identity_checks", "reason")
    op.drop_column("letters", "unfit_from")
    op.drop_column("letters", "unfit_until")
    op.drop_column("prescriptions", "signed_at")
    op.alter_column("appointments", "starts_within_cooling_off", nullable=False)
    op.alter_column("appointments", "red_flags", nullable=False)
    op.alter_column("appointments", "flags_open", nullable=False)
    op.alter_column("appointments", "hidden", nullable=False)
    op.alter_column("appointments", "history", nullable=False)
    op.alter_column("cards", "status", nullable=False)
    op.alter_column("charges", "number", nullable=False)
    op.alter_column("charges", "settings_version", nullable=False)
    op.alter_column("charges", "ledger", nullable=False)
    op.alter_column("charges", "supplements", nullable=False)
    op.alter_column("charges", "refunds_made", nullable=False)
    op.alter_column("consultations", "reconciliations", nullable=False)
    op.alter_column("consultations", "mode_changes", nullable=False)
    op.alter_column("consultations", "failures", nullable=False)
    op.alter_column("identity_checks", "former", nullable=False)
    op.alter_column("identity_checks", "purged", nullable=False)
    op.alter_column("identity_checks", "decisions", nullable=False)
    op.alter_column("letters", "recipient_kind", nullable=False)
    op.alter_column("letters", "hidden_from_guardians", nullable=False)
    op.alter_column("patients", "match_keys", nullable=False)
    op.alter_column("prescriptions", "history", nullable=False)
    op.alter_column("prescriptions", "circumstances", nullable=False)
    op.alter_column("prescriptions", "warnings", nullable=False)
    op.alter_column("prescriptions", "review_needed", nullable=False)
    op.alter_column("prescriptions", "claims", nullable=False)
    op.alter_column("prescriptions", "hidden_from_guardians", nullable=False)
    op.alter_column("programs", "holds", nullable=False)
    op.alter_column("referrals", "drafted_at", nullable=False)
    op.alter_column("sign_ins", "proven_at", nullable=False)


def downgrade() -> None:
    """Take it back."""
    op.add_column(
        "prescriptions",
        sa.Column(
            "signed_at", postgresql.TIMESTAMP(timezone=True), autoincrement=False, nullable=True
        ),
    )
    op.add_column(
        "letters", sa.Column("unfit_until", sa.DATE(), autoincrement=False, nullable=True)
    )
    op.add_column("letters", sa.Column("unfit_from", sa.DATE(), autoincrement=False, nullable=True))
    op.add_column(
        "identity_checks", sa.Column("reason", sa.TEXT(), autoincrement=False, nullable=True)
    )
    op.add_column(
        "identity_checks", sa.Column("reviewer", sa.UUID(), autoincrement=False, nullable=True)
    )
    op.add_column(
        "consultations", sa.Column("notes", sa.TEXT(), autoincrement=False, nullable=True)
    )
    op.add_column(
        "charges",
        sa.Column(
            "corrections",
            postgresql.JSONB(astext_type=sa.Text()),
            autoincrement=False,
            nullable=True,
        ),
    )
    op.execute("ALTER TABLE appointments DROP CONSTRAINT appointments_cancelled_because_known")
    op.execute("ALTER TABLE cards DROP CONSTRAINT cards_status_known")
    op.execute("ALTER TABLE letters DROP CONSTRAINT letters_delivery_known")
    op.execute("ALTER TABLE letters DROP CONSTRAINT letters_disclosure_known")
    op.execute("ALTER TABLE letters DROP CONSTRAINT letters_kind_known")
    op.execute("ALTER TABLE letters DROP CONSTRAINT letters_recalled_because_known")
    op.execute("ALTER TABLE letters DROP CONSTRAINT letters_recipient_kind_known")
    op.execute("ALTER TABLE letters DROP CONSTRAINT letters_urgency_known")
    op.execute("ALTER TABLE providers DROP CONSTRAINT providers_gender_known")
    op.execute("ALTER TABLE providers DROP CONSTRAINT providers_profession_known")
    op.execute("ALTER TABLE referrals DROP CONSTRAINT referrals_status_known")
    data_0002.downgrade(op.get_bind())
    op.execute(
        """ALTER TABLE appointments ADD CONSTRAINT appointments_cancelled_because_known CHECK ((cancelled_because = ANY (ARRAY['patient'::text, 'practice'::text, 'declined'::text, 'expired'::text, 'unpaid'::text])))"""
    )
    op.execute(
        """ALTER TABLE audit ADD CONSTRAINT audit_outcome_known CHECK ((outcome = ANY (ARRAY['done'::text, 'read'::text, 'not-permitted'::text, 'unknown'::text])))"""
    )
    op.execute(
        """ALTER TABLE letters ADD CONSTRAINT letters_kind_known CHECK ((kind = ANY (ARRAY['referral'::text, 'sick-note'::text])))"""
    )
    op.execute(
        """ALTER TABLE providers ADD CONSTRAINT providers_profession_known CHECK ((profession = ANY (ARRAY['doctor'::text, 'nurse'::text, 'pharmacist'::text, 'physiotherapist'::text, 'occupational-therapist'::text, 'psychiatrist'::text, 'psychologist'::text, 'therapist'::text])))"""
    )
    op.execute(
        """ALTER TABLE referrals ADD CONSTRAINT referrals_status_known CHECK ((status = ANY (ARRAY['submitted'::text, 'accepted'::text, 'enrolled'::text, 'declined'::text, 'withdrawn'::text])))"""
    )
    op.drop_index("sign_ins_user", table_name="sign_ins")
    op.drop_index(
        "sessions_starting", table_name="sessions", postgresql_where=sa.text("status = 'published'")
    )
    op.drop_index(
        "sessions_running",
        table_name="sessions",
        postgresql_using="gist",
        postgresql_where=sa.text("status = 'published'"),
    )
    op.drop_index("referrals_queue", table_name="referrals")
    op.drop_index("referrals_partner", table_name="referrals")
    op.alter_column(
        "referrals",
        "submitted_at",
        existing_type=postgresql.TIMESTAMP(timezone=True),
        nullable=False,
    )
    op.drop_constraint("providers_patient_id_fkey", "providers", type_="foreignkey")
    op.drop_index(
        "providers_named", table_name="providers", postgresql_where=sa.text("status <> 'left'")
    )
    op.drop_index(
        "prescriptions_to_review",
        table_name="prescriptions",
        postgresql_where=sa.text("review_needed AND review IS NULL"),
    )
    op.drop_index(
        "prescriptions_lapsing",
        table_name="prescriptions",
        postgresql_where=sa.text("status IN ('active', 'sent')"),
    )
    op.drop_index(
        "prescriptions_claim",
        table_name="prescriptions",
        postgresql_where=sa.text("claim_sha256 IS NOT NULL"),
    )
    op.drop_index("patients_match_keys", table_name="patients", postgresql_using="gin")
    op.drop_index(
        "letters_unanswered",
        table_name="letters",
        postgresql_where=sa.text(
            "kind = 'referral' AND status IN ('issued', 'delivered') AND acknowledged_at IS NULL"
        ),
    )
    op.drop_index(
        "identity_checks_lapse",
        table_name="identity_checks",
        postgresql_where=sa.text("status = 'approved'"),
    )
    op.drop_index(
        "identity_checks_images",
        table_name="identity_checks",
        postgresql_where=sa.text("evidence <> '[]' OR former <> '[]'"),
    )
    op.drop_index("identity_checks_queue", table_name="identity_checks")
    op.create_index(
        op.f("identity_checks_queue"),
        "identity_checks",
        ["practice_id", "status", "id"],
        unique=False,
    )
    op.drop_index(
        "consultations_open",
        table_name="consultations",
        postgresql_where=sa.text("status IN ('in-progress', 'finished')"),
    )
    op.drop_index(
        "charges_next", table_name="charges", postgresql_where=sa.text("next_at IS NOT NULL")
    )
    op.drop_index("charges_card", table_name="charges")
    op.drop_index(
        "charges_arrears",
        table_name="charges",
        postgresql_where=sa.text("status = 'failed' AND next_at IS NULL"),
    )
    op.drop_index("audit_time", table_name="audit")
    op.drop_index("audit_actor", table_name="audit")
    op.drop_index("audit_action", table_name="audit")
    op.drop_index(
        "appointments_waiting",
        table_name="appointments",
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.drop_index(
        "appointments_unattended",
        table_name="appointments",
        postgresql_where=sa.text("status = 'booked'"),
    )
    op.drop_index("appointments_session", table_name="appointments")
    op.drop_index(
        "appointments_series",
        table_name="appointments",
        postgresql_where=sa.text("series IS NOT NULL"),
    )
    op.drop_index(
        "appointments_newest",
        table_name="appointments",
        postgresql_where=sa.text("requested_at IS NOT NULL"),
    )
    op.drop_index(
        "appointments_flagged", table_name="appointments", postgresql_where=sa.text("flags_open")
    )
    op.drop_index("accounts_roles", table_name="accounts", postgresql_using="gin")
    op.drop_index("waitlist_patient", table_name="waitlist")
    op.drop_index(
        "waitlist_order",
        table_name="waitlist",
        postgresql_where=sa.text("status IN ('waiting', 'offered')"),
    )
    op.drop_index("waitlist_offer", table_name="waitlist")
    op.drop_index("psychotherapy_notes_author", table_name="psychotherapy_notes")
    op.drop_index("notes_patient", table_name="notes")
    op.drop_index("feedback_visit", table_name="feedback")
    op.drop_index("feedback_report", table_name="feedback")
    op.drop_index("emergencies_visit", table_name="emergencies")
    op.drop_index(
        "emergencies_queue", table_name="emergencies", postgresql_where=sa.text("status = 'open'")
    )
    op.drop_index("assessments_patient", table_name="assessments")
    op.drop_index(
        "role_grants_pending",
        table_name="role_grants",
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.drop_index("questionnaires_patient", table_name="questionnaires")
    op.drop_index(
        "questionnaires_alarms",
        table_name="questionnaires",
        postgresql_where=sa.text("alarm AND seen_at IS NULL"),
    )
    op.drop_index("medications_patient", table_name="medications")
    op.drop_index("chat_grants_user", table_name="chat_grants")
    op.drop_index("chat_grants_patient", table_name="chat_grants")
    op.drop_index("suspicions_queue", table_name="suspicions")
    op.drop_index("record_conflicts_subject", table_name="record_conflicts")
    op.drop_index(
        "record_conflicts_queue",
        table_name="record_conflicts",
        postgresql_where=sa.text("status = 'open'"),
    )
    op.drop_index(
        "emergency_accesses_unreviewed",
        table_name="emergency_accesses",
        postgresql_where=sa.text("status = 'open'"),
    )
    op.drop_index("emergency_accesses_live", table_name="emergency_accesses")
    op.drop_index("consents_patient", table_name="consents")
    op.drop_index(
        "quarantine_queue", table_name="quarantine", postgresql_where=sa.text("status = 'waiting'")
    )
    op.drop_column("sign_ins", "proven_at")
    op.drop_column("referrals", "closed_because")
    op.drop_column("referrals", "drafted_at")
    op.drop_column("providers", "status_reason")
    op.drop_column("providers", "patient_id")
    op.drop_column("providers", "npi")
    op.drop_column("providers", "gender")
    op.drop_column("programs", "holds")
    op.drop_column("prescriptions", "hidden_from_guardians")
    op.drop_column("prescriptions", "replaced_by")
    op.drop_column("prescriptions", "replaces")
    op.drop_column("prescriptions", "cancelled_because")
    op.drop_column("prescriptions", "claims")
    op.drop_column("prescriptions", "transmitted_at")
    op.drop_column("prescriptions", "sent_at")
    op.drop_column("prescriptions", "claim_sha256")
    op.drop_column("prescriptions", "claim_token")
    op.drop_column("prescriptions", "pharmacy")
    op.drop_column("prescriptions", "review")
    op.drop_column("prescriptions", "review_needed")
    op.drop_column("prescriptions", "signature")
    op.drop_column("prescriptions", "dispensable")
    op.drop_column("prescriptions", "valid_until")
    op.drop_column("prescriptions", "warnings")
    op.drop_column("prescriptions", "particulars")
    op.drop_column("prescriptions", "circumstances")
    op.drop_column("prescriptions", "history")
    op.drop_column("prescriptions", "not_before")
    op.drop_column("prescriptions", "dispensings")
    op.drop_column("patients", "match_keys")
    op.drop_column("patients", "handover")
    op.drop_column("patients", "reason")
    op.drop_column("partners", "reason")
    op.drop_column("letters", "recall_note")
    op.drop_column("letters", "recalled_because")
    op.drop_column("letters", "superseded_by")
    op.drop_column("letters", "acknowledged_at")
    op.drop_column("letters", "acknowledged_by")
    op.drop_column("letters", "delivered_at")
    op.drop_column("letters", "delivery")
    op.drop_column("letters", "hidden_from_guardians")
    op.drop_column("letters", "supersedes")
    op.drop_column("letters", "certificate")
    op.drop_column("letters", "disclosure")
    op.drop_column("letters", "urgency")
    op.drop_column("letters", "reason")
    op.drop_column("letters", "recipient_kind")
    op.drop_column("identity_checks", "submitted_at")
    op.drop_column("identity_checks", "decisions")
    op.drop_column("identity_checks", "purged")
    op.drop_column("identity_checks", "former")
    op.drop_column("consultations", "outcome")
    op.drop_column("consultations", "failures")
    op.drop_column("consultations", "identity")
    op.drop_column("consultations", "mode_changes")
    op.drop_column("consultations", "reconciliations")
    op.drop_column("consultations", "window")
    op.drop_column("charges", "confirm_by")
    op.drop_column("charges", "next_at")
    op.drop_column("charges", "refunds_made")
    op.drop_column("charges", "ordered_currency")
    op.drop_column("charges", "ordered_minor")
    op.drop_column("charges", "supplements")
    op.drop_column("charges", "proposal")
    op.drop_column("charges", "ledger")
    op.drop_column("charges", "insurance_fixed_currency")
    op.drop_column("charges", "insurance_fixed_minor")
    op.drop_column("charges", "settings_version")
    op.drop_column("charges", "number")
    op.drop_column("cards", "default_since")
    op.drop_column("cards", "status")
    op.drop_column("audit", "request")
    op.drop_column("audit", "purpose")
    op.drop_column("audit", "category")
    op.drop_column("audit", "kind")
    op.drop_column("audit", "acted_for")
    op.drop_column("audit", "roles")
    op.drop_column("appointments", "history")
    op.drop_column("appointments", "hidden")
    op.drop_column("appointments", "flags_open")
    op.drop_column("appointments", "red_flags")
    op.drop_column("appointments", "series")
    op.drop_column("appointments", "override")
    op.drop_column("appointments", "vouched_by")
    op.drop_column("appointments", "requested_at")
    op.drop_column("appointments", "starts_within_cooling_off")
    op.drop_column("appointments", "free_until")
    op.drop_column("appointments", "withdraw_until")
    op.drop_column("appointments", "declined")
    op.drop_column("accounts", "disabled_at")
    op.drop_table("waitlist")
    op.drop_table("psychotherapy_notes")
    op.drop_table("notes")
    op.drop_table("feedback")
    op.drop_table("emergencies")
    op.drop_table("assessments")
    op.drop_table("sign_in_attempts")
    op.drop_table("role_grants")
    op.drop_table("questionnaires")
    op.drop_table("medications")
    op.drop_table("chat_grants")
    op.drop_table("suspicions")
    op.drop_table("record_links")
    op.drop_table("record_conflicts")
    op.drop_table("emergency_accesses")
    op.drop_table("conversations")
    op.drop_table("consents")
    op.drop_table("settings_history")
    op.drop_table("record_cursors")
    op.drop_table("quarantine")
    op.alter_column("charges", "corrections", nullable=False)
