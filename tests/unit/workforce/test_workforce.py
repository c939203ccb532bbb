"""Providers: added, revised, suspended and let go by staff, found by what patients look for (F11,
F16).
"""

from datetime import date, timedelta
from typing import Any

import attrs
import pytest

from telehealth_core.access.policy import NotPermitted
from telehealth_core.registration.patient import Gender
from telehealth_core.shared.ids import ProviderId
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.money import Money
from telehealth_core.shared.refusal import IdReused, Invalid, StaleVersion, Unknown
from telehealth_core.workforce.licence import Condition, RegisterStatus
from telehealth_core.workforce.provider import (
    Licence,
    NotLicensed,
    Provider,
    ProviderDetails,
    ProviderStatus,
    Service,
)
from unit.clinic import MORNING, Clinic, provider_of

TODAY = date(2026, 11, 24)


def _nobody() -> Provider:
    clinic = Clinic()
    id = provider_of(clinic.provider())
    row: Provider = clinic.store.rows["providers"][id]
    return attrs.evolve(row, licences=())


NOBODY = _nobody()
"""An active provider who holds no licence."""


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
    with pytest.raises(Invalid) as refused:
        clinic.session(provider, hours=0.5)
    assert str(refused.value) == "during: long enough for one visit"
    with pytest.raises(Invalid) as refused:
        clinic.session(provider, hours=24 * 7 + 1)
    assert str(refused.value) == "during: at most a week; add several sessions"
    whole_week = clinic.session(clinic.provider("Robin Doctor"), hours=24 * 7)
    assert whole_week.during.minutes == 7 * 24 * 60
    with pytest.raises(Invalid, match="between 5 and 480"):
        clinic.session(provider, every=4)
    with pytest.raises(Invalid, match="video, voice or both"):
        clinic.session(provider, modes=[])


def details(provider: Provider, **other: Any) -> ProviderDetails:
    """What is said of a provider, but for what is named."""
    same = {one.name: getattr(provider, one.name) for one in attrs.fields(ProviderDetails)}
    return ProviderDetails(**{**same, **other})


def test_another_price_holds_for_sessions_published_from_now_on(clinic: Clinic) -> None:
    """What was published, and what was booked in it, costs what it said (F11)."""
    provider = clinic.provider()
    before, row = (
        clinic.session(provider),
        clinic.ask.workforce.file(provider, provider_of(provider)),
    )
    booked = clinic.booked(clinic.patient(), before)
    (service,) = row.services
    dearer = attrs.evolve(service, price=Money(9_900, "GBP"), minutes=60)
    revised = clinic.ask.workforce.revise(
        clinic.liaison, row.id, details(row, services=(dearer,)), replacing=row.version
    )
    after = clinic.session(provider, start=MORNING + timedelta(days=1))
    assert revised.services == (dearer,)
    assert (after.price, after.visit_minutes) == (Money(9_900, "GBP"), 60)
    assert (
        clinic.store.rows["sessions"][before.id].price == clinic.now(booked).price == service.price
    )


def test_what_is_said_of_a_provider_is_replaced_whole_and_by_one_at_a_time(clinic: Clinic) -> None:
    """Whoever read an older version reads again; nothing false is kept (F11)."""
    provider = clinic.provider()
    row = clinic.ask.workforce.file(clinic.liaison, provider_of(provider))
    wanted = details(
        row,
        name="Quinn Example",
        gender=Gender.FEMALE,
        languages=frozenset({"cy"}),
        specialties=frozenset({"grief"}),
    )
    revised = clinic.ask.workforce.revise(clinic.admin, row.id, wanted, replacing=row.version)
    assert details(revised) == wanted
    assert clinic.ask.workforce.find(clinic.visitor, specialty="grief", language="cy")
    with pytest.raises(StaleVersion):
        clinic.ask.workforce.revise(clinic.admin, row.id, wanted, replacing=row.version)
    for wrong in (
        {"services": ()},
        {"services": (attrs.evolve(row.services[0], price=Money(1, "USD")),)},
        {"name": ""},
        {"npi": "1234567890"},
        {"languages": frozenset({""})},
        {"specialties": frozenset(map(str, range(31)))},
    ):
        with pytest.raises(Invalid):
            clinic.ask.workforce.revise(
                clinic.admin, row.id, details(revised, **wrong), replacing=revised.version
            )
    assert clinic.ask.workforce.file(clinic.liaison, row.id) == revised


def test_a_suspended_provider_is_not_offered_and_their_visits_are_told(clinic: Clinic) -> None:
    """What was promised stays until staff decide on it, visit by visit (PRO-01)."""
    provider, patient = clinic.provider(), clinic.patient()
    session, id = clinic.session(provider), provider_of(provider)
    booked = clinic.booked(patient, session)
    held = clinic.hold(patient, session, MORNING + timedelta(hours=1))
    ask, day = clinic.ask, Interval(MORNING, MORNING + timedelta(hours=3))
    assert ask.at_risk.of_provider(clinic.liaison, id) == ()
    assert ask.diary.open_times(patient, id, day)
    suspended = ask.workforce.suspend(clinic.liaison, id, "a complaint")
    assert suspended.status_reason == "a complaint"
    assert "complaint" not in repr(suspended)
    assert ask.at_risk.of_provider(clinic.admin, id) == (booked,)
    assert ask.diary.open_times(patient, id, day) == ()
    assert ask.workforce.find(clinic.visitor) == ()
    assert clinic.now(booked) == booked
    pending = clinic.request(patient, held)
    assert ask.at_risk.of_provider(clinic.admin, id) == (booked, pending)
    with pytest.raises(NotLicensed):
        clinic.hold(patient, session, MORNING + timedelta(hours=2))
    ask.workforce.reinstate(clinic.liaison, id, "nothing in it")
    assert ask.at_risk.of_provider(clinic.admin, id) == ()
    assert ask.diary.open_times(patient, id, day)
    clinic.clock.now = MORNING + timedelta(hours=2)
    ask.workforce.leave(clinic.liaison, id, "retired")
    assert ask.at_risk.of_provider(clinic.admin, id) == ()
    with pytest.raises(IllegalTransition):
        ask.workforce.reinstate(clinic.liaison, id, "came back")


def test_visits_are_at_risk_where_the_look_at_the_register_wears_out_before_them() -> None:
    """Looked up more than so many days before a visit, a provider is not bookable for it; another
    look, or none, decides (PRO-01).
    """
    clinic = Clinic(register_check_days=20)
    provider, patient = clinic.provider(), clinic.patient()
    id, ask = provider_of(provider), clinic.ask
    shifts = [clinic.session(provider, start=MORNING + timedelta(days=days)) for days in (0, 30)]
    soon = clinic.booked(patient, shifts[0])
    period = Interval(MORNING, MORNING + timedelta(days=31))
    assert {session.id for session, _ in ask.diary.open_times(patient, id, period)} == {
        shifts[0].id
    }
    with pytest.raises(NotLicensed):
        clinic.hold(patient, shifts[1])
    (due,) = ask.workforce.due_licences(clinic.liaison, within_days=20)
    assert (due.provider_id, due.check_by) == (id, date(2026, 12, 13))
    assert ask.workforce.due_licences(clinic.liaison, within_days=19) == ()
    clinic.clock.forward(hours=12)
    for status, at_risk in ((RegisterStatus.SUSPENDED, (soon,)), (RegisterStatus.ACTIVE, ())):
        checked = ask.workforce.check(
            clinic.liaison, id, regulator="Example Register", region=None, status=status
        )
        assert checked.licences[0].checked_on == date(2026, 11, 23)
        assert ask.at_risk.of_provider(clinic.liaison, id) == at_risk


def test_an_expired_licence_hides_the_provider_from_that_state_only() -> None:
    """One row for each state, each with an end of its own (PRO-04)."""
    clinic = Clinic(jurisdiction="us")
    ours = Licence(regulator="NY board", number="1", region="US-NY", expires_on=date(2026, 11, 23))
    theirs = attrs.evolve(ours, regulator="CA board", region="US-CA", expires_on=date(2030, 1, 1))
    provider, patient = clinic.provider(licences=(ours, theirs)), clinic.patient()
    session = clinic.session(provider)
    with pytest.raises(NotLicensed):
        clinic.hold(patient, session, location="US-NY")
    assert clinic.hold(patient, session, location="US-CA").location == "US-CA"
    renewed = attrs.evolve(ours, expires_on=date(2027, 11, 23))
    clinic.ask.workforce.license(clinic.liaison, provider_of(provider), renewed)
    later = clinic.hold(patient, session, MORNING + timedelta(hours=1), location="US-NY")
    assert later.location == "US-NY"


def test_a_provider_reads_their_own_file_and_nobody_elses(clinic: Clinic) -> None:
    """Staff read every file; a patient sees what is public (F11, PRO-05)."""
    robin, quinn = clinic.provider("Robin Doctor"), clinic.provider()
    assert clinic.ask.workforce.file(robin, provider_of(robin)).name == "Robin Doctor"
    for stranger in (quinn, clinic.patient(), clinic.visitor):
        with pytest.raises(NotPermitted):
            clinic.ask.workforce.file(stranger, provider_of(robin))


def test_a_licence_that_was_entered_by_mistake_is_struck(clinic: Clinic) -> None:
    """The others stay, and one at least; another is entered first (F11)."""
    id, staff = provider_of(clinic.provider()), clinic.liaison
    workforce = clinic.ask.workforce
    for wrong in ("Example Registre", "Another Register"):
        with pytest.raises(Unknown):
            workforce.strike(staff, id, regulator=wrong, region=None)
    with pytest.raises(Invalid, match="licences"):
        workforce.strike(staff, id, regulator="Example Register", region=None)
    right = Licence(regulator="Another Register", number="2", expires_on=date(2030, 1, 1))
    workforce.license(staff, id, right)
    struck = workforce.strike(staff, id, regulator="Example Register", region=None)
    assert [one.regulator for one in struck.licences] == ["Another Register"]


def test_a_renewal_says_nothing_of_what_the_register_said(clinic: Clinic) -> None:
    """Conditions and suspensions stay until somebody looks again (PRO-01, PRO-03)."""
    id, staff = provider_of(clinic.provider()), clinic.liaison
    barred = frozenset({Condition.NO_CERTIFYING})
    clinic.ask.workforce.check(
        staff,
        id,
        regulator="Example Register",
        region=None,
        status=RegisterStatus.CONDITIONS,
        conditions=barred,
        expires_on=date(2029, 1, 1),
    )
    renewed = Licence(regulator="Example Register", number="2", expires_on=date(2031, 1, 1))
    (licence,) = clinic.ask.workforce.license(staff, id, renewed).licences
    assert (licence.number, licence.expires_on) == ("2", date(2031, 1, 1))
    assert (licence.status, licence.conditions) == (RegisterStatus.CONDITIONS, barred)
