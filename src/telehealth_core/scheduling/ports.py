"""What scheduling needs from outside."""

from datetime import datetime
from typing import Protocol

from telehealth_core.access.ports import Collection
from telehealth_core.billing.ports import BillingWork
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.life import AppointmentStatus
from telehealth_core.scheduling.session import Session
from telehealth_core.shared.ids import AppointmentId, PatientId, ProviderId, SessionId, UserId
from telehealth_core.shared.interval import Interval
from telehealth_core.workforce.ports import WorkforceWork


class Sessions(Collection[SessionId, Session], Protocol):
    """Bookable shifts."""

    def of_series(self, series: SessionId, /) -> tuple[Session, ...]:
        """The sessions that were published together as this series, in order."""

    def published(self, provider_id: ProviderId, period: Interval, /) -> tuple[Session, ...]:
        """The provider's published sessions that overlap the period, in order."""


class Appointments(Collection[AppointmentId, Appointment], Protocol):
    """Claims on time. Saving one into a state that occupies its time raises TimeTaken if another
    has it.
    """

    def occupying(
        self, period: Interval, /, *, provider_id: ProviderId, patient_id: PatientId | None = None
    ) -> tuple[Appointment, ...]:
        """What overlaps the period in an occupying state: by `occupies` for the provider, by
        `during` for the patient.

        Holds past their deadline are included; whether they count is the caller's to say.
        """

    def live_holds(self, held_by: UserId, at: datetime, /) -> int:
        """How many times this account keeps at that instant."""

    def of_patient(self, patient_id: PatientId, /) -> tuple[Appointment, ...]:
        """All claims for the patient, the latest visit first."""

    def of_provider(self, provider_id: ProviderId, period: Interval, /) -> tuple[Appointment, ...]:
        """The provider's claims that overlap the period, in order, of whatever status."""

    def unattended(self, at: datetime, /, *, limit: int) -> tuple[Appointment, ...]:
        """Claims still booked whose visit's time was over at that instant, the oldest first."""

    def in_practice(
        self, period: Interval, /, *, status: AppointmentStatus | None, limit: int
    ) -> tuple[Appointment, ...]:
        """The practice's claims that overlap the period, in order."""


class SchedulingWork(BillingWork, WorkforceWork, Protocol):
    """What scheduling reads and saves."""

    @property
    def sessions(self) -> Sessions: ...
    @property
    def appointments(self) -> Appointments: ...
