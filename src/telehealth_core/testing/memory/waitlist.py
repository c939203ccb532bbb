"""The waitlist in memory."""

from datetime import datetime

from telehealth_core.scheduling.waitlist import WaitlistEntry, WaitlistStatus
from telehealth_core.shared.ids import AppointmentId, WaitlistEntryId
from telehealth_core.testing.memory.collection import OfPatient
from telehealth_core.workforce.provider import Provider


class WaitlistEntries(OfPatient[WaitlistEntry]):
    """Who waits for a time."""

    since = "joined_at"

    def waiting(
        self, provider: Provider, *, after: WaitlistEntry | None, at: datetime, limit: int
    ) -> tuple[WaitlistEntry, ...]:
        found = self.where(
            lambda one: (
                one.status is WaitlistStatus.WAITING
                and one.provider_id in {None, provider.id}
                and (one.provider_id or one.specialty in provider.specialties)
                and one.period.end > at
                and (after is None or _joined(one) > _joined(after))
            )
        )
        return tuple(sorted(found, key=_joined)[:limit])

    def of_appointment(self, appointment_id: AppointmentId) -> WaitlistEntry | None:
        return next(iter(self.where(lambda one: one.appointment_id == appointment_id)), None)

    def in_order(self, *, limit: int) -> tuple[WaitlistEntry, ...]:
        return tuple(sorted(self.where(lambda one: one.live), key=_joined)[:limit])


def _joined(entry: WaitlistEntry) -> tuple[datetime, WaitlistEntryId]:
    return entry.joined_at, entry.id
