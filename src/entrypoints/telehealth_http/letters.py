"""Letters over HTTP: write and issue one after a visit, list them, read one as PDF."""

from datetime import date, datetime
from uuid import UUID

import attrs
from litestar import Response
from litestar.params import FromPath, JSONBody

from telehealth_core.letters.letter import Letter, LetterKind, LetterStatus
from telehealth_core.shared.ids import AppointmentId, LetterId, PatientId
from telehealth_http.answers import Items, attachment, listed, shown
from telehealth_http.bodies import as_in
from telehealth_http.requests import By, creates, reads


@attrs.frozen(kw_only=True)
class LetterBody:
    """What a clinician writes to somebody; a sick note also says from when until when."""

    kind: LetterKind
    recipient: str = as_in(Letter, "recipient", repr=False)
    text: str = as_in(Letter, "text", repr=False)
    unfit_from: date | None = None
    unfit_until: date | None = None


@attrs.frozen(kw_only=True)
class LetterAnswer:
    """A letter about a patient."""

    id: UUID
    kind: LetterKind
    status: LetterStatus
    patient_id: UUID
    provider_id: UUID
    recipient: str
    text: str
    issued_at: datetime | None
    sha256: str | None
    unfit_from: date | None
    unfit_until: date | None


@creates("/v1/appointments/{id:uuid}/letters")
def issue_letter(caller: By, id: FromPath[UUID], data: JSONBody[LetterBody]) -> LetterAnswer:
    """Write and issue a letter for the patient of a visit, sealed by its hash (F36, MSG-08)."""
    letter = caller.clinic.letters.issue(
        caller.actor,
        LetterId(caller.new_id),
        AppointmentId(id),
        kind=data.kind,
        recipient=data.recipient,
        text=data.text,
        unfit_from=data.unfit_from,
        unfit_until=data.unfit_until,
    )
    return shown(LetterAnswer, letter)


@reads("/v1/patients/{id:uuid}/letters")
def list_letters(caller: By, id: FromPath[UUID]) -> Items[LetterAnswer]:
    """List a patient's letters, the newest first (F37)."""
    return listed(LetterAnswer, caller.clinic.letters.of_patient(caller.actor, PatientId(id)))


@reads("/v1/letters/{id:uuid}/pdf", media_type="application/pdf")
def view_letter_pdf(caller: By, id: FromPath[UUID]) -> Response[bytes]:
    """Hand out an issued letter as PDF, proven to be what was issued (MSG-08)."""
    pdf = caller.clinic.letters.pdf(caller.actor, LetterId(id))
    return attachment(pdf, "application/pdf", "letter.pdf")


ROUTES = (issue_letter, list_letters, view_letter_pdf)
