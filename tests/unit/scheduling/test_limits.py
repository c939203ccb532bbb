"""Limits: how many visits a patient may have, counted where they are (F25, API-03)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.practice.settings import Approval, Charging, Settings
from telehealth_core.scheduling.limits import LIMITS, LimitsReached, Load, limits_reached
from telehealth_core.scheduling.override import Override
from unit.clinic import ALL_SO, LAWS, MORNING, Clinic

HALF = timedelta(minutes=30)
COUNTS = st.integers(0, 25)


@LAWS
@given(holds=COUNTS, ahead=COUNTS, a_day=COUNTS)
def test_a_limit_is_reached_exactly_when_one_more_would_pass_it(
    holds: int, ahead: int, a_day: int
) -> None:
    """Each alone, and every one that is reached is named."""
    settings = Settings(
        charging=Charging.AT_BOOKING,
        approval=Approval.AUTOMATIC,
        holds_most=2,
        visits_ahead_most=20,
        visits_a_day_most=3,
    )
    expected = tuple(
        name
        for name, reached in (
            ("holds", holds >= 2),
            ("visits-ahead", ahead >= 20),
            ("visits-a-day", a_day >= 3),
        )
        if reached
    )
    assert limits_reached(Load(holds, ahead, a_day), settings) == expected
    assert {name for name, _ in LIMITS} == {"holds", "visits-ahead", "visits-a-day"}


def test_a_refusal_names_every_limit() -> None:
    """A hold, a visit ahead and one of the day: all three at once (F25)."""
    clinic = Clinic(holds_most=1, visits_ahead_most=1, visits_a_day_most=1)
    patient, session = clinic.patient(), clinic.session(clinic.provider())
    clinic.hold(patient, session)
    with pytest.raises(LimitsReached, match="holds, visits-ahead, visits-a-day"):
        clinic.hold(patient, session, MORNING + HALF)


def test_what_is_over_or_given_up_does_not_count() -> None:
    """A limit is about what is ahead and about what still stands (F25)."""
    clinic = Clinic(visits_ahead_most=1, visits_a_day_most=2)
    patient, session = clinic.patient(), clinic.session(clinic.provider())
    first = clinic.booked(patient, session)
    with pytest.raises(LimitsReached, match=r"\(visits-ahead\)"):
        clinic.hold(patient, session, MORNING + HALF)
    clinic.clock.now = first.during.end
    second = clinic.booked(patient, session, MORNING + 2 * HALF)
    clinic.ask.scheduling.cancel(patient, second.id)
    clinic.booked(patient, session, MORNING + 2 * HALF)
    with pytest.raises(LimitsReached, match="visits-ahead, visits-a-day"):
        clinic.hold(patient, session, MORNING + 4 * HALF)


def test_a_day_is_one_where_the_practice_is() -> None:
    """Late in the evening in New York it is tomorrow in UTC, and still today (F25, N03)."""
    clinic = Clinic(jurisdiction="us", visits_a_day_most=1)
    patient, provider = clinic.patient(), clinic.provider()
    evening = datetime(2026, 11, 24, 23, 0, tzinfo=UTC)
    session = clinic.session(provider, start=evening, hours=8)
    clinic.booked(patient, session)
    with pytest.raises(LimitsReached, match="visits-a-day"):
        clinic.hold(patient, session, evening + timedelta(hours=6) - HALF)
    assert clinic.hold(patient, session, evening + timedelta(hours=6)).settings_version == 1


def test_the_limit_is_the_patients_and_the_holds_are_the_accounts(clinic: Clinic) -> None:
    """A guardian's visits do not count for the child, nor the other way (F10, F25)."""
    clinic = Clinic(visits_ahead_most=1, holds_most=2)
    guardian, session = clinic.patient(), clinic.session(clinic.provider())
    kim = clinic.dependant(guardian)
    clinic.submit(guardian, kim.id)
    clinic.ask.identity.approve(clinic.liaison, kim.id, "seen", ALL_SO)
    clinic.hold(guardian, session)
    clinic.hold(guardian, session, MORNING + HALF, on_behalf_of=kim.id)
    with pytest.raises(LimitsReached, match="holds, visits-ahead"):
        clinic.hold(guardian, session, MORNING + 2 * HALF)


def test_moving_a_visit_counts_the_others_only(clinic: Clinic) -> None:
    """A visit never stands in its own way; another full day does (F26, F25)."""
    clinic = Clinic(visits_a_day_most=1, visits_ahead_most=2)
    patient, provider = clinic.patient(), clinic.provider()
    today = clinic.session(provider)
    tomorrow = clinic.session(provider, start=MORNING + timedelta(days=1))
    first, second = clinic.booked(patient, today), clinic.booked(patient, tomorrow)
    move = clinic.ask.scheduling.reschedule
    moved = move(patient, first.id, session_id=today.id, start=MORNING + HALF)
    assert moved.during.start == MORNING + HALF
    with pytest.raises(LimitsReached, match=r"\(visits-a-day\)"):
        move(patient, first.id, session_id=tomorrow.id, start=tomorrow.during.start + HALF)
    aside = Override(rules=frozenset({"visits-a-day"}), reason="two in a row")
    moved = move(
        clinic.liaison,
        first.id,
        session_id=tomorrow.id,
        start=tomorrow.during.start + HALF,
        override=aside,
    )
    assert moved.override == aside
    assert clinic.now(second) == second


def test_a_visit_moves_under_the_rules_it_was_booked_under(clinic: Clinic) -> None:
    """A buffer, a lead time and limits that came later are for later bookings (F30)."""
    patient, session = clinic.patient(), clinic.session(clinic.provider())
    booked = clinic.booked(patient, session)
    clinic.ask.practice.change_settings(
        clinic.admin,
        Settings(
            charging=Charging.ON_COMPLETION,
            approval=Approval.AUTOMATIC,
            buffer_minutes=60,
            lead_minutes=7 * 24 * 60,
            visits_a_day_most=1,
        ),
        replacing=1,
    )
    moved = clinic.ask.scheduling.reschedule(
        patient, booked.id, session_id=session.id, start=MORNING + HALF
    )
    assert moved.occupies == moved.during
    assert moved.settings_version == 1
