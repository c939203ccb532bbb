"""Conversations: who may share a channel with whom, derived from relations and never from a list
somebody edits (F54).
"""

from datetime import datetime
from enum import StrEnum
from typing import Self

import attrs

from telehealth_core.access.policy import Action
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import (
    ConversationId,
    MessageId,
    PatientId,
    PracticeId,
    UserId,
    derived,
)
from telehealth_core.shared.phi import phi
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
