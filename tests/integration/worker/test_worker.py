"""The worker on a real outbox: everything follows at least once, in order, and can be seen."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event as Flag
from threading import Thread
from uuid import UUID

import pytest

from integration.worker.practice import Practice, Recording
from telehealth_core.access import Actor
from telehealth_core.billing.life import ChargePaid
from telehealth_core.messaging.conversation import MessagePosted
from telehealth_core.reactions import Reaction, reactions_to
from telehealth_core.shared import Erased, Event, StaleVersion, Unavailable, Unknown
from telehealth_core.testing.contracts import AT, named
from telehealth_worker import Worker
from telehealth_worker.reacting import ATTEMPTS_MOST, REFUSED_MOST
from telehealth_worker.worker import BATCH, QUEUE, REACT, WAIT_SECONDS_MOST, wait_seconds


def test_what_follows_happens_and_the_outbox_drains(practice: Practice) -> None:
    """A posted message is published once, and nothing waits any more, here or in the queue."""
    message = practice.post("one")
    practice.worker.drain()

    assert [body["message"] for _, body in practice.channels.published.values()] == [
        str(message.id)
    ]
    assert practice.outbox.waiting() == (0, 0)
    assert practice.sql("SELECT count(*) FROM procrastinate_jobs") == [(0,)]


def test_an_event_that_nothing_follows_from_is_no_job(practice: Practice) -> None:
    """It is done as it is relayed: a hold, for one, asks nothing of a worker."""
    held = practice.appointment(practice.actor, "a")
    with practice.work(practice.actor) as work:
        work.appointments.save(held, held.held(by=practice.actor.id, at=AT))
    assert relay(practice) == 1
    assert practice.outbox.waiting() == (0, 0)
    assert practice.sql("SELECT count(*) FROM procrastinate_jobs") == [(0,)]


def test_what_fails_waits_and_is_tried_again(practice: Practice) -> None:
    """A reaction that fails leaves its event waiting, with its name and the problem's code."""
    practice.channels.fails = 1
    practice.post("one")

    practice.worker.drain()
    (listed,) = practice.outbox.listed(dead=False, limit=10)
    assert (listed.reaction, listed.problem) == ("Messaging.fan_out", "unavailable")
    assert (listed.attempts, listed.dead) == (1, False)
    practice.worker.drain()
    assert practice.channels.published == {}, "not before its time"

    practice.time_passes()
    practice.worker.drain()
    assert len(practice.channels.published) == 1
    assert practice.outbox.waiting() == (0, 0)


def test_waits_grow_and_end_at_five_minutes() -> None:
    """Half a second, then twice as long, however often."""
    assert [wait_seconds(attempt) for attempt in (1, 2, 3)] == [0.5, 1.0, 2.0]
    assert wait_seconds(11) == wait_seconds(10_000) == WAIT_SECONDS_MOST


@pytest.mark.parametrize(
    ("problem", "attempts", "code"),
    [
        (Unavailable("chat"), ATTEMPTS_MOST, "unavailable"),
        (StaleVersion("charge", named("a")), ATTEMPTS_MOST, "stale-version"),
        (ZeroDivisionError("words of a person"), ATTEMPTS_MOST, "ZeroDivisionError"),
        (Unknown("charge"), REFUSED_MOST, "unknown"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_what_never_succeeds_is_given_up_to_be_seen(
    practice: Practice,
    problem: Exception,
    attempts: int,
    code: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """After the last attempt the event is kept with what stopped it, which is no person's words;
    what a rule refuses is tried less often; and the next event of the same subject goes on.
    """
    practice.happened("charge", 1)
    practice.happened("charge", 2)
    recording = Recording(practice)
    recording.problems[named("charge")] = problem
    worker = practice.working(recording)
    assert relay(practice) == 2
    practice.sql(
        f"UPDATE procrastinate_jobs SET attempts = {attempts - 2}"
        " WHERE id IN (SELECT min(id) FROM procrastinate_jobs)"
    )
    for _ in range(2):
        assert practice.outbox.waiting() == (2, 0)
        assert {version for _, _, version in recording.asked} <= {1}
        practice.time_passes()
        worker.drain()
    assert practice.outbox.waiting() == (1, 1)
    assert {version for _, _, version in recording.asked} == {1, 2}
    (dead,) = practice.outbox.listed(dead=True, limit=10)
    assert (dead.name, dead.reaction, dead.attempts, dead.problem, dead.dead) == (
        "ChargeReleased",
        "Collecting.collect",
        attempts,
        code,
        True,
    )
    assert dead.since is not None
    assert f"gave up on ChargeReleased {dead.id} after {attempts} attempts: {code}" in caplog.text
    told = caplog.text + str(practice.sql("SELECT outbox::text FROM outbox"))
    assert "words of a person" not in told


def test_one_reaction_that_fails_keeps_no_other_from_running(practice: Practice) -> None:
    """All reactions to an event are tried; tried again is only what was not done."""
    practice.happened("charge", 1, ChargePaid)
    recording = Recording(practice)
    names = [reaction.name for reaction in reactions_to(ChargePaid)]
    recording.problems[names[0]] = Unavailable("payments")
    worker = practice.working(recording)

    worker.drain()
    assert [name for name, _, _ in recording.asked] == names
    assert len(names) > 1
    recording.problems.clear()
    practice.time_passes()
    worker.drain()
    assert [name for name, _, _ in recording.asked[len(names) :]] == names[:1]
    assert practice.outbox.waiting() == (0, 0)


def test_nothing_follows_for_whoever_was_erased(practice: Practice) -> None:
    """What concerns a record that can never be read again is done, and nobody has to look at it."""
    practice.happened("charge", 1, ChargePaid)
    recording = Recording(practice)
    names = [reaction.name for reaction in reactions_to(ChargePaid)]
    recording.problems[names[0]] = Erased()

    practice.working(recording).drain()
    assert [name for name, _, _ in recording.asked] == names
    assert practice.outbox.waiting() == (0, 0)


@pytest.mark.parametrize("change", ["name = 'OfTomorrow'", "body = '{}'"])
def test_an_event_of_another_release_holds_up_nobody(practice: Practice, change: str) -> None:
    """What cannot be read is set aside at once, to be seen, and all else goes on."""
    practice.happened("one", 1)
    practice.sql(f"UPDATE outbox SET {change} WHERE done_at IS NULL")
    practice.post("two")
    practice.worker.drain()

    assert len(practice.channels.published) == 1
    (dead,) = practice.outbox.listed(dead=True, limit=10)
    assert (dead.problem, dead.reaction, dead.attempts) == ("unknown-event", None, 1)
    assert practice.outbox.waiting() == (0, 1)


def test_what_was_given_up_is_replayed_when_somebody_says_so(practice: Practice) -> None:
    """One of them, or all; each has all its attempts again, and what is done stays done."""
    practice.channels.fails = 1000
    for name in ("one", "two", "three"):
        practice.post(name)
    practice.sql("UPDATE outbox SET dead_at = now(), relayed_at = now() WHERE done_at IS NULL")
    ids = [one.id for one in practice.outbox.listed(dead=True, limit=10)]
    assert len(ids) == 3

    practice.channels.fails = 0
    assert practice.outbox.replay([ids[1], 10**9]) == [ids[1]]
    practice.worker.drain()
    assert [one.id for one in practice.outbox.listed(dead=True, limit=10)] == [ids[0], ids[2]]
    assert len(practice.channels.published) == 1
    assert practice.outbox.replay() == [ids[0], ids[2]]
    practice.worker.drain()
    assert len(practice.channels.published) == 3
    assert practice.outbox.waiting() == (0, 0)
    assert practice.outbox.replay() == []
    assert practice.outbox.replay(ids) == [], "what is done is not done again"


def lost(practice: Practice) -> None:
    """Have the job that waits be that of a worker which is no more."""
    assert relay(practice) == 1
    practice.sql("UPDATE procrastinate_jobs SET status = 'doing'")
    practice.worker.drain()
    assert practice.outbox.waiting() == (1, 0), "it is another's"


def rescue(practice: Practice) -> None:
    """Have the jobs of lost workers found."""

    async def found() -> None:
        async with practice.worker.app().open_async() as app:
            await practice.worker.rescue(app)

    asyncio.run(found())


def test_a_lost_workers_effect_stays_one(practice: Practice) -> None:
    """An event whose worker died after the effect is taken again, and the effect stays one."""
    practice.post("one")
    lost(practice)
    (listed,) = practice.outbox.listed(dead=False, limit=1)
    waiting = practice.outbox.get(practice.actor.practice_id, listed.id)
    assert waiting is not None
    assert isinstance(waiting.event, MessagePosted)
    practice.worker.reacting.clinic.messaging.fan_out(
        Actor.system(waiting.practice_id), waiting.event
    )

    rescue(practice)
    practice.worker.drain()
    assert len(practice.channels.published) == 1
    assert practice.outbox.waiting() == (0, 0)


def test_what_workers_die_of_is_given_up(practice: Practice) -> None:
    """An event that takes its worker along each time does not do so for ever."""
    practice.post("one")
    lost(practice)
    practice.sql(f"UPDATE procrastinate_jobs SET attempts = {ATTEMPTS_MOST}")
    rescue(practice)
    practice.worker.drain()
    (dead,) = practice.outbox.listed(dead=True, limit=10)
    assert dead.problem == "worker-lost"
    assert practice.channels.published == {}


def test_a_noted_reaction_is_not_run_again(practice: Practice) -> None:
    """Of an event tried again, only what was not done is done."""
    practice.post("one")
    (listed,) = practice.outbox.listed(dead=False, limit=1)
    waiting = practice.outbox.get(practice.actor.practice_id, listed.id)
    assert waiting is not None
    practice.outbox.react(waiting, "Messaging.fan_out")

    practice.worker.drain()
    assert practice.channels.published == {}
    assert practice.outbox.waiting() == (0, 0)


def test_the_queue_can_be_emptied_and_fills_again(practice: Practice) -> None:
    """What was handed over and is in no queue any more is handed over again: the outbox is what
    counts, and a backup may leave the queue out.
    """
    practice.post("one")
    assert relay(practice) == 1
    practice.sql("DELETE FROM procrastinate_jobs")
    practice.worker.drain()
    rescue(practice)
    practice.worker.drain()
    assert practice.outbox.waiting() == (1, 0), "it may be under way"
    practice.sql("UPDATE outbox SET relayed_at = relayed_at - interval '1 hour'")
    practice.post("two")
    assert relay(practice) == 1
    practice.sql("UPDATE outbox SET relayed_at = relayed_at - interval '1 hour'")
    rescue(practice)
    assert relay(practice) == 1, "only the one that was lost"
    practice.worker.drain()
    assert len(practice.channels.published) == 2
    assert practice.outbox.waiting() == (0, 0)


def test_jobs_hold_ids_and_nothing_else(practice: Practice) -> None:
    """What the queue keeps of an event is its practice, its number and its subject (ENC-01)."""
    practice.post("one")
    assert relay(practice) == 1
    ((args, lock, id, subject),) = practice.sql(
        "SELECT args, lock, outbox.id, subject FROM procrastinate_jobs, outbox"
        " WHERE done_at IS NULL"
    )
    assert args == {"practice": str(practice.actor.practice_id), "id": id}
    assert lock == str(subject)


@contextmanager
def at_work(*workers: Worker) -> Iterator[Flag]:
    """These workers in threads of their own, until it is left."""
    stop = Flag()
    threads = [Thread(target=worker.run, args=(stop,)) for worker in workers]
    for thread in threads:
        thread.start()
    try:
        yield stop
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def relay(practice: Practice) -> int:
    """Hand over what waits, as a worker does."""
    return practice.worker._relay()


def test_relays_side_by_side_hand_over_each_event_once_and_in_order(practice: Practice) -> None:
    """However many relay at once, every event is one job, and the jobs of one subject come in the
    order of its events.
    """
    done = Flag()
    threads = [Thread(target=_relaying, args=(practice, done)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for version in range(1, 41):
        for subject in ("a", "b", "c"):
            practice.happened(subject, version)
    done.set()
    for thread in threads:
        thread.join()
    while relay(practice):
        pass
    jobs = practice.sql("SELECT lock, (args->>'id')::bigint FROM procrastinate_jobs ORDER BY id")
    assert len(jobs) == len(set(jobs)) == 120
    for subject in {lock for lock, _ in jobs}:
        events = [id for lock, id in jobs if lock == subject]
        assert events == sorted(events)


def _relaying(practice: Practice, done: Flag) -> None:
    while not done.is_set():
        practice.outbox.relay(queue=QUEUE, task=REACT, quiet=(), limit=7)


class Uneven(Recording):
    """Fails one try in three, and lets nobody else have a subject meanwhile."""

    def __init__(self, practice: Practice) -> None:
        super().__init__(practice)
        self.done: list[tuple[UUID, int]] = []

    def react(self, reaction: Reaction, event: Event, actor: Actor) -> None:
        """React, or fail."""
        tried = sum(one[1:] == (event.subject, event.version) for one in self.asked)
        Recording.react(self, reaction, event, actor)
        self.problems[event.subject] = AssertionError("two at a time")
        if (event.version + tried) % 3:
            self.done.append((event.subject, event.version))
        del self.problems[event.subject]
        if not (event.version + tried) % 3:
            raise Unavailable("payments")


def test_several_workers_keep_the_order_of_each_subject(practice: Practice) -> None:
    """Three workers, and one try in three fails: the events of a subject still take effect one
    after the other, each once, and no two of them at the same time.
    """
    for version in range(1, 7):
        for subject in range(10):
            practice.happened(str(subject), version)
    uneven = Uneven(practice)
    with at_work(*(practice.working(uneven) for _ in range(3))) as stop:
        while practice.outbox.waiting()[0]:
            practice.time_passes()
            stop.wait(0.02)
    assert practice.outbox.waiting() == (0, 0)
    assert len(uneven.done) == 60
    for number in range(10):
        own = [version for one, version in uneven.done if one == named(str(number))]
        assert own == [1, 2, 3, 4, 5, 6]


def test_a_subject_that_is_stuck_holds_up_itself_alone(practice: Practice) -> None:
    """Its later events wait for the one that fails; those of all others do not."""
    for version in (1, 2):
        for subject in ("stuck", *map(str, range(8))):
            practice.happened(subject, version)
    recording = Recording(practice)
    recording.problems[named("stuck")] = Unavailable("payments")
    practice.working(recording).drain()

    assert practice.outbox.waiting() == (2, 0)
    assert {(one, version) for _, one, version in recording.asked if one == named("stuck")} == {
        (named("stuck"), 1)
    }


def test_a_backlog_takes_more_than_one_batch(practice: Practice) -> None:
    """However much waits, all of it is relayed and done."""
    practice.happened("a", 1)
    practice.sql(
        "INSERT INTO outbox (practice_id, event_id, name, subject, body)"
        " SELECT practice_id, gen_random_uuid(), 'AppointmentHeld', subject, body"
        f" FROM outbox, generate_series(1, {BATCH}) WHERE done_at IS NULL"
    )
    practice.working(Recording(practice)).drain()
    assert practice.outbox.waiting() == (0, 0)


def test_a_worker_that_stops_finishes_what_it_began(practice: Practice) -> None:
    """It is told to stop while a reaction runs: that is done and noted, and nothing else begun."""
    began, go_on = Flag(), Flag()

    class Slow(Recording):
        """Takes as long as somebody wants."""

        def react(self, reaction: Reaction, event: Event, actor: Actor) -> None:
            """Begin, and wait."""
            Recording.react(self, reaction, event, actor)
            began.set()
            assert go_on.wait(30)

    for version in (1, 2):
        practice.happened("one", version)
    stop, slow = Flag(), Slow(practice)
    worker = Thread(target=practice.working(slow).run, args=(stop,))
    worker.start()
    assert began.wait(30)
    stop.set()
    worker.join(0.2)
    assert worker.is_alive()
    go_on.set()
    worker.join()
    assert [version for _, _, version in slow.asked] == [1]
    assert practice.outbox.waiting() == (1, 0)
    assert practice.sql(
        "SELECT status::text FROM procrastinate_jobs WHERE task_name = 'react'"
    ) == [("todo",)]


def test_a_worker_waits_for_a_database_that_is_away(
    practice: Practice, caplog: pytest.LogCaptureFixture
) -> None:
    """Connections that break end no worker: it goes on when they are back."""
    with at_work(practice.worker) as stop:
        while not practice.sql("SELECT id FROM procrastinate_workers"):
            stop.wait(0.01)
        practice.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        practice.happened("one", 1, MessagePosted)
        while practice.sql("SELECT id FROM outbox WHERE done_at IS NULL"):
            stop.wait(0.01)
    assert "the queue is out of reach" in caplog.text
