"""Letters over HTTP: issue, correct, recall, deliver, chase, list them, read one as PDF."""

from datetime import date, datetime
from uuid import UUID

import attrs
from litestar import Response
from litestar.params import FromPath, JSONBody

from telehealth_core.letters.content import (
    Adjustment,
    Certificate,
    Disclosure,
    Fitness,
    LetterContent,
    LetterKind,
    RecipientKind,
    Urgency,
)
from telehealth_core.letters.letter import Delivery, Letter
from telehealth_core.letters.life import LetterStatus, RecallReason
from telehealth_core.shared.ids import AppointmentId, LetterId, PatientId
from telehealth_http.answers import Items, attachment, listed, shown
from telehealth_http.bodies import as_in
from telehealth_http.requests import By, creates, does, reads, replaces


@attrs.frozen(kw_only=True)
class LetterBody:
    """What a clinician writes to somebody; a sick note, and nothing else, has a certificate."""

    kind: LetterKind
    recipient: str = as_in(LetterContent, "recipient", repr=False)
    recipient_kind: RecipientKind = RecipientKind.TREATING
    text: str = as_in(LetterContent, "text", repr=False)
    reason: str | None = as_in(LetterContent, "reason", default=None, repr=False)
    urgency: Urgency | None = None
    disclosure: Disclosure | None = None
    certificate: Certificate | None = None

    @property
    def content(self) -> LetterContent:
        """The same in the core's words.

        Raises: Invalid.
        """
        names = attrs.fields_dict(LetterContent)
        return LetterContent(**{name: getattr(self, name) for name in names})


@attrs.frozen(kw_only=True)
class NewLetterBody(LetterBody):
    """A new letter, which can be hidden from guardians from the beginning (CHD-06)."""

    hidden_from_guardians: bool = False


@attrs.frozen(kw_only=True)
class RecallBody:
    """Why a letter is called back."""

    reason: RecallReason
    note: str = as_in(Letter, "recall_note", repr=False)


@attrs.frozen(kw_only=True)
class LetterHidingBody:
    """Whether guardians are not to see it."""

    hidden: bool


@attrs.frozen(kw_only=True)
class DeliveryBody:
    """How it went to its recipient."""

    how: Delivery


@attrs.frozen(kw_only=True)
class AcknowledgementBody:
    """Who at the recipient's said that they have it."""

    who: str = as_in(Letter, "acknowledged_by", repr=False)


@attrs.frozen(kw_only=True)
class CertificateAnswer:
    """What a sick note certifies."""

    unfit_from: date
    unfit_until: date
    fitness: Fitness
    adjustments: tuple[Adjustment, ...]
    effects: str | None
    condition_since: date | None


@attrs.frozen(kw_only=True)
class LetterAnswer:
    """A letter about a patient."""

    id: UUID
    kind: LetterKind
    status: LetterStatus
    patient_id: UUID
    provider_id: UUID
    recipient: str
    recipient_kind: RecipientKind
    text: str
    reason: str | None
    urgency: Urgency | None
    disclosure: Disclosure | None
    certificate: CertificateAnswer | None
    issued_at: datetime | None
    sha256: str | None
    delivery: Delivery | None
    delivered_at: datetime | None
    acknowledged_at: datetime | None
    supersedes: UUID | None
    superseded_by: UUID | None
    recalled_because: RecallReason | None


@attrs.frozen(kw_only=True)
class PostedLetterAnswer:
    """Where a letter stands on its way, for whoever posts it: nothing of what is in it."""

    id: UUID
    kind: LetterKind
    status: LetterStatus
    delivery: Delivery | None
    delivered_at: datetime | None
    acknowledged_at: datetime | None


@attrs.frozen(kw_only=True)
class UnansweredLetterAnswer:
    """A referral letter that nobody acknowledged in time (REF-01)."""

    letter_id: UUID
    patient_id: UUID
    provider_id: UUID
    urgency: Urgency | None
    issued_at: datetime | None
    delivered_at: datetime | None
    recipient: str


@creates("/v1/appointments/{id:uuid}/letters")
def issue_letter(caller: By, id: FromPath[UUID], data: JSONBody[NewLetterBody]) -> LetterAnswer:
    """Write and issue a letter for the patient of a visit, sealed by its hash (F36, MSG-08)."""
    letter = caller.clinic.letters.issue(
        caller.actor,
        LetterId(caller.new_id),
        AppointmentId(id),
        data.content,
        hidden_from_guardians=data.hidden_from_guardians,
    )
    return shown(LetterAnswer, letter)


@creates("/v1/letters/{id:uuid}/correction")
def correct_letter(caller: By, id: FromPath[UUID], data: JSONBody[LetterBody]) -> LetterAnswer:
    """Issue a corrected letter in place of another, which is marked (MSG-08)."""
    letter = caller.clinic.letters.correct(
        caller.actor, LetterId(caller.new_id), LetterId(id), data.content
    )
    return shown(LetterAnswer, letter)


@does("/v1/letters/{id:uuid}/recall")
def recall_letter(caller: By, id: FromPath[UUID], data: JSONBody[RecallBody]) -> LetterAnswer:
    """Call a letter back: from now on nobody reads it (MSG-03)."""
    letter = caller.clinic.letters.recall(caller.actor, LetterId(id), data.reason, data.note)
    return shown(LetterAnswer, letter)


@replaces("/v1/letters/{id:uuid}/hiding")
def hide_letter(caller: By, id: FromPath[UUID], data: JSONBody[LetterHidingBody]) -> LetterAnswer:
    """Hide a letter from guardians, or show it to them again (CHD-06)."""
    letter = caller.clinic.letters.hide(caller.actor, LetterId(id), hidden=data.hidden)
    return shown(LetterAnswer, letter)


@does("/v1/letters/{id:uuid}/delivery")
def deliver_letter(
    caller: By, id: FromPath[UUID], data: JSONBody[DeliveryBody]
) -> PostedLetterAnswer:
    """Note that a letter goes to its recipient, and how (REF-01)."""
    letter = caller.clinic.posting.deliver(caller.actor, LetterId(id), data.how)
    return shown(PostedLetterAnswer, letter)


@does("/v1/letters/{id:uuid}/acknowledgement")
def acknowledge_letter(
    caller: By, id: FromPath[UUID], data: JSONBody[AcknowledgementBody]
) -> PostedLetterAnswer:
    """Note that the recipient has a letter (REF-01)."""
    letter = caller.clinic.posting.acknowledge(caller.actor, LetterId(id), data.who)
    return shown(PostedLetterAnswer, letter)


@reads("/v1/unanswered-letters")
def list_unanswered_letters(caller: By) -> Items[UnansweredLetterAnswer]:
    """List the referral letters that nobody acknowledged in time, the oldest first (REF-01)."""
    return listed(UnansweredLetterAnswer, caller.clinic.posting.unanswered(caller.actor))


@reads("/v1/patients/{id:uuid}/letters")
def list_letters(caller: By, id: FromPath[UUID]) -> Items[LetterAnswer]:
    """List a patient's letters, the newest first (F37)."""
    return listed(LetterAnswer, caller.clinic.letters.of_patient(caller.actor, PatientId(id)))


@reads("/v1/letters/{id:uuid}/pdf", media_type="application/pdf")
def view_letter_pdf(caller: By, id: FromPath[UUID]) -> Response[bytes]:
    """Hand out an issued letter as PDF, proven to be what was issued (MSG-08)."""
    pdf = caller.clinic.letters.pdf(caller.actor, LetterId(id))
    return attachment(pdf, "application/pdf", "letter.pdf")


ROUTES = (
    issue_letter,
    correct_letter,
    recall_letter,
    hide_letter,
    deliver_letter,
    acknowledge_letter,
    list_unanswered_letters,
    list_letters,
    view_letter_pdf,
)
