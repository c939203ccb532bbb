"""Bookings through core and adapter: the use case itself, with everything that it looks at."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

from children import Pipe, Turn, asked, child
from plan import LOCATION, Plan, Wish
from telehealth_core.access.ports import Keys
from telehealth_core.scheduling.session import Mode
from telehealth_core.shared.ids import AppointmentId
from telehealth_core.shared.refusal import Refusal
from telehealth_core.telehealth import Ports, Telehealth
from telehealth_core.testing.doubles import memory_ports
from telehealth_http.requests import uuid7
from telehealth_postgres.store import PostgresStore
from telehealth_postgres.wall import application_uri

PROCESSES, THREADS = 2, 4


def ports_on(store: PostgresStore) -> Ports:
    """The ports of a clinic on this store; a booking needs none of the others."""
    return memory_ports(
        work=store.work, clock=lambda: datetime.now(UTC), signed_in=store, directory=store
    )


class Bookers:
    """The processes that book."""

    def __init__(self, pipes: list[Pipe]) -> None:
        self._pipes = pipes

    @classmethod
    @contextmanager
    def started(cls, uri: str, keys: Keys, plan: Plan) -> Iterator["Bookers"]:
        """Processes that book on this database; ended on leaving."""
        with ExitStack() as stack:
            children = [child(_books, uri, keys, plan, number) for number in range(PROCESSES)]
            yield cls([stack.enter_context(one) for one in children])

    def turn(self, seconds: float) -> Turn:
        """Have all of them book for so long."""
        for pipe in self._pipes:
            pipe.send(seconds)
        return Turn.together([pipe.recv() for pipe in self._pipes])


def _books(pipe: Pipe, uri: str, keys: Keys, plan: Plan, number: int) -> None:
    shares = [number * THREADS + thread for thread in range(THREADS)]
    wishes = [plan.wishes(share, PROCESSES * THREADS) for share in shares]
    with (
        PostgresStore.open(application_uri(uri), keys, connections=THREADS) as store,
        ThreadPoolExecutor(THREADS) as threads,
    ):
        clinic = Telehealth(ports_on(store))
        for seconds in asked(pipe):
            turns = threads.map(lambda mine, end=seconds: _turn(clinic, mine, end), wishes)
            pipe.send(Turn.together(list(turns)))


def _turn(clinic: Telehealth, wishes: Iterator[Wish], seconds: float) -> Turn:
    booked, refused = [], []
    began = time.perf_counter()
    while time.perf_counter() < began + seconds:
        try:
            booked.append(hold(clinic, next(wishes)))
        except Refusal as refusal:
            refused.append(refusal.code)
    lasted = time.perf_counter() - began
    return Turn(booked=tuple(map(str, booked)), refused=tuple(refused), seconds=lasted)


def hold(clinic: Telehealth, wish: Wish) -> AppointmentId:
    """Make the booking that somebody wishes for.

    Raises: every refusal of the use case.
    """
    held = clinic.scheduling.hold(
        wish.patient,
        AppointmentId(uuid7()),
        patient_id=wish.patient.as_patient(),
        session_id=wish.session_id,
        start=wish.start,
        mode=Mode.VIDEO,
        location=LOCATION,
    )
    return held.appointment.id
