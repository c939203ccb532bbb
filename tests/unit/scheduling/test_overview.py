"""Overviews: calendar, schedule, dashboard, history, and what guardians do not see (F23, F27-F29,
F31, CHD-06).
"""

from datetime import timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.access.policy import NotPermitted
from telehealth_core.messaging.conversation import Channel
from telehealth_core.practice.settings import Approval
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.life import AppointmentStatus
from telehealth_core.scheduling.overview import PatientCalendar, ProviderSchedule
from telehealth_core.scheduling.use_cases.claims import visible
from telehealth_core.scheduling.use_cases.diary import PERIOD_MOST
from telehealth_core.shared.ids import AppointmentId, MessageId
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.refusal import Invalid, Unknown
from unit.clinic import ALL_SO, LAWS, MORNING, Clinic, provider_of
from unit.lives import LIVES

HALF = timedelta(minutes=30)
DAY = Interval.lasting(MORNING, 24 * 60)


def test_a_patients_calendar_is_upcoming_past_and_cancelled() -> None:
    """The next visit first, then what was, then what was given up (F27)."""
    clinic = Clinic(approval=Approval.LIAISON, visits_a_day_most=9)
    patient, provider = clinic.patient(), clinic.provider()
    session = clinic.session(provider)
    done = clinic.booked(patient, session)
    soon = clinic.booked(patient, session, MORNING + 3 * HALF)
    waiting = clinic.requested(patient, session, MORNING + 2 * HALF)
    gone = clinic.booked(patient, session, MORNING + 4 * HALF)
    clinic.ask.scheduling.cancel(patient, gone.id)
    clinic.visited(done, patient, provider)
    clinic.clock.now = done.during.end
    held = clinic.hold(patient, session, MORNING + 5 * HALF)
    calendar = clinic.ask.diary.calendar(patient, patient.as_patient())
    assert [one.id for one in calendar.upcoming] == [waiting.id, soon.id, held.id]
    assert [one.id for one in calendar.past] == [done.id]
    assert [one.id for one in calendar.cancelled] == [gone.id]
    clinic.clock.forward(minutes=11)
    lapsed = clinic.ask.diary.calendar(patient, patient.as_patient())
    assert [one.id for one in lapsed.upcoming] == [waiting.id, soon.id]


def test_a_providers_schedule_tells_waiting_from_confirmed() -> None:
    """What waits for approval, what is confirmed, what was (F28)."""
    clinic = Clinic(approval=Approval.LIAISON)
    patient, provider = clinic.patient(), clinic.provider()
    session = clinic.session(provider)
    done = clinic.booked(patient, session)
    soon = clinic.booked(patient, session, MORNING + 3 * HALF)
    waiting = clinic.requested(patient, session, MORNING + 2 * HALF)
    clinic.visited(done, patient, provider)
    clinic.clock.now = done.during.end
    schedule = clinic.ask.diary.schedule(provider, provider_of(provider), DAY)
    assert [one.id for one in schedule.waiting] == [waiting.id]
    assert [one.id for one in schedule.upcoming] == [soon.id]
    assert [one.id for one in schedule.past] == [done.id]
    with pytest.raises(Unknown):
        clinic.ask.diary.schedule(clinic.provider("Robin Doctor"), provider_of(provider), DAY)


def test_a_new_booking_is_on_the_dashboard_at_once() -> None:
    """Newest first, page by page; holds are no bookings (F23)."""
    clinic = Clinic(approval=Approval.LIAISON, visits_a_day_most=9)
    patient, session = clinic.patient(), clinic.session(clinic.provider())
    rows = []
    for number in range(4):
        rows.append(clinic.requested(patient, session, MORNING + number * HALF))
        clinic.clock.forward(minutes=1)
        clinic.ask.approval.approve(clinic.liaison, rows[-1].id) if number < 2 else None
    clinic.hold(patient, session, MORNING + 5 * HALF)
    ask = clinic.ask.diary
    newest = [one.id for one in ask.dashboard(clinic.liaison, DAY).newest]
    assert newest == [one.id for one in reversed(rows)]
    assert [one.id for one in ask.newest(clinic.admin, rows[2].id)] == [rows[1].id, rows[0].id]
    assert [one.id for one in ask.dashboard(clinic.liaison, DAY).waiting] == [
        rows[2].id,
        rows[3].id,
    ]
    page = ask.in_period(clinic.liaison, DAY, AppointmentStatus.PENDING, rows[2].id)
    assert [one.id for one in page] == [rows[3].id]
    for outsider in (patient, clinic.provider("Robin Doctor")):
        with pytest.raises(NotPermitted):
            ask.dashboard(outsider, DAY)


@LAWS
@given(
    status=st.sampled_from(AppointmentStatus),
    start=st.integers(-3, 3),
    held=st.integers(-1, 1),
)
def test_every_visit_is_in_one_group_at_most(
    status: AppointmentStatus, start: int, held: int
) -> None:
    """No group takes what another has, and only a lapsed hold is in none (F27, F28)."""
    example: Appointment = LIVES["Appointment"].example
    at = example.during.start + timedelta(minutes=15)
    one = attrs.evolve(
        example,
        status=status,
        during=Interval.lasting(example.during.start + start * HALF, 30),
        held_until=at + timedelta(minutes=held),
    )
    calendar = PatientCalendar.of((one,), at)
    groups = [calendar.upcoming, calendar.past, calendar.cancelled]
    over = status is AppointmentStatus.HELD and (held <= 0 or one.during.end <= at)
    assert sum(map(len, groups)) == (0 if over else 1)
    schedule = ProviderSchedule.of((one,), at)
    assert len(schedule.waiting) + len(schedule.upcoming) + len(schedule.past) <= 1
    assert schedule.past == calendar.past


def test_the_history_tells_every_change_by_whom_when_and_why() -> None:
    """From the hold to the end, reasons included, for those it concerns (F29)."""
    clinic = Clinic(approval=Approval.LIAISON)
    patient, provider = clinic.patient(), clinic.provider()
    session = clinic.session(provider)
    began = clinic.clock()
    held = clinic.hold(patient, session)
    clinic.ask.scheduling.describe(patient, held.id, reason="a cough")
    clinic.request(patient, held)
    clinic.clock.forward(minutes=5)
    clinic.decline(held, "No capacity.")
    changes = clinic.ask.scheduling.history(patient, held.id)
    assert [(one.verb, one.by, one.reason) for one in changes] == [
        ("hold", patient.id, None),
        ("describe", patient.id, None),
        ("request", patient.id, None),
        ("decline", clinic.liaison.id, "No capacity."),
    ]
    assert {one.at for one in changes[:3]} == {began}
    assert changes[3].at == began + timedelta(minutes=5)
    assert len(changes) == clinic.now(held).version
    assert "capacity" not in repr(changes)
    assert clinic.ask.scheduling.history(provider, held.id) == changes
    with pytest.raises(Unknown):
        clinic.ask.scheduling.history(clinic.patient("Lee Example"), held.id)


def test_a_visit_that_the_clinician_hid_does_not_exist_for_guardians(clinic: Clinic) -> None:
    """Absent from list, calendar, series and every single read; staff, provider and the patient go
    on (CHD-06).
    """
    guardian, provider = clinic.patient(), clinic.provider()
    kim, session = clinic.dependant(guardian), clinic.session(provider)
    clinic.submit(guardian, kim.id)
    clinic.ask.identity.approve(clinic.liaison, kim.id, "seen", ALL_SO)
    shown = clinic.request(guardian, clinic.hold(guardian, session, on_behalf_of=kim.id))
    later = clinic.hold(guardian, session, MORNING + HALF, on_behalf_of=kim.id)
    hidden = clinic.request(guardian, later)
    clinic.drain()
    clinic.ask.scheduling.hide(provider, hidden.id)
    ask = clinic.ask
    assert [one.id for one in ask.diary.of_patient(guardian, kim.id)] == [shown.id]
    assert [one.id for one in ask.diary.calendar(guardian, kim.id).upcoming] == [shown.id]
    for look in (
        ask.scheduling.view,
        ask.scheduling.history,
        ask.scheduling.form,
        ask.scheduling.cancel,
        ask.series.of,
        ask.series.cancel_rest,
        ask.consultation.view,
    ):
        with pytest.raises(Unknown):
            look(guardian, hidden.id)
    assert ask.scheduling.view(provider, hidden.id).hidden
    assert len(ask.diary.of_patient(clinic.liaison, kim.id)) == 2
    with pytest.raises(NotPermitted):
        ask.scheduling.unhide(clinic.liaison, hidden.id)
    ask.scheduling.unhide(provider, hidden.id)
    assert ask.scheduling.view(guardian, hidden.id).id == hidden.id


def test_a_list_shows_a_provider_nothing_they_could_not_open(clinic: Clinic) -> None:
    """A visit with somebody else is not in the list of who treats the patient too (F28, ACC-02)."""
    patient, provider, other = clinic.patient(), clinic.provider(), clinic.provider("Robin Doctor")
    own = clinic.booked(patient, clinic.session(provider))
    clinic.booked(patient, clinic.session(other), MORNING + HALF)
    assert [one.id for one in clinic.ask.diary.of_patient(provider, patient.as_patient())] == [
        own.id
    ]


def test_a_list_shows_a_provider_another_providers_visits_in_an_emergency_only(
    clinic: Clinic,
) -> None:
    """Their own they see anyhow (F28, ACC-06)."""
    provider, other = clinic.provider(), clinic.provider("Robin Doctor")
    visits, at = (clinic.booked(clinic.patient(), clinic.session(provider)),), clinic.clock()
    assert visible(provider, visits, at) == visits
    assert visible(other, visits, at) == ()
    assert visible(other, visits, at, emergency=True) == visits


def test_after_one_visit_patient_and_practitioner_go_on_writing(clinic: Clinic) -> None:
    """A one-time appointment leaves both in one conversation, as long as they like (F31)."""
    patient, provider = clinic.patient(), clinic.provider()
    other = clinic.provider("Robin Doctor")

    def write(actor: object) -> None:
        clinic.ask.messaging.post(
            actor,  # type: ignore[arg-type]
            MessageId(clinic.new_id()),
            patient.as_patient(),
            Channel.CARE,
            "hello",
        )

    with pytest.raises(Unknown):
        write(provider)
    booked = clinic.booked(patient, clinic.session(provider))
    clinic.visited(booked, patient, provider)
    for _ in range(3):
        clinic.clock.forward(days=30)
        write(patient)
        write(provider)
    assert len(clinic.ask.messaging.read(provider, patient.as_patient(), Channel.CARE)) == 6
    with pytest.raises(Unknown):
        write(other)
    with pytest.raises(Unknown):
        clinic.ask.scheduling.view(other, AppointmentId(booked.id))


def test_an_overview_is_of_a_period_that_somebody_can_read(clinic: Clinic) -> None:
    """A longer one is refused, so that nobody reads a practice's whole past at once (F24, F28)."""
    long = Interval(MORNING, MORNING + PERIOD_MOST + timedelta(minutes=1))
    provider = clinic.provider()
    for asked in (
        lambda: clinic.ask.diary.of_provider(provider, provider_of(provider), long),
        lambda: clinic.ask.diary.dashboard(clinic.liaison, long),
        lambda: clinic.ask.diary.in_period(clinic.liaison, long),
    ):
        with pytest.raises(Invalid, match="until"):
            asked()
    longest = Interval(MORNING, MORNING + PERIOD_MOST)
    assert clinic.ask.diary.in_period(clinic.liaison, longest) == ()


def test_a_visit_is_over_the_instant_it_ends() -> None:
    """Until then it is upcoming, from then on past, and never both (F27)."""
    visit: Appointment = attrs.evolve(LIVES["Appointment"].example, status=AppointmentStatus.BOOKED)
    before = visit.during.end - timedelta(microseconds=1)
    for at, upcoming in ((before, True), (visit.during.end, False)):
        calendar = PatientCalendar.of([visit], at)
        assert (calendar.upcoming, calendar.past) == (
            ((visit,), ()) if upcoming else ((), (visit,))
        )
