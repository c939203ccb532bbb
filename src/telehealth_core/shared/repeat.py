"""Repeats: a request sent twice under one id is the same request, and its first answer stands."""

from datetime import datetime
from typing import Any, TypeVar

import attrs

from telehealth_core.shared.refusal import IdReused

A = TypeVar("A")

_OWN_COURSE = frozenset({"version", "status"})
"""Fields that change after the request."""


def repeat_of(
    wanted: A, existing: A | None, kind: str, *, but: frozenset[str] = frozenset()
) -> A | None:
    """What an earlier, identical request made under this id; None if the id is new.

    Identical means that every fact is the same, except instants, which are not the caller's, and
    the fields that follow later in the thing's course, named by `but`.

    Raises: IdReused if the id names something else.
    """
    if existing is None:
        return None
    new: Any = wanted
    for field in attrs.fields(type(new)):
        asked, made = getattr(new, field.name), getattr(existing, field.name)
        instants = isinstance(asked, datetime) or isinstance(made, datetime)
        if field.name not in _OWN_COURSE | but and not instants and asked != made:
            raise IdReused(kind, new.id)
    return existing
