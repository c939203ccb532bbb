"""Cards and charges in memory."""

from datetime import datetime
from typing import Any

from telehealth_core.billing.card import Card, CardStatus
from telehealth_core.billing.charge import Charge
from telehealth_core.billing.life import LIFECYCLE, ChargeStatus
from telehealth_core.shared.ids import CardId, PatientId
from telehealth_core.shared.interval import Interval
from telehealth_core.testing.memory.collection import MemoryCollection, OfPatient

YET_TO_BE_TAKEN = LIFECYCLE.transitions["waive"][0] | {ChargeStatus.COLLECTING}


class Cards(OfPatient[Card]):
    """Cards on file."""

    since = "saved_at"

    def of_patient(self, patient_id: PatientId) -> tuple[Card, ...]:
        kept = CardStatus.KEPT
        return tuple(one for one in super().of_patient(patient_id) if one.status is kept)


class Charges(MemoryCollection[Charge]):
    """What visits cost."""

    def planned_in(
        self, period: Interval, *, after: Charge | None = None, limit: int
    ) -> tuple[Charge, ...]:
        def place(one: Charge) -> Any:
            return one.planned_at, one.id

        found = self.where(lambda one: one.planned_at in period)
        beyond = [one for one in found if after is None or place(one) > place(after)]
        return tuple(sorted(beyond, key=place)[:limit])

    def to_take_up(self, at: datetime, *, limit: int) -> tuple[Charge, ...]:
        found = self.where(lambda one: one.next_at is not None and one.next_at <= at)
        return tuple(sorted(found, key=lambda one: (one.next_at, one.id))[:limit])

    def in_arrears(self, *, limit: int) -> tuple[Charge, ...]:
        found = self.where(lambda one: one.in_arrears)
        return tuple(sorted(found, key=lambda one: (one.settled_at, one.id))[:limit])

    def needing(self, card_id: CardId) -> bool:
        return bool(
            self.where(lambda one: one.card_id == card_id and one.status in YET_TO_BE_TAKEN)
        )
