"""How a visit ends: confirmed with all that has to be there, unsuitable, or failed (F45, CON-03,
CHD-03, TEL-09).
"""

from datetime import date, timedelta

import attrs
import pytest

from telehealth_core.access.actor import Actor
from telehealth_core.billing.charge import ChargeStatus
from telehealth_core.consultation.assurance import IdentityMethod
from telehealth_core.consultation.attendance import Side
from telehealth_core.consultation.completion import CannotComplete, OutcomeKind
from telehealth_core.consultation.life import ConsultationStatus
from telehealth_core.consultation.note import NoteStatus
from telehealth_core.practice.consent_text import ConsentPurpose
from telehealth_core.practice.settings import Charging
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.life import AppointmentStatus, CancellationReason
from telehealth_core.shared.ids import AppointmentId, AssessmentId, ConsentId, PatientId
from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.refusal import Invalid, Unknown
from unit.clinic import MORNING, Clinic, profile

UNSUITABLE, FAILED = OutcomeKind.UNSUITABLE, OutcomeKind.TECHNICAL_FAILURE


def met(clinic: Clinic, appointment: Appointment, *people: Actor) -> None:
    """Have these be in the room together, and the last of them confirm who the patient is."""
    clinic.clock.now = max(clinic.clock.now, appointment.during.start)
    for who in people:
        room = clinic.join(who, appointment).room
        clinic.ask.consultation.entered(room, who.id, f"of {who.id}")
    clinic.clock.forward(minutes=10)
    clinic.ask.consultation.confirm_identity(people[-1], appointment.id, IdentityMethod.DOCUMENT)


def missing(clinic: Clinic, provider: Actor, id: AppointmentId) -> set[str]:
    """What the refusal of a confirmation names; nothing where it passes."""
    before = clinic.rows()
    try:
        clinic.ask.consultation.complete(provider, id)
    except CannotComplete as refusal:
        assert clinic.rows() == before
        return set(refusal.missing.split(", "))
    return set()


@pytest.mark.parametrize("answer", ["yes", "no", "withdrawn"])
def test_each_episode_asks_whether_the_gp_may_be_told(clinic: Clinic, answer: str) -> None:
    """Without an answer the visit is not confirmed; a no is one, and so is a yes that was taken
    back; one for an earlier episode is none (CON-03).
    """
    patient, provider = clinic.patient(), clinic.provider()
    session = clinic.session(provider)
    clinic.agree(patient, ConsentPurpose.GP_SHARING)
    clinic.clock.forward(minutes=1)
    booked = clinic.booked(patient, session)
    met(clinic, booked, patient, provider)
    assert missing(clinic, provider, booked.id) == {"gp-sharing-answered"}
    if answer == "no":
        clinic.ask.consents.refuse(
            provider,
            ConsentId(clinic.new_id()),
            patient.as_patient(),
            ConsentPurpose.GP_SHARING,
            text_hash=clinic.text(ConsentPurpose.GP_SHARING).hash,
            explanation="why it helps",
        )
    else:
        given = clinic.agree(patient, ConsentPurpose.GP_SHARING)
        if answer == "withdrawn":
            clinic.ask.consents.withdraw(patient, given.id)
    assert missing(clinic, provider, booked.id) == set()


def test_where_the_law_does_not_ask_about_a_gp_nobody_has_to() -> None:
    """In the United States a visit is confirmed without (CON-03)."""
    clinic = Clinic(jurisdiction="us")
    patient, provider = clinic.patient(), clinic.provider()
    booked = clinic.booked(patient, clinic.session(provider))
    met(clinic, booked, patient, provider)
    assert missing(clinic, provider, booked.id) == set()


def with_child(clinic: Clinic) -> tuple[Actor, Actor, PatientId]:
    """A parent, and their child of fifteen with an account of their own."""
    guardian, sam = clinic.patient("Lee Parent"), clinic.patient("Sam Example")
    kim = clinic.dependant(guardian)
    row = clinic.person(sam)
    young = attrs.evolve(
        row,
        profile=profile("Sam Example", birth_date=date(2011, 2, 1)),
        guardians=kim.guardians,
    )
    clinic.store.rows["patients"][row.id] = young
    return guardian, sam, row.id


def test_a_child_is_not_treated_alone(clinic: Clinic) -> None:
    """A fifteen-year-old who booked and came alone: not confirmed before a guardian comes, or
    agrees; the next visit asks again (CHD-03).
    """
    (guardian, sam, id), provider = with_child(clinic), clinic.provider()
    session = clinic.session(provider)
    first = clinic.booked(sam, session)
    again = clinic.booked(sam, session, MORNING + timedelta(hours=1))
    met(clinic, first, sam, provider)
    clinic.agree(sam, ConsentPurpose.GP_SHARING)
    assert missing(clinic, provider, first.id) == {"accompanied"}
    met(clinic, first, guardian, provider)
    assert missing(clinic, provider, first.id) == set()
    met(clinic, again, sam, provider)
    assert missing(clinic, provider, again.id) == {"accompanied"}
    clinic.agree(guardian, ConsentPurpose.TELEHEALTH, id)
    assert missing(clinic, provider, again.id) == set()


def test_a_guardian_who_asks_for_the_visit_agrees_to_it(clinic: Clinic) -> None:
    """Whoever books for a child in their care need not be there as well (CHD-03)."""
    (guardian, sam, id), provider = with_child(clinic), clinic.provider()
    held = clinic.hold(guardian, clinic.session(provider), on_behalf_of=id)
    clinic.request(guardian, held)
    clinic.drain()
    met(clinic, held, sam, provider)
    clinic.agree(sam, ConsentPurpose.GP_SHARING)
    assert missing(clinic, provider, held.id) == set()


def test_a_child_found_able_to_decide_does_so_in_that_visit_alone(clinic: Clinic) -> None:
    """The clinician's finding counts for the visit it was made in; the next one asks again
    (CHD-03).
    """
    (_, sam, id), provider = with_child(clinic), clinic.provider()
    session = clinic.session(provider)
    first = clinic.booked(sam, session)
    again = clinic.booked(sam, session, MORNING + timedelta(hours=1))
    for number, visit in enumerate((first, again)):
        met(clinic, visit, sam, provider)
        clinic.agree(sam, ConsentPurpose.GP_SHARING)
        assert missing(clinic, provider, visit.id) == {"accompanied"}
        clinic.ask.consents.assess(
            provider,
            AssessmentId(clinic.new_id()),
            id,
            visit.id,
            competent=not number,
            reason="understands what is proposed, and what else there is",
        )
        assert bool(missing(clinic, provider, visit.id)) is bool(number)


def test_at_sixteen_one_decides_alone(clinic: Clinic) -> None:
    """On the sixteenth birthday nobody else is asked any more (CHD-03)."""
    (_, sam, id), provider = with_child(clinic), clinic.provider()
    booked = clinic.booked(sam, clinic.session(provider))
    met(clinic, booked, sam, provider)
    clinic.agree(sam, ConsentPurpose.GP_SHARING)
    row = clinic.store.rows["patients"][id]
    sixteen = profile("Sam Example", birth_date=date(2010, 11, 24))
    clinic.store.rows["patients"][id] = attrs.evolve(row, profile=sixteen)
    assert missing(clinic, provider, booked.id) == set()


@pytest.mark.parametrize("charging", Charging)
def test_a_visit_unsuitable_from_afar_costs_nothing(charging: Charging) -> None:
    """The provider says what the patient is to do instead; the appointment is cancelled with that
    reason, nothing is taken or all is given back, and the patient is told (TEL-09).
    """
    clinic = Clinic(charging=charging, late_cancel_fee_bp=5_000)
    patient, provider = clinic.patient(), clinic.provider()
    booked = clinic.booked(patient, clinic.session(provider))
    met(clinic, booked, patient, provider)
    call_off = clinic.ask.consultation.call_off
    before = clinic.rows()
    with pytest.raises(Invalid):
        call_off(provider, booked.id, UNSUITABLE)
    assert clinic.rows() == before
    notices = len(clinic.sent())
    visit = call_off(provider, booked.id, UNSUITABLE, "Be seen in person today; 999 if worse.")
    clinic.drain()
    assert visit.status is ConsultationStatus.CANCELLED
    assert visit.counted_seconds == 600
    now = clinic.now(booked)
    assert (now.status, now.cancelled_because) == (
        AppointmentStatus.CANCELLED,
        CancellationReason.UNSUITABLE,
    )
    assert not now.keeps_its_price
    charge = clinic.charge(booked)
    assert charge is not None
    assert charge.settled_without_payment
    assert len(clinic.sent()) == notices + 1
    told = clinic.ask.consultation.view(patient, booked.id).outcome
    assert told is not None
    assert told.text == "Be seen in person today; 999 if worse."
    seen = clinic.ask.consultation.view(clinic.liaison, booked.id).outcome
    assert seen is not None
    assert (seen.kind, seen.text) == (UNSUITABLE, None)


@pytest.mark.parametrize("who", ["provider", "liaison"])
def test_a_visit_that_the_connection_did_not_carry_costs_nothing(clinic: Clinic, who: str) -> None:
    """Either side says so, the provider or staff decide, and a visit in its place keeps the price
    (F32, N17).
    """
    patient, provider = clinic.patient(), clinic.provider()
    booked = clinic.booked(patient, clinic.session(provider))
    clinic.both_join(booked, patient, provider)
    ask = clinic.ask.consultation
    ask.report_failure(patient, booked.id, "no sound")
    reported = ask.report_failure(provider, booked.id)
    assert [(one.side, one.text) for one in reported.failures] == [
        (Side.PATIENT, "no sound"),
        (Side.PROVIDER, None),
    ]
    ask.call_off({"provider": provider, "liaison": clinic.liaison}[who], booked.id, FAILED)
    clinic.drain()
    assert clinic.now(booked).cancelled_because is CancellationReason.TECHNICAL
    assert clinic.now(booked).keeps_its_price
    charge = clinic.charge(booked)
    assert charge is not None
    assert charge.status is ChargeStatus.WAIVED
    for kind in (FAILED, UNSUITABLE):
        with pytest.raises(IllegalTransition):
            ask.call_off(provider, booked.id, kind, "again")


def test_nobody_gets_in_and_the_visit_fails_all_the_same(clinic: Clinic) -> None:
    """A failure that let nobody in is one too; whoever was not let in reports none themselves."""
    patient, provider = clinic.patient(), clinic.provider()
    booked = clinic.booked(patient, clinic.session(provider))
    clinic.clock.now = MORNING
    clinic.join(provider, booked)
    with pytest.raises(Unknown):
        clinic.ask.consultation.report_failure(patient, booked.id)
    visit = clinic.ask.consultation.call_off(provider, booked.id, FAILED)
    assert visit.counted_seconds == 0


def test_what_took_place_is_confirmed_and_not_called_off(clinic: Clinic) -> None:
    """Confirming has its own rules, which nobody passes by."""
    patient, provider = clinic.patient(), clinic.provider()
    booked = clinic.booked(patient, clinic.session(provider))
    with pytest.raises(Invalid, match="kind"):
        clinic.ask.consultation.call_off(provider, booked.id, OutcomeKind.TOOK_PLACE)


def test_the_note_is_signed_with_the_confirmation(clinic: Clinic) -> None:
    """Notes given with it, or the draft there is, become part of the record (SAF-03)."""
    patient, provider = clinic.patient(), clinic.provider()
    booked = clinic.booked(patient, clinic.session(provider))
    clinic.both_join(booked, patient, provider)
    clinic.clock.forward(minutes=1)
    clinic.ask.consultation.complete(provider, booked.id, "sleeps well")
    note = clinic.ask.notes.read(patient, booked.id)
    assert (note.status, note.body.summary) == (NoteStatus.SIGNED, "sleeps well")


def test_a_room_that_closed_finishes_its_visit(clinic: Clinic) -> None:
    """Whoever was never seen to leave is out when the room's time is over; then somebody confirms
    (F33).
    """
    patient, provider = clinic.patient(), clinic.provider()
    booked = clinic.booked(patient, clinic.session(provider))
    clinic.both_join(booked, patient, provider)
    ask = clinic.ask.consultation
    closes = booked.during.end + timedelta(minutes=60)
    for at, closed in ((closes - timedelta(seconds=1), 0), (closes, 1), (closes, 0)):
        clinic.clock.now = at
        assert ask.finish_ended(clinic.system) == closed
    clinic.clock.now = closes + timedelta(days=3)
    visit = ask.view(provider, booked.id)
    assert visit.status is ConsultationStatus.FINISHED
    assert visit.seconds_together(clinic.clock()) == (30 + 60) * 60
    other = clinic.provider("Robin Doctor")
    listed = {
        who: [one.appointment_id for one in ask.unconfirmed(actor)]
        for who, actor in (("own", provider), ("other", other), ("staff", clinic.liaison))
    }
    assert listed == {"own": [booked.id], "other": [], "staff": [booked.id]}
    ask.complete(provider, booked.id)
    assert ask.unconfirmed(clinic.liaison) == ()
