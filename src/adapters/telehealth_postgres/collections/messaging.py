"""Messages, and who listens, on PostgreSQL."""

from datetime import datetime

import sqlalchemy as sa

from telehealth_core.messaging.conversation import ChatGrant, Message
from telehealth_core.shared.ids import (
    ConversationId,
    PatientId,
    UserId,
)
from telehealth_postgres.collections.collection import PostgresCollection, all_of, given
from telehealth_postgres.statements import Statement
from telehealth_postgres.tables import (
    CHAT_GRANTS,
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


class PostgresChatGrants(PostgresCollection[ChatGrant]):
    """Who may listen at present."""

    _LIVE = Statement.of(
        all_of(
            CHAT_GRANTS,
            CHAT_GRANTS.c.patient_id == given("patient_id", sa.Uuid()),
            CHAT_GRANTS.c.until > given("at", sa.DateTime(timezone=True)),
        ).order_by(CHAT_GRANTS.c.id)
    )
    _LIVE_OF = Statement.of(
        all_of(
            CHAT_GRANTS,
            CHAT_GRANTS.c.user_id == given("user_id", sa.Uuid()),
            CHAT_GRANTS.c.until > given("at", sa.DateTime(timezone=True)),
        ).order_by(CHAT_GRANTS.c.id)
    )

    def live(self, patient_id: PatientId, at: datetime) -> tuple[ChatGrant, ...]:
        """The grants to the patient's conversations that last at that instant."""
        return self.several(self._LIVE, patient_id=patient_id, at=at)

    def live_of(self, user_id: UserId, at: datetime) -> tuple[ChatGrant, ...]:
        """The grants of this user that last at that instant."""
        return self.several(self._LIVE_OF, user_id=user_id, at=at)
