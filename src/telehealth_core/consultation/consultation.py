"""The consultation: the visit itself, who attended when, and how it ended (F19, F32, F33, F45,
IDV-04, TEL-06, TEL-09).
"""

from datetime import datetime
from typing import Any, Self, TypeVar

import attrs

from telehealth_core.consultation.assurance import (
    CapacityAssessment,
    IdentityConfirmation,
    IdentityMethod,
    IdentityNotConfirmed,
)
from telehealth_core.consultation.attendance import (
    Attendance,
    Participant,
    Reconciliation,
    Side,
    heard,
    seconds,
    together,
)
from telehealth_core.consultation.completion import (
    Episode,
    Facts,
    Outcome,
    OutcomeKind,
    missing,
    require_complete,
)
from telehealth_core.consultation.life import (
    LIFECYCLE,
    AttendanceReconciled,
    CapacityAssessed,
    ConsultationCancelled,
    ConsultationCompleted,
    ConsultationStatus,
    ParticipantAdmitted,
    ParticipantEntered,
    ParticipantLeft,
    PatientIdentityConfirmed,
    VisitEnded,
    VisitFailureReported,
    VisitModeChanged,
)
from telehealth_core.scheduling.session import Mode
from telehealth_core.shared.ids import (
    AppointmentId,
    ConsultationId,
    PatientId,
    PracticeId,
    ProviderId,
    UserId,
    derived,
)
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.phi import phi
from telehealth_core.shared.text import prose

V = TypeVar("V", bound="Consultation")


@attrs.frozen
class ModeChange:
    """A change between video and voice during the visit (TEL-06)."""

    mode: Mode
    by: UserId
    at: datetime


@attrs.frozen
class FailureReport:
    """What somebody in the visit says about a connection that failed."""

    by: UserId
    side: Side
    at: datetime
    text: str | None = phi(default=None, validator=attrs.validators.optional(prose(1000)))


@attrs.frozen(kw_only=True)
class Consultation:
    """One visit, from the first person let in to the provider's confirmation.

    Time is counted while somebody of each side is present, however often either reconnects (F33),
    within `window`, the time that its room is open. Once the room's operator sent its final list,
    that counts, and what was heard before stays beside it.
    """

    id: ConsultationId
    practice_id: PracticeId
    version: int = 1
    status: ConsultationStatus = LIFECYCLE.initial
    appointment_id: AppointmentId
    patient_id: PatientId
    provider_id: ProviderId
    window: Interval | None = None
    participants: tuple[Participant, ...] = phi(default=())
    attendances: tuple[Attendance, ...] = ()
    reconciliations: tuple[Reconciliation, ...] = ()
    mode_changes: tuple[ModeChange, ...] = ()
    identity: IdentityConfirmation | None = None
    assessment: CapacityAssessment | None = phi(default=None)
    failures: tuple[FailureReport, ...] = phi(default=())
    outcome: Outcome | None = phi(default=None)
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

    def admit(
        self, participant: Participant, *, window: Interval | None = None, at: datetime
    ) -> tuple[Self, ParticipantAdmitted]:
        """Let somebody in; `window` is when the room is open.

        Raises: IllegalTransition once completed or cancelled.
        """
        others = tuple(one for one in self.participants if one.user_id != participant.user_id)
        someone = attrs.evolve(participant, admitted_at=at)
        admitted = self._after(
            "admit", participants=(*others, someone), window=window or self.window
        )
        return admitted, ParticipantAdmitted(self.id, admitted.version, participant.user_id, at)

    def enter(
        self, user_id: UserId, connection: str, *, at: datetime, received: datetime | None = None
    ) -> tuple[Self, ParticipantEntered]:
        """Note that a connection began; told twice, the earlier instant counts.

        Raises: IllegalTransition.
        """
        known = heard(self.attendances, connection, user_id, since=at, received=received or at)
        entered = _emptied(self._after("enter", attendances=known))
        return entered, ParticipantEntered(self.id, entered.version, user_id, received or at)

    def leave(
        self, user_id: UserId, connection: str, *, at: datetime, received: datetime | None = None
    ) -> tuple[Self, ParticipantLeft]:
        """Note that a connection ended; told twice, the later instant counts.

        Raises: IllegalTransition.
        """
        known = heard(self.attendances, connection, user_id, until=at, received=received or at)
        left = _emptied(self._after("leave", attendances=known))
        return left, ParticipantLeft(self.id, left.version, user_id, received or at)

    def close_room(self, *, by: UserId, at: datetime) -> tuple[Self, VisitEnded]:
        """The room's time is over: whoever was not seen to leave is out as well.

        Raises: IllegalTransition unless in progress.
        """
        assert self.window is not None, "whoever entered was let in for some time"
        assert self.window.end <= at, "a room is closed when its time is over"
        closed = self._after("empty")
        return closed, VisitEnded(self.id, closed.version, by, at)

    def reconcile(
        self, stays: tuple[Attendance, ...], *, by: UserId, at: datetime
    ) -> tuple[Self, AttendanceReconciled]:
        """Let the final list of the room's operator count, after completion too (F33); what the
        visit costs stays as it was.

        Raises: IllegalTransition before anybody entered.
        """
        before = self.seconds_together(at)
        listed = attrs.evolve(
            self._after("reconcile"),
            reconciliations=(*self.reconciliations, Reconciliation(at, stays, before, before)),
        )
        after = seconds(listed.counted(at))
        listed = attrs.evolve(
            listed,
            reconciliations=(*self.reconciliations, Reconciliation(at, stays, before, after)),
            counted_seconds=None if self.counted_seconds is None else after,
        )
        listed = _emptied(listed)
        return listed, AttendanceReconciled(self.id, listed.version, by, at, before, after)

    def reconciled(self, stays: tuple[Attendance, ...]) -> bool:
        """Whether this very list counts already."""
        return bool(self.reconciliations) and self.reconciliations[-1].stays == stays

    def side_of(self, user_id: UserId) -> Side | None:
        """On whose side this user was let in."""
        return next((one.side for one in self.participants if one.user_id == user_id), None)

    @property
    def stays(self) -> tuple[Attendance, ...]:
        """What counts: the operator's final list where there is one, and whatever began after it;
        until then, what was heard.
        """
        if not self.reconciliations:
            return self.attendances
        final = self.reconciliations[-1]
        later = (one for one in self.attendances if one.since and one.since > final.at)
        return (*final.stays, *later)

    def counted(self, at: datetime) -> tuple[Interval, ...]:
        """The time for which patient and provider were both present, up to `at`."""
        sides = {one.user_id: one.side for one in self.participants}
        ended = self.completed_at or at
        return together(self.stays, sides, at=min(at, ended), within=self.window)

    def seconds_together(self, at: datetime) -> int:
        """For how long both sides were present, up to `at`, or as the completed visit counted."""
        if self.counted_seconds is not None:
            return self.counted_seconds
        return seconds(self.counted(at))

    def attended(self, user_id: UserId) -> bool:
        """Whether this user is known to have been in the room."""
        return any(one.user_id == user_id and one.since for one in self.stays)

    @property
    def guardian_present(self) -> bool:
        """Whether a guardian was in the room with the patient, or in the patient's place."""
        return any(one.guardian and self.attended(one.user_id) for one in self.participants)

    def mode(self, booked: Mode) -> Mode:
        """Video or voice as it stands: as booked, until somebody changed it (F19)."""
        return self.mode_changes[-1].mode if self.mode_changes else booked

    def change_mode(self, mode: Mode, *, by: UserId, at: datetime) -> tuple[Self, VisitModeChanged]:
        """Go on by voice instead of video, or the other way round; who and when is kept (TEL-06).

        Raises: IllegalTransition once completed or cancelled.
        """
        changes = (*self.mode_changes, ModeChange(mode, by, at))
        changed = self._after("change_mode", mode_changes=changes)
        return changed, VisitModeChanged(self.id, changed.version, by, at, mode)

    def confirm_identity(
        self, method: IdentityMethod, *, by: UserId, at: datetime
    ) -> tuple[Self, PatientIdentityConfirmed]:
        """Confirm that the patient in the visit is who they should be (IDV-04).

        Raises: IllegalTransition before anybody entered, and once completed or cancelled.
        """
        seen = IdentityConfirmation(method, by, at)
        confirmed = self._after("confirm_identity", identity=seen)
        return confirmed, PatientIdentityConfirmed(self.id, confirmed.version, by, at)

    def require_identity_confirmed(self) -> None:
        """Refuse what needs to know that the patient in this visit is who they should be: signing
        its note, a prescription (IDV-04).

        Raises: IdentityNotConfirmed.
        """
        if self.identity is None:
            raise IdentityNotConfirmed

    def assess(self, finding: str, *, by: UserId, at: datetime) -> tuple[Self, CapacityAssessed]:
        """Find a child able to decide alone, in this visit and no other (CHD-03).

        Raises: IllegalTransition; Invalid.
        """
        assessed = self._after("assess", assessment=CapacityAssessment(by, at, finding))
        return assessed, CapacityAssessed(self.id, assessed.version, by, at)

    def report_failure(
        self, text: str | None, *, side: Side, by: UserId, at: datetime
    ) -> tuple[Self, VisitFailureReported]:
        """Say that the connection fails, or failed; the provider or staff decide what follows.

        Raises: IllegalTransition; Invalid.
        """
        reports = (*self.failures, FailureReport(by, side, at, text))
        reported = self._after("report_failure", failures=reports)
        return reported, VisitFailureReported(self.id, reported.version, by, at)

    def complete(
        self, episode: Episode, *, by: UserId, at: datetime
    ) -> tuple[Self, ConsultationCompleted]:
        """Confirm that the visit took place (F45).

        Raises: CannotComplete, naming all that is missing; IllegalTransition.
        """
        LIFECYCLE.after("complete", self.status)
        require_complete(self._facts(episode, at))
        completed = self._after(
            "complete",
            outcome=Outcome(OutcomeKind.TOOK_PLACE, by, at),
            completed_at=at,
            counted_seconds=self.seconds_together(at),
        )
        return completed, ConsultationCompleted(self.id, completed.version, by, at)

    def missing(self, episode: Episode, *, at: datetime) -> tuple[str, ...]:
        """What a confirmation would still ask for, by name."""
        return missing(self._facts(episode, at))

    def require_begun(self) -> None:
        """Refuse what only follows from a visit.

        Raises: IllegalTransition before anybody entered.
        """
        if self.status is ConsultationStatus.PLANNED:
            raise IllegalTransition("note", self.status.value)

    def cancel(self, outcome: Outcome) -> tuple[Self, ConsultationCancelled]:
        """End a visit that did not become what it was for (TEL-09).

        Raises: Invalid without advice for a patient who has to be seen in person;
            IllegalTransition once completed or cancelled.
        """
        outcome.require_advice()
        assert outcome.kind is not OutcomeKind.TOOK_PLACE, "what took place is completed"
        by, at = outcome.by, outcome.at
        counted = self.seconds_together(at)
        ended = self._after("cancel", outcome=outcome, completed_at=at, counted_seconds=counted)
        return ended, ConsultationCancelled(self.id, ended.version, by, at, outcome.kind)

    def shown(self, *, record: bool, care: bool) -> Self:
        """The visit as those see it who may, or may not, read the record, or who give the care;
        what the provider found out about a child is theirs alone.
        """
        outcome = self.outcome and attrs.evolve(
            self.outcome, text=self.outcome.text if record else None
        )
        return attrs.evolve(self, outcome=outcome, assessment=self.assessment if care else None)

    def _facts(self, episode: Episode, at: datetime) -> Facts:
        return Facts(bool(self.counted(at)), self.identity is not None, episode)

    def _after(self, verb: str, **changes: Any) -> Self:
        status = LIFECYCLE.after(verb, self.status)
        return attrs.evolve(self, version=self.version + 1, status=status, **changes)


def _emptied(visit: V) -> V:
    """The same visit; finished if everybody who came is known to have left."""
    if visit.status is not ConsultationStatus.IN_PROGRESS or not all(
        one.until for one in visit.stays
    ):
        return visit
    return attrs.evolve(visit, status=LIFECYCLE.after("empty", visit.status))
