"""The front desk over HTTP: what staff see first, book for patients and change
(F22-F24, F27-F29).
"""

from datetime import datetime
from uuid import UUID

import attrs
from litestar.params import FromPath, FromQuery, JSONBody

from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.life import AppointmentStatus
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
from telehealth_http.answers import IntervalAnswer, Items, listed, shown
from telehealth_http.bodies import NOTHING, Nothing, as_in
from telehealth_http.requests import By, From, Until, creates, does, period, reads, replaces
from telehealth_http.scheduling import (
    AppointmentAnswer,
    OverrideBody,
    set_aside,
)


@attrs.frozen(kw_only=True)
class BookingBody:
    """A visit that staff book for a patient, at the price the patient agreed to."""

    patient_id: PatientId
    session_id: SessionId
    start: datetime
    mode: Mode
    location: str = as_in(Appointment, "location")
    agreed: Money
    card_id: CardId | None = None
    override: OverrideBody | None = None
    starts_within_cooling_off: bool = False


@attrs.frozen(kw_only=True)
class AmendmentBody:
    """How and where the visit takes place now, what it is about, and why that changed."""

    mode: Mode
    location: str = as_in(Appointment, "location")
    because: str = attrs.field(validator=prose(500), repr=False)
    description: str | None = as_in(Appointment, "reason", default=None, repr=False)


@attrs.frozen(kw_only=True)
class ReviewBody:
    """What came of a red flag that a human saw."""

    note: str = attrs.field(validator=prose(500), repr=False)


@attrs.frozen(kw_only=True)
class PreviewAnswer:
    """A visit in a few words."""

    id: UUID
    status: AppointmentStatus
    provider_id: UUID
    during: IntervalAnswer
    mode: Mode


@attrs.frozen(kw_only=True)
class CalendarAnswer:
    """A patient's visits: the next first, then those that were, the latest first."""

    upcoming: tuple[PreviewAnswer, ...]
    past: tuple[PreviewAnswer, ...]
    cancelled: tuple[PreviewAnswer, ...]


@attrs.frozen(kw_only=True)
class ScheduleAnswer:
    """A provider's visits: what waits for approval, what is confirmed, what was."""

    waiting: tuple[AppointmentAnswer, ...]
    upcoming: tuple[AppointmentAnswer, ...]
    past: tuple[AppointmentAnswer, ...]


@attrs.frozen(kw_only=True)
class DashboardAnswer:
    """The newest bookings, what waits for a decision, and red flags that nobody has reviewed."""

    newest: tuple[AppointmentAnswer, ...]
    waiting: tuple[AppointmentAnswer, ...]
    flagged: tuple[AppointmentAnswer, ...]


@attrs.frozen(kw_only=True)
class ChangeAnswer:
    """One change of an appointment: what, by whom, when, why."""

    verb: str
    by: UUID
    at: datetime
    reason: str | None


@creates("/v1/bookings")
def book_for_patient(caller: By, data: JSONBody[BookingBody]) -> AppointmentAnswer:
    """Book a visit for a patient: held, requested and approved in one (F22)."""
    appointment = caller.clinic.desk.book(
        caller.actor,
        AppointmentId(caller.new_id),
        patient_id=data.patient_id,
        session_id=data.session_id,
        start=data.start,
        mode=data.mode,
        location=data.location,
        agreed=data.agreed,
        card_id=data.card_id,
        override=set_aside(data.override),
        starts_within_cooling_off=data.starts_within_cooling_off,
    )
    return shown(AppointmentAnswer, appointment)


@replaces("/v1/appointments/{id:uuid}/arrangement")
def amend_appointment(
    caller: By, id: FromPath[UUID], data: JSONBody[AmendmentBody]
) -> AppointmentAnswer:
    """Change how, or where, a visit takes place, or what it is about (F24)."""
    amended = caller.clinic.desk.amend(
        caller.actor,
        AppointmentId(id),
        mode=data.mode,
        location=data.location,
        description=data.description,
        because=data.because,
    )
    return shown(AppointmentAnswer, amended)


@does("/v1/appointments/{id:uuid}/red-flag-review")
def review_red_flag(
    caller: By, id: FromPath[UUID], data: JSONBody[ReviewBody]
) -> AppointmentAnswer:
    """Tell what came of a red flag that a human saw (TEL-11)."""
    reviewed = caller.clinic.desk.review(caller.actor, AppointmentId(id), data.note)
    return shown(AppointmentAnswer, reviewed)


@reads("/v1/appointments/{id:uuid}/history")
def list_changes(caller: By, id: FromPath[UUID]) -> Items[ChangeAnswer]:
    """List every change of an appointment, the first one first (F29)."""
    return listed(ChangeAnswer, caller.clinic.scheduling.history(caller.actor, AppointmentId(id)))


@does("/v1/appointments/{id:uuid}/hiding")
def hide_appointment(
    caller: By,
    id: FromPath[UUID],
    data: JSONBody[Nothing] = NOTHING,  # noqa: ARG001 - that it is empty is all it says
) -> AppointmentAnswer:
    """Keep a visit from the patient's guardians, for whoever gives it (CHD-06)."""
    return shown(AppointmentAnswer, caller.clinic.scheduling.hide(caller.actor, AppointmentId(id)))


@does("/v1/appointments/{id:uuid}/unhiding")
def unhide_appointment(
    caller: By,
    id: FromPath[UUID],
    data: JSONBody[Nothing] = NOTHING,  # noqa: ARG001 - that it is empty is all it says
) -> AppointmentAnswer:
    """Show a visit to the patient's guardians again, for whoever gives it (CHD-06)."""
    shown_again = caller.clinic.scheduling.unhide(caller.actor, AppointmentId(id))
    return shown(AppointmentAnswer, shown_again)


@reads("/v1/dashboard")
def view_dashboard(caller: By, start: From = None, end: Until = None) -> DashboardAnswer:
    """Show what staff look at first (F23, F25, TEL-11)."""
    found = caller.clinic.diary.dashboard(caller.actor, period(caller, start, end))
    return shown(DashboardAnswer, found)


@reads("/v1/dashboard/newest")
def list_newest(caller: By, before: FromQuery[UUID | None] = None) -> Items[AppointmentAnswer]:
    """List the practice's bookings, the newest first; `before` is the last one of the page before
    (F23).
    """
    last = None if before is None else AppointmentId(before)
    return listed(AppointmentAnswer, caller.clinic.diary.newest(caller.actor, last))


@reads("/v1/patients/{id:uuid}/calendar")
def view_calendar(caller: By, id: FromPath[UUID]) -> CalendarAnswer:
    """Show a patient's visits: upcoming, past and cancelled ones (F27)."""
    return shown(CalendarAnswer, caller.clinic.diary.calendar(caller.actor, PatientId(id)))


@reads("/v1/providers/{id:uuid}/schedule")
def view_schedule(
    caller: By, id: FromPath[UUID], start: From = None, end: Until = None
) -> ScheduleAnswer:
    """Show a provider's visits: waiting for approval, upcoming confirmed and past ones (F28)."""
    found = caller.clinic.diary.schedule(caller.actor, ProviderId(id), period(caller, start, end))
    return shown(ScheduleAnswer, found)


ROUTES = (
    book_for_patient,
    amend_appointment,
    review_red_flag,
    list_changes,
    hide_appointment,
    unhide_appointment,
    view_dashboard,
    list_newest,
    view_calendar,
    view_schedule,
)
