"""The emergency: raised in one step from a visit, never deleted, before staff until it is closed
(TEL-05, TEL-10).
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, Self

import attrs

from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import (
    AppointmentId,
    EmergencyId,
    PatientId,
    PracticeId,
    ProviderId,
    UserId,
)
from telehealth_core.shared.lifecycle import Lifecycle
from telehealth_core.shared.phi import phi
from telehealth_core.shared.text import place, prose


class EmergencyStatus(StrEnum):
    """Whether somebody still has to look after it."""

    OPEN = "open"
    CLOSED = "closed"


LIFECYCLE: Lifecycle[EmergencyStatus] = Lifecycle(
    "Emergency",
    EmergencyStatus.OPEN,
    {
        "log": (frozenset({EmergencyStatus.OPEN}), None),
        "close": (frozenset({EmergencyStatus.OPEN}), EmergencyStatus.CLOSED),
    },
)


class EmergencyKind(StrEnum):
    """Who asked for help, and how."""

    RAISED = "raised"
    """The provider, openly."""
    QUIET_EXIT = "quiet-exit"
    """The patient's side, by leaving with the exit word: somebody near may be the danger (TEL-10).
    """


@attrs.frozen
class EmergencyRaised(Event):
    """Somebody in a visit needs help."""

    kind: EmergencyKind


class EmergencyLogged(Event):
    """Something was done or learned about it."""


class EmergencyClosed(Event):
    """Nobody needs to look after it any more."""


@attrs.frozen
class LogEntry:
    """What was done or learned, by whom and when."""

    by: UserId
    at: datetime
    text: str = phi(validator=prose(4000))


@attrs.frozen(kw_only=True)
class Emergency:
    """A patient in a visit needs help; `location` is where they said they are. The log only
    grows.
    """

    id: EmergencyId
    practice_id: PracticeId
    version: int = 1
    status: EmergencyStatus = LIFECYCLE.initial
    kind: EmergencyKind
    appointment_id: AppointmentId
    patient_id: PatientId
    provider_id: ProviderId
    raised_by: UserId
    raised_at: datetime
    location: str | None = phi(default=None, validator=attrs.validators.optional(place))
    log: tuple[LogEntry, ...] = phi(default=())
    closed_at: datetime | None = None

    @classmethod
    def raise_it(cls, note: str | None, **fields: Any) -> tuple[Self, EmergencyRaised]:
        """A new one, with the first entry of its log; see the class for the fields.

        Raises: Invalid.
        """
        emergency = cls(**fields)
        by, at = emergency.raised_by, emergency.raised_at
        if note is not None:
            emergency = attrs.evolve(emergency, log=(LogEntry(by, at, note),))
        return emergency, EmergencyRaised(emergency.id, 1, by, at, emergency.kind)

    def note(self, text: str, *, by: UserId, at: datetime) -> tuple[Self, EmergencyLogged]:
        """Add what was done or learned.

        Raises: IllegalTransition once closed; Invalid.
        """
        noted = self._after("log", log=(*self.log, LogEntry(by, at, text)))
        return noted, EmergencyLogged(self.id, noted.version, by, at)

    def close(self, outcome: str, *, by: UserId, at: datetime) -> tuple[Self, EmergencyClosed]:
        """Say how it ended, as the last entry of its log.

        Raises: IllegalTransition once closed; Invalid.
        """
        closed = self._after("close", log=(*self.log, LogEntry(by, at, outcome)), closed_at=at)
        return closed, EmergencyClosed(self.id, closed.version, by, at)

    def _after(self, verb: str, **changes: Any) -> Self:
        status = LIFECYCLE.after(verb, self.status)
        return attrs.evolve(self, version=self.version + 1, status=status, **changes)
