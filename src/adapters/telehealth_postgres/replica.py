"""Searches on a streaming replica, a little behind the primary and never more than a bound
(decision 0018).

How far behind is asked of both: where the primary was at an instant, and whether the replica has
come that far. That needs no clock in common and no privilege, goes through a pooler, and also finds
a replica that was cut off. While the primary does not answer, the replica is what there is.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from math import inf
from threading import Event, Thread
from time import monotonic

import attrs
import psycopg

from telehealth_core.access.actor import Actor
from telehealth_core.access.audit import undertaking
from telehealth_core.shared import Refusal, Unavailable
from telehealth_core.shared.ids import SignInId
from telehealth_postgres.store import PostgresStore
from telehealth_postgres.work import PostgresWork

LOG = logging.getLogger("telehealth.postgres")
ASKED_WITHIN_BOUND = 4
"""So often within the bound both are asked where they are."""
_PLACE = (
    b"SELECT (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()"
    b" ELSE pg_current_wal_lsn() END - '0/0')::bigint, pg_is_in_recovery()"
)
"""A server's place in the log, and whether it follows another; a promoted replica leads."""


@attrs.define
class Freshness:
    """What is known of how far behind the replica is; instants are in seconds of one clock."""

    most: float
    _as_of: float = attrs.field(default=-inf, init=False)
    _answered: float = attrs.field(default=-inf, init=False)
    _asked: tuple[int, float] | None = attrs.field(default=None, init=False)

    def primary_is(self, place: int, at: float) -> None:
        """The primary had come so far at that instant."""
        self._answered = at
        if self._asked is None:
            self._asked = place, at

    def replica_is(self, place: int) -> None:
        """The replica has come so far, and so knows what the primary knew then."""
        if self._asked is not None and place >= self._asked[0]:
            self._as_of, self._asked = self._asked[1], None

    def primary_failed(self) -> None:
        """The primary did not answer."""
        self._answered = -inf

    def replica_failed(self) -> None:
        """The replica did not answer."""
        self._as_of = -inf

    def primary_answers(self, at: float) -> bool:
        """Whether the primary answered within the bound."""
        return at - self._answered <= self.most

    def good(self, at: float) -> bool:
        """Whether the replica may be read: it is fresh enough, or all there is."""
        return at - self._as_of <= self.most or not self.primary_answers(at)


class Replicated:
    """A store and its replica."""

    def __init__(self, primary: PostgresStore, replica: PostgresStore, most: float) -> None:
        self._primary, self._replica, self._freshness = primary, replica, Freshness(most)

    @classmethod
    @contextmanager
    def following(
        cls, primary: PostgresStore, replica: PostgresStore, *, lag_seconds: float
    ) -> Iterator["Replicated"]:
        """Both, while a thread watches how far behind the replica is."""
        both, stop = cls(primary, replica, lag_seconds), Event()
        both.compare()
        watch = Thread(target=both._watch, args=(stop,), name="replica", daemon=True)
        watch.start()
        try:
            yield both
        finally:
            stop.set()
            watch.join()

    def compare(self) -> None:
        """Ask both where they are."""
        at = monotonic()
        try:
            place, follows = _place(self._primary)
        except Unavailable:
            self._freshness.primary_failed()
        else:
            # one that follows cannot be written to: it is not the primary yet
            if follows:
                self._freshness.primary_failed()
            else:
                self._freshness.primary_is(place, at)
        try:
            self._freshness.replica_is(_place(self._replica)[0])
        except Unavailable:
            self._freshness.replica_failed()

    @contextmanager
    def searching(self, actor: Actor) -> Iterator[PostgresWork]:
        """A unit of work for what may be read a little late. It refuses to write; a refusal is
        noted on the primary (AUD-01).

        Raises: Unavailable when neither can be read.
        """
        if not self._freshness.good(monotonic()):
            with self._primary.work(actor) as work:
                yield work
            return
        with self._replica.connection() as connection, undertaking(actor) as begun:
            work = self._replica.on(connection, begun)
            try:
                yield work
                work.commit()
            except Refusal as refusal:
                with self._primary.connection() as noting:
                    self._primary.on(noting, begun).refused(refusal)
                raise
            finally:
                work.leave()

    def actor(self, sign_in: SignInId, at: datetime) -> Actor | None:
        """Whose live session this is; asked of the replica while the primary does not answer.

        Raises: Unavailable when neither can be read.
        """
        if self._freshness.primary_answers(monotonic()):
            try:
                return self._primary.actor(sign_in, at)
            except Unavailable:
                self._freshness.primary_failed()
        return self._replica.actor(sign_in, at)

    def _watch(self, stop: Event) -> None:
        while not stop.wait(self._freshness.most / ASKED_WITHIN_BOUND):
            try:
                self.compare()
            except psycopg.Error as problem:
                LOG.warning("the replica cannot be compared: %s", type(problem).__name__)


def _place(store: PostgresStore) -> tuple[int, bool]:
    with store.connection() as connection:
        row = connection.execute(_PLACE).fetchone()
    assert row is not None, "there is always a place"
    place, follows = row
    return place or 0, follows
