"""Conversations: who may share a channel with whom, derived from relations and never from a list
somebody edits (F54).
"""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Self

import attrs

from telehealth_core.access.policy import Action
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import (
    ChatGrantId,
    ConversationId,
    MessageId,
    PatientId,
    PracticeId,
    UserId,
    derived,
)
from telehealth_core.shared.lifecycle import Lifecycle
from telehealth_core.shared.phi import phi
from telehealth_core.shared.refusal import Refusal
from telehealth_core.shared.text import prose


class Channel(StrEnum):
    """The two conversations a patient can have; nobody is ever in a third (F54, MSG-06)."""

    CARE = "care"
    """Patient, liaison and the providers who treat the patient."""
    PARTNER = "partner"
    """Patient, liaison and the partner that referred the patient."""


WRITE = {Channel.CARE: Action.WRITE_CARE_MESSAGE, Channel.PARTNER: Action.WRITE_PARTNER_MESSAGE}
READ = {Channel.CARE: Action.READ_CARE_MESSAGES, Channel.PARTNER: Action.READ_PARTNER_MESSAGES}


def conversation_of(patient_id: PatientId, channel: Channel) -> ConversationId:
    """A patient has one conversation of each channel; its id follows from the patient's and is
    opaque (MSG-07).
    """
    return ConversationId(derived(patient_id, f"conversation/{channel}"))


@attrs.frozen
class MessagePosted(Event):
    """Somebody wrote; whoever listens to the conversation may fetch it."""

    conversation: ConversationId


class ConversationStatus(StrEnum):
    """Whether anybody can write."""

    OPEN = "open"
    CLOSED = "closed"


LIFECYCLE: Lifecycle[ConversationStatus] = Lifecycle(
    "Conversation",
    ConversationStatus.OPEN,
    {
        "close": (frozenset({ConversationStatus.OPEN}), ConversationStatus.CLOSED),
        "reopen": (frozenset({ConversationStatus.CLOSED}), ConversationStatus.OPEN),
    },
)


@attrs.frozen
class ConversationOpened(Event):
    """Two sides can write to each other."""


@attrs.frozen
class ConversationClosed(Event):
    """Nobody can write any more; what was written stays readable for its members."""


@attrs.frozen
class ConversationReopened(Event):
    """It can be written to again."""


@attrs.frozen
class ConversationIsClosed(Refusal):
    """Nobody writes in a closed conversation."""

    code: ClassVar[str] = "conversation-closed"
    says: ClassVar[str] = "This conversation is closed; ask the practice."


@attrs.frozen(kw_only=True)
class Conversation:
    """One of a patient's conversations. It has no list of members: who is in it follows from
    relations, at every reading and writing (F54).
    """

    id: ConversationId
    practice_id: PracticeId
    version: int = 1
    status: ConversationStatus = LIFECYCLE.initial
    patient_id: PatientId
    channel: Channel
    reason: str | None = phi(default=None, validator=attrs.validators.optional(prose(500)))

    @classmethod
    def begin(cls, practice_id: PracticeId, patient_id: PatientId, channel: Channel) -> Self:
        """The patient's conversation of this channel, before anybody wrote in it."""
        return cls(
            id=conversation_of(patient_id, channel),
            practice_id=practice_id,
            patient_id=patient_id,
            channel=channel,
        )

    def opened(self, *, by: UserId, at: datetime) -> ConversationOpened:
        """The event that a new conversation begins with."""
        return ConversationOpened(self.id, self.version, by, at)

    def require_open(self) -> None:
        """Refuse to write in a closed one.

        Raises: ConversationIsClosed.
        """
        if self.status is ConversationStatus.CLOSED:
            raise ConversationIsClosed

    def close(self, reason: str, *, by: UserId, at: datetime) -> tuple[Self, ConversationClosed]:
        """Let nobody write any more, with the reason.

        Raises: IllegalTransition; Invalid.
        """
        closed = self._moved("close", reason)
        return closed, ConversationClosed(self.id, closed.version, by, at)

    def reopen(self, reason: str, *, by: UserId, at: datetime) -> tuple[Self, ConversationReopened]:
        """Let its members write again, with the reason.

        Raises: IllegalTransition; Invalid.
        """
        opened = self._moved("reopen", reason)
        return opened, ConversationReopened(self.id, opened.version, by, at)

    def _moved(self, verb: str, reason: str) -> Self:
        status = LIFECYCLE.after(verb, self.status)
        return attrs.evolve(self, version=self.version + 1, status=status, reason=reason)


@attrs.frozen
class ListenerAdmitted(Event):
    """Somebody may be told in real time that there is something new."""


@attrs.frozen
class ListenerDismissed(Event):
    """Somebody is told no more: they are a member no longer."""


@attrs.frozen(kw_only=True)
class ChatGrant:
    """One member's leave to listen to one conversation for a while: kept, so that it ends with the
    relation it came from and not with its time (F54).
    """

    id: ChatGrantId
    practice_id: PracticeId
    version: int = 1
    conversation_id: ConversationId
    patient_id: PatientId
    channel: Channel
    user_id: UserId
    token: str = phi()
    until: datetime
    revoked: bool = False

    def admitted(self, *, at: datetime) -> ListenerAdmitted:
        """The event that a new grant begins with."""
        return ListenerAdmitted(self.id, self.version, self.user_id, at)

    def revoke(self, *, by: UserId, at: datetime) -> tuple[Self, ListenerDismissed]:
        """The grant, over from now on."""
        over = attrs.evolve(self, version=self.version + 1, until=at, revoked=True)
        return over, ListenerDismissed(self.id, over.version, by, at)


@attrs.frozen(kw_only=True)
class Message:
    """One message, never changed once posted."""

    id: MessageId
    practice_id: PracticeId
    version: int = 1
    conversation_id: ConversationId
    patient_id: PatientId
    author: UserId
    text: str = phi(validator=prose(4000))
    posted_at: datetime

    @classmethod
    def post(
        cls,
        id: MessageId,
        practice_id: PracticeId,
        patient_id: PatientId,
        channel: Channel,
        text: str,
        *,
        by: UserId,
        at: datetime,
    ) -> tuple[Self, MessagePosted]:
        """A new message in one of the patient's conversations.

        Raises: Invalid.
        """
        message = cls(
            id=id,
            practice_id=practice_id,
            conversation_id=conversation_of(patient_id, channel),
            patient_id=patient_id,
            author=by,
            text=text,
            posted_at=at,
        )
        return message, MessagePosted(id, message.version, by, at, message.conversation_id)
