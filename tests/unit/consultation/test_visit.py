"""The visit: who is let in, when, and how it is confirmed (F32, F33, F45)."""

from datetime import date, timedelta

import attrs
import pytest

from telehealth_core.consultation.admission import GATES, NotAdmitted
from telehealth_core.consultation.assurance import IdentityMethod, IdentityNotConfirmed
from telehealth_core.consultation.attendance import Attendance, Side, Whereabouts
from telehealth_core.consultation.completion import CannotComplete
from telehealth_core.consultation.life import ConsultationStatus
from telehealth_core.consultation.use_cases import practice_of_room
from telehealth_core.practice.consent_text import CONSENT_TEXTS, ConsentPurpose, ConsentText
from telehealth_core.scheduling.life import AppointmentStatus
from telehealth_core.scheduling.session import Mode
from telehealth_core.shared.ids import UserId
from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.refusal import Unknown
from unit.clinic import MORNING, Clinic, provider_of


def shut(refused: pytest.ExceptionInfo[NotAdmitted]) -> set[str]:
    """The gates that a refusal names."""
    return set(refused.value.gates.split(", "))


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
            admission = clinic.join(patient, booked)
            assert str(patient.as_patient()) not in str(admission)
        else:
            with pytest.raises(NotAdmitted) as refused:
                clinic.join(patient, booked)
            assert shut(refused) == {"open"}
            assert (refused.value.opens_at, refused.value.closes_at) == (opens, closes)


def test_the_room_opens_by_the_settings_the_visit_was_booked_under() -> None:
    """What was agreed holds, whatever the practice changed since (F30)."""
    clinic = Clinic(join_early_minutes=15)
    patient = clinic.patient()
    booked = clinic.booked(patient, clinic.session(clinic.provider()))
    later = attrs.evolve(clinic.practice.settings, join_early_minutes=0)
    clinic.ask.practice.change_settings(clinic.admin, later, replacing=1)
    clinic.clock.now = MORNING - timedelta(minutes=15)
    assert clinic.join(patient, booked).room


def test_a_refusal_names_every_gate_that_is_shut_and_whom_to_call() -> None:
    """Early, saying nothing, by voice: all of it is told at once, with the numbers to call
    (TEL-01, TEL-04, TEL-10).
    """
    clinic = Clinic()
    patient = clinic.patient()
    requested = clinic.requested(patient, clinic.session(clinic.provider()))
    with pytest.raises(NotAdmitted) as refused:
        clinic.ask.consultation.join(patient, requested.id, mode=Mode.VOICE)
    assert shut(refused) == {"open", "booked", "mode", "location-said", "space-said"}
    assert (refused.value.emergency_number, refused.value.crisis_number) == ("999", "111")
    assert clinic.rows().keys() == {key for key in clinic.rows() if key[0] != "consultations"}


def test_the_patients_side_says_where_the_patient_is_now() -> None:
    """Whoever joins for the patient names the place each time, for which the provider must be
    licensed (TEL-01, TEL-02).
    """
    clinic = Clinic(jurisdiction="us")
    patient, provider = clinic.patient(), clinic.provider()
    booked = clinic.booked(patient, clinic.session(provider))
    clinic.clock.now = MORNING
    with pytest.raises(NotAdmitted) as refused:
        clinic.join(patient, booked, "US-CA")
    assert shut(refused) == {"licensed"}
    assert refused.value.crisis_number == "988"
    clinic.join(provider, booked)
    clinic.join(patient, booked)
    with pytest.raises(NotAdmitted) as refused:
        clinic.ask.consultation.join(patient, booked.id, private=False)
    assert shut(refused) == {"location-said"}
    visit = clinic.ask.consultation.view(provider, booked.id)
    assert [(one.side, one.said) for one in visit.participants] == [
        (Side.PROVIDER, Whereabouts()),
        (Side.PATIENT, Whereabouts("US-NY", True)),
    ]


def test_the_numbers_to_call_are_those_of_where_the_patient_is(clinic: Clinic) -> None:
    """A traveller is told the numbers there; where we know none, the practice's own (TEL-03,
    TEL-04).
    """
    patient = clinic.patient()
    booked = clinic.booked(patient, clinic.session(clinic.provider()))
    clinic.clock.now = MORNING
    for place, number in (("US-NY", "911"), ("FR", "999")):
        with pytest.raises(NotAdmitted) as refused:
            clinic.join(patient, booked, place)
        assert (shut(refused), refused.value.emergency_number) == ({"licensed"}, number)
    assert clinic.join(patient, booked).numbers.emergency == "999"


def test_what_was_said_for_another_time_does_not_count(clinic: Clinic) -> None:
    """A visit that moves to the next day begins with nothing said (TEL-01)."""
    patient, provider = clinic.patient(), clinic.provider()
    first = clinic.session(provider)
    other = clinic.session(provider, start=MORNING + timedelta(days=1))
    booked = clinic.booked(patient, first)
    clinic.clock.now = MORNING - timedelta(minutes=10)
    clinic.join(patient, booked)
    waiting = clinic.ask.consultation.waiting_room(provider, booked.id)
    assert all(gate.passed for gate in waiting.patient)
    clinic.ask.scheduling.reschedule(
        patient, booked.id, session_id=other.id, start=other.during.start
    )
    clinic.clock.now = other.during.start
    waiting = clinic.ask.consultation.waiting_room(provider, booked.id)
    assert {gate.name for gate in waiting.patient if not gate.passed} == {
        "location-said",
        "space-said",
    }
    assert all(gate.passed for gate in waiting.provider)


def test_who_is_let_in_is_told_what_the_other_side_still_has_before_it(clinic: Clinic) -> None:
    """Each waiting side knows what it waits for, in the words of the gates (F32)."""
    patient, provider = clinic.patient(), clinic.provider()
    booked = clinic.booked(patient, clinic.session(provider))
    clinic.clock.now = MORNING
    told = clinic.join(provider, booked).other_side
    assert [gate.name for gate in told] == [name for name, _, _ in GATES[Side.PATIENT]]
    assert [gate.name for gate in told if not gate.passed] == ["location-said", "space-said"]
    told = clinic.join(patient, booked).other_side
    assert [gate.name for gate in told] == [name for name, _, _ in GATES[Side.PROVIDER]]
    assert all(gate.passed for gate in told)


def test_a_lapsed_licence_closes_the_door_for_both(clinic: Clinic) -> None:
    """What was right at booking is asked again at the visit (PRO-04)."""
    patient, provider = clinic.patient(), clinic.provider()
    booked = clinic.booked(patient, clinic.session(provider))
    row = clinic.store.rows["providers"][provider_of(provider)]
    lapsed = tuple(attrs.evolve(one, expires_on=date(2026, 11, 23)) for one in row.licences)
    clinic.store.rows["providers"][row.id] = attrs.evolve(row, licences=lapsed)
    clinic.clock.now = MORNING
    for who in (patient, provider):
        with pytest.raises(NotAdmitted) as refused:
            clinic.join(who, booked)
        assert shut(refused) == {"licensed"}


def test_where_a_state_has_a_text_of_its_own_it_is_agreed_to_first() -> None:
    """Without a yes to the words for where the patient is, today's and not an older one's, there is
    no way in (CON-04).
    """
    words = "I agree, as a patient who is in New York."
    ours = ConsentText(purpose=ConsentPurpose.TELEHEALTH, region="US-NY", text=words)
    clinic = Clinic(jurisdiction="us", consent_texts=(*CONSENT_TEXTS, ours))
    patient, provider = clinic.patient(), clinic.provider()
    booked = clinic.booked(patient, clinic.session(provider))
    clinic.clock.now = MORNING
    clinic.agree(patient, ConsentPurpose.TELEHEALTH)
    with pytest.raises(NotAdmitted) as refused:
        clinic.join(patient, booked)
    assert shut(refused) == {"consented"}
    given = clinic.agree(patient, ConsentPurpose.TELEHEALTH, region="US-NY")
    assert clinic.join(patient, booked).token
    clinic.ask.consents.withdraw(patient, given.id)
    with pytest.raises(NotAdmitted) as refused:
        clinic.join(patient, booked)
    assert shut(refused) == {"consented"}
    clinic.agree(patient, ConsentPurpose.TELEHEALTH, region="US-NY")
    settings = clinic.ask.practice.view(clinic.admin).settings
    anew = attrs.evolve(ours, text=f"{words} Anew.")
    changed = attrs.evolve(settings, consent_texts=(*CONSENT_TEXTS, anew))
    clinic.ask.practice.change_settings(clinic.admin, changed, replacing=1)
    with pytest.raises(NotAdmitted) as refused:
        clinic.join(patient, booked)
    assert shut(refused) == {"consented"}


def test_only_an_approved_visit_is_joined_and_only_by_its_people(clinic: Clinic) -> None:
    """A pending or cancelled one has no room, and strangers learn of none (TEL-07)."""
    patient, provider = clinic.patient(), clinic.provider()
    session = clinic.session(provider)
    requested = clinic.requested(patient, session)
    clinic.clock.now = MORNING
    with pytest.raises(NotAdmitted) as refused:
        clinic.join(patient, requested)
    assert shut(refused) == {"booked"}
    clinic.drain()
    for stranger in (clinic.patient("Lee Example"), clinic.provider("Robin Doctor")):
        with pytest.raises(Unknown):
            clinic.join(stranger, requested)


def test_a_visit_goes_on_by_voice_and_who_changed_it_is_kept(clinic: Clinic) -> None:
    """Video and voice as booked, until somebody in the visit changes it (F19, TEL-06)."""
    patient, provider = clinic.patient(), clinic.provider()
    booked = clinic.booked(patient, clinic.session(provider))
    clinic.both_join(booked, patient, provider)
    assert clinic.join(patient, booked).mode is Mode.VIDEO
    clinic.clock.forward(minutes=3)
    ask = clinic.ask.consultation
    visit = ask.change_mode(provider, booked.id, Mode.VOICE)
    assert ask.change_mode(provider, booked.id, Mode.VOICE) == visit
    assert [(one.mode, one.by, one.at) for one in visit.mode_changes] == [
        (Mode.VOICE, provider.id, clinic.clock())
    ]
    assert clinic.join(patient, booked).mode is Mode.VOICE
    with pytest.raises(NotAdmitted) as refused:
        ask.join(patient, booked.id, "GB", private=True, mode=Mode.VIDEO)
    assert shut(refused) == {"mode"}


def test_a_visit_booked_by_voice_is_joined_by_voice(clinic: Clinic) -> None:
    """The mode the patient chose is the one they are let in by (F19)."""
    patient, provider = clinic.patient(), clinic.provider()
    held = clinic.hold(patient, clinic.session(provider), mode=Mode.VOICE)
    clinic.request(patient, held)
    clinic.drain()
    clinic.clock.now = MORNING
    assert clinic.join(patient, held).mode is Mode.VOICE


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
    assert visit.guardian_present
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
    """One side alone, or one after the other, is no visit and frees no charge; the refusal names
    all that is missing.
    """
    patient, provider = clinic.patient(), clinic.provider()
    booked = clinic.booked(patient, clinic.session(provider))
    clinic.clock.now = MORNING
    ask = clinic.ask.consultation
    clinic.join(patient, booked)
    room = clinic.join(provider, booked).room
    ask.entered(room, patient.id, "one")
    clinic.clock.forward(minutes=5)
    ask.left(room, patient.id, "one")
    ask.entered(room, provider.id, "two")
    clinic.clock.forward(minutes=5)
    before = clinic.rows()
    with pytest.raises(CannotComplete) as refused:
        ask.complete(provider, booked.id)
    assert refused.value.missing == "met, identity-confirmed, gp-sharing-answered"
    assert clinic.rows() == before


def test_identity_is_confirmed_anew_in_every_visit(clinic: Clinic) -> None:
    """Known from the last visit or not: this one is not confirmed, nor its note signed, before
    (IDV-04).
    """
    patient, provider = clinic.patient(), clinic.provider()
    session, ask = clinic.session(provider), clinic.ask.consultation
    clinic.visited(clinic.booked(patient, session), patient, provider)
    again = clinic.booked(patient, session, MORNING + timedelta(hours=1))
    clinic.clock.now = again.during.start
    clinic.join(patient, again)
    room = clinic.join(provider, again).room
    with pytest.raises(IllegalTransition):
        ask.confirm_identity(provider, again.id, IdentityMethod.KNOWN)
    visit = ask.view(provider, again.id)
    with pytest.raises(IdentityNotConfirmed):
        visit.require_identity_confirmed()
    for who in (patient, provider):
        ask.entered(room, who.id, f"of {who.id}")
    visit = ask.confirm_identity(provider, again.id, IdentityMethod.KNOWN)
    visit.require_identity_confirmed()
    assert visit.identity is not None
    assert (visit.identity.by, visit.identity.at) == (provider.id, clinic.clock())


def test_somebody_who_was_not_let_in_is_not_counted(clinic: Clinic) -> None:
    """A report about a stranger in the room is refused."""
    patient, provider = clinic.patient(), clinic.provider()
    booked = clinic.booked(patient, clinic.session(provider))
    room = clinic.both_join(booked, patient, provider).room
    for tell in (clinic.ask.consultation.entered, clinic.ask.consultation.left):
        with pytest.raises(Unknown):
            tell(room, UserId(clinic.new_id()), "odd")


def test_a_visit_whose_reports_were_all_lost_is_known_from_the_final_list(clinic: Clinic) -> None:
    """Nothing was heard while it lasted; the operator's list says who met and for how long
    (F33, TEL-06).
    """
    patient, provider = clinic.patient(), clinic.provider()
    booked = clinic.booked(patient, clinic.session(provider))
    clinic.clock.now = MORNING
    clinic.join(patient, booked)
    room = clinic.join(provider, booked).room
    clinic.clock.forward(minutes=40)
    stays = tuple(
        Attendance(f"of {who.id}", who.id, MORNING, MORNING + timedelta(minutes=20))
        for who in (provider, patient)
    )
    ask = clinic.ask.consultation
    assert ask.reconcile(room, ()).status is ConsultationStatus.PLANNED
    ask.reconcile(room, stays)
    happened = len(clinic.store.outbox)
    visit = ask.reconcile(room, stays)
    assert len(clinic.store.outbox) == happened
    assert visit.status is ConsultationStatus.FINISHED
    assert visit.seconds_together(clinic.clock()) == 20 * 60
    assert clinic.now(booked).status is AppointmentStatus.ARRIVED


def test_a_dropped_connection_costs_nobody_their_time(clinic: Clinic) -> None:
    """Whoever drops and rejoins goes on; the time between is not counted (TEL-06)."""
    patient, provider = clinic.patient(), clinic.provider()
    booked = clinic.booked(patient, clinic.session(provider))
    room, ask = clinic.both_join(booked, patient, provider).room, clinic.ask.consultation
    clinic.clock.forward(minutes=5)
    ask.left(room, patient.id, "patient's connection", MORNING + timedelta(minutes=4))
    ask.entered(room, patient.id, "another", MORNING + timedelta(minutes=5))
    clinic.clock.forward(minutes=5)
    visit = ask.complete(provider, booked.id)
    assert visit.counted_seconds == 9 * 60


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
