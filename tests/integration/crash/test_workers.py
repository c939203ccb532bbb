"""A worker killed at any point loses and doubles nothing."""

import os
import random
import signal
from pathlib import Path

import pytest

from integration.crash import clinic
from integration.crash.clinic import LIAISON, PRACTICE, ask, finish
from integration.crash.conftest import Nursery
from telehealth_app.container import Container, assembled
from telehealth_app.settings import Settings
from telehealth_core.scheduling.session import Mode
from telehealth_core.shared.ids import AppointmentId, derived
from telehealth_postgres.wall import application_uri

KILLS, WAITING_LEAST = 100, 30
STEPS_MOST = 120
"""A worker needs some twenty-five steps to begin, and about six for each job."""
SEED = int(os.environ.get("TELEHEALTH_CRASH_SEED", "4"))


def book(container: Container, number: int, wish: clinic.Wish) -> None:
    """Have a visit requested, with everything still to follow."""
    container.clinic().desk.book(
        LIAISON,
        AppointmentId(derived(PRACTICE, f"visit/{number}")),
        patient_id=clinic.patient_id(wish.patient),
        session_id=wish.session,
        start=wish.start,
        mode=Mode.VIDEO,
        location="GB",
        agreed=clinic.SERVICE.price,
        card_id=clinic.card_id(wish.patient),
        starts_within_cooling_off=True,
    )


@pytest.mark.slow
def test_a_worker_killed_anywhere_loses_and_doubles_nothing(
    database: str, tmp_path: Path, nursery: Nursery
) -> None:
    """A hundred workers die one after the other, each at a step of its own. What the last one finds
    it finishes, and every effect is there once: mail, payments, rows, notes (N09).
    """
    chance = random.Random(SEED)
    print(f"TELEHEALTH_CRASH_SEED={SEED}")
    uri = application_uri(database)
    settings = Settings(home=tmp_path, database_url=uri, port=0)
    with assembled(settings) as container:
        wishes, visits = clinic.wishes(clinic.seed(container)), 0
        for _ in range(KILLS):
            while container.outbox().waiting()[0] < WAITING_LEAST:
                book(container, visits, next(wishes))
                visits += 1
            ask(database, "UPDATE procrastinate_workers SET last_heartbeat = 'epoch'")
            at, after = chance.randint(1, STEPS_MOST), chance.random() < 0.5
            ended = nursery(home=str(tmp_path), uri=uri, at=at, after=after)
            assert ended == -signal.SIGKILL, (at, after)
        print(f"{visits} visits, {container.outbox().waiting()[0]} events wait at the end")
        finish(container, database)
        clinic.all_or_nothing(database, set())
        assert clinic.all_followed(database, tmp_path) == visits
