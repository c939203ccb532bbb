"""How good the connection was, as both sides say (F34)."""

from datetime import datetime, timedelta

import pytest

from telehealth_core.access.actor import Actor
from telehealth_core.consultation.attendance import Side
from telehealth_core.consultation.feedback import FeedbackClosed, Issue
from telehealth_core.consultation.use_cases.feedback import SUMMED_MOST
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.refusal import Invalid, Unknown
from unit.clinic import MORNING, Clinic

ECHO, DROPPED = Issue.ECHO, Issue.DROPPED
DAY = Interval(MORNING, MORNING + timedelta(days=1))


def visit(clinic: Clinic) -> tuple[Appointment, Actor, Actor]:
    """A visit that both sides attended."""
    patient, provider = clinic.patient(), clinic.provider()
    booked = clinic.booked(patient, clinic.session(provider))
    clinic.both_join(booked, patient, provider)
    return booked, patient, provider


def test_both_sides_rate_the_connection_and_name_what_was_wrong(clinic: Clinic) -> None:
    """Each once; said again, the later words count, for a day (F34)."""
    booked, patient, provider = visit(clinic)
    ask, begun = clinic.ask.feedback, clinic.clock()
    ask.give(patient, booked.id, rating=2, issues=frozenset({ECHO, DROPPED}), comment="awful")
    ask.give(provider, booked.id, rating=5)
    clinic.clock.now = begun + timedelta(days=1) - timedelta(seconds=1)
    ask.give(patient, booked.id, rating=3, issues=frozenset({ECHO}), comment="not so bad")
    clinic.clock.now = begun + timedelta(days=1)
    with pytest.raises(FeedbackClosed):
        ask.give(patient, booked.id, rating=1)
    said = ask.of_visit(clinic.liaison, booked.id)
    assert sorted((one.side, one.rating, sorted(one.issues), one.comment) for one in said) == [
        (Side.PATIENT, 3, [ECHO], "not so bad"),
        (Side.PROVIDER, 5, [], None),
    ]


def test_the_provider_does_not_see_the_patients_words(clinic: Clinic) -> None:
    """Staff read them; the provider sees rating and issues; the patient what they said themselves
    (F34).
    """
    booked, patient, provider = visit(clinic)
    ask = clinic.ask.feedback
    ask.give(patient, booked.id, rating=1, comment="did not listen")
    ask.give(provider, booked.id, rating=4, comment="patient in a train")
    words = {
        name: {one.side: one.comment for one in ask.of_visit(actor, booked.id)}
        for name, actor in (("staff", clinic.admin), ("provider", provider), ("patient", patient))
    }
    assert words == {
        "staff": {Side.PATIENT: "did not listen", Side.PROVIDER: "patient in a train"},
        "provider": {Side.PATIENT: None, Side.PROVIDER: "patient in a train"},
        "patient": {Side.PATIENT: "did not listen"},
    }


def test_who_was_not_let_in_rates_nothing(clinic: Clinic) -> None:
    """A visit that nobody was let into has no connection, and one without you is not yours."""
    patient, provider = clinic.patient(), clinic.provider()
    booked = clinic.booked(patient, clinic.session(provider))
    for let_in in (False, True):
        with pytest.raises(Unknown):
            clinic.ask.feedback.give(patient, booked.id, rating=5)
        if not let_in:
            clinic.clock.now = MORNING
            clinic.join(provider, booked)


@pytest.mark.parametrize("rating", [0, 6, -1])
def test_a_rating_lies_between_one_and_five(clinic: Clinic, rating: int) -> None:
    """Anything else is no rating."""
    booked, patient, _ = visit(clinic)
    with pytest.raises(Invalid):
        clinic.ask.feedback.give(patient, booked.id, rating=rating)


def test_connections_are_summed_up_for_a_report(clinic: Clinic) -> None:
    """How often each side gave each rating, and how often each issue was named (F34)."""
    booked, patient, provider = visit(clinic)
    ask = clinic.ask.feedback
    ask.give(patient, booked.id, rating=2, issues=frozenset({ECHO, DROPPED}))
    ask.give(provider, booked.id, rating=2, issues=frozenset({ECHO}))
    summed = ask.summary(clinic.liaison, DAY)
    assert summed.ratings == {Side.PATIENT: {2: 1}, Side.PROVIDER: {2: 1}}
    assert summed.issues == {ECHO: 2, DROPPED: 1}
    assert summed.complete
    before = Interval(MORNING - timedelta(days=1), MORNING)
    assert ask.summary(clinic.liaison, before).issues == {}


def test_a_report_says_when_there_was_too_much_to_count(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It never passes a part off as the whole."""
    booked, patient, provider = visit(clinic)
    for who in (patient, provider):
        clinic.ask.feedback.give(who, booked.id, rating=3)
    monkeypatch.setattr("telehealth_core.consultation.use_cases.feedback.SUMMED_MOST", 1)
    summed = clinic.ask.feedback.summary(clinic.liaison, DAY)
    assert not summed.complete
    assert sum(sum(given.values()) for given in summed.ratings.values()) == 1
    assert SUMMED_MOST > 1


def test_a_report_covers_a_year_at_most(clinic: Clinic) -> None:
    """Longer periods are asked for in parts."""
    begin = datetime(2026, 1, 1, tzinfo=MORNING.tzinfo)
    with pytest.raises(Invalid):
        clinic.ask.feedback.summary(clinic.liaison, Interval(begin, begin + timedelta(days=367)))
