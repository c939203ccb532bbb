"""A simulated world: random actors, failing systems, and everything that must hold (N13)."""

from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from telehealth_core import reactions
from telehealth_core.access.actor import Actor
from telehealth_core.billing.charge import Charge
from telehealth_core.billing.life import ChargePaid
from telehealth_core.billing.payment import PaymentOrder, PaymentOutcome
from telehealth_core.billing.use_cases import Collecting
from telehealth_core.reactions import Reaction
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.life import AppointmentRequested
from telehealth_core.scheduling.use_cases import Scheduling, booking, claims
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import ChargeId
from telehealth_core.testing.memory import scheduling
from telehealth_core.testing.world import STEPS, Broken, Fault, Processor, Step, World

SEEDS = (1, 2, 3, 4)
STEPS_EACH = 250
WITHIN = 1_000


@pytest.fixture(scope="module")
def worlds() -> list[World]:
    """A thousand steps, of four stories."""
    return [World(seed).run(STEPS_EACH) for seed in SEEDS]


def test_nothing_breaks_in_a_thousand_steps(worlds: list[World]) -> None:
    """N13: whatever random actors do while systems fail, everything that must hold does."""
    assert sum(world.number for world in worlds) == 1_000


def test_everything_goes_wrong_that_can(worlds: list[World]) -> None:
    """N13: no kind of fault is only claimed: each happened in those thousand steps."""
    seen: Counter[Fault] = Counter()
    for world in worlds:
        seen += world.faults.seen
    assert set(seen) == set(Fault)


def test_the_stories_are_about_care(worlds: list[World]) -> None:
    """N13: visits are booked, moved, given up, paid, and some of it is refused."""
    done = Counter(name for world in worlds for name, told in world.outcomes if told == "done")
    assert {"hold", "request", "cancel", "join", "save card", "deliver", "ring"} <= set(done)
    assert any(told != "done" for world in worlds for _, told in world.outcomes)


def test_the_same_seed_is_the_same_story() -> None:
    """N13: a story can be replayed word for word."""
    once, again = (World(5).run(150) for _ in range(2))
    assert once.told == again.told
    assert once.store.rows == again.store.rows


def test_every_step_has_its_own_name() -> None:
    """N13: a story names its steps, so that whoever reads it finds them."""
    assert len({step.name for step in STEPS}) == len(STEPS)


def only(*names: str) -> tuple[Step, ...]:
    """The steps of these names."""
    return tuple(step for step in STEPS if step.name in names)


def found(steps: tuple[Step, ...] = STEPS, processor: Callable[[], Processor] = Processor) -> str:
    """What the first story that breaks something tells."""
    for seed in range(1, 12):
        try:
            World(seed, steps=steps, processor=processor()).run(WITHIN)
        except Broken as broken:
            return str(broken)
    pytest.fail("no story breaks")


def test_a_store_that_lets_two_have_one_time_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """N01, N13: without the last guard against double booking, a race double-books."""
    monkeypatch.setattr(scheduling, "nobody_twice_at_once", None)
    told = found(steps=only("add session", "hold", "book at the desk", "reschedule", "deliver"))
    assert "nobody twice at once" in told
    assert "replay: telehealth simulate --seed" in told


class TakesAgain(Processor):
    """A processor that forgets which orders it had."""

    def collect(self, order: PaymentOrder) -> PaymentOutcome:
        """Take the sum, each time anew."""
        outcome = super().collect(order)
        again = self.taken.get(order.key)
        if outcome.paid and again is not None:
            self.asked[order.key] += 1
            again += [outcome.amount.minor] * (self.asked[order.key] > 1)
        return outcome

    def __init__(self) -> None:
        super().__init__()
        self.asked: Counter[UUID] = Counter()


def test_a_processor_that_charges_twice_for_one_key_is_found() -> None:
    """N04, N13: a time-out after the effect leads to a repeat, and that to a second charge."""
    steps = only("add session", "hold", "request", "save card", "deliver")
    assert "money taken once" in found(steps=steps, processor=TakesAgain)


def _refund_again(collecting: Collecting, actor: Actor, event: Event) -> None:
    """Give back what was paid, and forget that it was given back already."""
    with collecting.work(actor) as work:
        charge = work.charges.get(ChargeId(event.subject))
    if charge.paid.minor:
        collecting.payments.refund(charge.payment_key, charge.paid, charge.refund_key(0))


_refund_again.__qualname__ = "Collecting.refund_again"


def test_a_reaction_that_gives_back_too_much_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """N04, N13: what the processor moved and what the ledger keeps are compared."""
    added = (*reactions.REACTIONS, Reaction(ChargePaid, _refund_again))
    monkeypatch.setattr(reactions, "REACTIONS", added)
    assert "books agree" in found()


def test_a_reaction_that_cannot_be_repeated_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """N13: a reaction delivered twice must be safe; one that is not gets stuck."""

    def release(collecting: Collecting, actor: Actor, event: Event) -> None:
        with collecting.work(actor) as work:
            charge = work.charges.get(Charge.id_of(event.subject))  # type: ignore[arg-type]
            work.charges.save(*charge.release(by=actor.id, at=collecting.clock()))

    release.__qualname__ = "Collecting.release"
    rows = tuple(
        Reaction(row.event, release) if row.name == "Collecting.release" else row
        for row in reactions.REACTIONS
    )
    monkeypatch.setattr(reactions, "REACTIONS", rows)
    assert "refused for good" in found()


def test_a_visit_charged_before_its_end_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """PAY-05, N13: a price taken before the visit is."""
    rows = tuple(
        Reaction(AppointmentRequested, _release_early)
        if row.name == "Approving.decide_requested"
        else row
        for row in reactions.REACTIONS
    )
    monkeypatch.setattr(reactions, "REACTIONS", rows)
    assert "nothing before completion" in found()


def _release_early(collecting: Collecting, actor: Actor, event: Event) -> None:
    collecting.release(actor, event)


_release_early.__qualname__ = "Collecting.release_early"


def test_an_open_record_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """ACC-02, N13: a read that asks no policy."""

    def view(self: Scheduling, actor: Actor, id: Any) -> Appointment:
        with self.work(actor) as work:
            return work.appointments.get(id)

    monkeypatch.setattr(Scheduling, "view", view)
    told = found()
    assert "policy decides who reads" in told or "reads are audited" in told


def test_a_use_case_that_writes_before_it_refuses_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """N13: a refusal that leaves half of its work behind."""
    proper = booking.Scheduling.cancel

    def cancel(self: Scheduling, actor: Actor, id: Any, reason: Any = None) -> Appointment:
        with self.work(Actor.system(actor.practice_id)) as work:
            found = work.appointments.find(id)
            if found is not None:
                work.appointments.save(*found.hide(by=actor.id, at=self.clock()))
        return proper(self, actor, id, reason)

    monkeypatch.setattr(booking.Scheduling, "cancel", cancel)
    assert "refusals change nothing" in found()


def test_a_search_that_offers_what_is_taken_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """F14, N13: one predicate decides what is offered and what is accepted."""
    monkeypatch.setattr(claims, "objections", lambda *_: ("on-shift",))
    assert "offers can be had" in found()
