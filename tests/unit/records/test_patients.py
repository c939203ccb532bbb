"""The same patients on both sides (F55, F58, VEN-06)."""

from contextlib import suppress

import attrs
import pytest

from telehealth_core.reactions import reactions_to
from telehealth_core.records.conflict import ConflictStatus, Side
from telehealth_core.records.mapping import patient_fields
from telehealth_core.records.quarantine import Problem
from telehealth_core.registration.patient import Address, PatientStatus
from telehealth_core.shared.refusal import IdReused, Invalid, Unavailable
from unit.clinic import Clinic, profile, provider_of
from unit.records.offices import PATIENT, Office

HERE = Address(lines=("9 New Road",), city="Newtown", region="X", postal_code="N1", country="GB")


def test_a_verified_patient_is_made_known_outside_once() -> None:
    """What we say arrives there, and nothing is written again (F55, F56)."""
    office = Office()
    registering = office.registering("Lee Example")
    office.drain()
    assert office.link(registering.as_patient()) is None
    patient = office.known()
    there = office.said(PATIENT, office.outside_id(patient.as_patient()))
    assert there == patient_fields(office.person(patient).known)
    log = list(office.outside.log)
    office.settle(4)
    assert office.outside.log == log


def test_nothing_is_told_where_nothing_is_connected() -> None:
    """A practice without an outside system asks and tells nobody (F55)."""
    clinic = Clinic()
    office = Office(beside=clinic)
    patient = clinic.patient()
    clinic.ask.records.poll_patients(clinic.system)
    clinic.drain()
    assert office.outside.asked == 0
    provider = clinic.provider()
    clinic.session(provider)
    clinic.ask.record_queue.link_provider(clinic.liaison, provider_of(provider), "d")
    clinic.drain()
    assert office.outside.asked == 0
    assert clinic.person(patient).status is PatientStatus.VERIFIED


def test_what_either_side_changes_the_other_takes_over() -> None:
    """An edit there arrives here, an edit here arrives there, and no echo follows (F55, F56)."""
    office = Office()
    patient = office.known()
    id = office.outside_id(patient.as_patient())
    moved = patient_fields(profile(address=HERE))
    office.edit(PATIENT, id, **{**moved, "phone": " +44 20 7946 0001 ", "gender": "female"})
    office.settle()
    known = office.person(patient).known
    assert (known.address, known.phone, known.gender.value) == (HERE, "+44 20 7946 0001", "female")
    office.rename(patient, email="new@example.org")
    office.settle()
    assert office.said(PATIENT, id)["email"] == "new@example.org"
    log = list(office.outside.log)
    office.settle(4)
    assert office.outside.log == log
    assert not office.history()


def test_a_move_heard_at_both_sides_is_theirs_and_ours_is_kept() -> None:
    """The front desk's word counts; the other version stands in the history (F58)."""
    office = Office()
    patient = office.known()
    id = office.outside_id(patient.as_patient())
    office.edit(PATIENT, id, phone="111111")
    office.rename(patient, phone="222222")
    office.settle(3)
    assert office.person(patient).known.phone == office.said(PATIENT, id)["phone"] == "111111"
    (one,) = office.history()
    assert one.status is ConflictStatus.RESOLVED
    assert (one.differences[0].ours, one.differences[0].theirs) == ("222222", "111111")
    assert one.kept == {"phone": Side.THEIRS}


def test_who_somebody_is_only_a_person_changes() -> None:
    """Another name there waits as a conflict with both versions, whatever else is taken over; once
    theirs counts, identity is checked anew (F58, IDV-10).
    """
    office = Office()
    patient = office.known()
    id = office.outside_id(patient.as_patient())
    office.edit(PATIENT, id, family_name="Married", phone="333333")
    office.settle(3)
    assert office.person(patient).known.full_name == "Pat Example"
    assert office.person(patient).known.phone == "333333"
    (one,) = office.conflicts()
    with pytest.raises(Invalid):
        office.ask.record_queue.resolve(office.liaison, one.id, {}, "seen the certificate")
    office.ask.record_queue.resolve(
        office.liaison, one.id, {"family_name": Side.THEIRS}, "seen the certificate"
    )
    office.settle(3)
    assert office.person(patient).known.full_name == "Pat Married"
    assert office.person(patient).status is PatientStatus.REGISTERING
    assert not office.conflicts()
    assert office.said(PATIENT, id)["family_name"] == "Married"


def test_what_is_decided_to_be_ours_is_told() -> None:
    """The other side gets our version, by reaction; theirs stays in the conflict (F58)."""
    office = Office()
    patient = office.known()
    id = office.outside_id(patient.as_patient())
    office.edit(PATIENT, id, birth_date="1981-01-01")
    office.settle()
    (one,) = office.conflicts()
    office.ask.record_queue.resolve(office.liaison, one.id, {"birth_date": Side.OURS}, "passport")
    office.settle(2)
    assert office.said(PATIENT, id)["birth_date"] == "1980-02-29"
    assert office.person(patient).is_verified(office.clock())
    assert [x.theirs for x in office.history()[0].differences] == ["1981-01-01"]


def test_a_conflict_follows_both_sides_and_settles_by_itself() -> None:
    """What changes while nobody decides is kept too; once both say the same nobody has to (F58)."""
    office = Office()
    patient = office.known()
    id = office.outside_id(patient.as_patient())
    office.edit(PATIENT, id, given_name="Patricia", gender="male")
    office.rename(patient, gender=office.person(patient).known.gender.__class__("other"))
    office.settle()
    office.edit(PATIENT, id, given_name="Patrice")
    office.settle()
    (one,) = office.conflicts()
    assert {x.theirs for x in (*one.differences, *one.earlier)} == {"Patricia", "Patrice", "male"}
    office.rename(patient, given_name="Patrice")
    office.edit(PATIENT, id, gender="other")
    office.settle()
    (settled,) = office.history()
    assert settled.status is ConflictStatus.RESOLVED
    assert settled.decided_by is None
    office.edit(PATIENT, id, given_name="Patricia")
    office.settle()
    assert len(office.conflicts()) == 1


def test_a_narrow_row_settles_nothing_that_it_does_not_mention() -> None:
    """A field that is not told of stays in dispute (F58)."""
    office = Office()
    patient = office.known()
    id = office.outside_id(patient.as_patient())
    office.edit(PATIENT, id, given_name="Patricia")
    office.settle()
    where = (office.id, PATIENT, id)
    row = office.outside.rows[where]
    office.outside.rows[where] = attrs.evolve(row, fields={"phone": "444444"})
    office.outside.log.append(where)
    office.settle()
    assert [x.theirs for x in office.conflicts()[0].differences] == ["Patricia"]
    assert office.person(patient).known.phone == "444444"


@pytest.mark.parametrize(
    ("other", "matched", "waits"),
    [
        ({"phone": None, "email": None}, True, False),
        ({"phone": None, "address_lines": None, "city": None, "country": None}, True, False),
        ({"phone": "1", "email": None, "address_lines": "2 Other Street"}, False, True),
        ({"given_name": "Kim", "birth_date": "2019-05-01"}, False, True),
        ({"given_name": "Kim", "birth_date": "2019-05-01", "phone": None}, False, False),
    ],
    ids=["name-birth-address", "name-birth-email", "name-birth", "family", "nobody"],
)
def test_three_attributes_match_two_wait_for_a_person_none_enrols(
    other: dict[str, str | None], *, matched: bool, waits: bool
) -> None:
    """VEN-06: a patient is matched on three attributes, name and birth date among them."""
    office = Office()
    patient = office.registering()
    if other.get("phone") == "1":
        other = {**other, "phone": None}
    office.writes("77", office.person(patient).known, **other)
    office.settle(2)
    assert (office.link(patient.as_patient()) is not None) is matched
    assert [one.problem for one in office.waiting()] == [Problem.POSSIBLE_MATCH] * waits
    assert len(office.everybody()) == 1 + (not matched and not waits)


def test_a_possible_match_is_merged_once_a_person_says_who_it_is() -> None:
    """Nothing has to change outside for that (F58)."""
    office = Office()
    patient = office.patient()
    office.outside.rows.clear()
    office.store.rows.pop("record_links", None)
    office.store.outbox.clear()
    theirs = attrs.evolve(
        office.person(patient).known, phone=None, email="other@example.org", address=None
    )
    office.writes("77", theirs)
    office.settle()
    (one,) = office.waiting()
    assert one.candidates == (patient.as_patient(),)
    office.ask.record_queue.match(office.liaison, one.id, patient.as_patient())
    office.drain()
    assert office.person(patient).known.email == "other@example.org"
    assert office.said(PATIENT, "77")["city"] == "Exampleton"
    assert not office.waiting()
    office.writes("78", theirs)
    office.settle()
    (again,) = office.waiting()
    with pytest.raises(IdReused):
        office.ask.record_queue.match(office.liaison, again.id, patient.as_patient())


def test_a_possible_match_may_be_somebody_new_or_nobody() -> None:
    """A person enrols or dismisses; what was dismissed waits again once it changes (F58)."""
    office = Office()
    office.known()
    twin = profile(email=None, phone=None, address=None)
    office.writes("77", twin)
    office.writes("78", twin)
    office.settle()
    new, none = sorted(office.waiting(), key=lambda one: one.outside_id)
    office.ask.record_queue.enrol(office.liaison, new.id)
    office.ask.record_queue.dismiss(office.liaison, none.id, "a test")
    office.settle(2)
    assert office.patient_of("77").known.full_name == "Pat Example"
    assert not office.waiting()
    office.edit(PATIENT, "78")
    office.settle()
    assert not office.waiting()
    office.edit(PATIENT, "78", email="twin@example.org")
    office.settle()
    assert [one.outside_id for one in office.waiting()] == ["78"]


@pytest.mark.parametrize(
    "broken",
    [
        {"birth_date": "yesterday"},
        {"birth_date": None},
        {"gender": "?"},
        {"country": "Wonderland"},
        {"city": None},
        {"given_name": "x" * 200},
        {"email": "nowhere"},
        {"birth_date": "2999-01-01"},
    ],
    ids=str,
)
@pytest.mark.parametrize("linked", [False, True])
def test_a_row_that_cannot_be_read_waits_whole_and_stops_nothing(
    broken: dict[str, str | None], *, linked: bool
) -> None:
    """The rows after it are taken in, and the row itself once it can be read (F58)."""
    office = Office()
    known = profile("Kim Other", phone="555555", email="kim@example.org")
    if linked:
        office.writes("1", known)
        office.settle()
    office.writes("1", known, **broken)
    office.writes("2", profile("Lee Third", phone="666666", email=None))
    office.settle(2)
    (one,) = office.waiting() if broken != {"birth_date": "2999-01-01"} or not linked else (None,)
    assert office.patient_of("2").known.full_name == "Lee Third"
    if one is not None:
        assert one.problem is Problem.UNREADABLE
        assert one.row == {**patient_fields(known), **broken}
    office.writes("1", known, gender="male")
    office.settle()
    assert office.patient_of("1").known.gender.value == "male"
    assert not office.waiting()


def test_what_our_rules_forbid_waits() -> None:
    """A closed record takes nothing over, and loses nothing (F58)."""
    office = Office()
    patient = office.known()
    id = office.outside_id(patient.as_patient())
    office.ask.registration.close(office.liaison, patient.as_patient(), "left")
    office.edit(PATIENT, id, phone="777777")
    office.settle(2)
    assert [one.problem for one in office.waiting()] == [Problem.REFUSED]
    assert office.waiting()[0].row["phone"] == "777777"


def test_a_row_that_is_gone_outside_changes_nothing_here() -> None:
    """Ours stays, nothing is written to nowhere, and it counts again should it come back."""
    office = Office()
    patient = office.known()
    id = office.outside_id(patient.as_patient())
    row = office.outside.rows[office.id, PATIENT, id]
    office.outside.vanish(office.id, PATIENT, id)
    before = office.person(patient)
    for phone in ("111111", "222222"):
        office.rename(patient, phone=phone)
        office.settle()
    link = office.link(patient.as_patient())
    assert link is not None
    assert link.vanished_at is not None
    assert office.person(patient).known == attrs.evolve(before.known, phone="222222")
    assert (office.id, PATIENT, id) not in office.outside.rows
    office.outside.edit(office.id, PATIENT, row)
    office.settle(2)
    assert office.said(PATIENT, id)["phone"] == "222222"


def test_a_write_whose_answer_is_lost_doubles_nothing() -> None:
    """Whether it made a row or changed one, the repeat finds what the first did (F55)."""
    office = Office()
    office.outside.lost = 1
    patient = office.patient()
    office.drain()
    assert len(office.outside.rows) == 1
    office.outside.lost = 1
    office.rename(patient, phone="888888")
    office.settle(2)
    assert len(office.outside.rows) == 1
    assert office.said(PATIENT, office.outside_id(patient.as_patient()))["phone"] == "888888"
    assert len(office.outside.log) == 3, "the answer alone was lost: making repeats with its key"
    office.rename(patient, phone="999999")
    office.outside.faults = [Unavailable("The outside record system")] * 3
    office.drain()
    assert office.said(PATIENT, office.outside_id(patient.as_patient()))["phone"] == "999999"


def test_a_lost_answer_may_be_polled_before_it_is_repeated() -> None:
    """The row that we made ourselves is recognized as the patient it was made for (VEN-06)."""
    office = Office()
    patient = office.registering()
    office.submit(patient)
    office.drain()
    office.outside.lost = 1
    clinic_patient = office.patient("Sam Example")
    taken = []
    while (one := office.store.take_event()) is not None:
        taken.append(one)
    for _, event in taken:
        for reaction in reactions_to(type(event)):
            with suppress(Unavailable):
                office.ask.react(reaction, event, office.system)
    office.ask.records.poll_patients(office.system)
    assert office.link(clinic_patient.as_patient()) is not None
    office.store.outbox.extend(taken)
    office.settle(2)
    assert len(office.outside.rows) == 1
    assert len(office.everybody()) == 2


def test_another_way_to_write_the_same_is_taken_over_not_fought_over() -> None:
    """A system that writes numbers its own way is not told ours again and again (F56)."""
    office = Office()
    office.outside.rewrites = {"phone": lambda said: said.replace(" ", "")}
    patient = office.known()
    id = office.outside_id(patient.as_patient())
    log = list(office.outside.log)
    office.settle(3)
    assert office.outside.log == log
    assert office.person(patient).known.phone == office.said(PATIENT, id)["phone"]
    assert [x.ours for one in office.history() for x in one.differences] == ["+44 20 7946 0000"]
    assert office.waiting() == ()


def test_a_profile_of_somebody_unknown_to_the_practice_stays_here() -> None:
    """Only who is verified, or known there already, is told of: the least (VEN-06)."""
    office = Office()
    patient = office.registering()
    office.rename(patient, phone="111111")
    office.drain()
    assert office.outside.asked == 0
