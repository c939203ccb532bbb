"""Keys in use: rotated while everything is served, destroyed so that no backup has them again."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import attrs
import psycopg
import pytest
from cachetools import TTLCache

from telehealth_core.access.account import Account, SignIn
from telehealth_core.access.actor import Role
from telehealth_core.access.keys import KeyRefused
from telehealth_core.messaging.conversation import Channel, Conversation, Message
from telehealth_core.registration.patient import Patient
from telehealth_core.shared import Erased, Unknown
from telehealth_core.shared.ids import DocumentId, MessageId, PatientId, UserId
from telehealth_core.testing.contracts import AT, Store, StoreContract
from telehealth_core.testing.contracts.beginning import profile
from telehealth_files import FolderDocuments
from telehealth_keys import FileLedger, LocalKeys
from telehealth_postgres.key_office import KeyOffice
from telehealth_postgres.keyring import KEPT_SECONDS, KeyRing
from telehealth_postgres.seals import PostgresSeals
from telehealth_postgres.store import PostgresStore
from telehealth_postgres.wall import application_uri


class Clinic(StoreContract):
    """The practice of the store contract, with its keys."""

    def __init__(self, uri: str, store: PostgresStore, home: Path) -> None:
        self.uri, self.postgres = uri, store
        self.ledger = FileLedger(home)
        self.ledger.begin()
        self.documents = FolderDocuments(home / "documents", PostgresSeals(store))
        self.office = KeyOffice(store, self.ledger, lambda: AT, self.documents.any_former)
        self.actor = self.opened()
        with self.work(self.actor) as work:
            for who in ("one", "two"):
                work.conversations.save(
                    Conversation.begin(self.actor.practice_id, self.patient(who), Channel.CARE)
                )

    def store(self) -> Store:
        """The store under test."""
        return self.postgres

    def patient(self, who: str) -> PatientId:
        """The id of one of the practice's patients."""
        return self.patient_id(self.actor, who)

    def post(self, number: int, who: str = "one", text: str = "Hello.") -> MessageId:
        """Have a message written to this patient."""
        message, event = Message.post(
            MessageId(UUID(int=number)),
            self.actor.practice_id,
            self.patient(who),
            Channel.CARE,
            text,
            by=self.actor.id,
            at=AT,
        )
        with self.work(self.actor) as work:
            work.messages.save(message, event)
        return message.id

    def sql(self, query: str, *given: Any) -> list[tuple[Any, ...]]:
        """What the database says."""
        with psycopg.connect(self.uri, autocommit=True) as connection:
            found = connection.execute(query.encode(), given)
            return found.fetchall() if found.description else []

    def versions(self, who: str = "one") -> list[int]:
        """The versions of a patient's key."""
        found = self.sql(
            "SELECT version FROM data_keys WHERE owner = %s ORDER BY 1", self.patient(who)
        )
        return [version for (version,) in found]


@pytest.fixture
def masters(tmp_path: Path) -> LocalKeys:
    """Master keys of the test's own."""
    return LocalKeys(tmp_path / "keys")


@pytest.fixture
def clinic(fresh_database: Any, masters: LocalKeys, tmp_path: Path) -> Iterator[Clinic]:
    """Yield a practice on a database of its own."""
    with (
        fresh_database() as uri,
        PostgresStore.open(application_uri(uri), masters, connections=6) as store,
    ):
        yield Clinic(uri, store, tmp_path)


@contextmanager
def _elsewhere(clinic: Clinic, masters: LocalKeys) -> Iterator[PostgresStore]:
    """The same database from another process, as it were."""
    with PostgresStore.open(application_uri(clinic.uri), masters, connections=2) as store:
        yield store


@contextmanager
def _asked(work: Any) -> Iterator[list[Any]]:
    """How often keys are looked for."""
    asked: list[Any] = []
    rows = work.keys._rows

    def noting(statement: Any, given: Any) -> Any:
        asked.append(given)
        return rows(statement, given)

    work.keys._rows = noting
    yield asked


def test_many_cold_keys_cost_one_statement_and_warm_ones_none(
    clinic: Clinic, masters: LocalKeys
) -> None:
    """However many patients are listed, their keys are fetched at once, and kept."""
    for number in range(20):
        one, event = Patient.register(
            by=clinic.actor.id,
            id=PatientId(UUID(int=1000 + number)),
            practice_id=clinic.actor.practice_id,
            profile=profile(),
            registered_at=AT,
        )
        with clinic.work(clinic.actor) as work:
            work.patients.save(one, event)
    with _elsewhere(clinic, masters) as store:
        for statements in (1, 0):
            with store.work(clinic.actor) as work, _asked(work) as asked:
                assert len(work.patients.page(after=None, limit=50)) == 22
            assert len(asked) == statements


def test_a_work_that_fails_leaves_no_key_behind_that_seals(clinic: Clinic) -> None:
    """What a work made is used by others once it is in the database, and from there."""
    owner = UUID(int=77)
    with pytest.raises(ZeroDivisionError), clinic.postgres.work(clinic.actor) as work:
        _ = work.keys.sealing(owner).version / 0
    assert clinic.postgres.ring.find(clinic.actor.practice_id, owner) is None


def test_of_many_first_writers_there_is_one_key(clinic: Clinic) -> None:
    """A patient's first rows, written at once, lie under one version."""
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(clinic.post, range(1, 13)))
    assert clinic.versions() == [1]


def test_a_version_that_has_sealed_its_fill_is_followed_by_another(
    clinic: Clinic, masters: LocalKeys
) -> None:
    """At the cap there is a new version, and what lies under the former reads on (ENC-03)."""
    clinic.postgres.ring = KeyRing(masters, sealed_most=8, sample=1)
    ids = [clinic.post(number) for number in range(1, 21)]
    assert clinic.versions() == [1, 2, 3]
    with clinic.work(clinic.actor) as work:
        assert {work.messages.get(id).text for id in ids} == {"Hello."}


def test_the_same_value_is_found_by_other_bytes_in_another_practice(clinic: Clinic) -> None:
    """A digest says nothing across practices, nor beside the column of another field (ENC-06)."""
    other = clinic.opened("south")
    found = set()
    for actor in (clinic.actor, other):
        with clinic.postgres.work(actor) as work:
            found |= {work.keys.digest(name, "ada@example.org") for name in (b"a.b", b"c.d")}
            assert work.keys.digest(b"a.b", "ada@example.org") in found
    assert len(found) == 4


def test_what_is_moved_between_rows_is_refused(clinic: Clinic) -> None:
    """A text put under another patient's message by hand does not open as theirs (ENC-02)."""
    mine, theirs = clinic.post(1), clinic.post(2, "two")
    clinic.sql(
        "UPDATE messages SET text = (SELECT text FROM messages WHERE id = %s) WHERE id = %s",
        mine,
        theirs,
    )
    with pytest.raises(KeyRefused), clinic.work(clinic.actor) as work:
        work.messages.get(theirs)


@contextmanager
def _busy(clinic: Clinic) -> Iterator[None]:
    """Threads that write and read all the while; each of their calls must succeed."""
    stop: list[bool] = []

    def use(thread: int) -> int:
        number = thread * 100_000
        while not stop or number % 100 < 3:
            number += 1
            id = clinic.post(number, ("one", "two")[number % 2])
            with clinic.work(clinic.actor) as work:
                assert work.messages.get(id).text == "Hello."
                assert len(work.patients.page(after=None, limit=9)) == 2
        return number

    with ThreadPoolExecutor(3) as threads:
        used = [threads.submit(use, thread) for thread in (1, 2, 3)]
        try:
            yield
        finally:
            stop.append(True)
        assert all(one.result() % 100_000 for one in used)


def test_master_keys_rotate_while_everything_is_served(clinic: Clinic, masters: LocalKeys) -> None:
    """All data keys are wrapped anew under load; the former is kept as long as it wraps any."""
    former = masters.current()
    with _busy(clinic):
        master = masters.rotate()
        with pytest.raises(KeyRefused, match="wrapped by"):
            clinic.office.retire_master(former)
        clinic.office.rewrap()
    clinic.office.rewrap()  # what a thread made as the file was read
    with pytest.raises(KeyRefused, match="just now"):
        clinic.office.retire_master(former)
    os.utime(masters.folder / "master.json", (0, 0))
    clinic.office.retire_master(former)
    assert clinic.sql("SELECT DISTINCT master FROM data_keys") == [(master,)]
    with _elsewhere(clinic, masters) as store, store.work(clinic.actor) as work:
        assert len(work.patients.page(after=None, limit=9)) == 2


def test_data_keys_rotate_while_everything_is_served(
    clinic: Clinic, masters: LocalKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new version seals, the former opens until every row was sealed anew (ENC-04)."""
    monkeypatch.setattr("telehealth_postgres.key_office.AT_ONCE", 5)
    for number in range(1, 18):
        clinic.post(number)
    practice, one = clinic.actor.practice_id, clinic.patient("one")
    with _elsewhere(clinic, masters) as other, _busy(clinic):
        with other.work(clinic.actor) as work:
            work.patients.get(one)  # has the former version at hand
        assert clinic.office.renew(practice, one) == 2
        _settled(clinic)
        with pytest.raises(KeyRefused, match="former version"):
            clinic.office.retire(practice, one)
        clinic.post(99)
        with other.work(clinic.actor) as work:
            assert work.messages.get(MessageId(UUID(int=99))).text == "Hello."
        assert clinic.office.reseal(practice, one) > 17
    clinic.office.reseal(practice, one)
    assert clinic.office.retire(practice, one) == 1
    assert clinic.office.retire(practice, one) == 0
    assert clinic.versions() == [2]
    with _elsewhere(clinic, masters) as store, store.work(clinic.actor) as work:
        assert work.patients.get(one).profile == profile()
        assert work.messages.get(MessageId(UUID(int=1))).text == "Hello."


def _settled(clinic: Clinic) -> None:
    """Let the keys be as old as if everybody had heard of them."""
    clinic.sql("UPDATE data_keys SET made_at = made_at - interval '1 hour'")


def test_a_version_is_not_retired_while_another_process_may_seal_under_it(
    clinic: Clinic, masters: LocalKeys
) -> None:
    """Who has the former version at hand still writes under it; none of that is lost (ENC-04)."""
    practice, one = clinic.actor.practice_id, clinic.patient("one")
    with _elsewhere(clinic, masters) as other:
        with other.work(clinic.actor) as work:
            patient = work.patients.get(one)
        clinic.office.renew(practice, one)
        clinic.office.reseal(practice, one)
        with pytest.raises(KeyRefused, match="former version still"):
            clinic.office.retire(practice, one)
        with other.work(clinic.actor) as work:
            work.patients.save(attrs.evolve(patient, version=2, reason="Asked for it."))
    _settled(clinic)
    with pytest.raises(KeyRefused, match="Rows of patients"):
        clinic.office.retire(practice, one)
    assert clinic.office.reseal(practice, one) == 1
    assert clinic.office.retire(practice, one) == 1
    with clinic.work(clinic.actor) as work:
        assert work.patients.get(one).reason == "Asked for it."


def test_a_version_is_not_retired_while_a_document_lies_under_it(clinic: Clinic) -> None:
    """Files count as rows do (ENC-04, UPL-05)."""
    practice, one = clinic.actor.practice_id, clinic.patient("one")
    id = DocumentId(UUID(int=5))
    clinic.documents.put(practice, one, id, b"picture")
    clinic.office.renew(practice, one)
    clinic.office.reseal(practice, one)
    _settled(clinic)
    with pytest.raises(KeyRefused, match="Documents"):
        clinic.office.retire(practice, one)
    assert clinic.documents.reseal(practice, one) == 1
    assert clinic.office.retire(practice, one) == 1
    assert clinic.documents.get(practice, one, id) == b"picture"


def _account(clinic: Clinic, who: str) -> Account:
    """An account of the patient's, who is signed in."""
    account = Account(
        id=UserId(UUID(int=8)),
        practice_id=clinic.actor.practice_id,
        email="ada@example.org",
        password_hash="hash",
        roles=frozenset({Role.PATIENT}),
        patient_id=clinic.patient(who),
        opened_at=AT,
    )
    with clinic.work(clinic.actor) as work:
        work.accounts.save(account, account.opened(by=clinic.actor.id))
    sign_in, event = SignIn.begin("token", account, at=AT)
    with clinic.work(clinic.actor) as work:
        work.sign_ins.save(sign_in, event)
    return account


def test_a_patient_whose_keys_are_destroyed_is_erased_at_once(clinic: Clinic) -> None:
    """Record, documents and the way in are gone; lists leave them out; others stay (N07)."""
    practice, one, two = clinic.actor.practice_id, clinic.patient("one"), clinic.patient("two")
    message, document = clinic.post(1), DocumentId(UUID(int=5))
    clinic.documents.put(practice, one, document, b"picture")
    sign_in = SignIn.begin("token", _account(clinic, "one"), at=AT)[0]
    assert clinic.postgres.actor(sign_in.id, AT) is not None
    audited = len(clinic.sql("SELECT 1 FROM audit WHERE action = 'record:erase'"))

    clinic.office.destroy(practice, one)

    with pytest.raises(Erased), clinic.work(clinic.actor) as work:
        work.patients.get(one)
    with pytest.raises(Erased), clinic.work(clinic.actor) as work:
        work.messages.get(message)
    with pytest.raises(Erased):
        clinic.documents.get(practice, one, document)
    with pytest.raises(Erased):
        clinic.post(2)
    with clinic.work(clinic.actor) as work:
        assert [patient.id for patient in work.patients.page(after=None, limit=9)] == [two]
        assert work.accounts.by_email("ada@example.org") is None
    assert clinic.postgres.actor(sign_in.id, AT) is None
    assert clinic.sql("SELECT email_digest FROM accounts") == [(None,)]
    assert audited == 0
    assert clinic.sql("SELECT patient_id FROM audit WHERE action = 'record:erase'") == [(one,)]
    assert clinic.ledger.all() == [(practice, one, AT)]


def test_another_process_forgets_within_the_stated_time(clinic: Clinic, masters: LocalKeys) -> None:
    """It may read on as long as it keeps a key, and no longer (ENC-05)."""
    now: list[float] = [0]
    with _elsewhere(clinic, masters) as other:
        other.ring._kept = TTLCache(9, KEPT_SECONDS, timer=lambda: now[0])
        with other.work(clinic.actor) as work:
            work.patients.get(clinic.patient("one"))
        clinic.office.destroy(clinic.actor.practice_id, clinic.patient("one"))
        now[0] = KEPT_SECONDS
        with pytest.raises(Erased), other.work(clinic.actor) as work:
            work.patients.get(clinic.patient("one"))


def test_who_has_a_visit_to_come_is_not_erased(clinic: Clinic) -> None:
    """Somebody waits for them: the visit is called off first. Nor is anybody unknown."""
    claim = clinic.appointment(clinic.actor, "one")
    clinic.hold(clinic.actor, claim)
    with pytest.raises(KeyRefused, match="1 visits to come"):
        clinic.office.destroy(clinic.actor.practice_id, claim.patient_id)
    with pytest.raises(Unknown):
        clinic.office.destroy(clinic.actor.practice_id, PatientId(UUID(int=404)))
    assert clinic.ledger.all() == []


def _keys(clinic: Clinic) -> list[tuple[Any, ...]]:
    return clinic.sql("SELECT practice_id, owner, version, master, wrapped FROM data_keys")


def _restored(clinic: Clinic, backup: list[tuple[Any, ...]]) -> None:
    """The keys of a backup, back in the database."""
    clinic.sql("TRUNCATE data_keys")
    for row in backup:
        clinic.sql(
            "INSERT INTO data_keys (practice_id, owner, version, master, wrapped)"
            " VALUES (%s, %s, %s, %s, %s)",
            *row,
        )


def test_a_restored_backup_does_not_bring_a_destroyed_key_back(
    clinic: Clinic, masters: LocalKeys
) -> None:
    """What the ledger has is destroyed again before anything is served (ENC-05)."""
    one, backup = clinic.patient("one"), _keys(clinic)
    clinic.office.destroy(clinic.actor.practice_id, one)
    _restored(clinic, backup)
    with _elsewhere(clinic, masters) as store:
        with store.work(clinic.actor) as work:
            assert work.patients.get(one).profile, "the backup alone would read"
        assert KeyOffice(store, clinic.ledger, lambda: AT).replay() == 1
        with pytest.raises(Erased), store.work(clinic.actor) as work:
            work.patients.get(one)
        assert KeyOffice(store, clinic.ledger, lambda: AT).replay() == 0
    assert clinic.sql(
        "SELECT count(*) FROM data_keys WHERE owner = %s AND wrapped IS NULL", one
    ) == [(1,)]


def _gone(folder: Path) -> None:
    (folder / "destroyed.jsonl").unlink()


def _older(folder: Path) -> None:
    (folder / "destroyed.jsonl").write_bytes(b"")


@pytest.mark.parametrize("harm", [_gone, _older])
def test_without_its_ledger_a_database_is_not_served(
    clinic: Clinic, harm: Callable[[Path], None]
) -> None:
    """Neither with none, nor with one that knows less than the database (ENC-05)."""
    clinic.office.destroy(clinic.actor.practice_id, clinic.patient("one"))
    harm(clinic.ledger.folder)
    with pytest.raises(KeyRefused, match="ledger"):
        clinic.office.replay()
