"""Events and audit entries as they are kept, and events back: ids and instants, never PHI."""

from collections.abc import Mapping
from typing import Any

from cattrs.gen import make_dict_unstructure_fn, override

from telehealth_core.access.audit import AuditEntry
from telehealth_core.reactions import EVENTS
from telehealth_core.shared import Event
from telehealth_postgres.columns import CONVERTER

CONVERTER.register_unstructure_hook(
    AuditEntry, make_dict_unstructure_fn(AuditEntry, CONVERTER, id=override(omit=True))
)
"""Everything of an entry but its place, which the database gives."""


def event_record(event: Event) -> dict[str, Any]:
    """What the outbox keeps of an event."""
    return {
        "event_id": str(event.id),
        "name": event.name,
        "subject": str(event.subject),
        "body": CONVERTER.unstructure(event),
    }


def entry_record(entry: AuditEntry) -> dict[str, Any]:
    """What the audit keeps of an entry: everything but its place."""
    kept: dict[str, Any] = CONVERTER.unstructure(entry)
    return kept


def event_of(name: str, body: Mapping[str, Any]) -> Event:
    """The event that was kept."""
    return CONVERTER.structure(body, EVENTS[name])
