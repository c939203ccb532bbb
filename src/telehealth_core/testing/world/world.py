"""A simulated world: practices over memory ports, random actors, faulty systems, and everything
that must hold, looked at after each step.

World(seed=7).run(1_000)

The same seed is the same story: whatever is random comes from one generator, time from a clock that
the story moves, and every id from a counter.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import NAMESPACE_DNS, UUID, uuid5

import attrs

from telehealth_core.access.account import Account
from telehealth_core.access.actor import STAFF, Actor, Purpose, Role
from telehealth_core.shared.refusal import Refusal
from telehealth_core.telehealth import Telehealth
from telehealth_core.testing.doubles import FixedClock, memory_ports
from telehealth_core.testing.memory import MemoryStore
from telehealth_core.testing.world.faults import Crashed, Fault, Faults, Faulty
from telehealth_core.testing.world.happening import Happening, rows_of
from telehealth_core.testing.world.invariants import AFTER_EACH_STEP, WHEN_DRAINED
from telehealth_core.testing.world.place import Place, Processor, opened
from telehealth_core.testing.world.relay import Relay
from telehealth_core.testing.world.steps import STEPS, NothingToAsk, Step, begin
from telehealth_core.timers import TIMERS

BEGINS = datetime(2026, 10, 23, 8, 0, tzinfo=UTC)
"""The Friday before the clocks change in the United Kingdom; in the United States a week later."""
FAULTY = ("payments", "documents", "attachments", "pharmacies", "rooms", "channels", "notices")
DRAIN_EVERY = 125
TOLD_MOST = 12


class Broken(AssertionError):
    """Something that must hold does not: tells the seed, the step, what led there, and the command
    that replays it.
    """


class World:
    """One seeded story; see the module."""

    def __init__(
        self,
        seed: int,
        practices: Sequence[str] = ("uk", "us"),
        *,
        steps: Sequence[Step] = STEPS,
        processor: Processor | None = None,
        store: MemoryStore | None = None,
    ) -> None:
        self.seed, self.number, self.steps = seed, 0, tuple(steps)
        self.rng = Random(seed)  # noqa: S311 - a story, not a secret
        self.faults = Faults(self.rng)
        self.clock, self.store = FixedClock(BEGINS), store or MemoryStore()
        self.processor = processor or Processor()
        self.ports = self._ports()
        self.ask = Telehealth(self.ports)
        self.relay = Relay(self.store, self.ask, self.faults, self.rng)
        self.told: list[str] = []
        self.outcomes: Counter[tuple[str, str]] = Counter()
        self.touched: set[tuple[str, UUID]] = set()
        self.raced = False
        self.focus: dict[str, UUID] = {}
        self.starts: dict[UUID, datetime] = {}
        self._minted = 0
        self._call: Callable[[], Any] | None = None
        self._step_now: Step | None = None
        self.racing = False
        self.places = [opened(self, code) for code in practices]
        self.here = self.places[0]
        for place in self.places:
            self.here = place
            begin(self)
        self._drained()

    def _ports(self) -> Any:
        ports = memory_ports(store=self.store, clock=self.clock, payments=self.processor)
        self.channels: Any = ports.channels
        self.notices: Any = ports.notices
        faulty = {name: Faulty(getattr(ports, name), self.faults, name) for name in FAULTY}
        return attrs.evolve(ports, work=self.work, **faulty)  # type: ignore[arg-type]

    # --- the story ---------------------------------------------------------------------------

    def run(self, steps: int, tell: Callable[[int], None] = lambda _: None) -> "World":
        """So many steps of the story; `tell` hears the number of each.

        Raises: Broken.
        """
        for _ in range(steps):
            self.number += 1
            with self._telling():
                self.here = self.rng.choice(self.places)
                self._take(*self._chosen())
                if self.number % DRAIN_EVERY == 0:
                    self._drained()
            tell(self.number)
        self.settle()
        return self

    def take(self, step: Step) -> bool:
        """Take this step next, for whoever directs the story; false if there is nothing yet that
        it could be about.

        Raises: Broken.
        """
        self.here = self.rng.choice(self.places)
        try:
            call = step.ask(self)
        except NothingToAsk:
            return False
        self.number += 1
        with self._telling():
            self._take(step, call)
        return True

    def settle(self) -> None:
        """Let everything that waits be done, and look at all of it.

        Raises: Broken.
        """
        with self._telling():
            self._drained()

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except Exception as problem:
            raise Broken(self._report(problem)) from problem

    def _take(self, step: Step, call: Callable[[], Any]) -> None:
        self.touched.clear()
        self.raced = False
        before = Happening.begun(self, step.name)
        self.faults.on, self._call, self._step_now = step.faults, call, step
        result, refusal, crashed = None, None, False
        try:
            result = call()
        except Refusal as met:
            refusal = met
        except Crashed:
            crashed = True
        finally:
            self.faults.on, self._call, self._step_now = False, None, None
        happened = before.ended(self, result=result, refusal=refusal, crashed=crashed)
        told = happened.outcome if refusal or crashed else str(result)[:60]
        self.told.append(f"{self.number:>5} {self.now:%m-%d %H:%M} {step.name}: {told}")
        self.outcomes[step.name, happened.outcome] += 1
        self._hold(step, call, happened)

    def _chosen(self) -> tuple[Step, Callable[[], Any]]:
        weights = [step.weight for step in self.steps]
        while True:
            step = self.rng.choices(self.steps, weights)[0]
            try:
                return step, step.ask(self)
            except NothingToAsk:
                continue

    def _hold(self, step: Step, call: Callable[[], Any], happened: Happening) -> None:
        for name, holds in AFTER_EACH_STEP:
            problem = holds(self, step, call, happened)
            assert not problem, f"{name}: {problem}"

    def _drained(self) -> None:
        """Let everything that waits be done, with nothing going wrong, and look at all of it."""
        self.faults.on = False
        for _ in range(3):
            self.relay.drain()
            for place in self.places:
                for timer in TIMERS:
                    self.ask.tick(timer, place.system)
        self.relay.drain()
        for name, holds in WHEN_DRAINED:
            problem = holds(self)
            assert not problem, f"{name}: {problem}"

    def _report(self, problem: Exception) -> str:
        said = str(problem) if isinstance(problem, AssertionError) else repr(problem)
        lines = (
            f"seed {self.seed} broke at step {self.number}: {said}",
            *self.told[-TOLD_MOST:],
            f"replay: telehealth simulate --seed {self.seed} --steps {self.number}",
        )
        return "\n".join(lines)

    # --- what goes wrong around a unit of work -------------------------------------------------

    @contextmanager
    def work(self, actor: Actor) -> Iterator[Any]:
        """The store's unit of work, in which others may be quicker and the process may die."""
        with self.store.work(actor) as work:
            yield work
            self._race()
            if self.faults.strikes(Fault.CRASH_BEFORE_COMMIT):
                raise Crashed
        if self.faults.strikes(Fault.CRASH_AFTER_COMMIT):
            raise Crashed

    def _race(self) -> None:
        if self._call is not None and self.faults.strikes(Fault.SAME_CALL_TWICE):
            self._compete(self._call)
        elif self.faults.strikes(Fault.RACE):
            self._compete(self._rival())

    def _rival(self) -> Callable[[], Any]:
        """Somebody who wants something too, mostly about the very same thing."""
        self.racing = True
        try:
            if self._step_now is not None and self.chance(60):
                return self._step_now.ask(self)
        except NothingToAsk:
            pass
        finally:
            self.racing = False
        return self._chosen()[1]

    def _compete(self, call: Callable[[], Any]) -> None:
        """Have somebody else do something now, whole and without faults."""
        before = rows_of(self.store)
        held, self.faults.on = self._call, False
        self._call, self.raced = None, True
        try:
            call()
        except Refusal:
            pass
        finally:
            self.faults.on, self._call = True, held
        self.touched |= {key for key, *_ in before.changed(rows_of(self.store))}

    # --- what steps are made of ----------------------------------------------------------------

    @property
    def now(self) -> datetime:
        """The instant."""
        return self.clock()

    def new_id(self) -> Any:
        """An id that nothing has yet."""
        self._minted += 1
        return uuid5(NAMESPACE_DNS, f"world/{self.seed}/{self._minted}")

    def chance(self, percent: int) -> bool:
        """True so often."""
        return self.rng.randrange(100) < percent

    def all(self, name: str, where: Callable[[Any], bool] = lambda _: True) -> list[Any]:
        """The rows of this practice for which it holds."""
        rows = self.store.rows.get(name, {}).values()
        return [row for row in rows if row.practice_id == self.here.id and where(row)]

    def any(self, name: str, where: Callable[[Any], bool] = lambda _: True) -> Any:
        """One of them, often the one that was picked last, and a rival's always. Raises:
        NothingToAsk.
        """
        found = self.all(name, where)
        if not found:
            raise NothingToAsk
        last = [row for row in found if row.id == self.focus.get(name)]
        chosen = (
            last[0] if last and (self.racing or self.chance(60)) else self.rng.choice(found[-30:])
        )
        self.focus[name] = chosen.id
        return chosen

    def an_account(self, place: Place, role: Role) -> Actor:
        """Somebody of this role. Raises: NothingToAsk."""
        rows = self.store.rows["accounts"].values()
        found = [one for one in rows if one.practice_id == place.id and role in one.roles]
        if not found:
            raise NothingToAsk
        return self.acting(self.rng.choice(found))

    def acting(self, account: Account) -> Actor:
        """The account's holder; staff mostly say what for, most proved lately who they are."""
        said = bool(account.roles & STAFF) and self.chance(95)
        return attrs.evolve(
            account.actor(),
            purpose=Purpose.OPERATIONS if said else None,
            proven_at=self.now if self.chance(85) else None,
        )

    def stranger(self) -> Actor:
        """Anybody, of any practice: mostly somebody who has no business here."""
        place = self.rng.choice(self.places)
        rows: list[Account] = list(self.store.rows["accounts"].values())
        return place.visitor if self.chance(15) else self.acting(self.rng.choice(rows))

    def of(self, **standing: Any) -> Actor:
        """The account that stands for this patient, provider or partner; now and then a stranger
        tries instead. Raises: NothingToAsk.
        """
        if self.chance(6):
            return self.stranger()
        ((name, id),) = standing.items()
        rows = self.store.rows["accounts"].values()
        found = [one for one in rows if getattr(one, name) == id]
        if not found:
            raise NothingToAsk
        return self.acting(found[0])

    def staff(self, role: Role = Role.LIAISON) -> Actor:
        """Somebody of the office; now and then a stranger tries instead."""
        return self.stranger() if self.chance(6) else self.an_account(self.here, role)
