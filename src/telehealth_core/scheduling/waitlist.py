"""The waitlist: who waits for a time, and the timed offer of one that becomes free (N09).

An offer is a hold on the time for the patient who waits, so that it obeys whatever a hold obeys;
it is taken by requesting the appointment as usual, and lapses with the hold.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

import attrs

from telehealth_core.practice.settings import Settings
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.life import AppointmentHeld
from telehealth_core.scheduling.search import Wishes
from telehealth_core.scheduling.session import Mode, Session
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import (
    AppointmentId,
    PatientId,
    PracticeId,
    ProviderId,
    UserId,
    WaitlistEntryId,
    derived,
)
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.lifecycle import Lifecycle
from telehealth_core.shared.phi import phi
from telehealth_core.shared.refusal import Invalid, Refusal
from telehealth_core.shared.text import line, place


class WaitlistStatus(StrEnum):
    """How far the waiting has come."""

    WAITING = "waiting"
    OFFERED = "offered"
    """A time is held for the patient until a deadline."""
    TAKEN = "taken"
    """The patient requested what was offered."""
    LAPSED = "lapsed"
    """The patient let the offer go by, or declined it; who still wants a time joins again."""
    LEFT = "left"


_S = WaitlistStatus
LIFECYCLE: Lifecycle[WaitlistStatus] = Lifecycle(
    "WaitlistEntry",
    _S.WAITING,
    {
        "offer": (frozenset({_S.WAITING}), _S.OFFERED),
        "take": (frozenset({_S.OFFERED}), _S.TAKEN),
        "lapse": (frozenset({_S.OFFERED}), _S.LAPSED),
        "leave": (frozenset({_S.WAITING, _S.OFFERED}), _S.LEFT),
    },
)


class WaitlistJoined(Event):
    """A patient waits for a time."""


class TimeOffered(Event):
    """A time that became free is held for who waited first."""


class OfferTaken(Event):
    """The patient requested the time that was offered."""


class OfferLapsed(Event):
    """The offer was not taken; the next one in order gets it."""


class WaitlistLeft(Event):
    """The patient does not wait any more."""


@attrs.frozen
class WaitingLimit(Refusal):
    """A patient waits for only so many times at once (N09, API-03)."""

    code: ClassVar[str] = "waiting-limit"
    says: ClassVar[str] = "The patient waits for {most} times already; leave one first."

    most: int


@attrs.frozen(kw_only=True)
class WaitlistEntry:
    """One patient who waits for a visit with a provider, or with anybody of a specialty, within a
    period. `location` is where the patient will be then (`US-NY`, `GB`); service and mode are None
    where any will do. `appointment_id` is the hold that is, or was, the offer.
    """

    id: WaitlistEntryId
    practice_id: PracticeId
    version: int = 1
    status: WaitlistStatus = LIFECYCLE.initial
    patient_id: PatientId
    provider_id: ProviderId | None = None
    specialty: str | None = attrs.field(default=None, validator=attrs.validators.optional(line(60)))
    service: str | None = attrs.field(default=None, validator=attrs.validators.optional(line(40)))
    mode: Mode | None = None
    location: str = phi(validator=place)
    period: Interval
    joined_at: datetime
    joined_by: UserId
    appointment_id: AppointmentId | None = None
    offered_until: datetime | None = None

    def __attrs_post_init__(self) -> None:
        if self.provider_id is None and self.specialty is None:
            raise Invalid("provider_id", "a provider, or a specialty")

    @property
    def live(self) -> bool:
        """Whether the patient still waits, for an offer or with one."""
        return self.status in {WaitlistStatus.WAITING, WaitlistStatus.OFFERED}

    @property
    def wishes(self) -> Wishes:
        """What is looked for."""
        return Wishes(
            period=self.period,
            specialty=self.specialty,
            service=self.service,
            mode=self.mode,
            location=self.location,
            providers=frozenset() if self.provider_id is None else frozenset({self.provider_id}),
        )

    def joined(self) -> WaitlistJoined:
        """The event that waiting begins with."""
        return WaitlistJoined(self.id, self.version, self.joined_by, self.joined_at)

    def require_ahead(self, at: datetime) -> None:
        """Refuse to wait for what is over.

        Raises: Invalid.
        """
        if self.period.end <= at:
            raise Invalid("period", "not over yet")

    def hold(
        self, session: Session, visit: Interval, settings: Settings, *, by: UserId, at: datetime
    ) -> tuple[Appointment, AppointmentHeld]:
        """The hold that offers this time: kept for as long as the settings say an offer lasts, but
        never past the start of the visit. It is the entry's, and counts as no account's own.
        """
        held, event = Appointment.hold(
            session,
            settings,
            id=offer_id(self.patient_id, session.provider_id, visit.start),
            patient_id=self.patient_id,
            start=visit.start,
            mode=self.mode or min(session.modes),
            location=self.location,
            by=by,
            at=at,
        )
        until = min(at + timedelta(minutes=settings.offer_minutes), visit.start)
        return attrs.evolve(held, held_until=until, held_by=UserId(self.id)), event

    def offer(self, held: Appointment, *, by: UserId, at: datetime) -> tuple[Self, TimeOffered]:
        """Offer the time that is held for the patient.

        Raises: IllegalTransition unless waiting.
        """
        status = LIFECYCLE.after("offer", self.status)
        offered = attrs.evolve(
            self,
            version=self.version + 1,
            status=status,
            appointment_id=held.id,
            offered_until=held.held_until,
        )
        return offered, TimeOffered(self.id, offered.version, by, at)

    def take(self, *, by: UserId, at: datetime) -> tuple[Self, OfferTaken]:
        """The patient requested what was offered.

        Raises: IllegalTransition unless offered.
        """
        taken = self._ended("take")
        return taken, OfferTaken(self.id, taken.version, by, at)

    def lapse(self, *, by: UserId, at: datetime) -> tuple[Self, OfferLapsed]:
        """The offer was not taken, or was declined.

        Raises: IllegalTransition unless offered.
        """
        lapsed = self._ended("lapse")
        return lapsed, OfferLapsed(self.id, lapsed.version, by, at)

    def leave(self, *, by: UserId, at: datetime) -> tuple[Self, WaitlistLeft]:
        """Wait no longer.

        Raises: IllegalTransition once the waiting is over.
        """
        left = self._ended("leave")
        return left, WaitlistLeft(self.id, left.version, by, at)

    def _ended(self, verb: str) -> Self:
        status = LIFECYCLE.after(verb, self.status)
        return attrs.evolve(self, version=self.version + 1, status=status)


def offer_id(patient_id: PatientId, provider_id: ProviderId, start: datetime) -> AppointmentId:
    """The id of the hold that offers this time to this patient: the same on every replay, so that
    nobody is offered a time twice.
    """
    cause: UUID = derived(patient_id, f"offer/{provider_id}")
    return AppointmentId(derived(cause, start.isoformat()))
