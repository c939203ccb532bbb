"""Quarantine: what the outside system sent and nobody here could place, kept whole until a person
has looked at it (F58).
"""

from datetime import datetime
from enum import StrEnum
from typing import Self

import attrs

from telehealth_core.records.link import RecordKind
from telehealth_core.records.merge import Fields
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import PatientId, PracticeId, QuarantineId, UserId, derived
from telehealth_core.shared.lifecycle import Lifecycle
from telehealth_core.shared.phi import phi
from telehealth_core.shared.text import line, prose


class QuarantineStatus(StrEnum):
    """Whether it still waits."""

    WAITING = "waiting"
    RELEASED = "released"
    """It found its place."""
    DISMISSED = "dismissed"
    """A person decided that it has none here."""


class Problem(StrEnum):
    """Why something could not be placed."""

    UNREADABLE = "unreadable"
    UNKNOWN_PATIENT = "unknown-patient"
    UNKNOWN_PROVIDER = "unknown-provider"
    POSSIBLE_MATCH = "possible-match"
    """Somebody here may be this patient, and too little says so: a person decides (VEN-06)."""
    NOT_BOOKABLE = "not-bookable"
    TIME_TAKEN = "time-taken"
    REFUSED = "refused"
    """Our own rules forbid it: the patient's record is closed, for example."""


_S = QuarantineStatus
LIFECYCLE: Lifecycle[QuarantineStatus] = Lifecycle(
    "Quarantined",
    _S.WAITING,
    {
        "hear": (frozenset({_S.WAITING, _S.RELEASED, _S.DISMISSED}), _S.WAITING),
        "retry": (frozenset({_S.WAITING}), None),
        "release": (frozenset({_S.WAITING}), _S.RELEASED),
        "dismiss": (frozenset({_S.WAITING}), _S.DISMISSED),
    },
)


@attrs.frozen
class RecordQuarantined(Event):
    """Something from outside could not be placed."""


@attrs.frozen
class RecordRetried(Event):
    """A person has seen to it that something from outside may find its place now."""


@attrs.frozen
class RecordReleased(Event):
    """Something from outside found its place after all."""


@attrs.frozen
class RecordDismissed(Event):
    """A person decided that something from outside has no place here."""


@attrs.frozen(kw_only=True)
class Quarantined:
    """One row of the outside system that has no place here yet, and why."""

    id: QuarantineId
    practice_id: PracticeId
    version: int = 1
    status: QuarantineStatus = LIFECYCLE.initial
    kind: RecordKind
    outside_id: str = phi(validator=line(100))
    row: Fields = phi()
    patient: str | None = phi(default=None)
    provider: str | None = None
    """Whom an appointment names, in the outside system's own words."""
    problem: Problem
    candidates: tuple[PatientId, ...] = ()
    heard_at: datetime
    reason: str | None = phi(default=None, validator=attrs.validators.optional(prose(1000)))

    @staticmethod
    def id_of(practice_id: PracticeId, kind: RecordKind, outside_id: str) -> QuarantineId:
        """A row waits once, however often it comes."""
        return QuarantineId(derived(practice_id, f"quarantine/{kind}/{outside_id}"))

    def quarantined(self, *, by: UserId) -> RecordQuarantined:
        """The event that waiting begins with."""
        return RecordQuarantined(self.id, self.version, by, self.heard_at)

    def news(self, again: Self) -> bool:
        """Whether what came again has to be looked at: a dismissed row only with other content."""
        same = (dict(self.row), self.patient, self.provider)
        if same != (dict(again.row), again.patient, again.provider):
            return True
        if self.status is QuarantineStatus.DISMISSED:
            return False
        return self.status is QuarantineStatus.RELEASED or self.problem is not again.problem

    def hear(self, again: Self, *, by: UserId) -> tuple[Self, RecordQuarantined]:
        """The row came again with other content, or could not be placed for another reason."""
        waiting = attrs.evolve(
            again, version=self.version + 1, status=LIFECYCLE.after("hear", self.status)
        )
        return waiting, RecordQuarantined(self.id, waiting.version, by, again.heard_at)

    def retry(self, *, by: UserId, at: datetime) -> tuple[Self, RecordRetried]:
        """Have it looked at again.

        Raises: IllegalTransition unless waiting.
        """
        status = LIFECYCLE.after("retry", self.status)
        again = attrs.evolve(self, version=self.version + 1, status=status)
        return again, RecordRetried(self.id, again.version, by, at)

    def release(self, *, by: UserId, at: datetime) -> tuple[Self, RecordReleased]:
        """It found its place.

        Raises: IllegalTransition unless waiting.
        """
        status = LIFECYCLE.after("release", self.status)
        released = attrs.evolve(self, version=self.version + 1, status=status)
        return released, RecordReleased(self.id, released.version, by, at)

    def dismiss(self, reason: str, *, by: UserId, at: datetime) -> tuple[Self, RecordDismissed]:
        """Decide that it has no place here, with the reason; if its content changes it waits again.

        Raises: IllegalTransition unless waiting; Invalid.
        """
        status = LIFECYCLE.after("dismiss", self.status)
        dismissed = attrs.evolve(self, version=self.version + 1, status=status, reason=reason)
        return dismissed, RecordDismissed(self.id, dismissed.version, by, at)
