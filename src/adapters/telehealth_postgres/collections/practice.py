"""The history of a practice's settings on PostgreSQL."""

from telehealth_core.practice.settings import SettingsVersion
from telehealth_postgres.collections.collection import PostgresCollection, all_of
from telehealth_postgres.statements import Statement
from telehealth_postgres.tables import SETTINGS_HISTORY


class PostgresSettingsHistory(PostgresCollection[SettingsVersion]):
    """Every version of the practice's settings."""

    _IN_ORDER = Statement.of(
        all_of(SETTINGS_HISTORY).order_by(
            SETTINGS_HISTORY.c.settings["version"].as_integer().desc()
        )
    )

    def in_order(self) -> tuple[SettingsVersion, ...]:
        """All of them, the newest first."""
        return self.several(self._IN_ORDER)
