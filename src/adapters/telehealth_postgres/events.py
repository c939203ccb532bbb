"""Events and audit entries as they are kept, and events back: ids and instants, never PHI."""

from collections.abc import Mapping
from typing import Any

import attrs

from telehealth_core.access.audit import AuditEntry
from telehealth_core.reactions import EVENTS
from telehealth_core.shared import Event
from telehealth_postgres.columns import CONVERTER


def event_record(event: Event) -> dict[str, Any]:
    """What the outbox keeps of an event."""
    return {
        "event_id": event.id,
        "name": event.name,
        "subject": event.subject,
        "body": attrs.asdict(
            event, value_serializer=lambda _, __, value: CONVERTER.unstructure(value)
        ),
    }


def entry_record(entry: AuditEntry) -> dict[str, Any]:
    """What the audit keeps of an entry: everything but its place, which the database gives."""
    kept: dict[str, Any] = attrs.asdict(
        entry,
        filter=lambda field, _: field.name != "id",
        value_serializer=lambda _, __, value: CONVERTER.unstructure(value),
    )
    return kept


def event_of(name: str, body: Mapping[str, Any]) -> Event:
    """The event that was kept."""
    return CONVERTER.structure(body, EVENTS[name])
