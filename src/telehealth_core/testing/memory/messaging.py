"""Messages in memory."""

from telehealth_core.messaging.conversation import Message
from telehealth_core.shared.ids import (
    ConversationId,
)
from telehealth_core.testing.memory.collection import MemoryCollection


class Messages(MemoryCollection[Message]):
    """Messages."""

    def of_conversation(self, id: ConversationId, *, limit: int) -> tuple[Message, ...]:
        found = self.where(lambda one: one.conversation_id == id)
        return tuple(sorted(found, key=lambda one: (one.posted_at, one.id))[-limit:])
