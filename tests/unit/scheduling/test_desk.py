"""The front desk: staff book for a patient, set soft rules aside, amend visits (F22, F24)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.access import policy
from telehealth_core.access.actor import Actor
from telehealth_core.access.policy import Action, NotPermitted
from telehealth_core.billing.card import CardNeeded
from telehealth_core.billing.charge import ChargeStatus
from telehealth_core.practice.settings import Approval, Charging
from telehealth_core.registration.patient import NotVerified
from telehealth_core.scheduling.appointment import Appointment, PriceChanged, TimeTaken
from telehealth_core.scheduling.approval import ChecksFailed
from telehealth_core.scheduling.availability import NotBookable
from telehealth_core.scheduling.cancellation import ExpressRequestNeeded
from telehealth_core.scheduling.claim import TooLate
from telehealth_core.scheduling.life import AppointmentStatus, CancellationReason
from telehealth_core.scheduling.limits import LimitsReached
from telehealth_core.scheduling.override import SOFT, Override
from telehealth_core.scheduling.session import Mode
from telehealth_core.shared.ids import AppointmentId
from telehealth_core.shared.money import Money
from telehealth_core.shared.refusal import IdReused, Invalid, Unknown
from telehealth_core.workforce.provider import Licence, NotLicensed
from unit.clinic import ALL_SO, MORNING, SCENARIOS, Clinic

BOOKED, PENDING = AppointmentStatus.BOOKED, AppointmentStatus.PENDING
HALF = timedelta(minutes=30)


def aside(*rules: str) -> Override:
    """Set these rules aside."""
    return Override(rules=frozenset(rules), reason="agreed on the phone")


@pytest.mark.parametrize("approval", Approval)
def test_staff_book_for_a_patient_in_one(approval: Approval) -> None:
    """Held, requested and approved at once, with the charge that any request has; the patient is
    told (F22).
    """
    clinic = Clinic(approval=approval)
    patient, session = clinic.patient(), clinic.session(clinic.provider())
    booked = clinic.book(patient, session)
    assert (booked.status, booked.vouched_by) == (BOOKED, clinic.liaison.id)
    assert [one.verb for one in booked.history] == ["hold", "request", "approve"]
    clinic.drain(times=2)
    assert clinic.now(booked) == booked
    charge = clinic.charge(booked)
    assert charge is not None
    assert (charge.payer_id, charge.agreed) == (patient.as_patient(), session.price)
    assert charge.status is ChargeStatus.PLANNED
    assert [template for _, template, _ in clinic.sent()][-1] == "appointment-booked"


def test_the_same_booking_again_finds_the_first(clinic: Clinic) -> None:
    """A repeat changes nothing; the same id for another time is refused (F22)."""
    patient, session = clinic.patient(), clinic.session(clinic.provider())
    booked = clinic.book(patient, session, id=UUID(int=9))
    before = clinic.rows()
    assert clinic.book(patient, session, id=UUID(int=9)) == booked
    with pytest.raises(IdReused):
        clinic.book(patient, session, MORNING + HALF, id=UUID(int=9))
    assert clinic.rows() == before


@pytest.mark.parametrize("approval", Approval)
def test_where_booking_is_paid_the_visit_waits_for_the_money(approval: Approval) -> None:
    """Staff vouch for it, so once it is paid nobody has to approve it again (F22, F44)."""
    clinic = Clinic(approval=approval, charging=Charging.AT_BOOKING)
    session = clinic.session(clinic.provider())
    booked = clinic.book(clinic.patient(), session)
    assert booked.status is PENDING
    clinic.drain(times=2)
    assert clinic.now(booked).status is BOOKED
    unlucky = clinic.patient("Lee Example", card="tok_fails_later")
    failing = clinic.book(unlucky, session, MORNING + HALF)
    clinic.drain(times=2)
    assert clinic.now(failing).cancelled_because is CancellationReason.UNPAID


def test_paying_later_is_for_practices_that_charge_on_completion() -> None:
    """Without a card a visit is booked where the money is due after it, and nowhere else (F22)."""
    later = Clinic()
    booked = later.book(later.patient(card=None), later.session(later.provider()))
    assert booked.status is BOOKED
    first = Clinic(charging=Charging.AT_BOOKING)
    with pytest.raises(CardNeeded):
        first.book(first.patient(card=None), first.session(first.provider()))


def test_nobody_elses_card_pays(clinic: Clinic) -> None:
    """A card of the patient or of a guardian; a stranger's is unknown (F22, F43)."""
    guardian, stranger = clinic.patient(), clinic.patient("Lee Example")
    kim, session = clinic.dependant(guardian), clinic.session(clinic.provider())
    clinic.submit(guardian, kim.id)
    clinic.ask.identity.approve(clinic.liaison, kim.id, "seen", ALL_SO)

    def book(owner: Actor) -> UUID:
        return clinic.ask.desk.book(
            clinic.liaison,
            AppointmentId(clinic.new_id()),
            patient_id=kim.id,
            session_id=session.id,
            start=MORNING,
            mode=Mode.VIDEO,
            location="GB",
            agreed=session.price,
            card_id=clinic.ask.billing.cards(owner)[0].id,
            starts_within_cooling_off=True,
        ).id

    with pytest.raises(Unknown) as refused:
        book(stranger)
    assert refused.value.id == clinic.ask.billing.cards(stranger)[0].id
    booked = book(guardian)
    charge = clinic.charge(clinic.store.rows["appointments"][booked])
    assert charge is not None
    assert charge.payer_id == guardian.as_patient()


def test_a_childs_visit_that_is_paid_later_is_for_its_guardian_to_pay(clinic: Clinic) -> None:
    """Without a card too: a child owes nothing (F09, F22)."""
    guardian, session = clinic.patient(), clinic.session(clinic.provider())
    kim = clinic.dependant(guardian)
    clinic.submit(guardian, kim.id)
    clinic.ask.identity.approve(clinic.liaison, kim.id, "seen", ALL_SO)

    def book(**expressly: Any) -> Appointment:
        return clinic.ask.desk.book(
            clinic.liaison,
            AppointmentId(clinic.new_id()),
            patient_id=kim.id,
            session_id=session.id,
            start=MORNING,
            mode=Mode.VIDEO,
            location="GB",
            agreed=session.price,
            **expressly,
        )

    with pytest.raises(ExpressRequestNeeded):
        book()
    charge = clinic.charge(book(starts_within_cooling_off=True))
    assert charge is not None
    assert (charge.payer_id, charge.card_id) == (guardian.as_patient(), None)


def test_a_booking_by_staff_obeys_the_same_rules(clinic: Clinic) -> None:
    """Taken time, off hours, unknown identity, missing licence, another price: all refused."""
    provider = clinic.provider()
    session, patient = clinic.session(provider), clinic.patient()
    clinic.booked(clinic.patient("Lee Example"), session)
    late = Licence(regulator="Board", number="1", expires_on=MORNING.date() - timedelta(days=1))
    elsewhere = clinic.session(clinic.provider("Robin Doctor", licences=(late,)))
    before = clinic.rows()
    with pytest.raises(TimeTaken):
        clinic.book(patient, session)
    with pytest.raises(NotBookable, match="on-shift"):
        clinic.book(patient, session, MORNING - HALF)
    with pytest.raises(NotLicensed):
        clinic.book(patient, elsewhere)
    with pytest.raises(PriceChanged):
        clinic.book(patient, attrs.evolve(session, price=Money(1, "GBP")), MORNING + HALF)
    assert clinic.rows() == before
    with pytest.raises(NotVerified):
        clinic.book(clinic.registering("Jo Example"), session, MORNING + HALF)


def test_an_expired_card_is_no_card(clinic: Clinic) -> None:
    """The checks that decide on a request decide on staff's bookings too (F22, F25)."""
    patient, session = clinic.patient(), clinic.session(clinic.provider())
    for id, card in clinic.store.rows["cards"].items():
        details = attrs.evolve(card.details, expires_year=2026, expires_month=10)
        clinic.store.rows["cards"][id] = attrs.evolve(card, details=details)
    with pytest.raises(ChecksFailed, match="card-valid"):
        clinic.book(patient, session)


def test_only_staff_book_for_others(clinic: Clinic) -> None:
    """A patient holds; neither patient nor provider books past the hold or the rules (F22)."""
    patient, provider = clinic.patient(), clinic.provider()
    session = clinic.session(provider)
    booked = clinic.booked(patient, session)
    facts: dict[str, Any] = {
        "patient_id": patient.as_patient(),
        "session_id": session.id,
        "start": MORNING + HALF,
        "mode": Mode.VIDEO,
        "location": "GB",
        "agreed": session.price,
    }
    for actor in (patient, provider):
        with pytest.raises(NotPermitted):
            clinic.ask.desk.book(actor, AppointmentId(clinic.new_id()), **facts)
    with pytest.raises(NotPermitted):
        clinic.ask.scheduling.reschedule(
            patient,
            booked.id,
            session_id=session.id,
            start=MORNING - HALF,
            override=aside("on-shift"),
        )


def test_staff_set_soft_rules_aside_and_the_reason_stays() -> None:
    """Off hours, off the grid, without notice, beyond the horizon: with a reason in the history
    (F24, F29).
    """
    clinic = Clinic(lead_minutes=24 * 60 + 30, horizon_days=1)
    session = clinic.session(clinic.provider(), start=MORNING)
    patient, start = clinic.patient(), MORNING - timedelta(minutes=10)
    with pytest.raises(NotBookable, match="on-shift, on-grid, lead-time"):
        clinic.book(patient, session, start)
    with pytest.raises(NotBookable, match=r"\(lead-time\)"):
        clinic.book(patient, session, start, override=aside("on-shift", "on-grid"))
    everything = aside("on-shift", "on-grid", "lead-time", "horizon")
    booked = clinic.book(patient, session, start, override=everything)
    assert (booked.status, booked.override) == (BOOKED, everything)
    assert booked.history[0].reason == "agreed on the phone"
    assert "phone" not in repr(booked)


def test_what_was_set_aside_is_still_aside_when_the_money_came() -> None:
    """The checks that run after the payment know of the override (F22, F44)."""
    clinic = Clinic(charging=Charging.AT_BOOKING)
    session = clinic.session(clinic.provider())
    off_hours = aside("on-shift", "on-grid")
    booked = clinic.book(clinic.patient(), session, MORNING - HALF, override=off_hours)
    clinic.drain()
    assert clinic.now(booked).status is BOOKED


def test_staff_move_a_visit_off_hours_with_a_reason(clinic: Clinic) -> None:
    """Rescheduling knows the same overrides; moving on without one keeps none (F24, F26)."""
    session = clinic.session(clinic.provider())
    booked = clinic.booked(clinic.patient(), session)
    move = clinic.ask.scheduling.reschedule
    with pytest.raises(NotBookable):
        move(clinic.liaison, booked.id, session_id=session.id, start=MORNING - HALF)
    off_hours = aside("on-shift", "on-grid")
    moved = move(
        clinic.liaison, booked.id, session_id=session.id, start=MORNING - HALF, override=off_hours
    )
    assert (moved.override, moved.history[-1].reason) == (off_hours, off_hours.reason)
    back = move(clinic.liaison, booked.id, session_id=session.id, start=MORNING)
    assert back.override is None


def test_setting_rules_aside_is_a_right_of_its_own(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were it taken from staff, they would go on booking and approving by the rules (F22, F25)."""
    clinic = Clinic(approval=Approval.LIAISON)
    patient, session = clinic.patient(), clinic.session(clinic.provider())
    first, second = (clinic.requested(patient, session, MORNING + n * HALF) for n in range(2))
    granted = policy._granted

    def taken_away(action: Action, *standing: Any) -> bool:
        return action is not Action.OVERRIDE_RULES and granted(action, *standing)

    monkeypatch.setattr(policy, "_granted", taken_away)
    approve, far = clinic.ask.approval.approve, aside("horizon")
    assert approve(clinic.liaison, first.id).status is BOOKED
    with pytest.raises(NotPermitted):
        approve(clinic.liaison, second.id, override=far)
    other = clinic.patient("Lee Example")
    assert clinic.book(other, session, MORNING + 2 * HALF).status is BOOKED
    with pytest.raises(NotPermitted):
        clinic.book(other, session, MORNING + 3 * HALF, override=far)


HARD = ("no-clash", "verified", "licensed", "not-past", "published")


@given(rules=st.sets(st.sampled_from([*sorted(SOFT), *HARD])))
def test_only_soft_rules_can_be_set_aside(rules: set[str]) -> None:
    """A clash, an unverified identity and a missing licence are for nobody to overrule."""
    if rules and rules <= SOFT:
        assert Override(rules=frozenset(rules), reason="so").rules == rules
    else:
        with pytest.raises(Invalid):
            Override(rules=frozenset(rules), reason="so")


@SCENARIOS
@given(step=st.integers(-12, 12), same_patient=st.booleans())
def test_no_override_puts_anybody_in_two_places(step: int, same_patient: bool) -> None:
    """Whatever is set aside, overlapping time of a provider or a patient stays refused (N01)."""
    clinic = Clinic()
    one, other = clinic.provider(), clinic.provider("Robin Doctor")
    patient = clinic.patient()
    clinic.booked(patient, clinic.session(one), MORNING)
    session = clinic.session(other if same_patient else one, hours=4)
    second = patient if same_patient else clinic.patient("Lee Example")
    start = MORNING + step * timedelta(minutes=5)
    clash = abs(step) * 5 < 30
    if clash:
        with pytest.raises(TimeTaken):
            clinic.book(second, session, start, override=aside(*SOFT))
    else:
        assert clinic.book(second, session, start, override=aside(*SOFT)).status is BOOKED


def test_a_visit_cannot_be_booked_into_the_past(clinic: Clinic) -> None:
    """Not even with everything set aside."""
    patient, session = clinic.patient(), clinic.session(clinic.provider())
    clinic.clock.now = MORNING + timedelta(minutes=1)
    with pytest.raises(NotBookable, match="not-past"):
        clinic.book(patient, session, override=aside(*SOFT))


def test_neither_licence_nor_identity_yields_to_an_override(clinic: Clinic) -> None:
    """What protects patients is not soft (TEL-02, IDV-01)."""
    expired = MORNING.date() - timedelta(1)
    old = Licence(regulator="Example Register", number="1", expires_on=expired)
    session = clinic.session(clinic.provider(licences=(old,)))
    with pytest.raises(NotLicensed):
        clinic.book(clinic.patient(), session, override=aside(*SOFT))
    with pytest.raises(NotVerified):
        clinic.book(clinic.registering("Jo Example"), session, override=aside(*SOFT))


def test_a_cancellation_by_the_staff_who_booked_is_the_practices(clinic: Clinic) -> None:
    """Having booked it for the patient does not make it theirs (N17)."""
    patient, session = clinic.patient(), clinic.session(clinic.provider())
    by_staff = clinic.book(patient, session)
    by_patient = clinic.book(patient, session, MORNING + HALF)
    for actor, wrong in (
        (clinic.liaison, CancellationReason.UNPAID),
        (patient, CancellationReason.PRACTICE),
    ):
        with pytest.raises(Invalid, match="reason: one of"):
            clinic.ask.scheduling.cancel(actor, by_patient.id, wrong)
    clinic.ask.scheduling.cancel(clinic.liaison, by_staff.id)
    clinic.ask.scheduling.cancel(patient, by_patient.id)
    assert clinic.now(by_staff).cancelled_because is CancellationReason.PRACTICE
    assert clinic.now(by_patient).cancelled_because is CancellationReason.PATIENT


def test_staff_amend_a_visit_and_say_why(clinic: Clinic) -> None:
    """Mode, place and description change with a reason; the patient is told (F24, F29)."""
    patient, session = clinic.patient(), clinic.session(clinic.provider())
    booked = clinic.booked(patient, session)
    amend = clinic.ask.desk.amend
    amended = amend(
        clinic.liaison,
        booked.id,
        mode=Mode.VOICE,
        location="GB-SCT",
        description="a cough",
        because="the camera broke",
    )
    assert (amended.mode, amended.location, amended.reason) == (Mode.VOICE, "GB-SCT", "a cough")
    assert (amended.history[-1].verb, amended.history[-1].reason) == ("amend", "the camera broke")
    clinic.drain()
    assert clinic.sent()[-1][1] == "appointment-changed"
    with pytest.raises(NotPermitted):
        amend(patient, booked.id, mode=Mode.VOICE, location="GB", description=None, because="mine")


def test_an_amendment_leads_nowhere_a_booking_could_not(clinic: Clinic) -> None:
    """No mode the session lacks, no place the provider may not treat, no visit that is over."""
    session = clinic.session(clinic.provider(), modes=(Mode.VIDEO,))
    booked = clinic.booked(clinic.patient(), session)

    def amend(mode: Mode = Mode.VIDEO, location: str = "GB", because: str = "so") -> None:
        clinic.ask.desk.amend(
            clinic.liaison,
            booked.id,
            mode=mode,
            location=location,
            description=None,
            because=because,
        )

    with pytest.raises(Invalid):
        amend(mode=Mode.VOICE)
    with pytest.raises(NotLicensed):
        amend(location="US-NY")
    with pytest.raises(Invalid):
        amend(because=" ")
    clinic.clock.now = booked.during.end
    with pytest.raises(TooLate):
        amend()
    assert clinic.now(booked) == booked


def test_limits_are_soft_for_staff_and_named(clinic: Clinic) -> None:
    """The refusal names every limit that is reached; staff may set each aside (F22, F25)."""
    clinic = Clinic(visits_ahead_most=2, visits_a_day_most=2)
    patient, session = clinic.patient(), clinic.session(clinic.provider())
    clinic.book(patient, session)
    clinic.book(patient, session, MORNING + HALF)
    with pytest.raises(LimitsReached, match="visits-ahead, visits-a-day"):
        clinic.book(patient, session, MORNING + 2 * HALF)
    with pytest.raises(LimitsReached, match=r"\(visits-a-day\)"):
        clinic.book(patient, session, MORNING + 2 * HALF, override=aside("visits-ahead"))
    both = aside("visits-ahead", "visits-a-day")
    assert clinic.book(patient, session, MORNING + 2 * HALF, override=both).status is BOOKED
