"""What differs between the countries (F63)."""

import re

import attrs
import pytest

from telehealth_core.jurisdictions import (
    JURISDICTIONS,
    UK,
    US,
    Entitlement,
    Licensing,
    Profession,
    entitlement,
)

PACKS = pytest.mark.parametrize("code", JURISDICTIONS)


@PACKS
def test_a_pack_is_known_by_its_code_and_complete(code: str) -> None:
    """Country, language and currency are ISO codes, and each number can be dialled."""
    pack = JURISDICTIONS[code]
    assert pack.code == code
    assert re.fullmatch("[A-Z]{2}", pack.country)
    assert re.fullmatch("[A-Z]{3}", pack.currency)
    assert pack.language == f"en-{pack.country}"
    assert (pack.emergency_number + pack.crisis_number).isdigit()
    assert 1 <= pack.week_starts_on <= 7


@PACKS
def test_no_pack_leaves_a_field_open(code: str) -> None:
    """Every field has a value of its own: no default stands in for a country's law, and no text is
    empty.
    """
    pack = JURISDICTIONS[code]
    for field in attrs.fields(type(pack)):
        value = getattr(pack, field.name)
        assert field.default is attrs.NOTHING
        assert value is not None or "None" in str(field.type)
        assert not isinstance(value, str) or value.strip()
    for register in pack.registers:
        assert register.regulator
        assert register.name
        assert register.professions
    assert pack.certifying
    assert bool(pack.regions) is (pack.licensing is Licensing.BY_REGION)
    assert all(region.startswith(f"{pack.country}-") for region in pack.regions)


@PACKS
def test_a_regulator_keeps_one_register_for_each_profession(code: str) -> None:
    """Which rule holds for a number is never in doubt (PRO-02)."""
    registers = JURISDICTIONS[code].registers
    kept = [(one.regulator, profession) for one in registers for profession in one.professions]
    assert len(kept) == len(set(kept))
    names = {(one.regulator, one.name, one.entitles) for one in registers}
    assert len(names) == len({regulator for regulator, *_ in names})


def test_the_countries_differ_where_their_laws_do() -> None:
    """Days to withdraw from a contract, the first day of the week, who is of age (PAY-03)."""
    assert (UK.cooling_off_days, US.cooling_off_days) == (14, 0)
    assert (UK.week_starts_on, US.week_starts_on) == (1, 7)
    assert UK.age_of_majority == US.age_of_majority == 18
    assert Profession.THERAPIST not in UK.certifying


@pytest.mark.parametrize(
    ("profession", "never"),
    [
        (Profession.DOCTOR, False),
        (Profession.NURSE, False),
        (Profession.PHYSICIAN_ASSOCIATE, True),
        (Profession.OCCUPATIONAL_THERAPIST, True),
        (Profession.THERAPIST, False),
    ],
)
def test_some_professions_never_prescribe(profession: Profession, never: bool) -> None:
    """In the United Kingdom associates do not; a profession without a register the pack knows is
    left to the staff's word (PRO-02).
    """
    assert UK.never_prescribes(profession) is never
    assert not US.never_prescribes(profession)


def test_a_registration_for_controlled_medicines_is_no_licence_to_practice() -> None:
    """Whatever register nobody knows is one for practice (PRO-04, RXS-01)."""
    assert entitlement("DEA") is Entitlement.CONTROLLED_MEDICINES
    assert entitlement("GMC") is entitlement("Example Register") is Entitlement.PRACTICE


@pytest.mark.parametrize(
    ("location", "here"),
    [("GB", True), ("GB-SCT", True), ("US", False), ("GBR", False), ("gb", False), ("", False)],
)
def test_a_location_lies_in_its_own_country(location: str, here: bool) -> None:
    """The country's code before the dash decides, letter for letter (TEL-03)."""
    assert UK.covers(location) is here


def test_a_state_needs_its_licence_where_licensing_is_by_region() -> None:
    """In the United States the very state, in the United Kingdom the register (TEL-02)."""
    assert US.licensing is Licensing.BY_REGION
    assert US.licence_region("US-NY") == "US-NY"
    assert UK.licence_region("GB-SCT") is None
