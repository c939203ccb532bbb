"""Emergencies over HTTP: raise one, leave a call quietly, look after them until they are closed."""

from datetime import datetime
from uuid import UUID

import attrs
from litestar.params import FromPath, JSONBody

from telehealth_core.consultation.emergency import EmergencyKind, EmergencyStatus, LogEntry
from telehealth_core.shared.ids import AppointmentId, EmergencyId
from telehealth_core.shared.text import prose
from telehealth_http.answers import Items, listed, shown
from telehealth_http.bodies import NOTHING, Nothing, as_in
from telehealth_http.requests import By, creates, does, reads


@attrs.frozen(kw_only=True)
class AlarmBody:
    """What is known so far; nothing has to be said."""

    note: str | None = attrs.field(
        default=None, validator=attrs.validators.optional(prose(4000)), repr=False
    )


@attrs.frozen(kw_only=True)
class LogBody:
    """What was done or learned, or how it ended."""

    text: str = as_in(LogEntry, "text", repr=False)


@attrs.frozen(kw_only=True)
class LogAnswer:
    """One entry of the log."""

    by: UUID
    at: datetime
    text: str


@attrs.frozen(kw_only=True)
class EmergencyAnswer:
    """A patient who needs help; `location` is where they said they are."""

    id: UUID
    status: EmergencyStatus
    kind: EmergencyKind
    appointment_id: UUID
    patient_id: UUID
    provider_id: UUID
    raised_by: UUID
    raised_at: datetime
    location: str | None
    log: tuple[LogAnswer, ...]
    closed_at: datetime | None


@attrs.frozen
class ExitAnswer:
    """That the caller left; nothing more is to be seen."""

    left: bool = True


@creates("/v1/appointments/{id:uuid}/visit/emergencies")
def raise_emergency(
    caller: By, id: FromPath[UUID], data: JSONBody[AlarmBody] = AlarmBody()
) -> EmergencyAnswer:
    """Have staff look after the patient at once (TEL-05)."""
    emergency = caller.clinic.emergencies.raise_emergency(
        caller.actor, EmergencyId(caller.new_id), AppointmentId(id), data.note
    )
    return shown(EmergencyAnswer, emergency)


@does("/v1/appointments/{id:uuid}/visit/exit")
def exit_quietly(
    caller: By,
    id: FromPath[UUID],
    data: JSONBody[Nothing] = NOTHING,  # noqa: ARG001 - that it is empty is all it says
) -> ExitAnswer:
    """Leave the call; the answer shows nothing to whoever looks on (TEL-10)."""
    caller.clinic.emergencies.quiet_exit(
        caller.actor, EmergencyId(caller.new_id), AppointmentId(id)
    )
    return ExitAnswer()


@reads("/v1/emergencies")
def list_emergencies(caller: By) -> Items[EmergencyAnswer]:
    """List emergencies that nobody has closed, the oldest first (TEL-05)."""
    return listed(EmergencyAnswer, caller.clinic.emergencies.queue(caller.actor))


@does("/v1/emergencies/{id:uuid}/log")
def log_emergency(caller: By, id: FromPath[UUID], data: JSONBody[LogBody]) -> EmergencyAnswer:
    """Add what was done or learned (TEL-05)."""
    emergency = caller.clinic.emergencies.log(caller.actor, EmergencyId(id), data.text)
    return shown(EmergencyAnswer, emergency)


@does("/v1/emergencies/{id:uuid}/closure")
def close_emergency(caller: By, id: FromPath[UUID], data: JSONBody[LogBody]) -> EmergencyAnswer:
    """Say how it ended; it leaves the queue and stays on record (TEL-05)."""
    emergency = caller.clinic.emergencies.close(caller.actor, EmergencyId(id), data.text)
    return shown(EmergencyAnswer, emergency)


ROUTES = (raise_emergency, exit_quietly, list_emergencies, log_emergency, close_emergency)
