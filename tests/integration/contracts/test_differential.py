"""One story on two stores: memory and PostgreSQL answer, refuse, keep, tell and audit the same."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from random import Random
from typing import Any

import psycopg
from hypothesis import settings as tried
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from integration.contracts.questions import ask_everything
from telehealth_core.access.audit import AuditOrder
from telehealth_core.access.ports import Keys
from telehealth_core.shared import Interval
from telehealth_core.testing.twin import TwinStore
from telehealth_core.testing.world import STEPS, Step, World
from telehealth_core.testing.world.world import BEGINS
from telehealth_postgres.events import event_record
from telehealth_postgres.store import PostgresStore
from telehealth_postgres.tables import METADATA
from telehealth_postgres.wall import application_uri

WHOLE = Interval(BEGINS - timedelta(days=1), BEGINS + timedelta(days=400))


@contextmanager
def twin(uri: str, keys: Keys) -> Iterator[TwinStore]:
    """A store in memory and one on this database, both empty."""
    everything = ", ".join(METADATA.tables)
    with psycopg.connect(uri) as connection:
        connection.execute(f"TRUNCATE {everything} RESTART IDENTITY CASCADE".encode())
    both = TwinStore(other=None)

    def now() -> datetime:
        return both.clock()  # which the world brings later

    with PostgresStore.open(application_uri(uri), keys, connections=4, clock=now) as postgres:
        both.other = postgres
        yield both


def told_the_same(uri: str, world: World) -> None:
    """Every question has one answer; audits and outboxes tell the same story, entry for entry."""
    assert isinstance(world.store, TwinStore)
    rng = Random(world.seed)
    for place in world.places:
        assert ask_everything(world.store, place.system, world.now, rng)
        with world.store.work(place.system) as work:
            assert work.audit.report(WHOLE, by=AuditOrder.TIME, after=None, limit=99_999)
    with psycopg.connect(uri) as connection:
        found = connection.execute(
            b"SELECT practice_id, event_id, name, subject, body FROM outbox ORDER BY id"
        ).fetchall()
    kept = [(practice, event_record(event)) for practice, event in world.store.happened]
    assert len(found) == len(kept)
    for (practice, *fields), (of, record) in zip(found, kept, strict=True):
        row: dict[str, Any] = dict(
            zip(("event_id", "name", "subject", "body"), map(str, fields[:3]), strict=False)
        )
        assert practice == of
        assert row == {name: str(record[name]) for name in row}
        assert fields[3] == record["body"]


def test_a_long_story_is_the_same_on_both(database: str, keys: Keys) -> None:
    """Two practices, everything that people and machinery do, with races, crashes and failures
    around it: nothing that a store says differs (N13, N14).
    """
    with twin(database, keys) as both:
        world = World(4, store=both).run(100)
        told_the_same(database, world)


def test_the_machine_finds_no_difference(database: str, keys: Keys) -> None:
    """The steps of a world in whichever order tells the stores apart soonest (N14)."""

    class Stores(RuleBasedStateMachine):
        @initialize(seed=st.integers(0, 1_000))
        def begin(self, seed: int) -> None:
            self.opened = twin(database, keys)
            self.world = World(seed, ("uk",), store=self.opened.__enter__())

        @rule(step=st.sampled_from(STEPS))
        def take(self, step: Step) -> None:
            self.world.take(step)

        def teardown(self) -> None:
            if hasattr(self, "world"):
                told_the_same(database, self.world)
            if hasattr(self, "opened"):
                self.opened.__exit__(None, None, None)

    run_state_machine_as_test(
        Stores, settings=tried(max_examples=3, stateful_step_count=15, deadline=None)
    )
