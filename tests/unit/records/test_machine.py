"""Two systems edited at will, polled, pushed and failing: nothing that was said is lost, and both
come to agree (F55, F56, F58).
"""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from telehealth_core.records.conflict import Side
from telehealth_core.records.mapping import PATIENT_RULES, patient_fields
from telehealth_core.registration.patient import Gender
from telehealth_core.shared.refusal import Unavailable
from unit.records.offices import PATIENT, Office

AWAY = Unavailable("The outside record system")
EDITS = st.one_of(
    st.tuples(st.just("phone"), st.sampled_from(("111111", "222222", "333333", None))),
    st.tuples(st.just("email"), st.sampled_from(("a@example.org", "b@example.org", None))),
    st.tuples(st.just("gender"), st.sampled_from([one.value for one in Gender])),
    st.tuples(st.just("family_name"), st.sampled_from(("Example", "Married", "Divorced"))),
)


class KeepingInStep(RuleBasedStateMachine):
    """One patient on both sides."""

    def __init__(self) -> None:
        super().__init__()
        self.office = Office()
        self.patient = self.office.known()
        self.id = self.office.outside_id(self.patient.as_patient())

    def _ours(self) -> dict[str, str | None]:
        return patient_fields(self.office.person(self.patient).known)

    def _theirs(self) -> dict[str, str | None]:
        return self.office.said(PATIENT, self.id)

    @rule(edit=EDITS)
    def we_edit(self, edit: tuple[str, str | None]) -> None:
        """The patient changes their profile."""
        name, value = edit
        self.office.rename(
            self.patient, **{name: Gender(value) if name == "gender" and value else value}
        )

    @rule(edit=EDITS)
    def they_edit(self, edit: tuple[str, str | None]) -> None:
        """Somebody outside changes the row."""
        self.office.edit(PATIENT, self.id, **dict([edit]))

    @rule(minutes=st.sampled_from((1, 15, 60)))
    def poll(self, minutes: int) -> None:
        """The machinery asks what changed."""
        self._watched(lambda: self._poll(minutes))

    def _poll(self, minutes: int) -> None:
        self.office.clock.forward(minutes=minutes)
        self.office.ask.records.poll_patients(self.office.system)

    @rule()
    def follow(self) -> None:
        """The machinery does what follows."""
        self._watched(self.office.drain)

    @rule(faults=st.integers(1, 3))
    def away(self, faults: int) -> None:
        """The outside system will not answer so often."""
        self.office.outside.faults = [AWAY] * faults

    @rule()
    def lose(self) -> None:
        """The answer to the next write will be lost."""
        self.office.outside.lost = 1

    @precondition(lambda self: self.office.conflicts())
    @rule(side=st.sampled_from(Side))
    def decide(self, side: Side) -> None:
        """A person decides the oldest conflict."""
        one = self.office.conflicts()[0]
        kept = {each.field: side for each in one.differences}
        self.office.ask.record_queue.resolve(self.office.liaison, one.id, kept, "so it is")

    def _watched(self, step: Any) -> None:
        """Whatever the machinery overwrites, because both sides had changed it, is kept."""
        link = self.office.link(self.patient.as_patient())
        assert link is not None
        agreed, ours, theirs = dict(link.last_agreed), self._ours(), self._theirs()
        step()
        kept = {
            (each.field, value)
            for one in self.office.history()
            for each in (*one.differences, *one.earlier)
            for value in (each.ours, each.theirs)
        }
        now = (self._ours(), self._theirs())
        for name in PATIENT_RULES:
            if agreed.get(name) in {ours[name], theirs[name]}:
                continue
            for value in (ours[name], theirs[name]):
                assert value in {now[0][name], now[1][name]} or (name, value) in kept

    @invariant()
    def nothing_is_doubled(self) -> None:
        """One row there, one patient here, one conflict open at most."""
        assert len(self.office.outside.rows) == 1
        assert len(self.office.everybody()) == 1
        assert len(self.office.conflicts()) <= 1
        assert not self.office.waiting()

    def teardown(self) -> None:
        """Once all is quiet both say the same, but for what a person has to decide."""
        self.office.outside.faults, self.office.outside.lost = [], 0
        for _ in range(3):
            self.office.clock.forward(minutes=60)
            self.office.settle()
        log = list(self.office.outside.log)
        self.office.settle(3)
        assert self.office.outside.log == log
        open = {each.field for one in self.office.conflicts() for each in one.differences}
        ours, theirs = self._ours(), self._theirs()
        for name in PATIENT_RULES:
            assert (ours[name] == theirs[name]) is (name not in open)


TestKeepingInStep = KeepingInStep.TestCase
TestKeepingInStep.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)
