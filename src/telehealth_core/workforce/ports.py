"""What workforce needs from outside."""

from typing import Protocol

from telehealth_core.access.ports import Collection
from telehealth_core.practice.ports import PracticeWork
from telehealth_core.shared.ids import ProviderId
from telehealth_core.workforce.provider import Provider


class Providers(Collection[ProviderId, Provider], Protocol):
    """The practice's providers."""

    def active(
        self, *, specialty: str | None, language: str | None, limit: int
    ) -> tuple[Provider, ...]:
        """Providers who give visits, with that specialty and language where named; by name."""


class WorkforceWork(PracticeWork, Protocol):
    """What workforce reads and saves."""

    @property
    def providers(self) -> Providers: ...
