"""Providers."""

import sqlalchemy as sa

from telehealth_core.workforce.provider import Provider
from telehealth_postgres.tables.base import table_of

PROVIDERS = table_of(
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
    sealed_for=("practice_id",),  # also where the provider is a patient somewhere
)
