"""The way to the pharmacy: sent where the patient says, claimed as often as may be, over in time
(F35, RXU-03, RXU-04, RXU-11, RXS-03).
"""

from datetime import timedelta
from uuid import UUID

import pytest

from telehealth_core.access.actor import Actor
from telehealth_core.prescribing.facts import PrescriptionRefused
from telehealth_core.prescribing.item import Schedule
from telehealth_core.prescribing.life import (
    AlreadyClaimed,
    NotDispensable,
    PrescriptionCancelled,
    PrescriptionSent,
    PrescriptionStatus,
)
from telehealth_core.prescribing.prescription import Prescription
from telehealth_core.prescribing.signature import digest_of
from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.refusal import Invalid, StaleVersion, Unavailable, Unknown
from telehealth_core.testing.doubles import MemoryPharmacies, MemorySignatures
from unit.clinic import Clinic
from unit.prescribing.scripts import (
    PHARMACY,
    TOKEN,
    but,
    drafted,
    in_visit,
    item,
    script,
    signed,
)


def pharmacies(clinic: Clinic) -> MemoryPharmacies:
    """The pharmacies' double."""
    assert isinstance(clinic.ports.pharmacies, MemoryPharmacies)
    return clinic.ports.pharmacies


def now(clinic: Clinic, one: Prescription) -> Prescription:
    """The prescription as it stands."""
    found: Prescription = clinic.store.rows["prescriptions"][one.id]
    return found


def sent(clinic: Clinic, **written: int | None) -> tuple[Actor, Actor, Prescription]:
    """A prescription at the patient's pharmacy."""
    patient, doctor, visit = in_visit(clinic)
    done = signed(clinic, doctor, visit, script(**written))
    clinic.ask.dispensing.send(patient, done.id, PHARMACY, token=TOKEN)
    clinic.drain()
    return patient, doctor, now(clinic, done)


def claim(clinic: Clinic, id: UUID | None = None, token: str = TOKEN) -> Prescription:
    """A pharmacy dispenses once."""
    return clinic.ask.dispensing.claim(clinic.visitor, id or clinic.new_id(), token)


def test_the_patient_chooses_the_pharmacy_and_it_gets_the_signed_original(clinic: Clinic) -> None:
    """Brought once, with a signature that fits its bytes (RXU-04, RXU-11)."""
    patient, _, there = sent(clinic)
    assert there.status is PrescriptionStatus.SENT
    assert there.transmitted_at is not None
    order = pharmacies(clinic).brought[there.id]
    assert (order.pharmacy, order.claim_token) == (PHARMACY, TOKEN)
    assert clinic.ports.signatures.verify(there.provider_id, digest_of(order.content), order.seal)
    again = clinic.ask.dispensing.send(patient, there.id, PHARMACY, token="another token " * 2)
    assert again == there
    other = but(PHARMACY, name="Another Pharmacy")
    with pytest.raises(IllegalTransition):
        clinic.ask.dispensing.send(patient, there.id, other, token=TOKEN)


def test_a_pharmacy_that_cannot_be_reached_gets_it_later() -> None:
    """The order is written down first; the reaction is repeated until it was taken."""

    class Away(MemoryPharmacies):
        times = 2

        def send(self, *order: object) -> None:
            Away.times -= 1
            if Away.times >= 0:
                raise Unavailable("The pharmacy")
            super().send(*order)  # type: ignore[arg-type]

    clinic = Clinic(ports={"pharmacies": Away()})
    _, _, there = sent(clinic)
    assert Away.times == -1
    assert set(pharmacies(clinic).brought) == {there.id}
    clinic.ask.dispensing.transmit(
        clinic.system, PrescriptionSent(there.id, 3, clinic.system.id, there.drafted_at)
    )
    assert Away.times == -1


def test_a_draft_is_not_sent(clinic: Clinic) -> None:
    """Only what is signed goes out, and a token has some length."""
    patient, doctor, visit = in_visit(clinic)
    draft = drafted(clinic, doctor, visit)
    with pytest.raises(IllegalTransition):
        clinic.ask.dispensing.send(patient, draft.id, PHARMACY, token=TOKEN)
    done = clinic.ask.prescribing.sign(doctor, draft.id)
    with pytest.raises(Invalid):
        clinic.ask.dispensing.send(patient, done.id, PHARMACY, token="short")


def test_the_rules_are_asked_again_when_it_is_sent(clinic: Clinic) -> None:
    """What was lawful to sign and is so no longer stays where it is (RXC-01)."""
    patient, doctor, visit = in_visit(clinic)
    done = signed(clinic, doctor, visit)
    rows = clinic.store.rows["providers"]
    rows[done.provider_id] = but(rows[done.provider_id], prescriber=False)
    with pytest.raises(PrescriptionRefused) as refused:
        clinic.ask.dispensing.send(patient, done.id, PHARMACY, token=TOKEN)
    assert refused.value.rules == "right-to-prescribe"
    assert now(clinic, done) == done


@pytest.mark.parametrize("what", ["items", "seal", "sha256"])
def test_what_was_tampered_with_is_not_sent(clinic: Clinic, what: str) -> None:
    """A changed row is seen by its signature (RXU-04)."""
    patient, doctor, visit = in_visit(clinic)
    done = signed(clinic, doctor, visit)
    assert done.signature is not None
    changed = (
        {"items": (item(strength="50 mg"),)}
        if what == "items"
        else {"signature": but(done.signature, **{what: "00" * 32})}
    )
    clinic.store.rows["prescriptions"][done.id] = but(done, **changed)
    with pytest.raises(PrescriptionRefused) as refused:
        clinic.ask.dispensing.send(patient, done.id, PHARMACY, token=TOKEN)
    assert refused.value.rules == "signature-stands"


def test_without_keys_of_their_own_prescribers_send_no_original() -> None:
    """In the United Kingdom a seal of a shared key is for the record only (RXU-04)."""
    clinic = Clinic(ports={"signatures": MemorySignatures(own_keys=False)})
    patient, doctor, visit = in_visit(clinic)
    done = signed(clinic, doctor, visit)
    with pytest.raises(PrescriptionRefused) as refused:
        clinic.ask.dispensing.send(patient, done.id, PHARMACY, token=TOKEN)
    assert refused.value.rules == "own-key"


def test_a_controlled_medicine_is_recorded_and_never_transmitted() -> None:
    """In New York, whoever asks: patient or prescriber (RXS-03)."""
    clinic = Clinic(jurisdiction="us")
    patient, doctor, visit = in_visit(clinic)
    told = {"monitoring_checked_on": clinic.practice.day(clinic.clock())}
    written = script(item(schedule=Schedule.FIVE), circumstances=told)
    done = signed(clinic, doctor, visit, written)
    for actor in (patient, doctor):
        with pytest.raises(PrescriptionRefused) as refused:
            clinic.ask.dispensing.send(actor, done.id, PHARMACY, token=TOKEN)
        assert refused.value.rules == "controlled-stays"
    clinic.drain()
    assert not pharmacies(clinic).brought


def test_a_claim_is_made_once(clinic: Clinic) -> None:
    """The second pharmacy is told that it was claimed; the first may ask again (RXU-11)."""
    _, _, there = sent(clinic)
    id = clinic.new_id()
    done = claim(clinic, id)
    assert done.status is PrescriptionStatus.DISPENSED
    assert claim(clinic, id) == done
    with pytest.raises(AlreadyClaimed):
        claim(clinic)
    with pytest.raises(Unknown):
        claim(clinic, token="no such token at all")
    assert now(clinic, there) == done


def test_repeatable_without_a_number_is_dispensed_twice(clinic: Clinic) -> None:
    """The third claim is refused (RXU-03)."""
    sent(clinic, dispensings=None)
    assert claim(clinic).status is PrescriptionStatus.SENT
    clinic.clock.forward(days=28)
    assert claim(clinic).status is PrescriptionStatus.DISPENSED
    with pytest.raises(AlreadyClaimed):
        claim(clinic)


def test_of_two_pharmacies_at_once_one_wins(clinic: Clinic) -> None:
    """Both read it unclaimed; the later to write is refused and nothing is dispensed twice."""
    _, _, there = sent(clinic)
    day, at = clinic.practice.day(clinic.clock()), clinic.clock()
    taken = [there.dispense(clinic.new_id(), on=day, by=clinic.visitor.id, at=at) for _ in range(2)]
    with clinic.store.work(clinic.visitor) as work:
        work.prescriptions.save(*taken[0])
    with pytest.raises(StaleVersion), clinic.store.work(clinic.visitor) as work:
        work.prescriptions.save(*taken[1])
    assert len(now(clinic, there).claims) == 1


def test_nothing_is_dispensed_before_its_first_or_after_its_last_day(clinic: Clinic) -> None:
    """Neither a day early nor a day late (RXU-02)."""
    patient, doctor, visit = in_visit(clinic)
    start = clinic.practice.day(clinic.clock()) + timedelta(days=7)
    done = signed(clinic, doctor, visit, script(not_before=start, dispensings=3))
    assert done.particulars is not None
    assert done.particulars.appropriate_date == start
    clinic.ask.dispensing.send(patient, done.id, PHARMACY, token=TOKEN)
    clinic.clock.forward(days=6)
    with pytest.raises(NotDispensable) as early:
        claim(clinic)
    assert (early.value.first, early.value.last) == (start, done.valid_until)
    clinic.clock.forward(days=1)
    claim(clinic)
    assert done.valid_until is not None
    clinic.clock.now += timedelta(days=(done.valid_until - start).days)
    claim(clinic)
    clinic.clock.forward(days=1)
    with pytest.raises(NotDispensable):
        claim(clinic)


def test_what_was_taken_back_is_withdrawn_from_the_pharmacy(clinic: Clinic) -> None:
    """And claimed no more; what was never sent is withdrawn from nobody (RXC-02)."""
    _, doctor, there = sent(clinic)
    clinic.ask.prescribing.cancel(doctor, there.id, "an allergy came up")
    clinic.drain(times=2)
    assert pharmacies(clinic).withdrawn == {there.id}
    with pytest.raises(IllegalTransition):
        claim(clinic)
    told = PrescriptionCancelled(there.id, 9, doctor.id, clinic.clock())
    clinic.store.rows["prescriptions"][there.id] = but(now(clinic, there), sent_at=None)
    pharmacies(clinic).withdrawn.clear()
    clinic.ask.dispensing.withdraw(clinic.system, told)
    assert not pharmacies(clinic).withdrawn


def test_what_was_taken_back_before_it_was_brought_is_not_brought(clinic: Clinic) -> None:
    """The reaction looks at how it stands."""
    patient, doctor, visit = in_visit(clinic)
    done = signed(clinic, doctor, visit)
    clinic.ask.dispensing.send(patient, done.id, PHARMACY, token=TOKEN)
    clinic.ask.prescribing.cancel(doctor, done.id, "a mistake")
    clinic.drain()
    assert not pharmacies(clinic).brought


def test_what_lapsed_is_noted_as_over(clinic: Clinic) -> None:
    """After its last day, sent or only signed, and not before (RXU-02)."""
    patient, doctor, there = sent(clinic)
    only_signed = drafted(clinic, doctor, clinic.store.rows["appointments"][there.appointment_id])
    clinic.ask.prescribing.sign(clinic.fresh(doctor), only_signed.id)
    unsigned = drafted(clinic, doctor, clinic.store.rows["appointments"][there.appointment_id])
    assert there.valid_until is not None
    days = (there.valid_until - clinic.practice.day(clinic.clock())).days
    clinic.clock.forward(days=days)
    assert clinic.ask.dispensing.expire_due(clinic.system) == ()
    clinic.clock.forward(days=1)
    ended = clinic.ask.dispensing.expire_due(clinic.system)
    assert {one.id for one in ended} == {there.id, only_signed.id}
    assert {one.status for one in ended} == {PrescriptionStatus.EXPIRED}
    assert clinic.ask.dispensing.expire_due(clinic.system) == ()
    assert now(clinic, unsigned).status is PrescriptionStatus.DRAFT
    with pytest.raises(IllegalTransition):
        claim(clinic)
    with pytest.raises(IllegalTransition):
        clinic.ask.dispensing.send(patient, only_signed.id, PHARMACY, token=TOKEN)
