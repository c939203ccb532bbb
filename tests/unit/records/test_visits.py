"""The same appointments on both sides (F55, F58)."""

from datetime import timedelta
from typing import Any

import attrs
import pytest

from telehealth_core.access.actor import Actor
from telehealth_core.billing.life import ChargeStatus
from telehealth_core.practice.settings import Charging
from telehealth_core.records.conflict import ConflictStatus, Side
from telehealth_core.records.quarantine import Problem
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.life import AppointmentStatus
from telehealth_core.shared.ids import AppointmentId, derived
from telehealth_core.shared.refusal import IdReused, Invalid, StaleVersion
from unit.clinic import ALL_SO, MORNING, provider_of
from unit.records.offices import APPOINTMENT, HALF_HOUR, PATIENT, Office


def made(office: Office) -> str:
    """A visit booked here, as it is known there."""
    patient, provider = office.diary()
    session = next(iter(office.store.rows["sessions"].values()))
    assert session.provider_id == provider_of(provider)
    visit = office.booked(patient, session)
    office.drain()
    return office.outside_id(visit.id)


def test_a_visit_booked_here_stands_there() -> None:
    """With its time and how it stands, and what becomes of it (F55)."""
    office = Office()
    id = made(office)
    there = office.outside.rows[office.id, APPOINTMENT, id]
    assert (there.patient, there.provider) == ("p", "d")
    assert there.fields["start"] == MORNING.isoformat()
    assert there.fields["status"] == "scheduled"
    log = list(office.outside.log)
    office.settle(3)
    assert office.outside.log == log
    visit = office.visit_of(id)
    assert visit is not None
    office.ask.scheduling.reschedule(
        office.liaison, visit.id, session_id=visit.session_id, start=MORNING + HALF_HOUR
    )
    office.settle(2)
    assert office.said(APPOINTMENT, id)["start"] == (MORNING + HALF_HOUR).isoformat()
    office.ask.scheduling.cancel(office.liaison, visit.id)
    office.settle(2)
    assert office.said(APPOINTMENT, id)["status"] == "cancelled"
    assert not office.history()


def test_a_visit_made_there_is_booked_here() -> None:
    """It takes the time, as any other, and is not told back (F55, F56)."""
    office = Office()
    office.diary()
    office.schedules("9", start=MORNING + HALF_HOUR)
    log = list(office.outside.log)
    office.settle(3)
    visit = office.visit_of("9")
    assert visit is not None
    assert visit.status is AppointmentStatus.BOOKED
    assert visit.during.start == MORNING + HALF_HOUR
    assert office.outside.log == log


def test_a_visit_moved_or_cancelled_there_follows_here_without_a_fee() -> None:
    """However the instant is written; giving up counts as the practice's (F55)."""
    office = Office()
    id = made(office)
    later = MORNING + 2 * HALF_HOUR
    office.edit(
        APPOINTMENT,
        id,
        start=later.isoformat().replace("+00:00", "Z"),
        end=(later + HALF_HOUR).isoformat(),
    )
    office.settle(2)
    visit = office.visit_of(id)
    assert visit is not None
    assert visit.during.start == later
    office.edit(APPOINTMENT, id, status="cancelled")
    office.settle(2)
    visit = office.visit_of(id)
    assert visit is not None
    assert visit.status is AppointmentStatus.CANCELLED
    charge = office.charge(visit)
    assert charge is not None
    assert charge.status is ChargeStatus.WAIVED
    assert not office.conflicts()


def test_a_move_that_our_rules_forbid_is_a_conflict() -> None:
    """Our visit stays, theirs is kept, and a person moves it or insists (F58)."""
    office = Office()
    id = made(office)
    night = MORNING + timedelta(hours=12)
    office.edit(APPOINTMENT, id, start=night.isoformat(), end=(night + HALF_HOUR).isoformat())
    office.settle(3)
    visit = office.visit_of(id)
    assert visit is not None
    assert visit.during.start == MORNING
    (one,) = office.conflicts()
    theirs = dict.fromkeys(("start", "end"), Side.THEIRS)
    with pytest.raises(Invalid):
        office.ask.record_queue.resolve(office.liaison, one.id, theirs, "they know better")
    ours = dict.fromkeys(("start", "end"), Side.OURS)
    office.ask.record_queue.resolve(office.liaison, one.id, ours, "called them")
    office.settle(2)
    assert office.said(APPOINTMENT, id)["start"] == MORNING.isoformat()
    assert not office.conflicts()


def test_a_visit_that_ended_there_and_not_here_waits_for_us() -> None:
    """Once it ended here too, nobody has to decide (F58)."""
    office = Office()
    id = made(office)
    office.edit(APPOINTMENT, id, status="missed")
    office.settle()
    assert len(office.conflicts()) == 1
    office.clock.now = MORNING + timedelta(hours=3)
    office.ask.cancellation.sweep(office.system)
    office.settle(2)
    assert [one.status for one in office.history()] == [ConflictStatus.RESOLVED]


def test_a_time_changed_at_both_sides_is_ours_and_theirs_is_kept() -> None:
    """The booking is ours (F58)."""
    office = Office()
    id = made(office)
    visit = office.visit_of(id)
    assert visit is not None
    office.ask.scheduling.reschedule(
        office.liaison, visit.id, session_id=visit.session_id, start=MORNING + HALF_HOUR
    )
    night = MORNING + timedelta(hours=12)
    office.edit(APPOINTMENT, id, start=night.isoformat(), end=(night + HALF_HOUR).isoformat())
    office.settle(3)
    assert office.said(APPOINTMENT, id)["start"] == (MORNING + HALF_HOUR).isoformat()
    (one,) = office.history()
    assert {x.theirs for x in one.differences} >= {night.isoformat()}


@pytest.mark.parametrize(
    ("other", "problem"),
    [
        ({"patient": "?"}, Problem.UNKNOWN_PATIENT),
        ({"provider": "?"}, Problem.UNKNOWN_PROVIDER),
        ({"start": MORNING + timedelta(hours=12)}, Problem.NOT_BOOKABLE),
        ({"minutes": 45}, Problem.NOT_BOOKABLE),
        ({"start": MORNING}, Problem.TIME_TAKEN),
        ({"status": "dreamt"}, Problem.UNREADABLE),
        ({"end": None}, Problem.UNREADABLE),
        ({"end": "soon"}, Problem.UNREADABLE),
        ({"end": "2026-11-24T10:00:00"}, Problem.UNREADABLE),
    ],
    ids=str,
)
def test_what_cannot_be_booked_waits(other: dict[str, Any], problem: Problem) -> None:
    """Each with its reason, and once (F58)."""
    office = Office()
    made(office)
    if problem is Problem.TIME_TAKEN:
        office.writes("q", office.patient_of("p").known, given_name="Ann", phone=None, email=None)
        office.settle()
        rows = office.store.rows["patients"]
        other = {**other, "patient": "q"}
        id = office.patient_of("q").id
        verified, _ = rows[id].complete_profile(
            office.patient_of("p").known, by=office.system.id, at=office.clock()
        )
        rows[id], _ = verified.verify(until=None, by=office.system.id, at=office.clock())
    office.schedules("9", **other)
    office.settle(3)
    assert [one.problem for one in office.waiting() if one.outside_id == "9"] == [problem]
    assert office.visit_of("9") is None


def test_what_waits_is_booked_once_it_can_be() -> None:
    """The provider is linked, or a shift published: nothing has to change outside (F58)."""
    office = Office()
    office.diary()
    other = office.provider("Robin Other")
    office.schedules("9", provider="e")
    office.schedules("10", start=MORNING + timedelta(hours=6))
    office.settle()
    assert {one.problem for one in office.waiting()} == {
        Problem.UNKNOWN_PROVIDER,
        Problem.NOT_BOOKABLE,
    }
    office.session(other)
    office.ask.record_queue.link_provider(office.liaison, provider_of(other), "e")
    office.drain()
    assert office.visit_of("9") is not None
    provider = next(iter(office.store.rows["sessions"].values())).provider_id
    office.ask.diary.add_session(
        office.liaison,
        office.new_id(),  # type: ignore[arg-type]
        provider_id=provider,
        during=type(next(iter(office.store.rows["sessions"].values())).during)(
            MORNING + timedelta(hours=6), MORNING + timedelta(hours=8)
        ),
        service="visit",
        modes=next(iter(office.store.rows["sessions"].values())).modes,
        start_every_minutes=30,
    )
    (waiting,) = office.waiting()
    with pytest.raises(Invalid):
        office.ask.record_queue.enrol(office.liaison, waiting.id)
    office.ask.record_queue.retry(office.liaison, waiting.id)
    office.drain()
    assert office.visit_of("10") is not None
    assert not office.waiting()


def test_a_visit_of_somebody_not_yet_verified_is_booked_once_they_are() -> None:
    """Until verified nobody is booked for, from wherever (F05, F58)."""
    office = Office()
    patient, provider = office.registering(), office.provider()
    office.session(provider)
    office.ask.record_queue.link_provider(office.liaison, provider_of(provider), "d")
    office.writes("p", office.person(patient).known)
    office.schedules("9")
    office.settle()
    assert [one.problem for one in office.waiting()] == [Problem.NOT_BOOKABLE]
    office.submit(patient)
    office.ask.identity.approve(office.liaison, patient.as_patient(), "same face", ALL_SO)
    office.drain()
    visit = office.visit_of("9")
    assert visit is not None
    assert visit.status is AppointmentStatus.BOOKED
    assert not office.waiting()


def test_where_one_pays_at_booking_nobody_is_booked_for_from_outside() -> None:
    """There is no card to pay with (F44, F58)."""
    office = Office(charging=Charging.AT_BOOKING)
    office.diary()
    office.schedules("9")
    office.settle()
    assert [one.problem for one in office.waiting()] == [Problem.NOT_BOOKABLE]


def test_abroad_one_has_to_say_where_the_patient_is() -> None:
    """Where licences are by region, an address without one is no place to book for (TEL-03)."""
    office = Office(jurisdiction="us")
    office.diary()
    office.schedules("9")
    office.settle()
    assert [one.problem for one in office.waiting()] == [Problem.NOT_BOOKABLE]


def test_a_visit_over_or_cancelled_before_we_heard_of_it_is_nothing_to_book() -> None:
    """It is not kept waiting either."""
    office = Office()
    office.diary()
    office.schedules("8", status="cancelled")
    office.schedules("9", start=MORNING - timedelta(days=7))
    office.settle()
    assert office.waiting() == ()
    assert office.visit_of("8") is office.visit_of("9") is None


def test_the_same_visit_on_both_sides_is_one() -> None:
    """A visit that both made, or whose making was not answered, is linked, not doubled (F55)."""
    office = Office()
    patient, _ = office.diary()
    session = next(iter(office.store.rows["sessions"].values()))
    visit = office.requested(patient, session)
    taken = office.store.outbox[:]
    office.store.outbox.clear()
    office.schedules("9", start=visit.during.start)
    office.settle()
    assert office.outside_id(visit.id) == "9"
    office.store.outbox.extend(taken)
    office.settle(2)
    assert [key[2] for key in office.outside.rows if key[1] is APPOINTMENT] == ["9"]


def test_a_provider_is_linked_once() -> None:
    """The same again changes nothing, anything else is refused; visits made before are told."""
    office = Office()
    patient, provider = office.known(), office.provider()
    visit = office.booked(patient, office.session(provider))
    office.drain()
    assert office.link(visit.id) is None
    first = office.ask.record_queue.link_provider(office.liaison, provider_of(provider), "d")
    assert (
        office.ask.record_queue.link_provider(office.liaison, provider_of(provider), "d") == first
    )
    office.drain()
    assert office.link(visit.id) is not None
    with pytest.raises(IdReused):
        office.ask.record_queue.link_provider(office.liaison, provider_of(provider), "e")
    with pytest.raises(IdReused):
        office.ask.record_queue.link_provider(
            office.liaison, provider_of(office.provider("Robin")), "d"
        )


def test_a_visit_whose_making_was_not_answered_is_made_once() -> None:
    """The repeat finds what the first made (F55)."""
    office = Office()
    patient, _ = office.diary()
    session = next(iter(office.store.rows["sessions"].values()))
    office.outside.lost = 1
    visit = office.booked(patient, session)
    office.settle(2)
    assert [key[2] for key in office.outside.rows if key[1] is APPOINTMENT] == [
        office.outside_id(visit.id)
    ]


def test_a_cancellation_of_a_visit_that_began_is_a_conflict() -> None:
    """Whoever is in the room is not sent away by a row (F58)."""
    office = Office()
    id = made(office)
    visit = office.visit_of(id)
    assert visit is not None
    patient = office.store.rows["accounts"][derived(visit.patient_id, "account")].actor()
    office.clock.now = visit.during.start
    provider = next(
        one.actor() for one in office.store.rows["accounts"].values() if one.provider_id
    )
    office.both_join(visit, patient, provider)
    office.clock.forward(minutes=10)
    for who in (patient, provider):
        office.ask.consultation.left(office.join(who, visit).room, who.id, "a connection")
    office.ask.consultation.complete(provider, visit.id)
    office.drain()
    assert office.said(APPOINTMENT, id)["status"] == "came"
    office.edit(APPOINTMENT, id, status="cancelled")
    office.settle()
    assert [x.theirs for x in office.conflicts()[0].differences] == ["cancelled"]
    assert office.now(visit).status is AppointmentStatus.FULFILLED


def test_a_visit_never_booked_is_never_told() -> None:
    """A request that was given up is nothing to the other side (F55)."""
    office = Office()
    patient, _ = office.diary()
    session = next(iter(office.store.rows["sessions"].values()))
    asked = office.requested(patient, session)
    office.ask.scheduling.cancel(patient, asked.id)
    office.drain()
    assert office.link(asked.id) is None


@attrs.frozen
class Elsewhere:
    """A desk at which somebody else is always faster."""

    def book(self, actor: Actor, id: AppointmentId, **_: Any) -> Appointment:
        """Raises: StaleVersion."""
        raise StaleVersion("session", id)

    def cancel(self, actor: Actor, id: AppointmentId) -> Appointment:
        """Raises: StaleVersion."""
        raise StaleVersion("appointment", id)


def test_whoever_is_faster_makes_us_read_again_and_nothing_is_quarantined() -> None:
    """The cursor stays, so the row comes again (F56)."""
    office = Office()
    id = made(office)
    beaten: Any = Elsewhere()
    records = attrs.evolve(office.ask.records, scheduling=beaten, desk=beaten)
    office.schedules("9", start=MORNING + HALF_HOUR)
    office.clock.forward(minutes=15)
    for _ in range(2):
        with pytest.raises(StaleVersion):
            records.poll_appointments(office.system)
        assert not office.waiting()
    office.settle()
    assert office.visit_of("9") is not None
    office.edit(APPOINTMENT, id, status="cancelled")
    office.clock.forward(minutes=15)
    with pytest.raises(StaleVersion):
        records.poll_appointments(office.system)
    assert not office.conflicts()
    office.settle()
    visit = office.visit_of(id)
    assert visit is not None
    assert visit.status is AppointmentStatus.CANCELLED


def test_a_practice_that_left_the_outside_system_asks_it_nothing_more() -> None:
    """Not even what a person still decides (F55)."""
    office = Office()
    made(office)
    office.edit(PATIENT, "p", family_name="Other")
    office.schedules("9", provider="?")
    office.settle()
    (conflict,), (waiting,) = office.conflicts(), office.waiting()
    office.outside.practices.clear()
    asked = office.outside.asked
    office.ask.record_queue.retry(office.liaison, waiting.id)
    office.ask.record_queue.resolve(
        office.liaison, conflict.id, {"family_name": Side.OURS}, "we know"
    )
    office.drain()
    assert office.outside.asked == asked


def test_a_waiting_row_that_is_gone_outside_waits_for_its_dismissal() -> None:
    """Nothing that was said is forgotten by itself (F58)."""
    office = Office()
    made(office)
    office.schedules("9", provider="?")
    office.settle()
    office.outside.vanish(office.id, APPOINTMENT, "9")
    (waiting,) = office.waiting()
    office.ask.record_queue.retry(office.liaison, waiting.id)
    office.drain()
    assert [one.row for one in office.waiting()] == [waiting.row]
