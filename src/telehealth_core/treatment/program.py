"""The treatment program: PHP or IOP, from its start to discharge, with its progress (F38-F41)."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, Self

import attrs

from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import PatientId, PracticeId, ProgramId, ProviderId, UserId
from telehealth_core.shared.lifecycle import Lifecycle
from telehealth_core.shared.money import BASIS_POINTS
from telehealth_core.shared.phi import phi
from telehealth_core.shared.refusal import Invalid
from telehealth_core.shared.text import prose


class ProgramKind(StrEnum):
    """The level of care (F39)."""

    PHP = "PHP"
    """Partial hospitalization program."""
    IOP = "IOP"
    """Intensive outpatient program."""


class ProgramStatus(StrEnum):
    """Where the program stands."""

    PLANNED = "planned"
    ACTIVE = "active"
    ONHOLD = "onhold"
    FINISHED = "finished"
    CANCELLED = "cancelled"


_S = ProgramStatus
LIFECYCLE: Lifecycle[ProgramStatus] = Lifecycle(
    "TreatmentProgram",
    _S.PLANNED,
    {
        "revise": (frozenset({_S.PLANNED, _S.ACTIVE, _S.ONHOLD}), None),
        "start": (frozenset({_S.PLANNED}), _S.ACTIVE),
        "pause": (frozenset({_S.ACTIVE}), _S.ONHOLD),
        "resume": (frozenset({_S.ONHOLD}), _S.ACTIVE),
        "discharge": (frozenset({_S.ACTIVE, _S.ONHOLD}), _S.FINISHED),
        "cancel": (frozenset({_S.PLANNED}), _S.CANCELLED),
    },
)


class ProgramPlanned(Event):
    """A patient was entered into a program."""


class ProgramStarted(Event):
    """The program runs."""


@attrs.frozen
class ProgramPaused(Event):
    """The program stands still."""


@attrs.frozen
class ProgramResumed(Event):
    """The program runs again."""


@attrs.frozen
class ProgramCancelled(Event):
    """The program was given up before it began."""


class ProgramRevised(Event):
    """Kind or dates of the program changed."""


class ProgramDischarged(Event):
    """The patient was discharged."""


@attrs.frozen
class Revision:
    """One change of a program: who, when, what and why (F41)."""

    by: UserId
    at: datetime
    reason: str = phi(validator=prose(1000))
    verb: str = "revise"
    before: str = ""
    after: str = ""


@attrs.frozen
class Hold:
    """Days on which the program stood still: from `since` up to, but not including, `until`."""

    since: date
    until: date | None = None

    def days(self, start: date, end: date) -> int:
        """How many of the days from `start` up to `end` it covers."""
        return max((min(self.until or end, end) - max(self.since, start)).days, 0)


@attrs.frozen(kw_only=True)
class TreatmentProgram:
    """One patient's course of treatment under one provider.

    `anticipated_discharge_on` is None while open-ended: such a program has no percentage. Days on
    hold count neither as passed nor as planned, so that progress stands still meanwhile.
    """

    id: ProgramId
    practice_id: PracticeId
    version: int = 1
    status: ProgramStatus = LIFECYCLE.initial
    patient_id: PatientId
    provider_id: ProviderId
    kind: ProgramKind
    starts_on: date
    anticipated_discharge_on: date | None = None
    discharged_on: date | None = None
    holds: tuple[Hold, ...] = ()
    revisions: tuple[Revision, ...] = phi(default=())
    entered_at: datetime

    def __attrs_post_init__(self) -> None:
        if (
            self.anticipated_discharge_on is not None
            and self.anticipated_discharge_on <= self.starts_on
        ):
            raise Invalid("anticipated_discharge_on", "after starts_on")
        if self.discharged_on is not None and self.discharged_on < self.starts_on:
            raise Invalid("discharged_on", "not before starts_on")

    def entered(self, today: date) -> Self:
        """The new program, running already if it begins today or began before."""
        if self.starts_on > today:
            return self
        return attrs.evolve(self, status=LIFECYCLE.after("start", self.status))

    def begun(self, *, by: UserId) -> tuple[Event, ...]:
        """The events that a new program begins with."""
        planned = ProgramPlanned(self.id, self.version, by, self.entered_at)
        started = ProgramStarted(self.id, self.version, by, self.entered_at)
        return (planned,) if self.status is ProgramStatus.PLANNED else (planned, started)

    def without_history(self) -> Self:
        """The program as those may see it who follow its progress and not its reasons."""
        return attrs.evolve(self, revisions=())

    def progress_bp(self, on: date) -> int | None:
        """How much of the time from start to (anticipated) discharge is over on that day, in basis
        points (F38).

        0 up to the start, and as long as it has not been started; 10,000 from the anticipated
        discharge on, and once discharged, early or late; None while open-ended and when cancelled.
        On hold it stands still, past the anticipated discharge too.
        """
        if self.status is ProgramStatus.FINISHED:
            return BASIS_POINTS
        end = self.anticipated_discharge_on
        if end is None or self.status is ProgramStatus.CANCELLED:
            return None
        if self.status is ProgramStatus.PLANNED:
            return 0
        if self.status is ProgramStatus.ONHOLD:
            on = min(on, self.holds[-1].since)
        if on >= end:
            return BASIS_POINTS
        whole = self._days_run(end)
        return self._days_run(max(on, self.starts_on)) * BASIS_POINTS // whole if whole else 0

    def _days_run(self, end: date) -> int:
        """The days from the start up to `end`, without those of holds that are over."""
        over = (hold for hold in self.holds if hold.until is not None)
        return (end - self.starts_on).days - sum(hold.days(self.starts_on, end) for hold in over)

    @property
    def terms(self) -> str:
        """Kind and dates, in words: what a revision tells of before and after (F41)."""
        held = self.holds[-1] if self.holds else None
        return ", ".join(
            (
                str(self.kind),
                f"{self.starts_on} to {self.anticipated_discharge_on or 'open-ended'}",
                *([f"on hold {held.since} to {held.until or 'open-ended'}"] if held else []),
                *([f"discharged {self.discharged_on}"] if self.discharged_on else []),
            )
        )

    @property
    def discharged_early(self) -> bool:
        """Whether the patient was discharged before the anticipated day."""
        expected, actual = self.anticipated_discharge_on, self.discharged_on
        return expected is not None and actual is not None and actual < expected

    def overdue(self, on: date) -> bool:
        """Whether the anticipated discharge of a running program has passed without one."""
        expected = self.anticipated_discharge_on
        running = self.status in {ProgramStatus.ACTIVE, ProgramStatus.ONHOLD}
        return running and expected is not None and on > expected

    def revise(
        self,
        *,
        kind: ProgramKind,
        anticipated_discharge_on: date | None,
        reason: str,
        by: UserId,
        at: datetime,
    ) -> tuple[Self, ProgramRevised]:
        """The program under other terms, with the reason (F41).

        Raises: IllegalTransition once over; Invalid.
        """
        terms = {"kind": kind, "anticipated_discharge_on": anticipated_discharge_on}
        revised = self._changed("revise", reason, by, at, **terms)
        return revised, ProgramRevised(self.id, revised.version, by, at)

    def start(
        self, on: date, reason: str, *, by: UserId, at: datetime
    ) -> tuple[Self, ProgramStarted]:
        """The program, running from that day on.

        Raises: IllegalTransition unless planned; Invalid.
        """
        started = self._changed("start", reason, by, at, starts_on=on)
        return started, ProgramStarted(self.id, started.version, by, at)

    def pause(
        self, on: date, reason: str, *, by: UserId, at: datetime
    ) -> tuple[Self, ProgramPaused]:
        """The program, standing still from that day on.

        Raises: IllegalTransition unless running; Invalid before the start or an earlier hold's end.
        """
        LIFECYCLE.after("pause", self.status)
        earliest = max(
            (hold.until or self.starts_on for hold in self.holds), default=self.starts_on
        )
        if on < earliest:
            raise Invalid("on", f"not before {earliest.isoformat()}")
        paused = self._changed("pause", reason, by, at, holds=(*self.holds, Hold(on)))
        return paused, ProgramPaused(self.id, paused.version, by, at)

    def resume(
        self,
        on: date,
        reason: str,
        *,
        anticipated_discharge_on: date | None,
        by: UserId,
        at: datetime,
    ) -> tuple[Self, ProgramResumed]:
        """The program, running again from that day on, up to a discharge anticipated anew.

        Raises: IllegalTransition unless on hold; Invalid before the hold began.
        """
        LIFECYCLE.after("resume", self.status)
        *others, hold = self.holds
        if on < hold.since:
            raise Invalid("on", f"not before {hold.since.isoformat()}")
        holds = (*others, Hold(hold.since, on))
        terms = {"holds": holds, "anticipated_discharge_on": anticipated_discharge_on}
        resumed = self._changed("resume", reason, by, at, **terms)
        return resumed, ProgramResumed(self.id, resumed.version, by, at)

    def cancel(self, reason: str, *, by: UserId, at: datetime) -> tuple[Self, ProgramCancelled]:
        """Give the program up before it began.

        Raises: IllegalTransition unless planned; Invalid.
        """
        cancelled = self._changed("cancel", reason, by, at)
        return cancelled, ProgramCancelled(self.id, cancelled.version, by, at)

    def discharge(
        self, on: date, reason: str, *, by: UserId, at: datetime
    ) -> tuple[Self, ProgramDischarged]:
        """End the program, early or late, with the reason (F39).

        Raises: IllegalTransition; Invalid.
        """
        finished = self._changed("discharge", reason, by, at, discharged_on=on)
        return finished, ProgramDischarged(self.id, finished.version, by, at)

    def _changed(self, verb: str, reason: str, by: UserId, at: datetime, **terms: Any) -> Self:
        status = LIFECYCLE.after(verb, self.status)
        changed = attrs.evolve(self, version=self.version + 1, status=status, **terms)
        entry = Revision(by, at, reason, verb, self.terms, changed.terms)
        return attrs.evolve(changed, revisions=(*self.revisions, entry))
