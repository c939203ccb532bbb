"""Searching many diaries equals a slow, obvious oracle; what is found can be held."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.practice.practice import Practice
from telehealth_core.practice.settings import Approval, Charging, Settings
from telehealth_core.registration.patient import Gender
from telehealth_core.scheduling.appointment import TimeTaken
from telehealth_core.scheduling.availability import NotBookable
from telehealth_core.scheduling.search import (
    WISHES,
    Found,
    Offer,
    Place,
    Search,
    Shift,
    Wishes,
    by_day,
    could_begin,
    unfulfilled,
)
from telehealth_core.scheduling.session import Mode, Session, SessionStatus
from telehealth_core.shared.ids import PracticeId, ProviderId, SessionId
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.money import Money
from telehealth_core.shared.refusal import Invalid, Refusal
from telehealth_core.testing.memory.practice import Practices
from telehealth_core.workforce.provider import (
    Licence,
    NotLicensed,
    Profession,
    Provider,
    ProviderStatus,
    Service,
)
from unit.clinic import LAWS, MORNING, SCENARIOS, Clinic, provider_of

PRACTICE = PracticeId(UUID(int=1))
FIVE = timedelta(minutes=5)
DAY = Interval.lasting(MORNING, 24 * 60)
WORDS = st.frozensets(st.sampled_from(["a", "b"]))
STATES = ("US-NY", "US-CA")

# --- a small world ---------------------------------------------------------------------------


@st.composite
def a_provider(draw: st.DrawFn, number: int) -> Provider:
    """Somebody with some of everything that can be wished for."""
    licences = tuple(
        Licence(
            regulator="Register",
            number="1",
            region=region,
            expires_on=draw(st.dates(date(2026, 11, 23), date(2026, 11, 27))),
            checked_on=date(2026, 11, 1),
        )
        for region in sorted(draw(st.sets(st.sampled_from(STATES), min_size=0)))
    )
    return Provider(
        id=ProviderId(UUID(int=number)),
        practice_id=PRACTICE,
        status=draw(st.sampled_from([ProviderStatus.ACTIVE] * 4 + [ProviderStatus.SUSPENDED])),
        name=f"Provider {number}",
        profession=Profession.THERAPIST,
        specialties=draw(WORDS),
        languages=draw(WORDS),
        gender=draw(st.sampled_from([None, Gender.FEMALE, Gender.MALE])),
        licences=licences,
        services=(Service(code="visit", name="Visit", minutes=15, price=Money(1, "USD")),),
        added_at=MORNING,
    )


STARTS = st.one_of(
    st.integers(-4, 16).map(lambda quarters: MORNING + quarters * 3 * FIVE),
    st.integers(-30, 12 * 30).map(lambda fives: MORNING + fives * FIVE),
)
"""Mostly on the quarters of one morning, so that many start together."""


@st.composite
def a_shift(draw: st.DrawFn, number: int, providers: list[Provider]) -> Shift:
    """A session of one of them, with some of its time taken."""
    minutes, provider = draw(st.sampled_from([15, 30, 50])), draw(st.sampled_from(providers))
    during = Interval.lasting(draw(STARTS), draw(st.integers(minutes, 200)))
    session = Session(
        id=SessionId(UUID(int=draw(st.integers(0, 999)) * 1_000 + number)),
        practice_id=PRACTICE,
        status=draw(st.sampled_from([SessionStatus.PUBLISHED] * 4 + [SessionStatus.CLOSED])),
        provider_id=provider.id,
        during=during,
        service=draw(st.sampled_from(["visit", "review"])),
        visit_minutes=minutes,
        start_every_minutes=draw(st.sampled_from([10, 15, 30])),
        modes=draw(st.frozensets(st.sampled_from(Mode), min_size=1)),
        price=Money(draw(st.sampled_from([1_000, 2_000])), "USD"),
    )
    taken = st.builds(
        Interval.lasting,
        st.integers(0, 40).map(lambda fives: during.start + fives * FIVE),
        st.integers(1, 9).map(lambda fives: 5 * fives),
    )
    return Shift(session, provider, tuple(draw(st.lists(taken, max_size=3))))


WISHED: dict[str, st.SearchStrategy[Any]] = {
    "specialty": st.sampled_from("ab"),
    "language": st.sampled_from("ab"),
    "gender": st.sampled_from([Gender.FEMALE, Gender.MALE]),
    "mode": st.sampled_from(Mode),
    "service": st.just("visit"),
    "price_most": st.just(1_500),
    "providers": st.just(frozenset({ProviderId(UUID(int=1))})),
    "location": st.sampled_from([*STATES, "GB"]),
}


@st.composite
def a_question(draw: st.DrawFn) -> tuple[Search, list[Shift]]:
    """Up to seven shifts of up to three providers, and what somebody looks for among them: mostly
    something that there is.
    """
    providers = [draw(a_provider(number)) for number in range(1, 4)]
    shifts = [draw(a_shift(number, providers)) for number in range(draw(st.integers(1, 7)))]
    start = MORNING + draw(st.integers(-8, 10)) * 3 * FIVE
    named = draw(st.sets(st.sampled_from(sorted(WISHED)), max_size=2))
    wishes = Wishes(
        period=Interval(start, start + timedelta(hours=draw(st.sampled_from([1, 2, 8, 40])))),
        **{name: draw(WISHED[name]) for name in sorted(named)},
    )
    settings = Settings(
        charging=Charging.AT_BOOKING,
        approval=Approval.AUTOMATIC,
        lead_minutes=draw(st.sampled_from([0, 25])),
        horizon_days=draw(st.sampled_from([1, 2])),
        buffer_minutes=draw(st.sampled_from([0, 10])),
    )
    practice = Practice(
        id=PRACTICE,
        slug="practice",
        name="Practice",
        address="1 Road",
        jurisdiction_code="us",
        zone="America/New_York",
        settings=settings,
        opened_at=MORNING,
    )
    at = MORNING + draw(st.integers(-40, 12)) * FIVE + timedelta(seconds=draw(st.integers(0, 59)))
    return Search(practice=practice, wishes=wishes, at=at), shifts


def obvious(search: Search, shifts: list[Shift]) -> list[tuple[datetime, SessionId]]:
    """The oracle: every five minutes of every shift, asked everything, then sorted."""
    found = []
    for shift in shifts:
        start = shift.session.during.start
        while start < shift.session.during.end:
            if wished(search, shift, start) and can_be(search, shift, start):
                found.append((start, shift.session.id))
            start += FIVE
    return sorted(found)


def wished(search: Search, shift: Shift, start: datetime) -> bool:
    """Whether somebody who looks for this would take that, wish by wish."""
    wishes, session, provider = search.wishes, shift.session, shift.provider
    day = start.astimezone(ZoneInfo("America/New_York")).date()
    states = {one.region for one in provider.licences if one.expires_on >= day}
    return (
        wishes.period.start <= start < wishes.period.end
        and (wishes.specialty is None or wishes.specialty in provider.specialties)
        and (wishes.language is None or wishes.language in provider.languages)
        and (wishes.gender is None or wishes.gender == provider.gender)
        and (wishes.mode is None or wishes.mode in session.modes)
        and (wishes.service is None or wishes.service == session.service)
        and (wishes.price_most is None or wishes.price_most >= session.price.minor)
        and (not wishes.providers or provider.id in wishes.providers)
        and (wishes.location in states if wishes.location else bool(states))
        and provider.status == "active"
    )


def can_be(search: Search, shift: Shift, start: datetime) -> bool:
    """Whether the visit could be booked, rule by rule."""
    session, settings = shift.session, search.practice.settings
    end = start + timedelta(minutes=session.visit_minutes)
    free_until = end + timedelta(minutes=settings.buffer_minutes)
    return (
        session.status == "published"
        and end <= session.during.end
        and (start - session.during.start) % timedelta(minutes=session.start_every_minutes)
        == timedelta()
        and start >= search.at + timedelta(minutes=settings.lead_minutes)
        and start <= search.at + timedelta(days=settings.horizon_days)
        and not any(one.start < free_until and start < one.end for one in shift.busy)
    )


def port(shifts: list[Shift], wishes: Wishes, after: Place, limit: int) -> list[Shift]:
    """What the store promises: the first so many that could begin in the period, in order."""
    could = [
        one
        for one in shifts
        if could_begin(one.session, after).start < wishes.period.end
        and one.session.has_room(could_begin(one.session, after).start)
    ]
    return sorted(could, key=lambda one: could_begin(one.session, after))[:limit]


def places(found: Iterable[Offer]) -> list[tuple[datetime, SessionId]]:
    """Each offer by start and session."""
    return [(one.visit.start, one.session.id) for one in found]


# --- laws ------------------------------------------------------------------------------------


@LAWS
@given(a_question(), st.integers(1, 4), st.integers(1, 4))
def test_the_pages_together_are_those_of_the_obvious_search(
    question: tuple[Search, list[Shift]], limit: int, most: int
) -> None:
    """However few shifts are read at once and however small the pages are, nothing is missing,
    nothing comes twice, and all is in order (F14, F16).
    """
    search, shifts = question
    window, told = search.window(), []
    place = Place.before(window.start) if window else None
    while place is not None:
        found = search.times(port(shifts, search.wishes, place, most), place, limit, most=most)
        assert len(found.offers) <= limit
        assert found.next is None or found.next > place
        told += places(found.offers)
        place = found.next
    assert told == obvious(search, shifts)


@LAWS
@given(a_question(), st.integers(1, 2))
def test_each_provider_is_told_once_by_the_earliest_free_time(
    question: tuple[Search, list[Shift]], limit: int
) -> None:
    """Providers come in the order of their earliest free time, page by page (F16)."""
    search, shifts = question
    owner = {one.session.id: one.provider.id for one in shifts}
    expected: dict[ProviderId, tuple[datetime, SessionId]] = {}
    for start, session_id in obvious(search, shifts):
        expected.setdefault(owner[session_id], (start, session_id))
    window, told, after = search.window(), [], None
    while window is not None:
        begin = Place.before(window.start)
        read = port(shifts, search.wishes, begin, 99)
        found = search.providers(read, begin, after, limit, most=99)
        told += places(found.offers)
        after = found.next
        if after is None:
            break
    assert told == list(expected.values())


@LAWS
@given(a_question(), st.integers(1, 4))
def test_a_search_of_providers_that_looked_no_further_says_so(
    question: tuple[Search, list[Shift]], most: int
) -> None:
    """What it told is right as far as it looked, and whoever is missing is free later only."""
    search, shifts = question
    window = search.window()
    if window is None:
        return
    begin = Place.before(window.start)
    read = port(shifts, search.wishes, begin, most)
    found = search.providers(read, begin, None, 99, most=most)
    whole = search.providers(port(shifts, search.wishes, begin, 99), begin, None, 99, most=99)
    told, rest = places(found.offers), places(whole.offers)
    assert told == rest[: len(told)]
    if found.looked_until is None:
        assert told == rest
    else:
        assert all(start >= found.looked_until for start, _ in rest[len(told) :])


@LAWS
@given(a_question())
def test_a_wish_that_is_not_fulfilled_is_named(question: tuple[Search, list[Shift]]) -> None:
    """A shift offers something only if no wish names itself, and every wish can."""
    search, shifts = question
    assert [name for name, _ in WISHES] == [
        "specialty", "language", "gender", "mode", "service", "price", "provider", "gives-visits",
    ]  # fmt: skip
    for shift in shifts:
        place = Place.before(shift.session.during.start)
        assert not (unfulfilled(search.wishes, shift) and list(search.offers(shift, place)))


def test_ten_times_among_many_providers_look_at_little_more_than_ten() -> None:
    """A search looks into no diary that cannot hold one of the times it tells (F14)."""
    clinic = Clinic()
    provider = clinic.provider()
    session, person = clinic.session(provider), clinic.store.rows["providers"].popitem()[1]
    wishes = Wishes(period=Interval.lasting(MORNING, 600))
    search = Search(practice=clinic.practice, wishes=wishes, at=clinic.clock())
    looked: list[int] = []

    class Row(tuple[Shift, ...]):
        """Shifts that count who looks at them."""

        __slots__ = ()

        def __iter__(self) -> Iterator[Shift]:
            for shift in super().__iter__():
                looked.append(shift.session.id.int)
                yield shift

    many = Row(
        Shift(
            attrs.evolve(
                session,
                id=SessionId(UUID(int=number)),
                during=Interval.lasting(MORNING + number * timedelta(seconds=1), 180),
            ),
            attrs.evolve(person, id=ProviderId(UUID(int=number))),
            (),
        )
        for number in range(1, 2_001)
    )
    found = search.times(many, Place.before(MORNING), 10, most=2_001)
    assert [one.provider.id.int for one in found.offers] == list(range(1, 11))
    assert len(looked) == 12


def test_of_two_shifts_at_once_the_provider_is_told_by_the_earlier_time() -> None:
    """Shifts may overlap, and where both have waited for their turn one time is told (F16)."""
    clinic = Clinic()
    session, person = clinic.session(clinic.provider()), clinic.store.rows["providers"].popitem()[1]
    wishes = Wishes(period=Interval.lasting(MORNING, 600))
    search = Search(practice=clinic.practice, wishes=wishes, at=clinic.clock())
    busy = (Interval.lasting(MORNING, 60),)
    later = attrs.evolve(session.during, start=MORNING + timedelta(minutes=30))
    both = [
        Shift(attrs.evolve(session, id=SessionId(UUID(int=1))), person, busy),
        Shift(attrs.evolve(session, id=SessionId(UUID(int=2)), during=later), person, busy),
    ]
    robin = attrs.evolve(person, id=ProviderId(UUID(int=3)))
    third = attrs.evolve(session, id=SessionId(UUID(int=3)), during=later, provider_id=robin.id)
    both.append(Shift(third, robin, busy))
    found = search.providers(both, Place.before(MORNING), None, 10, most=99)
    at_ten = MORNING + timedelta(hours=1)
    assert places(found.offers) == [(at_ten, one) for one in (both[0].session.id, third.id)]


# --- through the use cases -------------------------------------------------------------------


def day_of(clinic: Clinic) -> Interval:
    """The next two days."""
    return Interval.lasting(clinic.clock(), 2 * 24 * 60)


@SCENARIOS
@given(
    st.sampled_from([0, 10]),
    st.sampled_from([0, 45]),
    st.lists(st.tuples(st.integers(0, 1), st.integers(0, 8)), max_size=4, unique=True),
)
def test_exactly_what_is_found_can_be_held(
    buffer: int, lead: int, taken: list[tuple[int, int]]
) -> None:
    """Every five minutes of two providers' shifts: found means accepted, not found means refused;
    a licence that ends between them counts at the time of the visit (F16, N02, TEL-02).
    """
    clinic = Clinic(jurisdiction="us", buffer_minutes=buffer, lead_minutes=lead, holds_most=20)
    ends = clinic.clock().date()
    licences = [
        Licence(regulator="Board", number="1", region="US-NY", expires_on=until)
        for until in (ends, date(2030, 1, 1))
    ]
    providers = [clinic.provider(minutes=20, licences=(one,)) for one in licences]
    patient, other = clinic.patient(), clinic.patient()
    begin = datetime.combine(ends, time(23, 30), ZoneInfo("America/New_York")).astimezone(UTC)
    sessions = [clinic.session(one, start=begin, hours=1.5, every=10) for one in providers]
    wishes = Wishes(period=day_of(clinic), location="US-NY")

    def found() -> set[tuple[datetime, SessionId]]:
        page = clinic.ask.search.find_times(patient, wishes, limit=100)
        assert page.next is None
        return set(places(page.offers))

    assert {id for _, id in found()} == {one.id for one in sessions}
    for which, step in taken:
        start = begin + step * timedelta(minutes=10)
        if (start, sessions[which].id) in found():
            clinic.hold(other, sessions[which], start)
            other = clinic.patient()
    before, open_now = dict(clinic.store.rows.get("appointments", {})), found()
    for session in sessions:
        for step in range(-1, 20):
            start = begin + step * FIVE
            clinic.store.rows["appointments"] = dict(before)
            if (start, session.id) in open_now:
                assert clinic.hold(patient, session, start).during.start == start
            else:
                with pytest.raises((TimeTaken, NotBookable, NotLicensed)):
                    clinic.hold(patient, session, start)


def test_a_patient_finds_who_is_free_first(clinic: Clinic) -> None:
    """Two therapists, one of them taken in the morning: the other comes first, with price, modes
    and languages; the wish for a language that only one speaks leaves only that one (F16).
    """
    early, late = clinic.provider("Early Therapist"), clinic.provider("Late Therapist")
    patient = clinic.patient()
    session = clinic.session(early, hours=1)
    clinic.session(late, start=MORNING + timedelta(minutes=30), modes=(Mode.VOICE,))
    wishes = Wishes(period=day_of(clinic), specialty="general", location="GB")

    def names(**more: Any) -> list[str]:
        found = clinic.ask.search.find_providers(patient, attrs.evolve(wishes, **more))
        return [one.provider.name for one in found.offers]

    assert names() == ["Early Therapist", "Late Therapist"]
    clinic.hold(clinic.patient(), session)
    clinic.hold(clinic.patient(), session, MORNING + timedelta(minutes=30))
    assert names() == ["Late Therapist"]
    assert names(mode=Mode.VIDEO) == []
    assert names(language="cy") == []
    (only,) = clinic.ask.search.find_providers(patient, wishes).offers
    assert (only.price_from, only.visit.start) == (clinic.price, MORNING + timedelta(minutes=30))


def test_providers_are_told_page_by_page(clinic: Clinic) -> None:
    """Nobody is told twice, however small the pages (F16)."""
    providers = [clinic.provider(f"Provider {number}") for number in range(5)]
    for one in providers:
        clinic.session(one)
    wishes, told, after = Wishes(period=day_of(clinic)), [], None
    for _ in range(3):
        page = clinic.ask.search.find_providers(clinic.visitor, wishes, limit=2, after=after)
        told += [one.provider.name for one in page.offers]
        after = page.next
    assert after is None
    assert sorted(told) == [f"Provider {number}" for number in range(5)]


@pytest.mark.parametrize("limit", [0, 101])
def test_a_page_has_its_bounds(clinic: Clinic, limit: int) -> None:
    """Nobody asks for everything at once."""
    for ask in (clinic.ask.search.find_times, clinic.ask.search.find_providers):
        with pytest.raises(Invalid):
            ask(clinic.visitor, Wishes(period=day_of(clinic)), limit=limit)


def test_what_lies_beyond_the_horizon_is_not_found(clinic: Clinic) -> None:
    """A period that can hold nothing is answered without a look at any diary."""
    clinic.session(clinic.provider())
    past = Interval.lasting(MORNING - timedelta(days=9), 60)
    for ask in (clinic.ask.search.find_times, clinic.ask.search.find_providers):
        assert ask(clinic.visitor, Wishes(period=past)) == Found()


def test_what_is_found_follows_the_settings_that_hold(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that saw the practice last before its settings changed is asked once more."""
    one = clinic.provider()
    clinic.session(one)
    before = clinic.store.rows["practices"][clinic.id]
    settings = attrs.evolve(before.settings, version=2, lead_minutes=3 * 24 * 60)
    changed = attrs.evolve(before, version=before.version + 1, settings=settings)
    monkeypatch.setattr(Practices, "lately", lambda *_: before)
    wishes = Wishes(period=day_of(clinic), providers=frozenset({provider_of(one)}))
    for ask in (clinic.ask.search.find_times, clinic.ask.search.find_providers):
        clinic.store.rows["practices"] = {clinic.id: before}
        assert ask(clinic.visitor, wishes).offers
        clinic.store.rows["practices"] = {clinic.id: changed}
        assert ask(clinic.visitor, wishes) == Found()
    assert clinic.ask.search.open_days(clinic.visitor, wishes, "UTC") == ()


def test_a_suspended_provider_offers_nothing(clinic: Clinic) -> None:
    """Whoever gives no visits has no open times, and a hold of one is refused (N02)."""
    provider, patient = clinic.provider(), clinic.patient()
    session = clinic.session(provider)
    rows = clinic.store.rows["providers"]
    id = provider_of(provider)
    rows[id] = attrs.evolve(rows[id], status=ProviderStatus.SUSPENDED)
    assert clinic.ask.diary.open_times(patient, id, day_of(clinic)) == ()
    with pytest.raises(NotLicensed):
        clinic.hold(patient, session)


# --- by day ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/London", date(2026, 3, 29), 23),
        ("Europe/London", date(2026, 10, 25), 25),
        ("America/New_York", date(2026, 3, 8), 23),
        ("America/New_York", date(2026, 11, 1), 25),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("Asia/Tokyo", date(2026, 3, 29), 24),
    ],
)
def test_a_day_has_the_hours_that_its_zone_gives_it(zone: str, day: date, hours: float) -> None:
    """Open times lie on the asker's dates: a day of 23 hours has 92 quarters, and no time lies on
    two days (F17).
    """
    clocks = ZoneInfo(zone)
    begin = datetime.combine(day - timedelta(days=1), time(), clocks).astimezone(UTC)
    clinic = Clinic(horizon_days=366)
    clinic.clock.now = begin
    provider = clinic.provider(minutes=15)
    for number in range(4):
        clinic.session(provider, start=begin + timedelta(days=number), hours=24, every=15)
    wishes = Wishes(
        period=Interval.lasting(begin, 3 * 24 * 60), providers=frozenset({provider_of(provider)})
    )
    days = {
        one.day: one.offers for one in clinic.ask.search.open_days(clinic.visitor, wishes, zone)
    }
    assert len(days[day]) == hours * 4
    assert {one.visit.start.astimezone(clocks).date() for one in days[day]} == {day}
    assert list(days) == sorted(days)
    assert sum(map(len, days.values())) == 3 * 24 * 4


def test_days_are_asked_for_one_provider_in_a_known_zone(clinic: Clinic) -> None:
    """Whoever names no provider, no zone there is, or half a year is told what is wrong."""
    one = frozenset({provider_of(clinic.provider())})
    wishes = Wishes(period=day_of(clinic), providers=one)
    half_a_year = Interval.lasting(MORNING, 180 * 24 * 60)
    wrong = [
        (attrs.evolve(wishes, providers=frozenset()), "UTC", "providers"),
        (wishes, "Mars/Olympus", "zone"),
        (attrs.evolve(wishes, period=half_a_year), "UTC", "until"),
    ]
    for wish, zone, field in wrong:
        with pytest.raises(Invalid) as told:
            clinic.ask.search.open_days(clinic.visitor, wish, zone)
        assert told.value.field == field
    assert by_day((), UTC) == ()


def test_a_place_where_somebody_is_has_a_form() -> None:
    """A location that no law knows is refused before anything is looked for."""
    with pytest.raises(Refusal):
        Wishes(period=Interval.lasting(MORNING, 60), location="New York")


def test_a_page_that_holds_all_providers_has_no_next(clinic: Clinic) -> None:
    """Twenty fill a page unless asked otherwise, and the last page says that it is (F21)."""
    for number in range(21):
        clinic.session(clinic.provider(f"Quinn {number}"))
    patient, wishes = clinic.patient(), Wishes(period=DAY)
    find = clinic.ask.search.find_providers
    page = find(patient, wishes)
    assert (len(page.offers), page.next) == (20, page.offers[-1].place)
    whole = find(patient, wishes, limit=21)
    assert (len(whole.offers), whole.next, whole.looked_until) == (21, None, None)
    assert find(patient, wishes, after=page.next).offers == whole.offers[20:]
