"""Messages."""

import sqlalchemy as sa

from telehealth_core.messaging.conversation import ChatGrant, Conversation, Message
from telehealth_postgres.tables.base import table_of

CONVERSATIONS = table_of("conversations", Conversation, patient_id="patients")
MESSAGES = table_of(
    "messages",
    Message,
    sa.Index("messages_conversation", "practice_id", "conversation_id", "posted_at"),
    # not asked of the messages of release 0.1, which kept no conversations
    sa.ForeignKeyConstraint(
        ["practice_id", "conversation_id"],
        ["conversations.practice_id", "conversations.id"],
        name="messages_conversation_id_fkey",
        postgresql_not_valid=True,
    ),
    patient_id="patients",
)
CHAT_GRANTS = table_of(
    "chat_grants",
    ChatGrant,
    sa.Index("chat_grants_patient", "practice_id", "patient_id", "until"),
    sa.Index("chat_grants_user", "practice_id", "user_id", "until"),
    patient_id="patients",
    user_id="accounts",
)
