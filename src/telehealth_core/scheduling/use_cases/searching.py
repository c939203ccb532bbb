"""What an actor can ask of all diaries together: the earliest times, the providers who have them,
a provider's days.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from math import ceil

import attrs

from telehealth_core.access.actor import Actor, relations
from telehealth_core.access.policy import Action, authorize
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.practice.practice import Practice
from telehealth_core.scheduling.ports import SchedulingWork
from telehealth_core.scheduling.search import (
    Found,
    Offer,
    OpenDay,
    Place,
    Search,
    Wishes,
    by_day,
)
from telehealth_core.shared.refusal import Invalid
from telehealth_core.shared.text import zone as zone_named

PAGE_MOST = 100
READ_MOST = 500
"""Shifts that one search reads at once."""
READ_FIRST = 1.5
"""So many shifts for each offer asked for are tried first: mostly these are enough."""
READ_MORE = 4
"""So many times as many are tried next where they are not."""
PERIOD_MOST = timedelta(days=62)


@attrs.frozen
class Searching:
    """The open times of the practice, whoever has them."""

    work: UnitOfWork[SchedulingWork]
    clock: Clock

    def zone(self, actor: Actor) -> str:
        """The practice's time zone, in which days are meant where no other is named.

        Raises: NotPermitted.
        """
        with self.work(actor) as work:
            authorize(actor, Action.FIND_PROVIDER, relations(actor))
            return work.practices.get(actor.practice_id).zone

    def find_times(
        self, actor: Actor, wishes: Wishes, *, limit: int = 20, after: Place | None = None
    ) -> Found:
        """The earliest visits that can be booked and fulfil every wish, across all providers, in
        order (F14, F16); `after` is the `next` of the page before.

        Raises: NotPermitted, Invalid.
        """
        _page(limit)
        with self.work(actor) as work:

            def times(search: Search, begin: Place) -> Found:
                place, most = max(begin, after or begin), min(ceil(READ_FIRST * limit), READ_MOST)
                found = _times(work, search, place, limit, most=most)
                while found.next is not None and len(found.offers) < limit and most < READ_MOST:
                    most = min(READ_MORE * most, READ_MOST)
                    found = _times(work, search, place, limit, most=most)
                return found

            return asked(work, actor, wishes, self.clock(), times)

    def find_providers(
        self, actor: Actor, wishes: Wishes, *, limit: int = 20, after: Place | None = None
    ) -> Found:
        """Each provider's earliest visit that can be booked and fulfils every wish, in order (F16);
        `after` is the `next` of the page before.

        Raises: NotPermitted, Invalid.
        """
        _page(limit)
        with self.work(actor) as work:

            def providers(search: Search, begin: Place) -> Found:
                shifts = work.sessions.shifts(search.wishes, begin, at=search.at, limit=READ_MOST)
                return search.providers(shifts, begin, after, limit, most=READ_MOST)

            return asked(work, actor, wishes, self.clock(), providers)

    def open_days(self, actor: Actor, wishes: Wishes, zone: str) -> tuple[OpenDay, ...]:
        """The days of that zone on which something is open in the period, each with all of it, in
        order (F17).

        Raises: NotPermitted; Invalid for an unknown zone, for a period of more than two months, or
            unless one provider is named.
        """
        clocks = zone_named(zone)
        if len(wishes.providers) != 1:
            raise Invalid("providers", "one provider")
        with self.work(actor) as work:
            return by_day(open_offers(work, actor, wishes, self.clock()), clocks)


def _times(
    work: SchedulingWork, search: Search, place: Place, limit: int | None, *, most: int
) -> Found:
    shifts = work.sessions.shifts(search.wishes, place, at=search.at, limit=most)
    return search.times(shifts, place, limit, most=most)


def asked(
    work: SchedulingWork,
    actor: Actor,
    wishes: Wishes,
    at: datetime,
    find: Callable[[Search, Place], Found],
) -> Found:
    """What whoever may search finds, from where the search begins.

    It is looked for under the practice's settings as they were seen last, and once more if they are
    others by now: so the store can tell both at once.
    """
    authorize(actor, Action.FIND_PROVIDER, relations(actor))

    def under(practice: Practice) -> Found:
        search = Search(practice=practice, wishes=wishes, at=at)
        window = search.window()
        if window is None:
            return Found()
        narrowed = attrs.evolve(search, wishes=attrs.evolve(wishes, period=window))
        return find(narrowed, Place.before(window.start))

    lately = work.practices.lately(actor.practice_id)
    found = under(lately)
    practice = work.practices.get(actor.practice_id)
    return found if practice.version == lately.version else under(practice)


def open_offers(
    work: SchedulingWork, actor: Actor, wishes: Wishes, at: datetime
) -> Iterator[Offer]:
    """Everything open that fulfils the wishes, in order, read so many shifts at a time.

    Raises: NotPermitted; Invalid for a period of more than two months.
    """
    if wishes.period.end - wishes.period.start > PERIOD_MOST:
        raise Invalid("until", f"at most {PERIOD_MOST.days} days after the start")
    return all_open(work, actor, wishes, at)


def all_open(
    work: SchedulingWork, actor: Actor, wishes: Wishes, at: datetime, *, page: int | None = None
) -> Iterator[Offer]:
    """The same however long the period is; `page` says how many to work out at a time, for those
    who need only the first.
    """
    after: Place | None = None

    def following(search: Search, begin: Place) -> Found:
        return _times(work, search, after or begin, page, most=READ_MOST)

    while True:
        found = asked(work, actor, wishes, at, following)
        yield from found.offers
        after = found.next
        if after is None:
            return


def _page(limit: int) -> None:
    if not 1 <= limit <= PAGE_MOST:
        raise Invalid("limit", f"between 1 and {PAGE_MOST}")
