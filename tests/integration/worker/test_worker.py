"""The worker on a real outbox: everything follows at least once, is noted, and can be seen."""

from collections.abc import Iterator, Mapping
from typing import Any

import attrs
import psycopg
import pytest

from telehealth_core import Telehealth
from telehealth_core.access import Actor
from telehealth_core.messaging import Channel, Message
from telehealth_core.shared import Unavailable
from telehealth_core.shared.ids import EventId, MessageId
from telehealth_core.testing import memory_ports
from telehealth_core.testing.contracts import AT, Store, StoreContract, named
from telehealth_core.testing.doubles import MemoryChannels
from telehealth_postgres.outbox import PostgresOutbox
from telehealth_postgres.store import PostgresStore
from telehealth_worker import Worker
from telehealth_worker.worker import ATTEMPTS_MOST


@attrs.define
class LameChannels(MemoryChannels):
    """Cannot be reached for the first so many times."""

    fails: int = 0

    def publish(self, channel: str, message: Mapping[str, str], key: EventId) -> None:
        """Fail, or remember."""
        if self.fails:
            self.fails -= 1
            raise Unavailable("chat")
        MemoryChannels.publish(self, channel, message, key)


class Practice(StoreContract):
    """The practice of the store contract, with messages to post."""

    def __init__(self, database: str, store: PostgresStore) -> None:
        self._store, self._database = store, database
        self.channels = LameChannels()
        self.outbox = PostgresOutbox(store)
        ports = attrs.evolve(memory_ports(), work=store.work, channels=self.channels)
        self.worker = Worker(self.outbox, Telehealth(ports))
        self.actor = self.opened()
        while self.worker.drain_once():
            pass

    def store(self) -> Store:
        """The store under test."""
        return self._store

    def post(self, name: str) -> Message:
        """Have one message posted, whose fan-out is waiting."""
        message, event = Message.post(
            MessageId(named(name)),
            self.actor.practice_id,
            self.patient_id(self.actor, "one"),
            Channel.CARE,
            "Hello.",
            by=self.actor.id,
            at=AT,
        )
        with self.work(self.actor) as work:
            work.messages.save(message, event)
        return message

    def now(self) -> None:
        """Make every waiting event due, as time would."""
        self.sql("UPDATE outbox SET next_at = now() WHERE done_at IS NULL AND next_at < 'infinity'")

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        """What the database says."""
        with psycopg.connect(self._database, autocommit=True) as connection:
            found = connection.execute(query.encode())
            return found.fetchall() if found.description else []


@pytest.fixture
def practice(fresh_database: Any) -> Iterator[Practice]:
    """A practice on a database of its own, with an empty outbox."""
    with fresh_database() as uri, PostgresStore.open(uri, connections=4) as store:
        yield Practice(uri, store)


def test_what_follows_happens_and_the_outbox_drains(practice: Practice) -> None:
    """A posted message is published once, and nothing waits any more."""
    message = practice.post("one")

    assert practice.worker.drain_once() == 1
    assert practice.worker.drain_once() == 0

    assert [body["message"] for _, body in practice.channels.published.values()] == [
        str(message.id)
    ]
    assert practice.outbox.waiting() == (0, 0)


def test_what_fails_waits_and_is_tried_again(practice: Practice) -> None:
    """A reaction that fails leaves its event waiting, with the problem's code to be seen."""
    practice.channels.fails = 1
    practice.post("one")

    practice.worker.drain_once()
    assert practice.sql("SELECT problem, attempts FROM outbox WHERE done_at IS NULL") == [
        ("unavailable", 1)
    ]
    assert practice.worker.drain_once() == 0, "not before its time"

    practice.now()
    practice.worker.drain_once()
    assert len(practice.channels.published) == 1
    assert practice.outbox.waiting() == (0, 0)


def test_what_never_succeeds_is_put_aside_to_be_seen(practice: Practice) -> None:
    """After the last attempt the event is kept, given up, and the rest goes on."""
    practice.channels.fails = ATTEMPTS_MOST
    practice.post("one")
    for _ in range(ATTEMPTS_MOST):
        practice.now()
        practice.worker.drain_once()

    assert practice.outbox.waiting() == (0, 1)
    practice.post("two")
    practice.worker.drain_once()
    assert len(practice.channels.published) == 1


def test_a_killed_worker_loses_and_doubles_nothing(practice: Practice) -> None:
    """An event whose worker died after the effect is taken again, and the effect stays one."""
    practice.post("one")
    (taken,) = practice.outbox.take(10)
    practice.worker.clinic.messaging.fan_out(
        Actor.system(taken.practice_id),
        taken.event,  # type: ignore[arg-type]  # the only event there is was posted above
    )

    assert practice.worker.drain_once() == 0, "leased to the one that died"
    practice.now()
    assert practice.worker.drain_once() == 1
    assert len(practice.channels.published) == 1
    assert practice.outbox.waiting() == (0, 0)


def test_a_noted_reaction_is_not_run_again(practice: Practice) -> None:
    """Of an event tried again, only what was not done is done."""
    practice.post("one")
    (taken,) = practice.outbox.take(10)
    practice.outbox.react(taken, "Messaging.fan_out")
    practice.now()

    practice.worker.drain_once()
    assert practice.channels.published == {}
    assert practice.outbox.waiting() == (0, 0)


def test_two_workers_never_have_the_same_event(practice: Practice) -> None:
    """What one took is not there for the other."""
    for number in range(20):
        practice.post(str(number))

    first, second = practice.outbox.take(10), practice.outbox.take(100)
    assert len(first) == len(second) == 10
    assert not {one.id for one in first} & {one.id for one in second}


def test_events_of_one_subject_come_in_order(practice: Practice) -> None:
    """The second event of an appointment waits until the first is done."""
    held = practice.appointment(practice.actor, "a")
    pending, asked = held.request(held.price, by=practice.actor.id, at=AT)
    with practice.work(practice.actor) as work:
        work.appointments.save(held, held.held(by=practice.actor.id, at=AT))
        work.appointments.save(pending, asked)

    (first,) = practice.outbox.take(10)
    assert first.event.name == "AppointmentHeld"
    assert practice.outbox.take(10) == []
    practice.outbox.done([first])
    (second,) = practice.outbox.take(10)
    assert second.event == asked
