"""Any sequence of bookings: the diary does what a naive model of it does, and never overlaps."""

from datetime import datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from telehealth_core.access.actor import Actor
from telehealth_core.billing.charge import ChargeStatus
from telehealth_core.practice.settings import Approval, Charging
from telehealth_core.scheduling.appointment import Appointment, TimeTaken
from telehealth_core.scheduling.approval import ChecksFailed
from telehealth_core.scheduling.availability import NotBookable
from telehealth_core.scheduling.claim import HoldExpired, TooLate
from telehealth_core.scheduling.life import OCCUPYING, AppointmentStatus
from telehealth_core.scheduling.limits import LimitsReached
from telehealth_core.scheduling.override import Override
from telehealth_core.scheduling.series import Rhythm, SeriesConflicts
from telehealth_core.scheduling.session import Mode
from telehealth_core.scheduling.use_cases import Wish
from telehealth_core.shared.ids import AppointmentId, SeriesId
from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.refusal import Refusal
from unit.clinic import Clinic, provider_of

HELD, PENDING = AppointmentStatus.HELD, AppointmentStatus.PENDING
BOOKED, CANCELLED = AppointmentStatus.BOOKED, AppointmentStatus.CANCELLED
BUFFER = timedelta(minutes=10)
VISIT = timedelta(minutes=30)
KEPT = timedelta(minutes=10)
HOLDS_MOST = 2
AHEAD_MOST = 4
A_DAY_MOST = 3
WEEK = timedelta(weeks=1)
OFF_GRID = timedelta(minutes=10)
ASIDE = Override(
    rules=frozenset({"on-grid", "visits-ahead", "visits-a-day"}), reason="agreed on the phone"
)
STEPS = st.integers(0, 3)


@attrs.define
class Claim:
    """One line of the naive diary."""

    patient: int
    provider: int
    start: datetime
    until: datetime
    status: AppointmentStatus = HELD

    def lives(self, now: datetime) -> bool:
        """Whether it takes its time."""
        return self.status in {PENDING, BOOKED} or (self.status is HELD and now < self.until)

    def hinders(self, patient: int, provider: int, start: datetime) -> bool:
        """Whether both cannot be: the obvious comparison."""
        near = abs(self.start - start)
        return (self.provider == provider and near < VISIT + BUFFER) or (
            self.patient == patient and near < VISIT
        )


class Diary(RuleBasedStateMachine):
    """A few patients and providers who book, wait, decide and cancel in any order; whatever follows
    from an act has happened before the next.
    """

    claims = Bundle("claims")

    @initialize(
        charging=st.sampled_from(Charging),
        approval=st.sampled_from(Approval),
        repeats=st.integers(1, 2),
    )
    def open(self, charging: Charging, approval: Approval, repeats: int) -> None:
        """A practice with two providers; the third patient's card fails whenever it is charged."""
        self.clinic = Clinic(
            charging=charging,
            approval=approval,
            buffer_minutes=10,
            holds_most=HOLDS_MOST,
            visits_ahead_most=AHEAD_MOST,
            visits_a_day_most=A_DAY_MOST,
        )
        self.repeats, self.charging, self.approval = repeats, charging, approval
        self.fails = 2
        cards = ["tok_visa", "tok_visa", "tok_fails_later"]
        self.patients = [self.clinic.patient(card=card) for card in cards]
        providers = [self.clinic.provider(name) for name in ("Quinn Therapist", "Robin Doctor")]
        start = self.clinic.clock() + timedelta(hours=1)
        self.sessions = [self.clinic.session(one, start=start, every=20) for one in providers]
        self.clinic.session(providers[0], start=start + WEEK, every=20)
        self.providers = providers
        self.model: dict[AppointmentId, Claim] = {}
        self.clinic.drain()

    @property
    def at(self) -> datetime:
        """Now."""
        return self.clinic.clock()

    def alive(self) -> list[Claim]:
        """The claims that take their time now."""
        return [one for one in self.model.values() if one.lives(self.at)]

    def full(
        self, patient: int, start: datetime, more: int = 0, beside: Claim | None = None
    ) -> bool:
        """Whether the patient has too many visits ahead, or on that day, for one more."""
        own = [one for one in self.alive() if one.patient == patient and one is not beside]
        ahead = sum(one.start + VISIT > self.at for one in own) + more
        a_day = sum(one.start.date() == start.date() for one in own)
        return ahead >= AHEAD_MOST or a_day >= A_DAY_MOST

    def hindered(self, patient: int, provider: int, start: datetime) -> bool:
        """Whether somebody is there already."""
        return any(one.hinders(patient, provider, start) for one in self.alive())

    def expected_of_hold(self, patient: int, provider: int, start: datetime) -> type | None:
        """What the naive diary says to another claim."""
        held = sum(one.patient == patient and one.status is HELD for one in self.alive())
        if held >= HOLDS_MOST or self.full(patient, start):
            return LimitsReached
        if start < self.at:
            return NotBookable
        return TimeTaken if self.hindered(patient, provider, start) else None

    def lapsed_give_way(self, patient: int, provider: int, start: datetime) -> None:
        """Holds past their deadline are given up by whoever takes their time."""
        for one in self.model.values():
            lapsed = one.status is HELD and not one.lives(self.at)
            if lapsed and one.hinders(patient, provider, start):
                one.status = CANCELLED

    def same(self, call: Any, expected: type | None) -> Any:
        """The core's answer, which must be the one expected; then whatever follows from it."""
        if expected is not None:
            with pytest.raises(Refusal) as refused:
                call()
            assert refused.type is expected
            return None
        answer = call()
        self.clinic.drain(self.repeats)
        return answer

    @rule(target=claims, patient=st.integers(0, 2), provider=st.integers(0, 1), step=STEPS)
    def hold(self, patient: int, provider: int, step: int) -> Any:
        """Pick a time."""
        start = self.sessions[provider].during.start + step * timedelta(minutes=20)
        held: Appointment | None = self.same(
            lambda: self.clinic.hold(self.patients[patient], self.sessions[provider], start),
            self.expected_of_hold(patient, provider, start),
        )
        if held is None:
            return multiple()
        self.lapsed_give_way(patient, provider, start)
        self.model[held.id] = Claim(patient, provider, start, self.at + KEPT)
        return held

    def _after_request(self, claim: Claim) -> AppointmentStatus:
        if self.charging is Charging.AT_BOOKING and claim.patient == self.fails:
            return CANCELLED
        full = self.full(claim.patient, claim.start, beside=claim)
        return BOOKED if self.approval is Approval.AUTOMATIC and not full else PENDING

    @rule(
        target=claims,
        patient=st.integers(0, 2),
        provider=st.integers(0, 1),
        step=STEPS,
        off_grid=st.booleans(),
        override=st.booleans(),
    )
    def staff_book(
        self, patient: int, provider: int, step: int, off_grid: bool, override: bool
    ) -> Any:
        """A liaison books in one, on the grid or off it, with soft rules set aside or not."""
        start = self.sessions[provider].during.start + step * timedelta(minutes=20)
        start += OFF_GRID if off_grid else timedelta()
        expected: type | None = TimeTaken if self.hindered(patient, provider, start) else None
        if start < self.at or (off_grid and not override):
            expected = NotBookable
        if not override and self.full(patient, start):
            expected = LimitsReached
        booked: Appointment | None = self.same(
            lambda: self.clinic.book(
                self.patients[patient],
                self.sessions[provider],
                start,
                override=ASIDE if override else None,
            ),
            expected,
        )
        if booked is None:
            return multiple()
        self.lapsed_give_way(patient, provider, start)
        self.model[booked.id] = Claim(patient, provider, start, self.at)
        unpaid = self.charging is Charging.AT_BOOKING and patient == self.fails
        self.model[booked.id].status = CANCELLED if unpaid else BOOKED
        return booked

    @rule(target=claims, patient=st.integers(0, 2), step=STEPS, by_staff=st.booleans())
    def book_series(self, patient: int, step: int, by_staff: bool) -> Any:
        """Two weekly visits with the first provider: both, or neither."""
        first = self.sessions[0].during.start + step * timedelta(minutes=20)
        starts = (first, first + WEEK)
        objected = any(
            start < self.at or self.hindered(patient, 0, start) or self.full(patient, start, more)
            for more, start in enumerate(starts)
        )
        person = self.patients[patient]
        wish = Wish(
            patient_id=person.as_patient(),
            provider_id=provider_of(self.providers[0]),
            service="visit",
            rhythm=Rhythm(
                first_day=first.date(), starts=first.time(), every_weeks=1, visits=len(starts)
            ),
            mode=Mode.VIDEO,
            location=self.clinic.location,
            agreed=self.clinic.price,
            starts_within_cooling_off=True,
        )
        booked: tuple[Appointment, ...] | None = self.same(
            lambda: self.clinic.ask.series.book(
                self.clinic.liaison if by_staff else person,
                SeriesId(self.clinic.new_id()),
                wish,
                card_id=self.clinic.ask.billing.cards(person)[0].id,
            ),
            SeriesConflicts if objected else None,
        )
        if booked is None:
            return multiple()
        for one, start in zip(booked, starts, strict=True):
            self.lapsed_give_way(patient, 0, start)
            claim = self.model[one.id] = Claim(patient, 0, start, self.at)
            claim.status = PENDING
        for one in booked:
            claim = self.model[one.id]
            claim.status = self._after_request(claim)
            if by_staff and claim.status is PENDING:
                claim.status = BOOKED
        return multiple(*booked)

    @rule(held=claims)
    def request(self, held: Appointment) -> None:
        """Ask for a visit."""
        claim = self.model[held.id]
        if self.clinic.now(held).status is not HELD:
            expected: type | None = IllegalTransition
        else:
            expected = None if claim.lives(self.at) else HoldExpired
        patient = self.patients[claim.patient]
        if self.same(lambda: self.clinic.request(patient, held), expected):
            claim.status = self._after_request(claim)

    @rule(held=claims, approves=st.booleans())
    def decide(self, held: Appointment, approves: bool) -> None:
        """A liaison approves or declines."""
        claim = self.model[held.id]
        expected: type | None = None if claim.status is PENDING else IllegalTransition
        full = self.full(claim.patient, claim.start, beside=claim)
        if approves and claim.status is PENDING and full:
            expected = ChecksFailed
        if approves and claim.status is PENDING and self.at >= claim.start + VISIT:
            expected = TooLate

        def act() -> Appointment:
            if approves:
                return self.clinic.ask.approval.approve(self.clinic.liaison, held.id)
            return self.clinic.decline(held)

        if self.same(act, expected):
            claim.status = BOOKED if approves else CANCELLED

    @rule(held=claims, by_patient=st.booleans())
    def cancel(self, held: Appointment, by_patient: bool) -> None:
        """Patient or practice gives up."""
        claim = self.model[held.id]
        expected: type | None = IllegalTransition if claim.status is CANCELLED else None
        if by_patient and claim.status is BOOKED and self.at >= claim.start:
            expected = TooLate
        actor: Actor = self.patients[claim.patient] if by_patient else self.clinic.liaison
        if self.same(lambda: self.clinic.ask.scheduling.cancel(actor, held.id), expected):
            claim.status = CANCELLED

    @rule()
    def expire(self) -> None:
        """The machinery gives up what nobody decided on in time."""
        self.clinic.ask.approval.expire_unanswered(self.clinic.system)
        self.clinic.drain(self.repeats)
        for claim in self.model.values():
            if claim.status is PENDING and claim.start <= self.at:
                claim.status = CANCELLED

    @rule(minutes=st.sampled_from([3, 10, 40]))
    def wait(self, minutes: int) -> None:
        """Time passes."""
        self.clinic.clock.forward(minutes=minutes)

    @invariant()
    def the_diary_is_the_naive_one(self) -> None:
        """Every claim has the status that the model gives it."""
        for id, claim in getattr(self, "model", {}).items():
            stored: Appointment = self.clinic.store.rows["appointments"][id]
            assert stored.status is claim.status

    @invariant()
    def nobody_is_in_two_visits_at_once(self) -> None:
        """No two claims that take their time overlap for a provider or a patient (N01)."""
        rows = self.clinic.store.rows.get("appointments", {}) if hasattr(self, "model") else {}
        alive = [one for one in rows.values() if one.status in OCCUPYING and one.occupying(self.at)]
        for number, one in enumerate(alive):
            for other in alive[:number]:
                assert one.provider_id != other.provider_id or not one.occupies.overlaps(
                    other.occupies
                )
                assert one.patient_id != other.patient_id or not one.during.overlaps(other.during)

    @invariant()
    def history_tells_every_version(self) -> None:
        """One line for each change, and never a line less than before (F29)."""
        rows = self.clinic.store.rows.get("appointments", {}) if hasattr(self, "model") else {}
        assert all(len(one.history) == one.version for one in rows.values())

    @invariant()
    def nobody_passes_a_limit_without_an_override(self) -> None:
        """Where nothing was set aside, no patient has more visits of a day than allowed (F25)."""
        rows = self.clinic.store.rows.get("appointments", {}) if hasattr(self, "model") else {}
        alive = [one for one in rows.values() if one.occupying(self.at) and one.override is None]
        days = [(one.patient_id, one.during.start.date()) for one in alive]
        assert all(days.count(one) <= A_DAY_MOST for one in days)

    @invariant()
    def only_what_was_asked_for_is_charged_and_what_was_given_up_is_not(self) -> None:
        """A charge exists from the request on; money stays taken only for a live claim (N04)."""
        for id, claim in getattr(self, "model", {}).items():
            charge = self.clinic.charge(self.clinic.store.rows["appointments"][id])
            if claim.status is HELD:
                assert charge is None
            elif claim.status is CANCELLED:
                assert charge is None or charge.settled_without_payment
            else:
                at_booking = self.charging is Charging.AT_BOOKING
                expected = ChargeStatus.PAID if at_booking else ChargeStatus.PLANNED
                assert charge is not None
                assert charge.status is expected

    @precondition(lambda self: hasattr(self, "model"))
    @invariant()
    def the_processor_agrees(self) -> None:
        """What the processor kept is the price of each claim that is paid, and nothing else."""
        payments = self.clinic.payments
        taken = sum(one.amount.minor for one in payments.outcome_of.values() if one.paid)
        kept = taken - sum(amount.minor for amount in payments.refunded.values())
        charges = self.clinic.store.rows.get("charges", {}).values()
        assert kept == sum(one.due.minor for one in charges if one.status is ChargeStatus.PAID)
        assert not self.clinic.store.outbox


TestDiary = pytest.mark.filterwarnings("error")(Diary.TestCase)
TestDiary.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
