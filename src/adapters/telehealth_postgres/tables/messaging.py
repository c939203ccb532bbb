"""Messages."""

import sqlalchemy as sa

from telehealth_core.messaging.conversation import ChatGrant, Conversation, Message
from telehealth_postgres.tables.base import table_of

MESSAGES = table_of(
    "messages",
    Message,
    sa.Index("messages_conversation", "practice_id", "conversation_id", "posted_at"),
    patient_id="patients",
)
CONVERSATIONS = table_of("conversations", Conversation, patient_id="patients")
CHAT_GRANTS = table_of(
    "chat_grants",
    ChatGrant,
    sa.Index("chat_grants_patient", "practice_id", "patient_id", "until"),
    sa.Index("chat_grants_user", "practice_id", "user_id", "until"),
    patient_id="patients",
    user_id="accounts",
)
