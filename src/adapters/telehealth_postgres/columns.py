"""Columns follow from fields: how each kind of value in an aggregate lies in PostgreSQL and comes
back.

A field is a column of its own name; money is two columns, an interval a `tstzrange`, a set of
codes a `text[]`, and whatever has a shape of its own (a profile, a thread of comments) a `jsonb`.
"""

import json
import types
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Generic, NewType, TypeVar, Union, get_args, get_origin
from uuid import UUID

import attrs
import cattrs
import sqlalchemy as sa
from psycopg.types.range import TimestamptzRange
from sqlalchemy.dialects import postgresql as pg

from telehealth_core.shared import Interval, Money

A = TypeVar("A")

_PLAIN: dict[type, type[sa.types.TypeEngine[Any]] | sa.types.TypeEngine[Any]] = {
    UUID: sa.Uuid(),
    str: sa.Text(),
    int: sa.BigInteger(),
    bool: sa.Boolean(),
    datetime: sa.DateTime(timezone=True),
    date: sa.Date(),
}


def _json_converter() -> cattrs.Converter:
    converter = cattrs.Converter(detailed_validation=False)
    converter.register_unstructure_hook(UUID, str)
    converter.register_structure_hook(UUID, lambda value, _: UUID(value))
    for kind in (datetime, date):
        converter.register_unstructure_hook(kind, kind.isoformat)
        converter.register_structure_hook(kind, _from_iso)
    converter.register_unstructure_hook_func(
        lambda kind: frozenset in {kind, get_origin(kind)},
        lambda members: sorted(map(converter.unstructure, members)),
    )
    return converter


def _is_frozenset(kind: Any) -> bool:
    return (get_origin(kind) or kind) is frozenset


def _from_iso(text: str, kind: Any) -> Any:
    return kind.fromisoformat(text)


CONVERTER = _json_converter()
"""Between values with a shape of their own and what JSON can say."""


@attrs.frozen
class Column:
    """One field of an aggregate in the table: its columns, and how it gets there and back."""

    field: str
    columns: tuple[sa.Column[Any], ...]
    write: Callable[[Any], tuple[Any, ...]]
    read: Callable[..., Any]
    checks: tuple[sa.CheckConstraint, ...] = ()


def _without_none(hint: Any) -> tuple[Any, bool]:
    if get_origin(hint) in {Union, types.UnionType}:
        kinds = [kind for kind in get_args(hint) if kind is not type(None)]
        if len(kinds) == 1:
            return kinds[0], len(kinds) < len(get_args(hint))
    return hint, False


def _base(hint: Any) -> Any:
    while isinstance(hint, NewType):
        hint = hint.__supertype__
    return hint


def _same(value: Any) -> Any:
    return value


def _optional(convert: Callable[..., Any], *, nullable: bool) -> Callable[..., Any]:
    return (
        (lambda first, *rest: None if first is None else convert(first, *rest))
        if nullable
        else convert
    )


def _money(name: str, *, nullable: bool) -> Column:
    columns = (
        sa.Column(f"{name}_minor", sa.BigInteger(), nullable=nullable),
        sa.Column(f"{name}_currency", sa.CHAR(3), nullable=nullable),
    )
    return Column(
        name,
        columns,
        lambda money: (None, None) if money is None else (money.minor, money.currency),
        _optional(Money, nullable=nullable),
    )


def _one_of(kind: type[StrEnum], name: str) -> sa.CheckConstraint:
    words = ", ".join(f"'{one.value}'" for one in kind)
    return sa.CheckConstraint(f"{name} IN ({words})", name=f"{name}_known")


def _column(name: str, hint: Any) -> Column:
    hint, nullable = _without_none(hint)
    kind = _base(hint)
    if kind is Money:
        return _money(name, nullable=nullable)
    if kind is Interval:
        column: sa.Column[Any] = sa.Column(name, pg.TSTZRANGE(), nullable=nullable)
        return Column(name, (column,), _range, _optional(_interval, nullable=nullable))
    if kind in _PLAIN:
        column = sa.Column(name, _PLAIN[kind], nullable=nullable)
        return Column(name, (column,), lambda value: (value,), _same)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        column = sa.Column(name, sa.Text(), nullable=nullable)
        read = _optional(kind, nullable=nullable)
        return Column(name, (column,), lambda value: (value,), read, (_one_of(kind, name),))
    if get_origin(kind) is frozenset:
        (member,) = get_args(kind)
        column = sa.Column(name, pg.ARRAY(sa.Text()), nullable=False)
        members = (lambda words: frozenset(map(member, words))) if member is not str else frozenset
        return Column(name, (column,), lambda value: (sorted(value),), members)
    return _shaped(name, kind, nullable=nullable)


def _shaped(name: str, kind: Any, *, nullable: bool) -> Column:
    column: sa.Column[Any] = sa.Column(name, pg.JSONB(none_as_null=True), nullable=nullable)
    return Column(
        name,
        (column,),
        lambda value: (None if value is None else to_json(value),),
        _optional(lambda value: CONVERTER.structure(value, kind), nullable=nullable),
    )


def to_json(value: Any) -> str:
    """The value as JSON text."""
    return json.dumps(CONVERTER.unstructure(value), ensure_ascii=False, separators=(",", ":"))


def _range(interval: Interval | None) -> tuple[Any]:
    return (None if interval is None else TimestamptzRange(interval.start, interval.end),)


def _interval(value: Any) -> Interval:
    return Interval(value.lower, value.upper)


@attrs.frozen
class Shape(Generic[A]):
    """How aggregates of one class lie in their table."""

    kind: type[A]
    fields: tuple[Column, ...]

    @property
    def columns(self) -> tuple[sa.Column[Any], ...]:
        """Every column, in the order of the fields."""
        return tuple(column for field in self.fields for column in field.columns)

    @property
    def checks(self) -> tuple[sa.CheckConstraint, ...]:
        """A check for every closed set of codes."""
        return tuple(check for field in self.fields for check in field.checks)

    def row(self, aggregate: A) -> dict[str, Any]:
        """The aggregate as the values of its columns."""
        return {
            column.name: value
            for field in self.fields
            for column, value in zip(
                field.columns, field.write(getattr(aggregate, field.field)), strict=True
            )
        }

    def aggregate(self, row: tuple[Any, ...]) -> A:
        """The aggregate whose columns these are."""
        values, at = {}, 0
        for field in self.fields:
            width = len(field.columns)
            values[field.field] = field.read(*row[at : at + width])
            at += width
        return self.kind(**values)


def shape_of(kind: type[A]) -> Shape[A]:
    """How aggregates of this class lie in their table: every field, in order."""
    resolved: Any = attrs.resolve_types(kind)  # type: ignore[type-var]  # aggregates are attrs classes
    hints: Mapping[str, Any] = {field.name: field.type for field in attrs.fields(resolved)}
    return Shape(kind, tuple(_column(name, hint) for name, hint in hints.items()))
