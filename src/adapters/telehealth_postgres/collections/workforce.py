"""Providers on PostgreSQL."""

from datetime import UTC, date, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from telehealth_core.workforce.provider import Provider
from telehealth_postgres.collections.collection import RememberedCollection, all_of, given
from telehealth_postgres.statements import Statement
from telehealth_postgres.tables import (
    PROVIDERS,
)


def _any_licence(condition: str) -> sa.ColumnElement[bool]:
    """Whether a provider has a licence of which this holds, in the words of a JSON path."""
    days = sa.func.jsonb_build_object(
        "expires_by", given("expires_by", sa.Text()), "checked_by", given("checked_by", sa.Text())
    )
    path = sa.cast(sa.literal_column(f"'$[*] ? ({condition})'"), pg.JSONPATH())
    found: sa.ColumnElement[bool] = sa.func.jsonb_path_exists(PROVIDERS.c.licences, path, days)
    return found


class PostgresProviders(RememberedCollection[Provider]):
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

    _DUE = Statement.of(
        all_of(
            PROVIDERS,
            PROVIDERS.c.status != sa.literal_column("'left'"),
            sa.or_(
                _any_licence("@.expires_on <= $expires_by || @.checked_on <= $checked_by"),
                sa.and_(
                    _any_licence('!(@.checked_on > "")'),
                    PROVIDERS.c.added_at < given("added_by", sa.DateTime(timezone=True)),
                ),
            ),
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

    def due(self, *, expires_by: date, checked_by: date, limit: int) -> tuple[Provider, ...]:
        """Providers with a licence to renew or to look up again; by name.

        ISO dates compare as text. A licence that nobody looked up since its provider was added
        counts from that day on, which is a day of UTC as in `Provider.checked_on`.
        """
        return self.several(
            self._DUE,
            expires_by=expires_by.isoformat(),
            checked_by=checked_by.isoformat(),
            added_by=datetime.combine(checked_by + timedelta(days=1), time(), UTC),
            limit=limit,
        )
