"""Columns follow from fields: how each kind of value in an aggregate lies in PostgreSQL and comes
back.

A field is a column of its own name; money is two columns, an interval a `tstzrange`, a set of
codes a `text[]`, and whatever has a shape of its own (a profile, a thread of comments) a `jsonb`.
A personal field, and a field with anything personal inside, is one `bytea`, sealed under the key of
the row's owner (F59, N07); what has to be found by its value has a keyed digest beside it (ENC-06).
"""

import json
import types
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Generic, NewType, Protocol, TypeVar, Union, get_args, get_origin
from uuid import UUID

import attrs
import cattrs
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from telehealth_core.shared import Interval, Money
from telehealth_core.shared.phi import phi_fields
from telehealth_postgres.sealing import DataKey, place, version_of

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
    sealed: bytes = b""
    """The name that it is sealed by; empty where it lies open. Both ways are then over bytes."""
    names: tuple[str, ...] = attrs.field(init=False, repr=False)
    """What its columns are called, in their order."""

    @names.default
    def _find_names(self) -> tuple[str, ...]:
        return tuple(str(column.name) for column in self.columns)


class Searching(Protocol):
    """Makes what a value is found by."""

    def digest(self, name: bytes, value: str) -> bytes:
        """The value's keyed digest under this name."""


class Sealing(Searching, Protocol):
    """Brings the keys that rows are sealed under."""

    def sealing(self, owner: UUID, messages: int = 1) -> DataKey:
        """The key to seal so many values of this owner with."""


@attrs.frozen
class Derived:
    """A column that follows from an aggregate and is only ever searched."""

    column: sa.Column[Any]
    value: Callable[[Any, Searching], Any]


def digest_of(table: str, field: str) -> Derived:
    """The keyed digest of a sealed text (ENC-06)."""
    name = f"{table}.{field}".encode()

    def value(aggregate: Any, keys: Searching) -> bytes | None:
        text = getattr(aggregate, field)
        return None if text is None else keys.digest(name, text)

    return Derived(sa.Column(f"{field}_digest", sa.LargeBinary()), value)


def digests_of(table: str, field: str) -> Derived:
    """The keyed digest of each of a sealed set's members (ENC-06)."""
    name = f"{table}.{field}".encode()
    column: sa.Column[Any] = sa.Column(f"{field}_digests", pg.ARRAY(sa.LargeBinary()))
    return Derived(
        column,
        lambda aggregate, keys: [keys.digest(name, one) for one in getattr(aggregate, field)],
    )


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


def _all_of(kind: type[StrEnum], name: str) -> sa.CheckConstraint:
    words = ", ".join(f"'{one.value}'" for one in kind)
    return sa.CheckConstraint(f"{name} <@ ARRAY[{words}]::text[]", name=f"{name}_known")


def personal(hint: Any) -> bool:
    """Whether a value of this type has a personal field anywhere inside."""
    kind = _base(hint)
    if isinstance(kind, type) and attrs.has(kind):
        resolved: Any = attrs.resolve_types(kind)
        return bool(phi_fields(kind)) or any(
            personal(field.type) for field in attrs.fields(resolved)
        )
    return any(map(personal, get_args(kind)))


def _json_bytes(kind: Any) -> tuple[Callable[[Any], bytes], Callable[[bytes], Any]]:
    return (
        lambda value: to_json(value).encode(),
        lambda content: CONVERTER.structure(json.loads(content), kind),
    )


def _sealed(table: str, name: str, hint: Any) -> Column:
    hint, nullable = _without_none(hint)
    kind = _base(hint)
    write, read = (str.encode, bytes.decode) if kind is str else _json_bytes(kind)
    column: sa.Column[Any] = sa.Column(name, sa.LargeBinary(), nullable=nullable)
    return Column(
        name,
        (column,),
        lambda value: (None if value is None else write(value),),
        _optional(read, nullable=nullable),
        sealed=f"{table}.{name}".encode(),
    )


def _column(name: str, hint: Any) -> Column:
    hint, nullable = _without_none(hint)
    kind = _base(hint)
    if kind is Money:
        return _money(name, nullable=nullable)
    if kind is Interval:
        column: sa.Column[Any] = sa.Column(name, pg.TSTZRANGE(), nullable=nullable)
        return Column(name, (column,), _range, _same)
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
        codes = isinstance(member, type) and issubclass(member, StrEnum)
        members = (lambda words: frozenset(map(member, words))) if codes else frozenset
        checks = (_all_of(member, name),) if codes else ()
        return Column(name, (column,), lambda value: (sorted(value),), members, checks)
    return _shaped(name, kind, nullable=nullable)


def _shaped(name: str, kind: Any, *, nullable: bool) -> Column:
    column: sa.Column[Any] = sa.Column(name, pg.JSONB(none_as_null=True), nullable=nullable)
    return Column(
        name,
        (column,),
        lambda value: (None if value is None else to_json(value),),
        _optional(lambda value: CONVERTER.structure(value, kind), nullable=nullable),
    )


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


json_text = _ENCODER.encode
"""What JSON can say, as text."""


def to_json(value: Any) -> str:
    """The value as JSON text."""
    return json_text(CONVERTER.unstructure(value))


def range_of(interval: Interval) -> str:
    """The interval as PostgreSQL writes a range."""
    return f"[{interval.start.isoformat()},{interval.end.isoformat()})"


def _range(interval: Interval | None) -> tuple[Any]:
    return (None if interval is None else range_of(interval),)


@attrs.frozen
class Shape(Generic[A]):
    """How aggregates of one class lie in their table."""

    kind: type[A]
    fields: tuple[Column, ...]
    owners: tuple[str, ...] = ("practice_id",)
    """The fields that say under whose key a row is sealed: the first that is set."""
    derived: tuple[Derived, ...] = ()
    columns: tuple[sa.Column[Any], ...] = attrs.field(init=False, repr=False)
    """Every column that is read, in the order of the fields."""
    _places: Mapping[str, int] = attrs.field(init=False, repr=False)
    _sealed: tuple[int, ...] = attrs.field(init=False, repr=False)
    _plain: tuple[tuple[str, int], ...] = attrs.field(init=False, repr=False)
    """The fields whose value is that of their column, and where that stands in a row."""
    _others: tuple[tuple[Column, int, int], ...] = attrs.field(init=False, repr=False)
    """The other fields, and where their columns begin and end."""

    @columns.default
    def _find_columns(self) -> tuple[sa.Column[Any], ...]:
        return tuple(column for field in self.fields for column in field.columns)

    @_places.default
    def _find_places(self) -> Mapping[str, int]:
        return {column.name: at for at, column in enumerate(self.columns)}

    @_sealed.default
    def _find_sealed(self) -> tuple[int, ...]:
        return tuple(self._places[field.field] for field in self.fields if field.sealed)

    @_plain.default
    def _find_plain(self) -> tuple[tuple[str, int], ...]:
        plain = (one for one in self.fields if one.read is _same)
        return tuple((one.field, self._places[one.columns[0].name]) for one in plain)

    @_others.default
    def _find_others(self) -> tuple[tuple[Column, int, int], ...]:
        others = (one for one in self.fields if one.read is not _same)
        begins = ((one, self._places[one.columns[0].name]) for one in others)
        return tuple((one, at, at + len(one.columns)) for one, at in begins)

    @property
    def sealed_columns(self) -> tuple[str, ...]:
        """The columns that are sealed."""
        return tuple(field.field for field in self.fields if field.sealed)

    @property
    def checks(self) -> tuple[sa.CheckConstraint, ...]:
        """A check for every closed set of codes."""
        return tuple(check for field in self.fields for check in field.checks)

    def row(self, aggregate: A, keys: Sealing) -> dict[str, Any]:
        """The aggregate as the values of its columns.

        Raises: Erased where its owner's key is destroyed.
        """
        values = {
            name: value
            for field in self.fields
            for name, value in zip(
                field.names, field.write(getattr(aggregate, field.field)), strict=True
            )
        }
        for one in self.derived:
            values[one.column.name] = one.value(aggregate, keys)
        self._seal(values, keys)
        return values

    def _seal(self, values: dict[str, Any], keys: Sealing) -> None:
        personal = [
            field for field in self.fields if field.sealed and values[field.field] is not None
        ]
        if personal:
            owner = next(values[name] for name in self.owners if values[name] is not None)
            key, row = keys.sealing(owner, len(personal)), _row_of(values, owner)
            for field in personal:
                values[field.field] = key.seal(values[field.field], row + field.sealed)

    def needs(self, row: tuple[Any, ...]) -> tuple[UUID, int] | None:
        """Whose key, and which version of it, opens the row; None if nothing in it is sealed."""
        for at in self._sealed:
            if row[at] is not None:
                return self.owner(row), version_of(row[at])
        return None

    def resealed(
        self, row: tuple[Any, ...], key_of: Callable[[bytes], DataKey], new: DataKey
    ) -> dict[str, Any]:
        """What is sealed in the row, sealed anew, with the row's id and version."""
        place = self._place(row)
        given = {f"row_{name}": row[self._places[name]] for name in ("id", "version")}
        for field in self.fields:
            if field.sealed:
                old, here = row[self._places[field.field]], place + field.sealed
                content = None if old is None else key_of(old).open(old, here)
                given[f"v_{field.field}"] = None if content is None else new.seal(content, here)
        return given

    def aggregate(self, row: tuple[Any, ...], key: DataKey | None = None) -> A:
        """The aggregate whose columns these are, opened with the key that it needs.

        Raises: KeyRefused where something sealed is not what was put there.
        """
        values = {name: row[at] for name, at in self._plain}
        place = None if key is None else self._place(row)
        for field, at, end in self._others:
            given = row[at:end]
            if field.sealed and given[0] is not None:
                assert key is not None, "whoever reads personal fields brings their key"
                assert place is not None
                given = (key.open(given[0], place + field.sealed),)
            values[field.field] = field.read(*given)
        return self.kind(**values)

    def of(self, row: tuple[Any, ...], column: str) -> Any:
        """What a row has in that column."""
        return row[self._places[column]]

    def owner(self, row: tuple[Any, ...]) -> UUID:
        """Under whose key a row is sealed."""
        owners = (row[self._places[name]] for name in self.owners)
        owner: UUID = next(owner for owner in owners if owner is not None)
        return owner

    def _place(self, row: tuple[Any, ...]) -> bytes:
        id = row[self._places["id"]]
        practice = row[self._places["practice_id"]] if "practice_id" in self._places else id
        return place(practice, self.owner(row), id)


def _row_of(values: Mapping[str, Any], owner: UUID) -> bytes:
    return place(values.get("practice_id", values["id"]), owner, values["id"])


def shape_of(
    kind: type[A], table: str, *, owners: tuple[str, ...] = (), derived: tuple[Derived, ...] = ()
) -> Shape[A]:
    """How aggregates of this class lie in their table: every field, in order.

    What belongs to a patient is sealed under the patient's key, all else under the practice's,
    unless the table names other `owners`.
    """
    resolved: Any = attrs.resolve_types(kind)  # type: ignore[type-var]  # aggregates are attrs classes
    hints: Mapping[str, Any] = {field.name: field.type for field in attrs.fields(resolved)}
    hidden = phi_fields(resolved)
    columns = tuple(
        _sealed(table, name, hint) if name in hidden or personal(hint) else _column(name, hint)
        for name, hint in hints.items()
    )
    whose = owners or tuple(name for name in ("patient_id", "practice_id") if name in hints)
    return Shape(kind, columns, whose, derived)
