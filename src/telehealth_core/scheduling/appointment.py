"""The appointment: somebody's claim on a provider's time, from the hold to the visit (F15-F29, N01,
N02).
"""

from datetime import datetime, timedelta
from typing import ClassVar, Self

import attrs

from telehealth_core.practice.settings import Settings
from telehealth_core.scheduling.cancellation import TooEarly, require_express
from telehealth_core.scheduling.life import (
    LIFECYCLE,
    OCCUPYING,
    AppointmentApproved,
    AppointmentCancelled,
    AppointmentDescribed,
    AppointmentFulfilled,
    AppointmentHeld,
    AppointmentMissed,
    AppointmentRequested,
    AppointmentRescheduled,
    AppointmentStatus,
    CancellationReason,
    PatientArrived,
)
from telehealth_core.scheduling.session import Mode, Session
from telehealth_core.shared.ids import (
    AppointmentId,
    DocumentId,
    PatientId,
    PracticeId,
    ProviderId,
    SessionId,
    UserId,
)
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.money import Money
from telehealth_core.shared.phi import phi
from telehealth_core.shared.refusal import Invalid, Refusal
from telehealth_core.shared.text import line, place, prose

ATTACHMENTS_MOST = 5


@attrs.frozen
class TimeTaken(Refusal):
    """Somebody else has that time, or the patient is elsewhere then (N01)."""

    code: ClassVar[str] = "time-taken"
    says: ClassVar[str] = "This time was just taken. Pick another one."


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


@attrs.frozen
class PriceChanged(Refusal):
    """What the patient agrees to is not the price of this visit (PAY-01)."""

    code: ClassVar[str] = "price-changed"
    says: ClassVar[str] = "The visit costs {price}."

    price: str


@attrs.frozen(repr=False)
class Answer:
    """One answer of the pre-screening form (F20)."""

    question: str = attrs.field(validator=line(200))
    text: str = attrs.field(validator=prose(2000, least=0))


@attrs.frozen(kw_only=True)
class Appointment:
    """A claim on a provider's time.

    `during` is the visit, `occupies` the time nobody else can have: the visit and the buffer after
    it. `location` is where the patient will be (`US-NY`, `GB`). `settings_version` tells under
    which rules it was booked (F30).
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
    withdraw_until: datetime | None = None
    starts_within_cooling_off: bool = False

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
    ) -> tuple[Self, AppointmentHeld]:
        """A claim on the session's time from `start` on, kept for as long as the settings say.

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

    def describe(
        self,
        *,
        reason: str | None = None,
        pre_screening: tuple[Answer, ...] | None = None,
        attachment: DocumentId | None = None,
        by: UserId,
        at: datetime,
    ) -> tuple[Self, AppointmentDescribed]:
        """Tell what the visit is about: a description, the pre-screening form, or one more photo
        (F20, F21).

        Raises: HoldExpired; IllegalTransition once it began or was given up; Invalid.
        """
        self._keep("describe", at)
        attached = (*self.attachments, attachment) if attachment else self.attachments
        if len(attached) > ATTACHMENTS_MOST:
            raise Invalid("attachments", f"at most {ATTACHMENTS_MOST} photos")
        described = attrs.evolve(
            self,
            version=self.version + 1,
            reason=self.reason if reason is None else reason,
            pre_screening=self.pre_screening if pre_screening is None else pre_screening,
            attachments=attached,
        )
        return described, AppointmentDescribed(self.id, described.version, by, at)

    def request(
        self,
        agreed: Money,
        *,
        withdraw_until: datetime | None = None,
        starts_within_cooling_off: bool = False,
        by: UserId,
        at: datetime,
    ) -> tuple[Self, AppointmentRequested]:
        """Ask for the visit, agreeing to its price (F15, PAY-01).

        Until `withdraw_until` the patient can withdraw; a visit before that has to be asked for
        expressly (PAY-03).

        Raises: HoldExpired; PriceChanged; TooLate; ExpressRequestNeeded; IllegalTransition unless
            held.
        """
        status = self._keep("request", at)
        if agreed != self.price:
            raise PriceChanged(str(self.price))
        require_express(self.during.start, withdraw_until, express=starts_within_cooling_off)
        requested = attrs.evolve(
            self,
            version=self.version + 1,
            status=status,
            withdraw_until=withdraw_until,
            starts_within_cooling_off=starts_within_cooling_off,
        )
        return requested, AppointmentRequested(self.id, requested.version, by, at)

    def approve(self, *, by: UserId, at: datetime) -> tuple[Self, AppointmentApproved]:
        """Accept a request, so that the visit takes place (F25).

        Raises: IllegalTransition unless pending; TooLate once the visit's time is over.
        """
        status = LIFECYCLE.after("approve", self.status)
        if at >= self.during.end:
            raise TooLate(self.during.start)
        approved = attrs.evolve(self, version=self.version + 1, status=status)
        return approved, AppointmentApproved(self.id, approved.version, by, at)

    def reschedule(
        self, session: Session, settings: Settings, start: datetime, *, by: UserId, at: datetime
    ) -> tuple[Self, AppointmentRescheduled]:
        """The same visit at another time of its provider, at the same price (F26).

        The old time is given up by the very change that takes the new one.

        Raises: TooLate once the visit began; PriceChanged; ExpressRequestNeeded; Invalid for
            another provider's session or another length; IllegalTransition unless pending or
            booked.
        """
        status = LIFECYCLE.after("reschedule", self.status)
        if at >= self.during.start:
            raise TooLate(self.during.start)
        visit = session.visit_at(start)
        express = self.starts_within_cooling_off
        require_express(visit.start, self.withdraw_until, express=express)
        if session.provider_id != self.provider_id or self.mode not in session.modes:
            raise Invalid("session_id", "a session of the same provider, in the same mode")
        if session.price != self.price or visit.minutes != self.during.minutes:
            raise PriceChanged(str(session.price))
        moved = attrs.evolve(
            self,
            version=self.version + 1,
            status=status,
            session_id=session.id,
            during=visit,
            occupies=settings.occupied_by(visit),
        )
        return moved, AppointmentRescheduled(self.id, moved.version, by, at)

    def decline(self, *, by: UserId, at: datetime) -> tuple[Self, AppointmentCancelled]:
        """Refuse a request; the time is free again (F25).

        Raises: IllegalTransition unless pending.
        """
        return self._given_up("decline", CancellationReason.DECLINED, by, at)

    def expire(self, *, by: UserId, at: datetime) -> tuple[Self, AppointmentCancelled]:
        """Give up a hold whose deadline has passed.

        Raises: IllegalTransition unless held.
        """
        expired = self._given_up("expire", CancellationReason.EXPIRED, by, at)
        assert self.lapsed(at), "only a hold past its deadline expires"
        return expired

    def cancel(
        self, reason: CancellationReason, *, by: UserId, at: datetime
    ) -> tuple[Self, AppointmentCancelled]:
        """Give up the claim: a patient before the visit begins, the practice also while it fails to
        take place (N17).

        Raises: TooLate for the patient from the start on; IllegalTransition.
        """
        theirs = reason is CancellationReason.PATIENT
        accepted = self.status in {AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED}
        if theirs and accepted and at >= self.during.start:
            raise TooLate(self.during.start)
        return self._given_up("cancel", reason, by, at)

    def miss(self, since: datetime, *, by: UserId, at: datetime) -> tuple[Self, AppointmentMissed]:
        """The patient did not come, which counts from `since` on (N17).

        Raises: TooEarly before that; IllegalTransition unless booked, as whoever was in the room
            came.
        """
        status = LIFECYCLE.after("miss", self.status)
        if at < since:
            raise TooEarly(since)
        missed = attrs.evolve(self, version=self.version + 1, status=status)
        return missed, AppointmentMissed(self.id, missed.version, by, at)

    def arrive(self, *, by: UserId, at: datetime) -> tuple[Self, PatientArrived]:
        """The patient is in the room.

        Raises: IllegalTransition unless booked.
        """
        status = LIFECYCLE.after("arrive", self.status)
        arrived = attrs.evolve(self, version=self.version + 1, status=status)
        return arrived, PatientArrived(self.id, arrived.version, by, at)

    def fulfil(self, *, by: UserId, at: datetime) -> tuple[Self, AppointmentFulfilled]:
        """The visit took place.

        Raises: IllegalTransition unless the patient had arrived.
        """
        status = LIFECYCLE.after("fulfil", self.status)
        fulfilled = attrs.evolve(self, version=self.version + 1, status=status)
        return fulfilled, AppointmentFulfilled(self.id, fulfilled.version, by, at)

    @property
    def keeps_its_price(self) -> bool:
        """Whether a visit in place of this one costs what this one would have."""
        return self.cancelled_because is CancellationReason.TECHNICAL

    def require_begun(self) -> None:
        """Refuse what only follows from a visit (RXC-04, FIT-04).

        Raises: IllegalTransition unless the patient had arrived.
        """
        if self.status not in {AppointmentStatus.ARRIVED, AppointmentStatus.FULFILLED}:
            raise IllegalTransition("document", self.status.value)

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

    def _given_up(
        self, verb: str, reason: CancellationReason, by: UserId, at: datetime
    ) -> tuple[Self, AppointmentCancelled]:
        status = LIFECYCLE.after(verb, self.status)
        cancelled = attrs.evolve(
            self, version=self.version + 1, status=status, cancelled_because=reason
        )
        return cancelled, AppointmentCancelled(self.id, cancelled.version, by, at, reason)
