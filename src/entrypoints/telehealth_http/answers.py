"""Answers: what shows of the core's values, each a class that names every field it shows.

What the core adds to an aggregate leaks nowhere: a field shows once an answer names it.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cache
from types import NoneType
from typing import Any, Generic, TypeVar, get_args, get_origin, get_type_hints

import attrs
from litestar import Response

T = TypeVar("T")


@attrs.frozen
class Items(Generic[T]):
    """A list of things."""

    items: tuple[T, ...]


def shown(answer: type[T], source: object, **more: Any) -> T:
    """An answer with the fields it names, each from the source or, by name, from `more`."""
    fields: Any = _fields(answer)  # type: ignore[arg-type]  # a class is a key as good as any
    taken = {name: show(getattr(source, name)) for name, show in fields.items() if name not in more}
    return answer(**taken, **more)


def listed(answer: type[T], sources: Iterable[object]) -> Items[T]:
    """An answer that lists these."""
    return Items(tuple(shown(answer, source) for source in sources))


def attachment(content: bytes, media_type: str, name: str) -> Response[bytes]:
    """An answer that browsers save and never show."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)


@cache
def _fields(answer: type) -> dict[str, Callable[[Any], Any]]:
    hints = get_type_hints(answer)
    return {field.name: _show(hints[field.name]) for field in attrs.fields(answer)}


def _show(wanted: Any) -> Callable[[Any], Any]:
    """How a value of the core becomes one of this type."""
    if get_origin(wanted) is tuple:
        one = _show(get_args(wanted)[0])
        return lambda values: tuple(one(value) for value in _in_order(values))
    alternatives = [kind for kind in get_args(wanted) if kind is not NoneType]
    if alternatives:
        some = _show(alternatives[0])
        return lambda value: None if value is None else some(value)
    if attrs.has(wanted):
        return lambda value: shown(wanted, value)
    return _utc if wanted is datetime else _as_is


def _in_order(values: Any) -> Iterable[Any]:
    return sorted(values) if isinstance(values, frozenset) else values


def _utc(value: datetime) -> datetime:
    return value.astimezone(UTC)


def _as_is(value: Any) -> Any:
    return value


@attrs.frozen
class MoneyAnswer:
    """An amount in minor units of a currency."""

    minor: int
    currency: str


@attrs.frozen
class IntervalAnswer:
    """From `start` up to but not including `end`."""

    start: datetime
    end: datetime
