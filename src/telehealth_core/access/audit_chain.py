"""The audit's chain: each entry is sealed by a hash over itself and over all before it (AUD-04).

Entries are sealed a moment after they were written, one chain for each practice. Whoever alters,
removes, swaps or inserts an entry breaks a link; whoever could mend all links after it, or cuts the
end off, is contradicted by a checkpoint: the chain's length and last hash at an instant, signed and
kept elsewhere.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import attrs

from telehealth_core.shared.ids import PracticeId

Fact = None | str | int | UUID | datetime | Sequence[str]
Facts = Mapping[str, Fact]
"""One entry as it is kept: what is recorded, by the name of the record."""

GENESIS = bytes(32)
"""What the first entry of a chain follows."""
LATENESS = timedelta(hours=1)
"""How far behind the newest entry before it an entry may lie. Writers finish out of order by
moments, and their clocks differ by seconds; what is older was put in afterwards.
"""


def canonical(facts: Facts) -> bytes:
    """The entry as bytes, the same in every release: names in order, instants in UTC. What an entry
    does not have is left out, so a record that a later release adds changes no entry of before.
    """
    told = {name: _plain(fact) for name, fact in facts.items() if fact is not None}
    return json.dumps(told, separators=(",", ":"), sort_keys=True).encode()


def _plain(fact: Fact) -> Any:
    if isinstance(fact, datetime):
        return fact.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(fact, UUID):
        return str(fact)
    return fact


def linked(before: bytes, facts: Facts) -> bytes:
    """The hash that seals this entry after the one with that hash."""
    return hashlib.sha256(b"telehealth audit 1\n" + before + canonical(facts)).digest()


@attrs.frozen
class Link:
    """One place in the chain: which entry is sealed there, by which hash; and the entry as it is
    kept now, if it is.
    """

    position: int
    entry_id: int
    hash: bytes
    facts: Facts | None


@attrs.frozen(kw_only=True)
class Checkpoint:
    """How long a chain was, and its last hash, at an instant."""

    practice_id: PracticeId
    position: int
    head: bytes
    at: datetime

    def signature(self, key: bytes) -> bytes:
        """What proves that whoever has the key saw this."""
        facts: Facts = {
            "practice_id": self.practice_id,
            "position": self.position,
            "head": self.head.hex(),
            "at": self.at,
        }
        return hmac.digest(key, b"telehealth checkpoint 1\n" + canonical(facts), "sha256")


class Tampering(StrEnum):
    """What is found where audit and chain do not agree."""

    ALTERED = "is not what was sealed"
    DELETED = "was sealed and is gone"
    UNLINKED = "is followed by a gap in the chain"
    INSERTED = "was put in long after its time"
    TRUNCATED = "and what followed is gone, though a checkpoint knows of it"
    REWRITTEN = "or one soon after it was changed with its chain: a checkpoint says otherwise"


@attrs.frozen
class Finding:
    """The first bad entry: its place in the chain, which entry if that is known, and what is wrong.
    An entry that is in no chain yet has no place.
    """

    position: int | None
    entry_id: int | None
    problem: Tampering


@attrs.frozen
class Examined:
    """What came of examining a chain."""

    sealed: int
    checkpoints: int
    finding: Finding | None = None
    newest: datetime | None = None
    """The latest instant of the sealed entries."""


def examine(links: Iterable[Link], checkpoints: Iterable[Checkpoint]) -> Examined:
    """Go along the chain, with the checkpoints in the order of their positions, as far as all is
    well.
    """
    marks = _Marks(iter(checkpoints))
    position, head, newest = 0, GENESIS, None
    for link in links:
        problem = _problem(link, position, head, newest)
        if problem is not None:
            found = Finding(link.position, link.entry_id, problem)
            return Examined(position, marks.passed, found, newest)
        assert link.facts is not None
        position, head = link.position, link.hash
        newest = _at(link.facts) if newest is None else max(newest, _at(link.facts))
        if not marks.agree(link):
            since = marks.first or link
            found = Finding(since.position, since.entry_id, Tampering.REWRITTEN)
            return Examined(position, marks.passed, found, newest)
    if marks.next is not None:
        found = Finding(position + 1, None, Tampering.TRUNCATED)
        return Examined(position, marks.passed, found, newest)
    return Examined(position, marks.passed, None, newest)


def inserted(unsealed: Iterable[Facts], newest: datetime | None) -> tuple[int, Finding | None]:
    """How many entries wait to be sealed, and the first that waits though it is older than what was
    sealed long since.
    """
    waiting, finding = 0, None
    for facts in unsealed:
        waiting += 1
        if finding is None and _late(facts, newest):
            finding = Finding(None, _id(facts), Tampering.INSERTED)
    return waiting, finding


@attrs.define
class _Marks:
    """The checkpoints as they are passed."""

    _left: Iterator[Checkpoint]
    next: Checkpoint | None = None
    passed: int = 0
    first: Link | None = None
    """The first link that no checkpoint vouched for yet."""

    def __attrs_post_init__(self) -> None:
        self.next = next(self._left, None)

    def agree(self, link: Link) -> bool:
        """Whether every checkpoint of this place saw the same hash."""
        self.first = self.first or link
        while self.next is not None and self.next.position <= link.position:
            if (self.next.position, self.next.head) != (link.position, link.hash):
                return False
            self.passed, self.first = self.passed + 1, None
            self.next = next(self._left, None)
        return True


def _problem(link: Link, position: int, head: bytes, newest: datetime | None) -> Tampering | None:
    if link.position != position + 1:
        return Tampering.UNLINKED
    if link.facts is None:
        return Tampering.DELETED
    if not hmac.compare_digest(linked(head, link.facts), link.hash):
        return Tampering.ALTERED
    return Tampering.INSERTED if _late(link.facts, newest) else None


def _late(facts: Facts, newest: datetime | None) -> bool:
    return newest is not None and _at(facts) < newest - LATENESS


def _at(facts: Facts) -> datetime:
    at = facts["at"]
    assert isinstance(at, datetime)
    return at


def _id(facts: Facts) -> int:
    id = facts["id"]
    assert isinstance(id, int)
    return id
