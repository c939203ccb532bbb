"""What differs between the countries (F63)."""

import re

import pytest

from telehealth_core.jurisdictions import JURISDICTIONS, UK, US, Licensing


@pytest.mark.parametrize("code", JURISDICTIONS)
def test_a_pack_is_known_by_its_code_and_complete(code: str) -> None:
    """Country and currency are ISO codes, and each number can be dialled."""
    pack = JURISDICTIONS[code]
    assert pack.code == code
    assert re.fullmatch("[A-Z]{2}", pack.country)
    assert re.fullmatch("[A-Z]{3}", pack.currency)
    assert (pack.emergency_number + pack.crisis_number).isdigit()
    assert pack.sick_note_title


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
