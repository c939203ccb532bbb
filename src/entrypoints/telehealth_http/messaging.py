"""Messaging over HTTP: a patient's conversations, and the mailbox of a server without real mail."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import attrs
from litestar.params import FromPath, FromQuery, JSONBody

from telehealth_core.messaging.conversation import (
    Channel,
    Conversation,
    ConversationStatus,
    Message,
)
from telehealth_core.shared.ids import MessageId, PatientId, PracticeId
from telehealth_http.answers import Items, listed, shown
from telehealth_http.bodies import as_in
from telehealth_http.requests import By, creates, does, reads


class Mailbox(Protocol):
    """What would have been sent by e-mail, for demonstrations."""

    def messages(self, practice_id: PracticeId, email: str, /) -> Sequence[Mapping[str, Any]]:
        """What was written to this address, the newest last: subject, text and sent of each."""


@attrs.frozen(kw_only=True)
class MessageBody:
    """What somebody writes."""

    text: str = as_in(Message, "text", repr=False)


@attrs.frozen(kw_only=True)
class MessageAnswer:
    """One message."""

    id: UUID
    author: UUID
    text: str
    posted_at: datetime


@attrs.frozen(kw_only=True)
class ClosingBody:
    """Why nobody may write any more, or may again."""

    reason: str = as_in(Conversation, "reason", repr=False)


@attrs.frozen(kw_only=True)
class ConversationAnswer:
    """One of a patient's conversations."""

    id: UUID
    patient_id: UUID
    channel: Channel
    status: ConversationStatus
    reason: str | None


@attrs.frozen(kw_only=True)
class MailAnswer:
    """One e-mail that would have been sent."""

    subject: str
    text: str
    sent: datetime


@reads("/v1/patients/{id:uuid}/conversations/{channel:str}/messages")
def list_messages(
    caller: By, id: FromPath[UUID], channel: FromPath[Channel]
) -> Items[MessageAnswer]:
    """List the newest messages of a patient's conversation, oldest first (F54)."""
    return listed(MessageAnswer, caller.clinic.messaging.read(caller.actor, PatientId(id), channel))


@creates("/v1/patients/{id:uuid}/conversations/{channel:str}/messages")
def post_message(
    caller: By, id: FromPath[UUID], channel: FromPath[Channel], data: JSONBody[MessageBody]
) -> MessageAnswer:
    """Write in one of a patient's conversations (F54, MSG-06)."""
    message = caller.clinic.messaging.post(
        caller.actor, MessageId(caller.new_id), PatientId(id), channel, data.text
    )
    return shown(MessageAnswer, message)


@does("/v1/patients/{id:uuid}/conversations/{channel:str}/closing")
def close_conversation(
    caller: By, id: FromPath[UUID], channel: FromPath[Channel], data: JSONBody[ClosingBody]
) -> ConversationAnswer:
    """Let nobody write in a conversation any more; its members still read it (F54)."""
    closed = caller.clinic.messaging.close(caller.actor, PatientId(id), channel, data.reason)
    return shown(ConversationAnswer, closed)


@does("/v1/patients/{id:uuid}/conversations/{channel:str}/reopening")
def reopen_conversation(
    caller: By, id: FromPath[UUID], channel: FromPath[Channel], data: JSONBody[ClosingBody]
) -> ConversationAnswer:
    """Let the members of a closed conversation write again (F54)."""
    opened = caller.clinic.messaging.reopen(caller.actor, PatientId(id), channel, data.reason)
    return shown(ConversationAnswer, opened)


def mailbox_route(mailbox: Mailbox) -> Any:
    """The route that shows the mailbox, on servers that send no real mail."""

    @reads("/embedded/mail", everybody=True)
    def read_mail(
        caller: By, practice: FromQuery[str], address: FromQuery[str]
    ) -> Items[MailAnswer]:
        """Show what would have been sent to an address, the newest last; demonstrations only."""
        practice_id = caller.clinic.practice.named(practice).id
        return Items(
            tuple(
                MailAnswer(subject=mail["subject"], text=mail["text"], sent=mail["sent"])
                for mail in mailbox.messages(practice_id, address)
            )
        )

    return read_mail


ROUTES = (list_messages, post_message, close_conversation, reopen_conversation)
