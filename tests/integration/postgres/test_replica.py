"""Searches on a replica: never later than the bound, never a write, and all there is if need be."""

from collections.abc import Iterator

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.access.actor import Actor
from telehealth_core.access.ports import Keys
from telehealth_core.shared import Unavailable
from telehealth_core.shared.ids import PatientId, SignInId
from telehealth_core.testing.contracts import AT, practice
from telehealth_postgres.replica import Freshness, Replicated
from telehealth_postgres.store import PostgresStore
from telehealth_postgres.wall import application_uri

MOST = 4.0


@given(
    st.lists(
        st.tuples(st.floats(0, 3), st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=30
    )
)
def test_a_replica_is_never_read_later_than_the_bound(
    story: list[tuple[float, int, int]],
) -> None:
    """Whatever the two say of where they are, the replica is good only if it holds everything that
    the primary held at some instant within the bound.
    """
    freshness, at, place, came = Freshness(MOST), 0.0, 0, 0
    log: list[tuple[float, int]] = []
    for seconds, written, replayed in story:
        at, place = at + seconds, place + written
        log.append((at, place))
        came = max(came, min(place, replayed * 5))
        freshness.primary_is(place, at)
        freshness.replica_is(came)
        held = [when for when, then in log if then <= came]
        assert not freshness.good(at) or (held and at - max(held) <= MOST)


def test_a_replica_that_keeps_up_is_read() -> None:
    """One that has come as far as the primary had is good until the bound is over."""
    freshness = Freshness(MOST)
    assert not _known(freshness, 0)
    freshness.primary_is(100, 10)
    assert not freshness.good(10)
    freshness.replica_is(99)
    assert not freshness.good(10)
    freshness.replica_is(100)
    assert freshness.good(10)
    freshness.primary_is(200, 13)
    assert freshness.good(14)
    assert not freshness.good(14.1)
    freshness.replica_failed()
    freshness.primary_is(200, 14)
    assert not freshness.good(14)


def _known(freshness: Freshness, at: float) -> bool:
    return freshness.primary_answers(at)


def test_while_the_primary_is_away_the_replica_is_what_there_is() -> None:
    """However late it may be."""
    freshness = Freshness(MOST)
    freshness.primary_is(100, 10)
    assert not freshness.good(10)
    freshness.primary_failed()
    assert freshness.good(11)
    freshness.primary_is(100, 12)
    assert not freshness.good(12)


@pytest.fixture
def both(database: str, keys: Keys) -> Iterator[tuple[PostgresStore, Replicated]]:
    """Yield a store with a practice, and the same with a replica that cannot be written to."""
    uri = application_uri(database)
    read_only = f"{uri}&options=-c%20default_transaction_read_only%3Don"
    with (
        PostgresStore.open(uri, keys, connections=2, clock=lambda: AT) as primary,
        PostgresStore.open(read_only, keys, connections=2, prepare=False) as replica,
        Replicated.following(primary, replica, lag_seconds=60) as replicated,
    ):
        yield primary, replicated


def test_a_search_that_would_write_is_stopped(
    both: tuple[PostgresStore, Replicated],
) -> None:
    """What is saved by mistake is not lost in silence."""
    primary, replicated = both
    here = practice("searching")
    with pytest.raises(Unavailable), replicated.searching(Actor.system(here.id)) as work:
        work.practices.save(here)
    assert primary.by_slug(here.slug) is None


def test_a_refusal_of_a_search_is_noted_on_the_primary(
    both: tuple[PostgresStore, Replicated], database: str
) -> None:
    """The replica takes no audit entry, and none is missing (AUD-01)."""
    primary, replicated = both
    here = practice("refusing")
    actor = Actor.system(here.id)
    with primary.work(actor) as work:
        work.practices.save(here)
    count = "SELECT count(*) FROM audit WHERE outcome <> 'done'"
    with psycopg.connect(database, autocommit=True) as connection:
        before = connection.execute(count).fetchall()
        with pytest.raises(Exception, match="no such"), replicated.searching(actor) as work:
            work.patients.get(PatientId(here.id))
        assert connection.execute(count).fetchall() == [(before[0][0] + 1,)]


def test_nobody_is_signed_in_without_a_sign_in(both: tuple[PostgresStore, Replicated]) -> None:
    """Neither store knows it."""
    _, replicated = both
    assert replicated.actor(SignInId(practice("nobody").id), AT) is None
