"""What the practice capability needs from outside."""

from typing import Protocol

from telehealth_core.access.ports import Collection, Work
from telehealth_core.practice.practice import Practice
from telehealth_core.practice.settings import SettingsVersion
from telehealth_core.shared.ids import PracticeId, SettingsId


class Practices(Collection[PracticeId, Practice], Protocol):
    """The practice of the work's actor."""

    def lately(self, id: PracticeId, /) -> Practice:
        """The practice as the store saw it last, perhaps out of date: what is asked on the ground
        of it counts only if `get`, asked after that, tells the same version.

        Raises: Unknown.
        """


class SettingsHistory(Collection[SettingsId, SettingsVersion], Protocol):
    """Every version of the practice's settings."""

    def in_order(self) -> tuple[SettingsVersion, ...]:
        """All of them, the newest first."""


class PracticeDirectory(Protocol):
    """Every practice of the installation: what a visitor may know before belonging to any."""

    def by_slug(self, slug: str, /) -> Practice | None:
        """The practice of that short name."""

    def all(self) -> tuple[Practice, ...]:
        """All practices, by name."""


class PracticeWork(Work, Protocol):
    """What the practice capability reads and saves."""

    @property
    def practices(self) -> Practices: ...
    @property
    def settings_history(self) -> SettingsHistory: ...
