"""Searches of a large clinic, by the use case over core and PostgreSQL adapter; one client."""

import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

import attrs
import psycopg

from booking import ports_on
from core import Line
from large_clinic import LargeClinic
from plan import LOCATION, PRACTICE, Plan, patient_actor, provider_id
from round_trips import round_trips
from telehealth_core.access.ports import Keys
from telehealth_core.scheduling.search import Wishes
from telehealth_core.shared.interval import Interval
from telehealth_core.telehealth import Telehealth
from telehealth_postgres.pipeline import Connection
from telehealth_postgres.store import PostgresStore
from telehealth_postgres.wall import ENTER_TO_SEARCH, application_uri

WANTED = 10
SPECIALTY = "specialty-3"
"""One in twenty providers has it."""
WARM, ROUNDS = 10, 100

Found = list[tuple[datetime, UUID]]
Ask = Callable[[], Found]

BEST = f"""
    WITH could AS MATERIALIZED (
        SELECT s.id, s.during, s.free, s.visit, s.every
          FROM (SELECT id, provider_id, during, free,
                       make_interval(mins => visit_minutes::int) AS visit,
                       make_interval(mins => start_every_minutes::int) AS every
                  FROM sessions
                 WHERE practice_id = %(practice)s AND status = 'published' AND room
                   AND lower(during) >= %(from)s AND lower(during) < %(until)s
                 ORDER BY lower(during), id) AS s
         CROSS JOIN LATERAL (
               SELECT FROM providers AS p
                WHERE p.practice_id = %(practice)s AND p.id = s.provider_id
                  AND p.status = 'active' AND p.specialties @> %(specialties)s OFFSET 0) AS p
         LIMIT {2 * WANTED}
    )
    SELECT slot.start, could.id FROM could
     CROSS JOIN LATERAL (
           SELECT start FROM generate_series(lower(during), upper(during) - visit, every) AS start
            WHERE free @> tstzrange(start, start + visit) LIMIT {WANTED}) AS slot
     ORDER BY slot.start, could.id LIMIT {WANTED}
"""
"""The best that was found by hand: what the whole search comes to in this clinic and no other."""


DAYS = 14
DATABASE = "bench_offers"


def measures(uri: str, keys: Keys, plan: Plan, *, small: bool) -> Iterator[Line]:
    """How long the first ten offers take in a large clinic, against the best statement and as it
    fills; its databases are made on this server.
    """
    providers, visits = (60, (100, 300, 1_000)) if small else (10_000, (10**4, 10**5, 10**6))
    large = attrs.evolve(plan, providers=providers, days=DAYS)
    clinics = _clinics(uri, keys, large, visits)
    with ExitStack() as stack:
        few, some, many = [stack.enter_context(_facade(one, keys, large)) for one in clinics]
        by_hand = stack.enter_context(_by_hand(clinics[1], large))
        for ask in (few, many):
            assert len(ask()) == WANTED
        assert some() == by_hand(), "both must find the same offers"
        took = _medians({"few": few, "some": some, "by hand": by_hand, "many": many})
    told = (f"{name} {seconds * 1e3:.2f} ms" for name, seconds in took.items())
    _tell(f"the first ten offers of {providers:,} providers: {', '.join(told)}")
    yield Line("offers_vs_sql", took["some"] / took["by hand"], at_most=1.5)
    yield Line("offers_growth_db", took["many"] / took["few"], at_most=1.5)


def month(uri: str, keys: Keys, plan: Plan) -> Line:
    """How often one waits for the database to see a provider's open times of 30 days."""
    wishes = attrs.evolve(_wishes(plan, days=30), providers=frozenset({provider_id(0)}))
    with _store(uri, keys) as store:
        clinic = Telehealth(ports_on(store))

        def ask() -> object:
            return clinic.search.open_days(patient_actor(0), wishes, "Europe/London")

        assert ask(), "something is open, and practice and provider were read before"
        with store.connection() as connection:
            kept = connection  # the only one: it comes again
        return Line("month_round_trips", round_trips(kept, ask), at_most=1)


def _clinics(uri: str, keys: Keys, plan: Plan, visits: tuple[int, ...]) -> list[str]:
    """The same clinic with so many visits, each in a database of its own."""
    began = time.perf_counter()

    def tell(done: str) -> None:
        _tell(f"{time.perf_counter() - began:4.0f} s: {done}")

    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {DATABASE}".encode())
    clinic = LargeClinic.made(
        urlsplit(uri)._replace(path=f"/{DATABASE}").geturl(), keys, plan, tell
    )
    uris = []
    for number in visits:
        uris.append(clinic.filled_to(number).uri)
        if number != visits[-1]:
            clinic = clinic.copied(f"{DATABASE}_{len(uris)}")
    return uris


def _wishes(plan: Plan, *, days: int) -> Wishes:
    start = plan.start_of(0) - timedelta(hours=1)
    return Wishes(period=Interval(start, start + timedelta(days=days)), location=LOCATION)


def _store(uri: str, keys: Keys) -> AbstractContextManager[PostgresStore]:
    return PostgresStore.open(application_uri(uri), keys, connections=1)


@contextmanager
def _facade(uri: str, keys: Keys, plan: Plan) -> Iterator[Ask]:
    wishes = attrs.evolve(_wishes(plan, days=7), specialty=SPECIALTY)
    with _store(uri, keys) as store:
        search = Telehealth(ports_on(store)).search

        def ask() -> Found:
            found = search.find_times(patient_actor(0), wishes, limit=WANTED)
            return [(one.visit.start, one.session.id) for one in found.offers]

        yield ask


@contextmanager
def _by_hand(uri: str, plan: Plan) -> Iterator[Ask]:
    """The same role behind the same wall, over the same connection, in one round trip likewise, and
    planned once.
    """
    period = _wishes(plan, days=7).period
    given = {
        "practice": PRACTICE,
        "specialties": [SPECIALTY],
        "from": period.start,
        "until": period.end,
    }
    with Connection.connect(application_uri(uri), autocommit=True) as connection:
        connection.preparing()

        def ask() -> Found:
            with connection.together() as questions:
                questions.ask(ENTER_TO_SEARCH, {"practice": PRACTICE})
                answer = questions.ask(BEST, given)
            return answer.rows()

        yield ask


def _medians(asked: Mapping[str, Ask]) -> dict[str, float]:
    """How long each takes in the middle of so many rounds, in seconds; they take turns."""
    took: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(WARM + ROUNDS):
        for name, ask in asked.items():
            began = time.perf_counter()
            ask()
            took[name].append(time.perf_counter() - began)
    return {name: statistics.median(each[WARM:]) for name, each in took.items()}


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
