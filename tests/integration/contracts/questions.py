"""Every question that a store can be asked, with whatever there is to ask about."""

import inspect
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random
from typing import Any, get_args

from telehealth_core.access.actor import Actor
from telehealth_core.scheduling.search import Place, Wishes
from telehealth_core.shared import Interval
from telehealth_core.testing.memory import MemoryStore

TRIES = 10
"""How often each question is asked, each time about something else."""
OF_A_WORK = frozenset({"actor", "store"})
"""What a work has besides collections."""
NO_QUESTIONS = frozenset({"get", "find", "lately", "save", "where"})


def ask_everything(store: MemoryStore, actor: Actor, now: datetime, rng: Random) -> int:
    """Ask each question of each collection; how many were answered with something."""
    found = 0
    with store.work(actor) as work:
        about = _about(store, actor, now)
        for collection, verb, parameters in questions(actor):
            choices = {one.name: _values(one, collection, about) for one in parameters}
            for _ in range(TRIES if all(choices.values()) else 0):
                given = {name: rng.choice(values) for name, values in choices.items()}
                positional = [given.pop(one.name) for one in parameters if _positional(one)]
                found += bool(getattr(getattr(work, collection), verb)(*positional, **given))
    return found


def questions(actor: Actor) -> Iterator[tuple[str, str, list[inspect.Parameter]]]:
    """Every collection of a work with every question it answers."""
    with MemoryStore().work(actor) as work:
        for collection, kept in vars(work).items():
            if collection.startswith("_") or collection in OF_A_WORK:
                continue
            for verb, asked in inspect.getmembers(kept, inspect.ismethod):
                if not verb.startswith("_") and verb not in NO_QUESTIONS:
                    yield collection, verb, list(inspect.signature(asked).parameters.values())


def _positional(one: inspect.Parameter) -> bool:
    return one.kind is not inspect.Parameter.KEYWORD_ONLY


Kept = Callable[[str], list[Any]]


def _about(store: MemoryStore, actor: Actor, now: datetime) -> tuple[Kept, datetime]:
    def kept(name: str) -> list[Any]:
        rows = store.rows.get(name, {}).values()
        return [row for row in rows if row.practice_id == actor.practice_id]

    return kept, now


_IDS = {
    "patient_id": "patients",
    "guardian": "patients",
    "provider_id": "providers",
    "partner_id": "partners",
    "user_id": "accounts",
    "author": "accounts",
    "appointment_id": "appointments",
    "card_id": "cards",
    "subject": "patients",
    "id": "conversations",
}
"""Whose id a parameter of that name is."""
_WORDS: dict[str, list[Any]] = {
    "limit": [2, 500],
    "specialty": [None, "general"],
    "language": [None, "en"],
    "outside_id": ["nobody's"],
    "sha256": ["nobody's"],
    "invitation": ["nobody's"],
}


def _values(one: inspect.Parameter, collection: str, about: tuple[Kept, datetime]) -> list[Any]:
    """What can be given for a parameter."""
    (kept, now), name = about, one.name
    kinds = [kind for kind in (one.annotation, *get_args(one.annotation)) if inspect.isclass(kind)]
    codes = [code for kind in kinds if issubclass(kind, StrEnum) for code in kind]
    if codes:
        return codes
    if name in _WORDS:
        return _WORDS[name]
    if name in _IDS:
        return [row.id for row in kept(_IDS[name])[-8:]] or [kept("practices")[0].id]
    day, rows = timedelta(days=1), kept(collection)
    if name in {"after", "before"} and collection not in {"audit", "sessions"}:
        by_id = "UserId" in str(one.annotation) or "PatientId" in str(one.annotation)
        asked = [row for row in rows if name == "after" or row.requested_at is not None]
        return [None, *((row.id if by_id else row) for row in asked[-5:])]
    found: dict[str, Callable[[], list[Any]]] = {
        "after": lambda: [Place.before(now)] if collection == "sessions" else [None],
        "before": lambda: [None],
        "period": lambda: [Interval(now - 60 * day, now + 60 * day), Interval(now, now + day)],
        "day": lambda: [Interval(now, now + day)],
        "at": lambda: [now, now + day / 48, now + 2 * day],
        "wishes": lambda: [Wishes(period=Interval(now, now + 5 * day))],
        "provider": lambda: kept("providers"),
        "wanted": lambda: kept("appointments")[-9:],
        "series": lambda: [row.series for row in rows if row.series],
        "sessions": lambda: [frozenset(row.id for row in kept("sessions"))],
        "keys": lambda: [row.match_keys for row in rows],
        "email": lambda: [row.email.upper() for row in rows],
        "today": lambda: [now.date(), (now + 40 * day).date()],
        "expires_by": lambda: [now.date(), now.date().replace(year=2031)],
        "checked_by": lambda: [now.date() - day, now.date()],
        "decided_before": lambda: [now, now + day],
        "routine_before": lambda: [now],
        "urgent_before": lambda: [now],
    }
    return found[name]()
