"""Time together, counted second by second, whatever order the reports come in (F33)."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.consultation.consultation import Consultation, Participant, Side
from telehealth_core.shared.ids import AppointmentId, PatientId, PracticeId, ProviderId, UserId
from unit.clinic import LAWS

START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
END = 60
WHO = {UserId(UUID(int=number)): Side.PATIENT if number < 3 else Side.PROVIDER
       for number in (1, 2, 3)}  # fmt: skip
STRANGER = UserId(UUID(int=9))


def at(second: int) -> datetime:
    """So many seconds after the start."""
    return START + timedelta(seconds=second)


def a_visit() -> Consultation:
    """A visit that a patient, their guardian and the provider were let into."""
    visit = Consultation.plan(
        AppointmentId(UUID(int=1)),
        PracticeId(UUID(int=2)),
        patient_id=PatientId(UUID(int=3)),
        provider_id=ProviderId(UUID(int=4)),
    )
    for user, side in WHO.items():
        visit, _ = visit.admit(Participant(user, side), at=START)
    return visit


Stay = tuple[UserId, int, int | None, bool]
"""Who, from when, until when (None: not told), and whether the beginning was told."""
STAYS = st.lists(
    st.tuples(
        st.sampled_from([*WHO, STRANGER]),
        st.integers(0, END - 1),
        st.none() | st.integers(1, END),
        st.booleans(),
    ),
    max_size=6,
)


def present(stays: list[Stay], side: Side) -> set[int]:
    """The oracle: the seconds in which somebody of that side is known to be there."""
    return {
        second
        for who, since, until, told in stays
        if told and WHO.get(who) is side
        for second in range(since, END if until is None else until)
    }


Report = tuple[bool, int, UserId, int]


def reports(stays: list[Stay]) -> list[Report]:
    """What the room's operator tells of these stays."""
    told: list[Report] = []
    for number, (who, since, until, begun) in enumerate(stays):
        told += [(True, number, who, since)] if begun else []
        told += [(False, number, who, until)] if until is not None else []
    return told


def after(visit: Consultation, told: list[Report]) -> Consultation:
    """The visit once all this was reported."""
    for entered, number, who, second in told:
        step = visit.enter if entered else visit.leave
        visit, _ = step(who, f"connection {number}", at=at(second))
    return visit


@LAWS
@given(STAYS, st.data())
def test_time_counts_while_both_sides_are_present(stays: list[Stay], data: st.DataObject) -> None:
    """In order or not, doubled or missing: counted are the seconds in which each side had somebody
    in the room.
    """
    told = reports(stays)
    doubled = told + data.draw(st.lists(st.sampled_from(told), max_size=4)) if told else told
    visit = after(a_visit(), data.draw(st.permutations(doubled)))
    counted = {
        second for second in range(END) if any(at(second) in one for one in visit.counted(at(END)))
    }
    assert counted == present(stays, Side.PATIENT) & present(stays, Side.PROVIDER)


@LAWS
@given(STAYS)
def test_a_confirmation_counts_the_same_seconds(stays: list[Stay]) -> None:
    """What is written down at completion is what was counted."""
    together = present(stays, Side.PATIENT) & present(stays, Side.PROVIDER)
    visit = after(a_visit(), sorted(reports(stays), key=lambda one: (one[3], not one[0])))
    if together:
        done, _ = visit.complete(None, by=STRANGER, at=at(END))
        assert done.counted_seconds == len(together)


def test_of_reports_told_twice_the_earlier_entry_and_the_later_leave_count() -> None:
    """Whichever of the two arrives first, the longest stay that was told is the one counted."""
    patient, _, provider = WHO
    told = [(True, 1, patient, 10), (True, 1, patient, 20), (False, 1, patient, 30),
            (False, 1, patient, 40), (True, 2, provider, 0)]  # fmt: skip
    for order in (told, told[::-1]):
        (together,) = after(a_visit(), order).counted(at(END))
        assert (together.start, together.end) == (at(10), at(40))


def test_the_visit_is_finished_when_everybody_has_left() -> None:
    """Empty rooms are finished, and whoever comes back resumes."""
    patient, _, provider = WHO
    visit = after(a_visit(), [(True, 1, patient, 0), (True, 2, provider, 1)])
    assert visit.status == "in-progress"
    visit = after(visit, [(False, 1, patient, 5)])
    assert visit.status == "in-progress"
    visit = after(visit, [(False, 2, provider, 6)])
    assert visit.status == "finished"
    assert after(visit, [(True, 3, patient, 9)]).status == "in-progress"
