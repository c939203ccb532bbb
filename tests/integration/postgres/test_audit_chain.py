"""The audit's chain on PostgreSQL: what was written is sealed, and tampering is found (AUD-04)."""

import os
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import attrs
import psycopg
import pytest
from psycopg import errors
from rich.console import Console

from telehealth_cli import auditing
from telehealth_core.access.actor import Actor
from telehealth_core.access.audit_chain import examine, linked
from telehealth_core.access.policy import Action
from telehealth_core.access.ports import Keys
from telehealth_core.shared.ids import PatientId, PracticeId
from telehealth_core.testing.contracts.beginning import practice
from telehealth_files import FolderCheckpoints
from telehealth_keys import FileLedger, LocalKeys
from telehealth_postgres import audit_chain
from telehealth_postgres.audit_chain import PostgresAuditChain
from telehealth_postgres.store import PostgresStore
from telehealth_postgres.wall import ENTER, application_uri
from telehealth_worker import Sealing

KEY = b"k" * 32
SOURCES = Path(__file__).parents[3] / "src"


class Time:
    """A clock that goes on by a second whenever it is asked."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 2, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        """The next second."""
        self.at += timedelta(seconds=1)
        return self.at


@attrs.frozen
class House:
    """Two practices with an audit, what seals it, and the owner who tampers."""

    owner: str
    store: PostgresStore
    chain: PostgresAuditChain
    checkpoints: FolderCheckpoints
    practices: tuple[PracticeId, PracticeId]

    @property
    def sealing(self) -> Sealing:
        """What seals; each time one that has kept no checkpoint yet."""
        return Sealing(self.chain, self.checkpoints, Time())

    def read(self, practice_id: PracticeId, times: int) -> None:
        """Have somebody read a record so often."""
        for _ in range(times):
            with self.store.work(Actor.system(practice_id)) as work:
                work.read(Action.VIEW_PATIENT, PatientId(UUID(int=5)), UUID(int=5))

    def sql(self, query: str, *given: Any) -> list[Any]:
        """What the owner is told."""
        with psycopg.connect(self.owner, autocommit=True) as connection:
            found = connection.execute(query.encode(), given or None)
            return found.fetchall() if found.description else []

    def ids(self, practice_id: PracticeId) -> list[int]:
        """The practice's entries, by place."""
        query = "SELECT entry_id FROM audit_links WHERE practice_id = %s ORDER BY position"
        return [id for (id,) in self.sql(query, practice_id)]

    def verify(self) -> tuple[int, str]:
        """What the command answers and says."""
        said = StringIO()
        container: Any = _Container(self.store, self.chain, self.checkpoints)
        status = auditing.verify(container, Console(file=said, width=200))
        return status, said.getvalue()


class _Container:
    """As much of the container as the command needs."""

    def __init__(self, store: Any, chain: Any, checkpoints: Any) -> None:
        self.store, self.audit_chain = lambda: store, lambda: chain
        self.checkpoints = lambda: checkpoints


@pytest.fixture(scope="module")
def store(database: str, keys: Keys) -> Iterator[PostgresStore]:
    """Yield a store on the module's database."""
    with PostgresStore.open(application_uri(database), keys, connections=4, clock=Time()) as store:
        yield store


@pytest.fixture
def house(database: str, store: PostgresStore, tmp_path: Path) -> Iterator[House]:
    """Yield two practices whose entries are sealed: twelve each, with two checkpoints."""
    names = ("north", "south")
    for name in names:
        one = practice(name)
        with store.work(Actor.system(one.id)) as work:
            work.practices.save(one)
    north, south = (practice(name).id for name in names)
    checkpoints = FolderCheckpoints(tmp_path, KEY)
    house = House(database, store, PostgresAuditChain(store), checkpoints, (north, south))
    for _ in range(2):
        for one_id in house.practices:
            house.read(one_id, 6)
        house.sealing.seal()
    yield house
    for table in ("audit", "audit_links", "audit_heads", "practices"):
        house.sql(f"DELETE FROM {table}")


def test_what_was_written_is_sealed_and_whole(house: House) -> None:
    """Every entry of every practice has its place, and what is not sealed yet is counted."""
    assert [len(house.ids(one)) for one in house.practices] == [12, 12]
    house.read(house.practices[0], 3)
    status, said = house.verify()
    assert status == 0
    assert "north: 12 sealed, 3 to be sealed, 2 checkpoints; all is well" in said
    assert "south: 12 sealed, 0 to be sealed, 2 checkpoints; all is well" in said


ALTER = "UPDATE audit SET outcome = 'done' WHERE id = %(sixth)s"
FORGET = "UPDATE audit SET patient_id = NULL WHERE id = %(sixth)s"
MOVE = "UPDATE audit SET practice_id = %(south)s WHERE id = %(sixth)s"
DELETE = "DELETE FROM audit WHERE id = %(sixth)s"
SWAP = """
    UPDATE audit SET at = other.at FROM audit other
    WHERE (audit.id, other.id) IN ((%(sixth)s, %(seventh)s), (%(seventh)s, %(sixth)s))
"""
REORDER = """
    UPDATE audit_links SET position = 1000 WHERE entry_id = %(sixth)s;
    UPDATE audit_links SET position = 6 WHERE entry_id = %(seventh)s;
    UPDATE audit_links SET position = 7 WHERE entry_id = %(sixth)s
"""
UNLINK = "DELETE FROM audit_links WHERE entry_id = %(sixth)s"
INSERT = """
    INSERT INTO audit (practice_id, at, actor, action, outcome)
    SELECT practice_id, at - interval '1 day', actor, action, outcome FROM audit
    WHERE id = %(sixth)s
"""
CUT_ENTRIES = "DELETE FROM audit WHERE practice_id = %(north)s AND id > %(sixth)s"
CUT_BOTH = f"""
    {CUT_ENTRIES};
    DELETE FROM audit_links WHERE practice_id = %(north)s AND position > 6
"""
CUT_ALL = """
    DELETE FROM audit WHERE practice_id = %(north)s;
    DELETE FROM audit_links WHERE practice_id = %(north)s
"""


@pytest.mark.parametrize(
    ("tampering", "said"),
    [
        (ALTER, "north: entry {sixth}, place 6 is not what was sealed"),
        (FORGET, "north: entry {sixth}, place 6 is not what was sealed"),
        (MOVE, "north: entry {sixth}, place 6 was sealed and is gone"),
        (DELETE, "north: entry {sixth}, place 6 was sealed and is gone"),
        (SWAP, "north: entry {sixth}, place 6 is not what was sealed"),
        (REORDER, "north: entry {seventh}, place 6 is not what was sealed"),
        (UNLINK, "north: entry {seventh}, place 7 is followed by a gap"),
        (INSERT, "north: entry {new} was put in long after its time"),
        (CUT_ENTRIES, "north: entry {seventh}, place 7 was sealed and is gone"),
        (CUT_BOTH, "north: place 7 and what followed is gone"),
        (CUT_ALL, "north: place 1 and what followed is gone"),
    ],
)
@pytest.mark.parametrize("then", ["at once", "after more was sealed"])
def test_tampering_names_practice_and_first_bad_entry(
    house: House, tampering: str, said: str, then: str
) -> None:
    """Even for the owner of the tables, and no matter what is sealed after it."""
    north, south = house.practices
    _, _, _, _, _, sixth, seventh, *_ = house.ids(north)
    names = {"sixth": sixth, "seventh": seventh, "north": north, "south": south}
    with psycopg.connect(house.owner, autocommit=True) as connection:
        psycopg.ClientCursor(connection).execute(tampering.encode(), names)
    ((new,),) = house.sql("SELECT max(id) FROM audit")
    if then == "after more was sealed" and tampering not in {CUT_BOTH, CUT_ALL}:
        house.read(north, 2)
        house.chain.seal(north)
        said = said.replace("{new} was", "{new}, place 13 was")
    status, told = house.verify()
    assert status == 1
    assert said.format(**names, new=new) in told
    if tampering != MOVE:
        assert "south: 12 sealed, 0 to be sealed, 2 checkpoints; all is well" in told


def test_a_chain_made_anew_by_the_owner_is_contradicted(house: House) -> None:
    """Who can write every link still cannot write what was signed elsewhere."""
    north = house.practices[0]
    tenth = house.ids(north)[9]
    house.sql("UPDATE audit SET outcome = 'done' WHERE id = %s", tenth)
    with house.chain.reading(north) as reading:
        links = list(reading.links())
    hash = bytes(32)
    for link in links:
        hash = linked(hash, link.facts or {})
        house.sql("UPDATE audit_links SET hash = %s WHERE entry_id = %s", hash, link.entry_id)
    with house.chain.reading(north) as reading:
        assert examine(reading.links(), []).finding is None, "by itself the new chain is whole"
    status, said = house.verify()
    assert status == 1
    assert f"north: entry {links[6].entry_id}, place 7 or one soon after it was changed" in said


def test_a_practice_that_vanished_is_missed(house: House) -> None:
    """Its checkpoints outlive it."""
    north = house.practices[0]
    for table in ("audit", "audit_links", "audit_heads"):
        house.sql(f"DELETE FROM {table} WHERE practice_id = %s", north)
    house.sql("DELETE FROM practices WHERE id = %s", north)
    status, said = house.verify()
    assert status == 1
    assert f"{north}: place 1 and what followed is gone" in said


def test_a_checkpoint_that_nobody_signed_is_refused(house: House) -> None:
    """Neither a changed line nor another key's passes."""
    (path,) = house.checkpoints.root.glob(f"{house.practices[0]}*")
    whole = path.read_text()
    first, second = whole.splitlines()
    for forged in (f"{first}\n{second.replace('12', '11', 1)}\n", f"{first}\nhello\n"):
        path.write_text(forged)
        status, said = house.verify()
        assert status == 1
        assert "line 2: not signed by the key of this installation" in said
        assert "south: 12 sealed, 0 to be sealed, 2 checkpoints; all is well" in said
    path.write_text(whole)
    stranger = attrs.evolve(house, checkpoints=FolderCheckpoints(path.parent, b"x" * 32))
    assert "line 1: not signed" in stranger.verify()[1]
    assert house.verify()[0] == 0


def test_whoever_commits_late_is_sealed_all_the_same(house: House) -> None:
    """Ids are given before the commit; a lower one may come after a higher one was sealed."""
    north = house.practices[0]
    late = (
        "INSERT INTO audit (practice_id, at, actor, action, outcome) VALUES (%s, %s, %s, 'a', 'b')"
    )
    given = (north, datetime(2026, 3, 2, 12, 5, tzinfo=UTC), UUID(int=1))
    with psycopg.connect(application_uri(house.owner)) as slow:
        slow.execute(ENTER, {"practice": north})
        slow.execute(late.encode(), given)
        for _ in range(2):
            house.read(north, 2)
            assert house.chain.seal(north) is not None
        assert house.chain.seal(north) is None
        slow.commit()
    assert north in house.chain.pending()
    assert house.chain.seal(north) is not None
    assert house.chain.pending() == []
    ids = house.ids(north)
    assert ids[-1] < ids[-2], "it was late"
    assert len(ids) == len(set(ids)) == 17
    assert house.verify()[0] == 0


def test_many_that_seal_at_once_make_one_chain(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They take turns, in parts, while entries go on being written."""
    monkeypatch.setattr(audit_chain, "BATCH", 7)
    north = house.practices[0]
    with ThreadPoolExecutor(4) as threads:
        writing = [threads.submit(house.read, north, 40) for _ in range(2)]
        sealing = [
            threads.submit(lambda: [house.chain.seal(north) for _ in range(15)]) for _ in range(2)
        ]
        for written in writing:
            written.result()
        for sealed in sealing:
            sealed.result()
    house.chain.seal(north)
    assert len(house.ids(north)) == 12 + 80
    assert house.verify()[0] == 0


def test_nobody_waits_for_the_sealing(house: House) -> None:
    """While one seals, others write, and another that would seal goes away."""
    north = house.practices[0]
    house.read(north, 1)
    with psycopg.connect(house.owner) as sealing:
        sealing.execute("SELECT FROM audit_heads WHERE practice_id = %s FOR UPDATE", [north])
        house.read(north, 1)
        assert house.chain.seal(north) is None
    assert house.chain.seal(north) is not None


def test_on_another_server_everything_is_looked_at_anew(house: House) -> None:
    """Transactions are counted anew there, so a restored mark says nothing."""
    north = house.practices[0]
    house.read(north, 1)
    house.sql("UPDATE audit_heads SET server = 'another', before_xact = 9000000000000")
    assert house.chain.pending() == [north]
    assert house.chain.seal(north) is not None
    assert len(house.ids(north)) == 13


@pytest.mark.parametrize("table", ["audit", "audit_links"])
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET practice_id = practice_id", "DELETE FROM {}", "TRUNCATE {}"]
)
def test_the_application_changes_nothing_of_the_audit(
    house: House, table: str, statement: str
) -> None:
    """What is written stays, whatever the program does (AUD-05)."""
    with psycopg.connect(application_uri(house.owner)) as connection:
        connection.execute(ENTER, {"practice": house.practices[0]})
        with pytest.raises(errors.InsufficientPrivilege, match="permission denied"):
            connection.execute(statement.format(table).encode())


def test_a_long_chain_is_examined_in_little_memory(house: House) -> None:
    """Of four thousand entries only some are held at a time."""
    north = house.practices[0]
    many = """
        INSERT INTO audit (practice_id, at, actor, roles, action, outcome, subject)
        SELECT %s, '2026-03-02 12:10+00'::timestamptz + n * interval '1 second',
               gen_random_uuid(), '{system}', 'view-patient', 'read', gen_random_uuid()
        FROM generate_series(1, 4000) n
    """
    house.sql(many, north)
    assert house.chain.seal(north) is not None
    tracemalloc.start()
    try:
        with house.chain.reading(north) as reading:
            assert examine(reading.links(), []).sealed == 4_012
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 5_000_000


def test_the_command_ends_with_a_failure_after_tampering(
    house: House, keys: LocalKeys, tmp_path: Path
) -> None:
    """As an operator runs it; an answer of 1 is what a script looks at."""
    folders = (SOURCES, SOURCES / "adapters", SOURCES / "entrypoints")
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, folders)),
        "TELEHEALTH_HOME": str(tmp_path / "home"),
        "TELEHEALTH_AUDIT_KEY": KEY.decode(),
        "TELEHEALTH_KEYS": str(keys.folder),
        "TELEHEALTH_DATABASE_URL": application_uri(house.owner),
    }
    FileLedger(keys.folder).begin()
    command = [sys.executable, "-m", "telehealth_cli.main", "audit", "verify"]

    sixth = house.ids(house.practices[0])[5]
    house.sql("DELETE FROM audit WHERE id = %s", sixth)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert f"north: entry {sixth}, place 6 was sealed and is gone" in done.stdout
