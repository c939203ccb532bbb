"""The rules about values that every capability shares."""

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.shared.refusal import Invalid
from telehealth_core.shared.text import email, is_zone, line, prose
from unit.clinic import LAWS


@attrs.frozen(kw_only=True)
class Form:
    """One field of each rule."""

    name: str = attrs.field(default="a name", validator=line(10, least=2))
    text: str = attrs.field(default="some\ntext", validator=prose(20))
    address: str = attrs.field(default="name@example.org", validator=email)
    zone: str = attrs.field(default="Europe/London", validator=is_zone)


def refused(**value: Any) -> bool:
    """Whether the form refuses the value, naming its field."""
    try:
        Form(**value)
    except Invalid as refusal:
        return refusal.field == next(iter(value))
    return False


@LAWS
@given(st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), max_size=14))
def test_a_line_has_its_length_and_no_control_characters(value: str) -> None:
    """Blank around it does not make a line longer than it is, but counts towards the most."""
    assert refused(name=value) == (len(value.strip()) < 2 or len(value) > 10)


@pytest.mark.parametrize("value", ["two\nlines", "a\x00b", "a\tb", "\x1b[31mred"])
def test_a_line_is_one_line(value: str) -> None:
    """Line ends, tabs and other control characters are refused."""
    assert refused(name=value)


@pytest.mark.parametrize(("value", "bad"), [("a\n\tb", False), ("a\x07b", True), (" ", True)])
def test_prose_has_lines_but_no_other_control_characters(value: str, bad: bool) -> None:
    """Several lines are fine, bells are not, and nothing is not prose."""
    assert refused(text=value) is bad


@pytest.mark.parametrize(
    "value", ["", "name", "name@", "@example.org", "name@example", "a b@example.org", "a@b@c.org",
              "name@example..org", "name@example.org\n", "n" * 250 + "@example.org"]
)  # fmt: skip
def test_what_cannot_be_written_to_is_no_address(value: str) -> None:
    """An address has a name, one at sign, and a domain of several parts."""
    assert refused(address=value)


@pytest.mark.parametrize("value", ["name+tag@sub.example.org", "ñ@example.org"])
def test_unusual_addresses_are_taken(value: str) -> None:
    """Only a message shows whether an address can be reached."""
    assert not refused(address=value)


@pytest.mark.parametrize(
    "value", ["", "Europe", "Europe/Nowhere", "../etc/passwd", "/etc/localtime", "GMT+25:00"]
)
def test_only_iana_zones_are_zones(value: str) -> None:
    """Folders, files and inventions are refused as any other wrong value."""
    assert refused(zone=value)
