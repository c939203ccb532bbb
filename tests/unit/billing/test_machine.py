"""Whatever people do and whatever breaks, money taken is money owed: a machine against a naive
model (N04, N05, PAY-05, PAY-06, N17).
"""

from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import attrs
from hypothesis import settings as tried
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
)

from telehealth_core.access.actor import Actor
from telehealth_core.billing.charge import Charge, ChargeStatus
from telehealth_core.billing.ledger import Extra, LineKind
from telehealth_core.billing.payment import PaymentOrder, PaymentOutcome
from telehealth_core.practice.settings import Approval, Charging
from telehealth_core.reactions import reactions_to
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.life import AppointmentStatus
from telehealth_core.shared.ids import AppointmentId
from telehealth_core.shared.money import Money
from telehealth_core.shared.refusal import Refusal, StaleVersion, Unavailable
from telehealth_core.testing.doubles import MemoryPayments
from unit.clinic import MORNING, Clinic

PRICE = 6_001
NOTHING, BEFORE, AFTER = "nothing", "before", "after"
FAULTS = st.sampled_from([NOTHING, NOTHING, BEFORE, AFTER])
CARDS = ("tok_visa", "tok_fails_later", "tok_authenticate")
ENDED = {AppointmentStatus.FULFILLED, AppointmentStatus.CANCELLED, AppointmentStatus.NOSHOW}


@attrs.define
class FaultyPayments(MemoryPayments):
    """A processor whose next call breaks off before it did anything, or after it did it."""

    fault: str = NOTHING

    def _broken(self, call: Any) -> Any:
        fault, self.fault = self.fault, NOTHING
        if fault == BEFORE:
            raise Unavailable("payments")
        answer = call()
        if fault == AFTER:
            raise Unavailable("payments")
        return answer

    def collect(self, order: PaymentOrder) -> PaymentOutcome:
        """Take the sum, or break off."""
        outcome: PaymentOutcome = self._broken(lambda: MemoryPayments.collect(self, order))
        return outcome

    def abandon(self, key: UUID) -> PaymentOutcome:
        """Wait no longer, or break off."""
        outcome: PaymentOutcome = self._broken(lambda: MemoryPayments.abandon(self, key))
        return outcome

    def refund(self, order: UUID, amount: Money, key: UUID) -> None:
        """Give back, or break off."""
        self._broken(lambda: MemoryPayments.refund(self, order, amount, key))


@attrs.define
class Visit:
    """What the naive model knows of one visit: who, the most they agreed to, and what they owe."""

    id: AppointmentId
    patient: Actor
    provider: Actor
    agreed: int
    owes: int
    offered: int | None = None
    supplement: int = 0


class Billed(RuleBasedStateMachine):
    """One practice, its patients' cards, and a processor that fails at any time."""

    visits = Bundle("visits")

    @initialize(charging=st.sampled_from(Charging), attempts=st.integers(1, 3))
    def open(self, charging: Charging, attempts: int) -> None:
        """A practice with fees, three patients of three kinds of card, and one shift of each of
        three providers.
        """
        self.payments = FaultyPayments()
        self.clinic = Clinic(
            jurisdiction="us",
            charging=charging,
            approval=Approval.LIAISON,
            ports={"payments": self.payments},
            late_cancel_fee_bp=5_000,
            noshow_fee_bp=3_333,
            collect_attempts_most=attempts,
        )
        self.charging = charging
        self.known: list[Visit] = []
        self.patients = [self.clinic.patient(f"Pat Nr{one}", card=card) for one, card in
                         enumerate(CARDS)]  # fmt: skip
        self.sessions = []
        for number in range(3):
            provider = self.clinic.provider(f"Quinn Nr{number}", price=Money(PRICE, "USD"))
            start = MORNING + timedelta(days=number, minutes=40 * number)
            self.sessions.append((provider, self.clinic.session(provider, start=start)))

    def charge(self, visit: Visit) -> Charge:
        """The visit's charge as it stands."""
        found: Charge = self.clinic.store.rows["charges"][Charge.id_of(visit.id)]
        return found

    def appointment(self, visit: Visit) -> Appointment:
        """The visit's appointment as it stands."""
        found: Appointment = self.clinic.store.rows["appointments"][visit.id]
        return found

    # --- what people do ----------------------------------------------------------------------

    @rule(target=visits, who=st.integers(0, 2), where=st.integers(0, 2), slot=st.integers(0, 5))
    def request(self, who: int, where: int, slot: int) -> Any:
        """A patient picks a time and agrees to its price."""
        patient, (provider, session) = self.patients[who], self.sessions[where]
        start = session.during.start + timedelta(minutes=30 * slot)
        try:
            asked = self.clinic.requested(patient, session, start)
        except Refusal:
            return multiple()
        visit = Visit(asked.id, patient, provider, PRICE, PRICE)
        self.known.append(visit)
        return visit

    @rule(visit=visits)
    def approve(self, visit: Visit) -> None:
        """A liaison accepts."""
        with suppress(Refusal):
            self.clinic.ask.approval.approve(self.clinic.liaison, visit.id)

    @rule(visit=visits, share=st.integers(0, 10_000), more=st.integers(0, 4_000))
    def correct(self, visit: Visit, share: int, more: int) -> None:
        """A liaison corrects the sum."""
        extras = (Extra("more", Money(more, "USD")),) if more else ()
        total = PRICE + more
        with suppress(Refusal):
            self.clinic.ask.billing.correct(
                self.clinic.liaison, visit.id, insurance_bp=share, extras=extras, reason="so"
            )
            visit.owes, visit.offered = total - total * share // 10_000, None

    @rule(visit=visits, more=st.integers(1, 4_000))
    def propose(self, visit: Visit, more: int) -> None:
        """A liaison proposes more; nothing is owed for it yet."""
        with suppress(Refusal):
            self.clinic.ask.billing.propose_increase(
                self.clinic.liaison, visit.id, extras=(Extra("m", Money(more, "USD")),), reason="so"
            )
            visit.offered = PRICE + more

    @rule(visit=visits)
    def agree(self, visit: Visit) -> None:
        """The patient agrees: to the charge itself, or to a supplement of what was paid."""
        paid = self.charge(visit).status is ChargeStatus.PAID
        with suppress(Refusal):
            offered = Money(visit.offered or 0, "USD")
            self.clinic.ask.billing.agree(visit.patient, visit.id, offered)
            if paid:
                visit.supplement += offered.minor - visit.owes
            else:
                visit.agreed = visit.owes = offered.minor
            visit.offered = None

    @rule(visit=visits, by_patient=st.booleans())
    def cancel(self, visit: Visit, by_patient: bool) -> None:
        """Somebody gives the visit up: late, by the patient, for half its price."""
        appointment, now = self.appointment(visit), self.clinic.clock()
        late = now > appointment.during.start - timedelta(hours=24)
        accepted = appointment.status is AppointmentStatus.BOOKED
        fee = PRICE // 2 if by_patient and late and accepted else 0
        with suppress(Refusal):
            who = visit.patient if by_patient else self.clinic.liaison
            self.clinic.ask.scheduling.cancel(who, visit.id)
            visit.owes = min(visit.owes, fee)

    @rule(visit=visits)
    def miss(self, visit: Visit) -> None:
        """The patient did not come."""
        since = self.appointment(visit).during.start + timedelta(minutes=15)
        self.clinic.clock.now = max(self.clinic.clock.now, since)
        with suppress(Refusal):
            self.clinic.ask.cancellation.miss(self.clinic.liaison, visit.id)
            visit.owes = min(visit.owes, PRICE * 3_333 // 10_000)

    @rule(visit=visits)
    def take_place(self, visit: Visit) -> None:
        """The visit takes place and is confirmed."""
        appointment = self.appointment(visit)
        if (
            self.clinic.clock() <= appointment.during.start
            and appointment.status is AppointmentStatus.BOOKED
        ):
            self.clinic.visited(appointment, visit.patient, visit.provider)

    @rule(visit=visits, fails=st.booleans())
    def confirm(self, visit: Visit, fails: bool) -> None:
        """The payer confirms the payment with their bank, or fails to."""
        charge = self.charge(visit)
        waiting = self.payments.outcome_of.get(charge.payment_key)
        if waiting is not None and waiting.requires_action:
            self.payments.authenticate(waiting.key, declined="wrong" if fails else None)
        with suppress(Refusal):
            self.clinic.ask.billing.confirm(visit.patient, visit.id)

    @rule(visit=visits)
    def pay_otherwise(self, visit: Visit) -> None:
        """The payer tries the card again, by hand."""
        card = self.clinic.ask.billing.cards(visit.patient)[0]
        with suppress(Refusal):
            self.clinic.ask.billing.pay(visit.patient, visit.id, card.id)

    @rule(visit=visits, amount=st.integers(1, PRICE))
    def refund(self, visit: Visit, amount: int) -> None:
        """A liaison gives a part back."""
        with suppress(Refusal):
            self.clinic.ask.billing.refund(
                self.clinic.liaison, visit.id, Money(amount, "USD"), reason="a favor"
            )
            visit.owes, visit.offered = visit.owes - amount, None

    @rule(visit=visits)
    def write_off(self, visit: Visit) -> None:
        """A liaison gives up what was declined."""
        with suppress(Refusal):
            self.clinic.ask.billing.write_off(self.clinic.liaison, visit.id, reason="a favor")
            visit.owes = 0

    # --- what the machinery does -------------------------------------------------------------

    @rule(hours=st.sampled_from([0, 1, 72]))
    def timer(self, hours: int) -> None:
        """Time passes, and what waited long enough is taken up again."""
        self.clinic.clock.forward(hours=hours)
        self.clinic.ask.collecting.retry_due(self.clinic.system)

    @rule(which=st.integers(0, 50), twice=st.booleans(), fault=FAULTS)
    def deliver(self, which: int, twice: bool, fault: str) -> None:
        """One event of those that wait is delivered, once or twice, and the processor may break
        off.
        """
        waiting = self.clinic.store.outbox
        if not waiting:
            return
        taken = waiting.pop(which % len(waiting))
        practice, event = taken
        self.payments.fault = fault
        try:
            for reaction in reactions_to(type(event)) * (1 + twice):
                self.clinic.ask.react(reaction, event, Actor.system(practice))
        except (Unavailable, StaleVersion):
            waiting.append(taken)
        self.payments.fault = NOTHING

    # --- what never breaks -------------------------------------------------------------------

    def charges(self) -> list[Charge]:
        """Every charge as it stands."""
        return list(self.clinic.store.rows.get("charges", {}).values())

    def at_the_processor(self, charge: Charge) -> tuple[int, int]:
        """How often it was taken, and what is left of it there."""
        outcomes = [self.payments.outcome_of.get(key) for key in charge.payment_keys]
        taken = [one.amount.minor for one in outcomes if one is not None and one.paid]
        back = [self.payments.refunded.get(key) for key in charge.refund_keys]
        return len(taken), sum(taken) - sum(one.minor for one in back if one is not None)

    @invariant()
    def nobody_pays_twice_or_more_than_agreed(self) -> None:
        """One payment for a charge at most, of no more than was agreed, and nothing given back that
        was not taken (N04, PAY-06).
        """
        for charge in self.charges():
            times, left = self.at_the_processor(charge)
            assert times <= 1
            assert left >= 0
            assert not charge.paid.minor or charge.paid == charge.ordered
        for visit in getattr(self, "known", []):
            _, left = self.at_the_processor(self.charge(visit))
            assert left <= visit.agreed

    @invariant()
    def nothing_is_taken_before_the_visit_where_it_is_taken_after(self) -> None:
        """Where charging is on completion, only the confirmation or a fee frees a sum (PAY-05)."""
        if getattr(self, "charging", None) is not Charging.ON_COMPLETION:
            return
        for visit in self.known:
            if self.appointment(visit).status not in ENDED:
                assert self.at_the_processor(self.charge(visit)) == (0, 0)
                assert self.charge(visit).status in {ChargeStatus.PLANNED, ChargeStatus.WAIVED}

    @invariant()
    def the_ledger_has_no_gap(self) -> None:
        """Every line leads from what was before to what was after, and the lines are the sum
        (N05).
        """
        for charge in self.charges():
            owed = kept = 0
            for entry in charge.ledger.entries:
                assert entry.after == entry.before + entry.amount
                if entry.kind is LineKind.REFUND:
                    kept += entry.amount.minor
                else:
                    assert entry.before.minor == owed
                    owed += entry.amount.minor
            assert owed == charge.due.minor >= 0
            assert charge.kept.minor == charge.paid.minor + kept
            assert charge.total + charge.fee - charge.insured + charge.ledger.sum(
                LineKind.CORRECTION
            ) == charge.due  # fmt: skip

    def teardown(self) -> None:
        """Once all is delivered, what is left at the processor is what the ledgers say, and what
        the naive model says.
        """
        if not hasattr(self, "clinic"):
            return
        self.clinic.drain()
        assert not [one for one in self.charges() if one.status is ChargeStatus.BILLABLE]
        taken = sum(one.amount.minor for one in self.payments.outcome_of.values() if one.paid)
        back = sum(one.minor for one in self.payments.refunded.values())
        assert taken - back == sum(one.kept.minor for one in self.charges())
        for charge in self.charges():
            _, left = self.at_the_processor(charge)
            settled = charge.status in {ChargeStatus.PAID, ChargeStatus.REFUNDED}
            assert left == charge.kept.minor == (charge.due.minor if settled else 0)
            assert charge.refunds_made == len(charge.refunds)
            assert charge.status is not ChargeStatus.COLLECTING or charge.awaits_payer
            assert charge.status is not ChargeStatus.WAIVED or not charge.due.minor
        for visit in self.known:
            charge = self.charge(visit)
            if charge.status is not ChargeStatus.WAIVED:
                assert charge.due.minor == visit.owes
            further = [
                one for one in self.charges() if one.appointment_id == visit.id and one.number
            ]
            assert sum(one.agreed.minor for one in further) == visit.supplement


TestMoney = Billed.TestCase
TestMoney.settings = tried(max_examples=40, stateful_step_count=40, deadline=None)
