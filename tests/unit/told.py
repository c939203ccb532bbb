"""What somebody is told who asks for what the rules forbid: in the words of a table that people
read.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.refusal import IdReused, Invalid, Refusal, Unknown
from unit.lives import TABLES

GOLDEN = Path(__file__).with_name("told.txt")
KINDS: tuple[type[Refusal], ...] = (IdReused, IllegalTransition, Invalid, Unknown)
"""Refusals that many rules share, and say in their own words."""


def words(refusal: Refusal) -> str:
    """A refusal as one line: its code and what it names, but for id, present state and sums."""
    facts = {name: fact for name, fact in refusal.facts().items() if name not in {"id", "status"}}
    said = " | ".join([refusal.code, *map(str, facts.values())])
    return re.sub(r"\d+\.\d\d [A-Z]{3}", "a sum", said)


@cache
def known() -> frozenset[str]:
    """All that may be told: what stands in the table, and the verbs of every lifecycle."""
    verbs = {verb for table in TABLES.values() for verb in table.transitions}
    asked = {f"{IllegalTransition.code} | {verb}" for verb in verbs}
    return frozenset(asked.union(GOLDEN.read_text().splitlines()))


@contextmanager
def looked_at(seen: set[str] | None = None) -> Iterator[None]:
    """Look at every refusal that is made meanwhile: only what people read is told."""

    def looking(kind: type[Any]) -> Any:
        made = kind.__init__

        def init(self: Refusal, *args: Any, **facts: Any) -> None:
            made(self, *args, **facts)
            if seen is not None:
                seen.add(words(self))
            else:
                assert words(self) in known(), f"nobody reads: {words(self)}"

        return init

    with pytest.MonkeyPatch.context() as patch:
        for kind in KINDS:
            patch.setattr(kind, "__init__", looking(kind))
        yield
