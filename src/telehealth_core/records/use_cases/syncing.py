"""Keeping in step with an outside record system that never calls: ask, merge, tell (F55-F57)."""

from datetime import datetime, timedelta

import attrs

from telehealth_core.access.actor import Actor, relations
from telehealth_core.access.policy import Action, authorize
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.records.cursor import RecordCursor
from telehealth_core.records.link import RecordKind, RecordLink
from telehealth_core.records.ports import PatientRecords, RecordsWork, Throttled
from telehealth_core.records.use_cases.hearing import Hearing
from telehealth_core.records.use_cases.telling import Telling
from telehealth_core.records.use_cases.visits import Visits
from telehealth_core.scheduling.life import AppointmentStatus
from telehealth_core.scheduling.use_cases import FrontDesk, Scheduling, authorized_appointment
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import (
    AppointmentId,
    PatientId,
    ProviderId,
    QuarantineId,
    RecordConflictId,
    RecordLinkId,
)
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.refusal import StaleVersion, Unavailable

UPCOMING = timedelta(hours=1)
UPCOMING_MOST = 500
WAITING_MOST = 200
AHEAD = timedelta(days=365)
GONE = "record-gone"
"""The outside system does not know the patient any more."""


@attrs.frozen
class RecordAge:
    """When the outside record was last heard, and whether that is too long ago (F57). `problem` is
    why it could not be heard now.
    """

    as_of: datetime | None
    stale: bool
    problem: str | None = None


@attrs.frozen
class Records:
    """The machinery that keeps records in step."""

    work: UnitOfWork[RecordsWork]
    clock: Clock
    outside: PatientRecords
    scheduling: Scheduling
    desk: FrontDesk

    # --- what they say -----------------------------------------------------------------------

    def poll_patients(self, actor: Actor) -> bool:
        """Ask which patients changed since last time, and take them in; true if more can be asked
        for at once (F56). Does nothing before it is time; repeating it changes nothing.
        """
        return self._poll(actor, RecordKind.PATIENT)

    def poll_appointments(self, actor: Actor) -> bool:
        """Ask which appointments changed since last time, and take them in, as for patients."""
        return self._poll(actor, RecordKind.APPOINTMENT)

    def refresh_upcoming(self, actor: Actor) -> int:
        """Refresh the record of everybody whose visit begins within the hour; how many were (F57).
        Stops once the outside system does not answer.
        """
        at = self.clock()
        with self.work(actor) as work:
            authorize(actor, Action.SYNC_RECORDS, relations(actor))
            coming = work.appointments.in_practice(
                Interval(at, at + UPCOMING), status=AppointmentStatus.BOOKED, limit=UPCOMING_MOST
            )
        heard = 0
        for one in coming if self.outside.connected(actor.practice_id) else ():
            age = self.refresh(actor, one.id)
            if age.stale:
                break
            heard += age.as_of == at
        return heard

    def refresh(self, actor: Actor, id: AppointmentId) -> RecordAge:
        """Hear the patient's outside record right before a visit, unless it was heard just now; the
        answer tells its age, whatever happened (F57).

        Raises: NotPermitted, Unknown.
        """
        link, age = self._age(actor, id)
        if link is None or not age.stale or not self.outside.connected(actor.practice_id):
            return age
        try:
            known = self._telling.hear_again(Actor.system(actor.practice_id), link)
        except (StaleVersion, Unavailable) as problem:
            return attrs.evolve(age, problem=problem.code)
        return RecordAge(self.clock(), stale=False, problem=None if known else GONE)

    def age(self, actor: Actor, id: AppointmentId) -> RecordAge:
        """How old is what we know from outside of the patient of a visit; asks nobody (F57).

        Raises: NotPermitted, Unknown.
        """
        return self._age(actor, id)[1]

    # --- what we say -------------------------------------------------------------------------

    def push(self, actor: Actor, event: Event) -> None:
        """Tell the outside system what we say now: reaction to changes of patients and
        appointments, safe to repeat (F55).

        What it says is heard first, so that nothing newer is overwritten.

        Raises: Throttled, Unavailable while the outside system does not answer.
        """
        with self.work(actor) as work:
            authorize(actor, Action.SYNC_RECORDS, relations(actor))
            appointment = work.appointments.find(AppointmentId(event.subject))
            patient_id = appointment.patient_id if appointment else PatientId(event.subject)
        if self.outside.connected(actor.practice_id):
            self._telling.patient(actor, patient_id)
            if appointment is not None:
                self._telling.appointment(actor, appointment.id)

    def push_link(self, actor: Actor, event: Event) -> None:
        """Tell the outside system what it does not say yet: reaction to what was heard, safe to
        repeat.

        Raises: Throttled, Unavailable.
        """
        with self.work(actor) as work:
            authorize(actor, Action.SYNC_RECORDS, relations(actor))
            link = work.record_links.get(RecordLinkId(event.subject))
        self._push(actor, link)

    def push_decided(self, actor: Actor, event: Event) -> None:
        """Tell the outside system what a person decided: reaction, safe to repeat (F58).

        Raises: Throttled, Unavailable.
        """
        with self.work(actor) as work:
            authorize(actor, Action.SYNC_RECORDS, relations(actor))
            conflict = work.record_conflicts.get(RecordConflictId(event.subject))
            link = work.record_links.get(RecordLink.id_of(conflict.subject))
        self._push(actor, link)

    # --- what may find its place now ---------------------------------------------------------

    def hear_linked(self, actor: Actor, event: Event) -> None:
        """Hear what was just linked, and whatever waited for that: reaction, safe to repeat (F58).

        Raises: Throttled, Unavailable.
        """
        with self.work(actor) as work:
            authorize(actor, Action.SYNC_RECORDS, relations(actor))
            link = work.record_links.get(RecordLinkId(event.subject))
        if not self.outside.connected(actor.practice_id):
            return
        if link.kind is not RecordKind.PROVIDER and not link.last_agreed:
            self._telling.hear_again(actor, link)
        self._place_waiting(actor, link)
        if link.kind is RecordKind.PROVIDER:
            self._tell_coming(actor, ProviderId(link.subject))

    def hear_verified(self, actor: Actor, event: Event) -> None:
        """Book what waited for a patient to be known to the practice: reaction, safe to repeat.

        Raises: Throttled, Unavailable.
        """
        with self.work(actor) as work:
            authorize(actor, Action.SYNC_RECORDS, relations(actor))
            link = work.record_links.find(RecordLink.id_of(event.subject))
        if link is not None and self.outside.connected(actor.practice_id):
            self._place_waiting(actor, link)

    def hear_retried(self, actor: Actor, event: Event) -> None:
        """Hear a row anew that a person has put something right for: reaction, safe to repeat.

        Raises: Throttled, Unavailable.
        """
        with self.work(actor) as work:
            authorize(actor, Action.SYNC_RECORDS, relations(actor))
            waiting = work.quarantine.get(QuarantineId(event.subject))
        if self.outside.connected(actor.practice_id):
            self._hear_row(actor, waiting.kind, waiting.outside_id)

    # --- how ---------------------------------------------------------------------------------

    @property
    def _hearing(self) -> Hearing:
        visits = Visits(self.work, self.clock, self.scheduling, self.desk)
        return Hearing(self.work, self.clock, visits)

    @property
    def _telling(self) -> Telling:
        return Telling(self.work, self.clock, self.outside, self._hearing)

    def _poll(self, actor: Actor, kind: RecordKind) -> bool:
        at = self.clock()
        with self.work(actor) as work:
            authorize(actor, Action.SYNC_RECORDS, relations(actor))
            minutes = work.practices.get(actor.practice_id).settings.records_poll_minutes
            known = work.record_cursors.find(RecordCursor.id_of(actor.practice_id, kind))
        cursor = known or RecordCursor.begin(actor.practice_id, kind, at)
        if not self.outside.connected(actor.practice_id) or not cursor.due(at):
            return False
        every = timedelta(minutes=minutes)
        try:
            changes = self.outside.changed(actor.practice_id, kind, cursor.position, at)
        except Unavailable as problem:
            wait = problem.wait if isinstance(problem, Throttled) else None
            self._save(actor, *cursor.failed(every=every, wait=wait, by=actor.id, at=at))
            return False
        for row in changes.rows:
            self._hearing.hear(actor, kind, row)
        more = changes.more
        moved = cursor.polled(changes.position, every=every, more=more, by=actor.id, at=at)
        self._save(actor, *moved)
        return more

    def _save(self, actor: Actor, cursor: RecordCursor, event: Event) -> None:
        with self.work(actor) as work:
            work.record_cursors.save(cursor, event)

    def _age(self, actor: Actor, id: AppointmentId) -> tuple[RecordLink | None, RecordAge]:
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.REFRESH_RECORD, id, at)
            minutes = work.practices.get(actor.practice_id).settings.refresh_stale_minutes
            link = work.record_links.find(RecordLink.id_of(appointment.patient_id))
        if link is None:
            return None, RecordAge(None, stale=False)
        old = at - link.seen_at >= timedelta(minutes=minutes)
        return link, RecordAge(link.seen_at, old, None if link.vanished_at is None else GONE)

    def _push(self, actor: Actor, link: RecordLink) -> None:
        if not self.outside.connected(actor.practice_id):
            return
        if link.kind is RecordKind.PATIENT:
            self._telling.patient(actor, PatientId(link.subject))
        else:
            self._telling.appointment(actor, AppointmentId(link.subject))

    def _place_waiting(self, actor: Actor, link: RecordLink) -> None:
        """Hear the appointments anew that name this patient or provider and have no place yet."""
        with self.work(actor) as work:
            waiting = work.quarantine.waiting(limit=WAITING_MOST)
        for one in waiting:
            if one.kind is RecordKind.APPOINTMENT and link.outside_id == (
                one.patient if link.kind is RecordKind.PATIENT else one.provider
            ):
                self._hear_row(actor, one.kind, one.outside_id)

    def _hear_row(self, actor: Actor, kind: RecordKind, outside_id: str) -> None:
        row = self.outside.read(actor.practice_id, kind, outside_id)
        if row is not None:
            self._hearing.hear(actor, kind, row, remember=True)

    def _tell_coming(self, actor: Actor, id: ProviderId) -> None:
        """Tell of the visits that nobody could be told of while their provider was not linked."""
        at = self.clock()
        with self.work(actor) as work:
            coming = work.appointments.of_provider(id, Interval(at, at + AHEAD))
        for one in coming:
            self._telling.patient(actor, one.patient_id)
            self._telling.appointment(actor, one.id)
