"""A freed time becomes a timed offer: to whoever waits first, as a hold, once."""

from datetime import timedelta
from typing import Any

import pytest

from telehealth_core.access.actor import Actor
from telehealth_core.registration.patient import NotVerified, Patient
from telehealth_core.scheduling.appointment import Appointment, TimeTaken
from telehealth_core.scheduling.life import AppointmentStatus
from telehealth_core.scheduling.search import Wishes
from telehealth_core.scheduling.session import Mode, Session
from telehealth_core.scheduling.waitlist import (
    WaitingLimit,
    WaitlistEntry,
    WaitlistStatus,
)
from telehealth_core.shared.ids import PatientId, WaitlistEntryId
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.refusal import IdReused, Invalid
from unit.clinic import ALL_SO, MORNING, Clinic, provider_of

HALF = timedelta(minutes=30)
DAY = Interval.lasting(MORNING - timedelta(hours=9), 24 * 60)


def waits(
    clinic: Clinic, actor: Actor, provider: Actor | None = None, **other: Any
) -> WaitlistEntry:
    """The actor joins the waitlist: of this provider, or of the specialty that all have."""
    usual: dict[str, Any] = {
        "patient_id": actor.patient_id,
        "provider_id": provider and provider_of(provider),
        "specialty": None if provider else "general",
        "location": clinic.location,
        "period": DAY,
    }
    id = other.pop("id", None) or clinic.new_id()
    return clinic.ask.waitlist.join(actor, WaitlistEntryId(id), **{**usual, **other})


def now(clinic: Clinic, entry: WaitlistEntry) -> WaitlistEntry:
    """The entry as it stands."""
    found: WaitlistEntry = clinic.store.rows["waitlist"][entry.id]
    return found


def offered(clinic: Clinic, entry: WaitlistEntry) -> Appointment:
    """The hold that the entry was offered."""
    id = now(clinic, entry).appointment_id
    assert id is not None
    found: Appointment = clinic.store.rows["appointments"][id]
    return found


def full(clinic: Clinic, provider: Actor, hours: float = 0.5) -> tuple[Session, list[Appointment]]:
    """A shift that is booked out, by as many patients as it has times."""
    session = clinic.session(provider, hours=hours)
    visits = int(hours * 2)
    return session, [
        clinic.booked(clinic.patient(), session, MORNING + number * HALF)
        for number in range(visits)
    ]


def test_a_freed_time_is_offered_to_who_waited_first(clinic: Clinic) -> None:
    """It is held for the first in order, who is told that there is something and no more, and takes
    it by requesting it as usual; the second goes on waiting (N09).
    """
    provider = clinic.provider()
    session, (booked,) = full(clinic, provider)
    first, second = clinic.patient(), clinic.patient()
    waiting, behind = waits(clinic, first, provider), waits(clinic, second)
    clinic.drain()
    clinic.ask.scheduling.cancel(clinic.liaison, booked.id)
    clinic.drain(times=2)
    held = offered(clinic, waiting)
    assert (held.status, held.patient_id) == (AppointmentStatus.HELD, first.patient_id)
    assert held.held_until == clinic.clock() + timedelta(minutes=30)
    assert now(clinic, waiting).offered_until == held.held_until
    assert now(clinic, behind).status is WaitlistStatus.WAITING
    assert [template for _, template, _ in clinic.sent()].count("time-offered") == 1
    with pytest.raises(TimeTaken):
        clinic.hold(second, session)
    clinic.request(first, held)
    clinic.drain(times=2)
    assert now(clinic, waiting).status is WaitlistStatus.TAKEN
    assert clinic.now(held).status is AppointmentStatus.BOOKED


def test_an_offer_that_lapses_goes_to_the_next_and_comes_to_nobody_twice(clinic: Clinic) -> None:
    """First, second, and then nobody: who joins again is not offered the same time again (N09)."""
    provider = clinic.provider()
    _, (booked,) = full(clinic, provider)
    people = [clinic.patient(), clinic.patient()]
    entries = [waits(clinic, one) for one in people]
    clinic.ask.scheduling.cancel(clinic.liaison, booked.id)
    clinic.drain()
    for number, entry in enumerate(entries):
        assert now(clinic, entry).status is WaitlistStatus.OFFERED
        again = waits(clinic, people[number])
        clinic.clock.forward(minutes=29)
        assert clinic.ask.waitlist.offer_again(clinic.system) == 0
        clinic.clock.forward(minutes=1)
        assert clinic.ask.waitlist.offer_again(clinic.system) == 1
        clinic.drain(times=2)
        assert now(clinic, entry).status is WaitlistStatus.LAPSED
        assert now(clinic, again).status is WaitlistStatus.WAITING
    assert clinic.ask.waitlist.offer_again(clinic.system) == 0


def test_a_visit_that_moves_frees_its_old_time(clinic: Clinic) -> None:
    """Rescheduling offers what was left (F26, N09)."""
    provider = clinic.provider()
    session, (booked,) = full(clinic, provider)
    later = clinic.session(provider, start=MORNING + timedelta(days=2))
    entry = waits(clinic, clinic.patient(), provider)
    clinic.drain()
    clinic.ask.scheduling.reschedule(
        clinic.liaison, booked.id, session_id=later.id, start=later.during.start
    )
    clinic.drain()
    assert offered(clinic, entry).session_id == session.id


def test_a_hold_that_runs_out_is_offered(clinic: Clinic) -> None:
    """Who picked a time and let it go by makes room for who waits (N02, N09)."""
    provider = clinic.provider()
    session = clinic.session(provider, hours=0.5)
    clinic.hold(clinic.patient(), session)
    entry = waits(clinic, clinic.patient())
    clinic.clock.forward(minutes=10)
    clinic.ask.waitlist.offer_again(clinic.system)
    clinic.drain()
    assert offered(clinic, entry).during.start == MORNING


def test_a_new_shift_is_offered(clinic: Clinic) -> None:
    """Eight wait, eight times open: each gets one, whatever the others took meanwhile (N09)."""
    provider = clinic.provider()
    entries = [waits(clinic, clinic.patient()) for _ in range(8)]
    clinic.drain()
    clinic.session(provider, hours=4)
    clinic.drain()
    starts = sorted(offered(clinic, one).during.start for one in entries)
    assert starts == [MORNING + number * HALF for number in range(8)]


def test_what_became_free_is_offered_and_not_what_was_open_before(clinic: Clinic) -> None:
    """Whoever waits for anybody of a specialty saw the open times of the others (N09)."""
    freed, other = clinic.provider(), clinic.provider("Robin Doctor")
    clinic.session(other)
    clinic.drain()
    entry = waits(clinic, clinic.patient())
    session = clinic.session(freed, start=MORNING + HALF)
    clinic.drain()
    assert offered(clinic, entry).session_id == session.id


@pytest.mark.parametrize(("taken", "status"), [(4, "offered"), (5, "waiting")])
def test_five_times_are_tried_before_the_next_one_is_asked(
    clinic: Clinic, taken: int, status: str
) -> None:
    """Whoever is elsewhere for so long holds up nobody (N01, N09)."""
    provider, busy = clinic.provider(), clinic.patient()
    elsewhere = clinic.provider("Robin Doctor", minutes=30 * taken)
    clinic.booked(busy, clinic.session(elsewhere))
    first, second = waits(clinic, busy, provider), waits(clinic, clinic.patient(), provider)
    clinic.session(provider, hours=4)
    clinic.drain()
    assert now(clinic, first).status == status
    assert offered(clinic, second).during.start == MORNING


def test_what_somebody_else_took_meanwhile_is_not_offered(clinic: Clinic) -> None:
    """Between freeing and offering a third patient may hold the time: theirs it stays (N01)."""
    provider = clinic.provider()
    session, (booked,) = full(clinic, provider)
    entry = waits(clinic, clinic.patient())
    clinic.ask.scheduling.cancel(clinic.liaison, booked.id)
    clinic.hold(clinic.patient(), session)
    clinic.drain()
    assert now(clinic, entry).status is WaitlistStatus.WAITING


def test_who_took_it_in_the_very_moment_of_offering_keeps_it(clinic: Clinic) -> None:
    """The hold of the offer is refused like any other, and nothing is told (N01)."""
    provider = clinic.provider()
    session, (booked,) = full(clinic, provider)
    entry = waits(clinic, clinic.patient())
    clinic.ask.scheduling.cancel(clinic.liaison, booked.id)
    waitlist, other = clinic.ask.waitlist, clinic.patient()
    reads = type(waitlist)._fitting

    def overtaken(*given: Any) -> Any:
        found = reads(*given)
        if not any(
            one.patient_id == other.patient_id for one in clinic.store.rows["appointments"].values()
        ):
            clinic.hold(other, session)
        return found

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(type(waitlist), "_fitting", overtaken)
        clinic.drain()
    assert now(clinic, entry).status is WaitlistStatus.WAITING
    assert not [template for _, template, _ in clinic.sent() if template == "time-offered"]


@pytest.mark.parametrize(
    "wish",
    [
        {"specialty": "surgery"},
        {"service": "other"},
        {"location": "FR"},
        {"period": Interval.lasting(MORNING + HALF, 60)},
    ],
)
def test_only_what_fits_is_offered(clinic: Clinic, wish: dict[str, Any]) -> None:
    """Another specialty, service, place or period: the time goes to who comes next (N09)."""
    provider = clinic.provider()
    _, (booked,) = full(clinic, provider)
    choosy, easy = waits(clinic, clinic.patient(), **wish), waits(clinic, clinic.patient())
    clinic.ask.scheduling.cancel(clinic.liaison, booked.id)
    clinic.drain()
    assert now(clinic, choosy).status is WaitlistStatus.WAITING
    assert now(clinic, easy).status is WaitlistStatus.OFFERED


def test_who_is_elsewhere_then_is_offered_the_next_time_they_can(clinic: Clinic) -> None:
    """A patient with another visit at nine is offered half past nine (N01, N09)."""
    provider, other = clinic.provider(), clinic.provider()
    patient = clinic.patient()
    clinic.booked(patient, clinic.session(other, hours=0.5))
    entry = waits(clinic, patient, provider)
    clinic.session(provider, hours=1)
    clinic.drain()
    assert offered(clinic, entry).during.start == MORNING + HALF


def test_an_offer_ends_when_its_visit_begins(clinic: Clinic) -> None:
    """A time in twenty minutes is not held for thirty."""
    provider = clinic.provider()
    today = Interval.lasting(clinic.clock(), 60)
    entry = waits(clinic, clinic.patient(), provider, period=today)
    clinic.session(provider, start=clinic.clock() + timedelta(minutes=20), hours=0.5)
    clinic.drain()
    held = offered(clinic, entry)
    assert held.held_until == held.during.start


def test_many_who_cannot_have_it_do_not_stand_in_the_way(clinic: Clinic) -> None:
    """However many wait for something else before, the one whom it fits is found (N09)."""
    provider = clinic.provider()
    for _ in range(25):
        waits(clinic, clinic.patient(card=None), service="other")
    entry = waits(clinic, clinic.patient())
    clinic.session(provider, hours=0.5)
    clinic.drain()
    assert now(clinic, entry).status is WaitlistStatus.OFFERED


# --- joining and leaving ---------------------------------------------------------------------


def test_a_guardian_waits_for_a_child_and_staff_for_anybody(clinic: Clinic) -> None:
    """The offer is the child's, and the guardian takes it (F09, N09)."""
    provider, guardian, patient = clinic.provider(), clinic.patient(), clinic.patient()
    kim: Patient = clinic.dependant(guardian)
    clinic.ask.identity.approve(clinic.liaison, submitted(clinic, guardian, kim), "ok", ALL_SO)
    for_child = waits(clinic, guardian, provider, patient_id=kim.id)
    for_patient = waits(clinic, clinic.liaison, provider, patient_id=patient.patient_id)
    clinic.session(provider, hours=1)
    clinic.drain()
    held = offered(clinic, for_child)
    assert held.patient_id == kim.id
    clinic.request(guardian, held)
    clinic.drain()
    assert now(clinic, for_child).status is WaitlistStatus.TAKEN
    assert clinic.ask.waitlist.of_patient(guardian, kim.id) == (now(clinic, for_child),)
    assert clinic.ask.waitlist.queue(clinic.liaison) == (now(clinic, for_patient),)


def submitted(clinic: Clinic, guardian: Actor, child: Patient) -> PatientId:
    """The child, whose identity the guardian has supplied."""
    clinic.submit(guardian, child.id)
    return child.id


def test_who_leaves_frees_the_time_for_the_next(clinic: Clinic) -> None:
    """Declining an offer is leaving; the next in order gets the time at once (N09)."""
    provider = clinic.provider()
    first, second = clinic.patient(), clinic.patient()
    declining, next_one = waits(clinic, first, provider), waits(clinic, second)
    clinic.session(provider, hours=0.5)
    clinic.drain()
    left = clinic.ask.waitlist.leave(first, declining.id)
    clinic.drain()
    assert left.status is WaitlistStatus.LEFT
    assert offered(clinic, declining).status is AppointmentStatus.CANCELLED
    assert now(clinic, next_one).status is WaitlistStatus.OFFERED
    with pytest.raises(IllegalTransition):
        clinic.ask.waitlist.leave(first, declining.id)


def test_who_cancels_the_hold_of_an_offer_declines_it(clinic: Clinic) -> None:
    """The hold is an appointment like any other, and giving it up says that it is not wanted."""
    provider, patient = clinic.provider(), clinic.patient()
    entry = waits(clinic, patient, provider)
    clinic.session(provider, hours=0.5)
    clinic.drain()
    clinic.ask.scheduling.cancel(patient, offered(clinic, entry).id)
    clinic.drain(times=2)
    assert now(clinic, entry).status is WaitlistStatus.LAPSED


def test_joining_twice_is_joining_once(clinic: Clinic) -> None:
    """The same request under the same id finds the first; another one is refused."""
    patient, provider = clinic.patient(), clinic.provider()
    first = waits(clinic, patient, provider)
    clinic.clock.forward(minutes=5)
    assert waits(clinic, patient, provider, id=first.id) == first
    with pytest.raises(IdReused):
        waits(clinic, patient, provider, id=first.id, mode=Mode.VOICE)
    clinic.session(provider)
    clinic.drain()
    assert offered(clinic, first).during.start == MORNING
    assert waits(clinic, patient, provider, id=first.id) == now(clinic, first)


def test_a_patient_waits_for_so_many_times_and_no_more(clinic: Clinic) -> None:
    """As many as an account may hold; whatever is over does not count (API-03)."""
    patient = clinic.patient()
    entries = [waits(clinic, patient) for _ in range(3)]
    with pytest.raises(WaitingLimit):
        waits(clinic, patient)
    clinic.ask.waitlist.leave(patient, entries[0].id)
    waits(clinic, patient)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("provider_id", {"specialty": None}),
        ("period", {"period": Interval.lasting(MORNING - timedelta(days=9), 60)}),
        ("period", {"period": Interval.lasting(MORNING - timedelta(days=1, hours=1), 60)}),
        ("location", {"location": "here"}),
    ],
)
def test_what_nobody_can_wait_for_is_refused(
    clinic: Clinic, field: str, wrong: dict[str, Any]
) -> None:
    """For nobody, for what is over, in no place."""
    with pytest.raises(Invalid) as told:
        waits(clinic, clinic.patient(), **wrong)
    assert told.value.field == field


def test_only_verified_patients_wait(clinic: Clinic) -> None:
    """Until verified a patient can do nothing but finish registration (F05)."""
    with pytest.raises(NotVerified):
        waits(clinic, clinic.registering())


def test_an_offer_is_found_by_nobody_else(clinic: Clinic) -> None:
    """An offered time is not open (N02)."""
    provider = clinic.provider()
    waits(clinic, clinic.patient(), provider)
    clinic.session(provider, hours=0.5)
    clinic.drain()
    found = clinic.ask.search.find_times(clinic.visitor, Wishes(period=DAY))
    assert found.offers == ()


def test_who_is_not_verified_any_more_is_passed_over(clinic: Clinic) -> None:
    """The time goes to the next in order; the entry goes on waiting (N09, IDV-10)."""
    provider = clinic.provider()
    _, (booked,) = full(clinic, provider)
    first, second = clinic.patient(), clinic.patient()
    waiting, behind = waits(clinic, first, provider), waits(clinic, second, provider)
    clinic.ask.registration.suspend(clinic.admin, first.as_patient(), "asked for")
    clinic.drain()
    clinic.ask.scheduling.cancel(clinic.liaison, booked.id)
    clinic.drain(times=2)
    assert now(clinic, waiting).status is WaitlistStatus.WAITING
    assert offered(clinic, behind).patient_id == second.patient_id


def test_what_is_offered_is_held_by_the_waitlist_and_not_against_the_patients_own_holds(
    clinic: Clinic,
) -> None:
    """Whoever waits did not pick it (N09)."""
    provider = clinic.provider()
    _, (booked,) = full(clinic, provider)
    entry = waits(clinic, clinic.patient(), provider)
    clinic.ask.scheduling.cancel(clinic.liaison, booked.id)
    clinic.drain()
    assert offered(clinic, entry).held_by == entry.id
