"""What a provider's licences allow on a day: expiry, the last look at the register, what the
register said (PRO-01, PRO-02, PRO-03, PRO-04).
"""

from datetime import date, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.jurisdictions import Profession
from telehealth_core.practice.settings import Approval, Charging, Settings
from telehealth_core.shared.ids import ProviderId
from telehealth_core.shared.refusal import Invalid, Unknown
from telehealth_core.workforce.licence import Condition, Licence, RegisterStatus
from telehealth_core.workforce.provider import Provider, ProviderStatus
from unit.clinic import LAWS, Clinic, provider_of
from unit.lives import LIVES

TODAY = date(2026, 11, 24)
RULES = Settings(charging=Charging.ON_COMPLETION, approval=Approval.AUTOMATIC)
NOBODY: Provider = attrs.evolve(
    LIVES["Provider"].example, licences=(), status=ProviderStatus.ACTIVE, prescriber=True
)
"""An active provider who holds no licence."""

REGIONS = st.sampled_from([None, "US-NY", "US-CA"])
REGULATORS = st.sampled_from(["Register", "Another", "DEA"])
NEAR = st.integers(-2, 2).map(lambda days: TODAY + timedelta(days=days))
LOOKED = st.sampled_from([364, 365, 366]).map(lambda days: TODAY - timedelta(days=days))


@st.composite
def licences(draw: st.DrawFn) -> Licence:
    """Any licence that is near some edge."""
    status = draw(st.sampled_from(RegisterStatus))
    bound = status is RegisterStatus.CONDITIONS
    return Licence(
        regulator=draw(REGULATORS),
        number="1",
        region=draw(REGIONS),
        expires_on=draw(NEAR),
        checked_on=draw(LOOKED),
        status=status,
        conditions=draw(st.frozensets(st.sampled_from(Condition), min_size=1))
        if bound
        else frozenset(),
        compact=draw(st.booleans()),
    )


HELD = st.lists(licences(), max_size=4, unique_by=lambda one: one.key).map(tuple)


def licence(**other: Any) -> Licence:
    """A licence that holds everywhere and for long, but for what is named."""
    usual: dict[str, Any] = {
        "regulator": "Register",
        "number": "1",
        "expires_on": TODAY + timedelta(days=1),
    }
    return Licence(**{**usual, **other})


def of(*held: Licence) -> Provider:
    """An active prescriber with these licences, looked up today."""
    seen = tuple(attrs.evolve(one, checked_on=one.checked_on or TODAY) for one in held)
    return attrs.evolve(NOBODY, licences=seen)


@LAWS
@given(HELD, REGIONS, st.sampled_from(ProviderStatus))
def test_a_visit_needs_a_live_licence_that_somebody_looked_up_lately(
    held: tuple[Licence, ...], where: str | None, status: ProviderStatus
) -> None:
    """Valid up to and including its last day, for its very region only, unless a register that has
    a say there suspends the provider or forbids remote care (PRO-01, PRO-03, PRO-04).
    """
    provider = attrs.evolve(NOBODY, licences=held, status=status)
    there = [one for one in held if one.region == where]
    practice = [one for one in there if one.regulator != "DEA"]
    live = [one for one in practice if one.expires_on >= TODAY]
    free = not any(one.status is RegisterStatus.SUSPENDED for one in practice)
    remote = not any(Condition.NO_REMOTE_CARE in one.conditions for one in there)
    here = status is ProviderStatus.ACTIVE
    lately = [one for one in live if one.checked_on and (TODAY - one.checked_on).days <= 365]
    assert provider.licensed(TODAY, where) is (here and free and bool(live))
    assert provider.bookable(TODAY, where, RULES) is (here and free and remote and bool(lately))
    somewhere = any(provider.bookable(TODAY, one, RULES) for one in (None, "US-NY", "US-CA"))
    assert provider.bookable_somewhere(TODAY, RULES) is somewhere


@LAWS
@given(HELD, REGIONS, st.booleans(), st.booleans())
def test_whoever_prescribes_or_certifies_may_give_visits_and_no_register_forbids_it(
    held: tuple[Licence, ...], where: str | None, prescriber: bool, controlled: bool
) -> None:
    """A condition switches off what it names, and a condition on controlled medicines leaves the
    others alone (PRO-03, RXC-01).
    """
    provider = attrs.evolve(NOBODY, licences=held, prescriber=prescriber)
    named = {word for one in held if one.region == where for word in one.conditions}
    visits = provider.bookable(TODAY, where, RULES)
    assert provider.may_certify(TODAY, where, RULES) is (
        visits and Condition.NO_CERTIFYING not in named
    )
    plain = provider.may_prescribe(TODAY, where, RULES)
    assert plain is (visits and prescriber and Condition.NO_PRESCRIBING not in named)
    strict = provider.may_prescribe(TODAY, where, RULES, controlled=True)
    assert plain or not strict
    assert not (strict and Condition.NO_CONTROLLED_MEDICINES in named)
    assert not (strict and where) or any(one.key == ("DEA", where) for one in held)


def test_controlled_medicines_need_the_registration_of_the_very_state() -> None:
    """Where licences are by region a registration for them is too; a national register suffices
    elsewhere (RXS-01).
    """
    board, dea = licence(region="US-NY"), licence(regulator="DEA", region="US-NY")
    assert of(board, dea).may_prescribe(TODAY, "US-NY", RULES, controlled=True)
    for lacking in (
        of(board),
        of(board, attrs.evolve(dea, region="US-CA")),
        of(board, attrs.evolve(dea, expires_on=TODAY - timedelta(days=1))),
        of(board, attrs.evolve(dea, checked_on=TODAY - timedelta(days=366))),
        of(board, attrs.evolve(dea, status=RegisterStatus.SUSPENDED)),
    ):
        assert lacking.may_prescribe(TODAY, "US-NY", RULES)
        assert not lacking.may_prescribe(TODAY, "US-NY", RULES, controlled=True)
    assert of(licence()).may_prescribe(TODAY, None, RULES, controlled=True)
    assert not of(dea).licensed(TODAY, "US-NY")


def test_a_register_that_suspends_is_not_outvoted_by_another() -> None:
    """A second licence for the same place does not make up for it (PRO-01)."""
    suspended = licence(regulator="Another", status=RegisterStatus.SUSPENDED)
    assert of(licence()).bookable(TODAY, None, RULES)
    assert not of(licence(), suspended).bookable(TODAY, None, RULES)
    assert of(licence(), attrs.evolve(suspended, region="US-NY")).bookable(TODAY, None, RULES)


def test_whoever_adds_a_provider_has_looked() -> None:
    """Without a day of its own a licence counts as looked up on the day its provider was added
    (PRO-01).
    """
    long = attrs.evolve(NOBODY, licences=(licence(expires_on=date(2099, 1, 1)),))
    added = long.added_at.date()
    assert long.bookable(added + timedelta(days=365), None, RULES)
    assert not long.bookable(added + timedelta(days=366), None, RULES)
    assert long.licensed(added + timedelta(days=366), None)


@pytest.mark.parametrize(
    ("status", "conditions", "fine"),
    [
        (RegisterStatus.ACTIVE, set(), True),
        (RegisterStatus.ACTIVE, {Condition.OTHER}, False),
        (RegisterStatus.SUSPENDED, {Condition.OTHER}, False),
        (RegisterStatus.CONDITIONS, set(), False),
        (RegisterStatus.CONDITIONS, {Condition.OTHER}, True),
    ],
)
def test_conditions_are_named_where_there_are_any(
    status: RegisterStatus, conditions: set[Condition], fine: bool
) -> None:
    """A register that says `conditions` says which (PRO-03)."""
    if fine:
        licence(status=status, conditions=frozenset(conditions))
    else:
        with pytest.raises(Invalid, match="conditions"):
            licence(status=status, conditions=frozenset(conditions))


@LAWS
@given(HELD, st.integers(0, 400).map(lambda days: TODAY + timedelta(days=days)))
def test_a_licence_is_due_before_it_stops_counting(held: tuple[Licence, ...], by: date) -> None:
    """What is not due by a day counts on that day; what is due stops then, unless renewed and
    looked up again (PRO-01, PRO-04).
    """
    provider = attrs.evolve(NOBODY, licences=held)
    due = provider.due(by, RULES)
    assert [one.licence for one in due] == [
        one
        for one in held
        if one.expires_on <= by or provider.checked_on(one) + timedelta(days=365) <= by
    ]
    for one in due:
        assert one.first == min(one.renew_by, one.check_by) <= by
        alone = attrs.evolve(provider, licences=(one.licence,))
        assert not alone.bookable(one.first + timedelta(days=1), one.licence.region, RULES)


# --- what the jurisdiction asks ----------------------------------------------------------------


def numbered(profession: Profession, regulator: str, number: str, **other: Any) -> Provider:
    """A provider as staff would add one."""
    one = Licence(regulator=regulator, number=number, expires_on=date(2030, 1, 1), **other)
    return attrs.evolve(
        NOBODY,
        profession=profession,
        licences=(one,),
        prescriber=False,
        version=1,
        status=ProviderStatus.ONBOARDING,
    )


def add(clinic: Clinic, provider: Provider) -> Provider:
    """The provider, added to the clinic with a price in its money."""
    services = tuple(attrs.evolve(one, price=clinic.price) for one in provider.services)
    ours = attrs.evolve(
        provider, id=ProviderId(clinic.new_id()), practice_id=clinic.id, services=services
    )
    return clinic.ask.workforce.add(clinic.liaison, ours)


@pytest.mark.parametrize(
    ("profession", "regulator", "number"),
    [
        ("doctor", "GMC", "1234567"),
        ("psychiatrist", "GMC", "7654321"),
        ("physician-associate", "GMC", "A1234567"),
        ("nurse", "NMC", "01A2345N"),
        ("pharmacist", "GPhC", "2012345"),
        ("physiotherapist", "HCPC", "PH000000"),
        ("psychologist", "HCPC", "PYL00000"),
        ("therapist", "Example Register", "whatever it says"),
    ],
)
def test_a_number_is_written_as_its_register_writes_it(
    clinic: Clinic, profession: str, regulator: str, number: str
) -> None:
    """Each regulator's own way, and any other register at the staff's word (PRO-02)."""
    added = add(clinic, numbered(Profession(profession), regulator, number))
    assert added.licences[0].number == number


@pytest.mark.parametrize(
    ("profession", "regulator", "number", "told"),
    [
        ("doctor", "GMC", "A1234567", "number: .* associate's"),
        ("doctor", "GMC", "123456", "number: seven digits"),
        ("physician-associate", "GMC", "1234567", "number: the letter A"),
        ("nurse", "NMC", "1A2345N", "number: two digits"),
        ("pharmacist", "GPhC", "1012345", "number: .* first of them 2"),
        ("nurse", "GMC", "1234567", "regulator: .* this profession"),
        ("doctor", "gmc", "1234567", "regulator: .* which is GMC"),
        ("doctor", "General Medical Council", "1", "regulator: .* which is GMC"),
        ("pharmacist", "GPHC", "2012345", "regulator: .* which is GPhC"),
    ],
)
def test_a_number_that_its_register_cannot_have_given_is_refused(
    clinic: Clinic, profession: str, regulator: str, number: str, told: str
) -> None:
    """Nor is a regulator written in another way, which would pass the rule by (PRO-02)."""
    with pytest.raises(Invalid, match=rf"licences\[0\]\.{told}"):
        add(clinic, numbered(Profession(profession), regulator, number))
    assert "providers" not in clinic.store.rows


@pytest.mark.parametrize(
    ("regulator", "number", "region", "field"),
    [
        ("NY board", "1", "US-NY", None),
        ("DEA", "AJ5184279", "US-NY", None),
        ("DEA", "AJ5184270", "US-NY", "licences[0].number"),
        ("NY board", "1", "US-XX", "licences[0].region"),
        ("NY board", "1", None, "licences[0].region"),
    ],
)
def test_a_state_licence_is_of_a_state(
    regulator: str, number: str, region: str | None, field: str | None
) -> None:
    """One row for each state, and for its registration for controlled medicines (PRO-04)."""
    provider = numbered(Profession.DOCTOR, regulator, number, region=region)
    if field is None:
        assert add(Clinic(jurisdiction="us"), provider).licences[0].region == region
    else:
        with pytest.raises(Invalid) as refused:
            add(Clinic(jurisdiction="us"), provider)
        assert refused.value.field == field


def test_a_register_holds_in_the_whole_country(clinic: Clinic) -> None:
    """A region of a licence would only hide it from visits there (PRO-04)."""
    with pytest.raises(Invalid, match="whole country"):
        add(clinic, numbered(Profession.DOCTOR, "GMC", "1234567", region="GB-SCT"))


def test_nobody_has_looked_tomorrow(clinic: Clinic) -> None:
    """The last look at a register is not in the future (PRO-01)."""
    tomorrow = clinic.clock().date() + timedelta(days=1)
    with pytest.raises(Invalid, match="future"):
        add(clinic, numbered(Profession.DOCTOR, "GMC", "1234567", checked_on=tomorrow))


def test_a_provider_holds_one_licence_of_each_regulator_for_each_region() -> None:
    """Two would leave open which of them a renewal or a check is about (PRO-04)."""
    clinic = Clinic(jurisdiction="us")
    provider = numbered(Profession.DOCTOR, "NY board", "1", region="US-NY")
    (first,) = provider.licences
    twice = attrs.evolve(provider, licences=(first, attrs.evolve(first, number="2")))
    with pytest.raises(Invalid, match="one for each"):
        add(clinic, twice)
    both = attrs.evolve(provider, licences=(first, attrs.evolve(first, region="US-CA")))
    assert len(add(clinic, both).licences) == 2


def test_an_associate_never_holds_the_prescribers_right(clinic: Clinic) -> None:
    """Whatever register they are entered under (PRO-02)."""
    associate = numbered(Profession.PHYSICIAN_ASSOCIATE, "GMC", "A1234567")
    other = numbered(Profession.PHYSICIAN_ASSOCIATE, "Example Register", "1")
    for one in (associate, other):
        with pytest.raises(Invalid, match="prescriber"):
            add(clinic, attrs.evolve(one, prescriber=True))
    doctor = attrs.evolve(numbered(Profession.DOCTOR, "GMC", "1234567"), prescriber=True)
    assert add(clinic, doctor).prescriber


@pytest.mark.parametrize(("npi", "fine"), [("1234567893", True), ("1234567890", False)])
def test_a_national_provider_identifier_is_checked(npi: str, fine: bool) -> None:
    """By its check digit, which a library behind a port works out (PRO-04)."""
    clinic = Clinic(jurisdiction="us")
    provider = attrs.evolve(numbered(Profession.DOCTOR, "NY board", "1", region="US-NY"), npi=npi)
    if fine:
        assert add(clinic, provider).npi == npi
    else:
        with pytest.raises(Invalid, match="npi"):
            add(clinic, provider)


def test_a_providers_own_record_is_of_a_patient_of_the_practice(clinic: Clinic) -> None:
    """So that nobody prescribes to themselves unnoticed (RXC-05)."""
    doctor = numbered(Profession.DOCTOR, "GMC", "1234567")
    own = clinic.patient("Robin Doctor").as_patient()
    assert add(clinic, attrs.evolve(doctor, patient_id=own)).patient_id == own
    elsewhere = Clinic(beside=clinic).patient().as_patient()
    with pytest.raises(Unknown):
        add(clinic, attrs.evolve(doctor, patient_id=elsewhere))


def test_a_patient_can_check_who_a_provider_is(clinic: Clinic) -> None:
    """The public view has name, profession, regulator and number (PRO-05)."""
    id = provider_of(clinic.provider())
    card = clinic.ask.workforce.view(clinic.visitor, id)
    assert (card.name, card.profession) == ("Quinn Therapist", Profession.THERAPIST)
    assert [(one.regulator, one.number) for one in card.licences] == [("Example Register", "1")]
