"""The timers on a real queue: each rings once in its period, for every practice."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from croniter import croniter  # type: ignore[import-untyped]  # a schedule's next times
from procrastinate.periodic import PeriodicDeferrer

from integration.worker.practice import Practice
from telehealth_core import Telehealth
from telehealth_core.access import Actor
from telehealth_core.registration.patient import Patient, PatientStatus
from telehealth_core.scheduling.waitlist import WaitlistEntry, WaitlistStatus
from telehealth_core.shared import Interval, Unavailable
from telehealth_core.shared.ids import WaitlistEntryId
from telehealth_core.testing.contracts import AT, named
from telehealth_core.timers import TIMERS, Timer
from telehealth_worker import Worker
from telehealth_worker.ringing import cron

NOON = datetime(2026, 3, 2, 12, 0, 30, tzinfo=UTC)


class Bells(Telehealth):
    """Remembers which timers rang for whom; one of them may fail."""

    def __init__(self, practice: Practice, fails: str | None = None) -> None:
        super().__init__(practice.ports)
        self.rang: list[str] = []
        self.fails = fails

    def tick(self, timer: Timer, actor: Actor) -> None:
        """Remember."""
        self.rang.append(f"{timer.name} {actor.practice_id}")
        if timer.name == self.fails:
            raise Unavailable("payments")
        Telehealth.tick(self, timer, actor)


def due(worker: Worker, at: datetime) -> None:
    """Have the clock of one worker show this time, as if it had just started."""

    async def told() -> None:
        async with worker.app().open_async() as app:
            deferrer = PeriodicDeferrer(app.periodic_registry, **app.periodic_defaults)
            await deferrer.defer_jobs(deferrer.get_previous_tasks(at.timestamp()))

    asyncio.run(told())


def test_each_timer_rings_once_in_its_period_for_every_practice(practice: Practice) -> None:
    """However many workers see that it is due; then not before its time, and the slow ones less
    often. A worker that was away rings once for what it missed.
    """
    practice.opened("south")
    bells = Bells(practice)
    workers = [practice.working(bells) for _ in range(3)]

    def rung(at: datetime) -> list[str]:
        bells.rang.clear()
        for worker in workers:
            due(worker, at)
        workers[0].drain()
        return bells.rang

    assert len(rung(NOON)) == len(set(bells.rang)) == 2 * len(TIMERS)
    assert rung(NOON + timedelta(seconds=29)) == []
    each_minute = [timer for timer in TIMERS if timer.every == timedelta(minutes=1)]
    assert len(rung(NOON + timedelta(minutes=1))) == len(set(bells.rang)) == 2 * len(each_minute)
    assert len(rung(NOON + timedelta(days=3))) == len(set(bells.rang)) == 2 * len(TIMERS)


def test_a_timer_that_was_not_rung_yet_is_not_asked_for_twice(practice: Practice) -> None:
    """While no worker has time for it, it waits once, however many periods pass."""
    worker = practice.working(Bells(practice))
    for minutes in range(3):
        due(worker, NOON + timedelta(minutes=minutes))
    jobs = practice.sql("SELECT args->>'timer' FROM procrastinate_jobs WHERE task_name = 'ring'")
    assert len(jobs) == len(set(jobs)) == len(TIMERS)


@pytest.mark.parametrize("timer", [TIMERS[0], TIMERS[-1]], ids=lambda timer: timer.name)
def test_a_timer_that_fails_keeps_no_other_from_ringing(
    practice: Practice, timer: Timer, caplog: pytest.LogCaptureFixture
) -> None:
    """All ring, the failing one for every practice; its code is in the log, and it rings again."""
    practice.opened("south")
    bells = Bells(practice, fails=timer.name)
    worker = practice.working(bells)
    for periods in range(2):
        bells.rang.clear()
        due(worker, NOON + periods * timedelta(days=1))
        worker.drain()
        assert len(bells.rang) == len(set(bells.rang)) == 2 * len(TIMERS)
    told = [record.message for record in caplog.records if record.message.startswith("timer")]
    assert told == [f"timer {timer.name} failed: unavailable"] * 4


def test_a_timer_rings_again_where_practices_could_not_be_read(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was not rung is due still."""
    bells = Bells(practice)
    worker = practice.working(bells)

    def away(_: Any) -> Any:
        raise Unavailable("The database")

    with monkeypatch.context() as patched:
        patched.setattr(type(practice.store()), "all", away)
        due(worker, NOON)
        worker.drain()
    assert bells.rang == []
    practice.time_passes()
    worker.drain()
    assert len(bells.rang) == len(TIMERS)


def test_jobs_of_a_lost_worker_are_found_even_if_it_was_looking_for_such(
    practice: Practice,
) -> None:
    """Whatever it died over, what looks for lost jobs included, others do."""
    bells = Bells(practice)
    worker = practice.working(bells)
    due(worker, NOON)
    practice.sql("UPDATE procrastinate_jobs SET status = 'doing'")
    due(worker, NOON + timedelta(seconds=10))
    worker.drain()
    assert len(bells.rang) == len(set(bells.rang)) == len(TIMERS)


def test_a_timer_of_another_release_rings_nowhere(practice: Practice) -> None:
    """While releases change, a worker may be asked for what it does not know."""
    bells = Bells(practice)
    practice.working(bells).ringing.ring("Messaging.of_tomorrow")
    assert bells.rang == []


@pytest.mark.parametrize("every", sorted({timer.every for timer in TIMERS}))
def test_a_schedule_has_the_timers_period(every: timedelta) -> None:
    """From one time to the next it is what the table says, across midnight as well."""
    times = croniter(cron(every), datetime(2026, 2, 27, 22, 7, tzinfo=UTC))
    found = [times.get_next(datetime) for _ in range(50)]
    assert {later - earlier for earlier, later in pairwise(found)} == {every}


@pytest.mark.parametrize(
    "every", [timedelta(0), timedelta(seconds=90), timedelta(minutes=7), timedelta(hours=5)]
)
def test_a_period_that_no_schedule_has_is_refused(every: timedelta) -> None:
    """Rather than rung at other times than the table says."""
    with pytest.raises(AssertionError):
        cron(every)


def waits(practice: Practice, who: str) -> WaitlistEntry:
    """A verified patient who waits for the one time that is held by somebody else."""
    entry = WaitlistEntry(
        id=WaitlistEntryId(named(f"waits {who}")),
        practice_id=practice.actor.practice_id,
        patient_id=practice.patient_id(practice.actor, who),
        provider_id=practice.provider(practice.actor).id,
        location="GB",
        period=Interval.lasting(AT + timedelta(hours=5), 15),
        joined_at=AT,
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
    """A hold runs out, the first who waits is offered its time and lets it lapse, then the second,
    and nobody is offered it twice (N02, N09).
    """
    entries = sorted((waits(practice, who) for who in ("three", "four")), key=lambda one: one.id)
    practice.sql("UPDATE providers SET status = 'active', version = version + 1")
    practice.hold(practice.actor, practice.appointment(practice.actor, "held", minute=300))

    def later(minutes: int) -> list[WaitlistStatus]:
        practice.clock.forward(minutes=minutes)
        due(practice.worker, practice.clock())
        practice.worker.drain()
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
