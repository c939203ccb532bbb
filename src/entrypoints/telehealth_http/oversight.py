"""Oversight over HTTP: reading in an emergency and its review, who opened a record, the audit."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import attrs
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from telehealth_core.access.actor import Purpose, Role
from telehealth_core.access.audit import AuditOrder, Category, Side
from telehealth_core.access.emergency import (
    EmergencyAccess,
    EmergencyReason,
    EmergencyStatus,
    Verdict,
)
from telehealth_core.access.use_cases.oversight import PAGE_MOST
from telehealth_core.shared.ids import EmergencyAccessId, PatientId
from telehealth_http.answers import Items, listed, shown
from telehealth_http.bodies import as_in
from telehealth_http.requests import By, From, Until, creates, does, period, reads


@attrs.frozen(kw_only=True)
class EmergencyBody:
    """Why somebody has to read the record of a patient whom they do not treat."""

    reason: EmergencyReason
    text: str = as_in(EmergencyAccess, "text", repr=False)


@attrs.frozen(kw_only=True)
class ReviewBody:
    """What a review found."""

    verdict: Verdict
    finding: str = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class EmergencyAnswer:
    """An emergency access, and whether its review is overdue."""

    id: UUID
    status: EmergencyStatus
    user_id: UUID
    patient_id: UUID
    reason: EmergencyReason
    text: str
    opened_at: datetime
    until: datetime
    review_due: datetime
    overdue: bool
    reviewed_by: UUID | None
    reviewed_at: datetime | None
    verdict: Verdict | None
    finding: str | None


@attrs.frozen(kw_only=True)
class OpeningAnswer:
    """That somebody opened the record: of which role and side, when, which part, what for."""

    id: int
    at: datetime
    role: Role
    side: Side
    category: Category
    purpose: Purpose


@attrs.frozen(kw_only=True)
class AuditAnswer:
    """Who did, read or was refused what."""

    id: int
    at: datetime
    actor: UUID
    roles: tuple[Role, ...]
    acted_for: UUID | None
    patient_id: UUID | None
    action: str
    kind: str
    subject: UUID | None
    category: Category
    purpose: Purpose
    outcome: str
    request: UUID | None


def _emergency(caller: By, access: EmergencyAccess) -> EmergencyAnswer:
    overdue = access.overdue(caller.clinic.emergency.clock())
    return shown(EmergencyAnswer, access, overdue=overdue)


@creates("/v1/patients/{id:uuid}/emergency-accesses")
def open_emergency_access(
    caller: By, id: FromPath[UUID], data: JSONBody[EmergencyBody]
) -> EmergencyAnswer:
    """Read the record of a patient in an emergency, for some minutes (N08)."""
    opened = caller.clinic.emergency.open(
        caller.actor,
        EmergencyAccessId(caller.new_id),
        PatientId(id),
        reason=data.reason,
        text=data.text,
    )
    return _emergency(caller, opened)


@reads("/v1/emergency-accesses")
def list_emergency_accesses(caller: By) -> Items[EmergencyAnswer]:
    """List the emergency accesses that wait for their review, the most pressing first (ACC-06)."""
    found = caller.clinic.emergency.unreviewed(caller.actor)
    return Items(tuple(_emergency(caller, one) for one in found))


@does("/v1/emergency-accesses/{id:uuid}/review")
def review_emergency_access(
    caller: By, id: FromPath[UUID], data: JSONBody[ReviewBody]
) -> EmergencyAnswer:
    """Say, as somebody else, whether it was justified (ACC-06)."""
    reviewed = caller.clinic.emergency.review(
        caller.actor, EmergencyAccessId(id), data.verdict, data.finding
    )
    return _emergency(caller, reviewed)


@reads("/v1/patients/{id:uuid}/openings")
def list_openings(
    caller: By,
    id: FromPath[UUID],
    before: FromQuery[int | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MOST)] = 50,
) -> Items[OpeningAnswer]:
    """List who else opened a patient's record, the newest first (AUD-10)."""
    found = caller.clinic.oversight.opened_by(
        caller.actor, PatientId(id), before=before, limit=limit
    )
    return listed(OpeningAnswer, found)


@reads("/v1/audit")
def report_audit(
    caller: By,
    *,
    start: From = None,
    end: Until = None,
    by: FromQuery[AuditOrder] = AuditOrder.TIME,
    after: FromQuery[int | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MOST)] = 100,
) -> Items[AuditAnswer]:
    """Report who did, read or was refused what in the period, by time, patient, user or action
    (AUD-08).
    """
    found = caller.clinic.oversight.report(
        caller.actor, period(caller, start, end), by=by, after=after, limit=limit
    )
    return listed(AuditAnswer, found)


ROUTES = (
    open_emergency_access,
    list_emergency_accesses,
    review_emergency_access,
    list_openings,
    report_audit,
)
