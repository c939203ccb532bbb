"""Providers in memory."""

from datetime import date

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

    def due(self, *, expires_by: date, checked_by: date, limit: int) -> tuple[Provider, ...]:
        found = self.where(
            lambda one: (
                one.status is not ProviderStatus.LEFT
                and any(
                    licence.expires_on <= expires_by or one.checked_on(licence) <= checked_by
                    for licence in one.licences
                )
            )
        )
        return tuple(sorted(found, key=lambda one: (one.name, one.id))[:limit])
