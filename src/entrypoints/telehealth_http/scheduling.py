"""Scheduling over HTTP: sessions, open times, and appointments from the hold to their end."""

from datetime import datetime
from uuid import UUID

import attrs
from litestar import Response
from litestar.params import FromPath, FromQuery, JSONBody, RawBody

from telehealth_core.scheduling.appointment import Answer, Appointment
from telehealth_core.scheduling.life import AppointmentStatus, CancellationReason
from telehealth_core.scheduling.recurrence import Recurrence
from telehealth_core.scheduling.session import Mode, Session, SessionStatus
from telehealth_core.shared.ids import (
    AppointmentId,
    CardId,
    DocumentId,
    PatientId,
    ProviderId,
    SessionId,
)
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.money import Money
from telehealth_core.shared.text import prose
from telehealth_core.shared.text import zone as zone_named
from telehealth_http.answers import IntervalAnswer, Items, MoneyAnswer, attachment, listed, shown
from telehealth_http.bodies import NOTHING, Nothing, as_in
from telehealth_http.requests import (
    By,
    From,
    Until,
    creates,
    does,
    period,
    reads,
    replaces,
    takes_image,
)


@attrs.frozen(kw_only=True)
class SessionBody:
    """A shift in which visits of one service can be booked."""

    provider_id: ProviderId
    during: Interval
    service: str
    modes: frozenset[Mode] = as_in(Session, "modes")
    start_every_minutes: int = as_in(Session, "start_every_minutes")


@attrs.frozen(kw_only=True)
class SeriesBody:
    """A shift that repeats at its wall time, where the practice is."""

    provider_id: ProviderId
    repeat: Recurrence
    service: str
    modes: frozenset[Mode] = as_in(Session, "modes")
    start_every_minutes: int = as_in(Session, "start_every_minutes")


@attrs.frozen(kw_only=True)
class HoldBody:
    """A time that is picked; `location` is where the patient will be, as in `US-NY` or `GB`."""

    patient_id: PatientId | None = None
    session_id: SessionId
    start: datetime
    mode: Mode
    location: str = as_in(Appointment, "location")


@attrs.frozen(kw_only=True)
class ReschedulingBody:
    """The other time."""

    session_id: SessionId
    start: datetime


@attrs.frozen(kw_only=True)
class DescriptionBody:
    """What the visit is about."""

    reason: str = attrs.field(validator=prose(4000), repr=False)


@attrs.frozen(kw_only=True)
class PreScreeningBody:
    """The answers of the pre-screening form."""

    answers: tuple[Answer, ...] = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class RequestBody:
    """The price the patient agrees to, and the card it may be taken from."""

    agreed: Money
    card_id: CardId | None = None


@attrs.frozen(kw_only=True)
class SessionAnswer:
    """A shift in which visits can be booked."""

    id: UUID
    provider_id: UUID
    during: IntervalAnswer
    service: str
    visit_minutes: int
    start_every_minutes: int
    modes: tuple[Mode, ...]
    price: MoneyAnswer
    status: SessionStatus
    series: UUID | None


@attrs.frozen(kw_only=True)
class OpenTime:
    """One visit that can be booked; `local` is its start on the clocks of the zone asked for."""

    session_id: UUID
    start: datetime
    local: str
    end: datetime
    mode: tuple[Mode, ...]
    price: MoneyAnswer


@attrs.frozen(kw_only=True)
class OpenTimes:
    """Every visit that can be booked in the period, in order."""

    zone: str
    items: tuple[OpenTime, ...]


@attrs.frozen(kw_only=True)
class AnswerAnswer:
    """One answer of the pre-screening form."""

    question: str
    text: str


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


@attrs.frozen(kw_only=True)
class CheckAnswer:
    """One check of a request, passed or not."""

    name: str
    asks: str
    passed: bool


@creates("/v1/sessions")
def add_session(caller: By, data: JSONBody[SessionBody]) -> SessionAnswer:
    """Publish a shift of a provider, with the length and price of one of their services (F13)."""
    session = caller.clinic.diary.add_session(
        caller.actor,
        SessionId(caller.new_id),
        provider_id=data.provider_id,
        during=data.during,
        service=data.service,
        modes=data.modes,
        start_every_minutes=data.start_every_minutes,
    )
    return shown(SessionAnswer, session)


@creates("/v1/session-series")
def add_series(caller: By, data: JSONBody[SeriesBody]) -> Items[SessionAnswer]:
    """Publish a shift that repeats, every one of its sessions or none (F13)."""
    series = caller.clinic.diary.add_series(
        caller.actor,
        SessionId(caller.new_id),
        provider_id=data.provider_id,
        recurrence=data.repeat,
        service=data.service,
        modes=data.modes,
        start_every_minutes=data.start_every_minutes,
    )
    return listed(SessionAnswer, series)


@reads("/v1/providers/{id:uuid}/open-times")
def list_open_times(
    caller: By,
    id: FromPath[UUID],
    start: From = None,
    end: Until = None,
    zone: FromQuery[str | None] = None,
) -> OpenTimes:
    """List every visit of the provider that can be booked in the period, in order (F17)."""
    name = zone or caller.clinic.practice.view(caller.actor).zone
    clock = zone_named(name)
    offers = caller.clinic.diary.open_times(
        caller.actor, ProviderId(id), period(caller, start, end, name)
    )
    return OpenTimes(
        zone=name,
        items=tuple(
            OpenTime(
                session_id=session.id,
                start=visit.start,
                local=visit.start.astimezone(clock).isoformat(),
                end=visit.end,
                mode=tuple(sorted(session.modes)),
                price=shown(MoneyAnswer, session.price),
            )
            for session, visit in offers
        ),
    )


@creates("/v1/appointments")
def hold_time(caller: By, data: JSONBody[HoldBody]) -> AppointmentAnswer:
    """Keep a time for a patient for some minutes (F15, N02)."""
    appointment = caller.clinic.scheduling.hold(
        caller.actor,
        AppointmentId(caller.new_id),
        patient_id=data.patient_id or caller.actor.as_patient(),
        session_id=data.session_id,
        start=data.start,
        mode=data.mode,
        location=data.location,
    )
    return shown(AppointmentAnswer, appointment)


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
) -> Items[AppointmentAnswer]:
    """List the practice's appointments in the period, for staff (F23, F24)."""
    found = caller.clinic.diary.dashboard(caller.actor, period(caller, start, end), status)
    return listed(AppointmentAnswer, found)


@reads("/v1/patients/{id:uuid}/appointments")
def list_patient_appointments(caller: By, id: FromPath[UUID]) -> Items[AppointmentAnswer]:
    """List a patient's appointments, the latest first (F27)."""
    return listed(AppointmentAnswer, caller.clinic.diary.calendar(caller.actor, PatientId(id)))


@reads("/v1/providers/{id:uuid}/appointments")
def list_provider_appointments(
    caller: By, id: FromPath[UUID], start: From = None, end: Until = None
) -> Items[AppointmentAnswer]:
    """List a provider's appointments in the period, in order (F28)."""
    found = caller.clinic.diary.schedule(caller.actor, ProviderId(id), period(caller, start, end))
    return listed(AppointmentAnswer, found)


@replaces("/v1/appointments/{id:uuid}/description")
def describe_appointment(
    caller: By, id: FromPath[UUID], data: JSONBody[DescriptionBody]
) -> AppointmentAnswer:
    """Tell what the visit is about (F21)."""
    appointment = caller.clinic.scheduling.describe(
        caller.actor, AppointmentId(id), reason=data.reason
    )
    return shown(AppointmentAnswer, appointment)


@replaces("/v1/appointments/{id:uuid}/pre-screening")
def answer_pre_screening(
    caller: By, id: FromPath[UUID], data: JSONBody[PreScreeningBody]
) -> AppointmentAnswer:
    """Answer the pre-screening form (F20)."""
    appointment = caller.clinic.scheduling.describe(
        caller.actor, AppointmentId(id), pre_screening=data.answers
    )
    return shown(AppointmentAnswer, appointment)


@takes_image("/v1/appointments/{id:uuid}/photos")
def attach_photo(caller: By, id: FromPath[UUID], body: RawBody) -> AppointmentAnswer:
    """Add a photo of what the visit is about (F21)."""
    appointment = caller.clinic.scheduling.attach(
        caller.actor, AppointmentId(id), DocumentId(caller.new_id), body
    )
    return shown(AppointmentAnswer, appointment)


@reads("/v1/appointments/{id:uuid}/photos/{document_id:uuid}")
def view_photo(caller: By, id: FromPath[UUID], document_id: FromPath[UUID]) -> Response[bytes]:
    """Hand out one photo of what the visit is about (F21, F42)."""
    document, content = caller.clinic.scheduling.photo(
        caller.actor, AppointmentId(id), DocumentId(document_id)
    )
    return attachment(content, document.media_type, "photo.jpeg")


@does("/v1/appointments/{id:uuid}/request")
def request_appointment(
    caller: By, id: FromPath[UUID], data: JSONBody[RequestBody]
) -> AppointmentAnswer:
    """Ask for the visit to take place, agreeing to its price (F15)."""
    appointment = caller.clinic.scheduling.request(
        caller.actor, AppointmentId(id), agreed=data.agreed, card_id=data.card_id
    )
    return shown(AppointmentAnswer, appointment)


@reads("/v1/appointments/{id:uuid}/checks")
def list_checks(caller: By, id: FromPath[UUID]) -> Items[CheckAnswer]:
    """List the checks that decide on a request, each passed or not (F25)."""
    return listed(CheckAnswer, caller.clinic.approval.checks(caller.actor, AppointmentId(id)))


@does("/v1/appointments/{id:uuid}/approval")
def approve_appointment(
    caller: By,
    id: FromPath[UUID],
    data: JSONBody[Nothing] = NOTHING,  # noqa: ARG001 - that it is empty is all it says
) -> AppointmentAnswer:
    """Accept a request; every check must pass (F25)."""
    return shown(AppointmentAnswer, caller.clinic.approval.approve(caller.actor, AppointmentId(id)))


@does("/v1/appointments/{id:uuid}/refusal")
def decline_appointment(
    caller: By,
    id: FromPath[UUID],
    data: JSONBody[Nothing] = NOTHING,  # noqa: ARG001 - that it is empty is all it says
) -> AppointmentAnswer:
    """Refuse a request; the time is free again and nothing is charged (F25)."""
    return shown(AppointmentAnswer, caller.clinic.approval.decline(caller.actor, AppointmentId(id)))


@does("/v1/appointments/{id:uuid}/rescheduling")
def reschedule_appointment(
    caller: By, id: FromPath[UUID], data: JSONBody[ReschedulingBody]
) -> AppointmentAnswer:
    """Move a visit to another time of its provider, at the same price (F26)."""
    moved = caller.clinic.scheduling.reschedule(
        caller.actor, AppointmentId(id), session_id=data.session_id, start=data.start
    )
    return shown(AppointmentAnswer, moved)


@does("/v1/appointments/{id:uuid}/cancellation")
def cancel_appointment(
    caller: By,
    id: FromPath[UUID],
    data: JSONBody[Nothing] = NOTHING,  # noqa: ARG001 - that it is empty is all it says
) -> AppointmentAnswer:
    """Give up a claim before the visit begins; nothing is charged (N17)."""
    return shown(
        AppointmentAnswer, caller.clinic.scheduling.cancel(caller.actor, AppointmentId(id))
    )


ROUTES = (
    add_session,
    add_series,
    list_open_times,
    hold_time,
    view_appointment,
    list_appointments,
    list_patient_appointments,
    list_provider_appointments,
    describe_appointment,
    answer_pre_screening,
    attach_photo,
    view_photo,
    request_appointment,
    list_checks,
    approve_appointment,
    decline_appointment,
    cancel_appointment,
    reschedule_appointment,
)
