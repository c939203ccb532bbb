"""Shifts: drafted, published, revised, closed; what is booked stays as it was agreed (F13)."""

from datetime import date, time, timedelta
from uuid import UUID

import pytest

from telehealth_core.access.policy import NotPermitted
from telehealth_core.scheduling.appointment import PriceChanged
from telehealth_core.scheduling.availability import NotBookable
from telehealth_core.scheduling.life import AppointmentStatus
from telehealth_core.scheduling.recurrence import Recurrence, Weekday
from telehealth_core.scheduling.session import Mode, Session, SessionStatus
from telehealth_core.shared.ids import SessionId
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.money import Money
from telehealth_core.shared.refusal import IdReused, Invalid
from unit.clinic import MORNING, Clinic, provider_of

DRAFT, PUBLISHED = SessionStatus.DRAFT, SessionStatus.PUBLISHED
CLOSED = SessionStatus.CLOSED
HALF = timedelta(minutes=30)
DEARER = Money(9_000, "GBP")
BOTH = frozenset(Mode)


def three_days(clinic: Clinic, *, draft: bool = False) -> tuple[Session, ...]:
    """A shift on three mornings."""
    return clinic.ask.diary.add_series(
        clinic.liaison,
        SessionId(UUID(int=3)),
        provider_id=provider_of(clinic.provider()),
        recurrence=Recurrence(
            weekdays=frozenset(Weekday),
            starts=time(9),
            ends=time(12),
            first_day=date(2026, 11, 24),
            last_day=date(2026, 11, 26),
        ),
        service="visit",
        modes=BOTH,
        start_every_minutes=30,
        draft=draft,
    )


def test_a_draft_is_seen_by_nobody_until_it_is_published(clinic: Clinic) -> None:
    """Staff prepare a shift, and patients book it from its publication on."""
    patient, provider = clinic.patient(), clinic.provider()
    drafted = clinic.ask.diary.add_session(
        clinic.liaison,
        SessionId(clinic.new_id()),
        provider_id=provider_of(provider),
        during=Interval.lasting(MORNING, 180),
        service="visit",
        modes=BOTH,
        start_every_minutes=30,
        draft=True,
    )
    day = Interval.lasting(MORNING, 600)
    assert clinic.ask.diary.open_times(patient, provider_of(provider), day) == ()
    with pytest.raises(NotBookable, match="published"):
        clinic.hold(patient, drafted)
    (published,) = clinic.ask.diary.publish_session(clinic.admin, drafted.id)
    assert published.status is PUBLISHED
    assert clinic.hold(patient, drafted).during.start == MORNING
    with pytest.raises(IllegalTransition):
        clinic.ask.diary.publish_session(clinic.admin, drafted.id)
    with pytest.raises(NotPermitted):
        clinic.ask.diary.publish_session(provider, drafted.id)


def test_a_drafted_series_is_published_from_one_day_on(clinic: Clinic) -> None:
    """One occurrence alone, or the rest of the series."""
    first, second, third = three_days(clinic, draft=True)
    publish = clinic.ask.diary.publish_session
    assert [one.id for one in publish(clinic.liaison, second.id)] == [second.id]
    assert [one.id for one in publish(clinic.liaison, second.id, rest=True)] == [third.id]
    assert clinic.store.rows["sessions"][first.id].status is DRAFT


def test_another_price_is_for_coming_bookings_only(clinic: Clinic) -> None:
    """Who booked keeps their price, also when the visit moves within the shift; who comes next
    pays the new one (F13, PAY-01).
    """
    session = clinic.session(clinic.provider())
    booked = clinic.booked(clinic.patient(), session)
    holder = clinic.patient("Jo Example")
    held = clinic.hold(holder, session, MORNING + 2 * HALF)
    (revised,) = clinic.ask.diary.revise_session(
        clinic.liaison, session.id, modes=frozenset({Mode.VOICE}), price=DEARER
    )
    assert (revised.price, revised.modes) == (DEARER, frozenset({Mode.VOICE}))
    assert clinic.now(booked).price == session.price
    other = clinic.patient("Lee Example")
    with pytest.raises(Invalid):
        clinic.hold(other, session, MORNING + HALF)
    assert clinic.hold(other, session, MORNING + HALF, mode=Mode.VOICE).price == DEARER
    assert clinic.request(holder, held).price == session.price


def test_a_visit_moves_at_its_own_price_within_its_shift(clinic: Clinic) -> None:
    """A new price of the same shift is no obstacle; a dearer shift is (F26)."""
    provider = clinic.provider()
    session = clinic.session(provider)
    booked = clinic.booked(clinic.patient(), session)
    clinic.ask.diary.revise_session(clinic.liaison, session.id, modes=BOTH, price=DEARER)
    move = clinic.ask.scheduling.reschedule
    moved = move(clinic.liaison, booked.id, session_id=session.id, start=MORNING + HALF)
    assert moved.price == session.price
    dearer = clinic.session(provider, start=MORNING + timedelta(hours=5))
    clinic.ask.diary.revise_session(clinic.liaison, dearer.id, modes=BOTH, price=DEARER)
    with pytest.raises(PriceChanged):
        move(clinic.liaison, booked.id, session_id=dearer.id, start=dearer.during.start)


@pytest.mark.parametrize(
    ("modes", "price"),
    [(BOTH, Money(100, "USD")), (BOTH, Money(-1, "GBP")), (frozenset[Mode](), DEARER)],
)
def test_a_revision_is_held_to_the_rules_of_a_shift(
    clinic: Clinic, modes: frozenset[Mode], price: Money
) -> None:
    """No other currency, no price below nothing, at least one mode."""
    session = clinic.session(clinic.provider())
    with pytest.raises(Invalid):
        clinic.ask.diary.revise_session(clinic.liaison, session.id, modes=modes, price=price)


def test_closing_drops_no_visit_and_tells_which_are_affected(clinic: Clinic) -> None:
    """One occurrence, or the rest of the series; closing again tells the same (F13)."""
    first, second, third = three_days(clinic)
    patient = clinic.patient()
    booked = clinic.booked(patient, second)
    gone = clinic.booked(patient, second, second.during.start + HALF)
    clinic.ask.scheduling.cancel(patient, gone.id)
    later = clinic.booked(patient, third)
    one = clinic.ask.diary.close_session(clinic.liaison, second.id)
    assert [session.status for session in one.sessions] == [CLOSED]
    assert one.affected == (clinic.now(booked),)
    rest = clinic.ask.diary.close_session(clinic.liaison, second.id, rest=True)
    assert [session.id for session in rest.sessions] == [second.id, third.id]
    assert rest.affected == (clinic.now(booked), clinic.now(later))
    assert clinic.ask.diary.close_session(clinic.liaison, second.id, rest=True) == rest
    assert clinic.now(booked).status is AppointmentStatus.BOOKED
    assert clinic.store.rows["sessions"][first.id].status is PUBLISHED
    with pytest.raises(NotBookable, match="published"):
        clinic.hold(patient, third, third.during.start + HALF)
    with pytest.raises(IllegalTransition):
        clinic.ask.diary.revise_session(clinic.liaison, third.id, modes=BOTH, price=DEARER)


def test_a_repeated_request_finds_the_shift_whatever_became_of_it(clinic: Clinic) -> None:
    """Revised or closed, the same request finds it; another one under its id is refused."""
    provider, id = clinic.provider(), SessionId(UUID(int=7))

    def add(every: int = 30, modes: frozenset[Mode] = BOTH) -> Session:
        return clinic.ask.diary.add_session(
            clinic.liaison,
            id,
            provider_id=provider_of(provider),
            during=Interval.lasting(MORNING, 180),
            service="visit",
            modes=modes,
            start_every_minutes=every,
        )

    add()
    with pytest.raises(IdReused):
        add(modes=frozenset({Mode.VOICE}))
    voice = frozenset({Mode.VOICE})
    clinic.ask.diary.revise_session(clinic.liaison, id, modes=voice, price=DEARER)
    clinic.ask.diary.close_session(clinic.liaison, id)
    assert add().status is CLOSED
    with pytest.raises(IdReused):
        add(every=15)


def test_a_revision_is_of_one_shift_unless_the_rest_is_named(clinic: Clinic) -> None:
    """The others of its series keep their price (F13)."""
    first, second, third = three_days(clinic)
    revise = clinic.ask.diary.revise_session
    assert [one.id for one in revise(clinic.liaison, first.id, modes=BOTH, price=DEARER)] == [
        first.id
    ]
    rest = revise(clinic.liaison, second.id, modes=BOTH, price=DEARER, rest=True)
    assert [one.id for one in rest] == [second.id, third.id]


def test_a_visit_that_ended_this_instant_is_not_affected_by_closing(clinic: Clinic) -> None:
    """Nobody has to see to it any more (F13)."""
    booked = clinic.booked(clinic.patient(), session := clinic.session(clinic.provider()))
    clinic.clock.now = booked.during.end - timedelta(microseconds=1)
    assert clinic.ask.diary.close_session(clinic.liaison, session.id).affected == (booked,)
    clinic.clock.now = booked.during.end
    assert clinic.ask.diary.close_session(clinic.liaison, session.id).affected == ()
