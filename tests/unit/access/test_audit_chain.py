"""The audit's chain: whatever is done to an entry is found, and the first bad one is named."""

import hashlib
import hmac
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.access.audit_chain import (
    GENESIS,
    LATENESS,
    Checkpoint,
    Facts,
    Finding,
    Link,
    Tampering,
    canonical,
    examine,
    inserted,
    linked,
)
from telehealth_core.shared.ids import PracticeId

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
PRACTICE = PracticeId(UUID(int=1))
SINCE: Any = st.integers(0, 9)


def entry(id: int, **more: Any) -> Facts:
    """An entry as it is kept."""
    return {
        "practice_id": PRACTICE,
        "id": id,
        "at": AT + timedelta(seconds=id),
        "actor": UUID(int=2),
        "roles": ["patient"],
        "acted_for": None,
        "action": "hold-time",
        "outcome": "done",
        **more,
    }


def chain(entries: Iterable[Facts], before: bytes = GENESIS, position: int = 0) -> list[Link]:
    """The entries, sealed one after the other."""
    links, hash = [], before
    for number, facts in enumerate(entries, position + 1):
        hash = linked(hash, facts)
        id: Any = facts["id"]
        links.append(Link(number, id, hash, facts))
    return links


def mark(link: Link) -> Checkpoint:
    """A checkpoint of this end of the chain."""
    return Checkpoint(practice_id=PRACTICE, position=link.position, head=link.hash, at=AT)


WHOLE = chain(entry(10 * number) for number in range(1, 11))


@pytest.fixture(params=["UTC", "America/New_York"])
def _wherever(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine whose clock shows the time of that zone."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", request.param)
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("_wherever")
def test_an_entry_is_the_same_bytes_in_every_release() -> None:
    """Names in order, instants in UTC, and what is absent left out; pinned, for chains last."""
    assert canonical(entry(7, at=AT.astimezone(timezone(timedelta(hours=-5))))) == (
        b'{"action":"hold-time","actor":"00000000-0000-0000-0000-000000000002",'
        b'"at":"2026-03-02T12:00:00.000000+00:00","id":7,"outcome":"done",'
        b'"practice_id":"00000000-0000-0000-0000-000000000001","roles":["patient"]}'
    )
    assert linked(GENESIS, entry(7)).hex() == (
        "318ba831d9ec687a136da875d8001a585ee5b4b7c78f1640cbd0b983df7e43b6"
    )


def test_a_signature_is_the_same_bytes_in_every_release() -> None:
    """HMAC-SHA256 over its kind and its facts, as whoever keeps checkpoints can work out by hand
    (AUD-04).
    """
    head = hashlib.sha256(b"the last entry").digest()
    signed = (
        b'telehealth checkpoint 1\n{"at":"2026-03-02T12:00:00.000000+00:00","head":"'
        + head.hex().encode()
        + b'","position":7,"practice_id":"00000000-0000-0000-0000-000000000001"}'
    )
    checkpoint = Checkpoint(practice_id=PRACTICE, position=7, head=head, at=AT)
    assert checkpoint.signature(b"key") == hmac.new(b"key", signed, hashlib.sha256).digest()


@given(st.text(min_size=1), SINCE)
def test_a_record_added_later_changes_no_older_entry(name: str, number: int) -> None:
    """Where it is empty it is no part of the entry; where it is not, it is."""
    facts = WHOLE[number].facts
    assert facts is not None
    assert canonical({**facts, f"new {name}": None}) == canonical(facts)
    assert canonical({**facts, f"new {name}": "x"}) != canonical(facts)


def test_a_whole_chain_agrees_with_its_checkpoints() -> None:
    """Every entry is counted, and every checkpoint, even twice at one place."""
    marks = [mark(WHOLE[3]), mark(WHOLE[3]), mark(WHOLE[-1])]
    seen = examine(WHOLE, marks)
    assert (seen.sealed, seen.checkpoints, seen.finding) == (10, 3, None)
    assert seen.newest == AT + timedelta(seconds=100)
    assert examine([], []).finding is None


def _alter(links: list[Link], at: int) -> None:
    links[at] = attrs.evolve(links[at], facts={**(links[at].facts or {}), "outcome": "read"})


def _fill(links: list[Link], at: int) -> None:
    links[at] = attrs.evolve(links[at], facts={**(links[at].facts or {}), "acted_for": PRACTICE})


def _delete(links: list[Link], at: int) -> None:
    links[at] = attrs.evolve(links[at], facts=None)


def _swap(links: list[Link], at: int) -> None:
    mine, next = links[at], links[at + 1]
    links[at] = attrs.evolve(mine, facts={**(next.facts or {}), "id": mine.entry_id})
    links[at + 1] = attrs.evolve(next, facts={**(mine.facts or {}), "id": next.entry_id})


def _trade_places(links: list[Link], at: int) -> None:
    mine, next = links[at], links[at + 1]
    links[at] = attrs.evolve(next, position=mine.position)
    links[at + 1] = attrs.evolve(mine, position=next.position)


def _unlink(links: list[Link], at: int) -> None:
    del links[at]


def _insert(links: list[Link], at: int) -> None:
    forged = entry(5)
    hash = linked(links[at - 1].hash if at else GENESIS, forged)
    links[at:] = [
        Link(at + 1, 5, hash, forged),
        *(attrs.evolve(link, position=link.position + 1) for link in links[at:]),
    ]


@pytest.mark.parametrize(
    ("tamper", "problem", "further"),
    [
        (_alter, Tampering.ALTERED, 0),
        (_fill, Tampering.ALTERED, 0),
        (_delete, Tampering.DELETED, 0),
        (_swap, Tampering.ALTERED, 0),
        (_trade_places, Tampering.ALTERED, 0),
        (_unlink, Tampering.UNLINKED, 1),
        (_insert, Tampering.ALTERED, 1),
    ],
)
@given(at=st.integers(0, 8))
def test_the_first_bad_entry_is_named(
    tamper: Callable[[list[Link], int], None], problem: Tampering, further: int, at: int
) -> None:
    """Whatever is altered, deleted, swapped or inserted, wherever, even with a link of its own."""
    links = list(WHOLE)
    tamper(links, at)
    finding = examine(links, []).finding
    assert finding is not None
    assert (finding.position, finding.problem) == (at + 1 + further, problem)
    assert finding.entry_id == links[at + (further if tamper is _insert else 0)].entry_id


@given(left=st.integers(0, 9))
def test_a_tail_that_was_cut_off_is_known_to_the_checkpoint(left: int) -> None:
    """Entries and chain may end together; the checkpoint says that there was more."""
    assert examine(WHOLE[:left], [mark(WHOLE[2])] if left > 2 else []).finding is None
    finding = examine(WHOLE[:left], [mark(WHOLE[-1])]).finding
    assert finding == Finding(left + 1, None, Tampering.TRUNCATED)


@given(at=st.integers(0, 9))
def test_a_chain_made_anew_contradicts_the_checkpoint(at: int) -> None:
    """Whoever can mend every link is found out at the next checkpoint; what the one before vouched
    for is not suspected.
    """
    facts = [link.facts or {} for link in WHOLE]
    facts[at] = {**facts[at], "outcome": "read"}
    finding = examine(chain(facts), [mark(WHOLE[4]), mark(WHOLE[9])]).finding
    first = WHOLE[0 if at <= 4 else 5]
    assert finding == Finding(first.position, first.entry_id, Tampering.REWRITTEN)


def test_a_checkpoint_of_no_place_is_a_contradiction() -> None:
    """One that stands before the chain's first entry vouches for nothing."""
    finding = examine(WHOLE, [attrs.evolve(mark(WHOLE[0]), position=0)]).finding
    assert finding == Finding(1, 10, Tampering.REWRITTEN)


def test_whatever_is_found_the_newest_sealed_instant_is_told() -> None:
    """Entries come out of order by moments, and what waits unsealed is compared with the latest of
    those that agree (AUD-04).
    """
    late = chain([entry(20), entry(10), entry(5)])
    broken = [*late[:2], attrs.evolve(late[2], facts=None)]
    rewritten = attrs.evolve(mark(late[1]), head=GENESIS)
    beyond = attrs.evolve(mark(late[2]), position=4)
    newest = AT + timedelta(seconds=20)
    for links, marks in ((late, []), (broken, []), (late, [rewritten]), (late, [beyond])):
        assert examine(links, marks).newest == newest


@given(minutes=st.integers(-200, 200))
def test_an_entry_from_long_ago_is_no_late_writer(minutes: int) -> None:
    """Sealed or not, what lies further back than writers ever finish was put in afterwards."""
    old = entry(200, at=AT + timedelta(seconds=100) - LATENESS - timedelta(minutes=minutes))
    newest = AT + timedelta(seconds=100)
    finding = examine([*WHOLE, *chain([old], WHOLE[-1].hash, 10)], []).finding
    waiting, late = inserted([entry(190), old, old], newest)
    assert waiting == 3
    if minutes > 0:
        assert finding == Finding(11, 200, Tampering.INSERTED)
        assert late == Finding(None, 200, Tampering.INSERTED)
    else:
        assert finding is None
        assert late is None
    assert inserted([old], None) == (1, None)


def test_a_signature_is_of_all_that_a_checkpoint_says() -> None:
    """Another key, practice, place, hash or time is another signature."""
    one = mark(WHOLE[0])
    others = [
        attrs.evolve(one, practice_id=PracticeId(UUID(int=9))),
        attrs.evolve(one, position=2),
        attrs.evolve(one, head=GENESIS),
        attrs.evolve(one, at=AT + timedelta(seconds=1)),
    ]
    signatures = {other.signature(b"key") for other in others} | {one.signature(b"another")}
    assert len(signatures) == 5
    assert one.signature(b"key") not in signatures
