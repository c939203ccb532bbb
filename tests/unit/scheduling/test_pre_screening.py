"""Pre-screening: a form of the practice's, answers before the visit, red flags that reach a human
(F20, TEL-11).
"""

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.access.policy import NotPermitted
from telehealth_core.practice.pre_screening import Question
from telehealth_core.practice.settings import Approval, Charging, Settings
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.claim import HoldExpired
from telehealth_core.scheduling.life import RedFlagRaised
from telehealth_core.scheduling.pre_screening import Answer, red_flags
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.refusal import Invalid, Unknown
from unit.clinic import LAWS, MORNING, Clinic

BREATH = Question(
    asks="Are you short of breath?", choices=("no", "a little", "yes"), red_flags=frozenset({"yes"})
)
SINCE = Question(asks="Since when?")
FORM = (BREATH, SINCE)
DAY = Interval.lasting(MORNING, 24 * 60)


def told(breath: str, since: str = "Monday") -> tuple[Answer, ...]:
    """Both questions answered."""
    return Answer(BREATH.asks, breath), Answer(SINCE.asks, since)


@pytest.fixture
def asking() -> Clinic:
    """A clinic that asks before a visit."""
    return Clinic(pre_screening=FORM)


def test_the_provider_has_the_answers_before_the_visit(asking: Clinic) -> None:
    """The patient reads the form and answers it; nothing is urgent (F20)."""
    patient, provider = asking.patient(), asking.provider()
    booked = asking.booked(patient, asking.session(provider))
    assert asking.ask.scheduling.form(patient, booked.id) == FORM
    answered = asking.ask.scheduling.pre_screen(patient, booked.id, told("no"))
    assert (answered.emergency_number, answered.crisis_number) == (None, None)
    seen = asking.ask.scheduling.view(provider, booked.id)
    assert seen.pre_screening == told("no")
    assert not seen.flags_open
    assert "Monday" not in repr(seen)


@pytest.mark.parametrize(("jurisdiction", "emergency"), [("uk", "999"), ("us", "911")])
def test_a_red_flag_is_answered_with_whom_to_call_and_reaches_a_human(
    jurisdiction: str, emergency: str
) -> None:
    """Emergency numbers of the country, an event without the answer, a queue until somebody
    reviewed it (TEL-11).
    """
    clinic = Clinic(jurisdiction=jurisdiction, pre_screening=FORM)
    patient, session = clinic.patient(), clinic.session(clinic.provider())
    booked = clinic.booked(patient, session)
    answered = clinic.ask.scheduling.pre_screen(patient, booked.id, told("yes"))
    assert answered.emergency_number == emergency
    assert answered.crisis_number == clinic.practice.jurisdiction.crisis_number
    assert answered.appointment.red_flags == (BREATH.asks,)
    clinic.drain()
    (raised,) = (one for one in clinic.happened if isinstance(one, RedFlagRaised))
    assert raised.subject == booked.id
    assert clinic.ask.diary.dashboard(clinic.liaison, DAY).flagged == (clinic.now(booked),)
    reviewed = clinic.ask.desk.review(clinic.liaison, booked.id, "called, sent to hospital")
    assert reviewed.history[-1].reason == "called, sent to hospital"
    assert clinic.ask.diary.dashboard(clinic.liaison, DAY).flagged == ()
    with pytest.raises(Invalid):
        clinic.ask.desk.review(clinic.liaison, booked.id, "once more")


def test_taking_an_answer_back_does_not_close_the_flag(asking: Clinic) -> None:
    """Once raised, a human has to look, whatever is answered later (TEL-11)."""
    patient, provider = asking.patient(), asking.provider()
    held = asking.hold(patient, asking.session(provider))
    asking.ask.scheduling.pre_screen(patient, held.id, told("yes"))
    back = asking.ask.scheduling.pre_screen(patient, held.id, told("no"))
    assert (back.emergency_number, back.appointment.red_flags) == (None, ())
    assert back.appointment.flags_open
    assert not asking.ask.desk.review(provider, held.id, "called them").flags_open


def test_only_whoever_cares_reviews_and_the_note_is_needed(asking: Clinic) -> None:
    """The treating provider or staff, and what came of it (TEL-11)."""
    patient = asking.patient()
    held = asking.hold(patient, asking.session(asking.provider()))
    asking.ask.scheduling.pre_screen(patient, held.id, told("yes"))
    with pytest.raises(NotPermitted):
        asking.ask.desk.review(patient, held.id, "I am fine")
    with pytest.raises(Unknown):
        asking.ask.desk.review(asking.provider("Robin Doctor"), held.id, "fine")
    with pytest.raises(Invalid):
        asking.ask.desk.review(asking.liaison, held.id, " ")


def test_the_form_is_that_of_the_settings_the_visit_was_booked_under(asking: Clinic) -> None:
    """Another form is for later bookings (F30)."""
    patient, session = asking.patient(), asking.session(asking.provider())
    held = asking.hold(patient, session)
    asking.ask.practice.change_settings(
        asking.admin,
        Settings(charging=Charging.ON_COMPLETION, approval=Approval.AUTOMATIC),
        replacing=1,
    )
    assert asking.ask.scheduling.form(patient, held.id) == FORM
    assert asking.ask.scheduling.pre_screen(patient, held.id, told("yes")).emergency_number
    asking.clock.forward(minutes=11)
    with pytest.raises(HoldExpired):
        asking.ask.scheduling.pre_screen(patient, held.id, told("no"))


@pytest.mark.parametrize(
    "answers",
    [
        told("perhaps"),
        (Answer("Your bank account?", "1"),),
        (Answer(SINCE.asks, "May"), Answer(SINCE.asks, "June")),
    ],
)
def test_answers_answer_the_form(asking: Clinic, answers: tuple[Answer, ...]) -> None:
    """One of the choices, to a question of the form, once (F20)."""
    patient = asking.patient()
    held = asking.hold(patient, asking.session(asking.provider()))
    with pytest.raises(Invalid):
        asking.ask.scheduling.pre_screen(patient, held.id, answers)
    assert asking.now(held) == held


@pytest.mark.parametrize(
    "facts",
    [
        {"choices": ("a", "a")},
        {"choices": ("",)},
        {"choices": tuple(map(str, range(21)))},
        {"choices": ("a",), "red_flags": frozenset({"b"})},
        {"asks": " "},
    ],
)
def test_a_question_is_sound(facts: dict[str, object]) -> None:
    """Choices once each, flags among the choices."""
    usual: dict[str, object] = {"asks": "How?"}
    with pytest.raises(Invalid):
        Question(**{**usual, **facts})  # type: ignore[arg-type]


def test_a_form_asks_each_question_once() -> None:
    """Answers are told apart by their question."""
    with pytest.raises(Invalid):
        Clinic(pre_screening=(SINCE, SINCE))


@LAWS
@given(
    answers=st.dictionaries(st.sampled_from("abcde"), st.sampled_from("xyz")),
    flags=st.sets(st.sampled_from("xyz")),
)
def test_a_flag_is_raised_by_marked_answers_and_by_nothing_else(
    answers: dict[str, str], flags: set[str]
) -> None:
    """Exactly the answers that the practice marked, in the order given (TEL-11)."""
    form = tuple(
        Question(asks=asks, choices=("x", "y", "z"), red_flags=frozenset(flags)) for asks in "abcde"
    )
    given_answers = tuple(Answer(asks, text) for asks, text in answers.items())
    expected = tuple(asks for asks, text in answers.items() if text in flags)
    assert red_flags(form, given_answers) == expected


def test_there_is_no_field_for_a_diagnosis_or_a_dose() -> None:
    """Answers sort nobody: there is no place where a machine's opinion could stand (TEL-11)."""
    names = {one.name for kind in (Appointment, Question, Answer) for one in attrs.fields(kind)}
    assert not [name for name in names if "diagnos" in name or "dose" in name or "score" in name]
