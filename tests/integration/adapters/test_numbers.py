"""python-stdnum's check digits, beside those of the double that works them out as defined."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telehealth_core.testing.doubles import PlainNumbers
from telehealth_numbers import StdnumChecks

OURS, PLAIN = StdnumChecks(), PlainNumbers()
MANY = settings(max_examples=500, deadline=None)
DIGITS = st.text("0123456789", min_size=1, max_size=20)
TEN = st.text("0123456789", min_size=10, max_size=10)


@MANY
@given(DIGITS | TEN)
def test_the_library_and_the_definition_agree_on_every_number(digits: str) -> None:
    """Two ways to the same answer: no checker depends on which one is behind it (PRO-04)."""
    assert OURS.nhs(digits) == PLAIN.nhs(digits)
    assert OURS.luhn(digits) == PLAIN.luhn(digits)


@MANY
@given(st.integers(0, 999_999_999))
def test_both_find_the_same_check_digit_for_nine_digits(nine: int) -> None:
    """One of ten for Luhn, and one or none for NHS numbers (IDV-11, PRO-04)."""
    numbers = [f"{nine:09}{last}" for last in range(10)]
    for kind, most in (("nhs", {0, 1}), ("luhn", {1})):
        fits = [one for one in numbers if getattr(OURS, kind)(one)]
        assert fits == [one for one in numbers if getattr(PLAIN, kind)(one)]
        assert len(fits) in most


@pytest.mark.parametrize(
    ("nhs", "right"),
    [
        ("9434765919", True),
        ("9434765870", True),
        ("9876543210", True),
        ("9990000018", True),
        ("9000000009", True),
        ("9434765918", False),
        ("1234567881", True),
        ("0000000000", True),
    ],
)
def test_published_nhs_numbers(nhs: str, right: bool) -> None:
    """What is right by arithmetic alone may still be nobody's number: that is the core's to say."""
    assert OURS.nhs(nhs) is PLAIN.nhs(nhs) is right


@pytest.mark.parametrize(
    ("npi", "right"),
    [
        ("1234567893", True),
        ("1558598797", True),
        ("1245319599", True),
        ("1234567890", False),
        ("1111111111", False),
    ],
)
def test_published_npi_numbers(npi: str, right: bool) -> None:
    """With the prefix that stands for the United States and health (PRO-04)."""
    assert OURS.luhn(f"80840{npi}") is PLAIN.luhn(f"80840{npi}") is right
