"""Consent over HTTP: the texts, the answers, and what a clinician found of a young patient."""

from datetime import datetime
from uuid import UUID

import attrs
from litestar.params import FromPath, JSONBody

from telehealth_core.practice.consent_text import ConsentPurpose
from telehealth_core.registration.assessment import CompetenceAssessment
from telehealth_core.registration.consent import (
    Consent,
    ConsentBasis,
    ConsentChannel,
    ConsentStatus,
)
from telehealth_core.shared.ids import AppointmentId, AssessmentId, ConsentId, PatientId
from telehealth_http.answers import Items, listed, shown
from telehealth_http.bodies import NOTHING, Nothing, as_in
from telehealth_http.requests import By, creates, does, reads


@attrs.frozen(kw_only=True)
class GivenBody:
    """A yes to the text of that hash; `region` is where the patient is."""

    purpose: ConsentPurpose
    text_hash: str
    region: str | None = None
    channel: ConsentChannel = ConsentChannel.ONLINE


@attrs.frozen(kw_only=True)
class RefusedBody:
    """A no to the text of that hash, with what was explained where a clinician records it."""

    purpose: ConsentPurpose
    text_hash: str
    region: str | None = None
    channel: ConsentChannel = ConsentChannel.ONLINE
    explanation: str | None = as_in(Consent, "explanation", default=None, repr=False)


@attrs.frozen(kw_only=True)
class AssessmentBody:
    """Whether a young patient can agree to this visit's treatment alone, and why."""

    appointment_id: UUID
    competent: bool
    reason: str = as_in(CompetenceAssessment, "reason", repr=False)


@attrs.frozen(kw_only=True)
class TextAnswer:
    """What patients are asked to agree to; `hash` names exactly these words."""

    purpose: ConsentPurpose
    region: str | None
    text: str
    hash: str


@attrs.frozen(kw_only=True)
class ConsentAnswer:
    """One answer to one text."""

    id: UUID
    version: int
    status: ConsentStatus
    patient_id: UUID
    given_by: UUID
    basis: ConsentBasis
    purpose: ConsentPurpose
    text_hash: str
    region: str | None
    channel: ConsentChannel
    given: bool
    explanation: str | None
    at: datetime
    withdrawn_at: datetime | None


@attrs.frozen(kw_only=True)
class AssessmentAnswer:
    """What a clinician found of a young patient, for one visit."""

    id: UUID
    patient_id: UUID
    appointment_id: UUID
    provider_id: UUID
    competent: bool
    reason: str
    at: datetime


@reads("/v1/consent-texts")
def list_consent_texts(caller: By) -> Items[TextAnswer]:
    """List what the practice asks its patients to agree to (CON-01)."""
    return listed(TextAnswer, caller.clinic.practice.view(caller.actor).settings.consent_texts)


@reads("/v1/patients/{id:uuid}/consents")
def list_consents(caller: By, id: FromPath[UUID]) -> Items[ConsentAnswer]:
    """List every answer for the patient, the newest first (CON-01)."""
    return listed(ConsentAnswer, caller.clinic.consents.of_patient(caller.actor, PatientId(id)))


@creates("/v1/patients/{id:uuid}/consents")
def give_consent(caller: By, id: FromPath[UUID], data: JSONBody[GivenBody]) -> ConsentAnswer:
    """Agree to the text that was shown (CON-01)."""
    given = caller.clinic.consents.give(
        caller.actor,
        ConsentId(caller.new_id),
        PatientId(id),
        data.purpose,
        text_hash=data.text_hash,
        region=data.region,
        channel=data.channel,
    )
    return shown(ConsentAnswer, given)


@creates("/v1/patients/{id:uuid}/consent-refusals")
def refuse_consent(caller: By, id: FromPath[UUID], data: JSONBody[RefusedBody]) -> ConsentAnswer:
    """Say no to the text that was shown, with the explanation given (CON-03)."""
    refused = caller.clinic.consents.refuse(
        caller.actor,
        ConsentId(caller.new_id),
        PatientId(id),
        data.purpose,
        text_hash=data.text_hash,
        region=data.region,
        channel=data.channel,
        explanation=data.explanation,
    )
    return shown(ConsentAnswer, refused)


@does("/v1/consents/{id:uuid}/withdrawal")
def withdraw_consent(
    caller: By,
    id: FromPath[UUID],
    data: JSONBody[Nothing] = NOTHING,  # noqa: ARG001 - that it is empty is all it says
) -> ConsentAnswer:
    """Take a yes back, at once and without a reason (CON-02)."""
    return shown(ConsentAnswer, caller.clinic.consents.withdraw(caller.actor, ConsentId(id)))


@creates("/v1/patients/{id:uuid}/competence-assessments")
def assess_competence(
    caller: By, id: FromPath[UUID], data: JSONBody[AssessmentBody]
) -> AssessmentAnswer:
    """Record whether a young patient can agree to one visit's treatment alone (CHD-03)."""
    found = caller.clinic.consents.assess(
        caller.actor,
        AssessmentId(caller.new_id),
        PatientId(id),
        AppointmentId(data.appointment_id),
        competent=data.competent,
        reason=data.reason,
    )
    return shown(AssessmentAnswer, found)


@reads("/v1/patients/{id:uuid}/competence-assessments")
def list_assessments(caller: By, id: FromPath[UUID]) -> Items[AssessmentAnswer]:
    """List what clinicians found of a young patient, for clinicians (CHD-03)."""
    found = caller.clinic.consents.assessments(caller.actor, PatientId(id))
    return listed(AssessmentAnswer, found)


ROUTES = (
    list_consent_texts,
    list_consents,
    give_consent,
    refuse_consent,
    withdraw_consent,
    assess_competence,
    list_assessments,
)
