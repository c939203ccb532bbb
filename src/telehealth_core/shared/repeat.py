"""Repeats: a request sent twice under one id is the same request, and its first answer stands."""

from datetime import datetime
from typing import Any, TypeVar

import attrs

from telehealth_core.shared.refusal import IdReused

A = TypeVar("A")

_OWN_COURSE = frozenset({"version", "status"})
"""Fields that change after the request."""


def repeat_of(wanted: A, existing: A | None, kind: str) -> A | None:
    """What an earlier, identical request made under this id; None if the id is new.

    Identical means that every fact the request named is the same; instants, and what was left to
    its default, are not the caller's.

    Raises: IdReused if the id names something else.
    """
    if existing is None:
        return None
    new: Any = wanted
    for field in attrs.fields(type(new)):
        asked = getattr(new, field.name)
        told = not isinstance(asked, datetime) and asked != field.default
        if told and field.name not in _OWN_COURSE and getattr(existing, field.name) != asked:
            raise IdReused(kind, new.id)
    return existing
