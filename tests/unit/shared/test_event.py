"""Derived ids are stable, and an event is known by subject, name and version."""

import typing
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.billing.charge import ChargePaid, ChargeReleased
from telehealth_core.reactions import EVENTS
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import UserId, derived
from unit.clinic import LAWS

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def test_a_derived_id_never_changes_between_releases() -> None:
    """These are stored by those who run the platform: the same cause names the same consequence
    for ever.
    """
    assert derived(UUID(int=1), "charge") == UUID("5e48b0c6-07c5-5c9c-9dc9-c77e592c4037")


@LAWS
@given(st.uuids(), st.uuids(), st.text(), st.text())
def test_derived_ids_are_equal_only_for_equal_cause_and_name(
    one: UUID, other: UUID, name: str, another: str
) -> None:
    """Nothing else than cause and name decides, and both do."""
    assert derived(one, name) == derived(one, name)
    assert (derived(one, name) == derived(other, another)) == ((one, name) == (other, another))


@LAWS
@given(st.uuids(), st.integers(0, 10**6), st.uuids(), st.timedeltas(timedelta(), timedelta(days=9)))
def test_a_replayed_event_is_recognised_whoever_tells_it_and_when(
    subject: UUID, version: int, by: UUID, later: timedelta
) -> None:
    """Subject, name and version are an event's identity."""
    told = ChargePaid(subject, version, UserId(by), AT)
    again = ChargePaid(subject, version, UserId(UUID(int=0)), AT + later)
    assert told.id == again.id
    assert told.id != attrs.evolve(told, version=version + 1).id
    assert told.id != ChargeReleased(subject, version, UserId(by), AT).id


@pytest.mark.parametrize("kind", EVENTS.values(), ids=EVENTS)
def test_an_event_carries_only_ids_times_and_codes(kind: type[Event]) -> None:
    """Events travel to queues and logs: no field of one can hold words of a person."""
    for name, hint in typing.get_type_hints(kind).items():
        plain = getattr(hint, "__supertype__", hint)
        assert plain in {UUID, int, datetime} or issubclass(plain, Enum), f"{name}: {plain}"


@pytest.mark.parametrize("kind", EVENTS.values(), ids=EVENTS)
def test_an_event_is_frozen_and_told_in_one_sentence(kind: type[Event]) -> None:
    """What happened does not change, and says what it was."""
    assert kind.__setattr__ is not object.__setattr__
    assert (kind.__doc__ or "").strip().endswith(".")


@pytest.mark.parametrize("kind", EVENTS.values(), ids=EVENTS)
def test_events_of_two_kinds_are_never_equal(kind: type[Event]) -> None:
    """Nor is one without facts of its own, which shares its methods with all of those."""
    facts: tuple[Any, ...] = (UUID(int=1), 1, UserId(UUID(int=2)), AT)
    told, again = (kind(*facts, *[None] * (len(attrs.fields(kind)) - 4)) for _ in range(2))
    assert told == again
    assert hash(told) == hash(again)
    assert told != Event(*facts)
    assert repr(told).startswith(f"{kind.__name__}(subject=")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        told.version = 2  # type: ignore[misc]


def test_no_two_events_share_a_name() -> None:
    """An event's name is enough to read it back from a queue."""
    kinds: list[type[Event]] = []
    waiting = [Event]
    while waiting:
        subclasses = waiting.pop().__subclasses__()
        waiting += subclasses
        kinds += [kind for kind in subclasses if kind.__module__.startswith("telehealth_core.")]
    assert sorted(kind.__name__ for kind in kinds) == sorted(EVENTS)
