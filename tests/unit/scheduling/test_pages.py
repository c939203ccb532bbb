"""How much a search tells at once, and how much of the diaries it reads for it (F14, F16, F17)."""

from datetime import date, datetime, timedelta
from uuid import UUID

import attrs
import pytest

from telehealth_core.scheduling.search import INSTANT, Found, Place, Search, Shift, Wishes
from telehealth_core.shared.ids import ProviderId, SessionId
from telehealth_core.shared.interval import Interval
from telehealth_core.testing.memory.scheduling import Sessions
from telehealth_core.workforce.provider import Licence
from unit.clinic import MORNING, Clinic, provider_of

HALF = timedelta(minutes=30)
DAY = Interval.lasting(MORNING - timedelta(days=1), 2 * 24 * 60)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Interval, int]]:
    """For each look into the diaries so far, its period and how many shifts it asked for."""
    asked: list[tuple[Interval, int]] = []
    shifts = Sessions.shifts

    def noting(
        self: Sessions, wishes: Wishes, after: Place, *, at: datetime, limit: int
    ) -> tuple[Shift, ...]:
        asked.append((wishes.period, limit))
        return shifts(self, wishes, after, at=at, limit=limit)

    monkeypatch.setattr(Sessions, "shifts", noting)
    return asked


def test_a_page_of_times_has_twenty_unless_asked_otherwise(clinic: Clinic) -> None:
    """The next page goes on where the one before ended; one time is a page too (F14)."""
    clinic.session(clinic.provider(), hours=10.5)
    find, wishes = clinic.ask.search.find_times, Wishes(period=DAY)
    page = find(clinic.visitor, wishes)
    assert [one.visit.start for one in page.offers] == [MORNING + n * HALF for n in range(20)]
    rest = find(clinic.visitor, wishes, after=page.next)
    assert [one.visit.start for one in rest.offers] == [MORNING + 20 * HALF]
    assert rest.next is None
    whole = find(clinic.visitor, wishes, limit=21)
    assert (whole.offers, whole.next) == ((*page.offers, *rest.offers), None)
    until_ten = Wishes(period=Interval(DAY.start, MORNING + 2 * HALF))
    assert find(clinic.visitor, until_ten).offers == page.offers[:2]
    first = find(clinic.visitor, wishes, limit=1)
    assert (first.offers, first.next) == (page.offers[:1], page.offers[0].place)
    assert len(clinic.ask.search.find_providers(clinic.visitor, wishes, limit=1).offers) == 1


def test_more_shifts_are_read_only_where_the_first_do_not_fill_the_page(
    clinic: Clinic, reads: list[tuple[Interval, int]]
) -> None:
    """Half as many more than were asked for are enough, unless nobody may give them (F14)."""
    ended = Licence(regulator="Register", number="1", expires_on=date(2026, 11, 1))
    for number in range(3):
        clinic.session(clinic.provider(f"Retired {number}", licences=(ended,)))
    licensed = provider_of(able := clinic.provider("Robin Doctor"))
    session = clinic.session(able, start=MORNING + HALF)
    found = clinic.ask.search.find_times(clinic.visitor, Wishes(period=DAY), limit=1)
    assert [one.session.id for one in found.offers] == [session.id]
    assert [limit for _, limit in reads] == [2, 8]
    reads.clear()
    theirs = Wishes(period=DAY, providers=frozenset({licensed}))
    assert len(clinic.ask.search.find_times(clinic.visitor, theirs, limit=1).offers) == 1
    assert [limit for _, limit in reads] == [2]
    clinic.ask.search.find_times(clinic.visitor, theirs, limit=10)
    assert [limit for _, limit in reads] == [2, 15]


def test_a_search_that_read_all_it_may_is_asked_to_go_on_from_there(
    clinic: Clinic, reads: list[tuple[Interval, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It reads no more than it may, and says where the next page begins (F14)."""
    monkeypatch.setattr("telehealth_core.scheduling.use_cases.searching.READ_MOST", 4)
    ended = Licence(regulator="Register", number="1", expires_on=date(2026, 11, 1))
    for number in range(5):
        clinic.session(clinic.provider(f"Retired {number}", licences=(ended,)))
    found = clinic.ask.search.find_times(clinic.visitor, Wishes(period=DAY), limit=1)
    assert found.offers == ()
    assert found.next is not None
    assert [limit for _, limit in reads] == [2, 4]


def test_nothing_is_read_of_what_cannot_be_booked_yet_or_any_more(
    reads: list[tuple[Interval, int]],
) -> None:
    """However long the period is: from the lead time on, up to the horizon (F13)."""
    clinic = Clinic(lead_minutes=60, horizon_days=30)
    long = Interval.lasting(MORNING - timedelta(days=9), 400 * 24 * 60)
    clinic.ask.search.find_times(clinic.visitor, Wishes(period=long))
    at = clinic.clock()
    window = Interval(at + timedelta(hours=1), at + timedelta(days=30) + INSTANT)
    assert [period for period, _ in reads] == [window]
    too_soon = Wishes(period=Interval(at - HALF, window.start))
    assert clinic.ask.search.find_times(clinic.visitor, too_soon) == Found()
    assert len(reads) == 1


def test_a_licence_that_ends_at_midnight_ends_a_night_shift(clinic: Clinic) -> None:
    """It counts on the day of the visit, not of the shift (PRO-01)."""
    until = Licence(regulator="Register", number="1", expires_on=MORNING.date())
    evening = MORNING.replace(hour=22)
    session = clinic.session(clinic.provider(licences=(until,)), start=evening, hours=4)
    found = clinic.ask.search.find_times(clinic.visitor, Wishes(period=session.during))
    assert [one.visit.start for one in found.offers] == [evening + n * HALF for n in range(4)]


def test_all_of_a_period_is_told_however_little_is_read_at_once(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A provider's days are read on until nothing follows (F17)."""
    monkeypatch.setattr("telehealth_core.scheduling.use_cases.searching.READ_MOST", 1)
    provider = clinic.provider()
    for hour in range(3):
        clinic.session(provider, start=MORNING + timedelta(hours=hour), hours=1)
    found = clinic.ask.diary.open_times(clinic.visitor, provider_of(provider), DAY)
    assert [visit.start for _, visit in found] == [MORNING + n * HALF for n in range(6)]


def test_who_may_be_free_earlier_in_what_was_not_read_is_waited_for(clinic: Clinic) -> None:
    """A provider taken till eleven is not told before it is known that nobody is free at ten
    (F14, F16).
    """
    session, person = clinic.session(clinic.provider()), clinic.store.rows["providers"].popitem()[1]
    search = Search(practice=clinic.practice, wishes=Wishes(period=DAY), at=clinic.clock())
    taken = Shift(session, person, (Interval.lasting(MORNING, 120),))
    begin = Place.before(MORNING)
    found = search.providers([taken], begin, None, 10, most=1)
    assert found == Found(looked_until=MORNING)
    assert search.times([taken], begin, 10, most=1) == Found(next=Place(MORNING, session.id))
    other = attrs.evolve(person, id=ProviderId(UUID(int=1)))
    free = Shift(attrs.evolve(session, id=SessionId(UUID(int=1)), provider_id=other.id), other, ())
    told = search.providers([free, taken], begin, None, 10, most=3)
    assert [one.provider.id for one in told.offers] == [other.id, person.id]


def test_what_was_read_is_told_up_to_where_the_last_shift_begins(clinic: Clinic) -> None:
    """That start itself included, for shifts come in the order of their first starts (F14)."""
    session, person = clinic.session(clinic.provider()), clinic.store.rows["providers"].popitem()[1]
    search = Search(practice=clinic.practice, wishes=Wishes(period=DAY), at=clinic.clock())
    read = [
        Shift(
            attrs.evolve(
                session,
                id=SessionId(UUID(int=number)),
                during=attrs.evolve(session.during, start=MORNING + number * HALF),
            ),
            person,
            (Interval.lasting(MORNING, 60),),
        )
        for number in (0, 1, 2)
    ]
    found = search.times(read, Place.before(MORNING), 10, most=3)
    ten = MORNING + 2 * HALF
    assert [one.place for one in found.offers] == [Place(ten, one.session.id) for one in read]
    assert found.next == Place(ten, read[-1].session.id)
    assert search.times(read, Place.before(MORNING), 100, most=4).next is None
