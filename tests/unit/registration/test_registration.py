"""Registering, dependants, and patients imported from elsewhere (F08-F12)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.access.account import EmailTaken
from telehealth_core.access.actor import GuardianBasis
from telehealth_core.registration.patient import (
    Address,
    Identifier,
    NotVerified,
    Patient,
    PatientStatus,
    Profile,
)
from telehealth_core.shared.ids import DocumentId, PatientId
from telehealth_core.shared.refusal import IdReused, Invalid, Unknown
from unit.clinic import LAWS, PASSWORD, PHOTO, Clinic, child, profile

DATES = st.dates(date(1900, 1, 1), date(2026, 11, 23))


@LAWS
@given(DATES, DATES)
def test_years_are_the_birthdays_that_have_been(born: date, on: date) -> None:
    """Somebody is as old as they had birthdays; one of 29 February has it on 1 March otherwise
    (CHD-01).
    """
    person = profile(birth_date=born)

    def birthday(year: int) -> date:
        try:
            return born.replace(year=year)
        except ValueError:
            return date(year, 3, 1)

    had = sum(birthday(year) <= on for year in range(born.year + 1, on.year + 1))
    if born <= on:
        assert person.years(on) == had


@LAWS
@given(DATES, st.sampled_from(["Europe/London", "America/New_York", "Pacific/Auckland"]))
def test_somebody_comes_of_age_at_the_first_instant_of_being_eighteen(
    born: date, zone: str
) -> None:
    """An instant before they are seventeen, where they live (CHD-01)."""
    person = profile(birth_date=born, zone=zone)
    assert person.age(person.comes_of_age()) == 18
    assert person.age(person.comes_of_age() - timedelta(microseconds=1)) == 17


@pytest.mark.parametrize(("born", "fine"), [
    (date(2026, 11, 23), True), (date(2026, 11, 24), False),
    (date(1895, 11, 24), True), (date(1895, 11, 23), False),
])  # fmt: skip
def test_patients_are_born_in_the_past_and_not_before_anybody_alive(
    clinic: Clinic, born: date, fine: bool
) -> None:
    """A birth date lies between 130 years ago and today."""
    patient = clinic.registering()
    ask = clinic.ask.registration
    if fine:
        ask.complete_profile(patient, patient.as_patient(), profile(birth_date=born))
    else:
        with pytest.raises(Invalid, match="birth_date"):
            ask.complete_profile(patient, patient.as_patient(), profile(birth_date=born))
        with pytest.raises(Invalid, match="birth_date"):
            clinic.registering(birth_date=born)


def test_a_visitor_registers_once_with_an_address(clinic: Clinic) -> None:
    """Address and id are each used once, and a refusal leaves neither account nor patient."""
    ask, id = clinic.ask.registration, PatientId(clinic.new_id())
    ask.register(clinic.visitor, id, email="pat@example.org", password=PASSWORD)
    before = clinic.rows()
    with pytest.raises(EmailTaken):
        ask.register(
            clinic.visitor, PatientId(clinic.new_id()), email="PAT@example.org", password=PASSWORD
        )
    with pytest.raises(IdReused):
        ask.register(clinic.visitor, id, email="other@example.org", password=PASSWORD)
    with pytest.raises(Invalid):
        ask.register(
            clinic.visitor, PatientId(clinic.new_id()), email="new@example.org", password="short"
        )
    assert clinic.rows() == before


@pytest.mark.parametrize("field", ["address", "phone"])
def test_a_profile_says_what_it_lacks(field: str) -> None:
    """Address and phone finish a registration, the rest may follow."""
    lacking: dict[str, Any] = {field: None}
    assert profile(**lacking).missing() == (field,)
    assert profile(email=None, language=None).missing() == ()


def test_an_address_fits_on_an_envelope() -> None:
    """One to four lines, written with commas on one."""
    address = Address(lines=("Flat 1", "2 Example Street"), city="Exampleton", country="GB")
    assert address.on_one_line() == "Flat 1, 2 Example Street, Exampleton, GB"
    for lines in ((), ("1",) * 5):
        with pytest.raises(Invalid):
            attrs.evolve(address, lines=lines)


# --- dependants ------------------------------------------------------------------------------


def test_a_child_has_a_record_of_their_own_and_acts_through_the_guardian(clinic: Clinic) -> None:
    """A dependant is a patient with a guardian, whose evidence is on file (F09, CHD-02)."""
    guardian = clinic.patient()
    kim = clinic.dependant(guardian)
    assert kim.id != guardian.patient_id
    assert kim.status is PatientStatus.VERIFIED
    assert kim.verified_until == kim.guardians[0].until == kim.known.comes_of_age()
    assert clinic.ask.registration.dependants(guardian) == (kim,)
    assert clinic.ask.registration.view(guardian, kim.id) == kim
    with pytest.raises(Unknown):
        clinic.ask.registration.view(clinic.patient("Lee Example"), kim.id)
    assert kim.guardians[0].evidence in clinic.store.rows["documents"]


def add(clinic: Clinic, guardian: object, who: Profile, content: bytes = PHOTO) -> Patient:
    """Have this patient add a dependant."""
    return clinic.ask.registration.add_dependant(
        guardian,  # type: ignore[arg-type]
        PatientId(clinic.new_id()),
        who,
        basis=GuardianBasis.LEGAL_GUARDIAN,
        evidence=DocumentId(clinic.new_id()),
        content=content,
    )


def test_only_a_verified_patient_adds_dependants_and_only_minors(clinic: Clinic) -> None:
    """Adults register themselves, from their eighteenth birthday on (F09)."""
    with pytest.raises(NotVerified):
        add(clinic, clinic.registering(), child())
    guardian, today = clinic.patient(), clinic.clock().date()
    eighteen = today.replace(year=today.year - 18)
    with pytest.raises(Invalid, match="birth_date"):
        add(clinic, guardian, attrs.evolve(child(), birth_date=eighteen))
    add(clinic, guardian, attrs.evolve(child(), birth_date=eighteen + timedelta(days=1)))


def test_a_guardianship_that_ended_lists_and_lets_nobody(clinic: Clinic) -> None:
    """Whose authority is over sees the child no more, though another guardian still does."""
    former, present = clinic.patient("Lee Example"), clinic.patient()
    kim = clinic.dependant(former)
    (tie,) = kim.guardians
    over = attrs.evolve(tie, until=clinic.clock())
    other = attrs.evolve(tie, guardian=present.as_patient())
    clinic.store.rows["patients"][kim.id] = attrs.evolve(kim, guardians=(over, other))
    assert clinic.ask.registration.dependants(former) == ()
    assert [one.id for one in clinic.ask.registration.dependants(present)] == [kim.id]
    with pytest.raises(Unknown):
        clinic.ask.registration.view(former, kim.id)


def test_a_dependant_who_comes_of_age_acts_alone(clinic: Clinic) -> None:
    """From the eighteenth birthday on, where they live, no parent reads the record (F10)."""
    guardian = clinic.patient()
    kim = clinic.dependant(guardian)
    birthday = clinic.clock.now = datetime(2037, 4, 30, 23, 0, tzinfo=UTC)
    clinic.clock.now = birthday - timedelta(microseconds=1)
    assert clinic.ask.registration.view(guardian, kim.id) == kim
    clinic.clock.now = birthday
    with pytest.raises(Unknown):
        clinic.ask.registration.view(guardian, kim.id)


# --- imported --------------------------------------------------------------------------------


def test_enrolling_twice_finds_the_first_and_overwrites_nothing(clinic: Clinic) -> None:
    """An import may be repeated: the same number of the same system is the same patient (F12)."""
    number = Identifier(system="ehr", value="42")
    ask = clinic.ask.registration
    first, fresh = ask.enrol(clinic.system, number, profile(), (number,))
    assert fresh
    ask.complete_profile(clinic.liaison, first.id, profile("Pat Corrected"))
    again, fresh = ask.enrol(clinic.system, number, profile("Pat Stale"), (number,))
    assert not fresh
    assert again.id == first.id
    assert again.known.full_name == "Pat Corrected"
    other, fresh = ask.enrol(clinic.system, attrs.evolve(number, value="43"), profile(), ())
    assert fresh
    assert other.id != first.id


def test_the_same_number_in_two_practices_is_two_patients(clinic: Clinic) -> None:
    """Practices share nobody."""
    number, there = Identifier(system="ehr", value="42"), Clinic(beside=clinic)
    here, _ = clinic.ask.registration.enrol(clinic.system, number, profile(), ())
    elsewhere, fresh = there.ask.registration.enrol(there.system, number, profile(), ())
    assert fresh
    assert here.id != elsewhere.id


def test_staff_page_through_every_patient_once(clinic: Clinic) -> None:
    """Pages of any size show all patients, each once (F12)."""
    ids = {clinic.registering().as_patient() for _ in range(7)}
    seen: list[PatientId] = []
    while page := clinic.ask.registration.page(
        clinic.liaison, after=seen[-1] if seen else None, limit=3
    ):
        seen += [one.id for one in page]
    assert len(seen) == 7
    assert set(seen) == ids
