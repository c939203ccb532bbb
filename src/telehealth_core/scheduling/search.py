"""Search: the open times of many providers, in order, read no further than asked (F14, F16, F17).

Shifts come in the order of the first start that each could offer; what they offer is merged while
it is read, so that ten times among ten thousand providers cost ten times, not all of them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta, tzinfo
from heapq import heappop, heappush
from itertools import islice
from uuid import UUID

import attrs

from telehealth_core.practice.practice import Practice
from telehealth_core.registration.patient import Gender
from telehealth_core.scheduling.approval import licensed
from telehealth_core.scheduling.availability import Diary
from telehealth_core.scheduling.session import Mode, Session
from telehealth_core.shared.ids import ProviderId, SessionId
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.money import Money
from telehealth_core.shared.text import place
from telehealth_core.workforce.provider import Provider, ProviderStatus

INSTANT = timedelta(microseconds=1)
"""The least that lies between two instants."""
_LAST = SessionId(UUID(int=(1 << 128) - 1))


@attrs.frozen
class Shift:
    """One published session with its provider, and what occupies the provider from its start to its
    end and the buffer after it.
    """

    session: Session
    provider: Provider
    busy: tuple[Interval, ...]


@attrs.frozen(kw_only=True)
class Wishes:
    """What is looked for (F16). None, or no provider named, is no wish; `price_most` is in minor
    units; `location` is where the patient will be at the time of the visit (`US-NY`, `GB`).
    """

    period: Interval
    specialty: str | None = None
    language: str | None = None
    gender: Gender | None = None
    mode: Mode | None = None
    service: str | None = None
    price_most: int | None = None
    providers: frozenset[ProviderId] = frozenset()
    location: str | None = attrs.field(default=None, validator=attrs.validators.optional(place))


def _specialty(wishes: Wishes, shift: Shift) -> bool:
    return wishes.specialty is None or wishes.specialty in shift.provider.specialties


def _language(wishes: Wishes, shift: Shift) -> bool:
    return wishes.language is None or wishes.language in shift.provider.languages


def _gender(wishes: Wishes, shift: Shift) -> bool:
    return wishes.gender is None or wishes.gender is shift.provider.gender


def _mode(wishes: Wishes, shift: Shift) -> bool:
    return wishes.mode is None or wishes.mode in shift.session.modes


def _service(wishes: Wishes, shift: Shift) -> bool:
    return wishes.service is None or wishes.service == shift.session.service


def _price(wishes: Wishes, shift: Shift) -> bool:
    return wishes.price_most is None or shift.session.price.minor <= wishes.price_most


def _provider(wishes: Wishes, shift: Shift) -> bool:
    return not wishes.providers or shift.provider.id in wishes.providers


def _gives_visits(_: Wishes, shift: Shift) -> bool:
    return shift.provider.status is ProviderStatus.ACTIVE


WISHES: tuple[tuple[str, Callable[[Wishes, Shift], bool]], ...] = (
    ("specialty", _specialty),
    ("language", _language),
    ("gender", _gender),
    ("mode", _mode),
    ("service", _service),
    ("price", _price),
    ("provider", _provider),
    ("gives-visits", _gives_visits),
)
"""What a shift must fulfil as a whole. Adding a wish is adding a line."""


def unfulfilled(wishes: Wishes, shift: Shift) -> tuple[str, ...]:
    """The names of the wishes that the shift does not fulfil."""
    return tuple(name for name, holds in WISHES if not holds(wishes, shift))


@attrs.frozen(order=True)
class Place:
    """A place in the order of all open times: by start, then by session."""

    start: datetime
    session_id: SessionId

    @classmethod
    def before(cls, start: datetime) -> "Place":
        """The place before everything that starts then."""
        return cls(start - INSTANT, _LAST)


@attrs.frozen
class Offer:
    """One visit that can be booked."""

    session: Session
    provider: Provider
    visit: Interval

    @property
    def place(self) -> Place:
        """Where it stands in the order of all open times."""
        return Place(self.visit.start, self.session.id)

    @property
    def price_from(self) -> Money:
        """What the provider's least expensive service costs."""
        return min((one.price for one in self.provider.services), key=lambda price: price.minor)


@attrs.frozen
class Found:
    """One page of offers.

    `next` is where the following page begins, None where none follows; a page may hold fewer than
    were asked for and yet have a next. `looked_until` is set where a search of providers looked no
    further: ask again for a period from there on.
    """

    offers: tuple[Offer, ...] = ()
    next: Place | None = None
    looked_until: datetime | None = None


@attrs.define
class _Merge:
    """The next offer of each shift, waiting for its turn; `once` tells only the first of each
    provider's.
    """

    once: bool
    _waiting: list[tuple[datetime, SessionId, Offer, Iterator[Offer]]] = attrs.field(
        factory=list, init=False
    )
    _told: set[ProviderId] = attrs.field(factory=set, init=False)

    def add(self, provider_id: ProviderId, offers: Iterator[Offer]) -> None:
        """Let these wait too."""
        told = self.once and provider_id in self._told
        offer = None if told else next(offers, None)
        if offer is not None:
            heappush(self._waiting, (offer.visit.start, offer.session.id, offer, offers))

    def up_to(self, place: Place | None) -> Iterator[Offer]:
        """Those that come no later than that place, in order; all if there is none."""
        bound = None if place is None else (place.start, place.session_id)
        while self._waiting and (bound is None or self._waiting[0][:2] <= bound):
            *_, offer, following = heappop(self._waiting)
            if not self.once:
                yield offer
                self.add(offer.provider.id, following)
            elif offer.provider.id not in self._told:
                yield offer
                self._told.add(offer.provider.id)


@attrs.frozen(kw_only=True)
class Search:
    """One question to the diary of a practice, at one instant."""

    practice: Practice
    wishes: Wishes
    at: datetime
    _days: dict[tuple[ProviderId, date], bool] = attrs.field(factory=dict, init=False, repr=False)

    def window(self) -> Interval | None:
        """When an offer can start: the period, from the lead time to the horizon; None if never."""
        settings, period = self.practice.settings, self.wishes.period
        start = max(period.start, self.at + timedelta(minutes=settings.lead_minutes))
        end = min(period.end, self.at + timedelta(days=settings.horizon_days) + INSTANT)
        return Interval(start, end) if start < end else None

    def offers(self, shift: Shift, after: Place) -> Iterator[Offer]:
        """What the shift offers after that place, in order: whatever fulfils every wish and no rule
        objects to.
        """
        if unfulfilled(self.wishes, shift):
            return
        during, provider = shift.session.during, shift.provider
        one_day = self.practice.day(during.start) == self.practice.day(during.end)
        if one_day and not self._licensed(provider, during.start):
            return
        diary = Diary(shift.session, self.practice.settings, shift.busy, self.at)
        for visit in shift.session.visits(max(diary.earliest, earliest(shift.session, after))):
            if visit.start >= self.wishes.period.end:
                return
            if diary.bookable(visit) and (one_day or self._licensed(provider, visit.start)):
                yield Offer(shift.session, provider, visit)

    def times(
        self, shifts: Sequence[Shift], after: Place, limit: int | None, *, most: int
    ) -> Found:
        """The first so many offers after that place, or all, of shifts in order.

        `most` is how many shifts were asked for: if so many came, there may be more.
        """
        known_to = _known_to(shifts, after, most)
        merged = self._merged(shifts, after, known_to, once=False)
        found = tuple(merged if limit is None else islice(merged, limit + 1))
        if limit is not None and len(found) > limit:
            return Found(found[:limit], found[limit - 1].place)
        return Found(found, known_to)

    def providers(
        self, shifts: Sequence[Shift], begin: Place, after: Place | None, limit: int, *, most: int
    ) -> Found:
        """The first offer of each provider, where it comes after that place, in order.

        `shifts` are those from `begin` on, wherever the page begins: a provider told before has
        later offers too.
        """
        known_to = _known_to(shifts, begin, most)
        first_of_each = self._merged(shifts, begin, known_to, once=True)
        later = (one for one in first_of_each if after is None or one.place > after)
        found = tuple(islice(later, limit + 1))
        if len(found) > limit:
            return Found(found[:limit], found[limit - 1].place)
        return Found(found, looked_until=None if known_to is None else known_to.start)

    def _merged(
        self, shifts: Sequence[Shift], after: Place, known_to: Place | None, *, once: bool
    ) -> Iterator[Offer]:
        """The offers of all shifts in order, as far as nothing unread can come before them."""
        merge = _Merge(once)
        for shift in shifts:
            yield from merge.up_to(could_begin(shift.session, after))
            merge.add(shift.provider.id, self.offers(shift, after))
        yield from merge.up_to(known_to)

    def _licensed(self, provider: Provider, start: datetime) -> bool:
        """Whether the provider may treat the patient where they will be, or, where nobody said
        where that is, a patient somewhere, on that day.
        """
        day = self.practice.day(start)
        known = self._days.get((provider.id, day))
        if known is None:
            known = self._days[provider.id, day] = self._licensed_on(provider, start)
        return known

    def _licensed_on(self, provider: Provider, start: datetime) -> bool:
        if self.wishes.location is not None:
            return licensed(self.practice, provider, self.wishes.location, start)
        day, settings = self.practice.day(start), self.practice.settings
        return any(provider.bookable(day, one.region, settings) for one in provider.licences)


def earliest(session: Session, after: Place) -> datetime:
    """From when on a visit of the session comes after that place."""
    return after.start if session.id > after.session_id else after.start + INSTANT


def could_begin(session: Session, after: Place) -> Place:
    """Where the session's first offer after that place is at the earliest, as if all were free."""
    return Place(session.first_start(earliest(session, after)), session.id)


def _known_to(shifts: Sequence[Shift], after: Place, most: int) -> Place | None:
    """How far nothing unread can come before what was read; None if everything was read."""
    return could_begin(shifts[-1].session, after) if len(shifts) == most else None


@attrs.frozen
class OpenDay:
    """One day of a zone and what is open on it, in order."""

    day: date
    offers: tuple[Offer, ...]


def by_day(offers: Iterable[Offer], clocks: tzinfo) -> tuple[OpenDay, ...]:
    """The offers by the date that these clocks show when they start."""
    days: dict[date, list[Offer]] = {}
    for offer in offers:
        days.setdefault(offer.visit.start.astimezone(clocks).date(), []).append(offer)
    return tuple(OpenDay(day, tuple(open_then)) for day, open_then in sorted(days.items()))
