"""Registration over HTTP: patients, their profiles, dependants and the identity check."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import attrs
from litestar import Response
from litestar.datastructures import UploadFile
from litestar.params import FromPath, FromQuery, JSONBody, MultipartBody, QueryParameter, RawBody

from telehealth_core.access.account import Account, check_password
from telehealth_core.access.actor import Actor, GuardianBasis
from telehealth_core.registration.document import DocumentKind
from telehealth_core.registration.identity_check import Comment, IdentityCheck, IdentityStatus
from telehealth_core.registration.patient import (
    Gender,
    MaritalStatus,
    PatientStatus,
    Profile,
)
from telehealth_core.registration.use_cases import PAGE_MOST
from telehealth_core.shared.ids import DocumentId, PatientId, derived
from telehealth_http.answers import Items, attachment, listed, shown
from telehealth_http.bodies import BadBody, FieldError, as_in, located, parsed, ruled
from telehealth_http.requests import By, creates, does, reads, replaces, takes_image

FORM_MOST = 16_000_000
"""The largest form with a picture taken, in bytes."""


@attrs.frozen(kw_only=True)
class RegistrationBody:
    """A visitor who wants to become a patient."""

    practice: str
    email: str = as_in(Account, "email")
    password: str = ruled(check_password, repr=False)
    profile: Profile | None = None


@attrs.frozen(kw_only=True)
class DependantBody:
    """A child, and what makes the caller their guardian."""

    profile: Profile
    basis: GuardianBasis


@attrs.frozen(kw_only=True)
class DependantForm:
    """A form: `dependant` is a JSON object of `profile` and `basis`; `evidence` a picture."""

    dependant: str
    evidence: UploadFile


@attrs.frozen(kw_only=True)
class SubmissionBody:
    """An answer to the reviewer, where there is one to give."""

    text: str | None = attrs.field(default=None, repr=False)


@attrs.frozen(kw_only=True)
class TextBody:
    """What the reviewer needs to know."""

    text: str = as_in(Comment, "text")


@attrs.frozen(kw_only=True)
class ReasonBody:
    """Why it is decided so."""

    reason: str = as_in(Comment, "text")


@attrs.frozen(kw_only=True)
class AddressAnswer:
    """A postal address."""

    lines: tuple[str, ...]
    city: str
    region: str | None
    postal_code: str | None
    country: str


@attrs.frozen(kw_only=True)
class ProfileAnswer:
    """Who a patient is and how to reach them."""

    given_name: str
    family_name: str
    birth_date: date
    gender: Gender
    address: AddressAnswer | None
    phone: str | None
    email: str | None
    zone: str
    language: str | None
    marital_status: MaritalStatus | None
    communication_needs: str | None


@attrs.frozen(kw_only=True)
class IdentifierAnswer:
    """A number that another system knows the patient by."""

    system: str
    value: str


@attrs.frozen(kw_only=True)
class GuardianAnswer:
    """Who acts for the patient, on which basis, from when until when."""

    guardian: UUID
    basis: GuardianBasis
    since: datetime
    until: datetime | None


@attrs.frozen(kw_only=True)
class FollowingAnswer:
    """Which partner may follow the patient, from when until when."""

    partner_id: UUID
    since: datetime
    until: datetime


@attrs.frozen(kw_only=True)
class PatientAnswer:
    """A patient."""

    id: UUID
    version: int
    status: PatientStatus
    profile: ProfileAnswer | None
    identifiers: tuple[IdentifierAnswer, ...]
    guardians: tuple[GuardianAnswer, ...]
    partners: tuple[FollowingAnswer, ...]
    verified_until: datetime | None
    registered_at: datetime


@attrs.frozen(kw_only=True)
class PatientPage:
    """Some patients; `next` is what to ask for after, where there may be more."""

    items: tuple[PatientAnswer, ...]
    next: UUID | None


@attrs.frozen(kw_only=True)
class EvidenceAnswer:
    """One picture of an identity check."""

    kind: DocumentKind
    document_id: UUID


@attrs.frozen(kw_only=True)
class CommentAnswer:
    """One remark in the thread between reviewer and patient."""

    by: UUID
    at: datetime
    text: str


@attrs.frozen(kw_only=True)
class IdentityAnswer:
    """An identity check; `profile` is told where the check itself is asked for."""

    patient_id: UUID
    version: int
    status: IdentityStatus
    evidence: tuple[EvidenceAnswer, ...]
    comments: tuple[CommentAnswer, ...]
    reason: str | None
    decided_at: datetime | None
    expires_at: datetime | None
    profile: ProfileAnswer | None


def identity(check: IdentityCheck, profile: Profile | None = None) -> IdentityAnswer:
    """What shows of a check."""
    told = None if profile is None else shown(ProfileAnswer, profile)
    return shown(IdentityAnswer, check, profile=told)


@creates("/v1/registrations", everybody=True)
def register(caller: By, data: JSONBody[RegistrationBody]) -> PatientAnswer:
    """Open an account and a patient for a visitor (F03)."""
    visitor = Actor.visitor(caller.clinic.practice.named(data.practice).id)
    with located(data):
        patient = caller.clinic.registration.register(
            visitor,
            PatientId(caller.new_id_for(visitor, data.email)),
            email=data.email,
            password=data.password,
            profile=data.profile,
        )
    return shown(PatientAnswer, patient)


@reads("/v1/patients")
def list_patients(
    caller: By,
    after: FromQuery[UUID | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MOST)] = 50,
) -> PatientPage:
    """List the practice's patients, a page at a time, for staff (F12)."""
    page = caller.clinic.registration.page(
        caller.actor, after=None if after is None else PatientId(after), limit=limit
    )
    return PatientPage(
        items=listed(PatientAnswer, page).items, next=page[-1].id if len(page) == limit else None
    )


@reads("/v1/patients/{id:uuid}")
def view_patient(caller: By, id: FromPath[UUID]) -> PatientAnswer:
    """Show one patient's profile and standing (F12, F42)."""
    return shown(PatientAnswer, caller.clinic.registration.view(caller.actor, PatientId(id)))


@replaces("/v1/patients/{id:uuid}/profile")
def complete_profile(caller: By, id: FromPath[UUID], data: JSONBody[Profile]) -> PatientAnswer:
    """Write the patient's profile (F08); another name or birth date reopens the identity check."""
    patient = caller.clinic.registration.complete_profile(caller.actor, PatientId(id), data)
    return shown(PatientAnswer, patient)


@creates("/v1/dependants", request_max_body_size=FORM_MOST)
def add_dependant(caller: By, data: MultipartBody[DependantForm]) -> PatientAnswer:
    """Register a child in the caller's care, with the document that shows it (F09, CHD-02)."""
    about, picture = _dependant(data)
    registration, actor, id = caller.clinic.registration, caller.actor, PatientId(caller.new_id)
    evidence = DocumentId(derived(id, "evidence"))

    with located(about):
        child = registration.add_dependant(
            actor, id, about.profile, basis=about.basis, evidence=evidence, content=picture
        )
    return shown(PatientAnswer, child)


def _dependant(form: Any) -> tuple[DependantBody, bytes]:
    """The two parts of the form. Raises: BadBody, Malformed."""
    wanted = {"dependant", "evidence"}
    errors = [FieldError(name[:80], "unknown field") for name in sorted(set(form) - wanted)]
    errors += [FieldError(name, "needed") for name in sorted(wanted - set(form))]
    about, picture = form.get("dependant"), form.get("evidence")
    if picture is not None and not isinstance(picture, UploadFile):
        errors.append(FieldError("evidence", "a file"))
    if isinstance(about, UploadFile):
        about = about.file.read(FORM_MOST).decode("utf-8", "replace")
    if about is not None and not isinstance(about, str):
        errors.append(FieldError("dependant", "a JSON object"))
    if errors:
        raise BadBody(errors)
    return parsed(about.encode(), DependantBody), picture.file.read(FORM_MOST)


@reads("/v1/dependants")
def list_dependants(caller: By) -> Items[PatientAnswer]:
    """List the patients whose live guardian the caller is (F09)."""
    return listed(PatientAnswer, caller.clinic.registration.dependants(caller.actor))


@takes_image("/v1/patients/{id:uuid}/identity/images")
def supply_identity(
    caller: By, id: FromPath[UUID], kind: FromQuery[DocumentKind], body: RawBody
) -> IdentityAnswer:
    """Add a photo of an identity document, or a selfie, to the check (F03)."""
    check = caller.clinic.registration.supply_identity(
        caller.actor, PatientId(id), kind, DocumentId(caller.new_id), body
    )
    return identity(check)


@reads("/v1/patients/{id:uuid}/identity")
def view_identity(caller: By, id: FromPath[UUID]) -> IdentityAnswer:
    """Show the check with its pictures and thread, beside the profile to match (F04, F06)."""
    patient, check = caller.clinic.registration.view_identity(caller.actor, PatientId(id))
    return identity(check, patient.profile)


@reads("/v1/patients/{id:uuid}/identity/images/{document_id:uuid}")
def view_identity_image(
    caller: By, id: FromPath[UUID], document_id: FromPath[UUID]
) -> Response[bytes]:
    """Hand out one picture of the check, for whoever may see the check."""
    document, content = caller.clinic.registration.identity_image(
        caller.actor, PatientId(id), DocumentId(document_id)
    )
    name = f"{document.kind.value}.{document.media_type.partition('/')[2]}"
    return attachment(content, document.media_type, name)


@does("/v1/patients/{id:uuid}/identity/submission")
def submit_identity(
    caller: By, id: FromPath[UUID], data: JSONBody[SubmissionBody] = SubmissionBody()
) -> IdentityAnswer:
    """Ask for a decision, or answer the reviewer and ask again (F06)."""
    return identity(
        caller.clinic.registration.submit_identity(caller.actor, PatientId(id), data.text)
    )


@does("/v1/patients/{id:uuid}/identity/request-for-info")
def ask_for_more(caller: By, id: FromPath[UUID], data: JSONBody[TextBody]) -> IdentityAnswer:
    """Send the check back to the patient with a comment (F06)."""
    return identity(caller.clinic.registration.ask_for_more(caller.actor, PatientId(id), data.text))


@does("/v1/patients/{id:uuid}/identity/approval")
def approve_identity(caller: By, id: FromPath[UUID], data: JSONBody[ReasonBody]) -> IdentityAnswer:
    """Decide that the patient is who they say; from now on they can book (F05)."""
    return identity(
        caller.clinic.registration.approve_identity(caller.actor, PatientId(id), data.reason)
    )


@does("/v1/patients/{id:uuid}/identity/rejection")
def reject_identity(caller: By, id: FromPath[UUID], data: JSONBody[ReasonBody]) -> IdentityAnswer:
    """Decide that the patient is not who they say (F05)."""
    return identity(
        caller.clinic.registration.reject_identity(caller.actor, PatientId(id), data.reason)
    )


@reads("/v1/identity-reviews")
def list_identity_reviews(caller: By) -> Items[IdentityAnswer]:
    """List the checks that wait for a decision (F04)."""
    return Items(tuple(map(identity, caller.clinic.registration.review_queue(caller.actor))))


ROUTES = (
    register,
    list_patients,
    view_patient,
    complete_profile,
    add_dependant,
    list_dependants,
    supply_identity,
    view_identity,
    view_identity_image,
    submit_identity,
    ask_for_more,
    approve_identity,
    reject_identity,
    list_identity_reviews,
)
