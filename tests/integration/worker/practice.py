"""A practice on a real outbox and queue, for the tests beside this file."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import attrs
import psycopg

from telehealth_core import Telehealth
from telehealth_core.access import Actor
from telehealth_core.billing.life import ChargeReleased
from telehealth_core.messaging import Channel, Message
from telehealth_core.messaging.conversation import Conversation, MessagePosted
from telehealth_core.reactions import Reaction
from telehealth_core.shared import Event, Unavailable
from telehealth_core.shared.ids import EventId, MessageId, UserId
from telehealth_core.testing import memory_ports
from telehealth_core.testing.contracts import AT, Store, StoreContract, named
from telehealth_core.testing.doubles import FixedClock, MemoryChannels
from telehealth_postgres.columns import CONVERTER
from telehealth_postgres.events import event_record
from telehealth_postgres.outbox import PostgresOutbox
from telehealth_postgres.store import PostgresStore
from telehealth_worker import Pace, Reacting, Ringing, Worker

SWIFT = Pace(pause_seconds=0.01)


@attrs.define
class LameChannels(MemoryChannels):
    """Cannot be reached for the first so many times."""

    fails: int = 0

    def publish(self, channel: str, message: Mapping[str, str], key: EventId) -> None:
        """Fail, or remember."""
        if self.fails:
            self.fails -= 1
            raise Unavailable("chat")
        MemoryChannels.publish(self, channel, message, key)


class Practice(StoreContract):
    """The practice of the store contract, with messages to post."""

    def __init__(self, database: str, store: PostgresStore) -> None:
        self._store, self.database = store, database
        self.channels = LameChannels()
        self.outbox = PostgresOutbox(store)
        self.clock = FixedClock(AT)
        self.ports = memory_ports(
            work=store.work, directory=store, channels=self.channels, clock=self.clock
        )
        self.worker = self.working(Telehealth(self.ports))
        self.actor = self.opened()
        with self.work(self.actor) as work:
            patient = self.patient_id(self.actor, "one")
            work.conversations.save(
                Conversation.begin(self.actor.practice_id, patient, Channel.CARE)
            )
        while self.outbox.waiting()[0]:
            self.time_passes()
            self.worker.drain()

    def store(self) -> Store:
        """The store under test."""
        return self._store

    def working(self, clinic: Telehealth) -> Worker:
        """A worker for this clinic."""
        reacting = Reacting(self.outbox, clinic)
        return Worker(self.outbox, reacting, Ringing(clinic), self.database, SWIFT)

    def post(self, name: str) -> Message:
        """Have one message posted, whose fan-out is waiting."""
        message, event = Message.post(
            MessageId(named(name)),
            self.actor.practice_id,
            self.patient_id(self.actor, "one"),
            Channel.CARE,
            "Hello.",
            by=self.actor.id,
            at=AT,
        )
        with self.work(self.actor) as work:
            work.messages.save(message, event)
        return message

    def happened(self, subject: str, version: int, event: type[Event] = ChargeReleased) -> None:
        """Have the outbox hold an event of this subject."""
        facts = {"conversation": named("a")} if event is MessagePosted else {}
        one = event(named(subject), version, UserId(self.actor.id), AT, **facts)
        record = {**event_record(one), "practice_id": self.actor.practice_id}
        record["body"] = json.dumps(CONVERTER.unstructure(record["body"]))
        with psycopg.connect(self.database, autocommit=True) as connection:
            connection.execute(
                "INSERT INTO outbox (practice_id, event_id, name, subject, body)"
                " VALUES (%(practice_id)s, %(event_id)s, %(name)s, %(subject)s, %(body)s)",
                record,
            )

    def time_passes(self) -> None:
        """Make every job that waits due."""
        self.sql("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'")

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        """What the database says."""
        with psycopg.connect(self.database, autocommit=True) as connection:
            found = connection.execute(query.encode())
            return found.fetchall() if found.description else []


class Recording(Telehealth):
    """Reacts to nothing, remembers what it was asked, and fails where it is told to."""

    def __init__(self, practice: Practice, **problems: Exception) -> None:
        super().__init__(practice.ports)
        self.asked: list[tuple[str, UUID, int]] = []
        self.problems: dict[Any, Exception] = dict(problems)

    def react(self, reaction: Reaction, event: Event, actor: Actor) -> None:
        """Remember, and fail for a subject or a reaction that has a problem."""
        del actor
        self.asked.append((reaction.name, event.subject, event.version))
        for key in (event.subject, reaction.name):
            if key in self.problems:
                raise self.problems[key]
