"""A marker in every personal field of everything that is kept, then hunted for wherever it must not
be: the journeys fill but some of these fields (ENC-01, ENC-09, N07).
"""

import logging
import subprocess
import types
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from itertools import count
from typing import Any, NewType, Union, get_args, get_origin
from uuid import UUID

import attrs
import pytest

from telehealth_core.access.actor import Actor
from telehealth_core.access.ports import Keys
from telehealth_core.reactions import EVENTS
from telehealth_core.shared import IdReused, Interval
from telehealth_core.shared.ids import DocumentId, PatientId, PracticeId, UserId
from telehealth_core.shared.phi import phi_fields
from telehealth_files import FolderDocuments
from telehealth_postgres.binaries import find
from telehealth_postgres.columns import Shape
from telehealth_postgres.seals import PostgresSeals
from telehealth_postgres.store import PostgresStore
from telehealth_postgres.tables import METADATA
from telehealth_postgres.wall import application_uri

ONE = UUID("0e11a000-0000-4000-8000-000000000001")
"""The id of everything, so that each reference finds its row."""
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = Interval(NOW, NOW + timedelta(hours=1))
SHAPES: dict[str, Shape[Any]] = {
    table.name: table.info["shape"]
    for table in METADATA.sorted_tables
    if "shape" in table.info and table.name != "audit"
}
"""In an order in which each finds what it refers to."""


class Markers:
    """Values that stand nowhere by chance, each made once and kept to be hunted for."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self._numbers = count(1)

    def of(self, kind: type) -> Any:
        """A marker of a plain type; None for one that has too few values to be told apart."""
        number = next(self._numbers)
        made: dict[type, Any] = {
            str: f"Canary-{number:05d}",
            bytes: f"Canary-{number:05d}".encode(),
            int: 7_700_770_077_000_000 + number,
            date: date(1703, 1, 1) + timedelta(days=number),
            datetime: datetime(1703, 1, 1, 1, 2, 3, tzinfo=UTC) + timedelta(days=number),
        }
        marker = made.get(kind)
        if marker is not None:
            # an instant is known by its day, however a column or JSON writes it
            day = marker.date() if isinstance(marker, datetime) else marker
            self.made.append(day.decode() if isinstance(day, bytes) else str(day))
        return marker


def filled(kind: Any, markers: Markers, *, hidden: bool) -> Any:
    """A value of this type with nothing left out; what is personal in it is marked."""
    while isinstance(kind, NewType):
        kind = kind.__supertype__
    origin, inside = get_origin(kind), get_args(kind)
    if origin in {Union, types.UnionType}:
        return filled(next(one for one in inside if one is not type(None)), markers, hidden=hidden)
    if origin is not None:
        members = [filled(one, markers, hidden=hidden) for one in inside if one is not ...]
        return dict([members]) if issubclass(origin, Mapping) else origin(members)
    if attrs.has(kind):
        return HOUR if kind is Interval and not hidden else _filled(kind, markers, hidden=hidden)
    if issubclass(kind, Enum):
        return next(iter(kind))
    marker = markers.of(kind) if hidden else None
    return _PLAIN[kind] if marker is None else marker


_PLAIN: dict[type, Any] = {
    UUID: ONE,
    str: "GBP",
    int: 1,
    bool: True,
    bytes: b"plain",
    date: NOW.date(),
    datetime: NOW,
}


def _filled(kind: Any, markers: Markers, *, hidden: bool) -> Any:
    """One of that class, past its validators: no rule of ours has to like a marker."""
    made = object.__new__(kind)
    own = phi_fields(attrs.resolve_types(kind))
    for field in attrs.fields(kind):
        value = filled(field.type, markers, hidden=hidden or field.name in own)
        object.__setattr__(made, field.name, value)
    return made


def everything(markers: Markers) -> Iterator[tuple[str, Any]]:
    """One of each kind that the store keeps, in its first version."""
    for name, shape in SHAPES.items():
        made = _filled(shape.kind, markers, hidden=False)
        if hasattr(made, "version"):
            object.__setattr__(made, "version", 1)
        yield name, made


@pytest.fixture(scope="module")
def markers() -> Markers:
    """Return what is hunted for."""
    return Markers()


@pytest.fixture(scope="module")
def written(
    database: str, keys: Keys, markers: Markers, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, str]:
    """Return a dump of the database and the log, once one of everything is written, and refused."""
    log = Log()
    logging.getLogger().addHandler(log)
    before, logging.getLogger().level = logging.getLogger().level, logging.DEBUG
    actor = attrs.evolve(Actor.system(PracticeId(ONE)), id=UserId(ONE))
    event = next(iter(EVENTS.values()))
    try:
        with PostgresStore.open(application_uri(database), keys, connections=1) as store:
            for name, one in everything(markers):
                assert _save(store, actor, name, one, event) is None, name
                told = _save(store, actor, name, one, event)
                assert told is not None, name
                log.lines.append(f"{told} {told!r} {vars(told)}")
            seals = PostgresSeals(store)
            documents = FolderDocuments(tmp_path_factory.mktemp("documents"), seals)
            content = markers.of(bytes)
            documents.put(PracticeId(ONE), PatientId(ONE), DocumentId(ONE), content)
    finally:
        logging.getLogger().removeHandler(log)
        logging.getLogger().level = before
    files = [path.read_bytes() for path in documents.root.rglob("*") if path.is_file()]
    assert files
    log.lines += [repr(content) for content in files]
    command = [find().program("pg_dump"), "--inserts", "--data-only", database]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout, log.text


class Log(logging.Handler):
    """Every word that is logged or told in an exception."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line with all that came with it."""
        self.lines.append(f"{self.format(record)} {vars(record)}")

    @property
    def text(self) -> str:
        """All of it."""
        return "\n".join(self.lines)


def _save(store: PostgresStore, actor: Actor, table: str, one: Any, event: Any) -> Exception | None:
    """Write this with an event and its audit; what was told if that was refused."""
    try:
        with store.work(actor) as work:
            (collection,) = [its for its in work.collections() if its.table.name == table]
            collection.save(one, event(one.id, 1, actor.id, NOW))
    except IdReused as refusal:
        return refusal
    return None


def standing(markers: Markers, text: str) -> set[str]:
    """Which markers stand in the text: as they are, or as the bytes of a plain column."""
    return {one for one in markers.made if one in text or one.encode().hex() in text}


def test_every_personal_field_is_marked(markers: Markers, written: object) -> None:
    """At least one marker in each sealed column of each table that can hold one: a yes or no is
    none.
    """
    for name, shape in SHAPES.items():
        for field in attrs.fields(attrs.resolve_types(shape.kind)):
            if field.name in shape.sealed_columns:
                mine = Markers()
                filled(field.type, mine, hidden=field.name in phi_fields(shape.kind))
                assert mine.made, f"{name}.{field.name}"
    assert len(markers.made) > 150


def test_no_marker_is_in_a_dump(markers: Markers, written: tuple[str, str]) -> None:
    """Of no personal field of no kind anything lies in clear: not in its row, not in the outbox,
    not in the audit, neither as text nor as plain bytes (ENC-01, BCP-01).
    """
    dump, _ = written
    for table in (*SHAPES, "outbox", "audit"):
        assert f"INSERT INTO public.{table} " in dump
    assert standing(markers, dump) == set()


def test_no_marker_is_logged_told_or_in_a_document(
    markers: Markers, written: tuple[str, str]
) -> None:
    """Neither the finest log nor a refusal has one, and no file (ENC-09, UPL-05)."""
    _, told = written
    assert told
    assert standing(markers, told) == set()


def test_the_hunt_finds_a_marker_left_plain(markers: Markers, written: tuple[str, str]) -> None:
    """A single one, as text or as bytes."""
    marker = markers.made[-1]
    assert standing(markers, f"{written[0]}{marker}") == {marker}
    assert standing(markers, f"{written[0]}\\x{marker.encode().hex()}") == {marker}
