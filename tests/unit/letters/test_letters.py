"""Letters: sick notes by their rules, issued once and sealed (F36)."""

from datetime import date, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.access.actor import Actor
from telehealth_core.letters.letter import (
    MAY_CERTIFY,
    Letter,
    LetterKind,
    LetterStatus,
    MayNotCertify,
)
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.shared.ids import LetterId
from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.refusal import Invalid, Unknown
from telehealth_core.workforce.provider import Profession
from unit.clinic import MORNING, SCENARIOS, Clinic

TODAY = MORNING.date()


def begun(
    clinic: Clinic, profession: Profession = Profession.DOCTOR
) -> tuple[Actor, Actor, Appointment]:
    """A patient and a provider in a visit."""
    patient, provider = clinic.patient(), clinic.provider("Robin Doctor", profession=profession)
    booked = clinic.booked(patient, clinic.session(provider))
    clinic.both_join(booked, patient, provider)
    return patient, provider, booked


def issue(clinic: Clinic, provider: Actor, visit: Appointment, **other: Any) -> Letter:
    """Issue a referral letter, or what is named instead."""
    usual: dict[str, Any] = {
        "kind": LetterKind.REFERRAL,
        "recipient": "A clinic\n3 Example Street",
        "text": "Please see this patient.\n\nThank you.",
    }
    return clinic.ask.letters.issue(
        provider, LetterId(clinic.new_id()), visit.id, **{**usual, **other}
    )


def sick_note(
    clinic: Clinic, provider: Actor, visit: Appointment, begin: date | None, end: date | None
) -> Letter:
    """Issue a sick note for these days."""
    return issue(
        clinic,
        provider,
        visit,
        kind=LetterKind.SICK_NOTE,
        unfit_from=begin,
        unfit_until=end,
    )


def test_an_issued_letter_reaches_the_patient_as_it_was_sealed(clinic: Clinic) -> None:
    """Listed, readable, told by a neutral notice, and proven by its hash (MSG-08)."""
    patient, provider, visit = begun(clinic)
    letter = issue(clinic, provider, visit)
    assert letter.status is LetterStatus.ISSUED
    assert clinic.ask.letters.of_patient(patient, patient.as_patient()) == (letter,)
    pdf = clinic.ask.letters.pdf(patient, letter.id)
    assert b"Pat Example" in pdf
    clinic.drain()
    notice = clinic.sent()[-1]
    assert notice[1:] == ("letter-ready", {})
    with pytest.raises(Unknown):
        clinic.ask.letters.pdf(clinic.patient("Lee Example"), letter.id)


def test_a_letter_that_was_tampered_with_is_not_handed_out(clinic: Clinic) -> None:
    """Other bytes than those issued are a fault, never an answer."""
    patient, provider, visit = begun(clinic)
    letter = issue(clinic, provider, visit)
    where = clinic.id, letter.patient_id, letter.document_id
    clinic.documents.kept[where] = b"another letter"
    with pytest.raises(AssertionError, match="what was issued"):
        clinic.ask.letters.pdf(patient, letter.id)


def test_a_recalled_letter_is_gone(clinic: Clinic) -> None:
    """Nobody reads it any more."""
    patient, provider, visit = begun(clinic)
    letter = issue(clinic, provider, visit)
    clinic.store.rows["letters"][letter.id] = attrs.evolve(letter, status=LetterStatus.RECALLED)
    with pytest.raises(Unknown):
        clinic.ask.letters.pdf(patient, letter.id)


def test_no_letter_is_written_before_the_visit(clinic: Clinic) -> None:
    """Certifying needs an assessment (FIT-04)."""
    provider = clinic.provider()
    booked = clinic.booked(clinic.patient(), clinic.session(provider))
    with pytest.raises(IllegalTransition):
        issue(clinic, provider, booked)


@pytest.mark.parametrize("profession", Profession)
def test_sick_notes_are_issued_by_certain_professions_only(
    clinic: Clinic, profession: Profession
) -> None:
    """A therapist refers but does not certify (FIT-03)."""
    _, provider, visit = begun(clinic, profession)
    issue(clinic, provider, visit)
    if profession in MAY_CERTIFY:
        sick_note(clinic, provider, visit, TODAY, TODAY)
        return
    before = clinic.rows()
    with pytest.raises(MayNotCertify):
        sick_note(clinic, provider, visit, TODAY, TODAY)
    assert clinic.rows() == before


DAYS = st.none() | st.integers(-100, 100)


@SCENARIOS
@given(DAYS, DAYS, st.sampled_from(LetterKind))
def test_a_sick_note_and_nothing_else_says_from_when_until_when(
    begin: int | None, end: int | None, kind: LetterKind
) -> None:
    """Not from the future, not ending before it begins, at most three months (FIT-05, FIT-06)."""
    clinic = Clinic()
    _, provider, visit = begun(clinic)
    first = None if begin is None else TODAY + timedelta(days=begin)
    last = None if end is None else TODAY + timedelta(days=end)
    if kind is LetterKind.REFERRAL:
        fine = begin is None and end is None
    else:
        fine = begin is not None and end is not None and begin <= 0 and 0 <= end - begin <= 91
    if fine:
        letter = issue(clinic, provider, visit, kind=kind, unfit_from=first, unfit_until=last)
        assert (letter.unfit_from, letter.unfit_until) == (first, last)
    else:
        with pytest.raises(Invalid):
            issue(clinic, provider, visit, kind=kind, unfit_from=first, unfit_until=last)


def test_today_is_the_practices_today() -> None:
    """Half past midnight on a summer night in London, a note from today is not from the future."""
    clinic = Clinic()
    clinic.clock.now = MORNING.replace(month=6, day=1, hour=9, year=2027)
    patient, provider = clinic.patient(), clinic.provider(profession=Profession.DOCTOR)
    night = MORNING.replace(year=2027, month=6, day=1, hour=23, minute=30)
    booked = clinic.booked(patient, clinic.session(provider, start=night))
    clinic.both_join(booked, patient, provider)
    sick_note(clinic, provider, booked, date(2027, 6, 2), date(2027, 6, 3))


@pytest.mark.parametrize(
    ("jurisdiction", "title"),
    [("uk", "Private medical certificate"), ("us", "Work or school excuse letter")],
)
def test_a_sick_note_is_titled_as_its_jurisdiction_allows(jurisdiction: str, title: str) -> None:
    """Never the wording of a statutory form (FIT-01); a letter shows whom, when and by whom."""
    clinic = Clinic(jurisdiction=jurisdiction)
    _, provider, visit = begun(clinic)
    letter = sick_note(clinic, provider, visit, TODAY, TODAY + timedelta(days=2))
    rows = clinic.store.rows
    page = letter.page(
        clinic.practice,
        rows["providers"][letter.provider_id],
        rows["patients"][letter.patient_id],
        TODAY,
    )
    assert page.title == title
    assert ("Not fit for work", "2026-11-24 to 2026-11-26") in page.facts
    assert page.paragraphs == ("Please see this patient.", "Thank you.")
    assert page.signature == ("Robin Doctor", "Doctor", "Example Register 1")
