"""Duplicates over HTTP: records that may be one person's, for staff."""

from datetime import datetime
from uuid import UUID

import attrs
from litestar.params import FromPath, JSONBody

from telehealth_core.registration.duplicate import SuspicionStatus
from telehealth_core.registration.matching import DuplicateRule
from telehealth_core.shared.ids import SuspicionId
from telehealth_http.answers import Items, listed, shown
from telehealth_http.registration import ReasonBody
from telehealth_http.requests import By, does, reads


@attrs.frozen(kw_only=True)
class SuspicionAnswer:
    """Two patients who may be one person, and why."""

    id: UUID
    version: int
    status: SuspicionStatus
    patient_id: UUID
    other_id: UUID
    rules: tuple[DuplicateRule, ...]
    raised_at: datetime
    decided_by: UUID | None
    decided_at: datetime | None
    reason: str | None


@reads("/v1/duplicate-suspicions")
def list_suspicions(caller: By) -> Items[SuspicionAnswer]:
    """List the records that may be one person's and nobody has looked at (IDV-03)."""
    return listed(SuspicionAnswer, caller.clinic.duplicates.queue(caller.actor))


@does("/v1/duplicate-suspicions/{id:uuid}/dismissal")
def dismiss_suspicion(
    caller: By, id: FromPath[UUID], data: JSONBody[ReasonBody]
) -> SuspicionAnswer:
    """Find that they are two persons (IDV-03)."""
    found = caller.clinic.duplicates.dismiss(caller.actor, SuspicionId(id), data.reason)
    return shown(SuspicionAnswer, found)


@does("/v1/duplicate-suspicions/{id:uuid}/confirmation")
def confirm_suspicion(
    caller: By, id: FromPath[UUID], data: JSONBody[ReasonBody]
) -> SuspicionAnswer:
    """Find that they are one person; nothing is merged (IDV-03)."""
    found = caller.clinic.duplicates.confirm(caller.actor, SuspicionId(id), data.reason)
    return shown(SuspicionAnswer, found)


ROUTES = (list_suspicions, dismiss_suspicion, confirm_suspicion)
