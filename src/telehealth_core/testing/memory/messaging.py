"""Messages, and who listens, in memory."""

from collections.abc import Callable
from datetime import datetime

from telehealth_core.messaging.conversation import ChatGrant, Message
from telehealth_core.shared.ids import (
    ConversationId,
    PatientId,
    UserId,
)
from telehealth_core.testing.memory.collection import MemoryCollection


class Messages(MemoryCollection[Message]):
    """Messages."""

    def of_conversation(self, id: ConversationId, *, limit: int) -> tuple[Message, ...]:
        found = self.where(lambda one: one.conversation_id == id)
        return tuple(sorted(found, key=lambda one: (one.posted_at, one.id))[-limit:])


class ChatGrants(MemoryCollection[ChatGrant]):
    """Who may listen at present."""

    def live(self, patient_id: PatientId, at: datetime) -> tuple[ChatGrant, ...]:
        return self._by_id(lambda one: one.patient_id == patient_id and one.until > at)

    def live_of(self, user_id: UserId, at: datetime) -> tuple[ChatGrant, ...]:
        return self._by_id(lambda one: one.user_id == user_id and one.until > at)

    def _by_id(self, holds: Callable[[ChatGrant], bool]) -> tuple[ChatGrant, ...]:
        return tuple(sorted(self.where(holds), key=lambda one: one.id))
