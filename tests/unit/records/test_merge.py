"""Merging what two systems say: nobody's word is lost, an echo is silent (F56, F58)."""

from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.records.merge import Difference, Rule, merge
from unit.clinic import LAWS

NAMES = ("name", "phone", "street")
VALUES = st.sampled_from((None, "a", "b", "c"))
SAID = st.fixed_dictionaries(dict.fromkeys(NAMES, VALUES))
RULES = st.fixed_dictionaries(dict.fromkeys(NAMES, st.sampled_from(Rule)))
Said = dict[str, str | None]


@given(SAID, SAID, SAID, RULES)
@LAWS
def test_each_field_is_decided_as_if_it_were_alone(
    agreed: Said, ours: Said, theirs: Said, rules: dict[str, Rule]
) -> None:
    """A slow, obvious merge of one field at a time says the same."""
    merged = merge(agreed, ours, theirs, rules)
    for name, rule in rules.items():
        a, o, t = agreed[name], ours[name], theirs[name]
        if t in (o, a):
            result, asked = o, False
        elif rule is Rule.ASK_ALWAYS:
            result, asked = a, True
        elif o == a:
            result, asked = t, False
        else:
            result, asked = {Rule.OURS: o, Rule.THEIRS: t}.get(rule, a), rule is Rule.ASK
        assert merged.agreed[name] == (a if asked else t)
        assert (Difference(name, a, o, t) in merged.open) is asked
        assert (name in merged.take) is (not asked and result != o)
        assert (name in merged.send) is (not asked and result != t)


@given(SAID, SAID, SAID, RULES)
@LAWS
def test_no_value_is_lost(agreed: Said, ours: Said, theirs: Said, rules: dict[str, Rule]) -> None:
    """Whatever a side newly says is agreed on, sent, taken, or kept in a difference (F58)."""
    merged = merge(agreed, ours, theirs, rules)
    kept = {
        (one.field, value)
        for one in (*merged.open, *merged.decided)
        for value in (one.ours, one.theirs)
    }
    for name in NAMES:
        for value in (ours[name], theirs[name]):
            followed = {agreed[name], merged.agreed[name], merged.send.get(name)}
            assert value in followed or (name, value) in kept


@given(SAID, SAID, SAID, RULES)
@LAWS
def test_hearing_the_outcome_again_changes_nothing(
    agreed: Said, ours: Said, theirs: Said, rules: dict[str, Rule]
) -> None:
    """An echo of what was sent is silent (F56)."""
    first = merge(agreed, ours, theirs, rules)
    again = merge(first.agreed, {**ours, **first.take}, {**theirs, **first.send}, rules)
    assert (again.take, again.send, again.decided) == ({}, {}, ())
    assert again.agreed == {**first.agreed, **first.send}
    assert {one.field for one in again.open} == {one.field for one in first.open}


def test_a_field_that_they_do_not_mention_is_left_alone() -> None:
    """A narrow answer does not empty what it leaves out."""
    rules = {"name": Rule.THEIRS, "phone": Rule.THEIRS}
    merged = merge({"name": "a", "phone": "1"}, {"name": "a", "phone": "1"}, {"name": "b"}, rules)
    assert (merged.take, merged.send) == ({"name": "b"}, {})
    assert merged.agreed == {"name": "b", "phone": "1"}
