"""The history of a practice's settings in memory."""

from telehealth_core.practice.settings import SettingsVersion
from telehealth_core.testing.memory.collection import MemoryCollection


class SettingsHistory(MemoryCollection[SettingsVersion]):
    """Every version of the practice's settings."""

    def in_order(self) -> tuple[SettingsVersion, ...]:
        found = self.where(lambda _: True)
        return tuple(sorted(found, key=lambda one: one.settings.version, reverse=True))
