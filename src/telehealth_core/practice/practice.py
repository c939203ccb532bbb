"""The practice: one tenant, its jurisdiction and zone, and the parameters its rules run by."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

import attrs

from telehealth_core.jurisdictions import JURISDICTIONS, Jurisdiction
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import PracticeId, UserId
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.refusal import Invalid
from telehealth_core.shared.text import is_zone, line, zone


@attrs.frozen
class PracticeOpened(Event):
    """A practice joined the installation."""


@attrs.frozen
class SettingsChanged(Event):
    """The practice's rules run by other parameters from now on."""


class Charging(StrEnum):
    """When a visit's price is taken."""

    AT_BOOKING = "at-booking"
    """As the last step of booking (F44)."""
    ON_COMPLETION = "on-completion"
    """After the provider confirmed that the visit took place (F45)."""


class Approval(StrEnum):
    """Who lets a requested appointment take place (F25)."""

    AUTOMATIC = "automatic"
    """The checks alone, if every one passes."""
    LIAISON = "liaison"
    """A liaison, who sees the checks."""


def _between(least: int, most: int) -> Any:
    def check(_: object, attribute: Any, value: int) -> None:
        if not least <= value <= most:
            raise Invalid(attribute.name, f"between {least} and {most}")

    return check


def _known(_: object, attribute: Any, value: str) -> None:
    if value not in JURISDICTIONS:
        raise Invalid(attribute.name, f"one of {', '.join(JURISDICTIONS)}")


@attrs.frozen(kw_only=True)
class Settings:
    """Every parameter of the practice's rules (F30). Units are in the names.

    Changing any makes the next version; an appointment remembers the version it was booked under.
    """

    version: int = 1
    charging: Charging
    approval: Approval
    lead_minutes: int = attrs.field(default=0, validator=_between(0, 7 * 24 * 60))
    """How long before its start a visit can last be booked (F18)."""
    horizon_days: int = attrs.field(default=60, validator=_between(1, 366))
    """How far ahead visits can be booked."""
    buffer_minutes: int = attrs.field(default=0, validator=_between(0, 120))
    """Kept free after each visit; part of the time it occupies."""
    hold_minutes: int = attrs.field(default=10, validator=_between(1, 60))
    """How long a picked time is kept for whoever picked it (N02)."""
    holds_most: int = attrs.field(default=3, validator=_between(1, 20))
    """Live holds one account may have (API-03)."""
    join_early_minutes: int = attrs.field(default=15, validator=_between(0, 60))
    """How long before its start a visit can be joined."""
    join_late_minutes: int = attrs.field(default=60, validator=_between(0, 240))
    """How long after its end a visit can still be joined."""
    identity_valid_days: int = attrs.field(default=730, validator=_between(1, 3660))
    """How long an approved identity check counts (F07)."""

    def occupied_by(self, visit: Interval) -> Interval:
        """The time a visit takes from others: itself and the buffer after it."""
        return visit.widened(before=timedelta(), after=timedelta(minutes=self.buffer_minutes))


@attrs.frozen(kw_only=True)
class Practice:
    """One clinic: the tenant that every row belongs to."""

    id: PracticeId
    version: int = 1
    slug: str = attrs.field(validator=line(40))
    name: str = attrs.field(validator=line(120))
    address: str = attrs.field(validator=line(300))
    jurisdiction_code: str = attrs.field(validator=_known)
    zone: str = attrs.field(validator=is_zone)
    settings: Settings
    opened_at: datetime

    @property
    def practice_id(self) -> PracticeId:
        """A practice belongs to itself."""
        return self.id

    @property
    def jurisdiction(self) -> Jurisdiction:
        """The pack of the country it works in."""
        return JURISDICTIONS[self.jurisdiction_code]

    def day(self, at: datetime) -> date:
        """The date where the practice is."""
        return at.astimezone(zone(self.zone)).date()

    def opened(self, *, by: UserId) -> PracticeOpened:
        """The event that a new practice begins with."""
        return PracticeOpened(self.id, self.version, by, self.opened_at)

    def change_settings(
        self, settings: Settings, *, by: UserId, at: datetime
    ) -> "tuple[Practice, SettingsChanged]":
        """The practice under the next version of its settings (F30)."""
        version = self.version + 1
        changed = attrs.evolve(
            self,
            version=version,
            settings=attrs.evolve(settings, version=self.settings.version + 1),
        )
        return changed, SettingsChanged(self.id, version, by, at)
