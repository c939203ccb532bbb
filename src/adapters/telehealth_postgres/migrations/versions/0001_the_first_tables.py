"""The first tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it so."""
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.create_table(
        "audit",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("actor", sa.Uuid(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=True),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('done', 'read', 'not-permitted', 'unknown')",
            name=op.f("audit_outcome_known"),
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name="audit_key"),
    )
    op.create_index("audit_patient", "audit", ["practice_id", "patient_id", "id"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "next_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("practice_id", "id", name="outbox_key"),
    )
    op.create_index(
        "outbox_open", "outbox", ["id"], unique=False, postgresql_where=sa.text("done_at IS NULL")
    )
    op.create_index(
        "outbox_subject",
        "outbox",
        ["subject", "id"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_table(
        "practices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("jurisdiction_code", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column(
            "settings", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False
        ),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="practices_key"),
        sa.UniqueConstraint("slug", name="practices_slug_once"),
    )
    op.create_table(
        "reactions_done",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("reaction", sa.Text(), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("practice_id", "event_id", "reaction", name="reactions_done_key"),
    )
    op.create_table(
        "partners",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('active', 'suspended')", name=op.f("partners_status_known")),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name="partners_practice_fkey"),
        sa.PrimaryKeyConstraint("practice_id", "id", name="partners_key"),
    )
    op.create_table(
        "patients",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column(
            "profile", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column(
            "identifiers",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=False,
        ),
        sa.Column(
            "guardians", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False
        ),
        sa.Column(
            "partners", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False
        ),
        sa.Column("verified_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('registering', 'verified', 'suspended', 'closed')",
            name=op.f("patients_status_known"),
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name="patients_practice_fkey"),
        sa.PrimaryKeyConstraint("practice_id", "id", name="patients_key"),
    )
    op.create_index(
        "patients_guardians",
        "patients",
        ["guardians"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"guardians": "jsonb_path_ops"},
    )
    op.create_index(
        "patients_partners",
        "patients",
        ["partners"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"partners": "jsonb_path_ops"},
    )
    op.create_table(
        "providers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("profession", sa.Text(), nullable=False),
        sa.Column("specialties", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("languages", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column(
            "licences", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False
        ),
        sa.Column(
            "services", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False
        ),
        sa.Column("prescriber", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "profession IN ('doctor', 'nurse', 'pharmacist', 'physiotherapist', 'occupational-therapist', 'psychiatrist', 'psychologist', 'therapist')",
            name=op.f("providers_profession_known"),
        ),
        sa.CheckConstraint(
            "status IN ('onboarding', 'active', 'suspended', 'left')",
            name=op.f("providers_status_known"),
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name="providers_practice_fkey"),
        sa.PrimaryKeyConstraint("practice_id", "id", name="providers_key"),
    )
    op.create_index(
        "providers_specialties", "providers", ["specialties"], unique=False, postgresql_using="gin"
    )
    op.create_table(
        "accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "partner_id"],
            ["partners.practice_id", "partners.id"],
            name="accounts_partner_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "patient_id"],
            ["patients.practice_id", "patients.id"],
            name="accounts_patient_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "provider_id"],
            ["providers.practice_id", "providers.id"],
            name="accounts_provider_id_fkey",
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name="accounts_key"),
        sa.UniqueConstraint("practice_id", "email", name="accounts_email_once"),
        sa.UniqueConstraint("practice_id", "patient_id", name="accounts_patient_once"),
    )
    op.create_table(
        "cards",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column(
            "details", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False
        ),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "patient_id"],
            ["patients.practice_id", "patients.id"],
            name="cards_patient_id_fkey",
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name="cards_key"),
    )
    op.create_index("cards_patient", "cards", ["practice_id", "patient_id"], unique=False)
    op.create_table(
        "documents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('identity', 'selfie', 'guardianship', 'reason', 'letter')",
            name=op.f("documents_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "patient_id"],
            ["patients.practice_id", "patients.id"],
            name="documents_patient_id_fkey",
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name="documents_key"),
    )
    op.create_table(
        "identity_checks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column(
            "evidence", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False
        ),
        sa.Column(
            "comments", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False
        ),
        sa.Column("reviewer", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('draft', 'submitted', 'needs-info', 'approved', 'rejected', 'expired')",
            name=op.f("identity_checks_status_known"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "patient_id"],
            ["patients.practice_id", "patients.id"],
            name="identity_checks_patient_id_fkey",
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name="identity_checks_key"),
    )
    op.create_index(
        "identity_checks_queue", "identity_checks", ["practice_id", "status", "id"], unique=False
    )
    op.create_table(
        "messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("author", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "patient_id"],
            ["patients.practice_id", "patients.id"],
            name="messages_patient_id_fkey",
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name="messages_key"),
    )
    op.create_index(
        "messages_conversation",
        "messages",
        ["practice_id", "conversation_id", "posted_at"],
        unique=False,
    )
    op.create_table(
        "programs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("anticipated_discharge_on", sa.Date(), nullable=True),
        sa.Column("discharged_on", sa.Date(), nullable=True),
        sa.Column(
            "revisions", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False
        ),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('PHP', 'IOP')", name=op.f("programs_kind_known")),
        sa.CheckConstraint(
            "status IN ('planned', 'active', 'onhold', 'finished', 'cancelled')",
            name=op.f("programs_status_known"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "patient_id"],
            ["patients.practice_id", "patients.id"],
            name="programs_patient_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "provider_id"],
            ["providers.practice_id", "providers.id"],
            name="programs_provider_id_fkey",
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name="programs_key"),
    )
    op.create_index("programs_patient", "programs", ["practice_id", "patient_id"], unique=False)
    op.create_table(
        "referrals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column(
            "client", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("invitation", sa.Text(), nullable=True),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "status IN ('submitted', 'accepted', 'enrolled', 'declined', 'withdrawn')",
            name=op.f("referrals_status_known"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "partner_id"],
            ["partners.practice_id", "partners.id"],
            name="referrals_partner_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "patient_id"],
            ["patients.practice_id", "patients.id"],
            name="referrals_patient_id_fkey",
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name="referrals_key"),
        sa.UniqueConstraint("practice_id", "invitation", name="referrals_invitation_once"),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("visit_minutes", sa.BigInteger(), nullable=False),
        sa.Column("start_every_minutes", sa.BigInteger(), nullable=False),
        sa.Column("modes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("price_currency", sa.CHAR(length=3), nullable=False),
        sa.Column("series", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "status IN ('draft', 'published', 'closed')", name=op.f("sessions_status_known")
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "provider_id"],
            ["providers.practice_id", "providers.id"],
            name="sessions_provider_id_fkey",
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name="sessions_key"),
    )
    op.create_index(
        "sessions_diary",
        "sessions",
        ["practice_id", "provider_id", "during"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_index(
        "sessions_series",
        "sessions",
        ["practice_id", "series"],
        unique=False,
        postgresql_where=sa.text("series IS NOT NULL"),
    )
    op.create_table(
        "appointments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("occupies", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("price_currency", sa.CHAR(length=3), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("held_by", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column(
            "pre_screening",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=False,
        ),
        sa.Column(
            "attachments",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=False,
        ),
        sa.Column("settings_version", sa.BigInteger(), nullable=False),
        sa.Column("cancelled_because", sa.Text(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("practice_id"), "="),
            (sa.column("patient_id"), "="),
            (sa.column("during"), "&&"),
            where=sa.text("status IN ('arrived', 'booked', 'fulfilled', 'held', 'pending')"),
            using="gist",
            name="appointments_patient_once",
        ),
        postgresql.ExcludeConstraint(
            (sa.column("practice_id"), "="),
            (sa.column("provider_id"), "="),
            (sa.column("occupies"), "&&"),
            where=sa.text("status IN ('arrived', 'booked', 'fulfilled', 'held', 'pending')"),
            using="gist",
            name="appointments_provider_once",
        ),
        sa.CheckConstraint(
            "cancelled_because IN ('patient', 'practice', 'declined', 'expired', 'unpaid')",
            name=op.f("appointments_cancelled_because_known"),
        ),
        sa.CheckConstraint("mode IN ('video', 'voice')", name=op.f("appointments_mode_known")),
        sa.CheckConstraint(
            "status IN ('held', 'pending', 'booked', 'arrived', 'fulfilled', 'cancelled', 'noshow')",
            name=op.f("appointments_status_known"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "patient_id"],
            ["patients.practice_id", "patients.id"],
            name="appointments_patient_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "provider_id"],
            ["providers.practice_id", "providers.id"],
            name="appointments_provider_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "session_id"],
            ["sessions.practice_id", "sessions.id"],
            name="appointments_session_id_fkey",
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name="appointments_key"),
    )
    op.create_index(
        "appointments_dashboard",
        "appointments",
        ["practice_id", "during"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_index(
        "appointments_diary",
        "appointments",
        ["practice_id", "provider_id", "during"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_index(
        "appointments_holds",
        "appointments",
        ["practice_id", "held_by"],
        unique=False,
        postgresql_where=sa.text("status = 'held'"),
    )
    op.create_index(
        "appointments_patient", "appointments", ["practice_id", "patient_id"], unique=False
    )
    op.create_table(
        "sign_ins",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "user_id"],
            ["accounts.practice_id", "accounts.id"],
            name="sign_ins_user_id_fkey",
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name="sign_ins_key"),
        sa.UniqueConstraint("id", name="sign_ins_id_once"),
    )
    op.create_table(
        "charges",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("payer_id", sa.Uuid(), nullable=False),
        sa.Column("card_id", sa.Uuid(), nullable=True),
        sa.Column("base_minor", sa.BigInteger(), nullable=False),
        sa.Column("base_currency", sa.CHAR(length=3), nullable=False),
        sa.Column("agreed_minor", sa.BigInteger(), nullable=False),
        sa.Column("agreed_currency", sa.CHAR(length=3), nullable=False),
        sa.Column(
            "extras", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False
        ),
        sa.Column("insurance_bp", sa.BigInteger(), nullable=False),
        sa.Column(
            "corrections",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=False,
        ),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column(
            "outcome", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('planned', 'billable', 'collecting', 'paid', 'failed', 'waived', 'refunded')",
            name=op.f("charges_status_known"),
        ),
        sa.CheckConstraint(
            "insurance_bp BETWEEN 0 AND 10000", name=op.f("charges_insurance_bp_share")
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "appointment_id"],
            ["appointments.practice_id", "appointments.id"],
            name="charges_appointment_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "card_id"],
            ["cards.practice_id", "cards.id"],
            name="charges_card_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "patient_id"],
            ["patients.practice_id", "patients.id"],
            name="charges_patient_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "payer_id"],
            ["patients.practice_id", "patients.id"],
            name="charges_payer_id_fkey",
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name="charges_key"),
    )
    op.create_index("charges_report", "charges", ["practice_id", "planned_at", "id"], unique=False)
    op.create_table(
        "consultations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column(
            "participants",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=False,
        ),
        sa.Column(
            "attendances",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=False,
        ),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counted_seconds", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "status IN ('planned', 'in-progress', 'finished', 'completed', 'cancelled')",
            name=op.f("consultations_status_known"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "appointment_id"],
            ["appointments.practice_id", "appointments.id"],
            name="consultations_appointment_id_fkey",
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name="consultations_key"),
    )
    op.create_table(
        "letters",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("unfit_from", sa.Date(), nullable=True),
        sa.Column("unfit_until", sa.Date(), nullable=True),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('referral', 'sick-note')", name=op.f("letters_kind_known")),
        sa.CheckConstraint(
            "status IN ('draft', 'issued', 'delivered', 'superseded', 'recalled')",
            name=op.f("letters_status_known"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "appointment_id"],
            ["appointments.practice_id", "appointments.id"],
            name="letters_appointment_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "patient_id"],
            ["patients.practice_id", "patients.id"],
            name="letters_patient_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "provider_id"],
            ["providers.practice_id", "providers.id"],
            name="letters_provider_id_fkey",
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name="letters_key"),
    )
    op.create_index("letters_patient", "letters", ["practice_id", "patient_id"], unique=False)
    op.create_table(
        "prescriptions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column(
            "items", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False
        ),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('draft', 'active', 'sent', 'dispensed', 'cancelled', 'expired')",
            name=op.f("prescriptions_status_known"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "appointment_id"],
            ["appointments.practice_id", "appointments.id"],
            name="prescriptions_appointment_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "patient_id"],
            ["patients.practice_id", "patients.id"],
            name="prescriptions_patient_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "provider_id"],
            ["providers.practice_id", "providers.id"],
            name="prescriptions_provider_id_fkey",
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name="prescriptions_key"),
    )
    op.create_index(
        "prescriptions_patient", "prescriptions", ["practice_id", "patient_id"], unique=False
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_index("prescriptions_patient", table_name="prescriptions")
    op.drop_table("prescriptions")
    op.drop_index("letters_patient", table_name="letters")
    op.drop_table("letters")
    op.drop_table("consultations")
    op.drop_index("charges_report", table_name="charges")
    op.drop_table("charges")
    op.drop_table("sign_ins")
    op.drop_index("appointments_patient", table_name="appointments")
    op.drop_index(
        "appointments_holds", table_name="appointments", postgresql_where=sa.text("status = 'held'")
    )
    op.drop_index("appointments_diary", table_name="appointments", postgresql_using="gist")
    op.drop_index("appointments_dashboard", table_name="appointments", postgresql_using="gist")
    op.drop_table("appointments")
    op.drop_index(
        "sessions_series", table_name="sessions", postgresql_where=sa.text("series IS NOT NULL")
    )
    op.drop_index("sessions_diary", table_name="sessions", postgresql_using="gist")
    op.drop_table("sessions")
    op.drop_table("referrals")
    op.drop_index("programs_patient", table_name="programs")
    op.drop_table("programs")
    op.drop_index("messages_conversation", table_name="messages")
    op.drop_table("messages")
    op.drop_index("identity_checks_queue", table_name="identity_checks")
    op.drop_table("identity_checks")
    op.drop_table("documents")
    op.drop_index("cards_patient", table_name="cards")
    op.drop_table("cards")
    op.drop_table("accounts")
    op.drop_index("providers_specialties", table_name="providers", postgresql_using="gin")
    op.drop_table("providers")
    op.drop_index(
        "patients_partners",
        table_name="patients",
        postgresql_using="gin",
        postgresql_ops={"partners": "jsonb_path_ops"},
    )
    op.drop_index(
        "patients_guardians",
        table_name="patients",
        postgresql_using="gin",
        postgresql_ops={"guardians": "jsonb_path_ops"},
    )
    op.drop_table("patients")
    op.drop_table("partners")
    op.drop_table("reactions_done")
    op.drop_table("practices")
    op.drop_index(
        "outbox_subject", table_name="outbox", postgresql_where=sa.text("done_at IS NULL")
    )
    op.drop_index("outbox_open", table_name="outbox", postgresql_where=sa.text("done_at IS NULL"))
    op.drop_table("outbox")
    op.drop_index("audit_patient", table_name="audit")
    op.drop_table("audit")
