"""The guard: a session's free time is the session minus what occupies it, whatever is asked of it,
and refuses a taken time on its own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import attrs
import psycopg
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from telehealth_cli.main import main
from telehealth_core.access.actor import Actor
from telehealth_core.access.audit import AuditEntry
from telehealth_core.access.ports import Keys
from telehealth_core.scheduling.appointment import Appointment, TimeTaken
from telehealth_core.scheduling.life import AppointmentStatus
from telehealth_core.scheduling.search import Place, Wishes
from telehealth_core.scheduling.session import Session
from telehealth_core.shared import Interval, StaleVersion
from telehealth_core.shared.ids import AppointmentId, PracticeId, SessionId
from telehealth_core.testing.contracts import AT, refused
from telehealth_core.testing.contracts.beginning import StoreBeginning
from telehealth_postgres.guard import wrong_sessions
from telehealth_postgres.store import PostgresStore
from telehealth_postgres.tables import METADATA
from telehealth_postgres.wall import application_uri

NO_CONSTRAINTS = """
    ALTER TABLE appointments DROP CONSTRAINT appointments_provider_once,
                             DROP CONSTRAINT appointments_patient_once
"""
STARTS = st.integers(0, 33).map(lambda number: AT + timedelta(minutes=15 * number - 15))


class Clinic(StoreBeginning):
    """A practice of which a provider has a session; see `StoreBeginning`."""

    def __init__(self, store: PostgresStore) -> None:
        self._store = store

    def store(self) -> PostgresStore:
        """The store of the test."""
        return self._store

    def audit(self, practice_id: PracticeId) -> list[AuditEntry]:
        """Not looked at here."""
        raise NotImplementedError


@contextmanager
def clinic_on(uri: str, keys: Keys) -> Iterator[Clinic]:
    """An empty clinic; nothing is left of it."""
    with PostgresStore.open(application_uri(uri), keys, connections=4, clock=lambda: AT) as store:
        yield Clinic(store)
    with psycopg.connect(uri) as connection:
        connection.execute(f"TRUNCATE {', '.join(METADATA.tables)} CASCADE".encode())


@pytest.fixture
def clinic(database: str, keys: Keys) -> Iterator[Clinic]:
    """An empty clinic."""
    with clinic_on(database, keys) as one:
        yield one


def wrong(uri: str) -> list[UUID]:
    """The sessions whose free time is wrong."""
    return [one.session_id for one in wrong_sessions(uri)]


def next_of(one: Appointment, **changes: Any) -> Appointment:
    """The next version."""
    return attrs.evolve(one, version=one.version + 1, **changes)


def machine_on(  # noqa: C901 - one class, a rule each
    uri: str, keys: Keys
) -> type[RuleBasedStateMachine]:
    """Random saves of claims on two sessions of one provider that overlap."""

    class Saves(RuleBasedStateMachine):
        claims: Bundle[Appointment] = Bundle("claims")

        def __init__(self) -> None:
            super().__init__()
            self.context = clinic_on(uri, keys)
            self.clinic = self.context.__enter__()
            self.number = 0

        @initialize()
        def opened(self) -> None:
            """Two sessions, the second one from the last hour of the first one on."""
            self.actor: Actor = self.clinic.opened()
            first = self.clinic.session(self.actor)
            self.second = attrs.evolve(
                first,
                id=SessionId(UUID(int=2)),
                during=Interval.lasting(first.during.end - timedelta(hours=1), 120),
            )
            with self.clinic.work(self.actor) as work:
                work.sessions.save(self.second, self.second.added(by=self.actor.id, at=AT))
            self.sessions = {"first": first, "second": self.second}

        @rule(
            target=claims,
            start=STARTS,
            buffer=st.sampled_from([0, 5, 30]),
            who=st.sampled_from(["one", "two"]),
            which=st.sampled_from(["first", "second"]),
        )
        def claim(self, start: Any, buffer: int, who: str, which: str) -> Any:
            """Claim a time, on the session or beside it."""
            self.number += 1
            wanted = self.at(start, buffer, which, str(self.number), who)
            return wanted if self.saved(None, wanted) else multiple()

        @rule(
            target=claims,
            claim=claims,
            start=STARTS,
            buffer=st.sampled_from([0, 5]),
            which=st.sampled_from(["first", "second"]),
        )
        def move(self, claim: Appointment, start: Any, buffer: int, which: str) -> Any:
            """Move a claim, perhaps to the other session, perhaps a little only."""
            place = self.at(start, buffer, which, "", "one")
            moved = next_of(
                claim,
                session_id=place.session_id,
                during=place.during,
                occupies=place.occupies,
            )
            return moved if self.saved(claim, moved) else multiple()

        @rule(target=claims, claim=claims, status=st.sampled_from(AppointmentStatus))
        def change(self, claim: Appointment, status: AppointmentStatus) -> Any:
            """Let it go, or keep it in another state."""
            changed = next_of(claim, status=status)
            return changed if self.saved(claim, changed) else multiple()

        @invariant()
        def free_is_what_is_left(self) -> None:
            """The session minus what occupies it."""
            assert wrong(uri) == []

        def at(self, start: Any, buffer: int, which: str, name: str, who: str) -> Appointment:
            visit = Interval.lasting(start, 15)
            return attrs.evolve(
                self.clinic.appointment(self.actor, name, who=who),
                session_id=self.sessions[which].id,
                during=visit,
                occupies=Interval.lasting(start, 15 + buffer),
            )

        def saved(self, former: Appointment | None, new: Appointment) -> bool:
            """Save, having read the former version or not: that is all the same."""
            try:
                with self.clinic.work(self.actor) as work:
                    if former is not None and new.version % 2:
                        work.appointments.get(former.id)
                    work.appointments.save(new)
            except (TimeTaken, StaleVersion):
                return False
            return True

        def teardown(self) -> None:
            self.context.__exit__(None, None, None)

    return Saves


def test_free_time_is_the_session_minus_what_occupies_it(database: str, keys: Keys) -> None:
    """After any saves of claims, moves, buffers and states, on sessions that overlap (N01)."""
    run_state_machine_as_test(
        machine_on(database, keys), settings=settings(max_examples=12, stateful_step_count=20)
    )


def test_what_is_wrong_is_found(clinic: Clinic, database: str) -> None:
    """The check names a session whose row says something else than its claims."""
    actor = clinic.opened()
    clinic.hold(actor, clinic.appointment(actor, "one"))
    session = clinic.session(actor).id
    for damage in ("free = tstzmultirange(during)", "room = NOT room"):
        assert wrong(database) == []
        with psycopg.connect(database) as connection:
            row = connection.execute("SELECT free, room FROM sessions").fetchone()
            connection.execute(f"UPDATE sessions SET {damage}".encode())
        assert wrong(database) == [session]
        with psycopg.connect(database) as connection:
            connection.execute("UPDATE sessions SET free = %s, room = %s", row)


def test_the_guard_refuses_on_its_own(fresh_database: Any, keys: Keys) -> None:
    """A taken time of a session is refused even where no constraint objects, to claims and to
    moves, and nothing changes.
    """
    with fresh_database() as uri, clinic_on(uri, keys) as clinic:
        with psycopg.connect(uri) as connection:
            connection.execute(NO_CONSTRAINTS.encode())
        actor = clinic.opened()
        first = clinic.appointment(actor, "first")
        second = clinic.appointment(actor, "second", minute=15, who="two")
        clinic.hold(actor, first)
        clinic.hold(actor, second)
        over = attrs.evolve(
            clinic.appointment(actor, "third", who="two"),
            during=Interval.lasting(AT + timedelta(minutes=5), 15),
            occupies=Interval.lasting(AT + timedelta(minutes=5), 15),
        )
        moved = next_of(second, during=over.during, occupies=over.occupies)
        for wanted in (over, moved):
            with refused(TimeTaken), clinic.work(actor) as work:
                work.appointments.save(wanted)
        with clinic.work(actor) as work:
            assert work.appointments.find(over.id) is None
            assert work.appointments.get(second.id) == second
        assert wrong(uri) == []


def test_a_move_never_blocks_itself(clinic: Clinic, database: str) -> None:
    """A visit moves by less than its own length (F26)."""
    actor = clinic.opened()
    claim = clinic.appointment(actor, "one")
    clinic.hold(actor, claim)
    later = Interval.lasting(AT + timedelta(minutes=5), 15)
    moved = next_of(claim, during=later, occupies=later)
    with clinic.work(actor) as work:
        work.appointments.save(moved)
    with clinic.work(actor) as work:
        assert work.appointments.get(claim.id) == moved
    assert wrong(database) == []


def test_a_version_known_no_more_is_told_from_a_taken_time(clinic: Clinic) -> None:
    """Who changes a version that is not the last one is told so, not that the time is taken."""
    actor = clinic.opened()
    claim = clinic.appointment(actor, "one")
    clinic.hold(actor, claim)
    ended = next_of(claim, status=AppointmentStatus.CANCELLED)
    with clinic.work(actor) as work:
        work.appointments.save(ended)
    with refused(StaleVersion), clinic.work(actor) as work:
        work.appointments.save(ended)


def test_a_session_full_of_lapsed_holds_is_found(clinic: Clinic) -> None:
    """What a lapsed hold takes is free, though nobody gave the hold up yet and the row says that
    there is no room (N02).
    """
    actor = clinic.opened()
    session = clinic.session(actor)
    provider, joined = clinic.provider(actor).activate(by=actor.id, at=AT)
    with clinic.work(actor) as work:
        work.providers.save(provider, joined)
    for number in range(32):
        clinic.hold(actor, clinic.appointment(actor, str(number), minute=15 * number))
    wishes = Wishes(period=clinic.day())

    def found(at: Any) -> list[tuple[Session, int]]:
        with clinic.work(actor) as work:
            shifts = work.sessions.shifts(wishes, Place.before(AT), at=at, limit=10)
            return [(shift.session, len(shift.busy)) for shift in shifts]

    assert found(AT) == []
    assert found(AT + timedelta(minutes=10)) == [(session, 0)]


def test_sessions_of_one_provider_keep_each_other_free(clinic: Clinic) -> None:
    """A time that another session of the provider has taken is refused by the constraint behind."""
    actor = clinic.opened()
    other = attrs.evolve(clinic.session(actor), id=SessionId(UUID(int=9)))
    with clinic.work(actor) as work:
        work.sessions.save(other)
    clinic.hold(actor, clinic.appointment(actor, "one"))
    beside = attrs.evolve(
        clinic.appointment(actor, "two", who="two"),
        id=AppointmentId(UUID(int=3)),
        session_id=other.id,
    )
    with refused(TimeTaken), clinic.work(actor) as work:
        work.appointments.save(beside)


def test_the_command_ends_with_a_failure_if_something_is_wrong(
    clinic: Clinic,
    database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """As an operator runs it: 0 while all is right, and else 1 with the session's name."""
    actor = clinic.opened()
    monkeypatch.setenv("TELEHEALTH_HOME", str(tmp_path))
    monkeypatch.setenv("TELEHEALTH_DATABASE_URL", application_uri(database))
    monkeypatch.setenv("TELEHEALTH_OWNER_URL", database)
    assert _said(["check"], capsys) == (0, "every session's free time is right")
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE sessions SET free = '{}'")
    session = clinic.session(actor).id
    status, said = _said(["check"], capsys)
    assert (status, str(session) in said) == (1, True)


def _said(words: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        main(words)
    return int(ended.value.code or 0), capsys.readouterr().out.strip()
