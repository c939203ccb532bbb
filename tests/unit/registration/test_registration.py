"""Registering, managing patients, and patients imported from elsewhere (F08, F12)."""

from datetime import date, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.access.account import EmailTaken
from telehealth_core.access.policy import NotPermitted
from telehealth_core.registration.patient import (
    Address,
    Identifier,
    PatientNotActive,
    PatientStatus,
    ProfileIncomplete,
)
from telehealth_core.shared.ids import PatientId
from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.refusal import IdReused, Invalid
from unit.clinic import LAWS, PASSWORD, Clinic, profile

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


# --- managed ---------------------------------------------------------------------------------


def test_staff_suspend_reinstate_and_close_a_patient(clinic: Clinic) -> None:
    """Suspended, a patient books nothing; reinstated, they are as they were; closed for good, the
    record stays (F12).
    """
    patient, ask = clinic.patient(), clinic.ask.registration
    id, session = patient.as_patient(), clinic.session(clinic.provider())
    with pytest.raises(NotPermitted):
        ask.suspend(patient, id, "me")
    with pytest.raises(Invalid, match="reason"):
        ask.suspend(clinic.liaison, id, " ")
    suspended = ask.suspend(clinic.liaison, id, "A dispute.")
    assert (suspended.status, suspended.reason) == (PatientStatus.SUSPENDED, "A dispute.")
    with pytest.raises(PatientNotActive):
        clinic.hold(patient, session)
    assert ask.view(patient, id) == suspended
    reinstated = ask.reinstate(clinic.admin, id)
    assert (reinstated.status, reinstated.reason) == (PatientStatus.VERIFIED, None)
    clinic.hold(patient, session)
    assert ask.close(clinic.liaison, id, "Moved away.").status is PatientStatus.CLOSED
    with pytest.raises(IllegalTransition):
        ask.reinstate(clinic.liaison, id)
    with pytest.raises(IllegalTransition):
        ask.close(clinic.admin, id, "Once more.")
    assert ask.view(clinic.liaison, id).profile is not None


def test_whoever_was_not_verified_is_not_after_a_suspension_either(clinic: Clinic) -> None:
    """A suspension is no way around the identity check (IDV-01)."""
    unknown, changed = clinic.registering(), clinic.patient("Lee Example")
    ask = clinic.ask.registration
    ask.complete_profile(changed, changed.as_patient(), profile("Lee Other"))
    for patient in (unknown, changed):
        ask.suspend(clinic.liaison, patient.as_patient(), "A dispute.")
        back = ask.reinstate(clinic.liaison, patient.as_patient())
        assert back.status is PatientStatus.REGISTERING


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


def test_what_needs_a_profile_says_that_there_is_none(clinic: Clinic) -> None:
    """Somebody who just registered may have none (F08)."""
    kim = clinic.dependant(clinic.patient())
    with pytest.raises(ProfileIncomplete):
        _ = attrs.evolve(kim, profile=None).known
