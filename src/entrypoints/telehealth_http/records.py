"""An outside record system over HTTP: what a person has to decide, and how old what it said is."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import attrs
from litestar.params import FromPath, JSONBody

from telehealth_core.records.conflict import ConflictStatus, Side
from telehealth_core.records.link import RecordKind
from telehealth_core.records.quarantine import Problem, QuarantineStatus
from telehealth_core.shared.ids import (
    AppointmentId,
    PatientId,
    ProviderId,
    QuarantineId,
    RecordConflictId,
)
from telehealth_http.answers import Items, listed, shown
from telehealth_http.registration import ReasonBody
from telehealth_http.requests import By, does, reads


@attrs.frozen(kw_only=True)
class DifferenceAnswer:
    """One field that two systems say differently, and what both last agreed on."""

    field: str
    agreed: str | None
    ours: str | None
    theirs: str | None


@attrs.frozen(kw_only=True)
class RecordConflictAnswer:
    """What two systems say differently about one thing; both versions, and those before."""

    id: UUID
    version: int
    status: ConflictStatus
    kind: RecordKind
    subject: UUID
    patient_id: UUID
    differences: tuple[DifferenceAnswer, ...]
    earlier: tuple[DifferenceAnswer, ...]
    kept: Mapping[str, Side]
    reason: str | None
    found_at: datetime
    decided_by: UUID | None
    decided_at: datetime | None


@attrs.frozen(kw_only=True)
class QuarantinedAnswer:
    """A row of the outside system that has no place here yet, and why."""

    id: UUID
    version: int
    status: QuarantineStatus
    kind: RecordKind
    outside_id: str
    row: Mapping[str, str | None]
    patient: str | None
    provider: str | None
    problem: Problem
    candidates: tuple[UUID, ...]
    heard_at: datetime
    reason: str | None


@attrs.frozen(kw_only=True)
class RecordLinkAnswer:
    """Which thing of ours is which outside."""

    id: UUID
    version: int
    kind: RecordKind
    subject: UUID
    outside_id: str
    seen_at: datetime


@attrs.frozen(kw_only=True)
class RecordAgeAnswer:
    """When the patient's outside record was last heard, whether that is too long ago, and why it
    could not be heard now.
    """

    as_of: datetime | None
    stale: bool
    problem: str | None


@attrs.frozen(kw_only=True)
class ResolutionBody:
    """Whose version of each field counts, and why."""

    kept: dict[str, Side]
    reason: str


@attrs.frozen(kw_only=True)
class MatchBody:
    """Who the row is."""

    patient_id: UUID


@attrs.frozen(kw_only=True)
class RecordLinkBody:
    """How the outside system names the provider."""

    outside_id: str


@reads("/v1/record-conflicts")
def list_conflicts(caller: By) -> Items[RecordConflictAnswer]:
    """List what two systems say differently and a person has to decide (F58)."""
    return listed(RecordConflictAnswer, caller.clinic.record_queue.conflicts(caller.actor))


@does("/v1/record-conflicts/{id:uuid}/resolution")
def resolve_conflict(
    caller: By, id: FromPath[UUID], data: JSONBody[ResolutionBody]
) -> RecordConflictAnswer:
    """Decide whose version of each field counts; both are kept (F58)."""
    resolved = caller.clinic.record_queue.resolve(
        caller.actor, RecordConflictId(id), data.kept, data.reason
    )
    return shown(RecordConflictAnswer, resolved)


@reads("/v1/quarantined-records")
def list_quarantined(caller: By) -> Items[QuarantinedAnswer]:
    """List what came from the outside system and has no place here yet (F58)."""
    return listed(QuarantinedAnswer, caller.clinic.record_queue.waiting(caller.actor))


@does("/v1/quarantined-records/{id:uuid}/match")
def match_quarantined(
    caller: By, id: FromPath[UUID], data: JSONBody[MatchBody]
) -> QuarantinedAnswer:
    """Say which patient the row is (VEN-06)."""
    found = caller.clinic.record_queue.match(
        caller.actor, QuarantineId(id), PatientId(data.patient_id)
    )
    return shown(QuarantinedAnswer, found)


@does("/v1/quarantined-records/{id:uuid}/enrolment")
def enrol_quarantined(caller: By, id: FromPath[UUID]) -> QuarantinedAnswer:
    """Say that the row is somebody new (VEN-06)."""
    found = caller.clinic.record_queue.enrol(caller.actor, QuarantineId(id))
    return shown(QuarantinedAnswer, found)


@does("/v1/quarantined-records/{id:uuid}/retry")
def retry_quarantined(caller: By, id: FromPath[UUID]) -> QuarantinedAnswer:
    """Have the row heard anew, once something here was put right (F58)."""
    found = caller.clinic.record_queue.retry(caller.actor, QuarantineId(id))
    return shown(QuarantinedAnswer, found)


@does("/v1/quarantined-records/{id:uuid}/dismissal")
def dismiss_quarantined(
    caller: By, id: FromPath[UUID], data: JSONBody[ReasonBody]
) -> QuarantinedAnswer:
    """Say that the row has no place here; it waits again if it changes outside (F58)."""
    found = caller.clinic.record_queue.dismiss(caller.actor, QuarantineId(id), data.reason)
    return shown(QuarantinedAnswer, found)


@does("/v1/providers/{id:uuid}/record-link")
def link_provider(
    caller: By, id: FromPath[UUID], data: JSONBody[RecordLinkBody]
) -> RecordLinkAnswer:
    """Say which provider of the outside system this is (F55)."""
    link = caller.clinic.record_queue.link_provider(caller.actor, ProviderId(id), data.outside_id)
    return shown(RecordLinkAnswer, link)


@does("/v1/appointments/{id:uuid}/record-refresh")
def refresh_record(caller: By, id: FromPath[UUID]) -> RecordAgeAnswer:
    """Hear the patient's outside record again before the visit; tells its age anyway (F57)."""
    return shown(RecordAgeAnswer, caller.clinic.records.refresh(caller.actor, AppointmentId(id)))


@reads("/v1/appointments/{id:uuid}/record-age")
def view_record_age(caller: By, id: FromPath[UUID]) -> RecordAgeAnswer:
    """Show how old what we know of the patient from outside is; asks nobody (F57)."""
    return shown(RecordAgeAnswer, caller.clinic.records.age(caller.actor, AppointmentId(id)))


ROUTES = (
    list_conflicts,
    resolve_conflict,
    list_quarantined,
    match_quarantined,
    enrol_quarantined,
    retry_quarantined,
    dismiss_quarantined,
    link_provider,
    refresh_record,
    view_record_age,
)
