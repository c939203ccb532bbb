"""Providers on PostgreSQL."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from telehealth_core.workforce.provider import Provider
from telehealth_postgres.collections.collection import PostgresCollection, all_of, given
from telehealth_postgres.statements import Statement
from telehealth_postgres.tables import (
    PROVIDERS,
)


class PostgresProviders(PostgresCollection[Provider]):
    """The practice's providers."""

    _ACTIVE = Statement.of(
        all_of(
            PROVIDERS,
            PROVIDERS.c.status == sa.literal_column("'active'"),
            PROVIDERS.c.specialties.contains(given("specialties", pg.ARRAY(sa.Text()))),
            PROVIDERS.c.languages.contains(given("languages", pg.ARRAY(sa.Text()))),
        )
        .order_by(PROVIDERS.c.name, PROVIDERS.c.id)
        .limit(given("limit", sa.Integer()))
    )

    def active(
        self, *, specialty: str | None, language: str | None, limit: int
    ) -> tuple[Provider, ...]:
        """Providers who give visits; by name."""
        return self.several(
            self._ACTIVE,
            specialties=[specialty] if specialty else [],
            languages=[language] if language else [],
            limit=limit,
        )
