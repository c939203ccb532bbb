"""Scheduling over HTTP: appointments from the hold to their end."""

from datetime import datetime
from uuid import UUID

import attrs
from litestar.params import FromPath, FromQuery, JSONBody

from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.cancellation import Cost, Terms
from telehealth_core.scheduling.life import (
    AppointmentStatus,
    CancellationReason,
    DeclineCode,
)
from telehealth_core.scheduling.override import Override
from telehealth_core.scheduling.session import Mode
from telehealth_core.shared.ids import (
    AppointmentId,
    CardId,
    PatientId,
    ProviderId,
    SessionId,
)
from telehealth_core.shared.money import Money
from telehealth_core.shared.text import prose
from telehealth_http.answers import IntervalAnswer, Items, MoneyAnswer, listed, shown
from telehealth_http.bodies import NOTHING, Nothing, as_in
from telehealth_http.requests import (
    By,
    From,
    Until,
    creates,
    does,
    period,
    reads,
)


@attrs.frozen(kw_only=True)
class HoldBody:
    """A time that is picked; `location` is where the patient will be, as in `US-NY` or `GB`."""

    patient_id: PatientId | None = None
    session_id: SessionId
    start: datetime
    mode: Mode
    location: str = as_in(Appointment, "location")


@attrs.frozen(kw_only=True)
class OverrideBody:
    """The soft rules that staff set aside, and why."""

    rules: frozenset[str]
    reason: str = attrs.field(validator=prose(500), repr=False)

    def override(self) -> Override:
        """The same for the core."""
        return Override(rules=self.rules, reason=self.reason)


@attrs.frozen(kw_only=True)
class ReschedulingBody:
    """The other time."""

    session_id: SessionId
    start: datetime
    override: OverrideBody | None = None


@attrs.frozen(kw_only=True)
class RequestBody:
    """The price the patient agrees to, the card it may be taken from, and whether they ask
    expressly for a visit while they can still withdraw.
    """

    agreed: Money
    card_id: CardId | None = None
    starts_within_cooling_off: bool = False


@attrs.frozen(kw_only=True)
class CancellationBody:
    """Why the claim is given up, where staff say it."""

    reason: CancellationReason | None = None


NO_REASON = CancellationBody()


@attrs.frozen(kw_only=True)
class AnswerAnswer:
    """One answer of the pre-screening form."""

    question: str
    text: str


@attrs.frozen(kw_only=True)
class DeclinedAnswer:
    """Why a request was declined."""

    code: DeclineCode
    text: str | None


@attrs.frozen(kw_only=True)
class AppointmentAnswer:
    """A claim on a provider's time."""

    id: UUID
    version: int
    status: AppointmentStatus
    patient_id: UUID
    provider_id: UUID
    session_id: UUID
    during: IntervalAnswer
    mode: Mode
    price: MoneyAnswer
    location: str
    held_until: datetime
    reason: str | None
    pre_screening: tuple[AnswerAnswer, ...]
    attachments: tuple[UUID, ...]
    cancelled_because: CancellationReason | None
    declined: DeclinedAnswer | None
    requested_at: datetime | None
    series: UUID | None
    flags_open: bool
    hidden: bool


@attrs.frozen(kw_only=True)
class CostAnswer:
    """What giving up costs the patient now, and every reason why it is nothing."""

    fee: MoneyAnswer
    free_because: tuple[str, ...]


@attrs.frozen(kw_only=True)
class TermsAnswer:
    """What giving up one visit costs: nothing up to and including `free_until`, then `late_fee`;
    `noshow_fee` from `noshow_from` on if the patient has not come. Nothing before
    `withdraw_until`.
    """

    free_until: datetime
    late_fee: MoneyAnswer
    noshow_from: datetime
    noshow_fee: MoneyAnswer
    withdraw_until: datetime | None
    now: CostAnswer


@attrs.frozen(kw_only=True)
class HeldAnswer(AppointmentAnswer):
    """A time that is kept, with what it costs to give it up once booked."""

    terms: TermsAnswer


def set_aside(body: OverrideBody | None) -> Override | None:
    """What staff set aside, for the core."""
    return None if body is None else body.override()


@creates("/v1/appointments")
def hold_time(caller: By, data: JSONBody[HoldBody]) -> HeldAnswer:
    """Keep a time for a patient for some minutes (F15, N02)."""
    held = caller.clinic.scheduling.hold(
        caller.actor,
        AppointmentId(caller.new_id),
        patient_id=data.patient_id or caller.actor.as_patient(),
        session_id=data.session_id,
        start=data.start,
        mode=data.mode,
        location=data.location,
    )
    return shown(HeldAnswer, held.appointment, terms=_terms(held.terms, held.now))


@reads("/v1/appointments/{id:uuid}")
def view_appointment(caller: By, id: FromPath[UUID]) -> AppointmentAnswer:
    """Show one appointment, for those it concerns (F24, F27, F28)."""
    return shown(AppointmentAnswer, caller.clinic.scheduling.view(caller.actor, AppointmentId(id)))


@reads("/v1/appointments")
def list_appointments(
    caller: By,
    start: From = None,
    end: Until = None,
    status: FromQuery[AppointmentStatus | None] = None,
    after: FromQuery[UUID | None] = None,
) -> Items[AppointmentAnswer]:
    """List the practice's appointments in the period, in order, for staff; `after` is the last one
    of the page before (F24).
    """
    found = caller.clinic.diary.in_period(
        caller.actor,
        period(caller, start, end),
        status,
        None if after is None else AppointmentId(after),
    )
    return listed(AppointmentAnswer, found)


@reads("/v1/patients/{id:uuid}/appointments")
def list_patient_appointments(caller: By, id: FromPath[UUID]) -> Items[AppointmentAnswer]:
    """List a patient's appointments, the latest first (F27)."""
    return listed(AppointmentAnswer, caller.clinic.diary.of_patient(caller.actor, PatientId(id)))


@reads("/v1/providers/{id:uuid}/appointments")
def list_provider_appointments(
    caller: By, id: FromPath[UUID], start: From = None, end: Until = None
) -> Items[AppointmentAnswer]:
    """List a provider's appointments in the period, in order (F28)."""
    found = caller.clinic.diary.of_provider(
        caller.actor, ProviderId(id), period(caller, start, end)
    )
    return listed(AppointmentAnswer, found)


@does("/v1/appointments/{id:uuid}/request")
def request_appointment(
    caller: By, id: FromPath[UUID], data: JSONBody[RequestBody]
) -> AppointmentAnswer:
    """Ask for the visit to take place, agreeing to its price (F15)."""
    appointment = caller.clinic.scheduling.request(
        caller.actor,
        AppointmentId(id),
        agreed=data.agreed,
        card_id=data.card_id,
        starts_within_cooling_off=data.starts_within_cooling_off,
    )
    return shown(AppointmentAnswer, appointment)


@does("/v1/appointments/{id:uuid}/rescheduling")
def reschedule_appointment(
    caller: By, id: FromPath[UUID], data: JSONBody[ReschedulingBody]
) -> AppointmentAnswer:
    """Move a visit to another time of its provider, at the same price (F26)."""
    moved = caller.clinic.scheduling.reschedule(
        caller.actor,
        AppointmentId(id),
        session_id=data.session_id,
        start=data.start,
        override=set_aside(data.override),
    )
    return shown(AppointmentAnswer, moved)


@does("/v1/appointments/{id:uuid}/cancellation")
def cancel_appointment(
    caller: By,
    id: FromPath[UUID],
    data: JSONBody[CancellationBody] = NO_REASON,
) -> AppointmentAnswer:
    """Give up a claim; what that costs follows from the terms shown before booking (N17)."""
    cancelled = caller.clinic.scheduling.cancel(caller.actor, AppointmentId(id), data.reason)
    return shown(AppointmentAnswer, cancelled)


@reads("/v1/appointments/{id:uuid}/cancellation-terms")
def view_cancellation_terms(caller: By, id: FromPath[UUID]) -> TermsAnswer:
    """Show what giving up the appointment costs, and what it would cost now (N17, PAY-04)."""
    terms, now = caller.clinic.cancellation.terms(caller.actor, AppointmentId(id))
    return _terms(terms, now)


@does("/v1/appointments/{id:uuid}/no-show")
def miss_appointment(
    caller: By,
    id: FromPath[UUID],
    data: JSONBody[Nothing] = NOTHING,  # noqa: ARG001 - that it is empty is all it says
) -> AppointmentAnswer:
    """Note that the patient did not come (N17)."""
    return shown(
        AppointmentAnswer, caller.clinic.cancellation.miss(caller.actor, AppointmentId(id))
    )


def _terms(terms: Terms, now: Cost) -> TermsAnswer:
    return shown(TermsAnswer, terms, now=shown(CostAnswer, now))


ROUTES = (
    hold_time,
    view_appointment,
    list_appointments,
    list_patient_appointments,
    list_provider_appointments,
    request_appointment,
    cancel_appointment,
    view_cancellation_terms,
    miss_appointment,
    reschedule_appointment,
)
