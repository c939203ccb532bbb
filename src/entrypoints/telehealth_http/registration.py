"""Registration over HTTP: patients and their profiles."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import attrs
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from telehealth_core.access.account import Account, check_password
from telehealth_core.access.actor import Actor, GuardianBasis, GuardianshipDecided
from telehealth_core.registration.patient import Gender, MaritalStatus, PatientStatus, Profile
from telehealth_core.registration.use_cases import PAGE_MOST
from telehealth_core.shared.ids import PatientId
from telehealth_http.answers import listed, shown
from telehealth_http.bodies import NOTHING, Nothing, as_in, located, ruled
from telehealth_http.requests import By, creates, does, reads, replaces


@attrs.frozen(kw_only=True)
class RegistrationBody:
    """A visitor who wants to become a patient."""

    practice: str
    email: str = as_in(Account, "email")
    password: str = ruled(check_password, repr=False)
    profile: Profile | None = None


@attrs.frozen(kw_only=True)
class ReasonBody:
    """Why it is decided so."""

    reason: str = as_in(GuardianshipDecided, "reason", repr=False)


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


@does("/v1/patients/{id:uuid}/suspension")
def suspend_patient(caller: By, id: FromPath[UUID], data: JSONBody[ReasonBody]) -> PatientAnswer:
    """Keep a patient from what only verified patients do (F12)."""
    patient = caller.clinic.registration.suspend(caller.actor, PatientId(id), data.reason)
    return shown(PatientAnswer, patient)


@does("/v1/patients/{id:uuid}/reinstatement")
def reinstate_patient(
    caller: By,
    id: FromPath[UUID],
    data: JSONBody[Nothing] = NOTHING,  # noqa: ARG001 - that it is empty is all it says
) -> PatientAnswer:
    """Let a suspended patient go on, as they were (F12)."""
    return shown(PatientAnswer, caller.clinic.registration.reinstate(caller.actor, PatientId(id)))


@does("/v1/patients/{id:uuid}/closure")
def close_patient(caller: By, id: FromPath[UUID], data: JSONBody[ReasonBody]) -> PatientAnswer:
    """Close a patient's record, which stays (F12)."""
    patient = caller.clinic.registration.close(caller.actor, PatientId(id), data.reason)
    return shown(PatientAnswer, patient)


ROUTES = (
    register,
    list_patients,
    view_patient,
    complete_profile,
    suspend_patient,
    reinstate_patient,
    close_patient,
)
