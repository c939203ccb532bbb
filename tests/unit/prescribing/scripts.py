"""Scripts, facts and visits to prescribe in: what the tests of prescribing begin with."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import attrs

from telehealth_core.access.actor import Actor
from telehealth_core.consultation import Attendance, Consultation, Participant, Side
from telehealth_core.consultation.attendance import Whereabouts
from telehealth_core.practice.practice import Practice
from telehealth_core.practice.settings import Approval, Charging, Settings
from telehealth_core.prescribing.facts import Facts
from telehealth_core.prescribing.item import Item
from telehealth_core.prescribing.pharmacy import Pharmacy
from telehealth_core.prescribing.prescription import Prescription
from telehealth_core.prescribing.script import Asked, Circumstances, MedicationHistory, Script
from telehealth_core.prescribing.signature import Particulars, Signature
from telehealth_core.registration.patient import Patient, PatientStatus
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.shared.ids import (
    AppointmentId,
    PatientId,
    PracticeId,
    PrescriptionId,
    ProviderId,
    UserId,
)
from telehealth_core.workforce.provider import Licence, Profession, Provider, ProviderStatus
from unit.clinic import Clinic, profile

T = TypeVar("T")
AT = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
DAY = AT.date()
PRACTICE, PATIENT, PROVIDER = (UUID(int=number) for number in (1, 2, 3))
WHO = UserId(UUID(int=4))
NONE_KNOWN = Asked(none_known=True)
HISTORY = MedicationHistory(
    allergies=Asked(entries=("penicillin",)), current_medicines=NONE_KNOWN, other_sources=NONE_KNOWN
)
TOKEN = "a token that nobody guesses"
PHARMACY = Pharmacy(name="Example Pharmacy", address="5 Example Street", contact="rx@example.org")


def but(thing: T, **fields: Any) -> T:
    """The same but for these fields."""
    evolve: Any = attrs.evolve
    found: T = evolve(thing, **fields)
    return found


def item(medicine: str = "Example", **other: Any) -> Item:
    """A month of an ordinary medicine, or what is named instead."""
    usual: dict[str, Any] = {
        "strength": "5 mg",
        "form": "tablet",
        "quantity": 28,
        "unit": "tablets",
        "days": 28,
        "directions": "one in the morning",
    }
    return Item(medicine=medicine, **{**usual, **other})


def script(*items: Item, **other: Any) -> Script:
    """What a careful prescriber writes: the history asked, the record seen."""
    circumstances = {"record_seen": True, **other.pop("circumstances", {})}
    return Script(
        items=items or (item(),),
        **{"history": HISTORY, **other},
        circumstances=Circumstances(**circumstances),
    )


def licences(jurisdiction: str) -> tuple[Licence, ...]:
    """What a prescriber needs in London or in New York."""
    far = date(2030, 1, 1)
    if jurisdiction == "uk":
        return (Licence(regulator="GMC", number="1234567", expires_on=far),)
    return (
        Licence(regulator="NYSED", number="000001", region="US-NY", expires_on=far),
        Licence(regulator="DEA", number="AJ5184279", region="US-NY", expires_on=far),
    )


def visit(location: str | None, *, met: bool = True) -> Consultation:
    """A visit in which both are, or in which somebody waits alone."""
    provider, patient = UserId(UUID(int=5)), UserId(UUID(int=6))
    since = AT - timedelta(minutes=10)
    both = (Attendance("b", provider, since=since),) if met else ()
    return Consultation(
        id=Consultation.id_of(AppointmentId(UUID(int=7))),
        practice_id=PracticeId(PRACTICE),
        appointment_id=AppointmentId(UUID(int=7)),
        patient_id=PatientId(PATIENT),
        provider_id=ProviderId(PROVIDER),
        participants=(
            Participant(patient, Side.PATIENT, Whereabouts(location)),
            Participant(provider, Side.PROVIDER),
        ),
        attendances=(Attendance("a", patient, since=since), *both),
    )


def draft_of(written: Script, number: int = 8, **other: Any) -> Prescription:
    """A draft that nobody saved."""
    draft, _ = Prescription.draft(
        written,
        by=WHO,
        at=AT,
        id=PrescriptionId(UUID(int=number)),
        practice_id=PracticeId(PRACTICE),
        patient_id=PatientId(PATIENT),
        provider_id=ProviderId(PROVIDER),
        appointment_id=AppointmentId(UUID(int=7)),
    )
    return but(draft, **other)


def signed_before(written: Script, at: datetime, **other: Any) -> Prescription:
    """A prescription signed then."""
    signature = Signature(by=ProviderId(PROVIDER), at=at, sha256="0", seal="0")
    return draft_of(written, number=9, signature=signature, **other)


def facts(jurisdiction: str = "uk", written: Script | None = None, **other: Any) -> Facts:
    """Everything a rule weighs, all of it fine unless told otherwise."""
    at = other.pop("at", AT)
    location = other.pop("location", "GB" if jurisdiction == "uk" else "US-NY")
    practice = Practice(
        id=PracticeId(PRACTICE),
        slug="example",
        name="Example Practice",
        address="2 Example Street, Exampleton",
        jurisdiction_code=jurisdiction,
        zone="Europe/London" if jurisdiction == "uk" else "America/New_York",
        settings=Settings(charging=Charging.ON_COMPLETION, approval=Approval.LIAISON),
        opened_at=AT,
    )
    provider = Provider(
        id=ProviderId(PROVIDER),
        practice_id=practice.id,
        status=ProviderStatus.ACTIVE,
        name="Robin Doctor",
        profession=other.pop("profession", Profession.DOCTOR),
        specialties=frozenset(),
        licences=other.pop("licences", licences(jurisdiction)),
        prescriber=True,
        added_at=AT - timedelta(days=30),
    )
    born = other.pop("birth_date", date(1980, 2, 29))
    patient = Patient(
        id=PatientId(PATIENT),
        practice_id=practice.id,
        status=PatientStatus.VERIFIED,
        profile=profile(birth_date=born),
        registered_at=AT,
    )
    draft = draft_of(written or script())
    told = Particulars.of(
        practice,
        provider,
        patient,
        region=practice.jurisdiction.licence_region(location) if location else None,
        signed_on=practice.day(at),
        not_before=draft.not_before,
    )
    usual: dict[str, Any] = {
        "practice": practice,
        "prescription": draft,
        "particulars": told,
        "provider": provider,
        "patient": patient,
        "consultation": visit(location),
        "identity_confirmed": True,
        "shares_with_gp": True,
        "earlier": (),
        "prescriber_as_patient": None,
        "at": at,
    }
    return Facts(**{**usual, **other})


def in_visit(clinic: Clinic, **provider: Any) -> tuple[Actor, Actor, Appointment]:
    """A patient and a doctor in a visit; the doctor has just proved who they are."""
    jurisdiction = clinic.practice.jurisdiction_code
    usual: dict[str, Any] = {"prescriber": True, "licences": licences(jurisdiction)}
    usual["profession"] = Profession.DOCTOR
    patient, doctor = clinic.patient(), clinic.provider("Robin Doctor", **{**usual, **provider})
    booked = clinic.booked(patient, clinic.session(doctor))
    clinic.both_join(booked, patient, doctor)
    clinic.clock.forward(minutes=5)
    return patient, clinic.fresh(doctor), booked


def ward_in_visit(clinic: Clinic) -> tuple[Actor, PatientId, Actor, Appointment]:
    """A guardian, their child, and a doctor who has just proved who they are, in the child's
    visit.
    """
    guardian = clinic.patient()
    ward = clinic.dependant(guardian).id
    doctor = clinic.provider(
        "Robin Doctor",
        prescriber=True,
        licences=licences(clinic.practice.jurisdiction_code),
        profession=Profession.DOCTOR,
    )
    held = clinic.hold(guardian, clinic.session(doctor), on_behalf_of=ward)
    clinic.request(guardian, held)
    clinic.drain()
    clinic.both_join(clinic.now(held), guardian, doctor)
    clinic.clock.forward(minutes=5)
    return guardian, ward, clinic.fresh(doctor), clinic.now(held)


def drafted(
    clinic: Clinic, doctor: Actor, appointment: Appointment, written: Script | None = None
) -> Prescription:
    """A draft in this visit."""
    id = PrescriptionId(clinic.new_id())
    return clinic.ask.prescribing.draft(doctor, id, appointment.id, written or script())


def signed(
    clinic: Clinic, doctor: Actor, appointment: Appointment, written: Script | None = None
) -> Prescription:
    """A signed prescription of this visit."""
    draft = drafted(clinic, doctor, appointment, written)
    return clinic.ask.prescribing.sign(clinic.fresh(doctor), draft.id)
