"""Dependants, who acts for them at which age, and taking over one's record (F09, F10, CHD-01 to
CHD-12).
"""

from collections.abc import Callable
from datetime import date, timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.access.account import EmailTaken
from telehealth_core.access.actor import (
    Actor,
    GuardianBasis,
    GuardianshipDecision,
    StepUpNeeded,
)
from telehealth_core.access.policy import NotPermitted
from telehealth_core.jurisdictions import UK, US, Guardians, Jurisdiction
from telehealth_core.practice.consent_text import ConsentPurpose
from telehealth_core.registration.assessment import may_consent_alone
from telehealth_core.registration.guardianship import (
    HANDOVER_DAYS,
    GuardianshipOver,
    TooYoung,
    begins_until,
    holds_until,
)
from telehealth_core.registration.patient import (
    NotVerified,
    Patient,
    PatientStatus,
    Profile,
)
from telehealth_core.shared.ids import AppointmentId, AssessmentId, DocumentId, PatientId
from telehealth_core.shared.refusal import IdReused, Invalid, Unknown
from unit.clinic import ALL_SO, LAWS, MORNING, PASSWORD, PHOTO, Clinic, child, profile

SECRET = "a secret on a card"


def test_a_child_has_a_record_of_their_own_and_acts_through_the_guardian(clinic: Clinic) -> None:
    """A dependant is a patient with a guardian, whose evidence is on file (F09, CHD-02)."""
    guardian = clinic.patient()
    kim = clinic.dependant(guardian)
    assert kim.id != guardian.patient_id
    assert kim.status is PatientStatus.VERIFIED
    assert kim.verified_until == kim.known.comes_of_age()
    assert clinic.ask.family.dependants(guardian) == (kim,)
    assert clinic.ask.registration.view(guardian, kim.id) == kim
    with pytest.raises(Unknown):
        clinic.ask.registration.view(clinic.patient("Lee Example"), kim.id)
    assert kim.guardians[0].evidence in clinic.store.rows["documents"]


def add(clinic: Clinic, guardian: object, who: Profile, content: bytes = PHOTO) -> Patient:
    """Have this patient add a dependant."""
    return clinic.ask.family.add_dependant(
        guardian,  # type: ignore[arg-type]
        PatientId(clinic.new_id()),
        who,
        basis=GuardianBasis.LEGAL_GUARDIAN,
        evidence=DocumentId(clinic.new_id()),
        content=content,
    )


def test_only_a_verified_patient_adds_dependants_and_only_minors(clinic: Clinic) -> None:
    """Adults register themselves, from their eighteenth birthday on (F09)."""
    with pytest.raises(NotVerified):
        add(clinic, clinic.registering(), child())
    guardian, today = clinic.patient(), clinic.clock().date()
    eighteen = today.replace(year=today.year - 18)
    with pytest.raises(Invalid, match="birth_date"):
        add(clinic, guardian, attrs.evolve(child(), birth_date=eighteen))
    add(clinic, guardian, attrs.evolve(child(), birth_date=eighteen + timedelta(days=1)))


def test_a_guardianship_that_ended_lists_and_lets_nobody(clinic: Clinic) -> None:
    """Whose authority is over sees the child no more, though another guardian still does."""
    former, present = clinic.patient("Lee Example"), clinic.patient()
    kim = clinic.dependant(former)
    (tie,) = kim.guardians
    over = attrs.evolve(tie, until=clinic.clock())
    other = attrs.evolve(tie, guardian=present.as_patient())
    clinic.store.rows["patients"][kim.id] = attrs.evolve(kim, guardians=(over, other))
    assert clinic.ask.family.dependants(former) == ()
    assert [one.id for one in clinic.ask.family.dependants(present)] == [kim.id]
    with pytest.raises(Unknown):
        clinic.ask.registration.view(former, kim.id)


# --- ages ------------------------------------------------------------------------------------


@LAWS
@given(
    st.sampled_from([UK, US]),
    st.dates(date(2006, 1, 1), date(2026, 11, 24)),
    st.sampled_from(["Europe/London", "America/New_York", "Pacific/Auckland"]),
)
def test_a_guardian_acts_until_the_birthday_that_asks_for_something_else(
    pack: Jurisdiction, born: date, zone: str
) -> None:
    """Until then the same lets them act at every age; from then on something else would, or
    nothing (CHD-04, CHD-12).
    """
    who = profile(birth_date=born, zone=zone)
    until = holds_until(pack, who, MORNING)
    now = who.band(pack, MORNING).guardians
    if now is Guardians.NONE:
        assert until == MORNING
    else:
        assert until > MORNING
        assert who.band(pack, until - timedelta(microseconds=1)).guardians is now
        assert who.band(pack, until).guardians is not now
    assert begins_until(pack, who, MORNING) == (until if now is Guardians.ACT else MORNING)


def acts(clinic: Clinic, guardian: Actor, id: PatientId) -> bool:
    """Whether the guardian can see the record now."""
    try:
        clinic.ask.registration.view(guardian, id)
    except Unknown:
        return False
    return True


def grown_to(clinic: Clinic, kim: Patient, years: int) -> None:
    """Wait until that birthday."""
    clinic.clock.now = kim.known.turns(years)


def test_at_eleven_a_guardian_acts_by_a_clinicians_decision_only(clinic: Clinic) -> None:
    """From the first instant of the eleventh birthday on, until a clinician decides otherwise, with
    a reason; and the decision is kept (CHD-04).
    """
    guardian, provider = clinic.patient(), clinic.provider()
    kim, ask = clinic.dependant(guardian), clinic.ask.family
    clinic.clock.now = kim.known.turns(11) - timedelta(microseconds=1)
    assert acts(clinic, guardian, kim.id)
    grown_to(clinic, kim, 11)
    assert not acts(clinic, guardian, kim.id)
    assert ask.dependants(guardian) == ()
    for nobody in (guardian, clinic.liaison):
        with pytest.raises((NotPermitted, Unknown)):
            ask.renew(nobody, kim.id, guardian.as_patient(), "please")
    with pytest.raises(Invalid, match="reason"):
        ask.renew(provider, kim.id, guardian.as_patient(), " ")
    ask.renew(provider, kim.id, guardian.as_patient(), "Seen together; in good hands.")
    assert acts(clinic, guardian, kim.id)
    (tie,) = ask.guardianships(clinic.liaison, kim.id)
    (noted,) = tie.decisions
    assert (noted.decision, noted.by) == (GuardianshipDecision.RENEWED, provider.id)
    assert tie.until == kim.known.turns(16)


def test_from_sixteen_a_guardian_acts_by_the_patients_own_consent_only(clinic: Clinic) -> None:
    """No clinician decides that any more; the patient, with an account by then, does (CHD-04)."""
    guardian, provider = clinic.patient(), clinic.provider()
    kim, ask = clinic.dependant(guardian), clinic.ask.family
    grown_to(clinic, kim, 12)
    ask.renew(provider, kim.id, guardian.as_patient(), "in good hands")
    grown_to(clinic, kim, 16)
    assert not acts(clinic, guardian, kim.id)
    with pytest.raises(Unknown):
        ask.renew(provider, kim.id, guardian.as_patient(), "in good hands")
    other = clinic.ask.family.add_dependant(
        renewed(clinic, guardian),
        PatientId(clinic.new_id()),
        attrs.evolve(child("Jo Example"), birth_date=kim.known.birth_date),
        basis=GuardianBasis.COURT_ORDER,
        evidence=DocumentId(clinic.new_id()),
        content=PHOTO,
    )
    assert not acts(clinic, guardian, other.id)
    jo = Actor(clinic.visitor.id, clinic.id, guardian.roles, patient_id=other.id)
    ask.renew(jo, other.id, guardian.as_patient(), "I want my mother to help me.")
    assert acts(clinic, guardian, other.id)
    grown_to(clinic, other, 18)
    assert not acts(clinic, guardian, other.id)
    with pytest.raises(GuardianshipOver):
        ask.renew(provider, other.id, guardian.as_patient(), "still")


def renewed(clinic: Clinic, patient: Actor) -> Actor:
    """The patient, verified again after years."""
    clinic.submit(patient)
    clinic.ask.identity.approve(clinic.liaison, patient.as_patient(), "still", ALL_SO)
    return patient


def test_whoever_is_added_at_an_age_that_asks_for_a_decision_waits_for_it(clinic: Clinic) -> None:
    """Becoming a guardian of somebody of twelve gives nothing by itself (CHD-04)."""
    guardian, provider = clinic.patient(), clinic.provider()
    kim = add(clinic, guardian, attrs.evolve(child(), birth_date=date(2014, 5, 1)))
    assert not acts(clinic, guardian, kim.id)
    clinic.ask.family.renew(provider, kim.id, guardian.as_patient(), "seen together")
    assert acts(clinic, guardian, kim.id)


def test_in_the_united_states_a_guardian_acts_until_the_child_is_of_age() -> None:
    """No birthday before the eighteenth asks for anything (CHD-12)."""
    clinic = Clinic(jurisdiction="us")
    guardian = clinic.patient()
    kim = clinic.dependant(guardian)
    grown_to(clinic, kim, 17)
    assert acts(clinic, guardian, kim.id)
    grown_to(clinic, kim, 18)
    assert not acts(clinic, guardian, kim.id)


def test_a_corrected_birth_date_ends_a_guardians_time_with_it(clinic: Clinic) -> None:
    """A child who turns out to be twelve is treated as one from now on (CHD-01, CHD-04)."""
    guardian = clinic.patient()
    kim = clinic.dependant(guardian)
    older = attrs.evolve(kim.known, birth_date=date(2014, 5, 1))
    clinic.ask.registration.complete_profile(guardian, kim.id, older)
    assert acts(clinic, guardian, kim.id), "until the next age that asks for something else"
    grown = attrs.evolve(kim.known, birth_date=date(2008, 5, 1))
    clinic.ask.registration.complete_profile(guardian, kim.id, grown)
    assert not acts(clinic, guardian, kim.id)


# --- decisions about guardians ---------------------------------------------------------------


def test_a_clinician_suspends_a_guardian_at_once_and_nobody_tells_them(clinic: Clinic) -> None:
    """From the next request on the guardian sees nothing, and no notice is sent; resumed, it is as
    before (CHD-08).
    """
    guardian, provider = clinic.patient(), clinic.provider()
    kim, ask = clinic.dependant(guardian), clinic.ask.family
    clinic.drain()
    told = clinic.sent()
    with pytest.raises(Unknown):
        ask.suspend(provider, kim.id, guardian.as_patient(), "not my patient")
    treated(clinic, guardian, provider, kim)
    told = clinic.sent()
    with pytest.raises(Invalid, match="reason"):
        ask.suspend(provider, kim.id, guardian.as_patient(), "")
    ask.suspend(provider, kim.id, guardian.as_patient(), "A worry.")
    clinic.drain()
    assert not acts(clinic, guardian, kim.id)
    assert ask.dependants(guardian) == ()
    with pytest.raises(Unknown):
        clinic.agree(guardian, ConsentPurpose.MARKETING, kim.id)
    with pytest.raises(Unknown):
        ask.guardianships(guardian, kim.id)
    ask.resume(clinic.liaison, kim.id, guardian.as_patient(), "No worry.")
    clinic.drain()
    assert acts(clinic, guardian, kim.id)
    assert clinic.sent() == told
    (tie,) = ask.guardianships(provider, kim.id)
    assert [one.reason for one in tie.decisions] == ["A worry.", "No worry."]


def treated(clinic: Clinic, guardian: Actor, provider: Actor, kim: Patient) -> AppointmentId:
    """Have the provider give the child a visit."""
    held = clinic.hold(guardian, clinic.session(provider), on_behalf_of=kim.id)
    clinic.request(guardian, held)
    clinic.drain()
    return held.id


def test_staff_review_the_evidence_and_end_a_guardianship_for_good(clinic: Clinic) -> None:
    """Nobody renews, resumes or suspends what is over (CHD-02)."""
    guardian, provider = clinic.patient(), clinic.provider()
    kim, ask = clinic.dependant(guardian), clinic.ask.family
    document, content = ask.evidence(clinic.liaison, kim.id, guardian.as_patient())
    assert (document.id, content) == (kim.guardians[0].evidence, PHOTO)
    with pytest.raises(Unknown):
        ask.evidence(clinic.liaison, kim.id, kim.id)
    with pytest.raises(Unknown):
        ask.end(clinic.liaison, kim.id, kim.id, "nobody")
    with pytest.raises(NotPermitted):
        ask.end(guardian, kim.id, guardian.as_patient(), "me")
    ask.end(clinic.liaison, kim.id, guardian.as_patient(), "The order is forged.")
    assert not acts(clinic, guardian, kim.id)
    again: tuple[tuple[Callable[..., Patient], Actor], ...] = (
        (ask.renew, provider),
        (ask.resume, clinic.liaison),
        (ask.suspend, clinic.liaison),
        (ask.end, clinic.admin),
    )
    for verb, actor in again:
        with pytest.raises(GuardianshipOver):
            verb(actor, kim.id, guardian.as_patient(), "once more")


# --- handover --------------------------------------------------------------------------------


def take(
    clinic: Clinic, id: PatientId, secret: str = SECRET, email: str = "kim@example.org"
) -> Patient:
    """Take over the record."""
    return clinic.ask.family.take_over(
        clinic.visitor, id, invitation=secret, email=email, password=PASSWORD
    )


def test_a_dependant_who_has_grown_up_takes_over_their_record(clinic: Clinic) -> None:
    """Staff who made sure who it is give an invitation; with it the patient opens an account of
    their own, no guardian acts any more, and the identity is checked anew (CHD-12).
    """
    guardian = clinic.patient()
    kim, ask = clinic.dependant(guardian), clinic.ask.family
    offer = {"invitation": SECRET, "reason": "Seen in person, with a passport."}
    grown_to(clinic, kim, 15)
    staff = clinic.fresh(clinic.liaison)
    with pytest.raises(TooYoung):
        ask.offer_record(staff, kim.id, **offer)
    grown_to(clinic, kim, 16)
    with pytest.raises(StepUpNeeded):
        ask.offer_record(staff, kim.id, **offer)
    staff = clinic.fresh(clinic.liaison)
    with pytest.raises(Invalid, match="reason"):
        ask.offer_record(staff, kim.id, invitation=SECRET, reason="")
    offered = ask.offer_record(staff, kim.id, **offer)
    assert SECRET not in repr(attrs.asdict(offered))
    for id, secret in ((kim.id, "another"), (PatientId(clinic.new_id()), SECRET)):
        with pytest.raises(Unknown):
            take(clinic, id, secret)
    with pytest.raises(EmailTaken):
        take(clinic, kim.id, email=clinic.store.rows["accounts"][guardian.id].email)
    assert clinic.store.rows["patients"][kim.id] == offered
    taken = take(clinic, kim.id)
    assert take(clinic, kim.id) == taken
    assert taken.status is PatientStatus.REGISTERING
    actor, _ = clinic.ask.access.sign_in(clinic.id, "kim@example.org", PASSWORD, token="t")
    assert clinic.ask.registration.view(actor, kim.id) == taken
    assert not acts(clinic, guardian, kim.id)
    assert [tie.ended for tie in taken.guardians] == [True]
    with pytest.raises(IdReused):
        ask.offer_record(clinic.fresh(clinic.liaison), kim.id, **offer)
    with pytest.raises(IdReused):
        take(clinic, kim.id, email="other@example.org")


def test_an_invitation_counts_for_two_weeks_and_once(clinic: Clinic) -> None:
    """After that staff have to make sure again (CHD-12)."""
    kim = clinic.dependant(clinic.patient())
    grown_to(clinic, kim, 18)
    staff = clinic.fresh(clinic.liaison)
    clinic.ask.family.offer_record(staff, kim.id, invitation=SECRET, reason="known")
    clinic.clock.forward(days=HANDOVER_DAYS)
    with pytest.raises(Unknown):
        take(clinic, kim.id)


# --- consent of the young --------------------------------------------------------------------


def test_under_sixteen_one_agrees_alone_only_as_assessed_for_that_visit(clinic: Clinic) -> None:
    """What a clinician found counts for the very visit and no other; the newest finding counts
    (CHD-03).
    """
    guardian, provider = clinic.patient(), clinic.provider()
    kim, ask = clinic.dependant(guardian), clinic.ask.consents
    visit = treated(clinic, guardian, provider, kim)
    another = AppointmentId(clinic.new_id())
    bands = {band.code: band for band in UK.age_bands}

    def alone(code: str, id: AppointmentId) -> bool:
        return may_consent_alone(bands[code], ask.assessments(provider, kim.id), id)

    def assess(*, competent: bool, reason: str = "Understands.") -> AssessmentId:
        id = AssessmentId(clinic.new_id())
        for _ in range(2):
            ask.assess(provider, id, kim.id, visit, competent=competent, reason=reason)
        clinic.clock.forward(minutes=1)
        return id

    assert not alone("13-15", visit)
    with pytest.raises(Invalid, match="reason"):
        assess(competent=True, reason=" ")
    with pytest.raises(NotPermitted):
        ask.assessments(guardian, kim.id)
    id = assess(competent=True)
    with pytest.raises(IdReused):
        ask.assess(provider, id, kim.id, another, competent=True, reason="Understands.")
    assert alone("13-15", visit)
    assert alone("11-12", visit)
    assert not alone("13-15", another)
    assert not alone("0-10", visit)
    assert alone("16-17", another)
    assess(competent=False)
    assert not alone("13-15", visit)


def test_a_dependant_added_twice_is_one_dependant(clinic: Clinic) -> None:
    """The repeat is answered with the first, and leaves nothing more behind (F09)."""
    guardian, kim = clinic.patient(), PatientId(clinic.new_id())
    evidence = DocumentId(clinic.new_id())

    def ask() -> Patient:
        return clinic.ask.family.add_dependant(
            guardian,
            kim,
            child(),
            basis=GuardianBasis.LEGAL_GUARDIAN,
            evidence=evidence,
            content=PHOTO,
        )

    first, before = ask(), clinic.rows()
    assert ask() == first
    assert clinic.rows() == before
