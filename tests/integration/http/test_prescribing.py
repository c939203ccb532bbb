"""Prescriptions over HTTP: to the pharmacy and back, each step by whoever may."""

from typing import Any

from integration.http.clinic import PASSWORD, SLUG, Clinic, Person, script
from telehealth_core.testing.doubles import MemoryPharmacies

PHARMACY = {"name": "Example Pharmacy", "address": "5 Example Street", "contact": "rx@example.org"}


def in_visit(clinic: Clinic) -> tuple[Person, Person, str]:
    """A patient and a doctor who met, and the visit's path; the doctor proved who they are."""
    doctor, patient = clinic.provider(profession="doctor"), clinic.verified_patient()
    appointment = clinic.booked(patient, doctor)
    clinic.clock.forward(hours=1)
    path = clinic.meet(patient, doctor, appointment)
    doctor.post("/v1/sign-ins/current/proof", {"password": PASSWORD}, status=200)
    return patient, doctor, path


def signed(doctor: Person, path: str, **written: Any) -> dict[str, Any]:
    """A signed prescription of the visit."""
    draft = doctor.post(f"{path}/prescriptions", script(**written))
    done: dict[str, Any] = doctor.post(f"/v1/prescriptions/{draft['id']}/signature", {}, status=200)
    return done


def test_a_prescription_goes_to_the_pharmacy_that_the_patient_chose_and_is_claimed_there(
    clinic: Clinic,
) -> None:
    """Signed, sent by the patient, brought by the worker, claimed with the token, twice (F35)."""
    patient, doctor, path = in_visit(clinic)
    done = signed(doctor, path, dispensings=2)
    assert done["warnings"] == []
    here = f"/v1/prescriptions/{done['id']}"
    copy = patient.get(f"{here}/copy")
    assert copy["stamp"] == "Copy, not for dispensing"
    assert copy["particulars"]["patient_name"] == "Pat Example"
    sent = patient.post(f"{here}/sending", PHARMACY, status=200)
    assert (sent["status"], sent["pharmacy"]) == ("sent", PHARMACY)
    clinic.drain()
    pharmacies = clinic.ports.pharmacies
    assert isinstance(pharmacies, MemoryPharmacies)
    (order,) = pharmacies.brought.values()
    body = {"practice": SLUG, "token": order.claim_token}
    claim = "/v1/prescription-claims"
    first = clinic.anybody.post(claim, body, status=200, key="one")
    assert (first["status"], first["left"]) == ("sent", 1)
    assert clinic.anybody.post(claim, body, status=200, key="one") == first
    last = clinic.anybody.post(claim, body, status=200)
    assert (last["status"], last["left"]) == ("dispensed", 0)
    late = clinic.anybody.ask("POST", claim, body)
    assert (late.status_code, late.json()["code"]) == (409, "already-claimed")
    false = clinic.anybody.ask("POST", claim, {**body, "token": "another"})
    assert (false.status_code, false.json()["code"]) == (404, "unknown")
    (listed,) = patient.get(f"/v1/patients/{patient.who['patient_id']}/prescriptions")["items"]
    assert (listed["status"], listed["dispensed"]) == ("dispensed", 2)


def test_a_prescription_is_taken_back_reissued_and_hidden(clinic: Clinic) -> None:
    """By its author, over HTTP (RXC-02, CHD-06)."""
    patient, doctor, path = in_visit(clinic)
    former = signed(doctor, path)
    reason = {"reason": "the wrong strength"}
    draft = doctor.post(f"/v1/prescriptions/{former['id']}/reissue", reason)
    assert draft["replaces"] == former["id"]
    gone = doctor.post(f"/v1/prescriptions/{draft['id']}/cancellation", reason, status=200)
    assert (gone["status"], gone["cancelled_because"]) == ("cancelled", reason["reason"])
    hidden = doctor.put(f"/v1/prescriptions/{former['id']}/hiding", {"hidden": True})
    assert hidden["replaced_by"] == draft["id"]
    answer = patient.ask("PUT", f"/v1/prescriptions/{former['id']}/hiding", {"hidden": False})
    assert (answer.status_code, answer.json()["code"]) == (403, "not-permitted")
    admin = clinic.sign_in("admin")
    assert admin.get("/v1/prescription-reviews") == {"items": []}
    answer = admin.ask("POST", f"/v1/prescriptions/{former['id']}/review", {"outcome": "fine"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


def test_what_may_not_be_prescribed_is_refused_with_every_rule(clinic: Clinic) -> None:
    """By somebody of another profession it is forbidden; otherwise it conflicts (RXC-01)."""
    therapist, patient = clinic.provider(), clinic.verified_patient()
    appointment = clinic.booked(patient, therapist)
    clinic.clock.forward(hours=1)
    path = clinic.meet(patient, therapist, appointment)
    therapist.post("/v1/sign-ins/current/proof", {"password": PASSWORD}, status=200)
    draft = therapist.post(f"{path}/prescriptions", {**script(), "history": {}})
    answer = therapist.ask("POST", f"/v1/prescriptions/{draft['id']}/signature", {})
    assert (answer.status_code, answer.json()["code"]) == (403, "may-not-prescribe")
    asked = "allergies-asked, medicines-asked, sources-asked"
    assert answer.json()["rules"] == f"right-to-prescribe, {asked}"
