"""Beyond one machine: several processes, a pooler and a replica, and the loss of the primary.

Run by `make cluster`, which installs nginx and PgBouncer. The tests build on each other: the last
one kills the primary.
"""

import logging
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import attrs
import httpx
import pytest

from cluster.processes import COMMAND, Api, Pooler, Process, Proxy, Server, told, until, work
from cluster.storm import Storm, bearer
from plan import Plan, Wish
from seed import seed
from telehealth_cli.journeys import NEW_YORK, Walk, us_visit
from telehealth_keys import LocalKeys

LAG_SECONDS = 2
APIS, WORKERS = 3, 2


@attrs.frozen
class Cluster:
    """Everything that runs."""

    primary: Server
    replica: Server
    pooler: Pooler
    proxy: Proxy
    plan: Plan

    def search(self, wish: Wish, **narrower: str) -> httpx.Response:
        """What a patient finds."""
        params = {"limit": "1", **narrower}
        return httpx.get(
            f"{self.proxy.url}/v1/open-times", headers=bearer(wish), params=params, timeout=30
        )


@pytest.fixture(scope="module")
def plan() -> Plan:
    """Return a clinic that opens tomorrow."""
    tomorrow = datetime.now(UTC).replace(hour=8, minute=0, second=0, microsecond=0)
    return Plan(
        providers=40, days=6, patients=400, existing=200, first_day=tomorrow + timedelta(days=1)
    )


@pytest.fixture(scope="module")
def cluster(plan: Plan) -> Iterator[Cluster]:
    """Yield three API processes and two workers behind nginx, on a primary and its synchronous
    replica behind PgBouncer.
    """
    logging.getLogger("httpx").setLevel(logging.WARNING)
    folder, home = Path(tempfile.mkdtemp(prefix="cluster-")), Path(tempfile.mkdtemp(prefix="home-"))
    with ExitStack() as stack:
        for place in (folder, home):
            stack.callback(shutil.rmtree, place, ignore_errors=True)

        def ended(process: Any) -> Any:
            stack.callback(process.end, signal.SIGTERM)
            return process

        primary, replica = Server(folder / "primary"), Server(folder / "replica")
        stack.callback(replica.end, signal.SIGINT)
        stack.callback(primary.end, signal.SIGINT)
        primary.create()
        replica.follow(primary)
        pooler: Pooler = ended(Pooler(folder / "pooler"))
        pooler.serve(telehealth=primary, replica=replica)
        settings = {
            "database_url": pooler.uri("telehealth"),
            "replica_url": pooler.uri("replica"),
            "replica_lag_seconds": str(LAG_SECONDS),
            "prepare": "off",
            "connections": "8",
        }
        migrating = Process(folder / "migrating")
        migrating.start(
            *COMMAND,
            "migrate",
            environment=told(home, {**settings, "owner_url": primary.uri}),
        )
        assert migrating.process is not None
        assert migrating.process.wait(60) == 0, migrating.said
        seed(primary.uri, LocalKeys(home / "keys"), plan)
        primary.ask("ALTER SYSTEM SET synchronous_standby_names = 'FIRST 1 (replica)'")
        primary.ask("SELECT pg_reload_conf()")
        until("the replica is synchronous", lambda: _synchronous(primary))
        apis: list[Api] = [ended(Api(folder / f"api-{number}")) for number in range(APIS)]
        apis[0].begin(home, **settings)
        apis[0].wait()  # it has made the demo practices
        for api in apis[1:]:
            api.begin(home, **settings)
        workers = [work(folder / f"worker-{n}", home, **settings) for n in range(WORKERS)]
        for process in workers:
            ended(process)
        for api in apis[1:]:
            api.wait()
        proxy: Proxy = ended(Proxy(folder / "proxy"))
        proxy.serve(*apis)
        yield Cluster(primary, replica, pooler, proxy, plan)
        for process in (*apis, *workers):
            process.send(signal.SIGTERM)  # all at once, to wait for them together


def _synchronous(primary: Server) -> bool:
    return primary.ask("SELECT sync_state FROM pg_stat_replication") == [("sync",)]


def test_a_visit_takes_place_whichever_process_answers(cluster: Cluster) -> None:
    """From registration to payment through nginx: any process serves any step, both participants
    are introduced by the same one, and workers of other processes do what follows.
    """
    with httpx.Client(base_url=cluster.proxy.url, timeout=30, trust_env=False) as client:
        wrong = []
        walk = Walk(client, cluster.proxy.url, lambda told: None if told.ok else wrong.append(told))
        us_visit(walk, NEW_YORK)
    assert wrong == []
    assert walk.steps == walk.ok > 30


def test_searches_are_read_from_the_replica(cluster: Cluster) -> None:
    """The replica's own count of reads goes up with searches."""
    wish = next(cluster.plan.wishes(0, 1))
    reads = "SELECT sum(idx_scan + seq_scan) FROM pg_stat_user_tables WHERE relname = 'sessions'"
    before = cluster.replica.ask(reads)
    for _ in range(5):
        assert cluster.search(wish).status_code == 200
    until("reads are counted", lambda: cluster.replica.ask(reads) > before)


def test_a_replica_that_falls_behind_is_not_read(cluster: Cluster) -> None:
    """While its replay stands still, what was booked disappears from searches within the bound:
    they are read from the primary, as bookings always are.
    """
    storm = Storm(cluster.proxy.url, cluster.plan)
    wish = next(cluster.plan.wishes(7, 9))
    assert wish.start in _open(cluster, wish)
    cluster.replica.ask("SELECT pg_wal_replay_pause()")
    try:
        with httpx.Client(base_url=cluster.proxy.url, timeout=30) as client:
            storm.book(client, wish)
        assert len(storm.answered) == 1
        reads = "SELECT count(*) FROM appointments WHERE id = %s"
        (id,) = storm.answered.values()
        assert cluster.primary.ask(reads, id) == [(1,)]
        assert cluster.replica.ask(reads, id) == [(0,)]
        sleep(LAG_SECONDS)
        for _ in range(3 * APIS):
            assert wish.start not in _open(cluster, wish)
    finally:
        cluster.replica.ask("SELECT pg_wal_replay_resume()")


def _open(cluster: Cluster, wish: Wish) -> set[datetime]:
    """The starts that a search finds in the session of a wish."""
    owner = "SELECT provider_id FROM sessions WHERE id = %s"
    ((provider,),) = cluster.primary.ask(owner, wish.session_id)
    session = {"from": wish.start.isoformat(), "limit": "40", "provider": str(provider)}
    items = cluster.search(wish, **session).raise_for_status().json()["items"]
    return {datetime.fromisoformat(item["start"]) for item in items}


def test_no_answered_booking_is_lost_with_the_primary(cluster: Cluster) -> None:
    """The primary is killed in a storm of bookings and the replica promoted: every booking that was
    answered is there once, each is whole, nobody was told anything but to come again, searches were
    answered all the while, and bookings are again within seconds.
    """
    wish = next(cluster.plan.wishes(0, 1))
    with Storm(cluster.proxy.url, cluster.plan).raging() as storm:
        until("bookings are answered", lambda: len(storm.answered) > 50)
        cluster.primary.end(signal.SIGKILL)
        killed = monotonic()
        until("searches go on", lambda: cluster.search(wish).status_code == 200, 15)
        searched = monotonic() - killed
        cluster.replica.ask("SELECT pg_promote()")
        promoted = monotonic()
        cluster.pooler.repoint(telehealth=cluster.replica, replica=cluster.replica)
        until("bookings go on", lambda: storm.at and storm.at[-1] > promoted + 1)
        again = min(at for at in storm.at if at > promoted) - promoted
    print(f"searched {searched:.1f} s after the loss, booked {again:.1f} s after promotion")  # noqa: T201 - seen with -s
    print(f"{len(storm.answered)} bookings answered; statuses {dict(storm.statuses)}")  # noqa: T201 - seen with -s
    assert storm.wrong == []
    assert storm.statuses[503] > 0, "the loss was noticed"
    assert again < 20
    _everything_holds(cluster.replica, storm)
    until("the outbox drains", lambda: cluster.replica.ask(_WAITING) == [(0,)])


_WAITING = "SELECT count(*) FROM outbox WHERE done_at IS NULL AND dead_at IS NULL"


def _everything_holds(server: Server, storm: Storm) -> None:
    """What the rows say of it all."""
    there = {id for (id,) in server.ask("SELECT id FROM appointments WHERE status = 'held'")}
    assert set(storm.answered.values()) <= there, "an answered booking is lost"
    assert len(set(storm.answered.values())) == len(storm.answered), "two keys, one booking"
    overlapping = """
        SELECT a.id FROM appointments AS a JOIN appointments AS b
            ON a.practice_id = b.practice_id AND a.id < b.id AND a.occupies && b.occupies
           AND (a.provider_id = b.provider_id OR a.patient_id = b.patient_id)
         WHERE a.status IN ('held', 'booked') AND b.status IN ('held', 'booked')
    """
    assert server.ask(overlapping) == []
    for kept in ("audit WHERE kind = 'appointment' AND outcome = 'done'", "outbox"):
        halves = f"""
            SELECT a.id, count(k.subject) FROM appointments AS a
              LEFT JOIN (SELECT subject FROM {kept}) AS k ON k.subject = a.id
             WHERE a.status = 'held' GROUP BY a.id HAVING count(k.subject) <> 1
        """
        assert server.ask(halves) == [], f"a booking without its part of {kept}"
