"""Time together, counted second by second, whatever order the reports come in (F33)."""

from datetime import timedelta

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from telehealth_core.consultation.assurance import IdentityMethod
from telehealth_core.consultation.attendance import Attendance, believed
from telehealth_core.consultation.completion import Episode
from telehealth_core.consultation.consultation import Consultation
from telehealth_core.consultation.life import ConsultationStatus
from telehealth_core.shared.refusal import Invalid
from unit.clinic import LAWS
from unit.consultation.reports import (
    END,
    PATIENT,
    PROVIDER,
    START,
    STAYS,
    STRANGER,
    Report,
    Stay,
    a_visit,
    after,
    at,
    final,
    reports,
    seconds_of,
)


def counted_seconds(visit: Consultation) -> set[int]:
    """The seconds that the visit counts."""
    later = at(10 * END)
    inside = {s for s in range(-30, 10 * END) if any(at(s) in one for one in visit.counted(later))}
    assert visit.seconds_together(later) == len(inside)
    return inside


@LAWS
@given(STAYS, st.data())
def test_time_counts_while_both_sides_are_present(stays: list[Stay], data: st.DataObject) -> None:
    """In order or not, doubled or missing: counted are the seconds in which each side had somebody
    in the room, while it was open.
    """
    told = reports(stays)
    doubled = told + data.draw(st.lists(st.sampled_from(told), max_size=4)) if told else told
    visit = after(a_visit(), data.draw(st.permutations(doubled)))
    assert counted_seconds(visit) == seconds_of(stays)


@LAWS
@given(STAYS, st.data())
def test_the_order_of_reports_makes_no_difference(stays: list[Stay], data: st.DataObject) -> None:
    """The same reports, shuffled and doubled, lead to the same attendances and the same status."""
    told = reports(stays)
    one, other = after(a_visit(), told), after(a_visit(), data.draw(st.permutations(told)) * 2)
    assert set(one.attendances) == set(other.attendances)
    assert one.status is other.status


@LAWS
@given(STAYS)
def test_a_confirmation_counts_the_same_seconds(stays: list[Stay]) -> None:
    """What is written down at completion is what was counted."""
    visit = after(a_visit(), sorted(reports(stays), key=lambda one: (one[3], not one[0])))
    together = seconds_of(stays)
    if together:
        known, _ = visit.confirm_identity(IdentityMethod.KNOWN, by=PROVIDER, at=at(END))
        done, _ = known.complete(Episode(True, True), by=PROVIDER, at=at(END))
        assert done.counted_seconds == len(together)


@LAWS
@given(STAYS, STAYS, st.data())
def test_the_operators_final_list_counts_instead_of_what_was_heard(
    heard: list[Stay], listed: list[Stay], data: st.DataObject
) -> None:
    """Whatever was heard, and whenever the rest of it arrives: the list's seconds count, and both
    are kept.
    """
    told: list[Report] = data.draw(st.permutations([(True, 99, PATIENT, 0), *reports(heard)]))
    cut = data.draw(st.integers(1, len(told)))
    visit = after(a_visit(), [(True, 99, PATIENT, 0), *told[:cut]])
    before = visit.seconds_together(at(20 * END))
    visit, event = visit.reconcile(final(listed), by=STRANGER, at=at(20 * END))
    visit = after(visit, told[cut:])
    assert counted_seconds(visit) == seconds_of(listed)
    assert (event.seconds_before, event.seconds_after) == (before, len(seconds_of(listed)))
    (kept,) = visit.reconciliations
    assert kept.stays == final(listed)
    assert len(visit.attendances) >= 1


def test_a_list_after_completion_corrects_the_time_and_nothing_else() -> None:
    """The seconds are counted anew; status, outcome and the moment of completion stay."""
    visit = after(a_visit(), [(True, 1, PATIENT, 0), (True, 2, PROVIDER, 10)])
    visit, _ = visit.confirm_identity(IdentityMethod.KNOWN, by=PROVIDER, at=at(20))
    done, _ = visit.complete(Episode(True, True), by=PROVIDER, at=at(30))
    assert done.counted_seconds == 20
    listed, _ = done.reconcile(
        final([(PATIENT, 0, 40, True), (PROVIDER, 15, 35, True)]), by=STRANGER, at=at(50)
    )
    assert listed.counted_seconds == 20
    listed, event = listed.reconcile(
        final([(PATIENT, 0, 40, True), (PROVIDER, 15, 33, True)]), by=STRANGER, at=at(51)
    )
    assert (event.seconds_before, event.seconds_after) == (20, 18)
    assert listed.counted_seconds == 18
    changed = {
        field.name
        for field in attrs.fields(Consultation)
        if getattr(listed, field.name) != getattr(done, field.name)
    }
    assert changed == {"version", "counted_seconds", "reconciliations"}


def test_whoever_comes_back_after_the_list_is_counted_too() -> None:
    """A room can open again after its operator closed it once."""
    visit = after(a_visit(), [(True, 1, PATIENT, 0), (True, 2, PROVIDER, 0)])
    stays = final([(PATIENT, 0, 5, True), (PROVIDER, 0, 5, True)])
    visit, _ = visit.reconcile(stays, by=STRANGER, at=at(6))
    assert visit.status is ConsultationStatus.FINISHED
    assert visit.reconciled(stays)
    assert not visit.reconciled(())
    back: list[Report] = [(True, 3, PATIENT, 10), (True, 4, PROVIDER, 12),
                          (False, 3, PATIENT, 20), (False, 4, PROVIDER, 20)]  # fmt: skip
    assert counted_seconds(after(visit, back)) == {*range(5), *range(12, 20)}


def test_of_reports_told_twice_the_earlier_entry_and_the_later_leave_count() -> None:
    """Whichever of the two arrives first, the longest stay that was told is the one counted."""
    told: list[Report] = [(True, 1, PATIENT, 10), (True, 1, PATIENT, 20), (False, 1, PATIENT, 30),
                          (False, 1, PATIENT, 40), (True, 2, PROVIDER, 0)]  # fmt: skip
    for order in (told, told[::-1]):
        (together,) = after(a_visit(), order).counted(at(END))
        assert (together.start, together.end) == (at(10), at(40))


@LAWS
@example(told=at(5), late=0)
@given(st.datetimes(min_value=(START - timedelta(days=9)).replace(tzinfo=None),
                    max_value=(START + timedelta(days=9)).replace(tzinfo=None)
                    ).map(lambda one: one.replace(tzinfo=START.tzinfo)),
       st.integers(0, 10_000))  # fmt: skip
def test_an_operators_clock_is_believed_as_far_as_it_can_be(told: object, late: int) -> None:
    """An instant that we could not have heard of yet counts as the one at which we did."""
    assert isinstance(told, type(START))
    received = START + timedelta(seconds=late)
    assert believed(told, received) == min(told, received)
    assert believed(None, received) == received


def test_an_operators_instant_has_an_offset() -> None:
    """A naive time names no instant."""
    with pytest.raises(Invalid):
        believed(START.replace(tzinfo=None), START)


def test_when_we_heard_stands_beside_what_we_heard() -> None:
    """Each report is kept with the first instant at which it reached us."""
    visit, _ = a_visit().enter(PATIENT, "one", at=at(1), received=at(9))
    visit, _ = visit.enter(PATIENT, "one", at=at(1), received=at(8))
    visit, event = visit.leave(PATIENT, "one", at=at(5), received=at(7))
    assert visit.attendances == (Attendance("one", PATIENT, at(1), at(5), at(8), at(7)),)
    assert event.at == at(7)


def test_the_visit_is_finished_when_everybody_has_left() -> None:
    """Empty rooms are finished, and whoever comes back resumes."""
    visit = after(a_visit(), [(True, 1, PATIENT, 0), (True, 2, PROVIDER, 1)])
    assert visit.status == "in-progress"
    visit = after(visit, [(False, 1, PATIENT, 5)])
    assert visit.status == "in-progress"
    visit = after(visit, [(False, 2, PROVIDER, 6)])
    assert visit.status == "finished"
    assert after(visit, [(True, 3, PATIENT, 9)]).status == "in-progress"
