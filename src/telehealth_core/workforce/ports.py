"""What workforce needs from outside."""

from datetime import date
from typing import Protocol

from telehealth_core.access.ports import Collection
from telehealth_core.practice.ports import PracticeWork
from telehealth_core.registration.ports import Patients
from telehealth_core.shared.ids import ProviderId
from telehealth_core.workforce.provider import Provider


class Providers(Collection[ProviderId, Provider], Protocol):
    """The practice's providers."""

    def active(
        self, *, specialty: str | None, language: str | None, limit: int
    ) -> tuple[Provider, ...]:
        """Providers who give visits, with that specialty and language where named; by name."""

    def due(self, *, expires_by: date, checked_by: date, limit: int) -> tuple[Provider, ...]:
        """Providers who have not left, with a licence that expires by that day or was last looked
        up by the other; by name.
        """


class WorkforceWork(PracticeWork, Protocol):
    """What workforce reads and saves."""

    @property
    def patients(self) -> Patients: ...
    @property
    def providers(self) -> Providers: ...
