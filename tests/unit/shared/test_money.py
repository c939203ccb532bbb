"""Money is whole minor units: shares and rests add up, and currencies are never mixed."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.shared.money import BASIS_POINTS, Money
from telehealth_core.shared.refusal import Invalid
from unit.clinic import LAWS

MINOR = st.integers(-(10**9), 10**9)
SHARE = st.integers(0, BASIS_POINTS)


@LAWS
@given(MINOR, SHARE)
def test_a_share_and_its_rest_lose_nothing(minor: int, share: int) -> None:
    """However odd the share, what is left carries the odd unit."""
    whole = Money(minor, "GBP")
    part = whole.share_down(share)
    assert part + (whole - part) == whole


@LAWS
@given(MINOR, SHARE)
def test_a_share_is_rounded_towards_zero(minor: int, share: int) -> None:
    """A share is the exact one with its fraction of a unit cut off, on either side of zero."""
    exact = Decimal(minor) * share / BASIS_POINTS
    assert Money(minor, "GBP").share_down(share).minor == int(exact)


@LAWS
@given(MINOR)
def test_nothing_and_the_whole_are_shares_too(minor: int) -> None:
    """0 basis points are nothing, 10,000 are everything."""
    whole = Money(minor, "USD")
    assert whole.share_down(0).minor == 0
    assert whole.share_down(BASIS_POINTS) == whole


@pytest.mark.parametrize("share", [-1, BASIS_POINTS + 1])
def test_no_share_is_less_than_nothing_or_more_than_everything(share: int) -> None:
    """A share lies between 0 and 10,000 basis points."""
    with pytest.raises(Invalid):
        Money(100, "GBP").share_down(share)


@LAWS
@given(MINOR, MINOR)
def test_sums_and_order_are_those_of_the_minor_units(one: int, other: int) -> None:
    """Amounts of one currency add, subtract and compare as whole numbers do."""
    ours, theirs = Money(one, "GBP"), Money(other, "GBP")
    assert (ours + theirs).minor == one + other
    assert (ours - theirs).minor == one - other
    assert (ours < theirs, ours <= theirs) == (one < other, one <= other)


@LAWS
@given(MINOR)
def test_the_written_amount_reads_back(minor: int) -> None:
    """What is written is the exact amount in major units, with the currency's decimals."""
    for currency, places in (("GBP", 2), ("JPY", 0)):
        amount, _, code = str(Money(minor, currency)).partition(" ")
        assert code == currency
        assert Decimal(amount).scaleb(places) == minor
        assert -int(Decimal(amount).as_tuple().exponent) == places


@pytest.mark.parametrize(
    ("minor", "written"),
    [(0, "0.00 GBP"), (5, "0.05 GBP"), (-5, "-0.05 GBP"), (123456, "1234.56 GBP")],
)
def test_an_amount_is_written_as_people_write_it(minor: int, written: str) -> None:
    """Pence have two digits, and the sign stands in front."""
    assert str(Money(minor, "GBP")) == written


@pytest.mark.parametrize("mix", ["__add__", "__sub__", "__le__", "__lt__"])
def test_two_currencies_are_never_mixed(mix: str) -> None:
    """Mixing is a programmer's error, in whatever operation."""
    with pytest.raises(AssertionError, match="never mixed"):
        getattr(Money(1, "GBP"), mix)(Money(1, "USD"))


@pytest.mark.parametrize("currency", ["gbp", "GB", "POUND", "", "G1P", "GBP\n"])
def test_a_currency_is_three_capitals(currency: str) -> None:
    """Whatever is no ISO 4217 code is refused."""
    with pytest.raises(Invalid):
        Money(1, currency)
