"""Providers in memory."""

from telehealth_core.testing.memory.collection import MemoryCollection
from telehealth_core.workforce.provider import Provider, ProviderStatus


class Providers(MemoryCollection[Provider]):
    """Clinicians."""

    def active(
        self, *, specialty: str | None, language: str | None, limit: int
    ) -> tuple[Provider, ...]:
        found = self.where(
            lambda one: (
                one.status is ProviderStatus.ACTIVE
                and (specialty is None or specialty in one.specialties)
                and (language is None or language in one.languages)
            )
        )
        return tuple(sorted(found, key=lambda one: (one.name, one.id))[:limit])
