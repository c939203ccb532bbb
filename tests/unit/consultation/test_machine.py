"""Any sequence of arrivals, lost and late reports, lists and confirmations: the visit counts and
ends as a naive model of it does (F33, F45, TEL-06).
"""

from datetime import timedelta
from typing import Any

import attrs
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from telehealth_core.access.actor import Actor
from telehealth_core.consultation.admission import NotAdmitted
from telehealth_core.consultation.assurance import IdentityMethod
from telehealth_core.consultation.attendance import Attendance
from telehealth_core.consultation.completion import CannotComplete, OutcomeKind
from telehealth_core.consultation.consultation import Consultation
from telehealth_core.consultation.life import ConsultationStatus
from telehealth_core.practice.consent_text import ConsentPurpose
from telehealth_core.scheduling.life import AppointmentStatus
from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.refusal import Refusal, Unknown
from unit.clinic import MORNING, Clinic

PLANNED, ONGOING = ConsultationStatus.PLANNED, ConsultationStatus.IN_PROGRESS
FINISHED, COMPLETED = ConsultationStatus.FINISHED, ConsultationStatus.COMPLETED
CANCELLED = ConsultationStatus.CANCELLED
OPENS, CLOSES = -15 * 60, (30 + 60) * 60
"""When the room opens and closes, in seconds from the visit's start."""
HEARD = st.sampled_from(["told", "told twice", "lost"])


@attrs.define
class Line:
    """One connection in the naive log: what was true, and what was heard of it."""

    who: int
    since: int
    until: int | None = None
    heard_since: int | None = None
    heard_until: int | None = None


def seconds(lines: list[tuple[int, int | None, int | None]], now: int) -> int:
    """How many seconds of the room's time had somebody of each side: counted one by one."""
    sides: list[set[int]] = [set(), set()]
    for who, since, until in lines:
        if since is not None:
            sides[who].update(range(since, now if until is None else until))
    return len(sides[0] & sides[1] & set(range(OPENS, CLOSES)))


class Visit(RuleBasedStateMachine):
    """A patient and a provider who come and go, an operator whose reports get lost, and people who
    try to end the visit in between.
    """

    @initialize()
    def book(self) -> None:
        """One booked visit, and it is time to come."""
        self.clinic = Clinic()
        patient, provider = self.clinic.patient(), self.clinic.provider()
        self.people: list[Actor] = [patient, provider]
        self.booked = self.clinic.booked(patient, self.clinic.session(provider))
        self.ask = self.clinic.ask.consultation
        self.room = self.ask.view(provider, self.booked.id).room
        self.clinic.clock.now = MORNING + timedelta(seconds=OPENS)
        self.log: list[Line] = []
        self.admitted: set[int] = set()
        self.final: tuple[int, list[tuple[int, int | None, int | None]]] | None = None
        self.status, self.ended = PLANNED, 0
        self.known = self.asked = self.arrived = False

    @property
    def now(self) -> int:
        """Seconds from the visit's start."""
        return int((self.clinic.clock() - MORNING).total_seconds())

    @property
    def over(self) -> bool:
        """Whether nothing can begin any more."""
        return self.status in {COMPLETED, CANCELLED}

    def counting(self) -> list[tuple[int, int | None, int | None]]:
        """What counts by the naive log: what was heard, or the list and what began after it."""
        if self.final is None:
            return [(one.who, one.heard_since, one.heard_until) for one in self.log if _known(one)]
        listed_at, listed = self.final
        later = [one for one in self.log
                 if one.heard_since is not None and one.heard_since > listed_at]  # fmt: skip
        return [*listed, *((one.who, one.heard_since, one.heard_until) for one in later)]

    def together(self) -> int:
        """The naive count up to now, or to the end."""
        return seconds(self.counting(), self.ended if self.over else self.now)

    def same(self, call: Any, expected: type | None) -> bool:
        """Whether it passed, which must be as expected; a refusal changes nothing."""
        if expected is None:
            call()
            return True
        before = self.clinic.rows()
        with pytest.raises(Refusal) as refused:
            call()
        assert refused.type is expected
        assert self.clinic.rows() == before
        return False

    def settle(self) -> None:
        """Say where the visit stands by who is known to be there."""
        there = any(until is None for _, _, until in self.counting())
        self.status = ONGOING if there else FINISHED

    @rule(who=st.integers(0, 1))
    def join(self, who: int) -> None:
        """Somebody asks to be let in."""
        self.come(who)

    def come(self, who: int) -> None:
        """Ask to be let in."""
        shut = not OPENS <= self.now < CLOSES or self.over
        if self.same(
            lambda: self.clinic.join(self.people[who], self.booked), NotAdmitted if shut else None
        ):
            self.admitted.add(who)

    @rule(who=st.integers(0, 1), heard=HEARD)
    def enter(self, who: int, heard: str) -> None:
        """Somebody's connection begins; the report may get lost, or come twice."""
        self.appear(who, heard)

    def appear(self, who: int, heard: str) -> None:
        """Be in the room."""
        line, name = Line(who, self.now), f"connection {len(self.log)}"

        def report() -> Consultation:
            return self.ask.entered(self.room, self.people[who].id, name)

        if who not in self.admitted:
            self.same(report, Unknown)
            return
        if self.over:
            self.same(report, IllegalTransition)
            return
        self.log.append(line)
        if heard == "lost":
            return
        for _ in range(1 + (heard == "told twice")):
            report()
        line.heard_since = self.now
        self.settle()
        self.arrived = self.arrived or who == 0

    @precondition(lambda self: not self.over and self.now < CLOSES)
    @rule()
    def meet(self) -> None:
        """All goes well for a minute: both come, are heard, and do what has to be done."""
        for who in (0, 1):
            self.come(who)
            self.appear(who, "told")
        self.recognise()
        self.agree()
        self.clinic.clock.forward(minutes=1)

    @precondition(lambda self: any(one.until is None for one in self.log))
    @rule(pick=st.integers(0, 50), heard=HEARD)
    def leave(self, pick: int, heard: str) -> None:
        """Somebody's connection ends; the report may get lost, or come twice."""
        alive = [number for number, one in enumerate(self.log) if one.until is None]
        number = alive[pick % len(alive)]
        line = self.log[number]
        line.until = self.now
        if heard == "lost":
            return
        for _ in range(1 + (heard == "told twice")):
            self.ask.left(self.room, self.people[line.who].id, f"connection {number}")
        line.heard_until = self.now
        if self.status is ONGOING:
            self.settle()

    @precondition(lambda self: self.log and self.admitted)
    @rule(repeats=st.integers(1, 2))
    def reconcile(self, repeats: int) -> None:
        """The operator sends its list of all connections so far."""
        begin = MORNING
        stays = tuple(
            Attendance(
                f"connection {number}",
                self.people[one.who].id,
                begin + timedelta(seconds=one.since),
                None if one.until is None else begin + timedelta(seconds=one.until),
            )
            for number, one in enumerate(self.log)
        )
        for _ in range(repeats):
            self.ask.reconcile(self.room, stays)
        self.final = (self.now, [(one.who, one.since, one.until) for one in self.log])
        if self.status is PLANNED or self.status is ONGOING:
            self.settle()
        self.arrived = self.arrived or (not self.over and any(one.who == 0 for one in self.log))

    @precondition(lambda self: self.admitted)
    @rule()
    def identify(self) -> None:
        """The provider confirms who the patient is."""
        self.recognise()

    def recognise(self) -> None:
        """Confirm who the patient is."""
        begun = self.status in {ONGOING, FINISHED}
        if self.same(
            lambda: self.ask.confirm_identity(
                self.people[1], self.booked.id, IdentityMethod.PICTURE
            ),
            None if begun else IllegalTransition,
        ):
            self.known = True

    @rule()
    def answer(self) -> None:
        """The patient answers whether their GP may be told."""
        self.agree()

    def agree(self) -> None:
        """Answer."""
        self.clinic.agree(self.people[0], ConsentPurpose.GP_SHARING)
        self.asked = True

    @rule()
    def complete(self) -> None:
        """The provider confirms that the visit took place."""
        expected: type | None = None
        if self.status not in {ONGOING, FINISHED}:
            expected = IllegalTransition
        elif not (self.together() and self.known and self.asked):
            expected = CannotComplete
        if self.same(lambda: self.ask.complete(self.people[1], self.booked.id), expected):
            self.status, self.ended = COMPLETED, self.now

    @precondition(lambda self: len(self.log) > 2)
    @rule(kind=st.sampled_from([OutcomeKind.UNSUITABLE, OutcomeKind.TECHNICAL_FAILURE]))
    def call_off(self, kind: OutcomeKind) -> None:
        """The provider ends it as something that did not come to pass."""
        if self.same(
            lambda: self.ask.call_off(self.people[1], self.booked.id, kind, "see a doctor"),
            IllegalTransition if self.over else None,
        ):
            self.status, self.ended = CANCELLED, self.now

    @rule()
    def sweep(self) -> None:
        """The machinery closes rooms whose time is over."""
        due = self.status is ONGOING and self.now >= CLOSES
        assert self.ask.finish_ended(self.clinic.system) == due
        if due:
            self.status = FINISHED

    @rule(minutes=st.sampled_from([0.5, 1, 7, 40]))
    def wait(self, minutes: float) -> None:
        """Time passes."""
        self.clinic.clock.forward(minutes=minutes)

    @precondition(lambda self: hasattr(self, "clinic"))
    @invariant()
    def the_visit_is_the_naive_one(self) -> None:
        """Status and seconds are those of the model, and the appointment says the same."""
        stored: Consultation | None = self.clinic.store.rows.get("consultations", {}).get(
            Consultation.id_of(self.booked.id)
        )
        if stored is None:
            assert self.status in {PLANNED, CANCELLED}
            return
        assert stored.status is self.status
        counted = stored.seconds_together(self.clinic.clock())
        assert 0 <= counted <= CLOSES - OPENS
        if not self.over or self.final is not None:
            assert counted == self.together()
        expected = {COMPLETED: AppointmentStatus.FULFILLED, CANCELLED: AppointmentStatus.CANCELLED}
        arrived = AppointmentStatus.ARRIVED if self.arrived else AppointmentStatus.BOOKED
        assert self.clinic.now(self.booked).status is expected.get(self.status, arrived)


def _known(line: Line) -> bool:
    return line.heard_since is not None or line.heard_until is not None


TestVisit = pytest.mark.filterwarnings("error")(Visit.TestCase)
TestVisit.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
