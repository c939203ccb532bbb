"""Rescheduling: a visit moves, and its old time is free only with the new one taken (F26)."""

from datetime import timedelta

import pytest

from telehealth_core.access.policy import NotPermitted
from telehealth_core.practice.settings import Approval
from telehealth_core.scheduling.appointment import PriceChanged, TimeTaken
from telehealth_core.scheduling.availability import NotBookable
from telehealth_core.scheduling.claim import TooLate
from telehealth_core.scheduling.life import AppointmentStatus
from telehealth_core.scheduling.session import Mode
from telehealth_core.shared.ids import AppointmentId
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.money import Money
from telehealth_core.shared.refusal import Invalid
from unit.clinic import MORNING, Clinic

HALF = timedelta(minutes=30)


def test_a_liaison_moves_a_visit_and_the_old_time_is_free(clinic: Clinic) -> None:
    """The new time is taken, the old one can be held by somebody else, the charge stays."""
    session = clinic.session(clinic.provider())
    booked = clinic.booked(clinic.patient(), session)
    moved = clinic.ask.scheduling.reschedule(
        clinic.liaison, booked.id, session_id=session.id, start=MORNING + 4 * HALF
    )
    assert moved.status is AppointmentStatus.BOOKED
    assert moved.during == Interval.lasting(MORNING + 4 * HALF, 30)
    other = clinic.patient("Jo Example")
    assert clinic.hold(other, session).during.start == MORNING
    with pytest.raises(TimeTaken):
        clinic.hold(other, session, MORNING + 4 * HALF)
    assert (
        clinic.ask.billing.charge(clinic.liaison, AppointmentId(booked.id)).agreed == session.price
    )


def test_a_visit_never_blocks_itself(clinic: Clinic) -> None:
    """It can move by less than its own length."""
    provider = clinic.provider()
    session = clinic.session(provider, every=10)
    booked = clinic.booked(clinic.patient(), session)
    moved = clinic.ask.scheduling.reschedule(
        clinic.liaison, booked.id, session_id=session.id, start=MORNING + timedelta(minutes=10)
    )
    assert moved.during.start == MORNING + timedelta(minutes=10)


def test_a_taken_time_leaves_the_visit_where_it_was(clinic: Clinic) -> None:
    """Nothing changes when the other time is somebody else's, or nobody's to give."""
    session = clinic.session(clinic.provider())
    booked = clinic.booked(clinic.patient(), session)
    clinic.booked(clinic.patient("Jo Example"), session, MORNING + HALF)
    for start, refusal in (
        (MORNING + HALF, TimeTaken),
        (MORNING - HALF, NotBookable),
        (MORNING + timedelta(minutes=7), NotBookable),
    ):
        with pytest.raises(refusal):
            clinic.ask.scheduling.reschedule(
                clinic.liaison, booked.id, session_id=session.id, start=start
            )
    assert clinic.now(booked) == booked


def test_the_price_and_the_provider_stay(clinic: Clinic) -> None:
    """What the patient agreed to is what they get at the other time."""
    provider = clinic.provider()
    booked = clinic.booked(clinic.patient(), clinic.session(provider))
    dearer = clinic.session(clinic.provider("Robin Therapist", price=Money(9_000, "GBP")))
    with pytest.raises((Invalid, PriceChanged)):
        clinic.ask.scheduling.reschedule(
            clinic.liaison, booked.id, session_id=dearer.id, start=MORNING + HALF
        )


def test_a_visit_that_began_is_not_moved(clinic: Clinic) -> None:
    """From its start on it is too late."""
    session = clinic.session(clinic.provider())
    booked = clinic.booked(clinic.patient(), session)
    clinic.clock.now = MORNING
    with pytest.raises(TooLate):
        clinic.ask.scheduling.reschedule(
            clinic.liaison, booked.id, session_id=session.id, start=MORNING + 4 * HALF
        )


def test_a_patient_moves_their_own_visit_and_a_provider_none(clinic: Clinic) -> None:
    """Self-service for whom it is about; whoever treats asks the office."""
    provider = clinic.provider()
    session = clinic.session(provider)
    patient = clinic.patient()
    booked = clinic.booked(patient, session)
    move = clinic.ask.scheduling.reschedule
    moved = move(patient, booked.id, session_id=session.id, start=MORNING + HALF)
    assert moved.during.start == MORNING + HALF
    with pytest.raises(NotPermitted):
        move(provider, booked.id, session_id=session.id, start=MORNING)


def test_a_visit_moves_to_a_session_of_its_provider_and_mode_only(clinic: Clinic) -> None:
    """Another provider, or another way to meet, is another visit (F26)."""
    provider = clinic.provider()
    booked = clinic.booked(clinic.patient(), clinic.session(provider))
    move = clinic.ask.scheduling.reschedule
    next_day = MORNING + timedelta(days=1)
    voice = clinic.session(provider, start=next_day, modes=[Mode.VOICE])
    theirs = clinic.session(clinic.provider("Robin Therapist"), start=next_day)
    for session in (voice, theirs):
        with pytest.raises(Invalid, match="session_id"):
            move(clinic.liaison, booked.id, session_id=session.id, start=next_day)
    same = clinic.session(provider, start=next_day + timedelta(hours=5))
    moved = move(clinic.liaison, booked.id, session_id=same.id, start=same.during.start)
    assert moved.session_id == same.id


def test_a_move_is_no_further_hold() -> None:
    """Whoever holds as many times as an account may still moves a visit (F26, N03)."""
    clinic = Clinic(holds_most=1)
    patient, session = clinic.patient(), clinic.session(clinic.provider())
    booked = clinic.booked(patient, session)
    clinic.hold(patient, session, MORNING + 2 * HALF)
    moved = clinic.ask.scheduling.reschedule(
        clinic.liaison, booked.id, session_id=session.id, start=MORNING + 4 * HALF
    )
    assert moved.during.start == MORNING + 4 * HALF


@pytest.mark.parametrize(
    ("approval", "late", "kept"),
    [
        (Approval.AUTOMATIC, timedelta(), False),
        (Approval.AUTOMATIC, timedelta(seconds=1), True),
        (Approval.AUTOMATIC, timedelta(hours=-1), False),
        (Approval.LIAISON, timedelta(seconds=1), False),
    ],
)
def test_only_an_accepted_visit_that_is_moved_too_late_is_not_free_again(
    approval: Approval, late: timedelta, kept: bool
) -> None:
    """Up to the instant until which giving up is free, a move takes that along; and what nobody
    accepted yet costs nothing to give up (N17).
    """
    clinic = Clinic(approval=approval)
    patient, start = clinic.patient(), MORNING + timedelta(days=2)
    session = clinic.session(clinic.provider(), start=start)
    asked = clinic.requested(patient, session)
    clinic.drain()
    clinic.clock.now = start - timedelta(hours=24) + late
    moved = clinic.ask.scheduling.reschedule(
        patient, asked.id, session_id=session.id, start=start + HALF
    )
    assert moved.free_until == (start - timedelta(hours=24) if kept else None)


def test_a_dearer_session_names_its_price(clinic: Clinic) -> None:
    """Nobody is moved to another price without agreeing to it (PAY-06)."""
    provider = clinic.provider()
    booked = clinic.booked(clinic.patient(), clinic.session(provider))
    dearer = clinic.session(provider, start=MORNING + timedelta(days=1))
    clinic.ask.diary.revise_session(
        clinic.liaison, dearer.id, modes=dearer.modes, price=Money(9_900, "GBP")
    )
    with pytest.raises(PriceChanged) as refused:
        clinic.ask.scheduling.reschedule(
            clinic.liaison, booked.id, session_id=dearer.id, start=dearer.during.start
        )
    assert str(refused.value.price) == "99.00 GBP"
