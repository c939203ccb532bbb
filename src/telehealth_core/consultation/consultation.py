"""The consultation: the visit itself, who attended when, and the provider's confirmation (F32-F34,
F42, F45).
"""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Self

import attrs

from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import (
    AppointmentId,
    ConsultationId,
    PatientId,
    PracticeId,
    ProviderId,
    UserId,
    derived,
)
from telehealth_core.shared.interval import Interval, common
from telehealth_core.shared.lifecycle import Lifecycle
from telehealth_core.shared.phi import phi
from telehealth_core.shared.refusal import Refusal
from telehealth_core.shared.text import place, prose


class ConsultationStatus(StrEnum):
    """Where the visit stands."""

    PLANNED = "planned"
    IN_PROGRESS = "in-progress"
    FINISHED = "finished"
    """Everybody has left; somebody may come back."""
    COMPLETED = "completed"
    """The provider confirmed that the visit took place; this frees the charge."""
    CANCELLED = "cancelled"


_S = ConsultationStatus
LIFECYCLE: Lifecycle[ConsultationStatus] = Lifecycle(
    "Consultation",
    _S.PLANNED,
    {
        "admit": (frozenset({_S.PLANNED, _S.IN_PROGRESS, _S.FINISHED}), None),
        "enter": (frozenset({_S.PLANNED, _S.IN_PROGRESS, _S.FINISHED}), _S.IN_PROGRESS),
        "leave": (frozenset({_S.PLANNED, _S.IN_PROGRESS, _S.FINISHED, _S.COMPLETED}), None),
        "empty": (frozenset({_S.IN_PROGRESS}), _S.FINISHED),
        "complete": (frozenset({_S.IN_PROGRESS, _S.FINISHED}), _S.COMPLETED),
        "cancel": (frozenset({_S.PLANNED}), _S.CANCELLED),
    },
)


class Side(StrEnum):
    """On whose side of the visit somebody attends."""

    PATIENT = "patient"
    PROVIDER = "provider"


@attrs.frozen
class ParticipantAdmitted(Event):
    """Somebody was let into the visit's room."""


@attrs.frozen
class ParticipantEntered(Event):
    """Somebody is in the room."""


@attrs.frozen
class ParticipantLeft(Event):
    """Somebody left the room."""


@attrs.frozen
class ConsultationCompleted(Event):
    """The provider confirmed that the visit took place."""


@attrs.frozen
class NotOpen(Refusal):
    """The visit's room opens shortly before the visit and closes some time after it (TEL-07)."""

    code: ClassVar[str] = "not-open"
    says: ClassVar[str] = "The visit can be joined from {start:%Y-%m-%d %H:%M} to {end:%H:%M} UTC."

    start: datetime
    end: datetime


@attrs.frozen
class NobodyMet(Refusal):
    """Patient and provider were never in the room together, so no visit took place (F33, F45)."""

    code: ClassVar[str] = "nobody-met"
    says: ClassVar[str] = "Patient and provider were not in the visit together."


@attrs.frozen
class Participant:
    """Somebody who was let in, and on which side; `location` is where a patient said they are
    (TEL-01).
    """

    user_id: UserId
    side: Side
    location: str | None = phi(default=None, validator=attrs.validators.optional(place))


@attrs.frozen
class Attendance:
    """One connection to the room. A report may be missing, late or doubled: what is not known yet
    is None.
    """

    connection: str
    user_id: UserId
    since: datetime | None = None
    until: datetime | None = None

    def lasting(self, at: datetime) -> Interval | None:
        """The time it is known to have lasted, up to `at` while it goes on."""
        until = self.until or at
        return (
            Interval(self.since, until) if self.since is not None and self.since < until else None
        )


@attrs.frozen(kw_only=True)
class Consultation:
    """One visit, from the first person let in to the provider's confirmation.

    Time is counted while somebody of each side is present, however often either reconnects (F33).
    """

    id: ConsultationId
    practice_id: PracticeId
    version: int = 1
    status: ConsultationStatus = LIFECYCLE.initial
    appointment_id: AppointmentId
    patient_id: PatientId
    provider_id: ProviderId
    participants: tuple[Participant, ...] = phi(default=())
    attendances: tuple[Attendance, ...] = ()
    notes: str | None = phi(default=None, validator=attrs.validators.optional(prose(20_000)))
    completed_at: datetime | None = None
    counted_seconds: int | None = None

    @staticmethod
    def id_of(appointment_id: AppointmentId) -> ConsultationId:
        """An appointment leads to one visit; its id follows from the appointment's."""
        return ConsultationId(derived(appointment_id, "consultation"))

    @classmethod
    def plan(
        cls,
        appointment_id: AppointmentId,
        practice_id: PracticeId,
        *,
        patient_id: PatientId,
        provider_id: ProviderId,
    ) -> Self:
        """An empty visit, version 0: not saved before somebody is let in."""
        return cls(
            id=cls.id_of(appointment_id),
            practice_id=practice_id,
            version=0,
            appointment_id=appointment_id,
            patient_id=patient_id,
            provider_id=provider_id,
        )

    @property
    def room(self) -> str:
        """The room's name for outside systems: opaque, yet leads back to the visit (VEN-04)."""
        return f"{self.practice_id.hex}-{self.id.hex}"

    def admit(self, participant: Participant, *, at: datetime) -> tuple[Self, ParticipantAdmitted]:
        """Let somebody in.

        Raises: IllegalTransition once completed or cancelled.
        """
        status = LIFECYCLE.after("admit", self.status)
        others = tuple(one for one in self.participants if one.user_id != participant.user_id)
        admitted = attrs.evolve(
            self, version=self.version + 1, status=status, participants=(*others, participant)
        )
        return admitted, ParticipantAdmitted(self.id, admitted.version, participant.user_id, at)

    def enter(
        self, user_id: UserId, connection: str, *, at: datetime
    ) -> tuple[Self, ParticipantEntered]:
        """Note that a connection began; told twice, the earlier instant counts.

        Raises: IllegalTransition.
        """
        status = LIFECYCLE.after("enter", self.status)
        entered = self._attended(connection, user_id, since=at)
        entered = attrs.evolve(entered, status=status)
        return entered, ParticipantEntered(self.id, entered.version, user_id, at)

    def leave(
        self, user_id: UserId, connection: str, *, at: datetime
    ) -> tuple[Self, ParticipantLeft]:
        """Note that a connection ended; told twice, the later instant counts.

        Raises: IllegalTransition.
        """
        LIFECYCLE.after("leave", self.status)
        left = self._attended(connection, user_id, until=at)
        if left.status is ConsultationStatus.IN_PROGRESS and all(
            one.until for one in left.attendances
        ):
            left = attrs.evolve(left, status=LIFECYCLE.after("empty", left.status))
        return left, ParticipantLeft(self.id, left.version, user_id, at)

    def side_of(self, user_id: UserId) -> Side | None:
        """On whose side this user was let in."""
        return next((one.side for one in self.participants if one.user_id == user_id), None)

    def counted(self, at: datetime) -> tuple[Interval, ...]:
        """The time for which patient and provider were both present, up to `at`."""
        return common(self._present(Side.PATIENT, at), self._present(Side.PROVIDER, at))

    def seconds_together(self, at: datetime) -> int:
        """For how long both sides were present, up to `at`, or as the completed visit counted."""
        if self.counted_seconds is not None:
            return self.counted_seconds
        return sum(int((one.end - one.start).total_seconds()) for one in self.counted(at))

    def without_notes(self) -> Self:
        """The visit as those may see it who may not read the record."""
        return attrs.evolve(self, notes=None)

    def complete(
        self, notes: str | None, *, by: UserId, at: datetime
    ) -> tuple[Self, ConsultationCompleted]:
        """Confirm that the visit took place (F45).

        Raises: NobodyMet; IllegalTransition.
        """
        status = LIFECYCLE.after("complete", self.status)
        if not self.counted(at):
            raise NobodyMet
        completed = attrs.evolve(
            self,
            version=self.version + 1,
            status=status,
            notes=notes,
            completed_at=at,
            counted_seconds=self.seconds_together(at),
        )
        return completed, ConsultationCompleted(self.id, completed.version, by, at)

    def _present(self, side: Side, at: datetime) -> tuple[Interval, ...]:
        lasting = (one.lasting(at) for one in self.attendances if self.side_of(one.user_id) is side)
        return tuple(interval for interval in lasting if interval is not None)

    def _attended(
        self,
        connection: str,
        user_id: UserId,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Self:
        known = {one.connection: one for one in self.attendances}
        one = known.get(connection, Attendance(connection, user_id))
        begun = min((instant for instant in (one.since, since) if instant), default=None)
        ended = max((instant for instant in (one.until, until) if instant), default=None)
        known[connection] = attrs.evolve(one, since=begun, until=ended)
        return attrs.evolve(self, version=self.version + 1, attendances=tuple(known.values()))
