"""The provider: any clinician who gives visits, with registrations, specialties, services and
prices (F11).
"""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Self

import attrs

from telehealth_core.jurisdictions import Entitlement, Profession, entitlement
from telehealth_core.practice.settings import Settings
from telehealth_core.registration.patient import Gender
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import PatientId, PracticeId, ProviderId, UserId
from telehealth_core.shared.lifecycle import Lifecycle
from telehealth_core.shared.phi import phi
from telehealth_core.shared.refusal import Invalid, Refusal, Unknown
from telehealth_core.shared.text import line
from telehealth_core.workforce.licence import Condition, DueLicence, Licence, RegisterStatus
from telehealth_core.workforce.service import Service

__all__ = [
    "LIFECYCLE",
    "Licence",
    "LicenceGranted",
    "LicenceStruck",
    "NotLicensed",
    "Profession",
    "Provider",
    "ProviderActivated",
    "ProviderAdded",
    "ProviderDetails",
    "ProviderLeft",
    "ProviderReinstated",
    "ProviderRevised",
    "ProviderStatus",
    "ProviderSuspended",
    "RegisterChecked",
    "Service",
]


class ProviderStatus(StrEnum):
    """Whether a provider gives visits."""

    ONBOARDING = "onboarding"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    LEFT = "left"


_S = ProviderStatus
_HERE = frozenset({_S.ONBOARDING, _S.ACTIVE, _S.SUSPENDED})

LIFECYCLE: Lifecycle[ProviderStatus] = Lifecycle(
    "Provider",
    _S.ONBOARDING,
    {
        "activate": (frozenset({_S.ONBOARDING}), _S.ACTIVE),
        "revise": (_HERE, None),
        "license": (_HERE, None),
        "check": (_HERE, None),
        "strike": (_HERE, None),
        "suspend": (frozenset({_S.ACTIVE}), _S.SUSPENDED),
        "reinstate": (frozenset({_S.SUSPENDED}), _S.ACTIVE),
        "leave": (_HERE, _S.LEFT),
    },
)


class ProviderAdded(Event):
    """A provider joined the practice."""


class ProviderActivated(Event):
    """A provider may give visits from now on."""


class ProviderRevised(Event):
    """What the practice says of a provider, or what the provider offers, changed."""


class LicenceGranted(Event):
    """A provider has a licence that is new here, or was renewed."""


class LicenceStruck(Event):
    """A licence does not count among a provider's any more."""


@attrs.frozen
class RegisterChecked(Event):
    """Somebody looked in the register what it says of a provider."""

    status: RegisterStatus


class ProviderSuspended(Event):
    """A provider gives no visits for the time being."""


class ProviderReinstated(Event):
    """A suspended provider gives visits again."""


class ProviderLeft(Event):
    """A provider left the practice for good."""


@attrs.frozen
class NotLicensed(Refusal):
    """The provider holds no live registration for where the patient is (TEL-02, PRO-04)."""

    code: ClassVar[str] = "not-licensed"
    says: ClassVar[str] = "This provider may not treat a patient who is in {location}."

    location: str


def _words(provider: object, attribute: Any, value: frozenset[str]) -> None:
    if len(value) > 30:
        raise Invalid(attribute.name, "at most thirty")
    for word in value:
        line(60)(provider, attribute, word)


@attrs.frozen(kw_only=True)
class ProviderDetails:
    """What staff may change of a provider at any time; the rules of its values are the provider's.

    Prices and services hold for sessions published from now on: a session keeps those it was
    published with.
    """

    name: str
    gender: Gender | None
    specialties: frozenset[str]
    languages: frozenset[str]
    services: tuple[Service, ...]
    prescriber: bool
    npi: str | None = None
    patient_id: PatientId | None = None


@attrs.frozen(kw_only=True)
class Provider:
    """A clinician of the practice.

    `patient_id` is the provider's own record where they are a patient here too (RXC-05), `npi` the
    National Provider Identifier of the United States, `status_reason` why a provider was suspended,
    reinstated or left.
    """

    id: ProviderId
    practice_id: PracticeId
    version: int = 1
    status: ProviderStatus = LIFECYCLE.initial
    name: str = attrs.field(validator=line(120))
    profession: Profession
    specialties: frozenset[str] = attrs.field(validator=_words)
    languages: frozenset[str] = attrs.field(default=frozenset(), validator=_words)
    licences: tuple[Licence, ...] = ()
    services: tuple[Service, ...] = ()
    prescriber: bool = False
    gender: Gender | None = None
    npi: str | None = attrs.field(default=None, validator=attrs.validators.optional(line(20)))
    patient_id: PatientId | None = None
    status_reason: str | None = phi(default=None, validator=attrs.validators.optional(line(300)))
    added_at: datetime

    def added(self, *, by: UserId) -> ProviderAdded:
        """The event that a new provider begins with."""
        return ProviderAdded(self.id, self.version, by, self.added_at)

    def activate(self, *, by: UserId, at: datetime) -> tuple[Self, ProviderActivated]:
        """The provider, ready to give visits.

        Raises: IllegalTransition; Invalid without a service or a licence.
        """
        changed = self._after("activate")
        changed.require_complete()
        return changed, ProviderActivated(self.id, changed.version, by, at)

    def revise(
        self, details: ProviderDetails, *, by: UserId, at: datetime
    ) -> tuple[Self, ProviderRevised]:
        """The provider with these details in place of the former ones (F11).

        Raises: IllegalTransition; Invalid.
        """
        changed = attrs.evolve(self._after("revise"), **attrs.asdict(details, recurse=False))
        changed.require_complete()
        return changed, ProviderRevised(self.id, changed.version, by, at)

    def license(self, licence: Licence, *, by: UserId, at: datetime) -> tuple[Self, LicenceGranted]:
        """The provider with one more licence, or with this one in place of its former self: the one
        of the same regulator and region (F11, PRO-04). What the register said of that one stays:
        only another look changes it.

        Raises: IllegalTransition.
        """
        others = tuple(one for one in self.licences if one.key != licence.key)
        former = next((one for one in self.licences if one.key == licence.key), licence)
        licence = attrs.evolve(licence, status=former.status, conditions=former.conditions)
        changed = attrs.evolve(self._after("license"), licences=(*others, licence))
        return changed, LicenceGranted(self.id, changed.version, by, at)

    def check(self, checked: Licence, *, by: UserId, at: datetime) -> tuple[Self, RegisterChecked]:
        """The provider with a licence as the register has it now (PRO-01, PRO-03).

        Raises: IllegalTransition.
        """
        licences = tuple(checked if one.key == checked.key else one for one in self.licences)
        changed = attrs.evolve(self._after("check"), licences=licences)
        return changed, RegisterChecked(self.id, changed.version, by, at, checked.status)

    def strike(
        self, regulator: str, region: str | None, *, by: UserId, at: datetime
    ) -> tuple[Self, LicenceStruck]:
        """The provider without a licence that was entered by mistake or given up.

        Raises: IllegalTransition; Unknown; Invalid for the last one.
        """
        struck = self.licence(regulator, region)
        licences = tuple(one for one in self.licences if one != struck)
        changed = attrs.evolve(self._after("strike"), licences=licences)
        changed.require_complete()
        return changed, LicenceStruck(self.id, changed.version, by, at)

    def suspend(self, reason: str, *, by: UserId, at: datetime) -> tuple[Self, ProviderSuspended]:
        """The provider, who gives no visits until reinstated.

        Raises: IllegalTransition; Invalid.
        """
        changed = attrs.evolve(self._after("suspend"), status_reason=reason)
        return changed, ProviderSuspended(self.id, changed.version, by, at)

    def reinstate(
        self, reason: str, *, by: UserId, at: datetime
    ) -> tuple[Self, ProviderReinstated]:
        """The provider, who gives visits again.

        Raises: IllegalTransition; Invalid.
        """
        changed = attrs.evolve(self._after("reinstate"), status_reason=reason)
        return changed, ProviderReinstated(self.id, changed.version, by, at)

    def leave(self, reason: str, *, by: UserId, at: datetime) -> tuple[Self, ProviderLeft]:
        """The provider, who does not belong to the practice any more; what they did stays.

        Raises: IllegalTransition; Invalid.
        """
        changed = attrs.evolve(self._after("leave"), status_reason=reason)
        return changed, ProviderLeft(self.id, changed.version, by, at)

    def _after(self, verb: str) -> Self:
        status = LIFECYCLE.after(verb, self.status)
        return attrs.evolve(self, version=self.version + 1, status=status)

    def require_complete(self) -> None:
        """Refuse a provider who could give no visit at all.

        Raises: Invalid without a service or a licence.
        """
        for field in ("services", "licences"):
            if not getattr(self, field):
                raise Invalid(field, "at least one before the provider can give visits")

    def require_currency(self, currency: str) -> None:
        """Refuse prices in another currency than the practice's.

        Raises: Invalid.
        """
        if any(service.price.currency != currency for service in self.services):
            raise Invalid("services", f"prices in {currency}")

    def service(self, code: str) -> Service:
        """The service of that code.

        Raises: Invalid.
        """
        for service in self.services:
            if service.code == code:
                return service
        raise Invalid("service", "one of the provider's services")

    def licence(self, regulator: str, region: str | None) -> Licence:
        """The licence that this regulator gave for that region.

        Raises: Unknown.
        """
        for licence in self.licences:
            if licence.key == (regulator, region):
                return licence
        raise Unknown("licence")

    def licensed(self, on: date, region: str | None) -> bool:
        """Whether a live licence allows treating a patient in that region on that day, and no
        register that has a say there forbids practice (PRO-04).
        """
        return self.status is ProviderStatus.ACTIVE and any(self._live(on, region))

    def bookable(self, on: date, region: str | None, settings: Settings) -> bool:
        """Whether a visit of a patient in that region can take place on that day: licensed then,
        by a register entry that somebody has looked at lately, and free to give care remotely
        (PRO-01, PRO-03).
        """
        return (
            self.status is ProviderStatus.ACTIVE
            and not self.barred(Condition.NO_REMOTE_CARE, region)
            and self._looked_at(self._live(on, region), on, settings)
        )

    def bookable_somewhere(self, on: date, settings: Settings) -> bool:
        """Whether a visit of any patient at all can take place on that day (PRO-01)."""
        return any(self.bookable(on, one.region, settings) for one in self.licences)

    def may_prescribe(
        self, on: date, region: str | None, settings: Settings, *, controlled: bool = False
    ) -> bool:
        """Whether the provider may prescribe on that day for a patient in that region (RXC-01).

        Where licences are by region, a controlled medicine needs that region's registration for
        controlled medicines too (RXS-01).
        """
        if not self.prescriber or not self.bookable(on, region, settings):
            return False
        if self.barred(Condition.NO_PRESCRIBING, region):
            return False
        if not controlled:
            return True
        registered = self._live(on, region, Entitlement.CONTROLLED_MEDICINES)
        return not self.barred(Condition.NO_CONTROLLED_MEDICINES, region) and (
            region is None or self._looked_at(registered, on, settings)
        )

    def may_certify(self, on: date, region: str | None, settings: Settings) -> bool:
        """Whether the provider's registers let them issue a sick note on that day (PRO-03)."""
        barred = self.barred(Condition.NO_CERTIFYING, region)
        return not barred and self.bookable(on, region, settings)

    def barred(self, condition: Condition, region: str | None) -> bool:
        """Whether a register that has a say in that region forbids it (PRO-03).

        A condition holds until somebody has read in the register that it does not any more.
        """
        return any(condition in one.conditions for one in self.licences if one.region == region)

    def checked_on(self, licence: Licence) -> date:
        """When somebody last looked at the register: whoever added the provider did (PRO-01)."""
        return licence.checked_on or self.added_at.date()

    def due(self, by: date, settings: Settings) -> tuple[DueLicence, ...]:
        """The licences to be renewed, or looked up again, by that day (PRO-01, PRO-04)."""
        counts = timedelta(days=settings.register_check_days)
        licences = (
            DueLicence(self.id, self.name, one, one.expires_on, self.checked_on(one) + counts)
            for one in self.licences
        )
        return tuple(one for one in licences if one.first <= by)

    def _live(
        self,
        on: date,
        region: str | None,
        entitled: Entitlement = Entitlement.PRACTICE,
    ) -> tuple[Licence, ...]:
        """The licences that entitle so there on that day; none while one of them is suspended."""
        covering = tuple(
            one
            for one in self.licences
            if one.region == region and entitlement(one.regulator) is entitled
        )
        if any(one.status is RegisterStatus.SUSPENDED for one in covering):
            return ()
        return tuple(one for one in covering if on <= one.expires_on)

    def _looked_at(self, licences: tuple[Licence, ...], on: date, settings: Settings) -> bool:
        """Whether somebody looked up one of these so lately that it still counts on that day."""
        counts = timedelta(days=settings.register_check_days)
        return any(on <= self.checked_on(one) + counts for one in licences)
