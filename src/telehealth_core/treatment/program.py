"""The treatment program: PHP or IOP, from its start to discharge, with its progress (F38-F41)."""

from datetime import date, datetime
from enum import StrEnum
from typing import Self

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
    _S.ACTIVE,
    {
        "revise": (frozenset({_S.PLANNED, _S.ACTIVE, _S.ONHOLD}), None),
        "start": (frozenset({_S.PLANNED}), _S.ACTIVE),
        "pause": (frozenset({_S.ACTIVE}), _S.ONHOLD),
        "resume": (frozenset({_S.ONHOLD}), _S.ACTIVE),
        "discharge": (frozenset({_S.ACTIVE, _S.ONHOLD}), _S.FINISHED),
        "cancel": (frozenset({_S.PLANNED}), _S.CANCELLED),
    },
)


class ProgramStarted(Event):
    """A patient entered a program."""


class ProgramRevised(Event):
    """Kind or dates of the program changed."""


class ProgramDischarged(Event):
    """The patient was discharged."""


@attrs.frozen
class Revision:
    """One change of a program: who, when, why (F41)."""

    by: UserId
    at: datetime
    reason: str = phi(validator=prose(1000))


@attrs.frozen(kw_only=True)
class TreatmentProgram:
    """One patient's course of treatment under one provider.

    `anticipated_discharge_on` is None while open-ended: such a program has no percentage.
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

    def started(self, *, by: UserId) -> ProgramStarted:
        """The event that a new program begins with."""
        return ProgramStarted(self.id, self.version, by, self.entered_at)

    def without_history(self) -> Self:
        """The program as those may see it who follow its progress and not its reasons."""
        return attrs.evolve(self, revisions=())

    def progress_bp(self, on: date) -> int | None:
        """How much of the time from start to (anticipated) discharge is over on that day, in basis
        points (F38).

        0 up to the start, 10,000 once discharged or overdue, None while open-ended.
        """
        if self.status is ProgramStatus.FINISHED:
            return BASIS_POINTS
        if self.anticipated_discharge_on is None:
            return None
        whole = (self.anticipated_discharge_on - self.starts_on).days
        passed = min(max((on - self.starts_on).days, 0), whole)
        return passed * BASIS_POINTS // whole

    def overdue(self, on: date) -> bool:
        """Whether the anticipated discharge has passed without one."""
        expected = self.anticipated_discharge_on
        return self.discharged_on is None and expected is not None and on > expected

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
        revised = attrs.evolve(
            self,
            version=self.version + 1,
            status=LIFECYCLE.after("revise", self.status),
            kind=kind,
            anticipated_discharge_on=anticipated_discharge_on,
            revisions=(*self.revisions, Revision(by, at, reason)),
        )
        return revised, ProgramRevised(self.id, revised.version, by, at)

    def discharge(
        self, on: date, reason: str, *, by: UserId, at: datetime
    ) -> tuple[Self, ProgramDischarged]:
        """End the program, early or late, with the reason (F39).

        Raises: IllegalTransition; Invalid.
        """
        finished = attrs.evolve(
            self,
            version=self.version + 1,
            status=LIFECYCLE.after("discharge", self.status),
            discharged_on=on,
            revisions=(*self.revisions, Revision(by, at, reason)),
        )
        return finished, ProgramDischarged(self.id, finished.version, by, at)
