"""Every lifecycle, every state, every verb: the methods do exactly what the table says."""

from collections.abc import Iterator
from datetime import date
from enum import Enum, StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

import attrs
import pytest

from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.money import Money
from unit.lives import AT, LIVES, TABLES, WHO, states

CASES = [
    pytest.param(of, verb, status, id=f"{of}-{verb}-{status}")
    for of, life in LIVES.items()
    for verb in life.calls
    for status in states(of)
]


@pytest.mark.parametrize(("of", "verb", "status"), CASES)
def test_a_verb_leads_where_the_table_says_or_changes_nothing(
    of: str, verb: str, status: StrEnum
) -> None:
    """In each state each verb leads to the table's next state, as the next version with its event,
    or is refused.
    """
    life = LIVES[of]
    before = attrs.evolve(life.example, status=status)
    copy = attrs.evolve(before)
    allowed, following = TABLES[of].transitions[verb]
    if status not in allowed:
        follows_another_verb = verb == "empty" and status in TABLES[of].transitions["leave"][0]
        if follows_another_verb:
            return
        with pytest.raises(IllegalTransition) as refused:
            life.calls[verb](before)
        assert refused.value.status == status
    else:
        after, event = life.calls[verb](before)
        assert after.status == (following or status)
        assert after.version == before.version + (2 if verb == "empty" else 1)
        assert (event.subject, event.version, event.at) == (after.id, after.version, AT)
        assert event.by == WHO
    assert before == copy


@pytest.mark.parametrize("of", TABLES)
def test_every_verb_has_its_method_or_is_known_to_have_none_yet(of: str) -> None:
    """A verb nobody tries here, or one that got its method meanwhile, is missed."""
    life = LIVES[of]
    assert set(life.calls) | life.none_yet == set(TABLES[of].transitions)
    assert not set(life.calls) & life.none_yet
    assert not [verb for verb in life.none_yet if hasattr(life.example, verb)]


@pytest.mark.parametrize("of", TABLES)
def test_every_state_can_be_reached_and_the_life_begins_at_its_beginning(of: str) -> None:
    """From the initial state the table leads to each other one."""
    table, reached = TABLES[of], {TABLES[of].initial}
    for _ in states(of):
        for allowed, following in table.transitions.values():
            if following is not None and allowed & reached:
                reached.add(following)
    unreachable = {"Consent": {"refused"}}.get(of, set())
    assert {str(one) for one in states(of)} - {str(one) for one in reached} == unreachable
    fields = attrs.fields_dict(type(LIVES[of].example))
    assert fields["status"].default == table.initial


GOLDEN = Path(__file__).with_name("lifecycles.txt")


def render() -> str:
    """Every lifecycle as text: a line for each verb, where it is allowed and leads."""
    lines = []
    for of in sorted(TABLES):
        table = TABLES[of]
        lines.append(f"{of}, from {table.initial}")
        for verb, (allowed, following) in table.transitions.items():
            lines.append(f"  {verb}: {' '.join(sorted(allowed))} -> {following or 'the same'}")
    return "\n".join(lines) + "\n"


def test_the_lifecycles_are_those_that_people_read() -> None:
    """A change of any table shows in the text's diff: write it anew by running this module."""
    assert GOLDEN.read_text() == render()


WRITES = Path(__file__).with_name("writes.txt")


def brief(value: Any) -> str:
    """A value as somebody reads it who compares two of them."""
    if isinstance(value, Money | date | Enum):
        return str(value)
    if isinstance(value, UUID):
        return f"#{value.int % 10_000}"
    if attrs.has(type(value)):
        fields = {one.name: getattr(value, one.name) for one in attrs.fields(type(value))}
        said = (f"{name}={brief(one)}" for name, one in fields.items() if one not in (None, ()))
        return f"{type(value).__name__}({', '.join(said)})"
    if isinstance(value, tuple | frozenset):
        each = [brief(one) for one in value]
        return f"[{', '.join(sorted(each) if isinstance(value, frozenset) else each)}]"
    return repr(value)


def written(of: str, verb: str, status: StrEnum) -> Iterator[str]:
    """What a verb asked for in this state changes beside state and version."""
    before = attrs.evolve(LIVES[of].example, status=status)
    after, event = LIVES[of].calls[verb](before)
    yield f"    {event.name}"
    for field in attrs.fields(type(after)):
        value = getattr(after, field.name)
        if field.name not in {"status", "version"} and value != getattr(before, field.name):
            yield f"    {field.name}: {brief(value)}"


def render_writes() -> str:
    """What every verb writes, as text: its event, and each field with its new value."""
    lines = []
    for of in sorted(LIVES):
        for verb in LIVES[of].calls:
            said: dict[tuple[str, ...], list[str]] = {}
            for status in sorted(TABLES[of].transitions[verb][0]):
                said.setdefault(tuple(written(of, verb, status)), []).append(status)
            for what, where in said.items():
                lines += [f"{of} {verb}, {' '.join(where)}", *what]
    return "\n".join(lines) + "\n"


def test_what_each_verb_writes_is_what_people_read() -> None:
    """Who, when and why stay with the thing, what is over is forgotten, and nothing else changes
    (AUD-01): a change shows in the text's diff. Write it anew: `render_writes`.
    """
    assert WRITES.read_text() == render_writes()


def test_every_table_is_of_an_aggregate_here() -> None:
    """A new aggregate's lifecycle is not forgotten."""
    assert set(TABLES) == set(LIVES)


if __name__ == "__main__":
    GOLDEN.write_text(render())
    WRITES.write_text(render_writes())
