"""Workforce over HTTP: add providers and find one."""

from datetime import date
from uuid import UUID

import attrs
from litestar.params import FromPath, FromQuery, JSONBody

from telehealth_core.shared.ids import ProviderId
from telehealth_core.workforce.provider import (
    Licence,
    Profession,
    Provider,
    ProviderStatus,
    Service,
)
from telehealth_http.answers import Items, MoneyAnswer, listed, shown
from telehealth_http.bodies import as_in
from telehealth_http.requests import By, creates, reads


@attrs.frozen(kw_only=True)
class ProviderBody:
    """A clinician who joins the practice."""

    name: str = as_in(Provider, "name")
    profession: Profession
    specialties: frozenset[str]
    languages: frozenset[str] = frozenset()
    licences: tuple[Licence, ...]
    services: tuple[Service, ...]
    prescriber: bool = False


@attrs.frozen(kw_only=True)
class LicenceAnswer:
    """One registration of a provider."""

    regulator: str
    number: str
    region: str | None
    expires_on: date


@attrs.frozen(kw_only=True)
class ServiceAnswer:
    """One kind of visit a provider gives."""

    code: str
    name: str
    minutes: int
    price: MoneyAnswer


@attrs.frozen(kw_only=True)
class ProviderAnswer:
    """A clinician of the practice."""

    id: UUID
    status: ProviderStatus
    name: str
    profession: Profession
    specialties: tuple[str, ...]
    languages: tuple[str, ...]
    licences: tuple[LicenceAnswer, ...]
    services: tuple[ServiceAnswer, ...]
    prescriber: bool


@creates("/v1/providers")
def add_provider(caller: By, data: JSONBody[ProviderBody]) -> ProviderAnswer:
    """Add a provider, who gives visits at once (F11)."""
    workforce, actor = caller.clinic.workforce, caller.actor
    provider = Provider(
        id=ProviderId(caller.new_id),
        practice_id=actor.practice_id,
        name=data.name,
        profession=data.profession,
        specialties=data.specialties,
        languages=data.languages,
        licences=data.licences,
        services=data.services,
        prescriber=data.prescriber,
        added_at=workforce.clock(),
    )
    return shown(ProviderAnswer, workforce.add(actor, provider))


@reads("/v1/providers")
def find_providers(
    caller: By,
    specialty: FromQuery[str | None] = None,
    language: FromQuery[str | None] = None,
) -> Items[ProviderAnswer]:
    """Find providers who give visits, by name (F16)."""
    return listed(
        ProviderAnswer,
        caller.clinic.workforce.find(caller.actor, specialty=specialty, language=language),
    )


@reads("/v1/providers/{id:uuid}")
def view_provider(caller: By, id: FromPath[UUID]) -> ProviderAnswer:
    """Show one provider, with the registrations that a patient can check (F16, PRO-05)."""
    return shown(ProviderAnswer, caller.clinic.workforce.view(caller.actor, ProviderId(id)))


ROUTES = (add_provider, find_providers, view_provider)
