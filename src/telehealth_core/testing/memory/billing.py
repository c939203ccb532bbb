"""Cards and charges in memory."""

from telehealth_core.billing.card import Card
from telehealth_core.billing.charge import Charge
from telehealth_core.shared.interval import Interval
from telehealth_core.testing.memory.collection import MemoryCollection, OfPatient


class Cards(OfPatient[Card]):
    """Cards on file."""

    since = "saved_at"


class Charges(MemoryCollection[Charge]):
    """What visits cost."""

    def planned_in(self, period: Interval, *, limit: int) -> tuple[Charge, ...]:
        found = self.where(lambda one: one.planned_at in period)
        return tuple(sorted(found, key=lambda one: (one.planned_at, one.id))[:limit])
