"""Practices and the history of their settings in memory."""

from telehealth_core.practice.practice import Practice
from telehealth_core.practice.settings import SettingsVersion
from telehealth_core.shared.ids import PracticeId
from telehealth_core.testing.memory.collection import MemoryCollection


class Practices(MemoryCollection[Practice]):
    """The practice of the work's actor."""

    def lately(self, id: PracticeId) -> Practice:
        return self.get(id)


class SettingsHistory(MemoryCollection[SettingsVersion]):
    """Every version of the practice's settings."""

    def in_order(self) -> tuple[SettingsVersion, ...]:
        found = self.where(lambda _: True)
        return tuple(sorted(found, key=lambda one: one.settings.version, reverse=True))
