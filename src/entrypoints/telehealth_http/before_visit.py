"""Before a visit over HTTP: what it is about, the pre-screening form, photos (F20, F21)."""

from uuid import UUID

import attrs
from litestar import Response
from litestar.params import FromPath, JSONBody, RawBody

from telehealth_core.scheduling.pre_screening import Answer
from telehealth_core.shared.ids import AppointmentId, DocumentId
from telehealth_core.shared.text import prose
from telehealth_http.answers import Items, attachment, listed, shown
from telehealth_http.requests import By, reads, replaces, takes_image
from telehealth_http.scheduling import AppointmentAnswer


@attrs.frozen(kw_only=True)
class DescriptionBody:
    """What the visit is about."""

    reason: str = attrs.field(validator=prose(4000), repr=False)


@attrs.frozen(kw_only=True)
class PreScreeningBody:
    """The answers of the pre-screening form."""

    answers: tuple[Answer, ...] = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class QuestionAnswer:
    """One question of the pre-screening form; without choices it is answered in free words."""

    asks: str
    choices: tuple[str, ...]


@attrs.frozen(kw_only=True)
class PreScreenedAnswer:
    """The appointment with its answers, and whom to call at once if one of them is a red flag."""

    appointment: AppointmentAnswer
    emergency_number: str | None
    crisis_number: str | None


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
) -> PreScreenedAnswer:
    """Answer the pre-screening form; a red flag is answered with whom to call (F20, TEL-11)."""
    told = caller.clinic.scheduling.pre_screen(caller.actor, AppointmentId(id), data.answers)
    return shown(PreScreenedAnswer, told)


@reads("/v1/appointments/{id:uuid}/pre-screening")
def view_pre_screening(caller: By, id: FromPath[UUID]) -> Items[QuestionAnswer]:
    """List what is asked before this visit (F20)."""
    return listed(QuestionAnswer, caller.clinic.scheduling.form(caller.actor, AppointmentId(id)))


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


ROUTES = (
    describe_appointment,
    answer_pre_screening,
    view_pre_screening,
    attach_photo,
    view_photo,
)
