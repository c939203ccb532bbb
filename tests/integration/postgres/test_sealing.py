"""Sealing: what is personal leaves the program encrypted, and opens at its own place only."""

import types
from collections.abc import Iterator
from typing import Any, NewType, Union, get_args, get_origin
from uuid import UUID

import attrs
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.access.keys import KeyRefused
from telehealth_core.shared.phi import phi, phi_fields
from telehealth_postgres.columns import Shape, personal, shape_of
from telehealth_postgres.sealing import DataKey, place, version_of
from telehealth_postgres.tables import METADATA

KEY = DataKey.of(1, bytes(range(32)))
IDS = st.uuids()
SHAPES = {
    name: table.info["shape"] for name, table in METADATA.tables.items() if "shape" in table.info
}


@given(IDS, IDS, IDS, st.binary(max_size=200))
def test_what_was_sealed_opens(practice: UUID, owner: UUID, row: UUID, content: bytes) -> None:
    """Any content comes back, under the version that its header names."""
    here = place(practice, owner, row) + b"notes.body"
    sealed = KEY.seal(content, here)
    assert version_of(sealed) == 1
    assert KEY.open(sealed, here) == content


@pytest.mark.parametrize("moved", ["practice", "owner", "row", "table", "column", "version"])
def test_what_is_moved_does_not_open(moved: str) -> None:
    """Practice, patient, table, column, row and key version are each bound to it (ENC-02)."""
    ids = {name: UUID(int=number) for number, name in enumerate(("practice", "owner", "row"))}
    sealed = KEY.seal(b"content", place(*ids.values()) + b"notes.body")
    there = ids | ({moved: UUID(int=9)} if moved in ids else {})
    name = {"table": b"messages.body", "column": b"notes.addenda"}.get(moved, b"notes.body")
    if moved == "version":
        sealed = DataKey.of(2, bytes(range(32))).seal(b"", b"")[:5] + sealed[5:]
    with pytest.raises(KeyRefused):
        KEY.open(sealed, place(*there.values()) + name)


@given(st.integers(min_value=0, max_value=60), st.integers(min_value=1, max_value=255))
def test_what_is_changed_does_not_open(at: int, by: int) -> None:
    """Not one bit of header, nonce, content or tag can be another one."""
    sealed = bytearray(KEY.seal(b"some content of a note", b"here"))
    sealed[at % len(sealed)] ^= by
    with pytest.raises(KeyRefused):
        KEY.open(bytes(sealed), b"here")


def test_every_nonce_is_fresh() -> None:
    """A hundred thousand messages, a hundred thousand nonces (ENC-03)."""
    nonces = {KEY.seal(b"", b"")[5:17] for _ in range(100_000)}
    assert len(nonces) == 100_000


def test_bytes_of_a_key_are_in_no_repr() -> None:
    """Neither a log nor a trace shows a key (ENC-09)."""
    assert repr(KEY) == "DataKey(version=1)"


def _kinds(hint: Any, seen: frozenset[Any] = frozenset()) -> Iterator[type]:
    """Every attrs class that a value of this type may have inside, told apart from the adapter."""
    while isinstance(hint, NewType):
        hint = hint.__supertype__
    if get_origin(hint) is not None or isinstance(hint, types.UnionType):
        for inner in get_args(hint):
            yield from _kinds(inner, seen)
    elif isinstance(hint, type) and attrs.has(hint) and hint not in seen:
        yield hint
        for field in attrs.fields(attrs.resolve_types(hint)):
            yield from _kinds(field.type, seen | {hint})


def _lies_open(shape: Shape[Any]) -> set[str]:
    """The fields in whose columns something personal would lie open."""
    kind = attrs.resolve_types(shape.kind)
    hints = {field.name: field.type for field in attrs.fields(kind)}
    hidden = phi_fields(kind) | {
        name for name, hint in hints.items() if any(map(phi_fields, _kinds(hint)))
    }
    return {
        field.field
        for field in shape.fields
        if field.field in hidden
        and not (field.sealed and all(type(c.type) is sa.LargeBinary for c in field.columns))
    }


@pytest.mark.parametrize("table", SHAPES)
def test_nothing_personal_reaches_a_plain_column(table: str) -> None:
    """Every phi() field, and every field with one anywhere inside, is one sealed column (F59)."""
    assert _lies_open(SHAPES[table]) == set()


def test_a_field_left_plain_is_found() -> None:
    """The search sees a plain column of a personal field, also of one deep inside."""

    @attrs.frozen
    class Inside:
        secret: str = phi()

    @attrs.frozen
    class Example:
        id: UUID
        outer: tuple[Inside, ...] | None = None
        own: str = phi(default="")

    shape = shape_of(Example, "examples", owners=("id",))
    assert _lies_open(shape) == set()
    plain = [attrs.evolve(field, sealed=b"") for field in shape.fields]
    assert _lies_open(attrs.evolve(shape, fields=tuple(plain))) == {"outer", "own"}
    assert personal(Union[int, tuple[Inside, ...]])  # noqa: UP007 - both ways to say it


def test_what_is_searched_is_not_what_is_kept() -> None:
    """Derived columns are digests and ids: none of them is a text (ENC-06)."""
    kinds = {str(one.column.type) for shape in SHAPES.values() for one in shape.derived}
    assert kinds == {"BLOB", "ARRAY"}
