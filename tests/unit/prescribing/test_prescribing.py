"""Prescriptions: after a visit, by a prescriber, and never changed once signed (F35)."""

import attrs
import pytest

from telehealth_core.access.actor import Actor
from telehealth_core.prescribing.prescription import (
    Item,
    ItemsNotAllowed,
    NotPrescriber,
    Prescription,
    PrescriptionStatus,
)
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.shared.ids import PrescriptionId
from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.refusal import IdReused, Invalid, Unknown
from unit.clinic import Clinic, provider_of

ITEM = Item(medicine="Example", strength="5 mg", form="tablet", quantity="28", directions="one")


def begun(clinic: Clinic, *, prescriber: bool = True) -> tuple[Actor, Actor, Appointment]:
    """A patient and a provider in a visit."""
    patient, provider = clinic.patient(), clinic.provider(prescriber=prescriber)
    booked = clinic.booked(patient, clinic.session(provider))
    clinic.both_join(booked, patient, provider)
    return patient, provider, booked


def drafted(clinic: Clinic, provider: Actor, visit: Appointment, *items: Item) -> Prescription:
    """A draft of these items."""
    id = PrescriptionId(clinic.new_id())
    return clinic.ask.prescribing.draft(provider, id, visit.id, items)


def test_a_prescriber_signs_what_the_patient_then_sees(clinic: Clinic) -> None:
    """Drafted in the visit, signed by its provider, listed for the patient."""
    patient, provider, visit = begun(clinic)
    draft = drafted(clinic, provider, visit, ITEM)
    signed = clinic.ask.prescribing.sign(provider, draft.id)
    assert signed.status is PrescriptionStatus.ACTIVE
    assert signed.provider_id == provider_of(provider)
    assert clinic.ask.prescribing.of_patient(patient, patient.as_patient()) == (signed,)
    with pytest.raises(IllegalTransition):
        clinic.ask.prescribing.sign(provider, draft.id)


def test_nothing_is_prescribed_before_the_visit_began(clinic: Clinic) -> None:
    """Whoever did not see the patient prescribes nothing (RXC-04)."""
    provider = clinic.provider(prescriber=True)
    booked = clinic.booked(clinic.patient(), clinic.session(provider))
    with pytest.raises(IllegalTransition):
        drafted(clinic, provider, booked, ITEM)


def test_only_prescribers_sign(clinic: Clinic) -> None:
    """Without the right there is a draft at most (RXC-01)."""
    _, provider, visit = begun(clinic, prescriber=False)
    draft = drafted(clinic, provider, visit, ITEM)
    with pytest.raises(NotPrescriber):
        clinic.ask.prescribing.sign(provider, draft.id)
    assert clinic.store.rows["prescriptions"][draft.id] == draft


def test_controlled_medicines_are_not_signed(clinic: Clinic) -> None:
    """One controlled item keeps the whole prescription from being signed."""
    _, provider, visit = begun(clinic)
    draft = drafted(clinic, provider, visit, ITEM, attrs.evolve(ITEM, controlled=True))
    with pytest.raises(ItemsNotAllowed):
        clinic.ask.prescribing.sign(provider, draft.id)


def test_a_colleague_neither_drafts_nor_signs_for_the_treating_provider(clinic: Clinic) -> None:
    """To another provider of the practice there is no such visit or prescription."""
    _, provider, visit = begun(clinic)
    colleague = clinic.provider("Robin Doctor", prescriber=True)
    draft = drafted(clinic, provider, visit, ITEM)
    with pytest.raises(Unknown):
        drafted(clinic, colleague, visit, ITEM)
    with pytest.raises(Unknown):
        clinic.ask.prescribing.sign(colleague, draft.id)


@pytest.mark.parametrize("count", [0, 21])
def test_a_prescription_has_one_to_twenty_items(clinic: Clinic, count: int) -> None:
    """Neither nothing nor a whole pharmacy."""
    _, provider, visit = begun(clinic)
    with pytest.raises(Invalid):
        drafted(clinic, provider, visit, *(ITEM,) * count)


def test_a_prescriptions_id_is_used_once(clinic: Clinic) -> None:
    """A second draft under the same id replaces nothing."""
    _, provider, visit = begun(clinic)
    draft = drafted(clinic, provider, visit, ITEM)
    with pytest.raises(IdReused):
        clinic.ask.prescribing.draft(provider, draft.id, visit.id, (ITEM, ITEM))
    assert clinic.store.rows["prescriptions"][draft.id] == draft
