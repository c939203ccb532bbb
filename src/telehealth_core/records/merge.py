"""The three-way merge: what two systems say about one thing, and what they last agreed on (F56,
F58).

A side has changed a field if it differs from what both last agreed on. Only one side changed it:
that side is followed. Both did, to the same: agreed. Both did, to different things: a rule of the
field decides, or a person. Because what was just written to the other system is what both agree on,
hearing it back changes nothing: an echo is silent by construction.
"""

from collections.abc import Mapping
from enum import StrEnum

import attrs

Fields = Mapping[str, str | None]
"""What one side says: every field by its name, as text; None where it says nothing."""


class Rule(StrEnum):
    """Whose word counts where both sides changed a field to different things (F58)."""

    THEIRS = "theirs"
    OURS = "ours"
    ASK = "ask"
    """Nobody's, until a person has decided."""
    ASK_ALWAYS = "ask-always"
    """A person decides on every change of theirs, even where we changed nothing."""


@attrs.frozen(repr=False)
class Difference:
    """One field that both sides changed, with all three values: nothing of it is lost."""

    field: str
    agreed: str | None
    ours: str | None
    theirs: str | None


@attrs.frozen(repr=False)
class Merge:
    """What follows: what we take over, what they get, and in what the two differ. A difference
    that a rule decided is told too (`decided`), one that a person has to decide leaves the field as
    it is on both sides (`open`).

    `agreed` is what the next merge begins with: what they said now, but for what is open. So what
    they still have to get differs from it until they have got it, and cannot be lost on the way.
    """

    take: Fields
    send: Fields
    agreed: Fields
    decided: tuple[Difference, ...]
    open: tuple[Difference, ...]


def merge(agreed: Fields, ours: Fields, theirs: Fields, rules: Mapping[str, Rule]) -> Merge:
    """Merge what both sides say, field by field.

    Only fields that have a rule are shared at all, and a field that they do not mention is not
    touched.
    """
    take: dict[str, str | None] = {}
    send: dict[str, str | None] = {}
    after: dict[str, str | None] = {}
    decided: list[Difference] = []
    undecided: list[Difference] = []
    for field, rule in rules.items():
        if field not in theirs:
            after[field] = agreed.get(field)
            continue
        one = Difference(field, agreed.get(field), ours.get(field), theirs[field])
        outcome = _decide(one, rule)
        if isinstance(outcome, type):
            undecided.append(one)
            after[field] = one.agreed
            continue
        if one.agreed not in {one.ours, one.theirs} and one.ours != one.theirs:
            decided.append(one)
        after[field] = one.theirs
        if outcome != one.ours:
            take[field] = outcome
        if outcome != one.theirs:
            send[field] = outcome
    return Merge(take, send, after, tuple(decided), tuple(undecided))


class _Undecided:
    """No value at all: None is one."""


def _decide(one: Difference, rule: Rule) -> "str | type[_Undecided] | None":
    if one.ours == one.theirs:
        return one.ours
    if one.theirs == one.agreed:
        return one.ours
    if rule is Rule.ASK_ALWAYS:
        return _Undecided
    if one.ours == one.agreed or rule is Rule.THEIRS:
        return one.theirs
    return one.ours if rule is Rule.OURS else _Undecided
