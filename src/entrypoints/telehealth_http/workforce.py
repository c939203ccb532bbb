"""Workforce over HTTP: add providers, keep what is known of them true, and find one."""

from datetime import date, datetime
from uuid import UUID

import attrs
from litestar.params import FromPath, FromQuery, JSONBody

from telehealth_core.registration.patient import Gender
from telehealth_core.shared.ids import PatientId, ProviderId
from telehealth_core.workforce.licence import Condition, RegisterStatus
from telehealth_core.workforce.provider import (
    Licence,
    Profession,
    Provider,
    ProviderDetails,
    ProviderStatus,
    Service,
)
from telehealth_http.answers import Items, MoneyAnswer, listed, shown
from telehealth_http.bodies import as_in
from telehealth_http.requests import By, creates, does, reads, replaces


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
    gender: Gender | None = None
    npi: str | None = as_in(Provider, "npi", default=None)
    patient_id: PatientId | None = None


@attrs.frozen(kw_only=True)
class RevisionBody:
    """What is said of a provider from now on, in place of what was read at that version."""

    replacing: int
    details: ProviderDetails


@attrs.frozen(kw_only=True)
class RegisterCheckBody:
    """What a register says of a provider today."""

    regulator: str
    region: str | None = None
    status: RegisterStatus
    conditions: frozenset[Condition] = frozenset()
    expires_on: date | None = None


@attrs.frozen(kw_only=True)
class StrikingBody:
    """The licence that does not count any more."""

    regulator: str
    region: str | None = None


@attrs.frozen(kw_only=True)
class ReasonBody:
    """Why a provider is suspended, reinstated or let go."""

    reason: str = as_in(Provider, "status_reason", repr=False)


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
    """What anybody may know of a clinician of the practice (PRO-05)."""

    id: UUID
    status: ProviderStatus
    name: str
    profession: Profession
    gender: Gender | None
    specialties: tuple[str, ...]
    languages: tuple[str, ...]
    licences: tuple[LicenceAnswer, ...]
    services: tuple[ServiceAnswer, ...]
    prescriber: bool


@attrs.frozen(kw_only=True)
class LicenceRecordAnswer:
    """One registration of a provider, with what the register said of it when somebody looked."""

    regulator: str
    number: str
    region: str | None
    expires_on: date
    checked_on: date | None
    status: RegisterStatus
    conditions: tuple[Condition, ...]
    compact: bool


@attrs.frozen(kw_only=True)
class ProviderFileAnswer:
    """All that the practice keeps of a clinician."""

    id: UUID
    version: int
    status: ProviderStatus
    status_reason: str | None
    name: str
    profession: Profession
    gender: Gender | None
    specialties: tuple[str, ...]
    languages: tuple[str, ...]
    licences: tuple[LicenceRecordAnswer, ...]
    services: tuple[ServiceAnswer, ...]
    prescriber: bool
    npi: str | None
    patient_id: UUID | None
    added_at: datetime


@attrs.frozen(kw_only=True)
class DueLicenceAnswer:
    """A licence that has to be renewed, or looked up again, to go on counting."""

    provider_id: UUID
    name: str
    licence: LicenceRecordAnswer
    renew_by: date
    check_by: date


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
        gender=data.gender,
        npi=data.npi,
        patient_id=data.patient_id,
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


@reads("/v1/providers/{id:uuid}/file")
def view_provider_file(caller: By, id: FromPath[UUID]) -> ProviderFileAnswer:
    """Show all that the practice keeps of a provider, to staff and to the provider (F11)."""
    return _file(caller.clinic.workforce.file(caller.actor, ProviderId(id)))


@replaces("/v1/providers/{id:uuid}")
def revise_provider(
    caller: By, id: FromPath[UUID], data: JSONBody[RevisionBody]
) -> ProviderFileAnswer:
    """Change what is said of a provider, and what they offer in sessions from now on (F11)."""
    workforce = caller.clinic.workforce
    return _file(
        workforce.revise(caller.actor, ProviderId(id), data.details, replacing=data.replacing)
    )


@does("/v1/providers/{id:uuid}/licences")
def license_provider(caller: By, id: FromPath[UUID], data: JSONBody[Licence]) -> ProviderFileAnswer:
    """Give a provider a licence, or renew the one of its regulator and region (F11, PRO-04)."""
    return _file(caller.clinic.workforce.license(caller.actor, ProviderId(id), data))


@does("/v1/providers/{id:uuid}/licences/check")
def check_register(
    caller: By, id: FromPath[UUID], data: JSONBody[RegisterCheckBody]
) -> ProviderFileAnswer:
    """Note what a register says of a provider today (PRO-01, PRO-03)."""
    checked = caller.clinic.workforce.check(
        caller.actor,
        ProviderId(id),
        regulator=data.regulator,
        region=data.region,
        status=data.status,
        conditions=data.conditions,
        expires_on=data.expires_on,
    )
    return _file(checked)


@does("/v1/providers/{id:uuid}/licences/striking")
def strike_licence(
    caller: By, id: FromPath[UUID], data: JSONBody[StrikingBody]
) -> ProviderFileAnswer:
    """Take a licence from a provider's (F11)."""
    workforce = caller.clinic.workforce
    return _file(
        workforce.strike(caller.actor, ProviderId(id), regulator=data.regulator, region=data.region)
    )


@does("/v1/providers/{id:uuid}/suspension")
def suspend_provider(
    caller: By, id: FromPath[UUID], data: JSONBody[ReasonBody]
) -> ProviderFileAnswer:
    """Have a provider give no visits for the time being (PRO-01)."""
    return _file(caller.clinic.workforce.suspend(caller.actor, ProviderId(id), data.reason))


@does("/v1/providers/{id:uuid}/reinstatement")
def reinstate_provider(
    caller: By, id: FromPath[UUID], data: JSONBody[ReasonBody]
) -> ProviderFileAnswer:
    """Let a suspended provider give visits again (F11)."""
    return _file(caller.clinic.workforce.reinstate(caller.actor, ProviderId(id), data.reason))


@does("/v1/providers/{id:uuid}/departure")
def let_provider_go(
    caller: By, id: FromPath[UUID], data: JSONBody[ReasonBody]
) -> ProviderFileAnswer:
    """Let a provider go for good; what they did stays (F11)."""
    return _file(caller.clinic.workforce.leave(caller.actor, ProviderId(id), data.reason))


@reads("/v1/due-licences")
def list_due_licences(caller: By, within_days: FromQuery[int] = 30) -> Items[DueLicenceAnswer]:
    """List licences that stop counting within so many days, the most urgent first (PRO-01)."""
    due = caller.clinic.workforce.due_licences(caller.actor, within_days=within_days)
    return listed(DueLicenceAnswer, due)


def _file(provider: Provider) -> ProviderFileAnswer:
    return shown(ProviderFileAnswer, provider)


ROUTES = (
    add_provider,
    find_providers,
    view_provider,
    view_provider_file,
    revise_provider,
    license_provider,
    check_register,
    strike_licence,
    suspend_provider,
    reinstate_provider,
    let_provider_go,
    list_due_licences,
)
