"""Keeping in step with an outside record system that never calls: ask, merge, tell (F55-F57)."""

from datetime import datetime, timedelta

import attrs

from telehealth_core.access.actor import Actor, relations
from telehealth_core.access.policy import Action, authorize
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.records.cursor import RecordCursor
from telehealth_core.records.link import RecordKind, RecordLink
from telehealth_core.records.mapping import (
    APPOINTMENT_RULES,
    PATIENT_RULES,
    appointment_fields,
    patient_fields,
)
from telehealth_core.records.ports import OutsideRow, PatientRecords, RecordsWork, Throttled
from telehealth_core.records.use_cases.hearing import Hearing
from telehealth_core.scheduling.appointment import OCCUPYING, AppointmentStatus
from telehealth_core.scheduling.use_cases import Scheduling, authorized_appointment
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import (
    AppointmentId,
    PatientId,
    RecordConflictId,
    RecordLinkId,
    derived,
)
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.refusal import Unavailable

_AGREED = OCCUPYING - {AppointmentStatus.HELD, AppointmentStatus.PENDING}
UPCOMING_MOST = 500


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

    def poll(self, actor: Actor, kind: RecordKind) -> bool:
        """Ask what changed since last time, and take it in; true if more can be asked for at once
        (F56). Does nothing before it is time; repeating it changes nothing.
        """
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
            for row in changes.rows:
                self._hearing.hear(actor, kind, row)
        except Unavailable as problem:
            wait = problem.wait if isinstance(problem, Throttled) else None
            later, failed = cursor.failed(every=every, wait=wait, by=actor.id, at=at)
            with self.work(actor) as work:
                work.record_cursors.save(later, failed)
            return False
        moved, polled = cursor.polled(
            changes.position, every=every, more=changes.more, by=actor.id, at=at
        )
        with self.work(actor) as work:
            work.record_cursors.save(moved, polled)
        return changes.more

    def push(self, actor: Actor, event: Event) -> None:
        """Tell the outside system what we say now: reaction to changes of patients and
        appointments, safe to repeat (F55).

        What it says is heard first, so that nothing newer is overwritten.

        Raises: Unavailable while the outside system does not answer.
        """
        with self.work(actor) as work:
            authorize(actor, Action.SYNC_RECORDS, relations(actor))
            appointment = work.appointments.find(AppointmentId(event.subject))
            patient_id = appointment.patient_id if appointment else PatientId(event.subject)
        if self.outside.connected(actor.practice_id):
            self._tell_patient(actor, patient_id)
            if appointment is not None:
                self._tell_appointment(actor, appointment.id)

    def push_link(self, actor: Actor, event: Event) -> None:
        """Tell the outside system what it does not say yet: reaction to what was heard or decided,
        safe to repeat.
        """
        with self.work(actor) as work:
            authorize(actor, Action.SYNC_RECORDS, relations(actor))
            conflict = work.record_conflicts.find(RecordConflictId(event.subject))
            link_id = (
                RecordLink.id_of(conflict.subject) if conflict else RecordLinkId(event.subject)
            )
            link = work.record_links.get(link_id)
        if link.kind is RecordKind.PATIENT:
            self._tell_patient(actor, PatientId(link.subject))
        elif link.kind is RecordKind.APPOINTMENT:
            self._tell_appointment(actor, AppointmentId(link.subject))

    def refresh(self, actor: Actor, id: AppointmentId) -> RecordAge:
        """Hear the patient's outside record right before a visit, unless it was heard just now; the
        answer tells its age, whatever happened (F57).

        Raises: NotPermitted, Unknown.
        """
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.REFRESH_RECORD, id, at)
            minutes = work.practices.get(actor.practice_id).settings.refresh_stale_minutes
            link = work.record_links.find(RecordLink.id_of(appointment.patient_id))
        fresh = timedelta(minutes=minutes)
        if link is None or not self.outside.connected(actor.practice_id):
            return RecordAge(None, stale=False)
        if at - link.seen_at < fresh:
            return RecordAge(link.seen_at, stale=False)
        machinery = Actor.system(actor.practice_id)
        try:
            self._hear_again(machinery, link, at)
        except Unavailable as problem:
            return RecordAge(link.seen_at, stale=True, problem=problem.code)
        return RecordAge(at, stale=False)

    def refresh_upcoming(self, actor: Actor, period: Interval) -> int:
        """Refresh the record of everybody whose visit begins in the period; how many were (F57)."""
        with self.work(actor) as work:
            authorize(actor, Action.SYNC_RECORDS, relations(actor))
            coming = work.appointments.in_practice(
                period, status=AppointmentStatus.BOOKED, limit=UPCOMING_MOST
            )
        ages = [self.refresh(actor, one.id) for one in coming]
        return sum(age.as_of is not None and not age.stale for age in ages)

    @property
    def _hearing(self) -> Hearing:
        return Hearing(self.work, self.clock, self.scheduling)

    def _hear_again(self, actor: Actor, link: RecordLink, at: datetime) -> None:
        row = self.outside.read(actor.practice_id, link.kind, link.outside_id)
        if row is not None:
            self._hearing.hear(actor, link.kind, row, remember=True)
            return
        with self.work(actor) as work:
            now = work.record_links.get(link.id)
            if now.vanished_at is None:
                gone, event = now.vanished(by=actor.id, at=at)
                work.record_links.save(gone, event)

    def _tell_patient(self, actor: Actor, id: PatientId) -> None:
        with self.work(actor) as work:
            link = work.record_links.find(RecordLink.id_of(id))
            patient = work.patients.get(id)
        if patient.profile is None or not (link or patient.is_verified(self.clock())):
            return
        if link is not None:
            self._hear_again(actor, link, self.clock())
        with self.work(actor) as work:
            profile = work.patients.get(id).known
        row = OutsideRow(outside_id="", fields=patient_fields(profile))
        self._tell(actor, RecordKind.PATIENT, row, subject=id, patient_id=id)

    def _tell_appointment(self, actor: Actor, id: AppointmentId) -> None:
        with self.work(actor) as work:
            link = work.record_links.find(RecordLink.id_of(id))
            before = work.appointments.get(id)
        if link is None and before.status not in _AGREED:
            return
        if link is not None:
            self._hear_again(actor, link, self.clock())
        with self.work(actor) as work:
            now = work.appointments.get(id)
            patient = work.record_links.find(RecordLink.id_of(now.patient_id))
            provider = work.record_links.find(RecordLink.id_of(now.provider_id))
        row = OutsideRow(
            outside_id="",
            fields=appointment_fields(now),
            patient=patient.outside_id if patient else None,
            provider=provider.outside_id if provider else None,
        )
        self._tell(actor, RecordKind.APPOINTMENT, row, subject=id, patient_id=now.patient_id)

    def _tell(
        self,
        actor: Actor,
        kind: RecordKind,
        row: OutsideRow,
        *,
        subject: AppointmentId | PatientId,
        patient_id: PatientId,
    ) -> None:
        rules = PATIENT_RULES if kind is RecordKind.PATIENT else APPOINTMENT_RULES
        with self.work(actor) as work:
            link = work.record_links.find(RecordLink.id_of(subject))
            conflict = work.record_conflicts.open_about(subject)
        disputed = {one.field for one in conflict.differences} if conflict else set()
        said = {name: row.fields[name] for name in rules if name not in disputed}
        agreed = link.agreed if link else {}
        if link is not None and all(agreed.get(name) == value for name, value in said.items()):
            return
        outside_id = link.outside_id if link else ""
        key = derived(subject, f"record/{link.version if link else 0}")
        answered = self.outside.write(
            actor.practice_id, kind, attrs.evolve(row, outside_id=outside_id, fields=said), key
        )
        after = {**agreed, **{name: answered.fields.get(name) for name in said}}
        with self.work(actor) as work:
            if link is None:
                made = RecordLink(
                    id=RecordLink.id_of(subject),
                    practice_id=actor.practice_id,
                    kind=kind,
                    subject=subject,
                    patient_id=patient_id,
                    outside_id=answered.outside_id,
                    agreed=after,
                    seen_at=self.clock(),
                )
                work.record_links.save(made, made.linked(by=actor.id))
            else:
                told, event = link.pushed(after, by=actor.id, at=self.clock())
                work.record_links.save(told, event)
