"""The rules of letters: each holds or is named, at its very boundary (FIT, REF, CON-03)."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.letters.content import (
    Adjustment,
    Certificate,
    Disclosure,
    Fitness,
    LetterContent,
    LetterKind,
    RecipientKind,
    Urgency,
)
from telehealth_core.letters.letter import Letter
from telehealth_core.letters.life import LetterRefused, MayNotCertify
from telehealth_core.letters.page import page_of, title_of
from telehealth_core.letters.rules import MAY_CERTIFY, RULES, Facts, require_allowed
from telehealth_core.shared.calendar import last_day
from telehealth_core.shared.ids import AppointmentId, LetterId
from telehealth_core.shared.refusal import Invalid
from telehealth_core.workforce.licence import Condition, RegisterStatus
from telehealth_core.workforce.provider import Profession
from unit.clinic import LAWS
from unit.prescribing.scripts import AT, DAY, but, licences
from unit.prescribing.scripts import facts as prescribing

LONDON, NEW_YORK = "uk", "us"
FOUR = frozenset(Adjustment)


def certificate(days: int = 14, begins: int = 0, **other: Any) -> Certificate:
    """A sick note for so many days, from so many days ago."""
    first = DAY - timedelta(days=begins)
    return Certificate(unfit_from=first, unfit_until=first + timedelta(days=days - 1), **other)


def sick_note(note: Certificate | None = None, **other: Any) -> LetterContent:
    """A sick note for the patient's employer."""
    usual: dict[str, Any] = {
        "kind": LetterKind.SICK_NOTE,
        "recipient": "To whom it may concern",
        "text": "Unable to work.",
        "certificate": note or certificate(),
    }
    return LetterContent(**{**usual, **other})


def referral(**other: Any) -> LetterContent:
    """A whole referral letter, or with what is named instead."""
    usual: dict[str, Any] = {
        "kind": LetterKind.REFERRAL,
        "recipient": "A clinic",
        "text": "Please see.",
        "reason": "a rash",
        "urgency": Urgency.URGENT,
        "disclosure": Disclosure.DIRECT_CARE,
    }
    return LetterContent(**{**usual, **other})


def draft(content: LetterContent, at: datetime = AT) -> Letter:
    """A letter that nobody saved."""
    base = prescribing()
    return Letter.draft(
        content,
        id=LetterId(UUID(int=11)),
        practice_id=base.practice.id,
        patient_id=base.patient.id,
        provider_id=base.provider.id,
        appointment_id=AppointmentId(UUID(int=7)),
        drafted_at=at,
    )


def facts(content: LetterContent, jurisdiction: str = LONDON, **other: Any) -> Facts:
    """Everything a rule weighs, all of it fine unless told otherwise."""
    base = prescribing(
        jurisdiction,
        profession=other.pop("profession", Profession.DOCTOR),
        licences=other.pop("licences", licences(jurisdiction)),
    )
    entitled = other.pop("statutory_notes", False)
    settings = attrs.evolve(base.practice.settings, statutory_notes=entitled)
    usual: dict[str, Any] = {
        "practice": attrs.evolve(base.practice, settings=settings),
        "letter": draft(content),
        "provider": base.provider,
        "region": base.region,
        "assessed": True,
        "identity_confirmed": True,
        "shares_with_gp": True,
        "at": AT,
    }
    return Facts(**{**usual, **other})


def broken(found: Facts) -> set[str]:
    """The names of the rules that do not hold."""
    rules = RULES[found.practice.jurisdiction_code]
    names = {rule.name for rule in rules if not rule.holds(found)}
    if not names:
        require_allowed(found, rules)
        return names
    with pytest.raises(LetterRefused) as refused:
        require_allowed(found, rules)
    about_person = {rule.name for rule in rules if rule.about_person}
    assert isinstance(refused.value, MayNotCertify) == bool(names & about_person)
    assert set(refused.value.rules.split(", ")) == names
    return names


@pytest.mark.parametrize("jurisdiction", RULES)
def test_a_careful_letter_breaks_no_rule(jurisdiction: str) -> None:
    """A whole referral, an ordinary sick note, a letter to the GP."""
    gp = LetterContent(kind=LetterKind.GP_LETTER, recipient="A practice", text="Seen today.")
    for content in (referral(), sick_note(), gp):
        assert broken(facts(content, jurisdiction)) == set()
    rules = RULES[jurisdiction]
    assert len({rule.name for rule in rules}) == len(rules)
    assert all(rule.holds.__doc__ and rule.asks.endswith(".") for rule in rules)


def test_identity_is_confirmed_first() -> None:
    """A letter about whoever it was is none (IDV-04)."""
    assert broken(facts(referral(), identity_confirmed=False)) == {"identity-confirmed"}


# --- sick notes ---------------------------------------------------------------------------------


@pytest.mark.parametrize("jurisdiction", RULES)
@pytest.mark.parametrize("profession", Profession)
def test_sick_notes_are_issued_by_certain_professions_only(
    profession: Profession, jurisdiction: str
) -> None:
    """A therapist refers but does not certify (FIT-03)."""
    assert broken(facts(referral(), jurisdiction, profession=profession)) == set()
    refused = set() if profession in MAY_CERTIFY else {"may-certify"}
    assert broken(facts(sick_note(), jurisdiction, profession=profession)) == refused
    assert {"doctor", "nurse", "occupational-therapist", "pharmacist", "physiotherapist"} <= {
        one.value for one in MAY_CERTIFY
    }


@pytest.mark.parametrize(("days", "may"), [(0, True), (-1, False)])
def test_whose_registration_lapsed_or_forbids_it_certifies_nothing(days: int, may: bool) -> None:
    """The last day of a registration counts; a condition on it forbids (FIT-03, PRO-03)."""
    last = but(licences(LONDON)[0], expires_on=DAY + timedelta(days=days))
    assert (broken(facts(sick_note(), licences=(last,))) == set()) == may
    bound = but(
        licences(LONDON)[0],
        status=RegisterStatus.CONDITIONS,
        conditions=frozenset({Condition.NO_CERTIFYING}),
    )
    assert broken(facts(sick_note(), licences=(bound,))) == {"may-certify"}


def test_a_sick_note_needs_an_assessment() -> None:
    """Nobody certifies whom they did not meet; a referral may follow from the record (FIT-04)."""
    assert broken(facts(sick_note(), assessed=False)) == {"assessed"}
    assert broken(facts(referral(), assessed=False)) == set()


@pytest.mark.parametrize(("begins", "refused"), [(1, set()), (0, set()), (-1, {"begun"})])
@pytest.mark.parametrize("jurisdiction", RULES)
def test_a_sick_note_does_not_begin_in_the_future(
    begins: int, refused: set[str], jurisdiction: str
) -> None:
    """Today at the latest, where the practice is (FIT-06)."""
    note = certificate(days=30, begins=begins)
    assert broken(facts(sick_note(note), jurisdiction)) == refused


def test_today_is_the_practices_today() -> None:
    """Half past midnight on a summer night in London is not the future (FIT-06)."""
    night = datetime.fromisoformat("2027-06-01T23:30:00+00:00")
    note = Certificate(unfit_from=date(2027, 6, 2), unfit_until=date(2027, 6, 30))
    assert broken(facts(sick_note(note), at=night)) == set()
    american = facts(sick_note(note), NEW_YORK, at=night)
    assert broken(american) == {"begun"}


@pytest.mark.parametrize(
    ("days", "shown", "refused"),
    [
        (1, False, True),
        (7, False, True),
        (7, True, False),
        (8, False, False),
    ],
)
def test_for_a_week_self_certification_is_shown_first(
    days: int, shown: bool, refused: bool
) -> None:
    """Seven days need it, eight go on; elsewhere nobody asks (FIT-02)."""
    note = certificate(days=days, self_certification_shown=shown)
    assert broken(facts(sick_note(note))) == ({"self-certification-shown"} if refused else set())
    assert broken(facts(sick_note(note), NEW_YORK)) == set()


@pytest.mark.parametrize(
    ("first", "last", "fine"),
    [
        (date(2026, 8, 1), date(2026, 10, 31), True),
        (date(2026, 8, 1), date(2026, 11, 1), False),
        (date(2026, 8, 24), date(2026, 11, 23), True),
        (date(2026, 8, 24), date(2026, 11, 24), False),
        (date(2025, 11, 30), date(2026, 2, 28), True),
        (date(2025, 11, 30), date(2026, 3, 1), False),
    ],
)
def test_in_the_first_six_months_a_note_covers_three(first: date, last: date, fine: bool) -> None:
    """Three calendar months pass, one day more is refused; elsewhere nobody counts (FIT-05)."""
    note = Certificate(unfit_from=first, unfit_until=last)
    assert broken(facts(sick_note(note))) == (set() if fine else {"three-months"})
    assert broken(facts(sick_note(note), NEW_YORK)) == set()


@pytest.mark.parametrize(
    ("since", "fine"),
    [
        (date(2026, 2, 1), True),
        (date(2026, 2, 2), False),
        (date(2026, 9, 1), False),
        (None, False),
    ],
)
def test_after_six_months_of_the_condition_a_note_may_be_longer(
    since: date | None, fine: bool
) -> None:
    """From the day after the sixth month on (FIT-05)."""
    note = Certificate(
        unfit_from=date(2026, 8, 1), unfit_until=date(2027, 7, 31), condition_since=since
    )
    assert broken(facts(sick_note(note))) == (set() if fine else {"three-months"})


@LAWS
@given(st.dates(date(2020, 1, 1), DAY), st.integers(0, 200))
def test_the_limit_of_a_note_is_a_limit(first: date, days: int) -> None:
    """Whatever the first day, a shorter note than a lawful one is lawful (FIT-05)."""
    last = first + timedelta(days=days)
    note = Certificate(unfit_from=first, unfit_until=last, self_certification_shown=True)
    assert (broken(facts(sick_note(note))) == set()) == (last <= last_day(first, 3))


@pytest.mark.parametrize("adjustments", [frozenset(), frozenset({Adjustment.ALTERED_HOURS}), FOUR])
@pytest.mark.parametrize("effects", [None, "cannot stand for long"])
@pytest.mark.parametrize("fitness", Fitness)
def test_who_may_be_fit_is_so_with_adjustments_and_a_reason(
    fitness: Fitness, effects: str | None, adjustments: frozenset[Adjustment]
) -> None:
    """Any of four, and what the condition does to work; who is not fit needs none (FIT-06)."""
    note = certificate(fitness=fitness, effects=effects, adjustments=adjustments)
    if fitness is Fitness.NOT_FIT:
        fine = not adjustments
    else:
        fine = bool(adjustments) and effects is not None
    assert broken(facts(sick_note(note))) == (set() if fine else {"adjusted"})


def test_a_certificate_is_of_a_sick_note_and_does_not_end_before_it_begins() -> None:
    """Values that mean nothing cannot be written."""
    with pytest.raises(Invalid):
        certificate(days=0)
    assert certificate(days=1).days == 1
    with pytest.raises(Invalid):
        referral(certificate=certificate())
    with pytest.raises(Invalid):
        LetterContent(kind=LetterKind.SICK_NOTE, recipient="A", text="B")


@pytest.mark.parametrize(
    "words", ["This is a Med3.", "as on form MED 3", "your Fit Note", "Statement of fitness"]
)
def test_without_the_entitlement_nothing_reads_like_the_statutory_form(words: str) -> None:
    """Neither its title nor the author's words; with it, both may (FIT-01)."""
    for content in (
        sick_note(text=words),
        sick_note(recipient=words),
        sick_note(certificate(effects=words)),
    ):
        assert broken(facts(content)) == {"own-wording"}
        assert broken(facts(content, statutory_notes=True)) == set()
        assert broken(facts(content, NEW_YORK)) == set()
    assert broken(facts(referral(text=words))) == set()


@pytest.mark.parametrize(
    ("jurisdiction", "entitled", "title"),
    [
        (LONDON, False, "Private medical certificate"),
        (LONDON, True, "Statement of Fitness for Work (Med3)"),
        (NEW_YORK, False, "Work or school excuse letter"),
        (NEW_YORK, True, "Work or school excuse letter"),
    ],
)
def test_a_sick_note_is_titled_as_the_practice_is_entitled_to(
    jurisdiction: str, entitled: bool, title: str
) -> None:
    """Only a recorded entitlement gives it the statutory name (FIT-01)."""
    found = facts(sick_note(), jurisdiction, statutory_notes=entitled)
    assert title_of(found.letter, found.practice) == title
    page = page_of(found.letter, found.practice, found.provider, prescribing().patient, DAY)
    assert ("Med3" in repr(page)) == title.endswith("(Med3)")


def test_a_sick_note_shows_what_it_certifies_and_who_certifies() -> None:
    """Name and profession are printed, with no place for ink; dates, adjustments and effects stand
    on it, and nothing else about the patient (FIT-03, FIT-06, REF-02).
    """
    note = certificate(
        fitness=Fitness.MAY_BE_FIT, adjustments=FOUR, effects="cannot stand for long"
    )
    content = sick_note(
        note, recipient_kind=RecipientKind.EMPLOYER, disclosure=Disclosure.PATIENT_AGREED
    )
    found = facts(content)
    assert broken(found) == set()
    page = page_of(found.letter, found.practice, found.provider, prescribing().patient, DAY)
    assert page.facts == (
        ("Patient", "Pat Example"),
        ("Assessed on", "2026-11-24, by remote consultation"),
        ("May be fit for work", "2026-11-24 to 2026-12-07"),
        ("With", "altered hours, amended duties, phased return, workplace adaptations"),
        ("Effects at work", "cannot stand for long"),
    )
    assert page.signature == ("Robin Doctor", "Doctor", "GMC 1234567")
    assert page.paragraphs == ("Unable to work.",)
    unfit = facts(sick_note())
    plain = page_of(unfit.letter, unfit.practice, unfit.provider, prescribing().patient, DAY)
    assert ("Not fit for work", "2026-11-24 to 2026-12-07") in plain.facts


# --- referral letters, and who is told ----------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "rule"),
    [
        ("reason", "reason-given"),
        ("urgency", "urgency-given"),
        ("disclosure", "basis-given"),
    ],
)
def test_a_referral_letter_says_why_how_soon_and_on_what_basis(field: str, rule: str) -> None:
    """Leaving out any one is refused by its name; a recipient it always has (REF-01)."""
    absent: Any = {field: None}
    assert broken(facts(referral(**absent))) == {rule}
    with pytest.raises(Invalid):
        referral(recipient=" ")


@pytest.mark.parametrize("basis", Disclosure)
@pytest.mark.parametrize("kind", RecipientKind)
def test_who_does_not_treat_the_patient_is_told_only_what_they_agreed_to(
    kind: RecipientKind, basis: Disclosure
) -> None:
    """Direct care is the basis of those who give it (REF-02)."""
    fine = kind is RecipientKind.TREATING or basis is Disclosure.PATIENT_AGREED
    content = referral(recipient_kind=kind, disclosure=basis)
    assert broken(facts(content)) == (set() if fine else {"others-agreed-to"})


@pytest.mark.parametrize("shares", [True, False])
@pytest.mark.parametrize("kind", [LetterKind.GP_LETTER, LetterKind.REFERRAL])
def test_the_gp_is_told_only_while_the_patient_agrees(kind: LetterKind, shares: bool) -> None:
    """A referral to somebody else does not depend on it (CON-03, RXU-09)."""
    content = referral(kind=kind)
    fine = shares or kind is LetterKind.REFERRAL
    assert broken(facts(content, shares_with_gp=shares)) == (set() if fine else {"gp-agreed"})
