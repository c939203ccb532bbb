"""What is personal in a store, word by word: to be hunted for wherever it must not be."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from telehealth_core.access.actor import Actor
from telehealth_core.shared.phi import phi_fields
from telehealth_postgres.statements import Statement
from telehealth_postgres.store import PostgresStore
from telehealth_postgres.tables import METADATA

LEAST = 5
"""Shorter words stand anywhere by chance."""
_CODE = re.compile(r"[a-z]+(-[a-z]+)*|[0-9a-f-]{36}|[0-9a-f]{64}|[a-z-]+:[0-9a-f]{64}")
"""Words of the program itself, ids and digests: personal beside others, and nothing alone."""


def words(value: Any, *, personal: bool = False) -> Iterator[tuple[str, bool]]:
    """Every text in a value, and whether it is personal: in a phi() field, however deep."""
    if isinstance(value, str) and type(value) is str:
        yield value, personal
    elif attrs.has(type(value)):
        hidden = phi_fields(type(value))
        for field in attrs.fields(type(value)):
            inside = getattr(value, field.name)
            yield from words(inside, personal=personal or field.name in hidden)
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from words(one, personal=personal)
    elif isinstance(value, tuple | list | frozenset):
        for one in value:
            yield from words(one, personal=personal)


def aggregates(store: PostgresStore) -> Iterator[Any]:
    """Everything that the store keeps of every practice."""
    for practice in store.all():
        yield practice
        for table in METADATA.sorted_tables:
            if "practice_id" in table.c and "shape" in table.info and table.name != "audit":
                columns = ", ".join(f'"{column.name}"' for column in table.c)
                query = f"SELECT {columns} FROM {table.name} WHERE practice_id = %(practice)s"
                with store.work(Actor.system(practice.id)) as work:
                    rows = work.rows(Statement(query, {}), {})
                    yield from work.keys.readable(table.info["shape"], rows)


def canaries(store: PostgresStore) -> frozenset[str]:
    """The personal words that are nowhere told openly as well, such as a provider's name."""
    told: dict[bool, set[str]] = {True: set(), False: set()}
    for one in aggregates(store):
        for word, personal in words(one):
            told[personal].add(word)
    openly = " ".join(told[False])
    return frozenset(
        word
        for word in told[True]
        if len(word) >= LEAST and word not in openly and not _CODE.fullmatch(word)
    )


def in_clear(hunted: Iterable[str], text: str) -> set[str]:
    """Which of these words stand in the text: as they are, or as the bytes of a plain column."""
    return {
        word
        for word in hunted
        if (word in text and re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text))
        or word.encode().hex() in text
    }
