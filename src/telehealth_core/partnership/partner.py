"""The partner: an organisation that refers its clients and follows their treatment (F49-F52)."""

from datetime import datetime
from enum import StrEnum

import attrs

from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import PartnerId, PracticeId, UserId
from telehealth_core.shared.lifecycle import Lifecycle
from telehealth_core.shared.text import line


class PartnerStatus(StrEnum):
    """Whether the partner may refer."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


LIFECYCLE: Lifecycle[PartnerStatus] = Lifecycle(
    "Partner",
    PartnerStatus.ACTIVE,
    {
        "suspend": (frozenset({PartnerStatus.ACTIVE}), PartnerStatus.SUSPENDED),
        "reinstate": (frozenset({PartnerStatus.SUSPENDED}), PartnerStatus.ACTIVE),
    },
)


class PartnerAdded(Event):
    """An organisation became a partner."""


@attrs.frozen(kw_only=True)
class Partner:
    """An organisation that refers clients to the practice."""

    id: PartnerId
    practice_id: PracticeId
    version: int = 1
    status: PartnerStatus = LIFECYCLE.initial
    name: str = attrs.field(validator=line(120))
    added_at: datetime

    def added(self, *, by: UserId) -> PartnerAdded:
        """The event that a new partner begins with."""
        return PartnerAdded(self.id, self.version, by, self.added_at)
