"""The life of prescriptions, in any order of asking, against a model of a few words (RXC-02)."""

from datetime import date, timedelta
from typing import Any

import attrs
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, precondition, rule

from telehealth_core.prescribing.prescription import Prescription
from telehealth_core.shared.ids import PrescriptionId
from telehealth_core.shared.refusal import Refusal
from unit.clinic import Clinic
from unit.prescribing.scripts import PHARMACY, in_visit, item, script


@attrs.define
class Expected:
    """What somebody with paper and pencil would keep of one prescription."""

    status: str
    times: int
    signed: Prescription | None = None
    claimed: int = 0
    last: date | None = None
    former: PrescriptionId | None = None

    @property
    def token(self) -> str:
        """What its pharmacy presents."""
        return f"a token for {id(self)}, long enough"


class PrescriptionLives(RuleBasedStateMachine):
    """Prescriptions of one visit: drafted, changed, signed, sent, claimed, taken back, lapsed."""

    prescriptions = Bundle("prescriptions")

    def __init__(self) -> None:
        super().__init__()
        self.clinic = Clinic(register_check_days=730)
        self.waited = 0
        self.patient, self.doctor, self.visit = in_visit(self.clinic)
        self.model: dict[PrescriptionId, Expected] = {}

    def tried(self, allowed: bool, call: Any) -> Any:
        """Ask; whether it is refused must be as expected, and a refusal changes nothing."""
        before = self.clinic.rows()
        try:
            answer = call()
        except Refusal:
            assert not allowed
            assert self.clinic.rows() == before
            return None
        assert allowed
        return answer

    @property
    def author(self) -> Any:
        """The doctor, who has just proved who they are."""
        return self.clinic.fresh(self.doctor)

    @rule(target=prescriptions, times=st.integers(1, 3))
    def draft(self, times: int) -> PrescriptionId:
        """Begin one."""
        id = PrescriptionId(self.clinic.new_id())
        self.clinic.ask.prescribing.draft(self.doctor, id, self.visit.id, script(dispensings=times))
        self.model[id] = Expected("draft", times)
        return id

    @rule(id=prescriptions, strength=st.sampled_from(["5 mg", "10 mg"]))
    def edit(self, id: PrescriptionId, strength: str) -> None:
        """Change it."""
        known = self.model[id]
        written = script(item(strength=strength), dispensings=known.times)
        self.tried(
            known.status == "draft",
            lambda: self.clinic.ask.prescribing.edit(self.doctor, id, written),
        )

    @rule(id=prescriptions)
    def sign(self, id: PrescriptionId) -> None:
        """Sign it."""
        known = self.model[id]
        signed = self.tried(
            known.status == "draft", lambda: self.clinic.ask.prescribing.sign(self.author, id)
        )
        if signed:
            known.status, known.signed, known.last = "active", signed, signed.valid_until

    @rule(id=prescriptions)
    def send(self, id: PrescriptionId) -> None:
        """Send it; again is the same."""
        known = self.model[id]
        today = self.clinic.practice.day(self.clinic.clock())
        timely = known.last is not None and today <= known.last
        allowed = known.status == "sent" or (known.status == "active" and timely)
        if self.tried(
            allowed,
            lambda: self.clinic.ask.dispensing.send(self.patient, id, PHARMACY, token=known.token),
        ):
            known.status = "sent"

    @rule(id=prescriptions)
    def claim(self, id: PrescriptionId) -> None:
        """Dispense once."""
        known = self.model[id]
        today = self.clinic.practice.day(self.clinic.clock())
        timely = known.last is not None and today <= known.last
        if self.tried(
            known.status == "sent" and timely,
            lambda: self.clinic.ask.dispensing.claim(
                self.clinic.visitor, self.clinic.new_id(), known.token
            ),
        ):
            known.claimed += 1
            if known.claimed == known.times:
                known.status = "dispensed"

    @rule(id=prescriptions)
    def cancel(self, id: PrescriptionId) -> None:
        """Take it back."""
        known = self.model[id]
        if self.tried(
            known.status in {"draft", "active", "sent"},
            lambda: self.clinic.ask.prescribing.cancel(self.doctor, id, "a mistake"),
        ):
            known.status = "cancelled"

    @rule(target=prescriptions, id=prescriptions)
    def reissue(self, id: PrescriptionId) -> PrescriptionId:
        """Take it back in favor of another."""
        known, new = self.model[id], PrescriptionId(self.clinic.new_id())
        if not self.tried(
            known.status in {"active", "sent"},
            lambda: self.clinic.ask.prescribing.reissue(self.doctor, new, id, "a change"),
        ):
            return id
        known.status = "cancelled"
        self.model[new] = Expected("draft", known.times, former=id)
        return new

    @precondition(lambda self: self.waited < 500)
    @rule(days=st.sampled_from([1, 90, 181]))
    def wait(self, days: int) -> None:
        """Time passes, and the machinery notes what lapsed; never so much that the doctor's
        registration has to be looked at again.
        """
        self.waited += days
        self.clinic.clock.now += timedelta(days=days)
        today = self.clinic.practice.day(self.clinic.clock())
        self.clinic.ask.dispensing.expire_due(self.clinic.system)
        for known in self.model.values():
            if known.status in {"active", "sent"} and known.last and known.last < today:
                known.status = "expired"

    @invariant()
    def everything_is_as_the_model_says(self) -> None:
        """State, claims and links; and what was signed is still what was signed."""
        rows = self.clinic.store.rows.get("prescriptions", {})
        assert set(rows) == set(self.model)
        for id, known in self.model.items():
            one: Prescription = rows[id]
            assert (one.status, len(one.claims)) == (known.status, known.claimed)
            assert one.replaces == known.former
            if known.former is not None:
                assert rows[known.former].replaced_by == id
            if known.signed is not None:
                assert one.content == known.signed.content
                assert one.signature == known.signed.signature

    @invariant()
    def nothing_is_dispensed_too_often(self) -> None:
        """Never more claims than were signed for."""
        for one in self.clinic.store.rows.get("prescriptions", {}).values():
            assert len(one.claims) <= (one.dispensable or 0)


TestPrescriptionLives = PrescriptionLives.TestCase
TestPrescriptionLives.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
