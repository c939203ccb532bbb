"""What scheduling needs from outside."""

from datetime import datetime
from typing import Protocol

from telehealth_core.access.ports import Collection
from telehealth_core.billing.ports import BillingWork
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.life import AppointmentStatus
from telehealth_core.scheduling.limits import Beside
from telehealth_core.scheduling.search import Place, Shift, Wishes
from telehealth_core.scheduling.session import Session
from telehealth_core.scheduling.waitlist import WaitlistEntry
from telehealth_core.shared.ids import (
    AppointmentId,
    PatientId,
    ProviderId,
    SeriesId,
    SessionId,
    WaitlistEntryId,
)
from telehealth_core.shared.interval import Interval
from telehealth_core.workforce.ports import WorkforceWork
from telehealth_core.workforce.provider import Provider


class Sessions(Collection[SessionId, Session], Protocol):
    """Bookable shifts."""

    def of_series(self, series: SessionId, /) -> tuple[Session, ...]:
        """The sessions that were published together as this series, in order."""

    def published(self, provider_id: ProviderId, period: Interval, /) -> tuple[Session, ...]:
        """The provider's published sessions that overlap the period, in order."""

    def shifts(
        self, wishes: Wishes, after: Place, /, *, at: datetime, limit: int
    ) -> tuple[Shift, ...]:
        """The first so many published sessions that could offer a visit after that place and within
        the period, by where they could begin, with whatever occupies their providers at that
        instant.

        Those that do not fulfil a wish may be left out, and those whose own claims leave no gap for
        a visit; what can be booked is the caller's to say.
        """


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

    def beside(self, wanted: Appointment, /, *, day: Interval, at: datetime) -> Beside:
        """What there is beside this claim: the load at that instant (live holds of its account,
        occupying claims of its patient that are not over, and those that start within the day), and
        every claim that competes with it, lapsed holds included, in order.
        """

    def lapsed(self, at: datetime, /, *, limit: int) -> tuple[Appointment, ...]:
        """Holds past their deadline that nobody gave up yet, the oldest deadline first."""

    def of_patient(self, patient_id: PatientId, /) -> tuple[Appointment, ...]:
        """All claims for the patient, the latest visit first."""

    def of_provider(self, provider_id: ProviderId, period: Interval, /) -> tuple[Appointment, ...]:
        """The provider's claims that overlap the period, in order, of whatever status."""

    def unattended(self, at: datetime, /, *, limit: int) -> tuple[Appointment, ...]:
        """Claims still booked whose visit's time was over at that instant, the oldest first."""

    def in_practice(
        self,
        period: Interval,
        /,
        *,
        status: AppointmentStatus | None,
        limit: int,
        after: Appointment | None = None,
    ) -> tuple[Appointment, ...]:
        """The practice's claims that overlap the period, in order, those behind `after` if it is
        given.
        """

    def newest(self, *, before: Appointment | None, limit: int) -> tuple[Appointment, ...]:
        """What was requested last, the newest request first, those older than `before`'s if it is
        given.
        """

    def flagged(self, *, limit: int) -> tuple[Appointment, ...]:
        """Claims with a red flag that nobody has reviewed, the next visit first."""

    def unanswered(self, at: datetime, /, *, limit: int) -> tuple[Appointment, ...]:
        """Pending requests whose visit was to begin by then, the oldest first."""

    def of_series(self, series: SeriesId, /) -> tuple[Appointment, ...]:
        """The claims that were booked together as this series, in order, of whatever status."""

    def of_sessions(self, sessions: frozenset[SessionId], /) -> tuple[Appointment, ...]:
        """The claims on these sessions that occupy their time, in order."""


class WaitlistEntries(Collection[WaitlistEntryId, WaitlistEntry], Protocol):
    """Who waits for a time; the order is that of joining."""

    def waiting(
        self, provider: Provider, /, *, after: WaitlistEntry | None, at: datetime, limit: int
    ) -> tuple[WaitlistEntry, ...]:
        """Those who wait, without an offer, for this provider or for one of their specialties, in a
        period that is not over; in order, those behind `after` if it is given.
        """

    def of_appointment(self, appointment_id: AppointmentId, /) -> WaitlistEntry | None:
        """The entry to which this hold was offered."""

    def of_patient(self, patient_id: PatientId, /) -> tuple[WaitlistEntry, ...]:
        """All that the patient waits or waited for, the latest first."""

    def in_order(self, *, limit: int) -> tuple[WaitlistEntry, ...]:
        """Those who wait, with or without an offer, in order."""


class SchedulingWork(BillingWork, WorkforceWork, Protocol):
    """What scheduling reads and saves."""

    def expect(self, session_id: SessionId, patient_id: PatientId, /) -> None:
        """Be told that this session, with its provider, and this patient are about to be asked for:
        a store far away may read them at once. Changes nothing else.
        """

    @property
    def sessions(self) -> Sessions: ...
    @property
    def appointments(self) -> Appointments: ...
    @property
    def waitlist(self) -> WaitlistEntries: ...
