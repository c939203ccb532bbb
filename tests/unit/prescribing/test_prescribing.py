"""Prescriptions: after a visit, by a prescriber, lawful, and never changed once signed (F35)."""

from collections.abc import Callable
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.access.actor import StepUpNeeded
from telehealth_core.access.policy import NotPermitted
from telehealth_core.practice.consent_text import ConsentPurpose
from telehealth_core.prescribing.facts import MayNotPrescribe, PrescriptionRefused
from telehealth_core.prescribing.item import Schedule
from telehealth_core.prescribing.life import PrescriptionFlagged, PrescriptionStatus
from telehealth_core.prescribing.script import RecordException, Script
from telehealth_core.prescribing.signature import Particulars, canonical, digest_of
from telehealth_core.shared.ids import PrescriptionId
from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.refusal import IdReused, Invalid, Unknown
from telehealth_core.testing.doubles import MemorySignatures
from telehealth_core.workforce.provider import Profession
from unit.clinic import SCENARIOS, Clinic, provider_of
from unit.prescribing.scripts import (
    AT,
    PHARMACY,
    but,
    drafted,
    facts,
    in_visit,
    item,
    script,
    signed,
    ward_in_visit,
)


def test_a_prescriber_signs_what_the_patient_then_sees(clinic: Clinic) -> None:
    """Drafted in the visit, signed by its provider, listed for the patient (F35, F37)."""
    patient, doctor, visit = in_visit(clinic)
    draft = drafted(clinic, doctor, visit)
    assert clinic.ask.prescribing.of_patient(patient, patient.as_patient()) == ()
    assert clinic.ask.prescribing.of_patient(doctor, patient.as_patient()) == (draft,)
    done = clinic.ask.prescribing.sign(doctor, draft.id)
    assert done.status is PrescriptionStatus.ACTIVE
    assert done.signed_at == clinic.clock()
    assert done.provider_id == provider_of(doctor)
    assert clinic.ask.prescribing.of_patient(patient, patient.as_patient()) == (done,)


def test_what_is_signed_names_who_when_and_where(clinic: Clinic) -> None:
    """The particulars are frozen with the signature, whatever changes later (RXU-01)."""
    _, doctor, visit = in_visit(clinic)
    done = signed(clinic, doctor, visit)
    assert done.particulars is not None
    assert attrs.asdict(done.particulars) == {
        "patient_name": "Pat Example",
        "patient_address": "1 Example Street, Exampleton, GB",
        "patient_age": None,
        "prescriber_name": "Robin Doctor",
        "prescriber_kind": "doctor",
        "prescriber_address": "Example Practice, 2 Example Street, Exampleton",
        "registrations": ("GMC 1234567",),
        "dea_number": None,
        "appropriate_date": clinic.practice.day(clinic.clock()),
    }
    assert str(done.valid_until) == "2027-05-23"


@pytest.mark.parametrize("verb", ["sign", "edit"])
def test_what_is_signed_never_changes(clinic: Clinic, verb: str) -> None:
    """To change it is to cancel and reissue it (RXC-02)."""
    _, doctor, visit = in_visit(clinic)
    done = signed(clinic, doctor, visit)
    asks: dict[str, Callable[[], object]] = {
        "sign": lambda: clinic.ask.prescribing.sign(doctor, done.id),
        "edit": lambda: clinic.ask.prescribing.edit(doctor, done.id, script(item("Another"))),
    }
    with pytest.raises(IllegalTransition):
        asks[verb]()
    assert clinic.store.rows["prescriptions"][done.id] == done


def test_a_draft_is_its_authors_to_change(clinic: Clinic) -> None:
    """Medicine, history and circumstances alike, until it is signed."""
    _, doctor, visit = in_visit(clinic)
    draft = drafted(clinic, doctor, visit, Script(items=(item(),)))
    with pytest.raises(PrescriptionRefused) as refused:
        clinic.ask.prescribing.sign(doctor, draft.id)
    assert refused.value.rules == "allergies-asked, medicines-asked, sources-asked"
    edited = clinic.ask.prescribing.edit(doctor, draft.id, script(item("Another")))
    assert edited.script == script(item("Another"))
    assert clinic.ask.prescribing.sign(doctor, draft.id).items == (item("Another"),)


def test_signing_needs_a_fresh_proof_of_who_signs(clinic: Clinic) -> None:
    """Five minutes after the password a proof no longer counts; nothing was signed (RXU-04)."""
    _, doctor, visit = in_visit(clinic)
    draft = drafted(clinic, doctor, visit)
    clinic.clock.forward(minutes=5, seconds=1)
    before = clinic.rows()
    for stale in (doctor, but(doctor, proven_at=None)):
        with pytest.raises(StepUpNeeded):
            clinic.ask.prescribing.sign(stale, draft.id)
    assert clinic.rows() == before
    clinic.ask.prescribing.sign(clinic.fresh(doctor), draft.id)


def test_nothing_is_prescribed_before_the_visit_began(clinic: Clinic) -> None:
    """Whoever did not see the patient prescribes nothing (RXC-04)."""
    doctor = clinic.provider(prescriber=True)
    booked = clinic.booked(clinic.patient(), clinic.session(doctor))
    with pytest.raises(IllegalTransition):
        drafted(clinic, doctor, booked)


@pytest.mark.parametrize(
    "who", [{"prescriber": False}, {"profession": Profession.THERAPIST, "licences": None}]
)
def test_only_prescribers_sign(clinic: Clinic, who: dict[str, Any]) -> None:
    """Without the right there is a draft at most (RXC-01)."""
    _, doctor, visit = in_visit(clinic, **who)
    draft = drafted(clinic, doctor, visit)
    with pytest.raises(MayNotPrescribe) as refused:
        clinic.ask.prescribing.sign(doctor, draft.id)
    assert refused.value.rules == "right-to-prescribe"
    assert clinic.store.rows["prescriptions"][draft.id] == draft


def test_a_prescriber_who_is_the_patient_signs_nothing(clinic: Clinic) -> None:
    """Whoever's own record it is (RXC-05)."""
    patient, doctor, visit = in_visit(clinic)
    rows = clinic.store.rows["providers"]
    own = but(rows[provider_of(doctor)], patient_id=patient.as_patient())
    rows[provider_of(doctor)] = own
    draft = drafted(clinic, doctor, visit)
    with pytest.raises(MayNotPrescribe) as refused:
        clinic.ask.prescribing.sign(doctor, draft.id)
    assert refused.value.rules == "not-for-oneself"


def test_warnings_stand_on_what_is_signed(clinic: Clinic) -> None:
    """The same medicine a second time is told, and signed all the same (RXC-06)."""
    _, doctor, visit = in_visit(clinic)
    assert signed(clinic, doctor, visit).warnings == frozenset()
    assert signed(clinic, doctor, visit).warnings == {"prescribed-lately"}


def test_a_colleague_neither_drafts_nor_signs_for_the_treating_provider(clinic: Clinic) -> None:
    """To another provider of the practice there is no such visit or prescription."""
    _, doctor, visit = in_visit(clinic)
    colleague = clinic.fresh(clinic.provider("Sam Doctor", prescriber=True))
    draft = drafted(clinic, doctor, visit)
    with pytest.raises(Unknown):
        drafted(clinic, colleague, visit)
    with pytest.raises(Unknown):
        clinic.ask.prescribing.sign(colleague, draft.id)
    with pytest.raises(Unknown):
        clinic.ask.prescribing.edit(colleague, draft.id, script())
    with pytest.raises(Unknown):
        clinic.ask.prescribing.cancel(colleague, draft.id, "mine")


@pytest.mark.parametrize("count", [0, 21])
def test_a_prescription_has_one_to_twenty_items(count: int) -> None:
    """Neither nothing nor a whole pharmacy."""
    with pytest.raises(Invalid):
        Script(items=(item(),) * count)


@pytest.mark.parametrize("times", [0, 25])
def test_a_prescription_is_dispensed_once_to_twenty_four_times(times: int) -> None:
    """Or "repeatable", without a number."""
    with pytest.raises(Invalid):
        script(dispensings=times)
    assert script(dispensings=None).dispensings is None


def test_a_prescriptions_id_is_used_once(clinic: Clinic) -> None:
    """A second draft under the same id replaces nothing; the same one again is the same."""
    _, doctor, visit = in_visit(clinic)
    draft = drafted(clinic, doctor, visit)
    assert clinic.ask.prescribing.draft(doctor, draft.id, visit.id, script()) == draft
    with pytest.raises(IdReused):
        clinic.ask.prescribing.draft(doctor, draft.id, visit.id, script(item(), item()))
    done = clinic.ask.prescribing.sign(doctor, draft.id)
    assert clinic.ask.prescribing.draft(doctor, draft.id, visit.id, script()) == done


def test_a_change_is_a_reissue_and_each_leads_to_the_other(clinic: Clinic) -> None:
    """The former is cancelled as the other begins; asking twice begins one (RXC-02)."""
    _, doctor, visit = in_visit(clinic)
    former = signed(clinic, doctor, visit)
    new = PrescriptionId(clinic.new_id())
    draft = clinic.ask.prescribing.reissue(doctor, new, former.id, "wrong strength")
    assert (draft.status, draft.replaces) == (PrescriptionStatus.DRAFT, former.id)
    assert draft.script == former.script
    assert clinic.ask.prescribing.reissue(doctor, new, former.id, "wrong strength") == draft
    with pytest.raises(IdReused):
        clinic.ask.prescribing.reissue(doctor, former.id, former.id, "itself")
    replaced = clinic.store.rows["prescriptions"][former.id]
    assert (replaced.status, replaced.replaced_by) == (PrescriptionStatus.CANCELLED, draft.id)
    assert replaced.content == former.content
    edited = clinic.ask.prescribing.edit(doctor, new, script(item(strength="10 mg")))
    done = clinic.ask.prescribing.sign(doctor, edited.id)
    assert done.status is PrescriptionStatus.ACTIVE
    with pytest.raises(IllegalTransition):
        clinic.ask.prescribing.reissue(doctor, PrescriptionId(clinic.new_id()), former.id, "again")


def test_the_same_reissue_again_finds_the_first_whatever_became_of_it(clinic: Clinic) -> None:
    """Signed since, say (RXC-02)."""
    _, doctor, visit = in_visit(clinic)
    former, new = signed(clinic, doctor, visit), PrescriptionId(clinic.new_id())
    clinic.ask.prescribing.reissue(doctor, new, former.id, "lost")
    done = clinic.ask.prescribing.sign(doctor, new)
    assert clinic.ask.prescribing.reissue(doctor, new, former.id, "lost") == done


def test_a_prescription_is_taken_back_with_a_reason(clinic: Clinic) -> None:
    """And with none it is not."""
    _, doctor, visit = in_visit(clinic)
    done = signed(clinic, doctor, visit)
    with pytest.raises(Invalid):
        clinic.ask.prescribing.cancel(doctor, done.id, " ")
    gone = clinic.ask.prescribing.cancel(doctor, done.id, "an allergy came up")
    assert gone.status is PrescriptionStatus.CANCELLED
    assert gone.cancelled_because == "an allergy came up"


def test_the_patients_copy_is_marked_and_bears_no_signature(clinic: Clinic) -> None:
    """Nothing on it could be dispensed (RXU-04)."""
    patient, doctor, visit = in_visit(clinic)
    draft = drafted(clinic, doctor, visit)
    with pytest.raises(IllegalTransition):
        clinic.ask.prescribing.copy(patient, draft.id)
    done = clinic.ask.prescribing.sign(doctor, draft.id)
    copy = clinic.ask.prescribing.copy(patient, done.id)
    assert copy.stamp == "Copy, not for dispensing"
    assert (copy.items, copy.particulars) == (done.items, done.particulars)
    assert done.signature is not None
    assert done.signature.seal not in str(attrs.asdict(copy))
    with pytest.raises(Unknown):
        clinic.ask.prescribing.copy(clinic.patient("Lee Example"), done.id)


def test_what_is_hidden_from_guardians_is_not_there_for_them(clinic: Clinic) -> None:
    """Not listed, not copied; for the clinician it is, and can be shown again (CHD-06)."""
    guardian, ward, author, visit = ward_in_visit(clinic)
    draft = drafted(clinic, author, visit)
    kept = clinic.ask.prescribing.sign(author, draft.id)
    listed = clinic.ask.prescribing.of_patient
    assert listed(guardian, ward) == (kept,)
    hidden = clinic.ask.prescribing.hide(author, kept.id, hidden=True)
    assert hidden.hidden_from_guardians
    assert listed(guardian, ward) == ()
    assert listed(author, ward) == (hidden,)
    with pytest.raises(Unknown):
        clinic.ask.prescribing.copy(guardian, kept.id)
    with pytest.raises(Unknown):
        clinic.ask.prescribing.hide(guardian, kept.id, hidden=False)
    clinic.ask.prescribing.hide(author, kept.id, hidden=False)
    assert len(listed(guardian, ward)) == 1


def test_an_exception_waits_for_somebody_to_look_at_it(clinic: Clinic) -> None:
    """It is listed without what is in it until an administrator had it looked at (RXU-08)."""
    _, doctor, visit = in_visit(clinic)
    told = {"record_seen": False, "record_exception": RecordException.CONTINUITY}
    excepted = script(item(days=3, misuse_liable=True), circumstances={**told, "without_gp": "now"})
    done = signed(clinic, doctor, visit, excepted)
    assert any(isinstance(event, PrescriptionFlagged) for _, event in clinic.store.outbox)
    (waiting,) = clinic.ask.prescribing.to_review(clinic.admin)
    assert (waiting.prescription_id, waiting.exception) == (done.id, RecordException.CONTINUITY)
    assert waiting.signed_at == clinic.clock()
    for actor in (doctor, clinic.liaison):
        with pytest.raises(NotPermitted):
            clinic.ask.prescribing.to_review(actor)
        with pytest.raises(NotPermitted):
            clinic.ask.prescribing.review(actor, done.id, "fine")
    seen = clinic.ask.prescribing.review(clinic.admin, done.id, "asked Dr. Example; sound")
    assert seen.review is not None
    assert seen.content == done.content
    assert clinic.ask.prescribing.to_review(clinic.admin) == ()
    with pytest.raises(Invalid):
        clinic.ask.prescribing.review(clinic.admin, done.id, "again")
    plain = signed(clinic, doctor, visit)
    with pytest.raises(Invalid):
        clinic.ask.prescribing.review(clinic.admin, plain.id, "nothing")


@SCENARIOS
@given(st.data())
def test_any_change_of_what_was_signed_shows(data: st.DataObject) -> None:
    """One bit of the signed bytes, another fact, another's key: verification fails (RXU-04)."""
    clinic = Clinic()
    _, doctor, visit = in_visit(clinic)
    done, keys = signed(clinic, doctor, visit), MemorySignatures()
    assert done.signature is not None
    assert done.particulars is not None
    seal = bytes.fromhex(done.signature.seal)
    assert keys.verify(done.provider_id, digest_of(done.content), seal)
    at = data.draw(st.integers(0, len(done.content) * 8 - 1))
    changed = bytearray(done.content)
    changed[at // 8] ^= 1 << at % 8
    assert not keys.verify(done.provider_id, digest_of(bytes(changed)), seal)
    other = data.draw(
        st.sampled_from(
            [
                {"items": (item(strength="50 mg"),)},
                {"items": (item(), item("Another"))},
                {"dispensable": 2},
                {"valid_until": None},
                {"patient_id": done.provider_id},
                {"particulars": but(done.particulars, patient_name="Lee Example")},
            ]
        )
    )
    tampered: Any = other
    assert but(done, **tampered).content != done.content
    stranger = provider_of(clinic.provider("Sam Doctor"))
    assert not keys.verify(stranger, digest_of(done.content), seal)


def test_the_signed_bytes_do_not_depend_on_the_order_of_facts() -> None:
    """The same facts are the same bytes."""
    assert canonical(a=1, b=(True, None)) == canonical(b=(True, None), a=1)
    assert canonical(a="1") != canonical(a=1)


def test_the_signed_bytes_are_the_same_in_every_release() -> None:
    """UTF-8 as it is written, names in order; pinned, for a signature is looked at for years
    (RXU-04).
    """
    expected = '{"items":["Zoë\'s",null],"patient":{"body":"😀"}}'.encode()
    assert canonical(patient=Place("😀"), items=("Zoë's", None)) == expected


@attrs.frozen
class Place:
    """Something with a field."""

    body: str


def test_the_kind_of_prescriber_stands_in_words_on_what_is_signed() -> None:
    """Whatever a profession's code is (RXU-01)."""
    found = facts()
    kinds = {
        one: Particulars.of(
            found.practice,
            but(found.provider, profession=one),
            found.patient,
            region=None,
            signed_on=AT.date(),
        ).prescriber_kind
        for one in Profession
    }
    assert kinds[Profession.PHYSICIAN_ASSOCIATE] == "physician associate"
    assert all("-" not in kind for kind in kinds.values())


def test_a_controlled_medicine_can_be_signed_where_the_law_has_a_path() -> None:
    """In New York, seen live, with the program asked: recorded, if never transmitted (RXS-03)."""
    clinic = Clinic(jurisdiction="us")
    _, doctor, visit = in_visit(clinic)
    today = clinic.practice.day(clinic.clock())
    told = {"monitoring_checked_on": today}
    done = signed(clinic, doctor, visit, script(item(schedule=Schedule.FOUR), circumstances=told))
    assert done.particulars is not None
    assert done.particulars.dea_number == "AJ5184279"


def test_whoever_lets_their_gp_be_told_gets_a_listed_medicine(clinic: Clinic) -> None:
    """And whoever takes that back gets none without a reason (RXU-09, CON-03)."""
    patient, doctor, booked = in_visit(clinic)
    listed = script(item(higher_risk=True))
    assert signed(clinic, doctor, booked, listed).items == listed.items
    clinic.refuse(patient, ConsentPurpose.GP_SHARING)
    with pytest.raises(PrescriptionRefused) as refused:
        signed(clinic, doctor, booked, listed)
    assert refused.value.rules == "gp-told"


def test_only_an_exception_waits_for_a_second_look() -> None:
    """The law of the United States knows no such exception, a token has sixteen characters, and
    what was taken back for another says why (RXU-08, RXC-02).
    """
    clinic = Clinic(jurisdiction="us")
    patient, doctor, booked = in_visit(clinic)
    done = signed(clinic, doctor, booked)
    assert not done.review_needed
    assert not any(isinstance(event, PrescriptionFlagged) for _, event in clinic.store.outbox)
    with pytest.raises(Invalid, match="token"):
        clinic.ask.dispensing.send(patient, done.id, PHARMACY, token="x" * 15)
    clinic.ask.dispensing.send(patient, done.id, PHARMACY, token="x" * 16)
