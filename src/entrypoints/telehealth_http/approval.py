"""Approval over HTTP: the checks that decide on a request, and the decision (F25)."""

from uuid import UUID

import attrs
from litestar.params import FromPath, JSONBody

from telehealth_core.scheduling.life import DeclineCode, Declined
from telehealth_core.shared.ids import AppointmentId
from telehealth_http.answers import Items, listed, shown
from telehealth_http.bodies import as_in
from telehealth_http.requests import By, does, reads
from telehealth_http.scheduling import AppointmentAnswer, OverrideBody, set_aside


@attrs.frozen(kw_only=True)
class DeclineBody:
    """Why a request is declined: a code, and words for the patient."""

    code: DeclineCode
    text: str | None = as_in(Declined, "text", default=None, repr=False)


@attrs.frozen(kw_only=True)
class ApprovalBody:
    """What staff set aside to approve, if anything."""

    override: OverrideBody | None = None


NO_OVERRIDE = ApprovalBody()


@attrs.frozen(kw_only=True)
class CheckAnswer:
    """One check of a request, passed or not."""

    name: str
    asks: str
    passed: bool


@reads("/v1/appointments/{id:uuid}/checks")
def list_checks(caller: By, id: FromPath[UUID]) -> Items[CheckAnswer]:
    """List the checks that decide on a request, each passed or not (F25)."""
    return listed(CheckAnswer, caller.clinic.approval.checks(caller.actor, AppointmentId(id)))


@does("/v1/appointments/{id:uuid}/approval")
def approve_appointment(
    caller: By,
    id: FromPath[UUID],
    data: JSONBody[ApprovalBody] = ApprovalBody(),
) -> AppointmentAnswer:
    """Accept a request; every check must pass, but for soft ones that are set aside (F25)."""
    approved = caller.clinic.approval.approve(
        caller.actor, AppointmentId(id), override=set_aside(data.override)
    )
    return shown(AppointmentAnswer, approved)


@does("/v1/appointments/{id:uuid}/refusal")
def decline_appointment(
    caller: By, id: FromPath[UUID], data: JSONBody[DeclineBody]
) -> AppointmentAnswer:
    """Refuse a request and say why; the time is free again and nothing is charged (F25)."""
    declined = caller.clinic.approval.decline(
        caller.actor, AppointmentId(id), Declined(data.code, data.text)
    )
    return shown(AppointmentAnswer, declined)


ROUTES = (list_checks, approve_appointment, decline_appointment)
