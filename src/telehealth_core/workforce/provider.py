"""The provider: any clinician who gives visits, with registrations, specialties, services and
prices (F11).
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar, Self

import attrs

from telehealth_core.practice.settings import Settings
from telehealth_core.registration.patient import Gender
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import PatientId, PracticeId, ProviderId, UserId
from telehealth_core.shared.lifecycle import Lifecycle
from telehealth_core.shared.money import Money
from telehealth_core.shared.refusal import Invalid, Refusal
from telehealth_core.shared.text import line
from telehealth_core.workforce.licence import Condition, Licence, RegisterStatus, recent

__all__ = [
    "LIFECYCLE",
    "Licence",
    "NotLicensed",
    "Profession",
    "Provider",
    "ProviderActivated",
    "ProviderAdded",
    "ProviderStatus",
    "Service",
]


class Profession(StrEnum):
    """What a provider is by training."""

    DOCTOR = "doctor"
    NURSE = "nurse"
    PHARMACIST = "pharmacist"
    PHYSIOTHERAPIST = "physiotherapist"
    OCCUPATIONAL_THERAPIST = "occupational-therapist"
    PSYCHIATRIST = "psychiatrist"
    PSYCHOLOGIST = "psychologist"
    THERAPIST = "therapist"


class ProviderStatus(StrEnum):
    """Whether a provider gives visits."""

    ONBOARDING = "onboarding"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    LEFT = "left"


LIFECYCLE: Lifecycle[ProviderStatus] = Lifecycle(
    "Provider",
    ProviderStatus.ONBOARDING,
    {
        "activate": (
            frozenset({ProviderStatus.ONBOARDING, ProviderStatus.SUSPENDED}),
            ProviderStatus.ACTIVE,
        ),
        "suspend": (frozenset({ProviderStatus.ACTIVE}), ProviderStatus.SUSPENDED),
        "leave": (
            frozenset({ProviderStatus.ONBOARDING, ProviderStatus.ACTIVE, ProviderStatus.SUSPENDED}),
            ProviderStatus.LEFT,
        ),
    },
)


@attrs.frozen
class ProviderAdded(Event):
    """A provider joined the practice."""


@attrs.frozen
class ProviderActivated(Event):
    """A provider may give visits from now on."""


@attrs.frozen
class NotLicensed(Refusal):
    """The provider holds no live registration for where the patient is (TEL-02, PRO-04)."""

    code: ClassVar[str] = "not-licensed"
    says: ClassVar[str] = "This provider may not treat a patient who is in {location}."

    location: str


@attrs.frozen(kw_only=True)
class Service:
    """One kind of visit the provider gives, with its length and price."""

    code: str = attrs.field(validator=line(40))
    name: str = attrs.field(validator=line(120))
    minutes: int = attrs.field()
    price: Money = attrs.field()

    @price.validator
    def _price(self, _: object, value: Money) -> None:
        if value.minor < 0:
            raise Invalid("price", "nothing or more")

    @minutes.validator
    def _minutes(self, _: object, value: int) -> None:
        if not 5 <= value <= 480:
            raise Invalid("minutes", "between 5 and 480")


def _words(provider: object, attribute: Any, value: frozenset[str]) -> None:
    if len(value) > 30:
        raise Invalid(attribute.name, "at most thirty")
    for word in value:
        line(60)(provider, attribute, word)


@attrs.frozen(kw_only=True)
class Provider:
    """A clinician of the practice."""

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
    patient_id: PatientId | None = None
    added_at: datetime

    def added(self, *, by: UserId) -> ProviderAdded:
        """The event that a new provider begins with."""
        return ProviderAdded(self.id, self.version, by, self.added_at)

    def activate(self, *, by: UserId, at: datetime) -> tuple[Self, ProviderActivated]:
        """The provider, ready to give visits.

        Raises: IllegalTransition; Invalid without a service or a licence.
        """
        status = LIFECYCLE.after("activate", self.status)
        for field in ("services", "licences"):
            if not getattr(self, field):
                raise Invalid(field, "at least one before the provider can give visits")
        changed = attrs.evolve(self, version=self.version + 1, status=status)
        return changed, ProviderActivated(self.id, changed.version, by, at)

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
            and any(
                recent(self.checked_on(one), on, settings.register_check_days)
                for one in self._live(on, region)
            )
        )

    def may_prescribe(
        self, on: date, region: str | None, settings: Settings, *, controlled: bool = False
    ) -> bool:
        """Whether the provider may prescribe on that day for a patient in that region (RXC-01)."""
        conditions = [Condition.NO_PRESCRIBING]
        if controlled:
            conditions.append(Condition.NO_CONTROLLED_MEDICINES)
        return (
            self.prescriber
            and self.bookable(on, region, settings)
            and not any(self.barred(one, region) for one in conditions)
        )

    def may_certify(self, on: date, region: str | None, settings: Settings) -> bool:
        """Whether the provider's registers let them issue a sick note on that day (PRO-03)."""
        return self.bookable(on, region, settings) and not self.barred(
            Condition.NO_CERTIFYING, region
        )

    def barred(self, condition: Condition, region: str | None) -> bool:
        """Whether a register that has a say in that region forbids it (PRO-03).

        A condition holds until somebody has read in the register that it does not any more.
        """
        return any(condition in one.conditions for one in self._covering(region))

    def checked_on(self, licence: Licence) -> date:
        """When somebody last looked at the register: whoever added the provider did (PRO-01)."""
        return licence.checked_on or self.added_at.date()

    def _covering(self, region: str | None) -> tuple[Licence, ...]:
        return tuple(one for one in self.licences if one.region == region)

    def _live(self, on: date, region: str | None) -> tuple[Licence, ...]:
        """The licences that allow practice there on that day; none while one of them is
        suspended.
        """
        covering = self._covering(region)
        if any(one.status is RegisterStatus.SUSPENDED for one in covering):
            return ()
        return tuple(one for one in covering if one.live(on))
