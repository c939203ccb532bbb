"""A search waits for the database once, and never answers by settings of yesterday."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import uuid5

import attrs
import psycopg
import pytest

from round_trips import round_trips
from telehealth_core.access.actor import Actor, Role
from telehealth_core.access.audit import AuditEntry
from telehealth_core.access.ports import Keys
from telehealth_core.scheduling.search import Wishes
from telehealth_core.shared import Interval
from telehealth_core.shared.ids import PracticeId, SessionId, UserId
from telehealth_core.telehealth import Telehealth
from telehealth_core.testing.contracts import AT
from telehealth_core.testing.contracts.beginning import StoreBeginning
from telehealth_core.testing.doubles import memory_ports
from telehealth_postgres.store import PostgresStore
from telehealth_postgres.tables import METADATA
from telehealth_postgres.wall import application_uri

DAYS = 30


class Clinic(StoreBeginning):
    """A practice whose provider is there each day of a month, as one process serves it."""

    def __init__(self, store: PostgresStore) -> None:
        self._store = store
        ports = memory_ports(
            work=store.work, clock=lambda: AT - timedelta(days=1), signed_in=store, directory=store
        )
        self.search = Telehealth(ports).search

    def store(self) -> PostgresStore:
        """The store of this process."""
        return self._store

    def audit(self, practice_id: PracticeId) -> list[AuditEntry]:
        """Not looked at here."""
        raise NotImplementedError

    def with_a_month(self) -> Actor:
        """Open it; tells a patient of it."""
        system = self.opened()
        provider, joined = self.provider(system).activate(by=system.id, at=AT)
        first = self.session(system)
        with self.work(system) as work:
            work.providers.save(provider, joined)
            for day in range(1, DAYS):
                start = first.during.start + timedelta(days=day)
                during = Interval.lasting(start, first.during.minutes)
                id = SessionId(uuid5(first.id, str(day)))
                work.sessions.save(attrs.evolve(first, id=id, during=during))
        patient = self.patient_id(system, "one")
        return Actor(
            UserId(uuid5(patient, "account")),
            system.practice_id,
            frozenset({Role.PATIENT}),
            patient,
        )

    def month(self, patient: Actor) -> int:
        """How many days of the month the provider has something open."""
        providers = frozenset({self.provider(patient).id})
        wishes = Wishes(period=_from(AT, DAYS), providers=providers, location="GB")
        return len(self.search.open_days(patient, wishes, "Europe/London"))

    def first(self, patient: Actor) -> datetime | None:
        """When anybody has something open at the earliest."""
        found = self.search.find_times(patient, Wishes(period=_from(AT, DAYS)), limit=10)
        return found.offers[0].visit.start if found.offers else None


def _from(start: datetime, days: int) -> Interval:
    return Interval(start, start + timedelta(days=days))


@contextmanager
def served(uri: str, keys: Keys) -> Iterator[Clinic]:
    """The clinic as a process with one connection serves it."""
    with PostgresStore.open(application_uri(uri), keys, connections=1) as store:
        yield Clinic(store)


@pytest.fixture
def clinic(database: str, keys: Keys) -> Iterator[Clinic]:
    """Yield an empty clinic; nothing is left of it."""
    with served(database, keys) as one:
        yield one
    with psycopg.connect(database) as connection:
        connection.execute(f"TRUNCATE {', '.join(METADATA.tables)} CASCADE".encode())


def trips(clinic: Clinic, patient: Actor) -> tuple[int, int]:
    """How many round trips a month of one provider takes, and the first times of all."""
    with clinic.store().connection() as connection:
        only = connection
    return (
        round_trips(only, lambda: clinic.month(patient)),
        round_trips(only, lambda: clinic.first(patient)),
    )


def test_a_month_of_one_provider_takes_one_round_trip(clinic: Clinic) -> None:
    """So do the first times of all: once a process has read practice and provider, it asks whether
    they are the same still in the very question what is open.
    """
    patient = clinic.with_a_month()
    assert trips(clinic, patient) == (4, 1)
    assert trips(clinic, patient) == (1, 1)
    assert clinic.month(patient) == DAYS


def test_round_trips_are_counted(clinic: Clinic) -> None:
    """A work that asks twice waits for two answers and for its end."""
    system = clinic.opened()

    def twice() -> None:
        with clinic.work(system) as work:
            assert work.sessions.find(clinic.session(system).id)
            assert work.patients.find(clinic.patient_id(system, "one"))

    twice()
    with clinic.store().connection() as connection:
        only = connection
    assert round_trips(only, twice) == 3
    assert round_trips(only, lambda: None) == 0


def test_settings_changed_by_another_process_hold_for_the_next_search(
    clinic: Clinic, database: str, keys: Keys
) -> None:
    """What a process remembers of a practice is asked with, and the answer thrown away if the
    practice runs by other rules by now.
    """
    patient = clinic.with_a_month()
    assert clinic.first(patient) == AT
    system = Actor.system(patient.practice_id)
    with served(database, keys) as other, other.work(system) as work:
        practice = work.practices.get(patient.practice_id)
        settings = attrs.evolve(
            practice.settings, version=practice.settings.version + 1, lead_minutes=3 * 24 * 60
        )
        work.practices.save(*practice.change_settings(settings, by=system.id, at=AT))
    assert clinic.first(patient) == AT + timedelta(days=2)
    assert clinic.month(patient) == DAYS - 2
    assert trips(clinic, patient) == (1, 1)
