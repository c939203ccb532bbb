"""Messaging: what people write to each other around a patient, and the neutral notices they are
sent.

A patient has two conversations: with liaison and treating providers, and with liaison and the
partner that referred them. Who is in one follows from relations, asked afresh at every reading and
writing.
"""

from telehealth_core.messaging.conversation import Channel, Message

__all__ = ["Channel", "Message"]
