"""The practice: one tenant, its jurisdiction and zone, and the parameters its rules run by."""

from datetime import date, datetime, time, timedelta
from typing import Any

import attrs

from telehealth_core.jurisdictions import JURISDICTIONS, Jurisdiction
from telehealth_core.practice.settings import Settings
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import PracticeId, UserId
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.refusal import Invalid
from telehealth_core.shared.text import is_zone, line, zone


class PracticeOpened(Event):
    """A practice joined the installation."""


class SettingsChanged(Event):
    """The practice's rules run by other parameters from now on."""


def _known(_: object, attribute: Any, value: str) -> None:
    if value not in JURISDICTIONS:
        raise Invalid(attribute.name, f"one of {', '.join(JURISDICTIONS)}")


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

    def whole_day(self, at: datetime) -> Interval:
        """The day of that instant where the practice is, from midnight to midnight."""
        clocks, day = zone(self.zone), self.day(at)
        midnights = (datetime.combine(one, time(), clocks) for one in (day, day + timedelta(1)))
        return Interval(*midnights)

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
