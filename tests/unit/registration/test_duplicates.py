"""Records that may be one person's: suspected by rules, judged by people, never merged (IDV-03)."""

from datetime import date
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.access.actor import Actor
from telehealth_core.access.policy import NotPermitted
from telehealth_core.registration.duplicate import DuplicateSuspicion, SuspicionStatus
from telehealth_core.registration.matching import (
    RULES,
    DocumentNumber,
    DuplicateRule,
    match_keys,
    shared_rules,
)
from telehealth_core.registration.patient import Identifier, Profile
from telehealth_core.shared.ids import PatientId
from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.refusal import Invalid
from unit.clinic import LAWS, Clinic, profile

NUMBER = DocumentNumber("AB 123-456")


def person(clinic: Clinic, name: str, birth: int, phone: str, **other: Any) -> Actor:
    """Somebody who registers, born on that day of May."""
    return clinic.registering(name, birth_date=date(1990, 5, birth), phone=phone, **other)


def suspected(clinic: Clinic) -> dict[frozenset[PatientId], frozenset[DuplicateRule]]:
    """Who is suspected of being whom, and why."""
    clinic.drain(times=2)
    found = clinic.ask.duplicates.queue(clinic.liaison)
    return {frozenset({one.patient_id, one.other_id}): one.rules for one in found}


def pair(one: Actor, other: Actor) -> frozenset[PatientId]:
    """Both patients."""
    return frozenset({one.as_patient(), other.as_patient()})


@pytest.mark.parametrize(
    ("other", "rules"),
    [
        (("Zo\u00eb  O'Neil", 1, "+44 20 7946 0001"), {DuplicateRule.NAME_AND_BIRTH_DATE}),
        (("Zo\u00eb O'Neil", 2, "+44 20 7946 0001"), set()),
        (("Sam Example", 1, "020 7946 0000"), {DuplicateRule.PHONE}),
        (("Sam Example", 1, "12345"), set()),
    ],
)
def test_each_rule_finds_what_is_the_same_however_it_is_written(
    clinic: Clinic, other: tuple[str, int, str], rules: set[DuplicateRule]
) -> None:
    """Case, accents, spaces and a country's prefix make no other person (IDV-03)."""
    first = person(clinic, "zoe oneil", 1, "+44 (20) 7946-0000")
    second = person(clinic, *other)
    before = clinic.person(first), clinic.person(second)
    assert suspected(clinic) == ({pair(first, second): frozenset(rules)} if rules else {})
    assert (clinic.person(first), clinic.person(second)) == before


def test_the_second_with_the_same_document_is_found_and_neither_is_merged(clinic: Clinic) -> None:
    """A reviewer enters the number; only its digest is kept (IDV-03)."""
    one, other = person(clinic, "A One", 1, "11111"), person(clinic, "B Two", 2, "22222")
    digest = NUMBER.digest(clinic.id.bytes)
    assert digest == DocumentNumber("ab123456").digest(clinic.id.bytes)
    assert digest != NUMBER.digest(b"another key")
    clinic.ask.identity.note_document(clinic.liaison, one.as_patient(), digest)
    assert suspected(clinic) == {}
    clinic.ask.identity.note_document(clinic.liaison, other.as_patient(), digest)
    assert suspected(clinic) == {pair(one, other): {DuplicateRule.DOCUMENT_NUMBER}}
    clinic.ask.registration.complete_profile(other, other.as_patient(), profile("C Three"))
    assert suspected(clinic) == {pair(one, other): {DuplicateRule.DOCUMENT_NUMBER}}


def test_the_same_number_of_another_system_is_the_same_person(clinic: Clinic) -> None:
    """As an import that names its own and an older number (IDV-03)."""
    old, new = Identifier(system="ehr", value="1"), Identifier(system="ehr", value="2")
    lee = profile("Lee Example", birth_date=date(1970, 1, 1), phone="33333")
    ask = clinic.ask.registration
    first, _ = ask.enrol(clinic.liaison, old, profile(), (old,))
    second, _ = ask.enrol(clinic.liaison, new, lee, (new, old))
    assert suspected(clinic) == {frozenset({first.id, second.id}): {DuplicateRule.IDENTIFIER}}


def test_a_family_shares_its_telephone(clinic: Clinic) -> None:
    """Between parent and child, and between siblings, it says nothing (IDV-03)."""
    guardian = clinic.patient()
    for name in ("Kim Example", "Jo Example"):
        clinic.dependant(guardian, name)
    assert suspected(clinic) == {}


def test_staff_judge_once_and_with_a_reason(clinic: Clinic) -> None:
    """A suspicion that was dismissed comes back only with more to it (IDV-03)."""
    one, other = (
        person(clinic, "A One", 1, "+44 1111 11111"),
        person(clinic, "B Two", 2, "+44 1111 11111"),
    )
    assert suspected(clinic) == {pair(one, other): {DuplicateRule.PHONE}}
    ask, id = clinic.ask.duplicates, DuplicateSuspicion.id_of(other.as_patient(), one.as_patient())
    with pytest.raises(Invalid, match="reason"):
        ask.dismiss(clinic.liaison, id, " ")
    with pytest.raises(NotPermitted):
        ask.queue(one)
    ask.dismiss(clinic.liaison, id, "Flatmates.")
    with pytest.raises(IllegalTransition):
        ask.confirm(clinic.liaison, id, "No: the same.")
    clinic.ask.registration.complete_profile(
        one, one.as_patient(), attrs.evolve(clinic.person(one).known, language="en")
    )
    assert suspected(clinic) == {}
    for patient in (one, other):
        clinic.ask.identity.note_document(clinic.liaison, patient.as_patient(), "0" * 64)
    both = {DuplicateRule.PHONE, DuplicateRule.DOCUMENT_NUMBER}
    assert suspected(clinic) == {pair(one, other): both}
    before = clinic.person(one), clinic.person(other)
    confirmed = ask.confirm(clinic.admin, id, "The same passport.")
    assert (confirmed.status, confirmed.decided_by) == (SuspicionStatus.CONFIRMED, clinic.admin.id)
    clinic.ask.registration.complete_profile(
        one, one.as_patient(), attrs.evolve(clinic.person(other).known)
    )
    assert suspected(clinic) == {}
    assert clinic.person(other) == before[1]


def test_practices_share_no_suspicion(clinic: Clinic) -> None:
    """The same person in two practices is two records of two practices."""
    there = Clinic(beside=clinic)
    one, other = clinic.registering(), there.registering()
    assert suspected(clinic) == {}
    assert not clinic.person(one).match_keys & clinic.person(other).match_keys


WORDS = st.text("ab C\u00e9-1", min_size=1, max_size=4).filter(str.strip)


@LAWS
@given(WORDS, WORDS, st.booleans())
def test_nothing_personal_lies_in_a_key(name: str, other: str, same: bool) -> None:
    """Keys name the rule and a digest, and match exactly where the plain values do (IDV-03)."""
    practice = Clinic().id
    names = (name, name if same else other)
    ours, theirs = (attrs.evolve(profile(), given_name=one) for one in names)
    keys = [match_keys(practice, who, ()) for who in (ours, theirs)]

    def plain(who: Profile) -> set[str]:
        return {value for values in RULES.values() for value in values(who, ())}

    assert len(shared_rules(*keys)) == len(plain(ours) & plain(theirs))
    assert all(
        (rule in set(DuplicateRule), len(digest)) == (True, 64)
        for key in keys[0]
        for rule, _, digest in [key.partition(":")]
    )
    assert match_keys(practice, None, ()) == frozenset()
