"""Sessions and appointments in memory."""

from datetime import datetime
from typing import TYPE_CHECKING

from telehealth_core.scheduling.appointment import Appointment, TimeTaken
from telehealth_core.scheduling.life import OCCUPYING, AppointmentStatus
from telehealth_core.scheduling.session import Session, SessionStatus
from telehealth_core.shared.ids import (
    PatientId,
    ProviderId,
    SessionId,
    UserId,
)
from telehealth_core.shared.interval import Interval
from telehealth_core.testing.memory.collection import MemoryCollection

if TYPE_CHECKING:
    from telehealth_core.testing.memory.store import MemoryStore


class Sessions(MemoryCollection[Session]):
    """Bookable shifts."""

    def of_series(self, series: SessionId) -> tuple[Session, ...]:
        found = self.where(lambda one: one.series == series)
        return tuple(sorted(found, key=lambda one: (one.during, one.id)))

    def published(self, provider_id: ProviderId, period: Interval) -> tuple[Session, ...]:
        found = self.where(
            lambda one: (
                one.provider_id == provider_id
                and one.status is SessionStatus.PUBLISHED
                and one.during.overlaps(period)
            )
        )
        return tuple(sorted(found, key=lambda one: (one.during, one.id)))


class Appointments(MemoryCollection[Appointment]):
    """Claims on time."""

    def occupying(
        self, period: Interval, *, provider_id: ProviderId, patient_id: PatientId | None = None
    ) -> tuple[Appointment, ...]:
        found = self.where(
            lambda one: (
                one.status in OCCUPYING
                and (
                    (one.provider_id == provider_id and one.occupies.overlaps(period))
                    or (one.patient_id == patient_id and one.during.overlaps(period))
                )
            )
        )
        return _in_order(found)

    def live_holds(self, held_by: UserId, at: datetime) -> int:
        held = AppointmentStatus.HELD
        return len(
            self.where(
                lambda one: one.held_by == held_by and one.status is held and one.held_until > at
            )
        )

    def of_patient(self, patient_id: PatientId) -> tuple[Appointment, ...]:
        return tuple(reversed(_in_order(self.where(lambda one: one.patient_id == patient_id))))

    def of_provider(self, provider_id: ProviderId, period: Interval) -> tuple[Appointment, ...]:
        return _in_order(
            self.where(lambda one: one.provider_id == provider_id and one.during.overlaps(period))
        )

    def unattended(self, at: datetime, *, limit: int) -> tuple[Appointment, ...]:
        booked = AppointmentStatus.BOOKED
        found = self.where(lambda one: one.status is booked and one.during.end <= at)
        return tuple(sorted(found, key=lambda one: (one.during.end, one.id))[:limit])

    def in_practice(
        self, period: Interval, *, status: AppointmentStatus | None, limit: int
    ) -> tuple[Appointment, ...]:
        found = self.where(
            lambda one: one.during.overlaps(period) and (status is None or one.status is status)
        )
        return _in_order(found)[:limit]


def nobody_twice_at_once(store: "MemoryStore", wanted: Appointment) -> None:
    """Refuse a claim on time that another has (N01). Raises: TimeTaken."""
    if wanted.status not in OCCUPYING:
        return
    for other in store.rows["appointments"].values():
        if (
            other.id == wanted.id
            or other.practice_id != wanted.practice_id
            or other.status not in OCCUPYING
        ):
            continue
        provider = other.provider_id == wanted.provider_id and other.occupies.overlaps(
            wanted.occupies
        )
        patient = other.patient_id == wanted.patient_id and other.during.overlaps(wanted.during)
        if provider or patient:
            raise TimeTaken


def _in_order(appointments: list[Appointment]) -> tuple[Appointment, ...]:
    return tuple(sorted(appointments, key=lambda one: (one.during, one.id)))
