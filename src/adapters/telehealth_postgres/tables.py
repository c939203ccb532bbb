"""The tables. Columns follow from the aggregates; here stands what fields cannot say.
A table's `info["shape"]` turns its rows into aggregates.

`practice_id` leads every key, so that rows can be secured and sharded by it; references stay
inside a practice. Two exclusion constraints are the second wall of N01: no provider and no patient
is ever in two appointments at once.
"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from telehealth_core.access.account import Account, SignIn
from telehealth_core.access.attempts import SignInAttempts
from telehealth_core.access.audit import AuditEntry
from telehealth_core.access.emergency import EmergencyAccess
from telehealth_core.access.role_grant import RoleGrant
from telehealth_core.billing.card import Card
from telehealth_core.billing.charge import Charge
from telehealth_core.consultation.consultation import Consultation
from telehealth_core.consultation.emergency import Emergency
from telehealth_core.consultation.feedback import Feedback
from telehealth_core.consultation.note import VisitNote
from telehealth_core.consultation.psychotherapy import PsychotherapyNote
from telehealth_core.letters.letter import Letter
from telehealth_core.messaging.conversation import ChatGrant, Conversation, Message
from telehealth_core.partnership.partner import Partner
from telehealth_core.partnership.referral import Referral
from telehealth_core.practice.practice import Practice
from telehealth_core.practice.settings import SettingsVersion
from telehealth_core.prescribing.prescription import Prescription
from telehealth_core.records.conflict import RecordConflict
from telehealth_core.records.cursor import RecordCursor
from telehealth_core.records.link import RecordLink
from telehealth_core.records.quarantine import Quarantined
from telehealth_core.registration.assessment import CompetenceAssessment
from telehealth_core.registration.consent import Consent
from telehealth_core.registration.document import Document
from telehealth_core.registration.duplicate import DuplicateSuspicion
from telehealth_core.registration.identity_check import IdentityCheck
from telehealth_core.registration.patient import Patient
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.life import OCCUPYING
from telehealth_core.scheduling.session import Session
from telehealth_core.scheduling.waitlist import WaitlistEntry
from telehealth_core.treatment.medication import Medication
from telehealth_core.treatment.program import TreatmentProgram
from telehealth_core.treatment.questionnaire import Questionnaire
from telehealth_core.workforce.provider import Provider
from telehealth_postgres.columns import Shape, shape_of

METADATA = sa.MetaData(
    naming_convention={
        "pk": "%(table_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s",
        "fk": "%(table_name)s_%(column_1_name)s_fkey",
        "uq": "%(table_name)s_%(column_1_name)s_once",
        "ix": "%(column_0_label)s",
    }
)


def _table(name: str, kind: type, *rest: sa.schema.SchemaItem, **owners: str) -> sa.Table:
    """A table of aggregates; `owners` names for a column the table that it refers to."""
    references = [
        sa.ForeignKeyConstraint(
            ["practice_id", column],
            [f"{owner}.practice_id", f"{owner}.id"],
            name=f"{name}_{column}_fkey",
        )
        for column, owner in owners.items()
    ]
    # the practice's own row is its id and its practice's id at once
    practice = sa.ForeignKeyConstraint(
        ["practice_id"], ["practices.id"], name=f"{name}_practice_fkey"
    )
    shape: Shape[object] = shape_of(kind)
    return sa.Table(
        name,
        METADATA,
        *shape.columns,
        *shape.checks,
        sa.PrimaryKeyConstraint("practice_id", "id", name=f"{name}_key"),
        *([] if owners else [practice]),
        *references,
        *rest,
        info={"shape": shape},
    )


_PRACTICE = shape_of(Practice)
PRACTICES = sa.Table(
    "practices",
    METADATA,
    *_PRACTICE.columns,
    sa.PrimaryKeyConstraint("id", name="practices_key"),
    sa.UniqueConstraint("slug", name="practices_slug_once"),
    info={"shape": _PRACTICE},
)

SETTINGS_HISTORY = _table("settings_history", SettingsVersion)
PROVIDERS = _table(
    "providers",
    Provider,
    sa.ForeignKeyConstraint(
        ["practice_id", "patient_id"],
        ["patients.practice_id", "patients.id"],
        name="providers_patient_id_fkey",
    ),
    sa.Index(
        "providers_named",
        "practice_id",
        "name",
        "id",
        postgresql_where=sa.text("status <> 'left'"),
    ),
    sa.Index("providers_specialties", "specialties", postgresql_using="gin"),
)
PARTNERS = _table("partners", Partner)
PATIENTS = _table(
    "patients",
    Patient,
    sa.Index(
        "patients_guardians",
        "guardians",
        postgresql_using="gin",
        postgresql_ops={"guardians": "jsonb_path_ops"},
    ),
    sa.Index(
        "patients_partners",
        "partners",
        postgresql_using="gin",
        postgresql_ops={"partners": "jsonb_path_ops"},
    ),
    sa.Index("patients_match_keys", "match_keys", postgresql_using="gin"),
)
ACCOUNTS = _table(
    "accounts",
    Account,
    sa.UniqueConstraint("practice_id", "email", name="accounts_email_once"),
    sa.UniqueConstraint("practice_id", "patient_id", name="accounts_patient_once"),
    sa.Index("accounts_roles", "roles", postgresql_using="gin"),
    patient_id="patients",
    provider_id="providers",
    partner_id="partners",
)
SIGN_INS = _table(
    "sign_ins",
    SignIn,
    sa.UniqueConstraint("id", name="sign_ins_id_once"),
    sa.Index("sign_ins_user", "practice_id", "user_id", "ends_at"),
    user_id="accounts",
)
SIGN_IN_ATTEMPTS = _table("sign_in_attempts", SignInAttempts, user_id="accounts")
ROLE_GRANTS = _table(
    "role_grants",
    RoleGrant,
    sa.Index(
        "role_grants_pending",
        "practice_id",
        "asked_at",
        "id",
        postgresql_where=sa.text("status = 'pending'"),
    ),
    account_id="accounts",
)
EMERGENCY_ACCESSES = _table(
    "emergency_accesses",
    EmergencyAccess,
    sa.Index("emergency_accesses_live", "practice_id", "user_id", "patient_id", "until"),
    sa.Index(
        "emergency_accesses_unreviewed",
        "practice_id",
        "review_due",
        "id",
        postgresql_where=sa.text("status = 'open'"),
    ),
    patient_id="patients",
)
IDENTITY_CHECKS = _table(
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
CONSENTS = _table(
    "consents",
    Consent,
    sa.Index("consents_patient", "practice_id", "patient_id", "at"),
    patient_id="patients",
)
ASSESSMENTS = _table(
    "assessments",
    CompetenceAssessment,
    sa.Index("assessments_patient", "practice_id", "patient_id", "at"),
    patient_id="patients",
    provider_id="providers",
    appointment_id="appointments",
)
SUSPICIONS = _table(
    "suspicions",
    DuplicateSuspicion,
    sa.Index("suspicions_queue", "practice_id", "status", "raised_at", "id"),
    patient_id="patients",
    other_id="patients",
)
DOCUMENTS = _table("documents", Document, patient_id="patients")
SESSIONS = _table(
    "sessions",
    Session,
    sa.Index(
        "sessions_series", "practice_id", "series", postgresql_where=sa.text("series IS NOT NULL")
    ),
    sa.Index("sessions_diary", "practice_id", "provider_id", "during", postgresql_using="gist"),
    sa.Index(
        "sessions_running",
        "practice_id",
        "during",
        postgresql_using="gist",
        postgresql_where=sa.text("status = 'published'"),
    ),
    sa.Index(
        "sessions_starting",
        "practice_id",
        sa.text("lower(during)"),
        "id",
        postgresql_where=sa.text("status = 'published'"),
    ),
    provider_id="providers",
)

_TAKES_TIME = "status IN ({})".format(", ".join(f"'{status}'" for status in sorted(OCCUPYING)))

APPOINTMENTS = _table(
    "appointments",
    Appointment,
    pg.ExcludeConstraint(
        ("practice_id", "="),
        ("provider_id", "="),
        ("occupies", "&&"),
        where=sa.text(_TAKES_TIME),
        name="appointments_provider_once",
    ),
    pg.ExcludeConstraint(
        ("practice_id", "="),
        ("patient_id", "="),
        ("during", "&&"),
        where=sa.text(_TAKES_TIME),
        name="appointments_patient_once",
    ),
    sa.Index("appointments_diary", "practice_id", "provider_id", "during", postgresql_using="gist"),
    sa.Index("appointments_patient", "practice_id", "patient_id"),
    sa.Index("appointments_dashboard", "practice_id", "during", postgresql_using="gist"),
    sa.Index(
        "appointments_holds", "practice_id", "held_by", postgresql_where=sa.text("status = 'held'")
    ),
    sa.Index("appointments_session", "practice_id", "session_id"),
    sa.Index(
        "appointments_series",
        "practice_id",
        "series",
        postgresql_where=sa.text("series IS NOT NULL"),
    ),
    sa.Index(
        "appointments_newest",
        "practice_id",
        "requested_at",
        "id",
        postgresql_where=sa.text("requested_at IS NOT NULL"),
    ),
    sa.Index("appointments_flagged", "practice_id", postgresql_where=sa.text("flags_open")),
    sa.Index(
        "appointments_unattended",
        "practice_id",
        sa.text("upper(during)"),
        "id",
        postgresql_where=sa.text("status = 'booked'"),
    ),
    sa.Index("appointments_waiting", "practice_id", postgresql_where=sa.text("status = 'pending'")),
    patient_id="patients",
    provider_id="providers",
    session_id="sessions",
)
WAITLIST = _table(
    "waitlist",
    WaitlistEntry,
    sa.Index(
        "waitlist_order",
        "practice_id",
        "joined_at",
        "id",
        postgresql_where=sa.text("status IN ('waiting', 'offered')"),
    ),
    sa.Index("waitlist_patient", "practice_id", "patient_id"),
    sa.Index("waitlist_offer", "practice_id", "appointment_id"),
    patient_id="patients",
    provider_id="providers",
    appointment_id="appointments",
)
CONSULTATIONS = _table(
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
)
NOTES = _table(
    "notes",
    VisitNote,
    sa.Index("notes_patient", "practice_id", "patient_id"),
    appointment_id="appointments",
    patient_id="patients",
    provider_id="providers",
)
PSYCHOTHERAPY_NOTES = _table(
    "psychotherapy_notes",
    PsychotherapyNote,
    sa.Index("psychotherapy_notes_author", "practice_id", "appointment_id", "author"),
    appointment_id="appointments",
    patient_id="patients",
    provider_id="providers",
)
FEEDBACK = _table(
    "feedback",
    Feedback,
    sa.CheckConstraint("rating BETWEEN 1 AND 5", name="rating_known"),
    sa.Index("feedback_visit", "practice_id", "appointment_id"),
    sa.Index("feedback_report", "practice_id", "given_at", "id"),
    appointment_id="appointments",
    patient_id="patients",
    provider_id="providers",
)
EMERGENCIES = _table(
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
CARDS = _table(
    "cards", Card, sa.Index("cards_patient", "practice_id", "patient_id"), patient_id="patients"
)
CHARGES = _table(
    "charges",
    Charge,
    sa.Index("charges_report", "practice_id", "planned_at", "id"),
    sa.Index(
        "charges_next",
        "practice_id",
        "next_at",
        "id",
        postgresql_where=sa.text("next_at IS NOT NULL"),
    ),
    sa.Index(
        "charges_arrears",
        "practice_id",
        "settled_at",
        "id",
        postgresql_where=sa.text("status = 'failed' AND next_at IS NULL"),
    ),
    sa.Index("charges_card", "practice_id", "card_id"),
    sa.CheckConstraint("insurance_bp BETWEEN 0 AND 10000", name="insurance_bp_share"),
    appointment_id="appointments",
    patient_id="patients",
    payer_id="patients",
    card_id="cards",
)
RECORD_LINKS = _table(
    "record_links",
    RecordLink,
    sa.UniqueConstraint("practice_id", "kind", "outside_id", name="record_links_outside_once"),
    patient_id="patients",
)
RECORD_CONFLICTS = _table(
    "record_conflicts",
    RecordConflict,
    sa.Index(
        "record_conflicts_queue",
        "practice_id",
        "found_at",
        "id",
        postgresql_where=sa.text("status = 'open'"),
    ),
    sa.Index("record_conflicts_subject", "practice_id", "subject"),
    patient_id="patients",
)
QUARANTINE = _table(
    "quarantine",
    Quarantined,
    sa.Index(
        "quarantine_queue",
        "practice_id",
        "heard_at",
        "id",
        postgresql_where=sa.text("status = 'waiting'"),
    ),
)
RECORD_CURSORS = _table("record_cursors", RecordCursor)
PRESCRIPTIONS = _table(
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
)
LETTERS = _table(
    "letters",
    Letter,
    sa.Index("letters_patient", "practice_id", "patient_id"),
    sa.Index(
        "letters_unanswered",
        "practice_id",
        "issued_at",
        "id",
        postgresql_where=sa.text(
            "kind = 'referral' AND status IN ('issued', 'delivered') AND acknowledged_at IS NULL"
        ),
    ),
    patient_id="patients",
    provider_id="providers",
    appointment_id="appointments",
)
PROGRAMS = _table(
    "programs",
    TreatmentProgram,
    sa.Index("programs_patient", "practice_id", "patient_id"),
    patient_id="patients",
    provider_id="providers",
)
MEDICATIONS = _table(
    "medications",
    Medication,
    sa.Index("medications_patient", "practice_id", "patient_id"),
    patient_id="patients",
    program_id="programs",
)
QUESTIONNAIRES = _table(
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
REFERRALS = _table(
    "referrals",
    Referral,
    sa.UniqueConstraint("practice_id", "invitation", name="referrals_invitation_once"),
    sa.Index("referrals_partner", "practice_id", "partner_id", "drafted_at", "id"),
    sa.Index("referrals_queue", "practice_id", "status", "drafted_at", "id"),
    partner_id="partners",
    patient_id="patients",
)
MESSAGES = _table(
    "messages",
    Message,
    sa.Index("messages_conversation", "practice_id", "conversation_id", "posted_at"),
    patient_id="patients",
)

CONVERSATIONS = _table("conversations", Conversation, patient_id="patients")
CHAT_GRANTS = _table(
    "chat_grants",
    ChatGrant,
    sa.Index("chat_grants_patient", "practice_id", "patient_id", "until"),
    sa.Index("chat_grants_user", "practice_id", "user_id", "until"),
    patient_id="patients",
    user_id="accounts",
)

AUDIT = sa.Table(
    "audit",
    METADATA,
    sa.Column("practice_id", sa.Uuid(), nullable=False),
    sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    sa.Column("actor", sa.Uuid(), nullable=False),
    sa.Column("roles", pg.ARRAY(sa.Text())),
    sa.Column("acted_for", sa.Uuid()),
    sa.Column("action", sa.Text(), nullable=False),
    sa.Column("outcome", sa.Text(), nullable=False),
    sa.Column("kind", sa.Text()),
    sa.Column("subject", sa.Uuid()),
    sa.Column("patient_id", sa.Uuid()),
    sa.Column("category", sa.Text()),
    sa.Column("purpose", sa.Text()),
    sa.Column("request", sa.Uuid()),
    sa.PrimaryKeyConstraint("practice_id", "id", name="audit_key"),
    sa.Index("audit_patient", "practice_id", "patient_id", "id"),
    sa.Index("audit_time", "practice_id", "at", "id"),
    sa.Index("audit_actor", "practice_id", "actor", "id"),
    sa.Index("audit_action", "practice_id", "action", "id"),
    info={"shape": shape_of(AuditEntry)},
)
"""Who did, read or was refused what (N06). Roles, kind, category and purpose are empty where an
entry is older than these columns.
"""

OUTBOX = sa.Table(
    "outbox",
    METADATA,
    sa.Column("practice_id", sa.Uuid(), nullable=False),
    sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column("event_id", sa.Uuid(), nullable=False),
    sa.Column("name", sa.Text(), nullable=False),
    sa.Column("subject", sa.Uuid(), nullable=False),
    sa.Column("body", pg.JSONB(), nullable=False),
    sa.Column("done_at", sa.DateTime(timezone=True)),
    sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
    sa.Column(
        "next_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")
    ),
    sa.Column("problem", sa.Text()),
    sa.PrimaryKeyConstraint("practice_id", "id", name="outbox_key"),
    sa.Index("outbox_open", "id", postgresql_where=sa.text("done_at IS NULL")),
    sa.Index("outbox_subject", "subject", "id", postgresql_where=sa.text("done_at IS NULL")),
)
"""What happened and has not been reacted to yet; `problem` is the code of what stopped the last
try.
"""

REACTIONS_DONE = sa.Table(
    "reactions_done",
    METADATA,
    sa.Column("practice_id", sa.Uuid(), nullable=False),
    sa.Column("event_id", sa.Uuid(), nullable=False),
    sa.Column("reaction", sa.Text(), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    sa.PrimaryKeyConstraint("practice_id", "event_id", "reaction", name="reactions_done_key"),
)
"""Which reaction to which event is done, so that a repeat does not do it again."""
