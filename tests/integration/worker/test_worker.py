"""The worker on a real outbox: everything follows at least once, is noted, and can be seen."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from threading import Thread
from typing import Any

import attrs
import psycopg
import pytest

from telehealth_core import Telehealth
from telehealth_core.access import Actor
from telehealth_core.messaging import Channel, Message
from telehealth_core.registration.patient import Patient, PatientStatus
from telehealth_core.scheduling.waitlist import WaitlistEntry, WaitlistStatus
from telehealth_core.shared import Interval, Unavailable
from telehealth_core.shared.ids import EventId, MessageId, WaitlistEntryId
from telehealth_core.testing import memory_ports
from telehealth_core.testing.contracts import AT, Store, StoreContract, named
from telehealth_core.testing.doubles import FixedClock, MemoryChannels
from telehealth_core.timers import TIMERS, Timer
from telehealth_postgres.outbox import PostgresOutbox
from telehealth_postgres.store import PostgresStore
from telehealth_postgres.wall import application_uri
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
        self.clock = FixedClock(AT)
        self.ports = memory_ports(
            work=store.work, directory=store, channels=self.channels, clock=self.clock
        )
        self.worker = Worker(self.outbox, Telehealth(self.ports))
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
def practice(fresh_database: Any, keys: Any) -> Iterator[Practice]:
    """A practice on a database of its own, with an empty outbox."""
    with (
        fresh_database() as uri,
        PostgresStore.open(application_uri(uri), keys, connections=4) as store,
    ):
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


@attrs.define
class Elapsed:
    """A worker's watch, which stands until it is moved."""

    seconds: float = 0.0

    def __call__(self) -> float:
        """What it shows."""
        return self.seconds


def ringing(practice: Practice, *, fails: str | None = None) -> tuple[Worker, Elapsed, list[str]]:
    """A worker with a watch of its own, and which timers rang, of which one may fail."""
    watch, rang = Elapsed(), list[str]()

    class Bell(Telehealth):
        def tick(self, timer: Timer, actor: Actor) -> None:
            rang.append(f"{timer.name} {actor.practice_id}")
            if timer.name == fails:
                raise Unavailable("payments")
            Telehealth.tick(self, timer, actor)

    bell = Bell(practice.ports)
    return Worker(practice.outbox, bell, watch), watch, rang


def test_each_timer_rings_once_in_its_period_for_every_practice(practice: Practice) -> None:
    """At once, then not before its time, then again; the slow ones less often."""
    practice.opened("south")
    worker, watch, rang = ringing(practice)

    assert worker.ring() == len(rang) == len(set(rang)) == 2 * len(TIMERS)
    assert worker.ring() == 0
    watch.seconds = 59
    assert worker.ring() == 0
    watch.seconds = 60
    rang.clear()
    each_minute = [timer for timer in TIMERS if timer.every == timedelta(minutes=1)]
    assert worker.ring() == len(rang) == 2 * len(each_minute)
    watch.seconds = 24 * 3600
    assert worker.ring() == 2 * len(TIMERS)


@pytest.mark.parametrize("timer", TIMERS, ids=lambda timer: timer.name)
def test_a_timer_that_fails_keeps_no_other_from_ringing(
    practice: Practice, timer: Timer, caplog: pytest.LogCaptureFixture
) -> None:
    """All ring, the failing one for every practice; its code is in the log, and it rings again."""
    practice.opened("south")
    worker, watch, rang = ringing(practice, fails=timer.name)

    worker.ring()
    assert len(rang) == 2 * len(TIMERS)
    assert caplog.messages == [f"timer {timer.name} failed: unavailable"] * 2
    watch.seconds = timer.every.total_seconds()
    rang.clear()
    worker.ring()
    assert f"{timer.name} {practice.actor.practice_id}" in rang


def test_a_timer_rings_again_where_practices_could_not_be_read(practice: Practice) -> None:
    """What was not rung is due still."""
    worker, _, rang = ringing(practice)

    class Away:
        def all(self) -> tuple[Any, ...]:
            raise Unavailable("The database")

    away: Any = Away()
    office = attrs.evolve(practice.worker.clinic.practice, directory=away)
    there, worker.clinic.practice = worker.clinic.practice, office
    with pytest.raises(Unavailable):
        worker.ring()
    worker.clinic.practice = there
    worker.ring()
    assert len(rang) == len(TIMERS)


def waits(practice: Practice, who: str, joined_at: datetime) -> WaitlistEntry:
    """A verified patient who waits for the one time that is held by somebody else."""
    entry = WaitlistEntry(
        id=WaitlistEntryId(named(f"waits {who}")),
        practice_id=practice.actor.practice_id,
        patient_id=practice.patient_id(practice.actor, who),
        provider_id=practice.provider(practice.actor).id,
        location="GB",
        period=Interval.lasting(AT + timedelta(hours=5), 15),
        joined_at=joined_at,
        joined_by=practice.actor.id,
    )
    patient = Patient(
        id=entry.patient_id,
        practice_id=entry.practice_id,
        status=PatientStatus.VERIFIED,
        registered_at=AT,
    )
    with practice.work(practice.actor) as work:
        work.patients.save(patient)
    with practice.work(practice.actor) as work:
        work.waitlist.save(entry, entry.joined())
    return entry


def test_an_offer_that_lapses_goes_to_the_next_without_anybody_asking(practice: Practice) -> None:
    """A hold runs out, the first who waits is offered its time and lets it lapse, then the second:
    two workers see to it, side by side, and nobody is offered it twice (N02, N09).
    """
    entries = [waits(practice, who, AT) for who in ("three", "four")]
    entries.sort(key=lambda one: one.id)
    practice.sql("UPDATE providers SET status = 'active', version = version + 1")
    held = practice.appointment(practice.actor, "held", minute=300)
    practice.hold(practice.actor, held)
    workers = [ringing(practice)[::2] for _ in range(2)]

    def later(minutes: int) -> list[WaitlistStatus]:
        practice.clock.forward(minutes=minutes)
        watches = [worker.seconds for worker, _ in workers]
        for watch in watches:
            assert isinstance(watch, Elapsed)
            watch.seconds += minutes * 60
        threads = [Thread(target=_at_work, args=(worker,)) for worker, _ in workers]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        _at_work(workers[0][0])
        with practice.work(practice.actor) as work:
            return [work.waitlist.get(one.id).status for one in entries]

    waiting, offered, lapsed = (
        WaitlistStatus.WAITING,
        WaitlistStatus.OFFERED,
        WaitlistStatus.LAPSED,
    )
    assert later(9) == [waiting, waiting]
    assert later(1) == [offered, waiting]
    assert later(29) == [offered, waiting]
    assert later(1) == [lapsed, offered]
    assert later(30) == [lapsed, lapsed]
    assert practice.outbox.waiting() == (0, 0)


def _at_work(worker: Worker) -> None:
    """As long as there is something to do."""
    worker.ring()
    while worker.drain_once():
        pass
