"""What patients agree to, refuse and take back (CON-01 to CON-04, CON-09)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.access.actor import Actor, Following
from telehealth_core.access.policy import NotPermitted
from telehealth_core.practice.consent_text import CONSENT_TEXTS, ConsentPurpose, ConsentText
from telehealth_core.registration.consent import (
    Consent,
    ConsentBasis,
    ConsentChannel,
    ConsentStatus,
    ConsentTextChanged,
    standing_consent,
)
from telehealth_core.shared.ids import ConsentId, PatientId, PracticeId, UserId
from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.refusal import IdReused, Invalid, Unknown
from unit.clinic import LAWS, MORNING, Clinic

GP, HERE = ConsentPurpose.GP_SHARING, ConsentPurpose.TELEHEALTH
TEXTS = tuple(
    ConsentText(purpose=purpose, region=region, text=words)
    for purpose in (GP, HERE)
    for region in (None, "US-CA")
    for words in ("one", "another")
)


@st.composite
def answers(draw: st.DrawFn) -> list[Consent]:
    """Answers to several texts, each a minute after the other; some of them withdrawn later."""
    made = []
    for minute in range(draw(st.integers(0, 8))):
        consent, _ = Consent.answer(
            draw(st.sampled_from(TEXTS)),
            given=draw(st.booleans()),
            by=UserId(UUID(int=1)),
            at=MORNING + timedelta(minutes=minute),
            id=ConsentId(UUID(int=minute)),
            practice_id=PracticeId(UUID(int=2)),
            patient_id=PatientId(UUID(int=3)),
            basis=ConsentBasis.OWN,
            channel=ConsentChannel.ONLINE,
        )
        after = draw(st.none() | st.integers(0, 9))
        if consent.given and after is not None:
            consent, _ = consent.withdraw(
                by=consent.given_by, at=consent.at + timedelta(minutes=after)
            )
        made.append(consent)
    return draw(st.permutations(made))


@LAWS
@given(answers(), st.sampled_from(TEXTS), st.integers(0, 10), st.booleans())
def test_the_newest_answer_counts_if_it_is_a_yes_that_stands(
    consents: list[Consent], text: ConsentText, minute: int, exactly: bool
) -> None:
    """Whoever agreed last, to these words where they matter, and took nothing back (CON-01)."""
    at = MORNING + timedelta(minutes=minute, seconds=30)
    found = standing_consent(
        consents,
        text.purpose,
        at,
        text_hash=text.hash if exactly else None,
        region=text.region,
    )
    last: Consent | None = None
    for one in sorted(consents, key=lambda one: one.at):
        if (one.purpose, one.region) == (text.purpose, text.region) and one.at <= at:
            last = one
    stands = (
        last is not None
        and last.given
        and not (last.withdrawn_at is not None and last.withdrawn_at <= at)
        and (not exactly or last.text_hash == text.hash)
    )
    assert found == (last if stands else None)


def test_each_purpose_region_and_wording_is_a_text_of_its_own() -> None:
    """A hash names the words, what they are for and where (CON-01, CON-04)."""
    assert len({text.hash for text in (*TEXTS, *CONSENT_TEXTS)}) == len(TEXTS) + len(CONSENT_TEXTS)
    assert {text.purpose for text in CONSENT_TEXTS} == set(ConsentPurpose)


def standing(clinic: Clinic, patient: Actor, purpose: ConsentPurpose) -> Consent | None:
    """What counts now."""
    found = clinic.ask.consents.of_patient(patient, patient.as_patient())
    return standing_consent(found, purpose, clinic.clock(), text_hash=clinic.text(purpose).hash)


def test_whoever_agreed_takes_it_back_as_easily_and_at_once(clinic: Clinic) -> None:
    """One call gives and one takes back; from that instant nothing counts (CON-02)."""
    patient = clinic.registering()
    assert standing(clinic, patient, GP) is None
    consent = clinic.agree(patient, GP)
    assert (consent.basis, consent.given_by) == (ConsentBasis.OWN, patient.id)
    assert standing(clinic, patient, GP) == consent
    assert standing(clinic, patient, ConsentPurpose.MARKETING) is None
    clinic.clock.forward(minutes=1)
    taken_back = clinic.ask.consents.withdraw(patient, consent.id)
    assert clinic.ask.consents.withdraw(patient, consent.id) == taken_back
    assert standing(clinic, patient, GP) is None
    assert clinic.ask.consents.of_patient(clinic.liaison, patient.as_patient()) == (taken_back,)


def test_another_text_is_asked_anew_and_only_what_was_shown_is_answered(clinic: Clinic) -> None:
    """Editing a text is a new version of the settings, and old answers are to the old words
    (CON-01).
    """
    patient = clinic.registering()
    consent, old = clinic.agree(patient, GP), clinic.text(GP)
    new = attrs.evolve(old, text="I agree to something else.")
    settings = attrs.evolve(clinic.practice.settings, consent_texts=(new,))
    changed = clinic.ask.practice.change_settings(clinic.admin, settings, replacing=1)
    assert changed.settings.version == 2
    assert standing(clinic, patient, GP) is None
    for purpose, shown in ((GP, old), (ConsentPurpose.MARKETING, new)):
        with pytest.raises(ConsentTextChanged):
            clinic.ask.consents.give(
                patient,
                ConsentId(clinic.new_id()),
                patient.as_patient(),
                purpose,
                text_hash=shown.hash,
            )
    clinic.clock.forward(minutes=1)
    again = clinic.agree(patient, GP)
    assert standing(clinic, patient, GP) == again
    kept = clinic.ask.consents.of_patient(patient, patient.as_patient())
    assert {one.text_hash for one in kept} == {consent.text_hash, again.text_hash}


def test_a_text_is_chosen_by_where_the_patient_is(clinic: Clinic) -> None:
    """The state's own text, or else the one for everywhere (CON-04)."""
    everywhere = clinic.text(HERE)
    california = ConsentText(purpose=HERE, region="US-CA", text="In California.")
    settings = attrs.evolve(clinic.practice.settings, consent_texts=(everywhere, california))
    clinic.ask.practice.change_settings(clinic.admin, settings, replacing=1)
    assert clinic.text(HERE, "US-CA") == california
    assert clinic.text(HERE, "US-NY") == clinic.text(HERE) == everywhere
    patient = clinic.registering()
    assert clinic.agree(patient, HERE, region="US-NY").region is None
    assert clinic.agree(patient, HERE, region="US-CA").region == "US-CA"
    with pytest.raises(Invalid):
        attrs.evolve(settings, consent_texts=(california, california))


def test_a_clinician_records_what_was_said_and_explains_a_refusal(clinic: Clinic) -> None:
    """A no is kept like a yes, with the explanation given (CON-03)."""
    patient, provider = clinic.patient(), clinic.provider()
    ask, id, text = clinic.ask.consents, patient.as_patient(), clinic.text(GP)
    with pytest.raises(Unknown):
        clinic.agree(provider, GP, id)
    clinic.booked(patient, clinic.session(provider))
    said: dict[str, Any] = {"text_hash": text.hash, "channel": ConsentChannel.VISIT}
    with pytest.raises(Invalid, match="explanation"):
        ask.refuse(provider, ConsentId(clinic.new_id()), id, GP, **said)
    answer = ConsentId(clinic.new_id())
    said["explanation"] = "Risks."
    refused = ask.refuse(provider, answer, id, GP, **said)
    assert ask.refuse(provider, answer, id, GP, **said) == refused
    del said["explanation"]
    assert refused.status is ConsentStatus.REFUSED
    assert (refused.basis, refused.explanation) == (ConsentBasis.CLINICIAN_RECORDED, "Risks.")
    with pytest.raises(IdReused):
        ask.give(provider, answer, id, GP, **said)
    with pytest.raises(IllegalTransition):
        ask.withdraw(patient, answer)
    with pytest.raises(Invalid, match="explanation"):
        attrs.evolve(refused, given=True)
    with pytest.raises(NotPermitted):
        clinic.agree(clinic.liaison, GP, id)


def test_a_guardian_answers_for_a_child(clinic: Clinic) -> None:
    """It is written down that somebody else answered, and for whom (CON-01)."""
    guardian = clinic.patient()
    kim = clinic.dependant(guardian)
    consent = clinic.agree(guardian, GP, kim.id)
    assert (consent.basis, consent.patient_id) == (ConsentBasis.GUARDIAN, kim.id)
    assert clinic.ask.consents.withdraw(guardian, consent.id).status is ConsentStatus.WITHDRAWN


def test_nobody_is_asked_about_marketing_unless_they_say_so(clinic: Clinic) -> None:
    """A registration ends and a visit takes place without it (CON-09)."""
    patient = clinic.patient()
    clinic.booked(patient, clinic.session(clinic.provider()))
    assert clinic.ask.consents.of_patient(patient, patient.as_patient()) == ()


def test_whoever_takes_back_being_followed_is_followed_by_nobody_at_once(clinic: Clinic) -> None:
    """The partner's list is empty from the next request on (CON-02, F51)."""
    patient, partner = clinic.patient(), clinic.partner()
    following = Following(
        partner.as_partner(), clinic.new_id(), clinic.clock(), MORNING + timedelta(days=30)
    )
    tied, _ = clinic.person(patient).tie_partner(following, by=patient.id, at=clinic.clock())
    clinic.store.rows["patients"][tied.id] = tied
    clinic.agree(patient, GP)
    consent = clinic.agree(patient, ConsentPurpose.PARTNER_FOLLOWING)
    clinic.ask.consents.withdraw(patient, clinic.agree(patient, GP).id)
    assert [one.patient_id for one in clinic.ask.follow_up.followed(partner)] == [tied.id]
    clinic.ask.consents.withdraw(patient, consent.id)
    assert clinic.ask.follow_up.followed(partner) == ()
    assert "PartnersUntied" in [entry.action for entry in clinic.store.audit]
