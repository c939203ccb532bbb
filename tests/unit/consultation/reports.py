"""A visit and reports on who was in its room, for the tests beside this file."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import strategies as st

from telehealth_core.consultation.attendance import Attendance, Participant, Side
from telehealth_core.consultation.consultation import Consultation
from telehealth_core.shared.ids import AppointmentId, PatientId, PracticeId, ProviderId, UserId
from telehealth_core.shared.interval import Interval

START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
END = 60
"""How many seconds the room is open."""
PATIENT, GUARDIAN, PROVIDER = (UserId(UUID(int=number)) for number in (1, 2, 3))
WHO = {PATIENT: Side.PATIENT, GUARDIAN: Side.PATIENT, PROVIDER: Side.PROVIDER}
STRANGER = UserId(UUID(int=9))


def at(second: int) -> datetime:
    """So many seconds after the start."""
    return START + timedelta(seconds=second)


WINDOW = Interval(at(0), at(END))


def a_visit() -> Consultation:
    """A visit that a patient, their guardian and the provider were let into."""
    visit = Consultation.plan(
        AppointmentId(UUID(int=1)),
        PracticeId(UUID(int=2)),
        patient_id=PatientId(UUID(int=3)),
        provider_id=ProviderId(UUID(int=4)),
    )
    for user, side in WHO.items():
        someone = Participant(user, side, guardian=user == GUARDIAN)
        visit, _ = visit.admit(someone, window=WINDOW, at=START)
    return visit


Stay = tuple[UserId, int, int | None, bool]
"""Who, from when, until when (None: not told), and whether the beginning was told."""
STAYS = st.lists(
    st.tuples(
        st.sampled_from([*WHO, STRANGER]),
        st.integers(-20, END + 19),
        st.none() | st.integers(-19, END + 20),
        st.booleans(),
    ),
    max_size=6,
)
Report = tuple[bool, int, UserId, int]
"""Whether somebody entered or left, by which connection, who, and when."""


def reports(stays: list[Stay]) -> list[Report]:
    """What the room's operator tells of these stays."""
    told: list[Report] = []
    for number, (who, since, until, begun) in enumerate(stays):
        told += [(True, number, who, since)] if begun else []
        told += [(False, number, who, until)] if until is not None else []
    return told


def final(stays: list[Stay]) -> tuple[Attendance, ...]:
    """The operator's list of the same stays once all is over."""
    return tuple(
        Attendance(
            f"connection {number}",
            who,
            since=at(since) if begun else None,
            until=None if until is None else at(until),
        )
        for number, (who, since, until, begun) in enumerate(stays)
    )


def after(visit: Consultation, told: list[Report]) -> Consultation:
    """The visit once all this was reported, long after it happened."""
    for entered, number, who, second in told:
        step = visit.enter if entered else visit.leave
        visit, _ = step(who, f"connection {number}", at=at(second), received=at(10 * END))
    return visit


def present(stays: list[Stay], side: Side) -> set[int]:
    """The oracle: the seconds of the room's time in which somebody of that side is known to be
    there.
    """
    return {
        second
        for who, since, until, told in stays
        if told and WHO.get(who) is side
        for second in range(since, END if until is None else until)
        if 0 <= second < END
    }


def seconds_of(stays: list[Stay]) -> set[int]:
    """The oracle: the seconds in which each side had somebody there."""
    return present(stays, Side.PATIENT) & present(stays, Side.PROVIDER)
