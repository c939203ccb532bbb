"""The waitlist over HTTP: join, leave, and what one waits for."""

from datetime import datetime
from uuid import UUID

import attrs
from litestar.params import FromPath, JSONBody

from telehealth_core.scheduling.session import Mode
from telehealth_core.scheduling.waitlist import WaitlistEntry, WaitlistStatus
from telehealth_core.shared.ids import PatientId, ProviderId, WaitlistEntryId
from telehealth_core.shared.interval import Interval
from telehealth_http.answers import IntervalAnswer, Items, listed, shown
from telehealth_http.bodies import NOTHING, Nothing, as_in
from telehealth_http.requests import By, creates, does, reads


@attrs.frozen(kw_only=True)
class WaitingBody:
    """A visit to wait for: with a provider, or with anybody of a specialty; `location` is where the
    patient will be, as in `US-NY` or `GB`.
    """

    patient_id: PatientId | None = None
    provider_id: ProviderId | None = None
    specialty: str | None = as_in(WaitlistEntry, "specialty", default=None)
    service: str | None = as_in(WaitlistEntry, "service", default=None)
    mode: Mode | None = None
    location: str = as_in(WaitlistEntry, "location")
    period: Interval


@attrs.frozen(kw_only=True)
class WaitingAnswer:
    """Who waits for what; `appointment_id` is the time that is, or was, offered."""

    id: UUID
    version: int
    status: WaitlistStatus
    patient_id: UUID
    provider_id: UUID | None
    specialty: str | None
    service: str | None
    mode: Mode | None
    location: str
    period: IntervalAnswer
    joined_at: datetime
    appointment_id: UUID | None
    offered_until: datetime | None


@creates("/v1/waitlist")
def join_waitlist(caller: By, data: JSONBody[WaitingBody]) -> WaitingAnswer:
    """Wait for a visit; a time that becomes free is offered in order (N09)."""
    entry = caller.clinic.waitlist.join(
        caller.actor,
        WaitlistEntryId(caller.new_id),
        patient_id=data.patient_id or caller.actor.as_patient(),
        provider_id=data.provider_id,
        specialty=data.specialty,
        service=data.service,
        mode=data.mode,
        location=data.location,
        period=data.period,
    )
    return shown(WaitingAnswer, entry)


@does("/v1/waitlist/{id:uuid}/leaving")
def leave_waitlist(
    caller: By,
    id: FromPath[UUID],
    data: JSONBody[Nothing] = NOTHING,  # noqa: ARG001 - that it is empty is all it says
) -> WaitingAnswer:
    """Wait no longer; a time that was offered is free again (N09)."""
    return shown(WaitingAnswer, caller.clinic.waitlist.leave(caller.actor, WaitlistEntryId(id)))


@reads("/v1/waitlist")
def list_waitlist(caller: By) -> Items[WaitingAnswer]:
    """List who waits, in order, for staff (N09)."""
    return listed(WaitingAnswer, caller.clinic.waitlist.queue(caller.actor))


@reads("/v1/patients/{id:uuid}/waitlist")
def list_patient_waitlist(caller: By, id: FromPath[UUID]) -> Items[WaitingAnswer]:
    """List what a patient waits or waited for, the latest first (N09)."""
    return listed(WaitingAnswer, caller.clinic.waitlist.of_patient(caller.actor, PatientId(id)))


ROUTES = (join_waitlist, leave_waitlist, list_waitlist, list_patient_waitlist)
