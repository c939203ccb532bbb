"""A shift's grid: when a visit of it can start, and whether one has room (F13, F14, F17)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import attrs
import pytest

from telehealth_core.registration.patient import Gender
from telehealth_core.scheduling.search import Place, Shift, Wishes, could_begin, unfulfilled
from telehealth_core.scheduling.session import Mode, Session
from telehealth_core.shared.ids import ProviderId, SessionId
from telehealth_core.shared.interval import Interval
from unit.clinic import MORNING, Clinic

HALF, MINUTE = timedelta(minutes=30), timedelta(minutes=1)


@pytest.fixture
def shift(clinic: Clinic) -> Shift:
    """Three hours of half-hour visits by video with somebody of whom everything is known."""
    session = clinic.session(clinic.provider(), modes=(Mode.VIDEO,))
    provider = clinic.store.rows["providers"][session.provider_id]
    return Shift(session, attrs.evolve(provider, gender=Gender.FEMALE), ())


@pytest.fixture
def session(shift: Shift) -> Session:
    """The shift by itself."""
    return shift.session


@pytest.mark.parametrize(
    ("since", "starts"),
    [
        (-MINUTE, range(6)),
        (timedelta(), range(6)),
        (MINUTE, range(1, 6)),
        (HALF, range(1, 6)),
        (HALF + timedelta(microseconds=1), range(2, 6)),
        (5 * HALF, [5]),
        (5 * HALF + MINUTE, []),
    ],
)
def test_visits_start_on_the_grid_from_an_instant_on(
    session: Session, since: timedelta, starts: Any
) -> None:
    """And the last one ends with the shift (F17)."""
    visits = [Interval(MORNING + n * HALF, MORNING + (n + 1) * HALF) for n in starts]
    assert list(session.visits(MORNING + since)) == visits


def test_of_two_shifts_at_the_same_time_the_one_comes_after_the_other(session: Session) -> None:
    """By their ids, so that a page that ended between them goes on with the other (F14)."""
    one, two = (SessionId(UUID(int=number)) for number in (1, 2))
    first, second = attrs.evolve(session, id=one), attrs.evolve(session, id=two)
    assert could_begin(second, Place(MORNING, one)) == Place(MORNING, two)
    assert could_begin(first, Place(MORNING, two)) == Place(MORNING + HALF, one)
    assert could_begin(first, Place(MORNING, one)) == Place(MORNING + HALF, one)


def test_a_shift_has_room_up_to_its_very_end_and_in_a_gap_of_one_visit(session: Session) -> None:
    """A minute later a visit would not end in it, and a minute less is no gap (F17)."""
    last = session.during.end - session.visit_length
    assert session.has_room(last)
    assert not session.has_room(last + MINUTE)
    assert session.has_gap([Interval(MORNING + HALF, session.during.end)])
    assert not session.has_gap([Interval(MORNING + HALF - MINUTE, session.during.end)])
    assert session.has_gap([Interval(MORNING, last)])
    assert not session.has_gap([Interval(MORNING, last + MINUTE)])


WISHED: tuple[tuple[str, str, Any, Any], ...] = (
    ("specialty", "specialty", "general", "surgery"),
    ("language", "language", "en", "cy"),
    ("gender", "gender", Gender.FEMALE, Gender.MALE),
    ("mode", "mode", Mode.VIDEO, Mode.VOICE),
    ("service", "service", "visit", "review"),
    ("price", "price_most", 6_000, 5_999),
)
"""Each wish, its field, something that the shift has and something that it has not."""


@pytest.mark.parametrize(("wish", "field", "has", "lacks"), WISHED, ids=str)
def test_a_shift_fulfils_what_it_has_and_nothing_else(
    shift: Shift, wish: str, field: str, has: Any, lacks: Any
) -> None:
    """Wish by wish, and who names no provider means all of them (F16)."""
    anything = Wishes(period=shift.session.during)
    assert unfulfilled(anything, shift) == ()
    assert unfulfilled(attrs.evolve(anything, **{field: has}), shift) == ()
    assert unfulfilled(attrs.evolve(anything, **{field: lacks}), shift) == (wish,)
    theirs = attrs.evolve(anything, providers=frozenset({shift.provider.id}))
    assert unfulfilled(theirs, shift) == ()
    others = attrs.evolve(anything, providers=frozenset({ProviderId(UUID(int=1))}))
    assert unfulfilled(others, shift) == ("provider",)
