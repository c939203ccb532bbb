"""One contract, two stores: what holds in memory holds in PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from telehealth_core.access.actor import Actor
from telehealth_core.access.audit import AuditEntry, AuditOrder
from telehealth_core.shared import Interval, Unavailable
from telehealth_core.shared.ids import PracticeId
from telehealth_core.testing.contracts import AT, Store, StoreContract, refused
from telehealth_core.testing.memory import MemoryStore
from telehealth_postgres.store import PostgresStore
from telehealth_postgres.tables import METADATA
from telehealth_postgres.wall import application_uri


class Broken(list[AuditEntry]):
    """An audit that takes nothing."""

    def append(self, _: AuditEntry) -> None:
        """Fail. Raises: Unavailable."""
        raise Unavailable("The audit")


class TestMemory(StoreContract):
    """The store in memory."""

    @pytest.fixture(autouse=True)
    def _empty(self) -> None:
        self._store = MemoryStore()

    def store(self) -> Store:
        """The store of this test."""
        return self._store

    def audit(self, practice_id: PracticeId) -> list[AuditEntry]:
        """The practice's entries."""
        return [entry for entry in self._store.audit if entry.practice_id == practice_id]

    @contextmanager
    def broken_audit(self) -> Iterator[None]:
        """The audit takes nothing."""
        whole = self._store.audit
        self._store.audit = Broken(whole)
        yield
        self._store.audit = whole

    def waiting(self, practice_id: PracticeId) -> list[str]:
        """The practice's events."""
        return [event.name for practice, event in self._store.outbox if practice == practice_id]


class TestPostgres(StoreContract):
    """PostgreSQL."""

    @pytest.fixture(autouse=True)
    def _empty(self, database: str) -> Iterator[None]:
        self._owner = database
        uri = application_uri(database)
        with PostgresStore.open(uri, connections=10, clock=lambda: AT) as store:
            self._store = store
            yield
        everything = ", ".join(METADATA.tables)
        with psycopg.connect(database) as connection:
            connection.execute(f"TRUNCATE {everything} CASCADE".encode())

    def store(self) -> Store:
        """The store of this test."""
        return self._store

    def audit(self, practice_id: PracticeId) -> list[AuditEntry]:
        """The practice's entries."""
        with self._store.work(Actor.system(practice_id)) as work:
            whole = Interval(AT - timedelta(days=1), AT + timedelta(days=1))
            return list(work.audit.report(whole, by=AuditOrder.TIME, after=None, limit=1_000))

    @contextmanager
    def broken_audit(self) -> Iterator[None]:
        """The audit takes nothing."""
        self._own("ALTER TABLE audit ADD CONSTRAINT audit_broken CHECK (false) NOT VALID")
        try:
            yield
        finally:
            self._own("ALTER TABLE audit DROP CONSTRAINT audit_broken")

    def waiting(self, practice_id: PracticeId) -> list[str]:
        """The practice's events."""
        query = "SELECT name FROM outbox WHERE practice_id = %s ORDER BY id"
        return [name for (name,) in self._own(query, practice_id)]

    def _own(self, query: str, *given: Any) -> list[tuple[Any, ...]]:
        """Ask as the owner of the tables."""
        with psycopg.connect(self._owner, autocommit=True) as connection:
            found = connection.execute(query.encode(), given or None)
            return found.fetchall() if found.description else []

    def test_a_lost_connection_is_told_and_replaced(self, database: str) -> None:
        """Whoever asks while connections break is told to try again, and can."""
        actor = self.opened()
        with refused(Unavailable), self.work(actor) as work:
            with psycopg.connect(database, autocommit=True) as other:
                other.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            work.patients.get(self.patient_id(actor, "one"))
        with self.work(actor) as work:
            assert work.patients.get(self.patient_id(actor, "one"))
