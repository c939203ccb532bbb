"""The whole facade against a naive model of diary, money, identity and consent, and the steps of a
simulated world in any order (N13).
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import attrs
from hypothesis import settings as tried
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from telehealth_core.practice.consent_text import ConsentPurpose
from telehealth_core.practice.settings import Approval
from telehealth_core.registration.consent import Consent, ConsentStatus
from telehealth_core.scheduling.life import AppointmentStatus
from telehealth_core.shared.ids import AppointmentId, CardId
from telehealth_core.shared.refusal import Refusal
from telehealth_core.testing.world import STEPS, Step, World
from unit.clinic import ALL_SO, MORNING, Clinic

PRICE, SLOTS, HOLD_MINUTES = 6_000, 4, 10
PEOPLE, PROVIDERS = st.integers(0, 2), st.integers(0, 1)
PURPOSES = st.sampled_from([ConsentPurpose.MARKETING, ConsentPurpose.RECORDING])
_S = AppointmentStatus


@attrs.define
class Person:
    """What the naive model knows of a patient."""

    submitted: bool = False
    verified: bool = False
    card: bool = False
    agreed: set[ConsentPurpose] = attrs.field(factory=set)


@attrs.define
class Visit:
    """What the naive model knows of a visit."""

    id: AppointmentId
    who: int
    provider: int
    slot: int
    status: AppointmentStatus = _S.HELD
    held_until: Any = None


class Facade(RuleBasedStateMachine):
    """Three patients and two providers of one morning; what is allowed, the model knows as well."""

    @initialize()
    def open(self) -> None:
        """A practice whose liaison approves, and which charges on completion; two of its three
        patients are verified.
        """
        self.clinic = Clinic(
            approval=Approval.LIAISON,
            hold_minutes=HOLD_MINUTES,
            holds_most=20,
            visits_a_day_most=20,
        )
        self.actors = [self.clinic.registering(f"Pat Nr{one}") for one in range(3)]
        self.people = [Person() for _ in self.actors]
        self.providers = [self.clinic.provider(f"Quinn Nr{one}") for one in range(2)]
        self.sessions = [self.clinic.session(one, hours=SLOTS / 2) for one in self.providers]
        self.visits: list[Visit] = []
        for who in (0, 1):
            self.submit(who)
            self.verify(who)
            self.keep_card(who)

    def start(self, slot: int) -> Any:
        """When the visits of a slot begin."""
        return MORNING + timedelta(minutes=30 * slot)

    def allowed(self, expected: bool, call: Callable[[], Any]) -> bool:
        """Ask for it: it is done, or refused, as the model says, and a refusal changes nothing."""
        before = self.clinic.rows()
        refused: Refusal | None = None
        try:
            call()
        except Refusal as refusal:
            refused = refusal
        assert (refused is None) is expected, refused or "the model forbids it"
        assert refused is None or self.clinic.rows() == before
        return expected

    def occupying(self, visit: Visit) -> bool:
        """Whether the visit takes its time now."""
        held = visit.status is _S.HELD and self.clinic.clock() < visit.held_until
        return held or visit.status in {_S.PENDING, _S.BOOKED, _S.FULFILLED}

    # --- what people do ------------------------------------------------------------------------

    @rule(who=PEOPLE)
    def submit(self, who: int) -> None:
        """A patient asks to be verified."""
        person = self.people[who]
        if not person.submitted:
            self.clinic.submit(self.actors[who])
            person.submitted = True

    @rule(who=PEOPLE)
    def verify(self, who: int) -> None:
        """A liaison finds that everything is right."""
        person, id = self.people[who], self.actors[who].as_patient()
        if self.allowed(
            person.submitted and not person.verified,
            lambda: self.clinic.ask.identity.approve(self.clinic.liaison, id, "same", ALL_SO),
        ):
            person.verified = True

    @rule(who=PEOPLE)
    def keep_card(self, who: int) -> None:
        """A patient has a card kept."""
        id = CardId(self.clinic.new_id())
        person = self.people[who]
        if self.allowed(
            person.verified,
            lambda: self.clinic.ask.billing.save_card(self.actors[who], id, "tok_visa"),
        ):
            person.card = True

    @rule(who=PEOPLE, purpose=PURPOSES)
    def agree(self, who: int, purpose: ConsentPurpose) -> None:
        """A patient agrees."""
        self.clinic.agree(self.actors[who], purpose)
        self.people[who].agreed.add(purpose)

    @rule(who=PEOPLE, purpose=PURPOSES)
    def disagree(self, who: int, purpose: ConsentPurpose) -> None:
        """A patient takes every yes to this back."""
        for consent in self.consents(who):
            if consent.purpose is purpose and consent.status is ConsentStatus.GIVEN:
                self.clinic.ask.consents.withdraw(self.actors[who], consent.id)
        self.people[who].agreed.discard(purpose)

    @rule(who=PEOPLE, provider=PROVIDERS, slot=st.integers(0, SLOTS - 1))
    def hold(self, who: int, provider: int, slot: int) -> None:
        """A patient picks a time."""
        taken = any(
            self.occupying(one) and one.slot == slot and provider == one.provider
            for one in self.visits
        )
        busy = any(
            self.occupying(one) and one.slot == slot and one.who == who for one in self.visits
        )
        ahead = self.start(slot) >= self.clinic.clock()
        id = self.clinic.new_id()
        session = self.sessions[provider]
        if self.allowed(
            self.people[who].verified and ahead and not taken and not busy,
            lambda: self.clinic.hold(self.actors[who], session, self.start(slot), id=id),
        ):
            until = self.clinic.clock() + timedelta(minutes=HOLD_MINUTES)
            held = Visit(AppointmentId(id), who, provider, slot, held_until=until)
            self.visits.append(held)

    @rule(who=PEOPLE, provider=PROVIDERS, slot=st.integers(0, SLOTS - 1))
    def book(self, who: int, provider: int, slot: int) -> None:
        """A patient picks a time and asks for it, and a liaison accepts."""
        before = len(self.visits)
        self.hold(who, provider, slot)
        if len(self.visits) > before:
            self.request(before)
            self.approve(before)

    @rule(which=st.integers(0, 30))
    def request(self, which: int) -> None:
        """A patient asks for a visit at its price."""
        visit = self.visit(which)
        if visit is None:
            return
        ahead = self.start(visit.slot) > self.clinic.clock()
        live = visit.status is _S.HELD and self.occupying(visit)
        held = self.clinic.store.rows["appointments"][visit.id]
        if self.allowed(
            live and ahead and self.people[visit.who].card,
            lambda: self.clinic.request(self.actors[visit.who], held),
        ):
            visit.status = _S.PENDING

    @rule(which=st.integers(0, 30))
    def approve(self, which: int) -> None:
        """A liaison accepts a request."""
        visit = self.visit(which)
        if visit is None:
            return
        ahead = self.start(visit.slot) > self.clinic.clock()
        if self.allowed(
            visit.status is _S.PENDING and ahead,
            lambda: self.clinic.ask.approval.approve(self.clinic.liaison, visit.id),
        ):
            visit.status = _S.BOOKED

    @rule(which=st.integers(0, 30))
    def cancel(self, which: int) -> None:
        """A patient gives a time up."""
        visit = self.visit(which)
        if visit is None:
            return
        ahead = self.start(visit.slot) > self.clinic.clock()
        live = visit.status in {_S.HELD, _S.PENDING, _S.BOOKED} and self.occupying(visit)
        if not live and visit.status is _S.HELD:
            return  # whether a hold past its deadline is given up or lapses is all the same
        if self.allowed(
            live and ahead,
            lambda: self.clinic.ask.scheduling.cancel(self.actors[visit.who], visit.id),
        ):
            visit.status = _S.CANCELLED

    @rule(minutes=st.sampled_from([1, HOLD_MINUTES, 2 * HOLD_MINUTES]))
    def wait(self, minutes: int) -> None:
        """Time passes, on the day before the visits."""
        if self.clinic.clock() < MORNING - timedelta(hours=1):
            self.clinic.clock.forward(minutes=minutes)

    @rule(which=st.integers(0, 30))
    def visit_takes_place(self, which: int) -> None:
        """The patient comes, and the provider confirms it."""
        visit = self.visit(which)
        if visit is None or visit.status is not _S.BOOKED:
            return
        if self.start(visit.slot) < self.clinic.clock():
            return
        appointment = self.clinic.store.rows["appointments"][visit.id]
        provider = self.providers[visit.provider]
        self.clinic.visited(appointment, self.actors[visit.who], provider)
        self.people[visit.who].agreed.add(ConsentPurpose.GP_SHARING)
        visit.status = _S.FULFILLED

    def visit(self, which: int) -> Visit | None:
        """One of the visits, if there is any."""
        return self.visits[which % len(self.visits)] if self.visits else None

    def consents(self, who: int) -> tuple[Consent, ...]:
        """The patient's answers, as they may see them."""
        actor = self.actors[who]
        return self.clinic.ask.consents.of_patient(actor, actor.as_patient())

    # --- what must hold ------------------------------------------------------------------------

    @invariant()
    def the_diary_is_the_models(self) -> None:
        """Each visit stands where the model has it; a lapsed hold is as good as given up."""
        gone = {_S.CANCELLED, _S.HELD}
        for visit in self.visits:
            found = self.clinic.store.rows["appointments"][visit.id]
            same = found.status is visit.status
            assert same or (found.status in gone and visit.status in gone), visit
            assert found.occupying(self.clinic.clock()) == self.occupying(visit)

    @invariant()
    def the_money_is_the_models(self) -> None:
        """What the processor took is the price of every visit that took place, and nothing else."""
        self.clinic.drain()
        taken = [one for one in self.clinic.payments.outcome_of.values() if one.paid]
        took_place = sum(one.status is _S.FULFILLED for one in self.visits)
        assert sum(one.amount.minor for one in taken) == PRICE * took_place
        assert not self.clinic.payments.refunded

    @invariant()
    def the_people_are_the_models(self) -> None:
        """Who is verified, and who agreed to what."""
        for who, person in enumerate(self.people):
            found = self.clinic.person(self.actors[who])
            assert found.is_verified(self.clinic.clock()) == person.verified
            given = {one.purpose for one in self.consents(who) if one.status == "given"}
            assert given == person.agreed


class Story(RuleBasedStateMachine):
    """The steps of a simulated world in whichever order breaks something soonest."""

    @initialize(seed=st.integers(0, 1_000))
    def begin(self, seed: int) -> None:
        """A world at its beginning."""
        self.world = World(seed)

    @rule(step=st.sampled_from(STEPS))
    def take(self, step: Step) -> None:
        """Somebody does something; the world looks at everything that must hold."""
        self.world.take(step)

    @rule()
    def settle(self) -> None:
        """Everything that waits is done."""
        self.world.settle()


TestFacade = Facade.TestCase
TestFacade.settings = tried(max_examples=25, stateful_step_count=40, deadline=None)
TestStory = Story.TestCase
TestStory.settings = tried(max_examples=8, stateful_step_count=40, deadline=None)
