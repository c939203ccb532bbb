"""Numbers of registers, post offices and states: the published examples, and what is like them
(PRO-02, PRO-04, IDV-11).
"""

import re
from collections.abc import Callable
from datetime import date
from functools import partial

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from telehealth_core.jurisdictions import numbers
from telehealth_core.shared.refusal import Invalid
from telehealth_core.testing.doubles import PlainNumbers
from unit.clinic import LAWS

CHECKS = PlainNumbers()
Check = Callable[[str], None]
CHECKERS: dict[str, Check] = {
    "NHS number": partial(numbers.nhs_number, check_digit=CHECKS.nhs, synthetic=True),
    "GMC": numbers.gmc,
    "GMC associate": numbers.gmc_associate,
    "NMC": numbers.nmc,
    "GPhC": numbers.gphc,
    "NPI": partial(numbers.npi, check_digit=CHECKS.luhn),
    "DEA": numbers.dea,
    "postcode": numbers.postcode,
    "US state": numbers.us_state,
}

VALID = {
    "NHS number": ("9434765919", "9434765870", "9876543210", "9990000018", "9000000009"),
    "GMC": ("1234567",),
    "GMC associate": ("A1234567",),
    "NMC": ("01A2345N", "99A9999A"),
    "GPhC": ("2012345",),
    "NPI": ("1234567893", "1558598797", "1245319599"),
    "DEA": ("AJ5184279", "AP5836727", "F91234563"),
    "postcode": (
        "SW1A 1AA",
        "M1 1AE",
        "B33 8TH",
        "CR2 6XH",
        "DN55 1PT",
        "W1A 0AX",
        "EC1A 1BB",
        "GIR 0AA",
        "BFPO 801",
    ),
    "US state": ("US-CA", "US-DC", "US-PR"),
}
"""Published examples, executed elsewhere before they came here."""

INVALID = {
    "NHS number": (
        "9434765918",
        *(f"943476582{digit}" for digit in range(10)),
        "94347659I9",
        "943476591",
        "943 476 5919",
        "0000000000",
        "1111111111",
        "9999999999",
        "1234567881",
    ),
    "GMC": ("A1234567", "123456", "12345678", "123456O"),
    "GMC associate": ("a1234567", "1234567", "A123456"),
    "NMC": ("1A2345N", "O1A2345N", "01a2345N", "0142345N"),
    "GPhC": ("1012345", "201234"),
    "NPI": ("1234567890", "1111111111", "3234567893", "123456789"),
    "DEA": ("AB4523763", "AB4523767", "A15184279", "AJ518427"),
    "postcode": (
        "QQ1 1QQ",
        "SW1A 1CA",
        "A1 1A",
        "90210",
        "Q1 1AE",
        "MI1 1AE",
        "W1I 0AX",
        "EC1C 1BB",
        "SW1A1AA",
        "sw1a 1aa",
        "BFPO",
        "",
    ),
    "US state": ("US-XX", "US", "us-ny", "GB", ""),
}

WORKED_OUT = {"NHS number": "9434765919", "NPI": "1234567893", "DEA": "AJ5184279"}
"""Kinds that have a check digit, with one good number of each."""
LATER_DIGITS = st.integers(2, 8)


@pytest.mark.parametrize(("kind", "number"), [(k, one) for k, all in VALID.items() for one in all])
def test_a_published_number_passes(kind: str, number: str) -> None:
    """What registers print as examples is accepted as it is printed (PRO-02, PRO-04)."""
    CHECKERS[kind](number)


@pytest.mark.parametrize(
    ("kind", "number"), [(k, one) for k, all in INVALID.items() for one in all]
)
def test_what_is_no_such_number_is_refused(kind: str, number: str) -> None:
    """The refusal names the field and the rule, and repeats nothing that was typed (PRO-02)."""
    with pytest.raises(Invalid) as refused:
        CHECKERS[kind](number)
    assert refused.value.field
    assert refused.value.rule
    assert len(number) <= len("US-NY") or number not in refused.value.rule


@LAWS
@given(kind=st.sampled_from(sorted(CHECKERS)), text=st.text(max_size=12))
def test_whatever_is_typed_passes_or_is_refused(kind: str, text: str) -> None:
    """No text breaks a checker: digits of other scripts are no digits."""
    try:
        CHECKERS[kind](text)
    except Invalid:
        return
    assert text.isascii()


@LAWS
@given(kind=st.sampled_from(sorted(WORKED_OUT)), place=LATER_DIGITS, by=st.integers(1, 9))
def test_a_single_wrong_digit_is_noticed(kind: str, place: int, by: int) -> None:
    """That is what a check digit is for (IDV-11, PRO-04)."""
    good = WORKED_OUT[kind]
    slip = f"{good[:place]}{(int(good[place]) + by) % 10}{good[place + 1 :]}"
    if kind == "DEA":
        assume((2 if place in {3, 5, 7} else 1) * by % 10)
    with pytest.raises(Invalid, match="agrees"):
        CHECKERS[kind](slip)


def test_one_digit_ten_times_over_is_refused_although_its_check_digit_is_right() -> None:
    """Such numbers pass the arithmetic and are nobody's (IDV-11)."""
    for number in ("0000000000", "1111111111", "9999999999"):
        assert CHECKS.nhs(number)
        with pytest.raises(Invalid, match="ten times over"):
            CHECKERS["NHS number"](number)


@pytest.mark.parametrize("number", VALID["NHS number"])
def test_numbers_that_are_nobodys_pass_only_where_nobody_is_real(number: str) -> None:
    """From 9000000000 on they are for tests (IDV-11)."""
    with pytest.raises(Invalid, match="for tests"):
        numbers.nhs_number(number, check_digit=CHECKS.nhs, synthetic=False)


@LAWS
@given(st.integers(400_000_000, 899_999_999))
def test_a_number_that_may_be_somebodys_passes_by_its_check_digit_alone(nine: int) -> None:
    """Nine digits have one check digit, or none at all (IDV-11)."""
    fits = [f"{nine}{last}" for last in range(10) if CHECKS.nhs(f"{nine}{last}")]
    assert len(fits) <= 1
    for number in fits:
        assume(len(set(number)) > 1)
        numbers.nhs_number(number, check_digit=CHECKS.nhs, synthetic=False)


@LAWS
@given(st.dates(), st.integers(0, 999))
def test_a_scottish_number_begins_with_a_date(born: date, serial: int) -> None:
    """Whatever date it is; the examples are worked out here, for printed ones may be people's."""
    nine = f"{born:%d%m%y}{serial:03}"
    for last in range(10):
        number = f"{nine}{last}"
        if CHECKS.nhs(number) and len(set(number)) > 1:
            numbers.nhs_number(number, check_digit=CHECKS.nhs, synthetic=False)


def test_a_scottish_number_does_not_begin_with_the_thirty_first_of_february() -> None:
    """Its check digit may be right all the same."""
    number = next(f"310299123{last}" for last in range(10) if CHECKS.nhs(f"310299123{last}"))
    with pytest.raises(Invalid, match="Scotland"):
        CHECKERS["NHS number"](number)


def test_an_associates_number_is_no_doctors() -> None:
    """Associates are a role of their own, and a doctor's checker says so (PRO-02)."""
    with pytest.raises(Invalid, match="associate"):
        numbers.gmc("A1234567")


@pytest.mark.parametrize(
    ("check", "typed", "hints"),
    [
        (numbers.nmc, "O1A2345N", ["character 1 is O, perhaps 0 was meant"]),
        (numbers.nmc, "0152345N", ["character 3 is 5, perhaps S was meant"]),
        (numbers.nmc, "I1A23S5N", ["character 1 is I, perhaps 1", "character 6 is S, perhaps 5"]),
        (numbers.nmc, "O1A2345", []),
        (numbers.gmc, "I234567", ["character 1 is I, perhaps 1 was meant"]),
        (numbers.gphc, "20I234S", ["character 3 is I, perhaps 1", "character 7 is S, perhaps 5"]),
        (numbers.dea, "AJ518427S", ["character 9 is S, perhaps 5 was meant"]),
        (numbers.gmc, "X234567", []),
    ],
)
def test_what_was_taken_for_something_else_is_named_and_never_mended(
    check: Check, typed: str, hints: list[str]
) -> None:
    """I and 1, O and 0, S and 5 look alike: the place is told, the number is refused (PRO-02)."""
    with pytest.raises(Invalid) as refused:
        check(typed)
    _, *told = refused.value.rule.split("; character")
    assert len(told) == len(hints)
    assert all(hint in refused.value.rule for hint in hints)


def test_there_are_fifty_states_a_district_and_six_areas() -> None:
    """The District of Columbia is easily forgotten, and licenses all the same (PRO-04)."""
    assert len(numbers.US_STATES) == 50 + 1 + 6
    assert {"US-DC", "US-PR", "US-UM"} <= numbers.US_STATES
    assert all(re.fullmatch("US-[A-Z]{2}", one) for one in numbers.US_STATES)
