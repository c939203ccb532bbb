"""Personal fields are hidden wherever a value is shown, and no refusal tells them."""

from datetime import UTC, date, datetime
from string import Formatter
from typing import Any

import attrs
import pytest

from telehealth_core.prescribing.item import Item
from telehealth_core.registration.patient import Address, Identifier
from telehealth_core.scheduling.pre_screening import Answer
from telehealth_core.shared.phi import phi, phi_fields
from telehealth_core.shared.refusal import Refusal
from unit.clinic import profile
from unit.core import classes

PERSONAL = {name for cls in classes() for name in phi_fields(cls)}
REFUSALS = [cls for cls in classes() if issubclass(cls, Refusal)]
NOT_PERSONAL_HERE = {
    ("CardDeclined", "reason"): "the processor's code",
    ("UnreadableImage", "reason"): "the decoder's complaint",
    ("NotLicensed", "location"): "country or state only, told to whoever named it",
}
"""Fields of refusals that share a word with a personal field, and why they are none."""


def test_there_are_personal_fields() -> None:
    """The walk finds what it is there for."""
    assert {"profile", "email", "reason", "text", "body", "items", "client"} <= PERSONAL


@pytest.mark.parametrize("cls", classes(), ids=lambda cls: cls.__qualname__)
def test_no_personal_field_is_shown_by_repr(cls: type) -> None:
    """Whatever is declared personal is hidden in logs and tracebacks (F59)."""
    shown = {field.name for field in attrs.fields(cls) if field.repr}
    assert not shown & phi_fields(cls)


@pytest.mark.parametrize(
    "value",
    [
        profile("Personal Secret"),
        Address(lines=("Secret",), city="Secret", country="GB"),
        Identifier(system="Secret", value="Secret"),
        Answer("Secret", "Secret"),
        Item(
            medicine="Secret",
            strength="1",
            form="2",
            quantity=3,
            unit="4",
            days=5,
            directions="6",
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_that_is_wholly_personal_shows_nothing(value: object) -> None:
    """A profile or an answer that strays into a log tells nobody anything."""
    assert "Secret" not in repr(value)


def test_a_personal_field_keeps_its_other_options() -> None:
    """Declaring a field personal takes nothing from it."""

    @attrs.frozen
    class Example:
        secret: str = phi(default="s3cret", metadata={"also": "kept"})

    assert Example().secret == "s3cret"
    assert "s3cret" not in repr(Example())
    assert attrs.fields(Example).secret.metadata["also"] == "kept"
    assert phi_fields(Example) == {"secret"}


VALUES: dict[str, Any] = {
    "datetime": datetime(2026, 11, 23, 9, 0, tzinfo=UTC),
    "date": date(2026, 11, 23),
    "int": 3,
}


def example(kind: type[Refusal]) -> Refusal:
    """A refusal of this kind, with any facts."""
    return kind(
        **{
            field.name: VALUES.get(getattr(field.type, "__name__", ""), f"any {field.name}")
            for field in attrs.fields(kind)
        }
    )


@pytest.mark.parametrize("kind", REFUSALS, ids=lambda kind: kind.__name__)
def test_every_refusal_tells_itself_in_a_sentence(kind: type[Refusal]) -> None:
    """Each has a sentence for people that needs no other facts than its own."""
    told = str(example(kind))
    assert told
    assert "{" not in told
    named = {name for _, name, _, _ in Formatter().parse(kind.says) if name}
    assert named <= {field.name for field in attrs.fields(kind)}


@pytest.mark.parametrize("kind", REFUSALS, ids=lambda kind: kind.__name__)
def test_no_refusal_has_a_personal_field(kind: type[Refusal]) -> None:
    """A refusal's facts go into answers and logs: none of them is a personal field."""
    facts = set(example(kind).facts())
    allowed = {name for (cls, name) in NOT_PERSONAL_HERE if cls == kind.__name__}
    assert not (facts & PERSONAL) - allowed
    assert not phi_fields(kind)


def test_every_refusal_has_its_own_code() -> None:
    """A code is kebab-case and means one refusal."""
    codes = [kind.code for kind in REFUSALS]
    assert len(set(codes)) == len(codes)
    assert all(code == code.lower() and code.replace("-", "").isalpha() for code in codes)
