"""Series over HTTP: visits that are booked together, all of them or none (N10)."""

from uuid import UUID

import attrs
from litestar.params import FromPath, JSONBody

from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.series import Rhythm
from telehealth_core.scheduling.session import Mode
from telehealth_core.scheduling.use_cases import Wish
from telehealth_core.shared.ids import AppointmentId, CardId, PatientId, ProviderId, SeriesId
from telehealth_core.shared.money import Money
from telehealth_http.answers import Items, listed
from telehealth_http.bodies import NOTHING, Nothing, as_in
from telehealth_http.requests import By, creates, does, reads
from telehealth_http.scheduling import AppointmentAnswer, OverrideBody, set_aside


@attrs.frozen(kw_only=True)
class SeriesOfVisitsBody:
    """Visits at one wall time where the practice is, each at the price that was agreed."""

    patient_id: PatientId | None = None
    provider_id: ProviderId
    service: str
    rhythm: Rhythm
    mode: Mode
    location: str = as_in(Appointment, "location")
    agreed: Money
    card_id: CardId | None = None
    override: OverrideBody | None = None
    starts_within_cooling_off: bool = False


@creates("/v1/appointment-series")
def book_series(caller: By, data: JSONBody[SeriesOfVisitsBody]) -> Items[AppointmentAnswer]:
    """Book every visit of a series, or none and be told what objects to which (N10)."""
    wish = Wish(
        patient_id=data.patient_id or caller.actor.as_patient(),
        provider_id=data.provider_id,
        service=data.service,
        rhythm=data.rhythm,
        mode=data.mode,
        location=data.location,
        agreed=data.agreed,
        override=set_aside(data.override),
        starts_within_cooling_off=data.starts_within_cooling_off,
    )
    booked = caller.clinic.series.book(
        caller.actor, SeriesId(caller.new_id), wish, card_id=data.card_id
    )
    return listed(AppointmentAnswer, booked)


@reads("/v1/appointments/{id:uuid}/series")
def list_series(caller: By, id: FromPath[UUID]) -> Items[AppointmentAnswer]:
    """List the visits that were booked together with this one (N10)."""
    return listed(AppointmentAnswer, caller.clinic.series.of(caller.actor, AppointmentId(id)))


@does("/v1/appointments/{id:uuid}/series/cancellation")
def cancel_rest_of_series(
    caller: By,
    id: FromPath[UUID],
    data: JSONBody[Nothing] = NOTHING,  # noqa: ARG001 - that it is empty is all it says
) -> Items[AppointmentAnswer]:
    """Cancel this visit of a series and every later one (N10, N17)."""
    cancelled = caller.clinic.series.cancel_rest(caller.actor, AppointmentId(id))
    return listed(AppointmentAnswer, cancelled)


ROUTES = (book_series, list_series, cancel_rest_of_series)
