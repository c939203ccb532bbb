"""What people decide: conflicts, rows without a place, and who outside is which provider here
(F58).
"""

from collections.abc import Mapping

import attrs

from telehealth_core.access.actor import Actor, relations
from telehealth_core.access.policy import Action, authorize
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.records.conflict import RecordConflict, Side
from telehealth_core.records.link import RecordKind, RecordLink
from telehealth_core.records.mapping import profile_with
from telehealth_core.records.merge import Fields
from telehealth_core.records.ports import RecordsWork
from telehealth_core.records.quarantine import Quarantined
from telehealth_core.records.use_cases.hearing import enrolled
from telehealth_core.records.use_cases.noting import linked
from telehealth_core.registration.use_cases import write_profile
from telehealth_core.shared.ids import (
    PatientId,
    ProviderId,
    QuarantineId,
    RecordConflictId,
)
from telehealth_core.shared.refusal import IdReused, Invalid

QUEUE_MOST = 200


@attrs.frozen
class RecordQueue:
    """The office's side of keeping records in step."""

    work: UnitOfWork[RecordsWork]
    clock: Clock

    def link_provider(self, actor: Actor, provider_id: ProviderId, outside_id: str) -> RecordLink:
        """Say which provider outside is which provider here; linking the same again changes
        nothing.

        Raises: NotPermitted, Unknown, IdReused if either is linked otherwise, Invalid.
        """
        with self.work(actor) as work:
            authorize(actor, Action.DECIDE_RECORDS, relations(actor))
            provider = work.providers.get(provider_id)
            standing = work.record_links.find(RecordLink.id_of(provider.id))
            known = work.record_links.by_outside_id(RecordKind.PROVIDER, outside_id)
            if standing != known:
                raise IdReused("provider link", provider_id)
            return standing or linked(
                work,
                actor,
                RecordKind.PROVIDER,
                outside_id,
                subject=provider.id,
                patient_id=None,
                at=self.clock(),
            )

    def conflicts(self, actor: Actor) -> tuple[RecordConflict, ...]:
        """What two systems say differently and a person has to decide, the oldest first."""
        with self.work(actor) as work:
            authorize(actor, Action.DECIDE_RECORDS, relations(actor))
            found = work.record_conflicts.open(limit=QUEUE_MOST)
            for one in found:
                work.read(Action.DECIDE_RECORDS, one.patient_id, one.id)
        return found

    def resolve(
        self, actor: Actor, id: RecordConflictId, kept: Mapping[str, Side], reason: str
    ) -> RecordConflict:
        """Decide whose version of each field counts; the other version is kept in the conflict.
        What counts is taken over here and, by reaction, told to the other side.

        Raises: NotPermitted, Unknown, IllegalTransition, Invalid.
        """
        at = self.clock()
        with self.work(actor) as work:
            authorize(actor, Action.DECIDE_RECORDS, relations(actor))
            conflict = work.record_conflicts.get(id)
            resolved, event = conflict.resolve(kept, reason, by=actor.id, at=at)
            theirs = {
                one.field: one.theirs
                for one in conflict.differences
                if kept[one.field] is Side.THEIRS
            }
            if theirs and conflict.kind is not RecordKind.PATIENT:
                raise Invalid(
                    "kept", "ours; move or cancel the appointment itself to follow theirs"
                )
            if theirs:
                self._take(work, actor, PatientId(conflict.subject), theirs)
            link = work.record_links.get(RecordLink.id_of(conflict.subject))
            heard = {one.field: one.theirs for one in conflict.differences}
            settled, told = link.pushed({**link.last_agreed, **heard}, by=actor.id, at=link.seen_at)
            work.record_conflicts.save(resolved, event)
            work.record_links.save(settled, told)
        return resolved

    def waiting(self, actor: Actor) -> tuple[Quarantined, ...]:
        """What came from outside and has no place here yet, the oldest first."""
        with self.work(actor) as work:
            authorize(actor, Action.DECIDE_RECORDS, relations(actor))
            found = work.quarantine.waiting(limit=QUEUE_MOST)
            for one in found:
                for patient_id in one.candidates:
                    work.read(Action.DECIDE_RECORDS, patient_id, one.id)
        return found

    def match(self, actor: Actor, id: QuarantineId, patient_id: PatientId) -> Quarantined:
        """Say that a waiting row is this patient; by reaction it is heard anew and merged (VEN-06).

        Raises: NotPermitted, Unknown, IllegalTransition, Invalid, IdReused.
        """
        at = self.clock()
        with self.work(actor) as work:
            authorize(actor, Action.DECIDE_RECORDS, relations(actor))
            waiting = _of_patient(work, id)
            patient = work.patients.get(patient_id)
            if work.record_links.find(RecordLink.id_of(patient.id)) is not None:
                raise IdReused("patient link", patient_id)
            released, event = waiting.release(by=actor.id, at=at)
            work.quarantine.save(released, event)
            linked(
                work,
                actor,
                waiting.kind,
                waiting.outside_id,
                subject=patient.id,
                patient_id=patient.id,
                at=at,
            )
        return released

    def enrol(self, actor: Actor, id: QuarantineId) -> Quarantined:
        """Say that a waiting row is somebody new, however alike: they are enrolled (VEN-06).

        Raises: NotPermitted, Unknown, IllegalTransition, Invalid if it cannot be read.
        """
        at = self.clock()
        with self.work(actor) as work:
            authorize(actor, Action.DECIDE_RECORDS, relations(actor))
            waiting = _of_patient(work, id)
            released, event = waiting.release(by=actor.id, at=at)
            work.quarantine.save(released, event)
            patient = enrolled(work, actor, waiting.outside_id, waiting.row, at)
            linked(
                work,
                actor,
                waiting.kind,
                waiting.outside_id,
                subject=patient.id,
                patient_id=patient.id,
                at=at,
            )
        return released

    def retry(self, actor: Actor, id: QuarantineId) -> Quarantined:
        """Have a waiting row heard anew, by reaction, once something here was put right (F58).

        Raises: NotPermitted, Unknown, IllegalTransition.
        """
        with self.work(actor) as work:
            authorize(actor, Action.DECIDE_RECORDS, relations(actor))
            again, event = work.quarantine.get(id).retry(by=actor.id, at=self.clock())
            work.quarantine.save(again, event)
        return again

    def dismiss(self, actor: Actor, id: QuarantineId, reason: str) -> Quarantined:
        """Say that a waiting row has no place here; if it changes outside, it waits again.

        Raises: NotPermitted, Unknown, IllegalTransition, Invalid.
        """
        with self.work(actor) as work:
            authorize(actor, Action.DECIDE_RECORDS, relations(actor))
            dismissed, event = work.quarantine.get(id).dismiss(reason, by=actor.id, at=self.clock())
            work.quarantine.save(dismissed, event)
        return dismissed

    def _take(self, work: RecordsWork, actor: Actor, id: PatientId, theirs: Fields) -> None:
        """Take over what a person decided; who somebody is then has to be checked anew (IDV-10)."""
        patient = work.patients.get(id)
        write_profile(work, actor, patient, profile_with(patient.known, theirs), self.clock())


def _of_patient(work: RecordsWork, id: QuarantineId) -> Quarantined:
    waiting = work.quarantine.get(id)
    if waiting.kind is not RecordKind.PATIENT:
        raise Invalid("kind", "a patient's row; an appointment's is retried")
    return waiting
