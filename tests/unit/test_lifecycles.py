"""Every lifecycle, every state, every verb: the methods do exactly what the table says."""

import sys
from enum import StrEnum
from pathlib import Path

import attrs
import pytest

from telehealth_core.shared.lifecycle import IllegalTransition
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


def test_every_table_is_of_an_aggregate_here() -> None:
    """A new aggregate's lifecycle is not forgotten."""
    assert set(TABLES) == set(LIVES)


if __name__ == "__main__":
    sys.stdout.write(render())
