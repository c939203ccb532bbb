"""The medication list: what a patient takes now, and took (F40)."""

from datetime import date, datetime
from enum import StrEnum
from typing import Self

import attrs

from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import MedicationId, PatientId, PracticeId, ProgramId, UserId
from telehealth_core.shared.lifecycle import Lifecycle
from telehealth_core.shared.phi import phi
from telehealth_core.shared.refusal import Invalid
from telehealth_core.shared.text import line, prose
from telehealth_core.treatment.program import Revision


class MedicationStatus(StrEnum):
    """Whether the patient takes it, FHIR codes."""

    ACTIVE = "active"
    ONHOLD = "on-hold"
    STOPPED = "stopped"
    ENTERED_IN_ERROR = "entered-in-error"


class MedicationSource(StrEnum):
    """Who says that the patient takes it."""

    PATIENT = "patient"
    PROVIDER = "provider"
    ELSEWHERE = "elsewhere"
    """Another clinic, a hospital, an outside record."""


_S = MedicationStatus
_TAKEN = frozenset({_S.ACTIVE, _S.ONHOLD})
LIFECYCLE: Lifecycle[MedicationStatus] = Lifecycle(
    "Medication",
    _S.ACTIVE,
    {
        "change": (_TAKEN, None),
        "pause": (frozenset({_S.ACTIVE}), _S.ONHOLD),
        "resume": (frozenset({_S.ONHOLD}), _S.ACTIVE),
        "stop": (_TAKEN, _S.STOPPED),
        "retract": (_TAKEN | {_S.STOPPED}, _S.ENTERED_IN_ERROR),
    },
)


@attrs.frozen
class MedicationListed(Event):
    """A medicine was put on a patient's list."""


@attrs.frozen
class MedicationChanged(Event):
    """How a patient takes a medicine changed."""


@attrs.frozen
class MedicationStopped(Event):
    """A patient takes a medicine no more, or never did."""


@attrs.frozen(kw_only=True)
class Medication:
    """One medicine on a patient's list: how it is taken, since when, and who says so. It is never
    taken off the list: it is stopped, or marked as entered in error.
    """

    id: MedicationId
    practice_id: PracticeId
    version: int = 1
    status: MedicationStatus = LIFECYCLE.initial
    patient_id: PatientId
    program_id: ProgramId | None = None
    medicine: str = phi(validator=line(200))
    dose: str = phi(validator=line(120))
    directions: str = phi(validator=prose(500))
    source: MedicationSource
    since: date
    stopped_on: date | None = None
    revisions: tuple[Revision, ...] = phi(default=())
    listed_at: datetime

    def listed(self, *, by: UserId) -> MedicationListed:
        """The event that being on the list begins with."""
        return MedicationListed(self.id, self.version, by, self.listed_at)

    @property
    def current(self) -> bool:
        """Whether the patient takes it, or has only paused."""
        return self.status in _TAKEN

    def change(
        self, dose: str, directions: str, reason: str, *, by: UserId, at: datetime
    ) -> tuple[Self, MedicationChanged]:
        """Take it otherwise from now on, with the reason.

        Raises: IllegalTransition once stopped; Invalid.
        """
        after = f"{dose}, {directions}"
        changed = attrs.evolve(
            self._changed("change", reason, by, at, after), dose=dose, directions=directions
        )
        return changed, MedicationChanged(self.id, changed.version, by, at)

    def pause(self, reason: str, *, by: UserId, at: datetime) -> tuple[Self, MedicationChanged]:
        """Not take it for a while.

        Raises: IllegalTransition; Invalid.
        """
        paused = self._changed("pause", reason, by, at)
        return paused, MedicationChanged(self.id, paused.version, by, at)

    def resume(self, reason: str, *, by: UserId, at: datetime) -> tuple[Self, MedicationChanged]:
        """Take it again.

        Raises: IllegalTransition; Invalid.
        """
        resumed = self._changed("resume", reason, by, at)
        return resumed, MedicationChanged(self.id, resumed.version, by, at)

    def stop(
        self, on: date, reason: str, *, by: UserId, at: datetime
    ) -> tuple[Self, MedicationStopped]:
        """Take it no more from that day on.

        Raises: IllegalTransition; Invalid before the day it began.
        """
        stopped = self._changed("stop", reason, by, at)
        if on < self.since:
            raise Invalid("on", "not before the day it began")
        stopped = attrs.evolve(stopped, stopped_on=on)
        return stopped, MedicationStopped(self.id, stopped.version, by, at)

    def retract(self, reason: str, *, by: UserId, at: datetime) -> tuple[Self, MedicationStopped]:
        """Say that it was entered in error; it stays on the list as such.

        Raises: IllegalTransition; Invalid.
        """
        retracted = self._changed("retract", reason, by, at)
        return retracted, MedicationStopped(self.id, retracted.version, by, at)

    def _changed(
        self, verb: str, reason: str, by: UserId, at: datetime, after: str | None = None
    ) -> Self:
        status = LIFECYCLE.after(verb, self.status)
        before = f"{self.dose}, {self.directions}"
        entry = Revision(by, at, reason, verb, before, before if after is None else after)
        return attrs.evolve(
            self, version=self.version + 1, status=status, revisions=(*self.revisions, entry)
        )
