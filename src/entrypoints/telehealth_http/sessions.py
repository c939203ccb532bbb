"""Sessions over HTTP: shifts, one-off or repeating, what is open in them, and how they change
(F13, F17).
"""

from datetime import datetime
from uuid import UUID

import attrs
from litestar.params import FromPath, FromQuery, JSONBody

from telehealth_core.scheduling.recurrence import Recurrence
from telehealth_core.scheduling.session import Mode, Session, SessionStatus
from telehealth_core.shared.ids import ProviderId, SessionId
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.money import Money
from telehealth_core.shared.text import zone as zone_named
from telehealth_http.answers import IntervalAnswer, Items, MoneyAnswer, listed, shown
from telehealth_http.bodies import as_in
from telehealth_http.requests import By, From, Until, creates, does, period, reads, replaces
from telehealth_http.scheduling import AppointmentAnswer


@attrs.frozen(kw_only=True)
class SessionBody:
    """A shift in which visits of one service can be booked."""

    provider_id: ProviderId
    during: Interval
    service: str
    modes: frozenset[Mode] = as_in(Session, "modes")
    start_every_minutes: int = as_in(Session, "start_every_minutes")
    draft: bool = False


@attrs.frozen(kw_only=True)
class SeriesBody:
    """A shift that repeats at its wall time, where the practice is."""

    provider_id: ProviderId
    repeat: Recurrence
    service: str
    modes: frozenset[Mode] = as_in(Session, "modes")
    start_every_minutes: int = as_in(Session, "start_every_minutes")
    draft: bool = False


@attrs.frozen(kw_only=True)
class RestBody:
    """Whether the later shifts of the series are meant too."""

    rest: bool = False


@attrs.frozen(kw_only=True)
class RevisionBody:
    """The modes and the price of coming bookings."""

    modes: frozenset[Mode] = as_in(Session, "modes")
    price: Money
    rest: bool = False


THIS_ONE = RestBody()


@attrs.frozen(kw_only=True)
class SessionAnswer:
    """A shift in which visits can be booked."""

    id: UUID
    provider_id: UUID
    during: IntervalAnswer
    service: str
    visit_minutes: int
    start_every_minutes: int
    modes: tuple[Mode, ...]
    price: MoneyAnswer
    status: SessionStatus
    series: UUID | None


@attrs.frozen(kw_only=True)
class OpenTime:
    """One visit that can be booked; `local` is its start on the clocks of the zone asked for."""

    session_id: UUID
    start: datetime
    local: str
    end: datetime
    mode: tuple[Mode, ...]
    price: MoneyAnswer


@attrs.frozen(kw_only=True)
class OpenTimes:
    """Every visit that can be booked in the period, in order."""

    zone: str
    items: tuple[OpenTime, ...]


@attrs.frozen(kw_only=True)
class ClosedAnswer:
    """The shifts that take no more bookings, and the visits in them that stand."""

    sessions: tuple[SessionAnswer, ...]
    affected: tuple[AppointmentAnswer, ...]


@creates("/v1/sessions")
def add_session(caller: By, data: JSONBody[SessionBody]) -> SessionAnswer:
    """Publish a shift of a provider, with the length and price of one of their services (F13)."""
    session = caller.clinic.diary.add_session(
        caller.actor,
        SessionId(caller.new_id),
        provider_id=data.provider_id,
        during=data.during,
        service=data.service,
        modes=data.modes,
        start_every_minutes=data.start_every_minutes,
        draft=data.draft,
    )
    return shown(SessionAnswer, session)


@creates("/v1/session-series")
def add_series(caller: By, data: JSONBody[SeriesBody]) -> Items[SessionAnswer]:
    """Publish a shift that repeats, every one of its sessions or none (F13)."""
    series = caller.clinic.diary.add_series(
        caller.actor,
        SessionId(caller.new_id),
        provider_id=data.provider_id,
        recurrence=data.repeat,
        service=data.service,
        modes=data.modes,
        start_every_minutes=data.start_every_minutes,
        draft=data.draft,
    )
    return listed(SessionAnswer, series)


@reads("/v1/providers/{id:uuid}/open-times")
def list_open_times(
    caller: By,
    id: FromPath[UUID],
    start: From = None,
    end: Until = None,
    zone: FromQuery[str | None] = None,
) -> OpenTimes:
    """List every visit of the provider that can be booked in the period, in order (F17)."""
    name = zone or caller.clinic.practice.view(caller.actor).zone
    clock = zone_named(name)
    offers = caller.clinic.diary.open_times(
        caller.actor, ProviderId(id), period(caller, start, end, name)
    )
    return OpenTimes(
        zone=name,
        items=tuple(
            OpenTime(
                session_id=session.id,
                start=visit.start,
                local=visit.start.astimezone(clock).isoformat(),
                end=visit.end,
                mode=tuple(sorted(session.modes)),
                price=shown(MoneyAnswer, session.price),
            )
            for session, visit in offers
        ),
    )


@does("/v1/sessions/{id:uuid}/publication")
def publish_session(
    caller: By, id: FromPath[UUID], data: JSONBody[RestBody] = THIS_ONE
) -> Items[SessionAnswer]:
    """Let patients book a drafted shift, or it and the later ones of its series (F13)."""
    published = caller.clinic.diary.publish_session(caller.actor, SessionId(id), rest=data.rest)
    return listed(SessionAnswer, published)


@replaces("/v1/sessions/{id:uuid}/offer")
def revise_session(
    caller: By, id: FromPath[UUID], data: JSONBody[RevisionBody]
) -> Items[SessionAnswer]:
    """Offer coming bookings of a shift in other modes or at another price (F13)."""
    revised = caller.clinic.diary.revise_session(
        caller.actor, SessionId(id), modes=data.modes, price=data.price, rest=data.rest
    )
    return listed(SessionAnswer, revised)


@does("/v1/sessions/{id:uuid}/closing")
def close_session(
    caller: By, id: FromPath[UUID], data: JSONBody[RestBody] = THIS_ONE
) -> ClosedAnswer:
    """Take no more bookings in a shift; what is booked stays, and is listed (F13)."""
    closed = caller.clinic.diary.close_session(caller.actor, SessionId(id), rest=data.rest)
    return shown(ClosedAnswer, closed)


ROUTES = (
    add_session,
    add_series,
    list_open_times,
    publish_session,
    revise_session,
    close_session,
)
