"""Progress against an oracle that counts days one by one, for any course of a program (F38)."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.shared.ids import PatientId, PracticeId, ProgramId, ProviderId, UserId
from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.refusal import Invalid
from telehealth_core.treatment.program import ProgramKind, ProgramStatus, TreatmentProgram
from unit.clinic import LAWS

START = date(2026, 3, 1)
AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
BY = UserId(UUID(int=1))
PLANNED = TreatmentProgram(
    id=ProgramId(UUID(int=2)),
    practice_id=PracticeId(UUID(int=3)),
    patient_id=PatientId(UUID(int=4)),
    provider_id=ProviderId(UUID(int=5)),
    kind=ProgramKind.PHP,
    starts_on=START,
    anticipated_discharge_on=START + timedelta(days=40),
    entered_at=AT,
)


def day(number: int) -> date:
    """So many days after the start."""
    return START + timedelta(days=number)


def naive(program: TreatmentProgram, on: date) -> int | None:
    """The share of the days of treatment that are over, counted on the fingers."""
    end = program.anticipated_discharge_on
    if program.status is ProgramStatus.FINISHED:
        return 10_000
    if end is None or program.status is ProgramStatus.CANCELLED:
        return None
    if program.status is ProgramStatus.PLANNED:
        return 0
    if program.status is ProgramStatus.ONHOLD and on > program.holds[-1].since:
        on = program.holds[-1].since
    if on >= end:
        return 10_000
    days = [
        one
        for one in (program.starts_on + timedelta(days=n) for n in range(1_000))
        if one < end
        and not any(hold.until and hold.since <= one < hold.until for hold in program.holds)
    ]
    over = [one for one in days if one < on]
    return len(over) * 10_000 // len(days) if days else 0


@st.composite
def courses(draw: st.DrawFn) -> TreatmentProgram:
    """A program after any course: held any number of times, perhaps still, perhaps at an end."""
    length = draw(st.none() | st.integers(1, 80))
    end = None if length is None else day(length)
    program = attrs.evolve(PLANNED, anticipated_discharge_on=end)
    if draw(st.integers(0, 9)) == 0:
        return draw(st.sampled_from((program, program.cancel("moved", by=BY, at=AT)[0])))
    program, _ = program.start(START, "begins", by=BY, at=AT)
    on = 0
    for gap, lasts in draw(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=4)):
        program, _ = program.pause(day(on + gap), "away", by=BY, at=AT)
        on += gap + lasts
        program, _ = program.resume(day(on), "back", anticipated_discharge_on=end, by=BY, at=AT)
    if draw(st.booleans()):
        program, _ = program.pause(day(on + draw(st.integers(0, 20))), "away", by=BY, at=AT)
    if draw(st.integers(0, 4)) == 0:
        program, _ = program.discharge(day(draw(st.integers(0, 99))), "well", by=BY, at=AT)
    return program


@LAWS
@given(courses(), st.integers(-20, 200))
def test_progress_is_what_counting_the_days_tells(program: TreatmentProgram, on: int) -> None:
    """Whatever the holds, the sum and the count agree (F38)."""
    assert program.progress_bp(day(on)) == naive(program, day(on))


@LAWS
@given(courses(), st.integers(-20, 200))
def test_progress_only_grows_and_stands_still_on_hold(program: TreatmentProgram, on: int) -> None:
    """A day later nobody has got less far; on a day of a hold nobody gets further (F38)."""
    today, tomorrow = program.progress_bp(day(on)), program.progress_bp(day(on + 1))
    if today is None or tomorrow is None:
        assert today is tomorrow
        return
    assert 0 <= today <= tomorrow <= 10_000
    end = program.anticipated_discharge_on
    held = any(
        one.since <= day(on) and (one.until is None or day(on) < one.until) for one in program.holds
    )
    if held and (end is None or day(on + 1) < end or program.status is ProgramStatus.ONHOLD):
        assert today == tomorrow


@LAWS
@given(courses(), st.integers(0, 60))
def test_at_the_anticipated_discharge_and_after_all_is_over(
    program: TreatmentProgram, later: int
) -> None:
    """A running program is at 100 % from that day on, overdue or not, as is a finished one; up to
    its start a program is at nothing (F38).
    """
    end = program.anticipated_discharge_on
    if program.status is ProgramStatus.FINISHED:
        assert program.progress_bp(day(later)) == 10_000
    elif end is not None and program.status is ProgramStatus.ACTIVE:
        assert program.progress_bp(end + timedelta(days=later)) == 10_000
        assert program.progress_bp(day(-later)) == 0


def test_a_program_that_was_held_all_its_days_is_at_nothing_until_its_end() -> None:
    """There is no day to divide by, and nothing is over before the end."""
    program, _ = PLANNED.start(START, "begins", by=BY, at=AT)
    program, _ = program.pause(START, "away", by=BY, at=AT)
    program, _ = program.resume(day(50), "back", anticipated_discharge_on=day(40), by=BY, at=AT)
    assert [program.progress_bp(day(n)) for n in (-1, 0, 39, 40)] == [0, 0, 0, 10_000]


def test_a_hold_begins_after_the_one_before_and_ends_after_it_began() -> None:
    """Holds neither overlap nor run backwards; a refused one changes nothing (F41)."""
    program, _ = PLANNED.start(START, "begins", by=BY, at=AT)
    with pytest.raises(Invalid):
        program.pause(day(-1), "early", by=BY, at=AT)
    held, _ = program.pause(day(5), "away", by=BY, at=AT)
    with pytest.raises(Invalid):
        held.resume(day(4), "back", anticipated_discharge_on=None, by=BY, at=AT)
    back, _ = held.resume(day(9), "back", anticipated_discharge_on=day(60), by=BY, at=AT)
    with pytest.raises(Invalid):
        back.pause(day(8), "again", by=BY, at=AT)
    for verb in (held.pause, PLANNED.pause):
        with pytest.raises(IllegalTransition):
            verb(day(-1), "twice", by=BY, at=AT)
    with pytest.raises(IllegalTransition):
        program.resume(day(1), "back", anticipated_discharge_on=None, by=BY, at=AT)


def test_every_change_tells_the_terms_before_and_after() -> None:
    """Kind, dates, hold and discharge, in words; what one left is where the next began (F41)."""
    program, _ = PLANNED.start(day(2), "a bed is free", by=BY, at=AT)
    program, _ = program.pause(day(5), "away", by=BY, at=AT)
    program, _ = program.resume(day(9), "back", anticipated_discharge_on=None, by=BY, at=AT)
    program, _ = program.discharge(day(20), "well", by=BY, at=AT)
    first, *others = program.revisions
    assert (first.verb, first.before, first.after) == (
        "start",
        "PHP, 2026-03-01 to 2026-04-10",
        "PHP, 2026-03-03 to 2026-04-10",
    )
    assert others[-1].after == (
        "PHP, 2026-03-03 to open-ended, on hold 2026-03-06 to 2026-03-10, discharged 2026-03-21"
    )
    assert [one.after for one in program.revisions[:-1]] == [one.before for one in others]
    assert others[0].after.endswith("on hold 2026-03-06 to open-ended")


@pytest.mark.parametrize(("on", "early"), [(39, True), (40, False), (41, False)])
def test_an_early_discharge_is_one_before_the_anticipated_day(on: int, *, early: bool) -> None:
    """At the day, or after it, it is not early; without one it never is (F39)."""
    program, _ = PLANNED.start(START, "begins", by=BY, at=AT)
    left, _ = program.discharge(day(on), "well", by=BY, at=AT)
    assert left.discharged_early is early
    assert not program.discharged_early
    endless = attrs.evolve(left, anticipated_discharge_on=None)
    assert not endless.discharged_early
    assert not endless.overdue(day(400))
