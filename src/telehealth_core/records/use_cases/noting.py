"""Noting: what is kept of one hearing of the other side: the link in step, both versions of every
difference, and a row without a place (F58).
"""

from datetime import datetime

import attrs

from telehealth_core.access.actor import Actor
from telehealth_core.records.conflict import ConflictStatus, RecordConflict, Side
from telehealth_core.records.link import RecordKind, RecordLink
from telehealth_core.records.mapping import RULES
from telehealth_core.records.merge import Difference, Fields, Merge, Rule
from telehealth_core.records.ports import OutsideRow, RecordsWork
from telehealth_core.records.quarantine import Problem, Quarantined, QuarantineStatus
from telehealth_core.shared.ids import AppointmentId, PatientId, ProviderId


@attrs.frozen
class NoPlace(Exception):
    """A row has no place here, and why."""

    problem: Problem
    candidates: tuple[PatientId, ...] = ()


def linked(
    work: RecordsWork,
    actor: Actor,
    kind: RecordKind,
    outside_id: str,
    *,
    subject: AppointmentId | PatientId | ProviderId,
    patient_id: PatientId | None,
    at: datetime,
    agreed: Fields | None = None,
) -> RecordLink:
    """Link something of ours to its counterpart; nothing is agreed on yet unless told."""
    link = RecordLink(
        id=RecordLink.id_of(subject),
        practice_id=actor.practice_id,
        kind=kind,
        subject=subject,
        patient_id=patient_id,
        outside_id=outside_id,
        last_agreed=dict(agreed or {}),
        seen_at=at,
    )
    work.record_links.save(link, link.linked(by=actor.id))
    return link


def note(
    work: RecordsWork,
    actor: Actor,
    link: RecordLink,
    merged: Merge,
    theirs: Fields,
    *,
    at: datetime,
    remember: bool,
) -> None:
    """Keep what follows from hearing them; with `remember`, also when it was, if nothing is new."""
    settled = _dispute(work, actor, link, merged, theirs, at=at)
    if merged.decided:
        kept = {one.field: _winner(link.kind, one) for one in merged.decided}
        found = _conflict(actor, link, "decided", merged.decided, at)
        closed = attrs.evolve(found, status=ConflictStatus.RESOLVED, kept=kept, decided_at=at)
        work.record_conflicts.save(closed, closed.found(by=actor.id))
    news = dict(merged.agreed) != dict(link.last_agreed) or merged.take or link.vanished_at
    if settled or news or (remember and at > link.seen_at):
        heard, event = link.pulled(merged, by=actor.id, at=at)
        work.record_links.save(heard, event)


def _dispute(
    work: RecordsWork,
    actor: Actor,
    link: RecordLink,
    merged: Merge,
    theirs: Fields,
    *,
    at: datetime,
) -> bool:
    """Open, follow or settle the conflict about this thing; true if it was settled."""
    standing = work.record_conflicts.open_about(link.subject)
    if standing is None:
        if merged.open:
            found = _conflict(actor, link, "open", merged.open, at)
            work.record_conflicts.save(found, found.found(by=actor.id))
        return False
    unheard = (one for one in standing.differences if one.field not in theirs)
    differences = tuple(sorted((*unheard, *merged.open), key=lambda one: one.field))
    if not differences:
        settled, event = standing.settle(by=actor.id, at=at)
        work.record_conflicts.save(settled, event)
    elif set(differences) != set(standing.differences):
        heard, told = standing.hear(differences, by=actor.id, at=at)
        work.record_conflicts.save(heard, told)
    return not differences


def _conflict(
    actor: Actor, link: RecordLink, name: str, differences: tuple[Difference, ...], at: datetime
) -> RecordConflict:
    assert link.patient_id is not None, "whatever is merged concerns a patient"
    return RecordConflict(
        id=RecordConflict.id_of(link.id, link.version, name),
        practice_id=actor.practice_id,
        kind=link.kind,
        subject=link.subject,
        patient_id=link.patient_id,
        differences=differences,
        found_at=at,
    )


def quarantine(
    work: RecordsWork,
    actor: Actor,
    kind: RecordKind,
    row: OutsideRow,
    problem: NoPlace,
    *,
    at: datetime,
) -> None:
    """Keep a row that has no place here whole, once, until a person has looked at it."""
    waiting = Quarantined(
        id=Quarantined.id_of(actor.practice_id, kind, row.outside_id),
        practice_id=actor.practice_id,
        kind=kind,
        outside_id=row.outside_id,
        row=dict(row.fields),
        patient=row.patient,
        provider=row.provider,
        problem=problem.problem,
        candidates=problem.candidates,
        heard_at=at,
    )
    known = work.quarantine.find(waiting.id)
    if known is None:
        work.quarantine.save(waiting, waiting.quarantined(by=actor.id))
    elif known.news(waiting):
        again, event = known.hear(waiting, by=actor.id)
        work.quarantine.save(again, event)


def release(
    work: RecordsWork, actor: Actor, kind: RecordKind, outside_id: str, at: datetime
) -> None:
    """Let a row go that found its place, if it waited."""
    waiting = work.quarantine.find(Quarantined.id_of(actor.practice_id, kind, outside_id))
    if waiting is not None and waiting.status is QuarantineStatus.WAITING:
        released, event = waiting.release(by=actor.id, at=at)
        work.quarantine.save(released, event)


def _winner(kind: RecordKind, one: Difference) -> Side:
    return Side.OURS if RULES[kind][one.field] is Rule.OURS else Side.THEIRS
