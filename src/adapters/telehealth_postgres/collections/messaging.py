"""Messages on PostgreSQL."""

import sqlalchemy as sa

from telehealth_core.messaging.conversation import Message
from telehealth_core.shared.ids import (
    ConversationId,
)
from telehealth_postgres.collections.collection import PostgresCollection, all_of, given
from telehealth_postgres.statements import Statement
from telehealth_postgres.tables import (
    MESSAGES,
)


class PostgresMessages(PostgresCollection[Message]):
    """The practice's messages."""

    _OF_CONVERSATION = Statement.of(
        all_of(MESSAGES, MESSAGES.c.conversation_id == given("conversation_id", sa.Uuid()))
        .order_by(MESSAGES.c.posted_at.desc(), MESSAGES.c.id.desc())
        .limit(given("limit", sa.Integer()))
    )

    def of_conversation(self, id: ConversationId, *, limit: int) -> tuple[Message, ...]:
        """The newest messages of the conversation, oldest of them first."""
        return self.several(self._OF_CONVERSATION, conversation_id=id, limit=limit)[::-1]
