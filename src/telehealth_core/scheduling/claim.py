"""The claim: who has which time of a provider, until when, under which rules (N01, N02, F30)."""

from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

import attrs

from telehealth_core.practice.settings import Settings
from telehealth_core.scheduling.life import (
    LIFECYCLE,
    OCCUPYING,
    AppointmentCancelled,
    AppointmentHeld,
    AppointmentStatus,
    CancellationReason,
    Change,
    Declined,
)
from telehealth_core.scheduling.override import Override
from telehealth_core.scheduling.pre_screening import Answer
from telehealth_core.scheduling.session import Mode, Session
from telehealth_core.shared.ids import (
    AppointmentId,
    DocumentId,
    PatientId,
    PracticeId,
    ProviderId,
    SeriesId,
    SessionId,
    UserId,
)
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.money import Money
from telehealth_core.shared.phi import phi
from telehealth_core.shared.refusal import Invalid, Refusal
from telehealth_core.shared.text import place, prose


@attrs.frozen
class HoldExpired(Refusal):
    """The time was kept as long as promised and may be somebody else's now (N02)."""

    code: ClassVar[str] = "hold-expired"
    says: ClassVar[str] = (
        "The time was kept for you until {held_until:%H:%M} UTC. Pick it again if it is still free."
    )

    held_until: datetime


@attrs.frozen
class TooLate(Refusal):
    """The visit has begun already."""

    code: ClassVar[str] = "too-late"
    says: ClassVar[str] = "The visit began at {start:%Y-%m-%d %H:%M} UTC."

    start: datetime


@attrs.frozen(kw_only=True)
class Claim:
    """A claim on a provider's time.

    `during` is the visit, `occupies` the time nobody else can have: the visit and the buffer after
    it. `location` is where the patient will be (`US-NY`, `GB`). `settings_version` tells under
    which rules it was booked (F30). `series` is shared by visits that were booked together (N10),
    `vouched_by` is who booked it for the patient (F22), `hidden` keeps it from guardians (CHD-06).
    `free_until` is left by a move that came late: giving up is not free again because of it (N17).
    """

    id: AppointmentId
    practice_id: PracticeId
    version: int = 1
    status: AppointmentStatus = LIFECYCLE.initial
    patient_id: PatientId
    provider_id: ProviderId
    session_id: SessionId
    during: Interval
    occupies: Interval
    mode: Mode
    price: Money
    location: str = phi(validator=place)
    held_until: datetime
    held_by: UserId
    reason: str | None = phi(default=None, validator=attrs.validators.optional(prose(4000)))
    pre_screening: tuple[Answer, ...] = phi(default=())
    attachments: tuple[DocumentId, ...] = ()
    settings_version: int
    cancelled_because: CancellationReason | None = None
    declined: Declined | None = phi(default=None)
    withdraw_until: datetime | None = None
    free_until: datetime | None = None
    starts_within_cooling_off: bool = False
    requested_at: datetime | None = None
    vouched_by: UserId | None = None
    override: Override | None = phi(default=None)
    series: SeriesId | None = None
    red_flags: tuple[str, ...] = phi(default=())
    flags_open: bool = False
    hidden: bool = False
    history: tuple[Change, ...] = phi(default=())

    @classmethod
    def hold(
        cls,
        session: Session,
        settings: Settings,
        *,
        id: AppointmentId,
        patient_id: PatientId,
        start: datetime,
        mode: Mode,
        location: str,
        by: UserId,
        at: datetime,
        vouched: bool = False,
        override: Override | None = None,
        series: SeriesId | None = None,
    ) -> tuple[Self, AppointmentHeld]:
        """A claim on the session's time from `start` on, kept for as long as the settings say;
        `vouched` if staff book it for the patient.

        Raises: Invalid.
        """
        if mode not in session.modes:
            raise Invalid("mode", "one of the session's modes")
        visit = session.visit_at(start)
        claim = cls(
            id=id,
            practice_id=session.practice_id,
            patient_id=patient_id,
            provider_id=session.provider_id,
            session_id=session.id,
            during=visit,
            occupies=settings.occupied_by(visit),
            mode=mode,
            price=session.price,
            location=location,
            held_until=at + timedelta(minutes=settings.hold_minutes),
            held_by=by,
            settings_version=settings.version,
            vouched_by=by if vouched else None,
            override=override,
            series=series,
            history=(Change("hold", by, at, why(override)),),
        )
        return claim, claim.held(by=by, at=at)

    def held(self, *, by: UserId, at: datetime) -> AppointmentHeld:
        """The event that a new claim begins with."""
        return AppointmentHeld(self.id, self.version, by, at)

    def same_claim(self, other: Self) -> bool:
        """Whether the other is a repeat of this very claim (N02)."""
        ours = (self.patient_id, self.session_id, self.during, self.mode, self.location)
        return ours == (
            other.patient_id,
            other.session_id,
            other.during,
            other.mode,
            other.location,
        )

    def occupying(self, at: datetime) -> bool:
        """Whether it takes its time at that instant: by status alone, and a hold only until its
        deadline.
        """
        return self.status in OCCUPYING and not self.lapsed(at)

    def competes_with(self, other: Self) -> bool:
        """Whether only one of the two can be: a provider's time counts with its buffer, a patient's
        without (N01).
        """
        provider = self.provider_id == other.provider_id and self.occupies.overlaps(other.occupies)
        patient = self.patient_id == other.patient_id and self.during.overlaps(other.during)
        return provider or patient

    def lapsed(self, at: datetime) -> bool:
        """Whether it is a hold past its deadline."""
        return self.status is AppointmentStatus.HELD and self.held_until <= at

    def joinable(self, early_minutes: int, late_minutes: int) -> Interval:
        """When the visit's room is open."""
        return self.during.widened(
            before=timedelta(minutes=early_minutes), after=timedelta(minutes=late_minutes)
        )

    def _keep(self, verb: str, at: datetime) -> AppointmentStatus:
        status = LIFECYCLE.after(verb, self.status)
        if self.lapsed(at):
            raise HoldExpired(self.held_until)
        if at >= self.during.end:
            raise TooLate(self.during.start)
        return status

    def _after(
        self, verb: str, by: UserId, at: datetime, why: str | None = None, /, **fields: Any
    ) -> Self:
        """The next version, in the state that the verb leads to, with one more line of history."""
        return attrs.evolve(
            self,
            version=self.version + 1,
            status=LIFECYCLE.after(verb, self.status),
            history=(*self.history, Change(verb, by, at, why)),
            **fields,
        )

    def _given_up(
        self,
        verb: str,
        reason: CancellationReason,
        by: UserId,
        at: datetime,
        why: str | None = None,
        **fields: Any,
    ) -> tuple[Self, AppointmentCancelled]:
        cancelled = self._after(verb, by, at, why, cancelled_because=reason, **fields)
        return cancelled, AppointmentCancelled(self.id, cancelled.version, by, at, reason)


def why(override: Override | None) -> str | None:
    """The reason that history tells of a change under an override."""
    return override.reason if override else None
