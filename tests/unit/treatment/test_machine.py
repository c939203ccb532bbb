"""Any sequence of treatment: programs, list and questionnaires do what a naive model does."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from telehealth_core.shared.ids import MedicationId, ProgramId, QuestionnaireId
from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.refusal import Invalid, Refusal
from telehealth_core.treatment.program import ProgramKind
from unit.clinic import Clinic, provider_of

DAYS = st.integers(0, 30)
END = st.none() | st.integers(1, 60)
WHICH = st.integers(0, 5)
MEDICINE_AFTER = {
    ("change", "active"): "active",
    ("change", "on-hold"): "on-hold",
    ("pause", "active"): "on-hold",
    ("resume", "on-hold"): "active",
    ("stop", "active"): "stopped",
    ("stop", "on-hold"): "stopped",
    ("retract", "active"): "entered-in-error",
    ("retract", "on-hold"): "entered-in-error",
    ("retract", "stopped"): "entered-in-error",
}


@attrs.define
class Course:
    """A program as somebody would keep it on paper: which days are off, and since when."""

    id: ProgramId
    status: str
    starts: int
    end: int | None
    off: set[int] = attrs.field(factory=set)
    holds: int = 0
    free_from: int = 0
    """The first day on which another hold may begin."""

    def progress(self, on: int) -> int | None:
        """The share of the days that are over, counted."""
        if self.status == "finished":
            return 10_000
        if self.end is None or self.status == "cancelled":
            return None
        if self.status == "planned":
            return 0
        on = min(on, self.free_from) if self.status == "onhold" else on
        if on >= self.end:
            return 10_000
        days = [one for one in range(self.starts, self.end) if one not in self.off]
        return len([one for one in days if one < on]) * 10_000 // len(days) if days else 0


class Ward(RuleBasedStateMachine):
    """One patient and the provider who treats them."""

    @initialize()
    def open(self) -> None:
        """Nothing has happened yet."""
        self.clinic = Clinic()
        self.patient, self.provider = self.clinic.patient(), self.clinic.provider()
        self.today = self.clinic.clock().date()
        self.courses: list[Course] = []
        self.medicines: dict[MedicationId, str] = {}
        self.alarms: list[QuestionnaireId] = []
        self.happened: list[tuple[str, str]] = []
        self.enter(0, None)

    def day(self, number: int) -> date:
        """So many days from today on."""
        return self.today + timedelta(days=number)

    def done(self, call: Callable[[], Any], expected: type[Refusal] | None) -> Any:
        """The answer, or the refusal that was expected, which changes nothing."""
        before = self.clinic.rows()
        if expected is None:
            self.clinic.clock.forward(seconds=1)
            return call()
        with pytest.raises(expected):
            call()
        assert self.clinic.rows() == before
        return None

    @rule(starts=st.integers(-5, 5), end=END)
    def enter(self, starts: int, end: int | None) -> None:
        """Enter the patient into a program; it runs if its day has come."""
        id, until = ProgramId(self.clinic.new_id()), None if end is None else starts + end
        self.done(
            lambda: self.clinic.ask.treatment.start(
                self.clinic.liaison, id,
                patient_id=self.patient.as_patient(), provider_id=provider_of(self.provider),
                kind=ProgramKind.IOP, starts_on=self.day(starts),
                anticipated_discharge_on=None if until is None else self.day(until),
            ),
            None,
        )  # fmt: skip
        status = "active" if starts <= 0 else "planned"
        self.courses.append(Course(id, status, starts, until, free_from=starts))
        self.happened.append(("TreatmentProgram", "enter"))

    def ask(self, verb: str, course: Course, expected: type[Refusal] | None, **facts: Any) -> None:
        """Ask for a change of a program, with a reason."""
        use_case = getattr(self.clinic.ask.treatment, verb)
        self.done(lambda: use_case(self.provider, course.id, reason="so be it", **facts), expected)
        if expected is None:
            told = {"begin": "start"}.get(verb, verb)
            self.happened.append(("TreatmentProgram", told))

    @rule(which=WHICH, on=DAYS)
    def begin(self, which: int, on: int) -> None:
        """Start a planned one."""
        course = self.courses[which % len(self.courses)]
        expected: type[Refusal] | None = None
        if course.status != "planned":
            expected = IllegalTransition
        elif course.end is not None and course.end <= on:
            expected = Invalid
        self.ask("begin", course, expected, on=self.day(on))
        if expected is None:
            course.status, course.starts, course.free_from = "active", on, on

    @rule(which=WHICH, on=DAYS)
    def pause(self, which: int, on: int) -> None:
        """Let it stand still."""
        course = self.courses[which % len(self.courses)]
        expected: type[Refusal] | None = None
        if course.status != "active":
            expected = IllegalTransition
        elif on < course.free_from:
            expected = Invalid
        self.ask("pause", course, expected, on=self.day(on))
        if expected is None:
            course.status, course.free_from = "onhold", on

    @rule(which=WHICH, lasts=st.integers(-3, 20), end=END)
    def resume(self, which: int, lasts: int, end: int | None) -> None:
        """Let it go on, up to another end."""
        course = self.courses[which % len(self.courses)]
        on = course.free_from + lasts
        until = None if end is None else course.starts + end
        expected: type[Refusal] | None = None
        if course.status != "onhold":
            expected = IllegalTransition
        elif lasts < 0:
            expected = Invalid
        anticipated = None if until is None else self.day(until)
        self.ask("resume", course, expected, on=self.day(on), anticipated_discharge_on=anticipated)
        if expected is None:
            course.off |= set(range(course.free_from, on))
            course.status, course.free_from, course.end = "active", on, until

    @rule(which=WHICH, end=st.none() | st.integers(-3, 60))
    def revise(self, which: int, end: int | None) -> None:
        """Anticipate another discharge."""
        course = self.courses[which % len(self.courses)]
        until = None if end is None else course.starts + end
        expected: type[Refusal] | None = None
        if course.status in {"finished", "cancelled"}:
            expected = IllegalTransition
        elif end is not None and end <= 0:
            expected = Invalid
        anticipated = None if until is None else self.day(until)
        self.ask(
            "revise", course, expected, kind=ProgramKind.PHP, anticipated_discharge_on=anticipated
        )
        if expected is None:
            course.end = until

    @rule(which=WHICH, on=st.integers(-10, 60))
    def discharge(self, which: int, on: int) -> None:
        """End it."""
        course = self.courses[which % len(self.courses)]
        expected: type[Refusal] | None = None
        if course.status not in {"active", "onhold"}:
            expected = IllegalTransition
        elif on < course.starts:
            expected = Invalid
        self.ask("discharge", course, expected, on=self.day(on))
        if expected is None:
            course.status = "finished"

    @rule(which=WHICH)
    def cancel(self, which: int) -> None:
        """Give it up before it began."""
        course = self.courses[which % len(self.courses)]
        expected = None if course.status == "planned" else IllegalTransition
        self.ask("cancel", course, expected)
        if expected is None:
            course.status = "cancelled"

    @rule(by_patient=st.booleans())
    def put(self, *, by_patient: bool) -> None:
        """List a medicine."""
        id = MedicationId(self.clinic.new_id())
        by = self.patient if by_patient else self.provider
        listed = self.done(
            lambda: self.clinic.ask.medications.put(
                by, id, self.patient.as_patient(),
                medicine="Zinc", dose="1", directions="one", since=self.today,
            ),
            None,
        )  # fmt: skip
        assert listed.source == ("patient" if by_patient else "provider")
        self.medicines[id] = "active"
        self.happened.append(("Medication", "put"))

    @rule(verb=st.sampled_from(sorted({verb for verb, _ in MEDICINE_AFTER})), which=WHICH)
    def treat(self, verb: str, which: int) -> None:
        """Change one of the list."""
        if not self.medicines:
            return
        id = list(self.medicines)[which % len(self.medicines)]
        after = MEDICINE_AFTER.get((verb, self.medicines[id]))
        every: dict[str, dict[str, Any]] = {
            "change": {"dose": "2", "directions": "two"},
            "stop": {"on": self.today},
        }
        facts = every.get(verb, {})
        use_case = getattr(self.clinic.ask.medications, verb)
        self.done(
            lambda: use_case(self.provider, id, reason="so be it", **facts),
            None if after else IllegalTransition,
        )
        if after:
            self.medicines[id] = after
            self.happened.append(("Medication", verb))

    @rule(last=st.integers(0, 4))
    def answer(self, last: int) -> None:
        """Answer the nine questions; the last one may alarm, or be no answer at all."""
        id = QuestionnaireId(self.clinic.new_id())
        given = self.done(
            lambda: self.clinic.ask.questionnaires.answer(
                self.patient, id, self.patient.as_patient(),
                instrument="phq-9", answers=(3,) * 8 + (last,),
            ),
            None if last <= 3 else Invalid,
        )  # fmt: skip
        if given is not None:
            assert given.questionnaire.score == 24 + last
            assert (given.emergency_number is None) is (last == 0)
            self.happened.append(("phq-9", "answer"))
            self.alarms += [id] if last else []

    @rule(which=WHICH)
    def see(self, which: int) -> None:
        """Look after one of those that wait."""
        if self.alarms:
            id = self.alarms.pop(which % len(self.alarms))
            self.done(
                lambda: self.clinic.ask.questionnaires.see_alarm(self.clinic.liaison, id), None
            )
            self.happened.append(("phq-9", "see"))

    @invariant()
    def the_record_is_what_the_paper_says(self) -> None:
        """Status and progress of every program, the list, the queue, and all that happened."""
        ask, id = self.clinic.ask, self.patient.as_patient()
        programs = {one.id: one for one in ask.treatment.of_patient(self.patient, id)}
        assert set(programs) == {one.id for one in self.courses}
        for course in self.courses:
            program = programs[course.id]
            assert program.status == course.status
            for on in (-6, 0, 3, 10, 25, 45, 90):
                assert program.progress_bp(self.day(on)) == course.progress(on)
        listed = ask.medications.of_patient(self.patient, id)
        assert {one.id: one.status for one in listed} == self.medicines
        current = [one.current for one in listed]
        assert current == sorted(current, reverse=True)
        assert [one.id for one in ask.questionnaires.alarms(self.clinic.liaison)] == self.alarms
        activity = ask.treatment.activity(self.patient, id)[::-1]
        assert [(one.kind, one.verb) for one in activity] == self.happened


TestWard = Ward.TestCase
TestWard.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)
