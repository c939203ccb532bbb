"""Cards and charges."""

import sqlalchemy as sa

from telehealth_core.billing.card import Card
from telehealth_core.billing.charge import Charge
from telehealth_postgres.tables.base import table_of

CARDS = table_of(
    "cards", Card, sa.Index("cards_patient", "practice_id", "patient_id"), patient_id="patients"
)
CHARGES = table_of(
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
