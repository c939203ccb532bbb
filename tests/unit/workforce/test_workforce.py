"""Providers: licensed where and until when they are, found by what patients look for (F11, F16)."""

from datetime import date, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.shared.ids import ProviderId
from telehealth_core.shared.money import Money
from telehealth_core.shared.refusal import IdReused, Invalid, Unknown
from telehealth_core.workforce.provider import Licence, Provider, ProviderStatus, Service
from unit.clinic import LAWS, Clinic, provider_of

TODAY = date(2026, 11, 24)
REGIONS = st.sampled_from([None, "US-NY", "US-CA"])


def _nobody() -> Provider:
    clinic = Clinic()
    id = provider_of(clinic.provider())
    row: Provider = clinic.store.rows["providers"][id]
    return attrs.evolve(row, licences=())


NOBODY = _nobody()
"""An active provider who holds no licence."""


@LAWS
@given(st.lists(st.tuples(REGIONS, st.integers(-2, 2)), max_size=4), REGIONS)
def test_a_provider_is_licensed_by_any_one_live_licence_of_the_region(
    held: list[tuple[str | None, int]], where: str | None
) -> None:
    """Valid up to and including its last day, and for its very region only (PRO-04)."""
    licences = tuple(
        Licence(
            regulator="Register",
            number="1",
            region=region,
            expires_on=TODAY + timedelta(days=days),
        )
        for region, days in held
    )
    provider = attrs.evolve(NOBODY, licences=licences)
    expected = any(region == where and days >= 0 for region, days in held)
    assert provider.licensed(TODAY, where) == expected
    for status in set(ProviderStatus) - {ProviderStatus.ACTIVE}:
        assert not attrs.evolve(provider, status=status).licensed(TODAY, where)


@pytest.mark.parametrize("field", ["services", "licences"])
def test_a_provider_without_services_or_licences_gives_no_visits(
    clinic: Clinic, field: str
) -> None:
    """Nothing of an incomplete provider is kept (F11)."""
    row = attrs.evolve(NOBODY, id=ProviderId(clinic.new_id()), version=1,
                       status=ProviderStatus.ONBOARDING, practice_id=clinic.id)  # fmt: skip
    licence = Licence(regulator="Register", number="1", expires_on=TODAY)
    row = attrs.evolve(row, licences=(licence,))
    lacking: dict[str, Any] = {field: ()}
    with pytest.raises(Invalid, match=field):
        clinic.ask.workforce.add(clinic.liaison, attrs.evolve(row, **lacking))
    assert "providers" not in clinic.store.rows
    assert clinic.ask.workforce.add(clinic.liaison, row).status is ProviderStatus.ACTIVE
    assert clinic.ask.workforce.add(clinic.liaison, row).id == row.id
    with pytest.raises(IdReused):
        clinic.ask.workforce.add(clinic.liaison, attrs.evolve(row, name="Robin Doctor"))


def test_patients_find_providers_by_specialty_and_language(clinic: Clinic) -> None:
    """By name, of the practice only, and whoever is asked for by both criteria (F16)."""
    names = ["Robin Doctor", "Quinn Therapist"]
    robin, quinn = (provider_of(clinic.provider(name)) for name in names)
    Clinic(beside=clinic).provider("Zoe Elsewhere")
    find = clinic.ask.workforce.find
    assert [one.id for one in find(clinic.visitor)] == [quinn, robin]
    assert len(find(clinic.visitor, specialty="general", language="en")) == 2
    assert find(clinic.visitor, specialty="general", language="cy") == ()
    assert [one.id for one in find(clinic.visitor, limit=1)] == [quinn]
    assert clinic.ask.workforce.view(clinic.visitor, robin).licences
    with pytest.raises(Unknown):
        clinic.ask.workforce.view(clinic.visitor, ProviderId(clinic.new_id()))


@pytest.mark.parametrize(("minutes", "fine"), [(4, False), (5, True), (480, True), (481, False)])
def test_a_service_lasts_five_minutes_to_eight_hours(minutes: int, fine: bool) -> None:
    """Other lengths are slips of the pen."""
    if fine:
        Service(code="visit", name="Visit", minutes=minutes, price=Money(0, "GBP"))
    else:
        with pytest.raises(Invalid):
            Service(code="visit", name="Visit", minutes=minutes, price=Money(0, "GBP"))


def test_a_price_is_not_below_nothing_and_in_the_practices_currency(clinic: Clinic) -> None:
    """Nobody is paid for being a patient, nor charged abroad."""
    for price in (Money(-1, "GBP"), Money(1, "USD")):
        with pytest.raises(Invalid):
            clinic.provider(price=price)


def test_a_session_is_of_a_service_that_the_provider_gives(clinic: Clinic) -> None:
    """Its visits have that service's length and price (F13)."""
    provider = clinic.provider(minutes=50, price=Money(12_000, "GBP"))
    session = clinic.session(provider)
    assert (session.visit_minutes, session.price) == (50, Money(12_000, "GBP"))
    with pytest.raises(Invalid, match="service"):
        clinic.ask.diary.add_session(
            clinic.liaison,
            session.id,
            provider_id=provider_of(provider),
            during=session.during,
            service="surgery",
            modes=session.modes,
            start_every_minutes=60,
        )
    with pytest.raises(Invalid, match="long enough"):
        clinic.session(provider, hours=0.5)
    with pytest.raises(Invalid, match="at most a week"):
        clinic.session(provider, hours=24 * 7 + 1)
    with pytest.raises(Invalid, match="between 5 and 480"):
        clinic.session(provider, every=4)
    with pytest.raises(Invalid, match="video, voice or both"):
        clinic.session(provider, modes=[])
