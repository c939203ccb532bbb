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


_S = QuarantineStatus
LIFECYCLE: Lifecycle[QuarantineStatus] = Lifecycle(
    "Quarantined",
    _S.WAITING,
    {
        "hear": (frozenset({_S.WAITING, _S.RELEASED, _S.DISMISSED}), _S.WAITING),
        "release": (frozenset({_S.WAITING}), _S.RELEASED),
        "dismiss": (frozenset({_S.WAITING}), _S.DISMISSED),
    },
)


@attrs.frozen
class RecordQuarantined(Event):
    """Something from outside could not be placed."""


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

    def hear(
        self,
        row: Fields,
        problem: Problem,
        candidates: tuple[PatientId, ...],
        *,
        by: UserId,
        at: datetime,
    ) -> tuple[Self, RecordQuarantined]:
        """The row came again with other content, or could not be placed for another reason."""
        again = attrs.evolve(
            self,
            version=self.version + 1,
            status=LIFECYCLE.after("hear", self.status),
            row=dict(row),
            problem=problem,
            candidates=candidates,
            heard_at=at,
        )
        return again, RecordQuarantined(self.id, again.version, by, at)

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
