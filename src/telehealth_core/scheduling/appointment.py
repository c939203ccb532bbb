"""The appointment: somebody's claim on a provider's time, from the hold to the visit (F15-F29, N01,
N02).
"""

from datetime import datetime
from typing import ClassVar, Self

import attrs

from telehealth_core.practice.pre_screening import Question
from telehealth_core.practice.settings import Settings
from telehealth_core.scheduling.cancellation import TooEarly, require_express
from telehealth_core.scheduling.claim import Claim, TooLate, why
from telehealth_core.scheduling.life import (
    LIFECYCLE,
    AppointmentAmended,
    AppointmentApproved,
    AppointmentCancelled,
    AppointmentDescribed,
    AppointmentFulfilled,
    AppointmentHidden,
    AppointmentMissed,
    AppointmentRequested,
    AppointmentRescheduled,
    AppointmentStatus,
    AppointmentUnhidden,
    CancellationReason,
    Declined,
    PatientArrived,
    RedFlagRaised,
    RedFlagReviewed,
)
from telehealth_core.scheduling.override import Override
from telehealth_core.scheduling.pre_screening import Answer, red_flags
from telehealth_core.scheduling.session import Mode, Session
from telehealth_core.shared.ids import DocumentId, UserId
from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.money import Money
from telehealth_core.shared.refusal import Invalid, Refusal

ATTACHMENTS_MOST = 5


class TimeTaken(Refusal):
    """Somebody else has that time, or the patient is elsewhere then (N01)."""

    code: ClassVar[str] = "time-taken"
    says: ClassVar[str] = "This time was just taken. Pick another one."


@attrs.frozen
class PriceChanged(Refusal):
    """What the patient agrees to is not the price of this visit (PAY-01)."""

    code: ClassVar[str] = "price-changed"
    says: ClassVar[str] = "The visit costs {price}."

    price: str


@attrs.frozen(kw_only=True)
class Appointment(Claim):
    """A claim on a provider's time, and all that may become of it."""

    def describe(
        self,
        *,
        reason: str | None = None,
        attachment: DocumentId | None = None,
        by: UserId,
        at: datetime,
    ) -> tuple[Self, AppointmentDescribed]:
        """Tell what the visit is about: a description, or one more photo (F21).

        Raises: HoldExpired; IllegalTransition once it began or was given up; Invalid.
        """
        self._keep("describe", at)
        attached = (*self.attachments, attachment) if attachment else self.attachments
        if len(attached) > ATTACHMENTS_MOST:
            raise Invalid("attachments", f"at most {ATTACHMENTS_MOST} photos")
        told = self.reason if reason is None else reason
        described = self._after("describe", by, at, reason=told, attachments=attached)
        return described, AppointmentDescribed(self.id, described.version, by, at)

    def pre_screen(
        self, answers: tuple[Answer, ...], form: tuple[Question, ...], *, by: UserId, at: datetime
    ) -> tuple[Self, AppointmentDescribed | RedFlagRaised]:
        """Answer the pre-screening form; a red flag stays open until a human saw it (F20, TEL-11).

        Raises: HoldExpired; IllegalTransition once it began or was given up; Invalid.
        """
        self._keep("pre_screen", at)
        flags = red_flags(form, answers)
        answered = self._after(
            "pre_screen",
            by,
            at,
            pre_screening=answers,
            red_flags=flags,
            flags_open=bool(flags) or self.flags_open,
        )
        event = RedFlagRaised if flags else AppointmentDescribed
        return answered, event(self.id, answered.version, by, at)

    def review(self, note: str, *, by: UserId, at: datetime) -> tuple[Self, RedFlagReviewed]:
        """A human saw the red flags; the note tells what came of it (TEL-11).

        Raises: Invalid if there is nothing to review, or no note.
        """
        if not self.flags_open:
            raise Invalid("flags_open", "a red flag that nobody has reviewed")
        reviewed = self._after("review", by, at, note, flags_open=False)
        return reviewed, RedFlagReviewed(self.id, reviewed.version, by, at)

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
        self._keep("request", at)
        if agreed != self.price:
            raise PriceChanged(str(self.price))
        require_express(self.during.start, withdraw_until, express=starts_within_cooling_off)
        requested = self._after(
            "request",
            by,
            at,
            requested_at=at,
            withdraw_until=withdraw_until,
            starts_within_cooling_off=starts_within_cooling_off,
        )
        return requested, AppointmentRequested(self.id, requested.version, by, at)

    def approve(
        self, *, by: UserId, at: datetime, override: Override | None = None
    ) -> tuple[Self, AppointmentApproved]:
        """Accept a request, so that the visit takes place (F25).

        Raises: IllegalTransition unless pending; TooLate once the visit's time is over.
        """
        LIFECYCLE.after("approve", self.status)
        if at >= self.during.end:
            raise TooLate(self.during.start)
        approved = self._after("approve", by, at, why(override), override=override or self.override)
        return approved, AppointmentApproved(self.id, approved.version, by, at)

    def reschedule(
        self,
        session: Session,
        settings: Settings,
        start: datetime,
        *,
        by: UserId,
        at: datetime,
        override: Override | None = None,
        free_until: datetime | None = None,
    ) -> tuple[Self, AppointmentRescheduled]:
        """The same visit at another time of its provider, at the same price (F26); moved so late
        that giving up was not free any more, it is not free again: `free_until` has passed (N17).

        The old time is given up by the very change that takes the new one. A session's price may
        have changed since; the visit keeps its own.

        Raises: TooLate once the visit began; PriceChanged; ExpressRequestNeeded; Invalid for
            another provider's session or another length; IllegalTransition unless pending or
            booked.
        """
        LIFECYCLE.after("reschedule", self.status)
        if at >= self.during.start:
            raise TooLate(self.during.start)
        visit = session.visit_at(start)
        express = self.starts_within_cooling_off
        require_express(visit.start, self.withdraw_until, express=express)
        if session.provider_id != self.provider_id or self.mode not in session.modes:
            raise Invalid("session_id", "a session of the same provider, in the same mode")
        dearer = session.price != self.price and session.id != self.session_id
        if dearer or visit.minutes != self.during.minutes:
            raise PriceChanged(str(session.price))
        moved = self._after(
            "reschedule",
            by,
            at,
            why(override),
            override=override,
            session_id=session.id,
            during=visit,
            occupies=settings.occupied_by(visit),
            free_until=free_until or self.free_until,
        )
        return moved, AppointmentRescheduled(self.id, moved.version, by, at)

    def amend(
        self,
        session: Session,
        *,
        mode: Mode,
        location: str,
        description: str | None,
        because: str,
        by: UserId,
        at: datetime,
    ) -> tuple[Self, AppointmentAmended]:
        """The same visit in another way, at another place, or about something else (F24).

        Raises: TooLate once the visit is over; Invalid; IllegalTransition unless pending or booked.
        """
        self._keep("amend", at)
        if mode not in session.modes:
            raise Invalid("mode", "one of the session's modes")
        amended = self._after(
            "amend", by, at, because, mode=mode, location=location, reason=description
        )
        return amended, AppointmentAmended(self.id, amended.version, by, at)

    def hide(self, *, by: UserId, at: datetime) -> tuple[Self, AppointmentHidden]:
        """Keep the visit from the patient's guardians (CHD-06)."""
        hidden = self._after("hide", by, at, hidden=True)
        return hidden, AppointmentHidden(self.id, hidden.version, by, at)

    def unhide(self, *, by: UserId, at: datetime) -> tuple[Self, AppointmentUnhidden]:
        """Show the visit to the patient's guardians again (CHD-06)."""
        shown = self._after("unhide", by, at, hidden=False)
        return shown, AppointmentUnhidden(self.id, shown.version, by, at)

    def decline(
        self, because: Declined, *, by: UserId, at: datetime
    ) -> tuple[Self, AppointmentCancelled]:
        """Refuse a request; the time is free again (F25).

        Raises: IllegalTransition unless pending.
        """
        reason = CancellationReason.DECLINED
        return self._given_up("decline", reason, by, at, because.text, declined=because)

    def expire(self, *, by: UserId, at: datetime) -> tuple[Self, AppointmentCancelled]:
        """Give up a hold whose deadline has passed, or a request that nobody decided on before the
        visit was to begin (N02, F25).

        Raises: IllegalTransition unless held or pending.
        """
        pending = self.status is AppointmentStatus.PENDING
        reason = CancellationReason.UNANSWERED if pending else CancellationReason.EXPIRED
        expired = self._given_up("expire", reason, by, at)
        assert self.lapsed(at) or pending, "only a hold past its deadline expires"
        assert not pending or self.during.start <= at, "only a request past its start expires"
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
        LIFECYCLE.after("miss", self.status)
        if at < since:
            raise TooEarly(since)
        missed = self._after("miss", by, at)
        return missed, AppointmentMissed(self.id, missed.version, by, at)

    def arrive(self, *, by: UserId, at: datetime) -> tuple[Self, PatientArrived]:
        """The patient is in the room.

        Raises: IllegalTransition unless booked.
        """
        arrived = self._after("arrive", by, at)
        return arrived, PatientArrived(self.id, arrived.version, by, at)

    def fulfil(self, *, by: UserId, at: datetime) -> tuple[Self, AppointmentFulfilled]:
        """The visit took place.

        Raises: IllegalTransition unless the patient had arrived.
        """
        fulfilled = self._after("fulfil", by, at)
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
