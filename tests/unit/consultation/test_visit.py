"""The visit: who is let in, when, and how it is confirmed (F32, F33, F45)."""

from datetime import date, timedelta

import attrs
import pytest

from telehealth_core.consultation.consultation import ConsultationStatus, NobodyMet, NotOpen, Side
from telehealth_core.consultation.use_cases import practice_of_room
from telehealth_core.scheduling.life import AppointmentStatus
from telehealth_core.shared.ids import UserId
from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.refusal import Invalid, Unknown
from telehealth_core.workforce.provider import NotLicensed
from unit.clinic import MORNING, Clinic, provider_of


def test_the_room_opens_shortly_before_and_closes_some_time_after() -> None:
    """The practice's minutes before the start and after the end, to the instant (TEL-07)."""
    clinic = Clinic(join_early_minutes=15, join_late_minutes=60)
    patient = clinic.patient()
    booked = clinic.booked(patient, clinic.session(clinic.provider()))
    opens = MORNING - timedelta(minutes=15)
    closes = booked.during.end + timedelta(minutes=60)
    tick = timedelta(microseconds=1)
    for at, is_open in (
        (opens - tick, False),
        (opens, True),
        (closes - tick, True),
        (closes, False),
    ):
        clinic.clock.now = at
        if is_open:
            admission = clinic.ask.consultation.join(patient, booked.id, "GB")
            assert str(patient.as_patient()) not in str(admission)
        else:
            with pytest.raises(NotOpen):
                clinic.ask.consultation.join(patient, booked.id, "GB")


def test_the_patients_side_says_where_the_patient_is_now() -> None:
    """Whoever joins for the patient names the place, for which the provider must be licensed
    (TEL-01, TEL-02).
    """
    clinic = Clinic(jurisdiction="us")
    patient, provider = clinic.patient(), clinic.provider()
    booked = clinic.booked(patient, clinic.session(provider))
    clinic.clock.now = MORNING
    with pytest.raises(Invalid, match="location"):
        clinic.ask.consultation.join(patient, booked.id)
    with pytest.raises(NotLicensed):
        clinic.ask.consultation.join(patient, booked.id, "US-CA")
    clinic.ask.consultation.join(provider, booked.id)
    clinic.ask.consultation.join(patient, booked.id, "US-NY")
    visit = clinic.ask.consultation.view(provider, booked.id)
    assert [(one.side, one.location) for one in visit.participants] == [
        (Side.PROVIDER, None),
        (Side.PATIENT, "US-NY"),
    ]


def test_a_lapsed_licence_closes_the_door(clinic: Clinic) -> None:
    """What was right at booking is asked again at the visit (PRO-04)."""
    patient, provider = clinic.patient(), clinic.provider()
    booked = clinic.booked(patient, clinic.session(provider))
    row = clinic.store.rows["providers"][provider_of(provider)]
    lapsed = tuple(attrs.evolve(one, expires_on=date(2026, 11, 23)) for one in row.licences)
    clinic.store.rows["providers"][row.id] = attrs.evolve(row, licences=lapsed)
    clinic.clock.now = MORNING
    with pytest.raises(NotLicensed):
        clinic.ask.consultation.join(patient, booked.id, "GB")


def test_only_an_approved_visit_is_joined_and_only_by_its_people(clinic: Clinic) -> None:
    """A pending or cancelled one has no room, and strangers learn of none."""
    patient, provider = clinic.patient(), clinic.provider()
    session = clinic.session(provider)
    requested = clinic.requested(patient, session)
    clinic.clock.now = MORNING
    with pytest.raises(IllegalTransition):
        clinic.ask.consultation.join(patient, requested.id, "GB")
    clinic.drain()
    for stranger in (clinic.patient("Lee Example"), clinic.provider("Robin Doctor")):
        with pytest.raises(Unknown):
            clinic.ask.consultation.join(stranger, requested.id, "GB")


def test_a_guardian_joins_on_the_childs_side(clinic: Clinic) -> None:
    """The child's visit is attended by the guardian for the patient."""
    guardian, provider = clinic.patient(), clinic.provider()
    kim, session = clinic.dependant(guardian), clinic.session(provider)
    held = clinic.hold(guardian, session, on_behalf_of=kim.id)
    clinic.request(guardian, held)
    clinic.drain()
    clinic.both_join(held, guardian, provider)
    visit = clinic.ask.consultation.view(guardian, held.id)
    assert visit.side_of(guardian.id) is Side.PATIENT
    assert clinic.now(held).status is AppointmentStatus.ARRIVED


def test_a_visit_is_confirmed_by_its_provider_after_both_were_present(clinic: Clinic) -> None:
    """The time together is counted to the second, the appointment fulfilled (F33, F45)."""
    patient, provider = clinic.patient(), clinic.provider()
    booked = clinic.booked(patient, clinic.session(provider))
    clinic.visited(booked, patient, provider)
    visit = clinic.ask.consultation.view(provider, booked.id)
    assert visit.status is ConsultationStatus.COMPLETED
    assert visit.counted_seconds == 600
    assert clinic.now(booked).status is AppointmentStatus.FULFILLED
    with pytest.raises(IllegalTransition):
        clinic.ask.consultation.complete(provider, booked.id)


def test_a_visit_in_which_nobody_met_is_not_confirmed(clinic: Clinic) -> None:
    """One side alone, or one after the other, is no visit and frees no charge."""
    patient, provider = clinic.patient(), clinic.provider()
    booked = clinic.booked(patient, clinic.session(provider))
    clinic.clock.now = MORNING
    ask = clinic.ask.consultation
    ask.join(patient, booked.id, "GB")
    ask.join(provider, booked.id)
    room = ask.view(provider, booked.id).room
    ask.entered(room, patient.id, "one")
    clinic.clock.forward(minutes=5)
    ask.left(room, patient.id, "one")
    ask.entered(room, provider.id, "two")
    clinic.clock.forward(minutes=5)
    before = clinic.rows()
    with pytest.raises(NobodyMet):
        ask.complete(provider, booked.id)
    assert clinic.rows() == before


def test_somebody_who_was_not_let_in_is_not_counted(clinic: Clinic) -> None:
    """A report about a stranger in the room is refused."""
    patient, provider = clinic.patient(), clinic.provider()
    booked = clinic.booked(patient, clinic.session(provider))
    room = clinic.both_join(booked, patient, provider).room
    with pytest.raises(Unknown):
        clinic.ask.consultation.entered(room, UserId(clinic.new_id()), "odd")


@pytest.mark.parametrize("room", ["", "room", "a-b", "1-2-3", "é" * 32])
def test_a_false_room_is_unknown(room: str) -> None:
    """Whatever is no room name of ours means no visit."""
    with pytest.raises(Unknown):
        practice_of_room(room)


def test_a_rooms_name_leads_back_to_its_visit_and_names_nobody(clinic: Clinic) -> None:
    """Outside systems see an opaque name that is enough for us (VEN-04)."""
    patient, provider = clinic.patient(), clinic.provider()
    booked = clinic.booked(patient, clinic.session(provider))
    visit = clinic.ask.consultation.view(provider, booked.id)
    assert practice_of_room(visit.room) == (clinic.id, visit.id)
    assert patient.as_patient().hex not in visit.room
