"""A lifecycle is a table: what it allows leads on, what it does not is refused."""

from enum import StrEnum

import pytest

from telehealth_core.shared.lifecycle import IllegalTransition, Lifecycle


class Light(StrEnum):
    """A small life of its own."""

    OFF = "off"
    ON = "on"


TABLE: Lifecycle[Light] = Lifecycle(
    "Light",
    Light.OFF,
    {"switch_on": (frozenset({Light.OFF}), Light.ON), "dust": (frozenset(Light), None)},
)


def test_an_allowed_verb_leads_on_and_a_keeping_one_stays() -> None:
    """A verb without a next state keeps whichever there is."""
    assert TABLE.after("switch_on", Light.OFF) is Light.ON
    assert [TABLE.after("dust", status) for status in Light] == list(Light)


def test_a_verb_that_is_not_allowed_names_itself_and_the_state() -> None:
    """The refusal tells what was asked and why it cannot be."""
    with pytest.raises(IllegalTransition, match="Cannot switch_on while on"):
        TABLE.after("switch_on", Light.ON)
