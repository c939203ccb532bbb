"""What messaging needs from outside."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from telehealth_core.access.ports import Collection
from telehealth_core.messaging.conversation import ChatGrant, Conversation, Message
from telehealth_core.partnership.ports import PartnershipWork
from telehealth_core.shared.ids import (
    ChatGrantId,
    ConversationId,
    EventId,
    MessageId,
    PatientId,
    UserId,
)


class Messages(Collection[MessageId, Message], Protocol):
    """The practice's messages."""

    def of_conversation(self, id: ConversationId, /, *, limit: int) -> tuple[Message, ...]:
        """The newest messages of the conversation, oldest of them first."""


class Conversations(Collection[ConversationId, Conversation], Protocol):
    """The practice's conversations."""


class ChatGrants(Collection[ChatGrantId, ChatGrant], Protocol):
    """Who may listen at present."""

    def live(self, patient_id: PatientId, at: datetime, /) -> tuple[ChatGrant, ...]:
        """The grants to the patient's conversations that last at that instant, by their ids."""

    def live_of(self, user_id: UserId, at: datetime, /) -> tuple[ChatGrant, ...]:
        """The grants of this user that last at that instant, by their ids."""


class MessagingWork(PartnershipWork, Protocol):
    """What messaging reads and saves."""

    @property
    def conversations(self) -> Conversations: ...
    @property
    def chat_grants(self) -> ChatGrants: ...

    @property
    def messages(self) -> Messages: ...


class ChatChannels(Protocol):
    """A real-time fan-out. Our database is the record; the vendor sees opaque ids and pointers only
    (MSG-07).
    """

    def publish(self, channel: str, message: Mapping[str, str], key: EventId, /) -> None:
        """Tell everybody who listens; a repeat with the same key is the same message.

        Raises: Unavailable.
        """

    def grant(self, user: UserId, channels: frozenset[str], until: datetime, /) -> str:
        """A token that lets this user listen to exactly these channels for a while: another one
        each time, so that one that was revoked never comes back.

        Raises: Unavailable.
        """

    def revoke(self, token: str, /) -> None:
        """End what a grant gave. Raises: Unavailable."""
