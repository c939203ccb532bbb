"""Letters."""

import sqlalchemy as sa

from telehealth_core.letters.letter import Letter
from telehealth_postgres.tables.base import table_of

LETTERS = table_of(
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
    supersedes="letters",
)
