"""Search over HTTP: the earliest times, the providers who have them, a provider's days."""

from datetime import UTC, date, datetime
from uuid import UUID

import attrs
from litestar.params import FromPath, FromQuery

from telehealth_core.registration.patient import Gender
from telehealth_core.scheduling.search import Offer, Place, Wishes
from telehealth_core.scheduling.session import Mode
from telehealth_core.shared.ids import ProviderId, SessionId
from telehealth_core.shared.refusal import Invalid
from telehealth_core.shared.text import zone as zone_named
from telehealth_core.workforce.provider import Profession
from telehealth_http.answers import MoneyAnswer, shown
from telehealth_http.requests import By, Caller, From, Until, period, reads

_AFTER = "%Y%m%dT%H%M%S.%fZ"


@attrs.frozen(kw_only=True)
class FoundTime:
    """One visit that can be booked, and with whom; `local` is its start on the clocks of the zone
    asked for.
    """

    session_id: UUID
    provider_id: UUID
    provider_name: str
    start: datetime
    local: str
    end: datetime
    service: str
    modes: tuple[Mode, ...]
    price: MoneyAnswer


@attrs.frozen(kw_only=True)
class FoundTimes:
    """One page of visits that can be booked, in order; `next` is the `after` of the page that
    follows, if one does: a page may be short and yet have one.
    """

    zone: str
    items: tuple[FoundTime, ...]
    next: str | None


@attrs.frozen(kw_only=True)
class FoundProvider:
    """One provider with their earliest visit that can be booked."""

    id: UUID
    name: str
    profession: Profession
    specialties: tuple[str, ...]
    languages: tuple[str, ...]
    gender: Gender | None
    price_from: MoneyAnswer
    modes: tuple[Mode, ...]
    earliest: FoundTime


@attrs.frozen(kw_only=True)
class FoundProviders:
    """One page of providers by their earliest free time; `looked_until` is set where the search
    looked no further: ask again from there on.
    """

    zone: str
    items: tuple[FoundProvider, ...]
    next: str | None
    looked_until: datetime | None


@attrs.frozen(kw_only=True)
class OpenDayAnswer:
    """One day of the zone asked for, and every visit that can be booked on it."""

    day: date
    items: tuple[FoundTime, ...]


@attrs.frozen(kw_only=True)
class OpenDays:
    """The days on which something is open, in order."""

    zone: str
    items: tuple[OpenDayAnswer, ...]


@reads("/v1/open-times")
def find_times(
    caller: By,
    *,
    start: From = None,
    end: Until = None,
    zone: FromQuery[str | None] = None,
    specialty: FromQuery[str | None] = None,
    language: FromQuery[str | None] = None,
    gender: FromQuery[Gender | None] = None,
    mode: FromQuery[Mode | None] = None,
    service: FromQuery[str | None] = None,
    price_most: FromQuery[int | None] = None,
    location: FromQuery[str | None] = None,
    provider: FromQuery[list[UUID] | None] = None,
    limit: FromQuery[int] = 20,
    after: FromQuery[str | None] = None,
) -> FoundTimes:
    """Find the earliest visits that can be booked and fulfil every wish (F14, F16)."""
    name = _zone(caller, zone)
    wishes = Wishes(
        period=period(caller, start, end, name),
        specialty=specialty,
        language=language,
        gender=gender,
        mode=mode,
        service=service,
        price_most=price_most,
        location=location,
        providers=frozenset(map(ProviderId, provider or ())),
    )
    found = caller.clinic.search.find_times(caller.actor, wishes, limit=limit, after=_place(after))
    return FoundTimes(zone=name, items=_times(found.offers, name), next=_told(found.next))


@reads("/v1/free-providers")
def find_free_providers(
    caller: By,
    *,
    start: From = None,
    end: Until = None,
    zone: FromQuery[str | None] = None,
    specialty: FromQuery[str | None] = None,
    language: FromQuery[str | None] = None,
    gender: FromQuery[Gender | None] = None,
    mode: FromQuery[Mode | None] = None,
    service: FromQuery[str | None] = None,
    price_most: FromQuery[int | None] = None,
    location: FromQuery[str | None] = None,
    provider: FromQuery[list[UUID] | None] = None,
    limit: FromQuery[int] = 20,
    after: FromQuery[str | None] = None,
) -> FoundProviders:
    """Find providers by the earliest visit that can be booked and fulfils every wish (F16)."""
    name = _zone(caller, zone)
    wishes = Wishes(
        period=period(caller, start, end, name),
        specialty=specialty,
        language=language,
        gender=gender,
        mode=mode,
        service=service,
        price_most=price_most,
        location=location,
        providers=frozenset(map(ProviderId, provider or ())),
    )
    found = caller.clinic.search.find_providers(
        caller.actor, wishes, limit=limit, after=_place(after)
    )
    return FoundProviders(
        zone=name,
        items=tuple(_provider(offer, name) for offer in found.offers),
        next=_told(found.next),
        looked_until=found.looked_until,
    )


@reads("/v1/providers/{id:uuid}/open-days")
def list_open_days(
    caller: By,
    id: FromPath[UUID],
    *,
    start: From = None,
    end: Until = None,
    zone: FromQuery[str | None] = None,
    mode: FromQuery[Mode | None] = None,
    service: FromQuery[str | None] = None,
    location: FromQuery[str | None] = None,
) -> OpenDays:
    """List a provider's open times by the days of the zone asked for (F17)."""
    name = _zone(caller, zone)
    wishes = Wishes(
        period=period(caller, start, end, name),
        mode=mode,
        service=service,
        location=location,
        providers=frozenset({ProviderId(id)}),
    )
    days = caller.clinic.search.open_days(caller.actor, wishes, name)
    return OpenDays(
        zone=name,
        items=tuple(OpenDayAnswer(day=one.day, items=_times(one.offers, name)) for one in days),
    )


def _zone(caller: Caller, asked: str | None) -> str:
    """The zone asked for, or the practice's."""
    return asked or caller.clinic.search.zone(caller.actor)


def _times(offers: tuple[Offer, ...], zone: str) -> tuple[FoundTime, ...]:
    return tuple(_time(offer, zone) for offer in offers)


def _time(offer: Offer, zone: str) -> FoundTime:
    return FoundTime(
        session_id=offer.session.id,
        provider_id=offer.provider.id,
        provider_name=offer.provider.name,
        start=offer.visit.start,
        local=offer.visit.start.astimezone(zone_named(zone)).isoformat(),
        end=offer.visit.end,
        service=offer.session.service,
        modes=tuple(sorted(offer.session.modes)),
        price=shown(MoneyAnswer, offer.session.price),
    )


def _provider(offer: Offer, zone: str) -> FoundProvider:
    return shown(
        FoundProvider,
        offer.provider,
        price_from=shown(MoneyAnswer, offer.price_from),
        modes=tuple(sorted(offer.session.modes)),
        earliest=_time(offer, zone),
    )


def _told(place: Place | None) -> str | None:
    """A place as a word that an address can carry."""
    return None if place is None else f"{place.start:{_AFTER}}-{place.session_id.hex}"


def _place(after: str | None) -> Place | None:
    """The place that a page told. Raises: Invalid."""
    if after is None:
        return None
    start, _, id = after.partition("-")
    try:
        at = datetime.strptime(start, _AFTER).replace(tzinfo=UTC)
        return Place(at, SessionId(UUID(hex=id)))
    except ValueError:
        raise Invalid("after", "the `next` of the page before") from None


ROUTES = (find_times, find_free_providers, list_open_days)
