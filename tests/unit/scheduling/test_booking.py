"""Booking: hold, tell, request; one time is one patient's (F15-F21, N01, N02)."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.access.policy import NotPermitted
from telehealth_core.billing.card import CardNeeded
from telehealth_core.registration.document import UnreadableImage
from telehealth_core.registration.patient import NotVerified
from telehealth_core.scheduling.appointment import (
    ATTACHMENTS_MOST,
    Appointment,
    PriceChanged,
    TimeTaken,
)
from telehealth_core.scheduling.availability import Diary, NotBookable
from telehealth_core.scheduling.claim import HoldExpired, TooLate
from telehealth_core.scheduling.life import AppointmentStatus, CancellationReason
from telehealth_core.scheduling.limits import LimitsReached
from telehealth_core.scheduling.pre_screening import Answer
from telehealth_core.scheduling.session import Mode
from telehealth_core.scheduling.use_cases.claims import objections
from telehealth_core.shared.ids import (
    AppointmentId,
    DocumentId,
    PatientId,
    PracticeId,
    ProviderId,
    SessionId,
    UserId,
)
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.money import Money
from telehealth_core.shared.refusal import IdReused, Invalid, Unknown
from telehealth_core.workforce.provider import Licence, NotLicensed
from unit.clinic import LAWS, MORNING, PHOTO, Clinic, provider_of

HALF = timedelta(minutes=30)


def a_claim(buffer: int) -> Appointment:
    """Half an hour of somebody's morning, with so many minutes kept free after it."""
    visit = Interval.lasting(MORNING, 30)
    return Appointment(
        id=AppointmentId(UUID(int=1)),
        practice_id=PracticeId(UUID(int=2)),
        patient_id=PatientId(UUID(int=3)),
        provider_id=ProviderId(UUID(int=4)),
        session_id=SessionId(UUID(int=5)),
        during=visit,
        occupies=visit.widened(before=timedelta(), after=timedelta(minutes=buffer)),
        mode=Mode.VIDEO,
        price=Money(0, "GBP"),
        location="GB",
        held_until=MORNING,
        held_by=UserId(UUID(int=6)),
        settings_version=1,
    )


def test_a_second_patient_is_told_that_the_time_was_taken(clinic: Clinic) -> None:
    """One time is one patient's, from the hold on (N01)."""
    session = clinic.session(clinic.provider())
    clinic.hold(clinic.patient(), session)
    with pytest.raises(TimeTaken):
        clinic.hold(clinic.patient("Lee Example"), session)


def test_an_expired_hold_frees_its_time_by_the_clock_alone(clinic: Clinic) -> None:
    """Nobody has to tidy up: at its deadline a hold no longer counts (N02)."""
    provider, patient, other = clinic.provider(), clinic.patient(), clinic.patient()
    session = clinic.session(provider)
    held = clinic.hold(patient, session)
    clinic.clock.now = held.held_until - timedelta(microseconds=1)
    with pytest.raises(TimeTaken):
        clinic.hold(other, session)
    clinic.clock.now = held.held_until
    day = Interval.lasting(MORNING, 60)
    offered = clinic.ask.diary.open_times(other, provider_of(provider), day)
    assert held.during in [visit for _, visit in offered]
    clinic.hold(other, session)
    assert clinic.now(held).cancelled_because is CancellationReason.EXPIRED
    with pytest.raises(IllegalTransition):
        clinic.request(patient, held)


def test_a_hold_past_its_deadline_cannot_be_requested_even_if_nobody_took_it(
    clinic: Clinic,
) -> None:
    """What was promised for ten minutes is not given after eleven."""
    patient = clinic.patient()
    held = clinic.hold(patient, clinic.session(clinic.provider()))
    clinic.clock.forward(minutes=11)
    with pytest.raises(HoldExpired, match="09:10"):
        clinic.request(patient, held)
    with pytest.raises(HoldExpired):
        clinic.ask.scheduling.describe(patient, held.id, reason="a cough")


def test_the_same_hold_again_finds_the_first(clinic: Clinic) -> None:
    """A repeated call with the same id changes nothing, whatever happened since (N02)."""
    patient, session = clinic.patient(), clinic.session(clinic.provider())
    held = clinic.hold(patient, session, id=UUID(int=5))
    clinic.clock.forward(minutes=2)
    assert clinic.hold(patient, session, id=UUID(int=5)) == held
    requested = clinic.request(patient, held)
    assert clinic.hold(patient, session, id=UUID(int=5)) == requested


@pytest.mark.parametrize(
    "other", [{"start": MORNING + HALF}, {"mode": Mode.VOICE}, {"location": "GB-SCT"}]
)
def test_the_same_id_with_other_content_is_refused(clinic: Clinic, other: dict[str, Any]) -> None:
    """An id names one request: another time, mode or place needs another id."""
    patient, session = clinic.patient(), clinic.session(clinic.provider())
    held = clinic.hold(patient, session, id=UUID(int=5))
    with pytest.raises(IdReused):
        clinic.hold(patient, session, id=UUID(int=5), **other)
    with pytest.raises(IdReused):
        clinic.hold(clinic.patient("Lee Example"), session, id=UUID(int=5))
    assert clinic.now(held) == held


def test_an_account_keeps_only_so_many_times_at_once() -> None:
    """The limit counts live holds of the account, for whomever they are (API-03)."""
    clinic = Clinic(holds_most=2)
    patient, session = clinic.patient(), clinic.session(clinic.provider())
    child = clinic.dependant(patient)
    first = clinic.hold(patient, session)
    clinic.hold(patient, session, MORNING + HALF, on_behalf_of=child.id)
    with pytest.raises(LimitsReached):
        clinic.hold(patient, session, MORNING + 2 * HALF)
    clinic.request(patient, first)
    clinic.hold(patient, session, MORNING + 2 * HALF)
    with pytest.raises(LimitsReached):
        clinic.hold(patient, session, MORNING + 3 * HALF)
    clinic.clock.forward(minutes=10)
    clinic.hold(patient, session, MORNING + 3 * HALF)


def test_an_unverified_patient_cannot_hold_a_time(clinic: Clinic) -> None:
    """Until verified a patient can do nothing but finish registration (F05)."""
    session = clinic.session(clinic.provider())
    with pytest.raises(NotVerified):
        clinic.hold(clinic.registering(), session)


def test_a_verification_ends(clinic: Clinic) -> None:
    """After its days an identity check counts no more (F07)."""
    patient, provider = clinic.patient(), clinic.provider()
    clinic.clock.forward(days=clinic.practice.settings.identity_valid_days)
    session = clinic.session(provider, start=clinic.clock() + timedelta(days=1))
    with pytest.raises(NotVerified):
        clinic.hold(patient, session)


def test_a_provider_is_booked_only_where_licensed() -> None:
    """In the United States the licence of the very state decides, on the day of the visit
    (TEL-02, PRO-04).
    """
    clinic = Clinic(jurisdiction="us")
    licence = Licence(
        regulator="State Board", number="1", region="US-NY", expires_on=MORNING.date()
    )
    provider, patient = clinic.provider(licences=(licence,)), clinic.patient()
    session = clinic.session(provider, hours=30)
    for place in ("US-CA", "US", "GB", "CA-ON"):
        with pytest.raises(NotLicensed):
            clinic.hold(patient, session, location=place)
    with pytest.raises(NotLicensed):
        clinic.hold(patient, session, MORNING + timedelta(days=1))
    clinic.hold(patient, session)


def test_in_the_united_kingdom_one_register_covers_the_country(clinic: Clinic) -> None:
    """A patient in Scotland is in the country, one in Ireland is not (TEL-03)."""
    patient, session = clinic.patient(), clinic.session(clinic.provider())
    with pytest.raises(NotLicensed):
        clinic.hold(patient, session, location="IE")
    clinic.hold(patient, session, location="GB-SCT")
    lapsed = Licence(regulator="Register", number="1", expires_on=date(2026, 11, 23))
    with pytest.raises(NotLicensed):
        clinic.hold(patient, clinic.session(clinic.provider(licences=(lapsed,))), MORNING + HALF)


def test_a_patient_is_not_in_two_places_at_once(clinic: Clinic) -> None:
    """Another provider's overlapping time is taken for whoever is elsewhere then (N01)."""
    patient = clinic.patient()
    clinic.hold(patient, clinic.session(clinic.provider()))
    elsewhere = clinic.session(clinic.provider("Robin Doctor"), start=MORNING + HALF / 2)
    with pytest.raises(TimeTaken):
        clinic.hold(patient, elsewhere)
    clinic.hold(clinic.patient("Lee Example"), elsewhere)


def test_a_providers_buffer_does_not_keep_the_patient_from_the_next_provider() -> None:
    """The buffer after a visit is the provider's time: the patient may go straight to another, in
    whichever order the two are booked, and both are approved.
    """
    for first_is_earlier in (True, False):
        clinic = Clinic(buffer_minutes=10)
        patient = clinic.patient()
        sessions = [
            clinic.session(clinic.provider(name)) for name in ("Quinn Therapist", "Robin Doctor")
        ]
        plan = list(zip(sessions, (MORNING, MORNING + HALF), strict=True))
        held = [
            clinic.hold(patient, session, start)
            for session, start in (plan if first_is_earlier else plan[::-1])
        ]
        for one in held:
            clinic.request(patient, one)
        clinic.drain()
        assert {clinic.now(one).status for one in held} == {AppointmentStatus.BOOKED}


@LAWS
@given(st.integers(-80, 80), st.booleans(), st.booleans(), st.sampled_from([0, 10]))
def test_two_claims_compete_for_a_provider_with_buffer_and_for_a_patient_without(
    minutes: int, provider: bool, patient: bool, buffer: int
) -> None:
    """So far apart in starts of half-hour visits: the obvious comparison decides (N01)."""
    one = a_claim(buffer)
    apart = timedelta(minutes=minutes)
    other = attrs.evolve(
        one,
        provider_id=one.provider_id if provider else ProviderId(UUID(int=9)),
        patient_id=one.patient_id if patient else PatientId(UUID(int=9)),
        during=Interval(one.during.start + apart, one.during.end + apart),
        occupies=Interval(one.occupies.start + apart, one.occupies.end + apart),
    )
    near = abs(minutes)
    expected = (provider and near < 30 + buffer) or (patient and near < 30)
    assert one.competes_with(other) == other.competes_with(one) == expected


def test_the_buffer_of_a_claim_objects_to_the_same_providers_next_and_to_nobody_elses(
    clinic: Clinic,
) -> None:
    """Five minutes after a visit with ten minutes' buffer (N01)."""
    held = a_claim(10)
    session = clinic.session(clinic.provider(), start=MORNING + timedelta(minutes=35))
    diary = Diary(session, clinic.practice.settings, (), clinic.clock())
    visit = session.visit_at(session.during.start)
    wanted = attrs.evolve(held, id=AppointmentId(UUID(int=7)), during=visit, occupies=visit)
    assert objections(diary, wanted, [held]) == ("no-clash",)
    elsewhere = attrs.evolve(wanted, provider_id=ProviderId(UUID(int=9)))
    assert objections(diary, elsewhere, [held]) == ()


def test_a_visit_comes_in_the_sessions_modes_only(clinic: Clinic) -> None:
    """A voice session has no video (F19)."""
    session = clinic.session(clinic.provider(), modes=[Mode.VOICE])
    patient = clinic.patient()
    with pytest.raises(Invalid, match="mode"):
        clinic.hold(patient, session)
    clinic.hold(patient, session, mode=Mode.VOICE)


def test_a_time_beside_the_grid_or_in_the_past_cannot_be_booked(clinic: Clinic) -> None:
    """What was not offered is refused with the rules that object."""
    patient, session = clinic.patient(), clinic.session(clinic.provider())
    with pytest.raises(NotBookable, match="on-grid"):
        clinic.hold(patient, session, MORNING + timedelta(minutes=5))
    with pytest.raises(Invalid):
        clinic.hold(patient, session, MORNING.replace(tzinfo=None))
    clinic.clock.now = MORNING + timedelta(minutes=1)
    with pytest.raises(NotBookable, match="lead-time"):
        clinic.hold(patient, session)


def test_a_guardian_books_for_a_child_and_nobody_else_does(clinic: Clinic) -> None:
    """Child bookings are the guardian's to make (F10)."""
    guardian, stranger = clinic.patient(), clinic.patient("Lee Example")
    child, session = clinic.dependant(guardian), clinic.session(clinic.provider())
    held = clinic.hold(guardian, session, on_behalf_of=child.id)
    assert (held.patient_id, held.held_by) == (child.id, guardian.id)
    with pytest.raises(Unknown):
        clinic.hold(stranger, session, MORNING + HALF, on_behalf_of=child.id)
    requested = clinic.request(guardian, held)
    charge = clinic.charge(requested)
    assert charge is not None
    assert (charge.patient_id, charge.payer_id) == (child.id, guardian.patient_id)


def test_the_patient_tells_and_shows_what_the_visit_is_about(clinic: Clinic) -> None:
    """Description, form and photos add up, before the request and after it (F20, F21)."""
    patient = clinic.patient()
    held = clinic.hold(patient, clinic.session(clinic.provider()))
    answers = (Answer("Any fever?", "no"),)
    clinic.ask.scheduling.describe(patient, held.id, reason="a cough")
    clinic.ask.scheduling.pre_screen(patient, held.id, answers)
    picture = DocumentId(clinic.new_id())
    clinic.ask.scheduling.attach(patient, held.id, picture, PHOTO)
    clinic.request(patient, held)
    clinic.ask.scheduling.describe(patient, held.id, reason="a worse cough")
    told = clinic.now(held)
    assert (told.reason, told.pre_screening) == ("a worse cough", answers)
    assert told.attachments == (picture,)
    assert told.version == 6


def test_photos_are_pictures_and_few(clinic: Clinic) -> None:
    """Another file is refused, and so is the sixth photo; neither leaves anything behind."""
    patient = clinic.patient()
    held = clinic.hold(patient, clinic.session(clinic.provider()))

    def attach(content: bytes) -> None:
        clinic.ask.scheduling.attach(patient, held.id, DocumentId(clinic.new_id()), content)

    with pytest.raises(UnreadableImage):
        attach(b"#!/bin/sh")
    for _ in range(ATTACHMENTS_MOST):
        attach(PHOTO)
    before = clinic.rows()
    with pytest.raises(Invalid):
        attach(PHOTO)
    assert clinic.rows() == before


def test_a_request_agrees_to_the_very_price(clinic: Clinic) -> None:
    """Whoever agrees to another sum or currency is told the price (PAY-01)."""
    patient = clinic.patient()
    held = clinic.hold(patient, clinic.session(clinic.provider()))
    card = clinic.ask.billing.cards(patient)[0].id
    for agreed in (Money(5_999, "GBP"), Money(6_001, "GBP"), Money(6_000, "USD")):
        with pytest.raises(PriceChanged, match=r"60\.00 GBP"):
            clinic.ask.scheduling.request(patient, held.id, agreed=agreed, card_id=card)
    assert clinic.charge(held) is None


def test_a_visit_with_a_price_needs_ones_own_card(clinic: Clinic) -> None:
    """No card is refused, and somebody else's card is unknown (F43)."""
    patient, other = clinic.patient(card=None), clinic.patient("Lee Example")
    held = clinic.hold(patient, clinic.session(clinic.provider()))
    with pytest.raises(CardNeeded):
        clinic.request(patient, held)
    theirs = clinic.ask.billing.cards(other)[0].id
    with pytest.raises(Unknown):
        clinic.ask.scheduling.request(patient, held.id, agreed=held.price, card_id=theirs)
    assert clinic.now(held) == held


def test_a_free_visit_needs_no_card(clinic: Clinic) -> None:
    """Nothing to pay, nothing to keep."""
    session = clinic.session(clinic.provider(price=Money(0, "GBP")))
    booked = clinic.booked(clinic.patient(card=None), session)
    assert booked.status is AppointmentStatus.BOOKED


def test_cancelling_frees_the_time_until_the_visit_begins(clinic: Clinic) -> None:
    """Patient or practice may cancel, and the reason tells which (N17)."""
    patient, session = clinic.patient(), clinic.session(clinic.provider())
    mine = clinic.booked(patient, session)
    theirs = clinic.booked(patient, session, MORNING + HALF)
    last = clinic.booked(patient, session, MORNING + 2 * HALF)
    cancelled = clinic.ask.scheduling.cancel(patient, mine.id)
    assert cancelled.cancelled_because is CancellationReason.PATIENT
    cancelled = clinic.ask.scheduling.cancel(clinic.liaison, theirs.id)
    assert cancelled.cancelled_because is CancellationReason.PRACTICE
    clinic.hold(clinic.patient("Lee Example"), session)
    clinic.clock.now = last.during.start
    with pytest.raises(TooLate):
        clinic.ask.scheduling.cancel(patient, last.id)
    with pytest.raises(IllegalTransition):
        clinic.ask.scheduling.cancel(patient, mine.id)


def test_everybody_sees_the_appointments_that_concern_them(clinic: Clinic) -> None:
    """Patient's calendar, provider's schedule and staff's dashboard show the same visits, each
    opening audited (F23, F24, F27, F28).
    """
    patient, provider = clinic.patient(), clinic.provider()
    session = clinic.session(provider)
    first = clinic.booked(patient, session)
    second = clinic.booked(patient, session, MORNING + HALF)
    day = Interval.lasting(MORNING, 24 * 60)
    ask = clinic.ask.diary
    assert ask.of_patient(patient, patient.as_patient()) == (second, first)
    assert ask.of_provider(provider, provider_of(provider), day) == (first, second)
    assert ask.in_period(clinic.liaison, day) == (first, second)
    assert ask.in_period(clinic.liaison, day, AppointmentStatus.PENDING) == ()
    assert clinic.ask.scheduling.view(provider, first.id) == first
    seen = [entry for entry in clinic.store.audit if entry.outcome == "read"]
    assert seen[-1].actor == provider.id
    with pytest.raises(NotPermitted):
        ask.dashboard(provider, day)
    with pytest.raises(Unknown):
        clinic.ask.scheduling.view(patient, AppointmentId(clinic.new_id()))


def test_a_photo_sent_twice_is_one_photo(clinic: Clinic) -> None:
    """A repeat is answered with the appointment as it is; one nobody sent is unknown (F21)."""
    patient = clinic.patient()
    held = clinic.hold(patient, clinic.session(clinic.provider()))
    picture = DocumentId(clinic.new_id())
    first = clinic.ask.scheduling.attach(patient, held.id, picture, PHOTO)
    assert clinic.ask.scheduling.attach(patient, held.id, picture, PHOTO) == first
    assert first.attachments == (picture,)
    missing = DocumentId(clinic.new_id())
    with pytest.raises(Unknown) as refused:
        clinic.ask.scheduling.photo(patient, held.id, missing)
    assert refused.value.id == missing


def test_a_picture_of_who_somebody_is_is_no_photo_of_what_hurts(clinic: Clinic) -> None:
    """Even of the same bytes: under its id there is another document (F21)."""
    patient = clinic.patient()
    held = clinic.hold(patient, clinic.session(clinic.provider()))
    identity = DocumentId(next(iter(clinic.store.rows["documents"])))
    with pytest.raises(IdReused):
        clinic.ask.scheduling.attach(patient, held.id, identity, PHOTO)
    assert clinic.now(held).attachments == ()
