"""Asking again and again, since nobody calls us; and right before a visit (F56, F57)."""

from datetime import timedelta

import pytest

from telehealth_core.records.ports import Changes, Throttled
from telehealth_core.records.use_cases.syncing import GONE, RecordAge
from telehealth_core.shared.refusal import StaleVersion, Unavailable, Unknown
from unit.clinic import MORNING, profile
from unit.records.offices import PATIENT, Office

AWAY = Unavailable("The outside record system")


def test_what_was_read_is_not_asked_for_again() -> None:
    """The cursor is the other side's own word for how far we are (F56)."""
    office = Office()
    office.writes("1", profile("One Example", phone="111111"))
    office.settle()
    assert office.cursor(PATIENT).position == "1"
    asked = office.outside.asked
    office.ask.records.poll_patients(office.system)
    assert office.outside.asked == asked
    office.writes("2", profile("Two Example", phone="222222"))
    office.settle()
    assert office.cursor(PATIENT).position == "2"
    assert len(office.everybody()) == 2


def test_more_may_be_asked_for_at_once() -> None:
    """A long list is read page by page without waiting (F56)."""
    office = Office()
    for id in ("1", "2", "3"):
        office.writes(id, profile(f"N{id} Example", phone=id * 6))
    office.outside.page = 2
    assert office.ask.records.poll_patients(office.system)
    assert not office.ask.records.poll_patients(office.system)
    assert len(office.everybody()) == 3


def test_a_crash_before_the_cursor_is_saved_repeats_nothing_harmful() -> None:
    """The rows come again and change nothing (F56)."""
    office = Office()
    patient = office.known()
    office.writes("1", profile("One Example", phone="111111"))
    office.writes("2", profile("Two Example"), birth_date="never")
    office.edit(PATIENT, office.outside_id(patient.as_patient()), family_name="Other", phone="333")
    office.settle()
    log, rows = list(office.outside.log), office.rows()
    del office.store.rows["record_cursors"]
    office.settle(2)
    after = office.rows()
    cursors = {key for key in after if key[0] == "record_cursors"}
    assert {k: v for k, v in after.items() if k not in cursors} == {
        k: v for k, v in rows.items() if k not in cursors
    }
    assert office.outside.log == log


def test_we_wait_as_long_as_we_are_told_and_longer_each_time_else() -> None:
    """Throttles are honored, failures wait up to an hour, an answer forgets them (F56)."""
    office = Office(records_poll_minutes=5)
    office.outside.faults = [Throttled("The outside record system", timedelta(minutes=7))]
    assert not office.ask.records.poll_patients(office.system)
    assert office.cursor(PATIENT).next_at == office.clock() + timedelta(minutes=7)
    waits = []
    office.outside.faults = [AWAY] * 6
    for _ in range(6):
        office.clock.now = office.cursor(PATIENT).next_at
        office.ask.records.poll_patients(office.system)
        waits.append((office.cursor(PATIENT).next_at - office.clock()) / timedelta(minutes=1))
    assert waits == [20, 40, 60, 60, 60, 60]
    office.clock.now = office.cursor(PATIENT).next_at
    office.ask.records.poll_patients(office.system)
    assert office.cursor(PATIENT).failures == 0
    assert office.cursor(PATIENT).next_at == office.clock() + timedelta(minutes=5)


def test_a_push_to_a_system_away_is_made_later() -> None:
    """The event stays until it was told (F55)."""
    office = Office()
    patient = office.known()
    office.outside.faults = [AWAY, Throttled("The outside record system")]
    office.rename(patient, phone="444444")
    office.drain()
    assert office.said(PATIENT, office.outside_id(patient.as_patient()))["phone"] == "444444"


def test_before_a_visit_the_record_is_heard_again_and_tells_its_age() -> None:
    """F57: whatever happens, the answer tells how old what we know is."""
    office = Office()
    patient, provider = office.diary()
    visit = office.booked(patient, next(iter(office.store.rows["sessions"].values())))
    office.drain()
    heard = office.ask.records.age(provider, visit.id)
    assert not heard.stale
    assert office.ask.records.refresh(provider, visit.id) == heard
    office.edit(PATIENT, "p", phone="555555")
    office.clock.forward(minutes=20)
    assert office.ask.records.age(provider, visit.id) == RecordAge(heard.as_of, stale=True)
    office.outside.faults = [AWAY]
    assert office.ask.records.refresh(provider, visit.id) == RecordAge(
        heard.as_of, stale=True, problem="unavailable"
    )
    now = RecordAge(office.clock(), stale=False)
    assert office.ask.records.refresh(provider, visit.id) == now
    assert office.ask.records.age(provider, visit.id) == now
    assert office.person(patient).known.phone == "555555"
    office.clock.forward(minutes=20)
    office.outside.vanish(office.id, PATIENT, "p")
    assert office.ask.records.refresh(provider, visit.id).problem == GONE
    assert office.ask.records.age(provider, visit.id).problem == GONE
    office.clock.forward(minutes=20)
    assert office.ask.records.refresh(provider, visit.id).problem == GONE
    with pytest.raises(Unknown):
        office.ask.records.refresh(office.patient("Sam Example"), visit.id)


def test_a_patient_unknown_outside_has_no_age() -> None:
    """Nobody is asked (F57)."""
    office = Office()
    office.outside.practices.clear()
    patient, provider = office.patient(), office.provider()
    visit = office.booked(patient, office.session(provider))
    assert office.ask.records.refresh(provider, visit.id) == RecordAge(None, stale=False)
    assert office.outside.asked == 0


def test_whoever_comes_within_the_hour_is_refreshed() -> None:
    """Once, and not while the other side is away; joining asks nobody (F57)."""
    office = Office()
    patient, provider = office.diary()
    visit = office.booked(patient, next(iter(office.store.rows["sessions"].values())))
    office.drain()
    office.clock.now = MORNING - timedelta(hours=2)
    assert office.ask.records.refresh_upcoming(office.system) == 0
    office.clock.now = MORNING - timedelta(minutes=50)
    office.outside.faults = [AWAY]
    assert office.ask.records.refresh_upcoming(office.system) == 0
    assert office.ask.records.refresh_upcoming(office.system) == 1
    office.clock.forward(minutes=1)
    assert office.ask.records.refresh_upcoming(office.system) == 0
    asked = office.outside.asked
    office.clock.now = MORNING
    office.join(patient, visit)
    office.join(provider, visit)
    assert office.outside.asked == asked


def test_the_answer_tells_the_age_even_if_somebody_else_just_heard_it() -> None:
    """A change at the same moment is no reason for no answer (F57)."""
    office = Office()
    patient, provider = office.diary()
    visit = office.booked(patient, next(iter(office.store.rows["sessions"].values())))
    office.drain()
    office.clock.forward(minutes=20)
    office.outside.faults = [StaleVersion("record link", visit.id)]  # type: ignore[list-item]
    age = office.ask.records.refresh(provider, visit.id)
    assert (age.stale, age.problem) == (True, "stale-version")
    assert Changes(rows=(), position=None).more is False
