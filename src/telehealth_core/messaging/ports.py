"""What messaging needs from outside."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from telehealth_core.access.ports import Collection
from telehealth_core.messaging.conversation import Message
from telehealth_core.partnership.ports import PartnershipWork
from telehealth_core.shared.ids import ConversationId, EventId, MessageId, UserId


class Messages(Collection[MessageId, Message], Protocol):
    """The practice's messages."""

    def of_conversation(self, id: ConversationId, /, *, limit: int) -> tuple[Message, ...]:
        """The newest messages of the conversation, oldest of them first."""


class MessagingWork(PartnershipWork, Protocol):
    """What messaging reads and saves."""

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
        """A token that lets this user listen to exactly these channels for a while.

        Raises: Unavailable.
        """

    def revoke(self, token: str, /) -> None:
        """End what a grant gave. Raises: Unavailable."""
