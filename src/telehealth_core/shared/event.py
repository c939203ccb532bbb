"""Events: what happened, in the past tense, with ids and times but never PHI (they travel to queues
and logs).
"""

from datetime import datetime
from uuid import UUID

import attrs

from telehealth_core.shared.ids import EventId, UserId, derived


@attrs.frozen
class Event:
    """Something that happened to one aggregate, by somebody, at an instant.

    `subject` is the aggregate's id and `version` the version that the change gave it; together with
    the event's name they are its identity, so a replayed event is recognised wherever it arrives.
    A kind without facts of its own is a plain subclass: what attrs made for this class is enough.
    """

    subject: UUID
    version: int
    by: UserId
    at: datetime

    @property
    def name(self) -> str:
        """The event's public name, as docs and outbox have it."""
        return type(self).__name__

    @property
    def id(self) -> EventId:
        """The same for every replay of this event."""
        return EventId(derived(self.subject, f"{self.name}/{self.version}"))
