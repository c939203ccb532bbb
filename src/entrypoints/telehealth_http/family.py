"""Families over HTTP: dependants, who acts for them, and taking over one's own record."""

import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

import attrs
from litestar import Response
from litestar.datastructures import UploadFile
from litestar.params import FromPath, JSONBody, MultipartBody

from telehealth_core.access.account import Account, check_password
from telehealth_core.access.actor import Actor, GuardianBasis, GuardianshipDecision
from telehealth_core.registration.guardianship import Handover
from telehealth_core.registration.patient import Profile
from telehealth_core.shared.ids import DocumentId, PatientId, derived
from telehealth_http.answers import Items, attachment, listed, shown
from telehealth_http.bodies import BadBody, FieldError, as_in, located, parsed, ruled
from telehealth_http.registration import PatientAnswer, ReasonBody
from telehealth_http.requests import By, creates, does, reads

FORM_MOST = 16_000_000
"""The largest form with a picture taken, in bytes."""


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
class HandoverBody:
    """How staff made sure who it is that takes over the record."""

    reason: str = as_in(Handover, "reason", repr=False)


@attrs.frozen(kw_only=True)
class TakeOverBody:
    """Somebody who was invited to take over their own record."""

    practice: str
    patient_id: UUID
    invitation: str = attrs.field(repr=False)
    email: str = as_in(Account, "email")
    password: str = ruled(check_password, repr=False)


@attrs.frozen(kw_only=True)
class HandoverAnswer:
    """What staff give to whoever takes over the record; it is shown this once."""

    patient_id: UUID
    invitation: str
    until: datetime


@attrs.frozen(kw_only=True)
class DecidedAnswer:
    """One decision about a guardianship."""

    decision: GuardianshipDecision
    reason: str
    by: UUID
    at: datetime


@attrs.frozen(kw_only=True)
class GuardianshipAnswer:
    """Who acts, or acted, for a patient, and what was decided about it."""

    guardian: UUID
    basis: GuardianBasis
    evidence: UUID
    since: datetime
    until: datetime | None
    suspended: bool
    ended: bool
    decisions: tuple[DecidedAnswer, ...]


@creates("/v1/dependants", request_max_body_size=FORM_MOST)
def add_dependant(caller: By, data: MultipartBody[DependantForm]) -> PatientAnswer:
    """Register a child in the caller's care, with the document that shows it (F09, CHD-02)."""
    about, picture = _dependant(data)
    family, actor, id = caller.clinic.family, caller.actor, PatientId(caller.new_id)
    evidence = DocumentId(derived(id, "evidence"))

    with located(about):
        child = family.add_dependant(
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
    return listed(PatientAnswer, caller.clinic.family.dependants(caller.actor))


@reads("/v1/patients/{id:uuid}/guardianships")
def list_guardianships(caller: By, id: FromPath[UUID]) -> Items[GuardianshipAnswer]:
    """List who acts and acted for a patient, with every decision about it (CHD-02)."""
    found = caller.clinic.family.guardianships(caller.actor, PatientId(id))
    return listed(GuardianshipAnswer, found)


@reads("/v1/patients/{id:uuid}/guardianships/{guardian:uuid}/evidence")
def view_guardianship_evidence(
    caller: By, id: FromPath[UUID], guardian: FromPath[UUID]
) -> Response[bytes]:
    """Hand out the document that shows a guardian's authority (CHD-02)."""
    document, content = caller.clinic.family.evidence(
        caller.actor, PatientId(id), PatientId(guardian)
    )
    return attachment(content, document.media_type, "guardianship.jpeg")


@does("/v1/patients/{id:uuid}/guardianships/{guardian:uuid}/renewal")
def renew_guardianship(
    caller: By, id: FromPath[UUID], guardian: FromPath[UUID], data: JSONBody[ReasonBody]
) -> PatientAnswer:
    """Let a guardian act on, as clinician or, from an age on, as the patient (CHD-04)."""
    family, who = caller.clinic.family, PatientId(guardian)
    return shown(PatientAnswer, family.renew(caller.actor, PatientId(id), who, data.reason))


@does("/v1/patients/{id:uuid}/guardianships/{guardian:uuid}/suspension")
def suspend_guardianship(
    caller: By, id: FromPath[UUID], guardian: FromPath[UUID], data: JSONBody[ReasonBody]
) -> PatientAnswer:
    """Stop a guardian from the next request on; nobody is told (CHD-08)."""
    family, who = caller.clinic.family, PatientId(guardian)
    return shown(PatientAnswer, family.suspend(caller.actor, PatientId(id), who, data.reason))


@does("/v1/patients/{id:uuid}/guardianships/{guardian:uuid}/resumption")
def resume_guardianship(
    caller: By, id: FromPath[UUID], guardian: FromPath[UUID], data: JSONBody[ReasonBody]
) -> PatientAnswer:
    """Let a suspended guardian act again (CHD-08)."""
    family, who = caller.clinic.family, PatientId(guardian)
    return shown(PatientAnswer, family.resume(caller.actor, PatientId(id), who, data.reason))


@does("/v1/patients/{id:uuid}/guardianships/{guardian:uuid}/end")
def end_guardianship(
    caller: By, id: FromPath[UUID], guardian: FromPath[UUID], data: JSONBody[ReasonBody]
) -> PatientAnswer:
    """End a guardianship for good (CHD-02)."""
    family, who = caller.clinic.family, PatientId(guardian)
    return shown(PatientAnswer, family.end(caller.actor, PatientId(id), who, data.reason))


@creates("/v1/patients/{id:uuid}/handover")
def offer_record(caller: By, id: FromPath[UUID], data: JSONBody[HandoverBody]) -> HandoverAnswer:
    """Invite a patient who has grown up to take over their record (CHD-12)."""
    invitation = secrets.token_urlsafe(16)
    offered = caller.clinic.family.offer_record(
        caller.actor, PatientId(id), invitation=invitation, reason=data.reason
    )
    assert offered.handover is not None
    return HandoverAnswer(patient_id=id, invitation=invitation, until=offered.handover.until)


@creates("/v1/registrations/taken-over", everybody=True)
def take_over_record(caller: By, data: JSONBody[TakeOverBody]) -> PatientAnswer:
    """Open an account of one's own on one's record, by invitation (CHD-12)."""
    visitor = Actor.visitor(caller.clinic.practice.named(data.practice).id)
    patient = caller.clinic.family.take_over(
        visitor,
        PatientId(data.patient_id),
        invitation=data.invitation,
        email=data.email,
        password=data.password,
    )
    return shown(PatientAnswer, patient)


ROUTES = (
    add_dependant,
    list_dependants,
    list_guardianships,
    view_guardianship_evidence,
    renew_guardianship,
    suspend_guardianship,
    resume_guardianship,
    end_guardianship,
    offer_record,
    take_over_record,
)
