"""Practices and their settings."""

import sqlalchemy as sa

from telehealth_core.practice.practice import Practice
from telehealth_core.practice.settings import SettingsVersion
from telehealth_postgres.columns import shape_of
from telehealth_postgres.tables.base import METADATA, table_of

_PRACTICE = shape_of(Practice, "practices", owners=("id",))
PRACTICES = sa.Table(
    "practices",
    METADATA,
    *_PRACTICE.columns,
    sa.PrimaryKeyConstraint("id", name="practices_key"),
    sa.UniqueConstraint("slug", name="practices_slug_once"),
    info={"shape": _PRACTICE},
)
SETTINGS_HISTORY = table_of("settings_history", SettingsVersion)
