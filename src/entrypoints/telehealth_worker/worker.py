"""One worker: relays the outbox to the queue and runs its jobs. Any number work beside each other.

The queue is asked again and again; LISTEN and NOTIFY are not used, for they do not pass a pooler
that lends a connection for one transaction at a time.
"""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Event as Flag
from typing import Any
from uuid import UUID

import attrs
from procrastinate import App, BaseRetryStrategy, JobContext, PsycopgConnector, RetryDecision
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job

from telehealth_core.shared.ids import PracticeId
from telehealth_core.timers import TIMERS
from telehealth_worker.reacting import QUIET, Outbox, Reacting
from telehealth_worker.ringing import Ringing, cron

LOG = logging.getLogger("telehealth.worker")

QUEUE = "telehealth"
REACT, RING, RESCUE = "react", "ring", "rescue"
RESCUES = "* * * * * */10"  # the sixth place is seconds
BATCH = 500
WAIT_SECONDS_MOST = 300.0
LATE_SECONDS_MOST = 25 * 3600.0
"""A timer that was due while no worker was there rings once as soon as one is."""


def wait_seconds(attempt: int) -> float:
    """How long to wait after that many attempts: half a second, then twice as long each time."""
    return float(min(0.5 * 2 ** (min(attempt, 20) - 1), WAIT_SECONDS_MOST))


class Later(BaseRetryStrategy):
    """Every job is tried again until it ends well: that an event is given up, the outbox says."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        """When to try again."""
        del exception
        wait = timedelta(seconds=wait_seconds(job.attempts + 1))
        return RetryDecision(retry_at=datetime.now(UTC) + wait)


@attrs.frozen
class Pace:
    """How many jobs at once, how often to ask, and when a silent worker counts as lost."""

    jobs: int = 4
    pause_seconds: float = 0.1
    heartbeat_seconds: float = 10.0
    lost_seconds: float = 30.0


@attrs.frozen
class Worker:
    """One worker on the queue in this database."""

    outbox: Outbox[Any]
    reacting: Reacting
    ringing: Ringing
    database: str
    pace: Pace = Pace()

    def run(self, stop: Flag) -> None:
        """Work until told to stop; jobs begun are finished first. If the database goes away, try
        again until it is back.
        """
        while not stop.is_set():
            try:
                asyncio.run(self._work(stop))
            except Exception as problem:  # noqa: BLE001 - whatever it is, it goes on
                LOG.warning("the queue is out of reach (%s); trying again", type(problem).__name__)
            stop.wait(1.0)

    def drain(self) -> None:
        """Run what is due now and what follows from it; timers do not ring."""
        asyncio.run(self._drain())

    def app(self, *, timers: bool = True) -> App:
        """The queue, with what its jobs do."""
        app = App(
            connector=PsycopgConnector(
                conninfo=self.database,
                min_size=1,
                max_size=self.pace.jobs,
                timeout=10,
                kwargs={"prepare_threshold": None},  # a pooler may not know what was prepared
            ),
            periodic_defaults={"max_delay": LATE_SECONDS_MOST},
        )

        task: Any = partial(app.task, queue=QUEUE, retry=Later())
        task(self._react, name=REACT, pass_context=True)
        ring = task(self._ring, name=RING)
        rescue = task(self._rescue, name=RESCUE, pass_context=True)
        # one waits at most, and events do not hold them up
        timer: Any = partial(app.periodic, priority=1)
        for one in TIMERS if timers else ():
            schedule, name = cron(one.every), one.name
            given = {"periodic_id": name, "task_kwargs": {"timer": name}}
            timer(cron=schedule, **given, lock=name, queueing_lock=name)(ring)
        if timers:
            # no lock: one that its worker lost must not hold up those that would find it
            timer(cron=RESCUES, queueing_lock=RESCUE)(rescue)
        return app

    def _react(self, context: JobContext, *, practice: str, id: int) -> None:
        attempt = context.job.attempts + 1
        self.reacting.react(PracticeId(UUID(practice)), id, attempt=attempt)

    def _ring(self, *, timer: str, timestamp: int) -> None:
        del timestamp  # when it was due
        self.ringing.ring(timer)

    async def _rescue(self, context: JobContext, timestamp: int) -> None:
        del timestamp
        await self.rescue(context.app)

    async def rescue(self, app: App) -> None:
        """Give the jobs of lost workers to others, and to the queue what it lost."""
        for job in await app.job_manager.get_stalled_jobs(
            queue=QUEUE, seconds_since_heartbeat=self.pace.lost_seconds
        ):
            with suppress(ConnectorException):  # another worker was first
                await app.job_manager.retry_job(job)
        await asyncio.to_thread(self.outbox.strays, task=REACT)

    async def _work(self, stop: Flag) -> None:
        self._threads()
        async with self.app().open_async() as app:
            await self.rescue(app)
            worker = asyncio.create_task(app.run_worker_async(**self._manner(), wait=True))
            try:
                while not stop.is_set() and not worker.done():
                    if not await asyncio.to_thread(self._relay):
                        await asyncio.sleep(self.pace.pause_seconds)
            finally:
                worker.cancel()  # it finishes its jobs first
                with suppress(asyncio.CancelledError):
                    await worker

    async def _drain(self) -> None:
        self._threads()
        ran = [0]

        async def counted(job: Any, *_: Any) -> Any:
            ran.append(0)
            return await job()

        async with self.app(timers=False).open_async() as app:
            while await asyncio.to_thread(self._relay) or ran:
                ran.clear()
                await app.run_worker_async(
                    **self._manner(), wait=False, worker_middleware=[counted]
                )

    def _threads(self) -> None:
        """As many as run jobs, and one to relay."""
        threads = ThreadPoolExecutor(self.pace.jobs + 1, thread_name_prefix="job")
        asyncio.get_running_loop().set_default_executor(threads)

    def _manner(self) -> dict[str, Any]:
        return {
            "concurrency": self.pace.jobs,
            "fetch_job_polling_interval": self.pace.pause_seconds,
            "listen_notify": False,
            "delete_jobs": "successful",
            "install_signal_handlers": False,
            "update_heartbeat_interval": self.pace.heartbeat_seconds,
            "stalled_worker_timeout": self.pace.lost_seconds,
        }

    def _relay(self) -> int:
        return self.outbox.relay(queue=QUEUE, task=REACT, quiet=QUIET, limit=BATCH)
