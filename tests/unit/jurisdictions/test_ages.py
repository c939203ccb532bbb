"""Ages and their bands: birthdays, 29 February, and the edges of zones (CHD-01)."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.jurisdictions import JURISDICTIONS, UK, US, Guardians, Jurisdiction, OwnConsent
from telehealth_core.jurisdictions.ages import birthday, completed_years
from unit.clinic import LAWS, profile

BORN = st.dates(date(1900, 1, 1), date(2026, 11, 23)) | st.sampled_from(
    [date(2000, 2, 29), date(2016, 2, 29), date(2020, 2, 29)]
)
PACKS = st.sampled_from(list(JURISDICTIONS.values()))
ZONES = st.sampled_from(["Europe/London", "America/New_York", "Pacific/Auckland", "Asia/Kolkata"])


@pytest.mark.parametrize("code", JURISDICTIONS)
def test_bands_begin_at_birth_and_end_with_being_of_age(code: str) -> None:
    """Each band follows on the one before; in the last nobody else decides (CHD-01, CHD-12)."""
    bands = JURISDICTIONS[code].age_bands
    assert bands[0].least == 0
    assert all(one.least < other.least for one, other in pairwise(bands))
    assert [band.guardians for band in bands].count(Guardians.NONE) == 1
    assert bands[-1].guardians is Guardians.NONE
    assert bands[-1].consents_alone is OwnConsent.YES
    for band in bands:
        least, _, most = band.code.replace("+", "-999").partition("-")
        following = [other.least for other in bands if other.least > band.least]
        assert (int(least), int(most)) == (band.least, following[0] - 1 if following else 999)


def test_the_bands_are_those_of_the_countries() -> None:
    """Four ages decide in the United Kingdom, two in the United States (CHD-01)."""
    assert [band.code for band in UK.age_bands] == ["0-10", "11-12", "13-15", "16-17", "18+"]
    assert [band.code for band in US.age_bands] == ["0-12", "13-17", "18+"]
    assert (UK.adult_years, UK.own_account_years) == (18, 16)
    assert (US.adult_years, US.own_account_years) == (18, 18)


@LAWS
@given(BORN, st.integers(0, 40))
def test_a_birthday_completes_a_year_and_the_day_before_does_not(born: date, years: int) -> None:
    """Whoever was born on 29 February turns older on 1 March in other years (CHD-01)."""
    day = birthday(born, years)
    assert completed_years(born, day) == years
    assert completed_years(born, day - timedelta(days=1)) == years - 1


@LAWS
@given(PACKS, BORN, st.integers(-400, 40_000))
def test_everybody_is_in_exactly_one_band(pack: Jurisdiction, born: date, days: int) -> None:
    """The band is that of the completed years, and the unborn are in the first (CHD-01)."""
    on = born + timedelta(days=min(days, (date(2200, 1, 1) - born).days))
    band = pack.age_band(born, on)
    years = completed_years(born, on)
    mosts = [*(band.least for band in pack.age_bands[1:]), 10_000]
    fits = [
        one
        for one, most in zip(pack.age_bands, mosts, strict=True)
        if one.least <= max(years, 0) < most
    ]
    assert fits == [band]


@LAWS
@given(PACKS, BORN, ZONES)
def test_a_band_begins_with_the_first_instant_of_a_birthday_where_one_lives(
    pack: Jurisdiction, born: date, zone: str
) -> None:
    """An instant earlier, it is still the day before there, whatever day it is here (CHD-01)."""
    person = profile(birth_date=born, zone=zone)
    for before, band in pairwise(pack.age_bands):
        turns = person.turns(band.least)
        assert person.band(pack, turns) is band
        assert person.band(pack, turns - timedelta(microseconds=1)) is before


def test_it_is_a_birthday_in_auckland_before_it_is_one_in_new_york() -> None:
    """The same instant is another age in another zone (CHD-01)."""
    noon = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    born = date(2015, 11, 24)
    there, here = (profile(birth_date=born, zone=zone) for zone in ("Pacific/Auckland", "UTC"))
    assert (there.band(UK, noon).code, here.band(UK, noon).code) == ("11-12", "0-10")
