"""How fast the core itself is: one line for each measure, with the limit that it must keep."""

import json
import resource
import subprocess
import sys
import time
import timeit
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from uuid import UUID

import attrs

from django_environment import PACKAGE, NotInstalledError, python_of_django
from telehealth_core.access.actor import Actor, Relation, Role
from telehealth_core.access.policy import Action, authorize
from telehealth_core.practice.practice import Practice
from telehealth_core.practice.settings import Approval, Charging, Settings
from telehealth_core.scheduling.search import Place, Search, Shift, Wishes
from telehealth_core.scheduling.session import Mode, Session, SessionStatus
from telehealth_core.shared.ids import PatientId, PracticeId, ProviderId, SessionId, UserId
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.money import Money
from telehealth_core.workforce.provider import (
    Licence,
    Profession,
    Provider,
    ProviderStatus,
    Service,
)

ROUNDS = 9
PRACTICE = PracticeId(UUID(int=1))
TOMORROW = datetime.combine(datetime.now(UTC).date() + timedelta(days=1), datetime.min.time(), UTC)
DAYS, BUSY, QUARTERS = 30, 224, 32
"""One provider's month: nine to five in visits of a quarter, so many of which are taken."""

CORE = Path(__file__).parents[1] / "src"


@attrs.frozen
class Line:
    """What one measure came to, and whether that is good enough."""

    name: str
    figure: float | None
    at_most: float | None = None
    at_least: float | None = None
    problem: str = ""

    @property
    def kept(self) -> bool:
        """Whether there is a figure, and the limit holds."""
        if self.figure is None:
            return False
        least = self.at_least is None or self.figure >= self.at_least
        return least and (self.at_most is None or self.figure <= self.at_most)

    def __str__(self) -> str:
        limit = f"at least {self.at_least:g}" if self.at_least else f"at most {self.at_most:g}"
        figure = self.problem if self.figure is None else f"{self.figure:.3f}"
        return f"{self.name} {figure} ({limit})"


def measures(*, small: bool) -> Iterator[Line]:
    """Every measure of the core; `small` shows in a moment that it works."""
    yield Line("offers_growth", offers_growth(small=small), at_most=10)
    yield slots_vs_django_appointment()
    yield Line("authorize_vs_call", authorize_vs_call(), at_most=20)
    yield Line("import_vs_150ms", import_vs_150ms(), at_most=1)


# --- the first ten offers among many providers -----------------------------------------------


def offers_growth(*, small: bool) -> float:
    """How many times longer the first ten offers take among ten times as many providers, at the
    worst.
    """
    sizes = (10, 100, 1_000) if small else (100, 1_000, 10_000)
    searches = [_first_ten(size) for size in sizes]
    for search in searches:
        assert search() == 10
    times = [_best(search) for search in searches]
    told = (f"{size:,}: {took * 1e6:,.0f} µs" for size, took in zip(sizes, times, strict=True))
    _tell(f"the first ten offers among {'; '.join(told)}")
    return max(after / before for before, after in pairwise(times))


def _first_ten(providers: int) -> Callable[[], int]:
    """A search among so many providers, each with a shift of eight hours of which half is taken,
    in the order in which a store gives them.
    """
    chosen = Random(providers)
    fives = sorted(chosen.randrange(144) for _ in range(providers))
    starts = [TOMORROW + timedelta(minutes=5 * five) for five in fives]
    shifts = [
        Shift(_session(number, start, 480), _provider(number), (_half_of(start, chosen),))
        for number, start in enumerate(starts, 1)
    ]
    search = _search(Interval(TOMORROW, TOMORROW + timedelta(days=2)))
    return lambda: len(search.times(shifts, Place.before(TOMORROW), 10, most=providers + 1).offers)


def _half_of(start: datetime, chosen: Random) -> Interval:
    return Interval.lasting(start + timedelta(minutes=15 * chosen.randrange(16)), 240)


# --- a month of one provider, against another package ----------------------------------------


def slots_vs_django_appointment() -> Line:
    """How many times faster a month of a provider's open times is worked out than by
    django-appointment from the same hours and the same visits; both find the same times.
    """
    line = Line("slots_vs_django_appointment", None, at_least=50)
    try:
        python = python_of_django()
    except NotInstalledError as problem:
        _tell(str(problem))
        return attrs.evolve(line, problem=f"{PACKAGE} cannot be installed")
    taken = sorted(Random(1).sample(range(DAYS * QUARTERS), BUSY))
    ours, found = _month(taken)
    asked = {"first_day": TOMORROW.date().isoformat(), "days": DAYS, "taken": taken}
    answer = subprocess.run(
        [python, "-E", Path(__file__).parent / "django_appointment_slots.py"],
        input=json.dumps({**asked, "rounds": ROUNDS}).encode(),
        stdout=subprocess.PIPE,
        check=True,
    )
    theirs = json.loads(answer.stdout)
    assert theirs["found"] == found, "both must find the same times"
    took = min(theirs["seconds"])
    _tell(f"a month of open times: {ours * 1e3:.2f} ms, django-appointment {took * 1e3:.1f} ms")
    return attrs.evolve(line, figure=took / ours)


def _month(taken: list[int]) -> tuple[float, list[str]]:
    """How long the month takes here, and the times found."""
    nine = TOMORROW + timedelta(hours=9)
    times = [
        Interval.lasting(nine + timedelta(days=one // QUARTERS, minutes=15 * (one % QUARTERS)), 15)
        for one in taken
    ]
    sessions = [_session(day + 1, nine + timedelta(days=day), 480) for day in range(DAYS)]
    provider = _provider(1)
    shifts = [Shift(one, provider, tuple(filter(one.reach.overlaps, times))) for one in sessions]
    search, begin = _search(Interval(TOMORROW, TOMORROW + timedelta(days=DAYS))), Place.before(nine)

    def everything() -> list[datetime]:
        found = search.times(shifts, begin, None, most=DAYS + 1)
        return [one.visit.start for one in found.offers]

    return _best(everything), [start.isoformat() for start in everything()]


# --- what a decision costs -------------------------------------------------------------------


def authorize_vs_call() -> float:
    """How many times longer `authorize` takes than a function that does nothing."""
    patient = PatientId(UUID(int=3))
    actor = Actor(UserId(UUID(int=2)), PRACTICE, frozenset({Role.PATIENT}), patient)
    given = (actor, Action.VIEW_APPOINTMENT, frozenset({Relation.MEMBER, Relation.SELF}))
    names = {"authorize": authorize, "nothing": _nothing, "given": given}
    ask, call = (
        timeit.Timer(f"{name}(a, b, c, of='appointment')", "a, b, c = given", globals=names)
        for name in ("authorize", "nothing")
    )
    rounds = [(ask.timeit(20_000), call.timeit(20_000)) for _ in range(ROUNDS)]
    asked, called = (float(min(one)) / 20_000 * 1e9 for one in zip(*rounds, strict=True))
    _tell(f"authorize {asked:.0f} ns, a call {called:.0f} ns")
    return asked / called


def _nothing(actor: Actor, action: Action, relations: frozenset[Relation], *, of: str = "") -> None:
    """Take what `authorize` takes."""


# --- what it costs to have the core at hand ---------------------------------------------------


def import_vs_150ms() -> float:
    """How much of 150 ms of the processor it takes to load the facade, beyond a Python that does
    nothing.
    """
    nothing = _program("")
    facade, attrs_alone, everything = (
        _program(program) - nothing
        for program in (
            "from telehealth_core import Ports, Telehealth",
            "import attrs",
            "import telehealth_core.reactions",
        )
    )
    told = f"attrs alone {attrs_alone * 1e3:.0f} ms, every capability {everything * 1e3:.0f} ms"
    _tell(f"loading the facade {facade * 1e3:.0f} ms; {told}")
    return facade / 0.150


def _program(program: str) -> float:
    """The time of the processor that it takes as a process of its own, at best."""
    whole = f"import sys; sys.path[:] = {[str(CORE), *sys.path]}; {program}"
    took = []
    for _ in range(ROUNDS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-I", "-S", "-c", whole], check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        took.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(took)


# --- what all are about ----------------------------------------------------------------------


def _search(period: Interval) -> Search:
    settings = Settings(charging=Charging.AT_BOOKING, approval=Approval.AUTOMATIC, horizon_days=366)
    practice = Practice(
        id=PRACTICE,
        slug="bench",
        name="Example Practice",
        address="1 Example Street, Exampleton",
        jurisdiction_code="uk",
        zone="Europe/London",
        settings=settings,
        opened_at=TOMORROW,
    )
    wishes = Wishes(period=period, location="GB")
    return Search(practice=practice, wishes=wishes, at=TOMORROW - timedelta(hours=1))


def _provider(number: int) -> Provider:
    licence = Licence(regulator="Example Register", number="1", expires_on=date(2100, 1, 1))
    service = Service(code="visit", name="Visit", minutes=15, price=Money(4_000, "GBP"))
    return Provider(
        id=ProviderId(UUID(int=number)),
        practice_id=PRACTICE,
        status=ProviderStatus.ACTIVE,
        name=f"Provider {number}",
        profession=Profession.THERAPIST,
        specialties=frozenset({"general"}),
        licences=(licence,),
        services=(service,),
        added_at=TOMORROW,
    )


def _session(number: int, start: datetime, minutes: int) -> Session:
    return Session(
        id=SessionId(UUID(int=number)),
        practice_id=PRACTICE,
        status=SessionStatus.PUBLISHED,
        provider_id=ProviderId(UUID(int=number)),
        during=Interval.lasting(start, minutes),
        service="visit",
        visit_minutes=15,
        start_every_minutes=15,
        modes=frozenset(Mode),
        price=Money(4_000, "GBP"),
    )


def _best(work: Callable[[], object]) -> float:
    """How long the processor needs for it, in seconds, in the least disturbed round."""
    took = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        took.append(time.process_time() - began)
    return min(took)


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
