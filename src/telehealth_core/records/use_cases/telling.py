"""Telling the outside system what we say and it does not: heard first, so that nothing newer is
overwritten; written once, however often it is tried (F55, F56).
"""

from collections.abc import Callable

import attrs

from telehealth_core.access.actor import Actor
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.records.link import RecordKind, RecordLink
from telehealth_core.records.mapping import RULES, appointment_fields, patient_fields, plain
from telehealth_core.records.merge import Fields
from telehealth_core.records.ports import OutsideRow, PatientRecords, RecordsWork
from telehealth_core.records.use_cases.hearing import Hearing
from telehealth_core.records.use_cases.noting import linked, release
from telehealth_core.scheduling.life import OCCUPYING, AppointmentStatus
from telehealth_core.shared.ids import AppointmentId, PatientId, derived

_STANDING = OCCUPYING - {AppointmentStatus.HELD, AppointmentStatus.PENDING}


@attrs.frozen(kw_only=True)
class _Word:
    """What we say of one thing of ours, without what a person still has to decide."""

    subject: AppointmentId | PatientId
    patient_id: PatientId
    kind: RecordKind
    row: OutsideRow
    link: RecordLink | None
    disputed: bool

    @property
    def news(self) -> bool:
        """Whether the other side does not say so yet."""
        fields = self.row.fields
        return self.link is None or any(
            self.link.last_agreed.get(one) != fields[one] for one in fields
        )


@attrs.frozen
class Telling:
    """Tells the outside system."""

    work: UnitOfWork[RecordsWork]
    clock: Clock
    outside: PatientRecords
    hearing: Hearing

    def patient(self, actor: Actor, id: PatientId) -> None:
        """Tell what we say of a patient: of one who is linked or verified."""
        self._tell(actor, lambda: self._of_patient(actor, id))

    def appointment(self, actor: Actor, id: AppointmentId) -> None:
        """Tell what we say of a visit, if patient and provider are known there."""
        self._tell(actor, lambda: self._of_appointment(actor, id))

    def hear_again(self, actor: Actor, link: RecordLink) -> bool:
        """Hear what is said now of something linked; false if it is not known there any more.

        Raises: Throttled, Unavailable, StaleVersion.
        """
        row = self.outside.read(actor.practice_id, link.kind, link.outside_id)
        if row is not None:
            self.hearing.hear(actor, link.kind, row, remember=True)
            return True
        with self.work(actor) as work:
            now = work.record_links.get(link.id)
            if now.vanished_at is None:
                gone, event = now.vanished(by=actor.id, at=self.clock())
                work.record_links.save(gone, event)
        return False

    def _tell(self, actor: Actor, ours: Callable[[], _Word | None]) -> None:
        word = ours()
        if word is None or not (word.news or word.disputed):
            return
        if word.link is not None:
            self.hear_again(actor, word.link)
            word = ours()
        if word is not None and word.news:
            self._write(actor, word)

    def _of_patient(self, actor: Actor, id: PatientId) -> _Word | None:
        with self.work(actor) as work:
            link = work.record_links.find(RecordLink.id_of(id))
            patient = work.patients.get(id)
            if patient.profile is None or not (link or patient.is_verified(self.clock())):
                return None
            fields = patient_fields(patient.profile)
            row = OutsideRow(outside_id=link.outside_id if link else "", fields=fields)
            return _word(work, RecordKind.PATIENT, id, id, row, link=link)

    def _of_appointment(self, actor: Actor, id: AppointmentId) -> _Word | None:
        with self.work(actor) as work:
            link = work.record_links.find(RecordLink.id_of(id))
            ours = work.appointments.find(id)
            if ours is None or (link is None and ours.status not in _STANDING):
                return None
            patient = work.record_links.find(RecordLink.id_of(ours.patient_id))
            provider = work.record_links.find(RecordLink.id_of(ours.provider_id))
            if patient is None or provider is None:
                return None
            row = OutsideRow(
                outside_id=link.outside_id if link else "",
                fields=appointment_fields(ours),
                patient=patient.outside_id,
                provider=provider.outside_id,
            )
            return _word(work, RecordKind.APPOINTMENT, id, ours.patient_id, row, link=link)

    def _write(self, actor: Actor, word: _Word) -> None:
        """Write our word, and hear what became of it there.

        The key follows from how often the two were in step, so a repeat after an unknown outcome
        finds what the first one made.
        """
        key = derived(word.subject, f"record/{word.link.version if word.link else 0}")
        answered = self.outside.write(actor.practice_id, word.kind, word.row, key)
        theirs = plain(answered.fields)
        said = {one: value for one, value in word.row.fields.items() if theirs.get(one) == value}
        with self.work(actor) as work:
            link = work.record_links.find(RecordLink.id_of(word.subject))
            if link is None:
                linked(
                    work,
                    actor,
                    word.kind,
                    answered.outside_id,
                    subject=word.subject,
                    patient_id=word.patient_id,
                    at=self.clock(),
                    agreed=said,
                )
                release(work, actor, word.kind, answered.outside_id, self.clock())
            else:
                after: Fields = {**link.last_agreed, **said}
                told, event = link.pushed(after, by=actor.id, at=self.clock())
                work.record_links.save(told, event)
        self.hearing.hear(actor, word.kind, answered)


def _word(
    work: RecordsWork,
    kind: RecordKind,
    subject: AppointmentId | PatientId,
    patient_id: PatientId,
    row: OutsideRow,
    *,
    link: RecordLink | None,
) -> _Word | None:
    """Our word, but for what is disputed; None once the other side knows the thing no more."""
    if link is not None and link.vanished_at is not None:
        return None
    conflict = work.record_conflicts.open_about(subject)
    disputed = {one.field for one in conflict.differences} if conflict else set()
    said = {name: row.fields[name] for name in RULES[kind] if name not in disputed}
    return _Word(
        subject=subject,
        patient_id=patient_id,
        kind=kind,
        row=attrs.evolve(row, fields=said),
        link=link,
        disputed=bool(disputed),
    )
