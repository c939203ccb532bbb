"""Questionnaires: scores, bands, and the alarming answers that wait for a human (F41, TEL-11)."""

from datetime import UTC, datetime
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.access.actor import Actor
from telehealth_core.access.policy import NotPermitted
from telehealth_core.shared.ids import (
    PatientId,
    PracticeId,
    ProgramId,
    QuestionnaireId,
    UserId,
)
from telehealth_core.shared.refusal import IdReused, Invalid, Unknown
from telehealth_core.treatment.questionnaire import INSTRUMENTS, Instrument, Questionnaire
from telehealth_core.treatment.use_cases import Answered
from unit.clinic import LAWS, Clinic
from unit.treatment.test_treatment import started

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
CALM, ALARMING = (1,) * 8 + (0,), (0,) * 8 + (1,)


def of(instrument: str, answers: tuple[int, ...]) -> Questionnaire:
    """Answers, checked."""
    return Questionnaire.answer(
        id=QuestionnaireId(UUID(int=1)),
        practice_id=PracticeId(UUID(int=2)),
        patient_id=PatientId(UUID(int=3)),
        instrument=instrument,
        answers=answers,
        answered_at=AT,
    )


def summing(instrument: Instrument, score: int) -> tuple[int, ...]:
    """Answers with this score."""
    whole, rest = divmod(score, instrument.most)
    given = (instrument.most,) * whole + ((rest,) if rest else ())
    return given + (0,) * (instrument.items - len(given))


@pytest.mark.parametrize(
    ("instrument", "score", "band"),
    [
        ("phq-9", 0, "minimal"), ("phq-9", 4, "minimal"), ("phq-9", 5, "mild"),
        ("phq-9", 9, "mild"), ("phq-9", 10, "moderate"), ("phq-9", 14, "moderate"),
        ("phq-9", 15, "moderately severe"), ("phq-9", 19, "moderately severe"),
        ("phq-9", 20, "severe"), ("phq-9", 27, "severe"),
        ("gad-7", 0, "minimal"), ("gad-7", 4, "minimal"), ("gad-7", 5, "mild"),
        ("gad-7", 9, "mild"), ("gad-7", 10, "moderate"), ("gad-7", 14, "moderate"),
        ("gad-7", 15, "severe"), ("gad-7", 21, "severe"),
    ],
)  # fmt: skip
def test_a_score_is_called_as_the_instrument_says_at_every_boundary(
    instrument: str, score: int, band: str
) -> None:
    """The score is the sum; each band begins at its least score (F51)."""
    given = of(instrument, summing(INSTRUMENTS[instrument], score))
    assert (given.score, given.band) == (score, band)


@LAWS
@given(st.data())
def test_answers_are_so_many_numbers_in_range_and_nothing_else(data: st.DataObject) -> None:
    """The score is their sum, within the bands; the alarm is the alarming item above nothing."""
    code = data.draw(st.sampled_from(sorted(INSTRUMENTS)))
    answers = tuple(data.draw(st.lists(st.integers(-1, 4), min_size=6, max_size=10)))
    known = INSTRUMENTS[code]
    if len(answers) == known.items and set(answers) <= {0, 1, 2, 3}:
        given = of(code, answers)
        assert given.score == sum(answers)
        assert given.alarm is (code == "phq-9" and answers[8] > 0)
        assert len(given.answered(by=UserId(UUID(int=4)))) == 1 + given.alarm
    else:
        with pytest.raises(Invalid):
            of(code, answers)


def test_an_unknown_instrument_is_refused_and_no_field_names_a_diagnosis_or_dose() -> None:
    """What is kept is answers and a measure of them (TEL-11)."""
    with pytest.raises(Invalid, match="phq-9, gad-7"):
        of("horoscope", (0,))
    names = {field.name for field in attrs.fields(Questionnaire)}
    assert not {name for name in names if "diagnos" in name or "dose" in name}


@pytest.fixture
def patient(clinic: Clinic) -> Actor:
    """Who answers."""
    return clinic.patient()


@pytest.fixture
def provider(clinic: Clinic, patient: Actor) -> Actor:
    """Who treats the patient, in a program."""
    provider = clinic.provider()
    started(clinic, patient, provider)
    return provider


def answer(
    clinic: Clinic, by: Actor, patient: Actor, answers: tuple[int, ...] = ALARMING
) -> Answered:
    """The patient's answers."""
    return clinic.ask.questionnaires.answer(
        by, QuestionnaireId(clinic.new_id()), patient.as_patient(),
        instrument="phq-9", answers=answers,
    )  # fmt: skip


def test_an_alarming_answer_names_whom_to_call_and_a_calm_one_does_not(
    clinic: Clinic, patient: Actor
) -> None:
    """Whoever gave it is told the numbers of where the practice is at once (TEL-11)."""
    alarming, calm = answer(clinic, patient, patient), answer(clinic, patient, patient, CALM)
    assert (alarming.emergency_number, alarming.crisis_number) == ("999", "111")
    assert (calm.emergency_number, calm.crisis_number) == (None, None)
    american = Clinic(jurisdiction="us")
    one = american.patient()
    assert answer(american, one, one).emergency_number == "911"


def test_an_alarming_answer_calls_humans_at_once_and_once(
    clinic: Clinic, patient: Actor, provider: Actor
) -> None:
    """The liaison and whoever leads the program get a notice that says nothing of it (TEL-11)."""
    clinic.provider("Robin Doctor")
    clinic.drain()
    before = len(clinic.sent())
    answer(clinic, patient, patient)
    answer(clinic, patient, patient, CALM)
    clinic.drain(times=3)
    emails = {clinic.store.rows["accounts"][who.id].email for who in (clinic.liaison, provider)}
    told = clinic.sent()[before:]
    assert {(email, template) for email, template, _ in told} == {
        (email, "alarming-answer") for email in emails
    }
    assert len(told) == 2
    assert all(facts == {} for _, _, facts in told)


def test_nobody_is_called_for_what_somebody_has_seen(
    clinic: Clinic, patient: Actor, provider: Actor
) -> None:
    """The notice looks again when it is sent."""
    clinic.drain()
    before = len(clinic.sent())
    given = answer(clinic, patient, patient).questionnaire
    clinic.ask.questionnaires.see_alarm(provider, given.id)
    clinic.drain()
    assert len(clinic.sent()) == before


def test_alarms_wait_in_a_queue_until_somebody_has_seen_them(
    clinic: Clinic, patient: Actor, provider: Actor
) -> None:
    """The oldest first, without the answers; the first who saw it counts (TEL-11, ACC-03)."""
    ask = clinic.ask.questionnaires
    alarms = []
    for answers in (ALARMING, CALM, ALARMING):
        clinic.clock.forward(minutes=1)
        alarms.append(answer(clinic, patient, patient, answers).questionnaire)
    first, _, second = alarms
    waiting = ask.alarms(clinic.liaison)
    assert [one.id for one in waiting] == [first.id, second.id]
    assert all(one.answers == () and one.alarm for one in waiting)
    read = clinic.store.audit[-1]
    assert (read.patient_id, read.actor) == (patient.as_patient(), clinic.liaison.id)
    clinic.clock.forward(minutes=5)
    seen = ask.see_alarm(clinic.liaison, first.id)
    assert (seen.answers, seen.seen_by) == ((), clinic.liaison.id)
    assert [one.id for one in ask.alarms(clinic.liaison)] == [second.id]
    again = ask.see_alarm(provider, first.id)
    assert (again.answers, again.seen_by, again.seen_at) == (
        ALARMING, clinic.liaison.id, seen.seen_at,
    )  # fmt: skip


def test_only_an_alarm_is_seen_and_only_by_who_may(
    clinic: Clinic, patient: Actor, provider: Actor
) -> None:
    """A refusal leaves it waiting (TEL-11)."""
    ask = clinic.ask.questionnaires
    calm = answer(clinic, patient, patient, CALM).questionnaire
    given = answer(clinic, patient, patient).questionnaire
    before = clinic.rows()
    with pytest.raises(Invalid):
        ask.see_alarm(provider, calm.id)
    for who, refusal in (
        (patient, NotPermitted), (clinic.admin, NotPermitted),
        (clinic.provider("Robin Doctor"), Unknown), (Clinic(beside=clinic).liaison, Unknown),
    ):  # fmt: skip
        with pytest.raises(refusal):
            ask.see_alarm(who, given.id)
    for who in (patient, provider, clinic.admin):
        with pytest.raises(NotPermitted):
            ask.alarms(who)
    assert clinic.rows().items() >= before.items()


def test_how_a_score_goes_over_time_is_told_to_who_may_see_it(
    clinic: Clinic, patient: Actor, provider: Actor
) -> None:
    """The newest first, with the answers for the patient's side and who treats (F41, F51)."""
    ask = clinic.ask.questionnaires
    given = []
    for by, answers in ((patient, ALARMING), (provider, CALM)):
        clinic.clock.forward(days=7)
        given.append(answer(clinic, by, patient, answers).questionnaire)
    for reader in (patient, provider):
        assert ask.of_patient(reader, patient.as_patient()) == (given[1], given[0])
    assert "1, 1" not in repr(given)
    for staff in (clinic.liaison, clinic.admin):
        with pytest.raises(NotPermitted):
            ask.of_patient(staff, patient.as_patient())


def test_answers_are_given_once_and_for_a_program_of_the_patient(
    clinic: Clinic, patient: Actor, provider: Actor
) -> None:
    """A repeat finds the first, numbers to call included; other answers need another id."""
    ask, id = clinic.ask.questionnaires, QuestionnaireId(clinic.new_id())
    own = started(clinic, patient, provider)
    theirs = started(clinic, clinic.patient("Lee Example"), provider)

    def once(answers: tuple[int, ...], program_id: ProgramId) -> Answered:
        return ask.answer(
            patient, id, patient.as_patient(),
            instrument="phq-9", answers=answers, program_id=program_id,
        )  # fmt: skip

    with pytest.raises(Unknown):
        once(ALARMING, theirs.id)
    assert "questionnaires" not in clinic.store.rows
    first = once(ALARMING, own.id)
    ask.see_alarm(provider, id)
    again = once(ALARMING, own.id)
    assert (again.questionnaire.id, again.emergency_number) == (id, first.emergency_number)
    with pytest.raises(IdReused):
        once(CALM, own.id)
