"""Bodies: the one strict way from what a client sends to the core's values.

Nothing is guessed: a string is no number, a time has its offset, an unknown field is refused.
Everything that is wrong is told at once, each with its path.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, TypeVar, get_args
from uuid import UUID

import attrs
import msgspec
from cattrs import (
    BaseValidationError,
    ClassValidationError,
    Converter,
    ForbiddenExtraKeysError,
    IterableValidationError,
)
from cattrs.errors import AttributeValidationNote, IterableValidationNote
from cattrs.gen import make_dict_structure_fn, override

from telehealth_core.shared.interval import instant
from telehealth_core.shared.refusal import Invalid

INTEGER_MOST = 2**53 - 1
"""Larger numbers do not survive every JSON reader (RFC 8259)."""
YEARS = range(1900, 2200)
"""Instants outside of these are mistakes, and some cannot be computed with."""
NAME_MOST = 80

T = TypeVar("T")


@attrs.frozen
class FieldError:
    """One field of a body and the rule it breaks; never its value."""

    field: str
    rule: str


class BadBody(Exception):
    """Something sent breaks rules about values; `errors` tells all of them."""

    def __init__(self, errors: list[FieldError]) -> None:
        super().__init__(f"{len(errors)} errors")
        self.errors = errors


class Malformed(Exception):
    """The bytes sent are no JSON."""


class _Wrong(ValueError):
    """One value breaks this rule; its path follows from where it was found."""


@attrs.frozen
class Nothing:
    """The body of a request that says everything in its address: `{}`, or none at all."""


NOTHING = Nothing()


def as_in(aggregate: type, name: str, **options: Any) -> Any:
    """A field of a body with the rules of the core's field of that name."""
    return attrs.field(validator=getattr(attrs.fields(aggregate), name).validator, **options)


def ruled(check: Callable[[Any], object], **options: Any) -> Any:
    """A field of a body whose rule is one of the core's functions that raise `Invalid`."""

    def validate(_: object, __: object, value: Any) -> None:
        check(value)

    return attrs.field(validator=validate, **options)


def structured(value: object, wanted: type[T], name: str = "") -> T:
    """The core's value that this JSON value, or parameter of that name, means.

    Raises: BadBody, with every error at once.
    """
    try:
        return _CONVERTER.structure(value, wanted)
    except (BaseValidationError, _Wrong, Invalid) as error:
        raise BadBody(list(_told(error, name))) from None


def parsed(content: bytes, wanted: type[T]) -> T:
    """The core's value that these bytes mean.

    Raises: Malformed for bytes that are no JSON; BadBody.
    """
    try:
        value = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Malformed from None
    return structured(value, wanted)


@contextmanager
def located(body: object) -> Iterator[None]:
    """Tell a rule that the core found broken by the field's path in this body."""
    try:
        yield
    except Invalid as invalid:
        raise Invalid(_path(body, invalid.field), invalid.rule) from None


def _path(body: Any, name: str) -> str:
    fields = attrs.fields_dict(type(body))
    inner = {one: type(getattr(body, one)) for one in fields}
    holders = (
        one for one, cls in inner.items() if attrs.has(cls) and name in attrs.fields_dict(cls)
    )
    return name if name in fields else _named(next(holders, ""), name)


def _told(error: BaseException, path: str) -> Iterator[FieldError]:
    """Every rule broken, with its path."""
    if isinstance(error, ClassValidationError | IterableValidationError):
        noted, others = error.group_exceptions()
        for one, note in noted:
            yield from _told(one, _joined(path, note))
        for one in others:
            yield from _told(one, path)
    elif isinstance(error, ForbiddenExtraKeysError):
        for name in sorted(error.extra_fields):
            yield FieldError(_named(path, name[:NAME_MOST]), "unknown field")
    else:
        yield _broken(error, path)


def _broken(error: BaseException, path: str) -> FieldError:
    """One broken rule; what is none goes on as it is."""
    if isinstance(error, Invalid):
        return FieldError(_named(path, error.field), error.rule)
    if isinstance(error, _Wrong):
        return FieldError(path or "body", str(error))
    if isinstance(error, KeyError):
        return FieldError(path or "body", "needed")
    raise error


def _joined(path: str, note: AttributeValidationNote | IterableValidationNote) -> str:
    if isinstance(note, IterableValidationNote):
        return f"{path}[{note.index}]"
    return _named(path, note.name)


def _named(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _text(value: object, _: object) -> str:
    if not isinstance(value, str):
        raise _Wrong("a string")
    if "\0" in value or (not value.isascii() and any("\ud800" <= one <= "\udfff" for one in value)):
        raise _Wrong("text without control characters")
    return value


def _flag(value: object, _: object) -> bool:
    if not isinstance(value, bool):
        raise _Wrong("true or false")
    return value


def _integer(value: object, _: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _Wrong("a whole number")
    if abs(value) > INTEGER_MOST:
        raise _Wrong(f"between -{INTEGER_MOST} and {INTEGER_MOST}")
    return value


def _uuid(value: object, _: object) -> UUID:
    try:
        found = UUID(_text(value, str))
    except ValueError:
        found = None
    if found is None or str(found) != str(value).lower():
        raise _Wrong("a UUID, as in 01939f2e-7c3a-7000-8000-000000000000")
    return found


def _moment(value: object, _: object) -> datetime:
    try:
        found = datetime.fromisoformat(_text(value, str))
    except ValueError:
        raise _Wrong("an instant, as in 2026-11-21T09:00:00Z") from None
    if found.year not in YEARS:
        raise _Wrong(f"between the years {YEARS.start} and {YEARS.stop}")
    try:
        return instant(found)
    except Invalid as naive:
        raise _Wrong(naive.rule) from None


def _day(value: object, _: object) -> date:
    text = _text(value, str)
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise _Wrong("a date, as in 2026-11-21")


def _clock_time(value: object, _: object) -> time:
    text = _text(value, str)
    if re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        return time.fromisoformat(text)
    raise _Wrong("a time of day, as in 09:00")


def _word(value: object, wanted: type[StrEnum]) -> StrEnum:
    for one in wanted:
        if isinstance(value, str) and value == one.value:
            return one
    raise _Wrong(f"one of {', '.join(one.value for one in wanted)}")


def _list_of(wanted: Any, converter: Converter) -> Callable[[object, object], Any]:
    """From a JSON list to `tuple[X, ...]` or `frozenset[X]`."""
    inner, kind = get_args(wanted)[0], wanted.__origin__

    def structure(value: object, _: object) -> Any:
        if not isinstance(value, list):
            raise _Wrong("a list")
        return kind(converter.structure(value, list[inner]))  # type: ignore[valid-type]  # known at run time only

    return structure


def _is_list_of(wanted: Any) -> bool:
    return getattr(wanted, "__origin__", None) in {tuple, frozenset}


def _object(cls: Any, converter: Converter) -> Callable[[object, object], Any]:
    """From a JSON object to an attrs class, each field checked by itself, so that all errors are
    told.
    """

    def checked(attribute: Any) -> Callable[[object, Any], Any]:
        def structure(value: object, wanted: Any) -> Any:
            found = converter.structure(value, wanted)
            try:
                attribute.validator(None, attribute, found)
            except Invalid as invalid:
                raise _Wrong(invalid.rule) from None
            return found

        return structure

    overrides: Any = {
        attribute.name: override(struct_hook=checked(attribute))
        for attribute in attrs.fields(cls)
        if attribute.validator is not None
    }
    fields: Any = make_dict_structure_fn(cls, converter, **overrides)

    def structure(value: object, wanted: Any) -> Any:
        if not isinstance(value, dict):
            raise _Wrong("an object")
        return fields(value, wanted)

    return structure


_PLAIN: Mapping[type, Callable[[object, Any], object]] = {
    str: _text,
    bool: _flag,
    int: _integer,
    UUID: _uuid,
    datetime: _moment,
    date: _day,
    time: _clock_time,
    StrEnum: _word,
}


def _strict() -> Converter:
    converter = Converter(forbid_extra_keys=True, detailed_validation=True)
    converter.register_structure_hook_factory(attrs.has, _object)
    converter.register_structure_hook_factory(_is_list_of, _list_of)
    for kind, hook in _PLAIN.items():
        converter.register_structure_hook(kind, hook)
    return converter


_CONVERTER = _strict()
