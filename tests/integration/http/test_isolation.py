"""Isolation: what is not one's own does not exist, and does not change."""

import json
from typing import Any

import pytest

from integration.http.clinic import (
    OTHER_SLUG,
    PRICE,
    PROFILE,
    Clinic,
    Person,
    hold,
    referral_letter,
    script,
)

ON_PATIENT: list[tuple[str, str, Any]] = [
    ("GET", "", None),
    ("PUT", "/profile", PROFILE),
    ("GET", "/identity", None),
    ("POST", "/identity/submission", {}),
    ("GET", "/appointments", None),
    ("GET", "/prescriptions", None),
    ("GET", "/letters", None),
    ("GET", "/programs", None),
    ("GET", "/record", None),
    ("GET", "/conversations/care/messages", None),
    ("POST", "/conversations/care/messages", {"text": "hello"}),
    ("GET", "/conversations/partner/messages", None),
    ("POST", "/conversations/partner/messages", {"text": "hello"}),
]
ON_APPOINTMENT: list[tuple[str, str, Any]] = [
    ("GET", "", None),
    ("PUT", "/description", {"reason": "mine now"}),
    ("PUT", "/pre-screening", {"answers": []}),
    ("POST", "/request", {"agreed": PRICE}),
    ("GET", "/checks", None),
    ("POST", "/approval", {}),
    ("POST", "/refusal", {"code": "other"}),
    ("POST", "/cancellation", {}),
    ("POST", "/visit/join", {"location": "US-NY"}),
    ("GET", "/visit", None),
    ("POST", "/visit/completion", {}),
    ("GET", "/charge", None),
    ("POST", "/prescriptions", script()),
    ("POST", "/letters", referral_letter()),
]
STRANGERS = ["another patient", "a patient elsewhere", "an administrator elsewhere"]


def stranger(clinic: Clinic, who: str) -> Person:
    """Somebody to whom the patient and the appointment are nothing."""
    if who == "another patient":
        return clinic.verified_patient("another")
    if who == "a patient elsewhere":
        return clinic.verified_patient("foreigner", OTHER_SLUG)
    return clinic.sign_in("admin", OTHER_SLUG)


def nothing_there(clinic: Clinic, person: Person, asked: Any, base: str) -> None:
    """See that each request finds nothing and changes nothing."""
    before = clinic.rows()
    for method, path, body in asked:
        answer = person.ask(method, f"{base}{path}", body)
        told = (answer.status_code, answer.json()["code"])
        assert told == (404, "unknown"), (method, path, answer.text)
    assert clinic.rows() == before


@pytest.mark.parametrize("who", STRANGERS)
def test_another_ones_patient_does_not_exist(clinic: Clinic, who: str) -> None:
    """Whoever stands in no relation to a patient cannot tell them from nobody."""
    patient, person = clinic.verified_patient(), stranger(clinic, who)
    nothing_there(clinic, person, ON_PATIENT, f"/v1/patients/{patient.who['patient_id']}")


@pytest.mark.parametrize("who", STRANGERS)
def test_another_ones_appointment_does_not_exist(clinic: Clinic, who: str) -> None:
    """Whoever stands in no relation to an appointment cannot tell it from none."""
    provider, patient = clinic.provider(), clinic.verified_patient()
    appointment, person = clinic.booked(patient, provider), stranger(clinic, who)
    nothing_there(clinic, person, ON_APPOINTMENT, f"/v1/appointments/{appointment['id']}")


def test_a_provider_of_another_patient_does_not_know_this_one(clinic: Clinic) -> None:
    """Treating somebody opens their record and nobody else's."""
    provider, patient = clinic.provider(), clinic.verified_patient()
    path = f"/v1/patients/{patient.who['patient_id']}"
    assert provider.ask("GET", f"{path}/record").status_code == 404
    clinic.booked(patient, provider)
    assert provider.ask("GET", f"{path}/record").status_code == 200


def test_nobody_books_with_the_card_or_for_the_patient_of_another(clinic: Clinic) -> None:
    """A body that names what is another's finds it no more than an address does."""
    provider = clinic.provider()
    one, other = clinic.verified_patient("one"), clinic.verified_patient("other")
    card = other.post("/v1/cards", {"token": "tok_visa"})
    held = one.post("/v1/appointments", hold(provider))
    before = clinic.rows()
    for path, body in (
        ("/v1/appointments", {**hold(provider, 12), "patient_id": other.who["patient_id"]}),
        (
            f"/v1/appointments/{held['id']}/request",
            {"agreed": PRICE, "card_id": card["id"], "starts_within_cooling_off": True},
        ),
    ):
        answer = one.ask("POST", path, body)
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown")
    assert clinic.rows() == before


def test_staff_see_who_attended_and_none_of_the_notes(clinic: Clinic) -> None:
    """Notes are for those who treat and are treated; the office sees that the visit took place."""
    provider, patient = clinic.provider(), clinic.verified_patient()
    appointment = clinic.booked(patient, provider)
    clinic.clock.forward(hours=1)
    path = clinic.meet(patient, provider, appointment)
    noted = provider.post(f"{path}/visit/completion", {"notes": "sleeps badly"}, status=200)
    assert patient.get(f"{path}/visit/note")["body"]["summary"] == "sleeps badly"
    seen = clinic.sign_in("admin").get(f"{path}/visit")
    assert seen == noted
    assert "sleeps badly" not in str(seen)
    assert clinic.sign_in("admin").ask("GET", f"{path}/visit/note").status_code == 403
    assert [one["side"] for one in seen["attendances"]] == ["patient", "provider"]
    assert seen["counted_seconds"] == 30 * 60


def test_a_guardian_reads_the_notes_of_their_child(clinic: Clinic) -> None:
    """Who acts for a child reads what was noted about the child."""
    provider, guardian = clinic.provider(), clinic.verified_patient()
    about = {
        "profile": {**PROFILE, "given_name": "Sam", "birth_date": "2018-05-05"},
        "basis": "legal-guardian",
    }
    child = guardian.post(
        "/v1/dependants",
        data={"dependant": json.dumps(about)},
        files={"evidence": ("court.jpg", b"image", "image/jpeg")},
    )
    card = guardian.post("/v1/cards", {"token": "tok_visa"})
    held = guardian.post("/v1/appointments", {**hold(provider), "patient_id": child["id"]})
    path = f"/v1/appointments/{held['id']}"
    guardian.post(
        f"{path}/request",
        {"agreed": PRICE, "card_id": card["id"], "starts_within_cooling_off": True},
        status=200,
    )
    clinic.sign_in("admin").post(f"{path}/approval", {}, status=200)
    clinic.clock.forward(hours=1)
    clinic.meet(guardian, provider, held)
    provider.post(f"{path}/visit/completion", {"notes": "grows well"}, status=200)
    assert guardian.get(f"{path}/visit/note")["body"]["summary"] == "grows well"
    provider.post(f"{path}/visit/note/hiding", {"hidden": True}, status=200)
    assert guardian.ask("GET", f"{path}/visit/note").status_code == 404


def test_a_liaison_reads_no_record(clinic: Clinic) -> None:
    """The office sees patients and appointments, not what clinicians wrote; and nothing is noted
    as read.
    """
    provider, patient = clinic.provider(), clinic.verified_patient()
    clinic.booked(patient, provider)
    liaison = clinic.staff("liaison")
    reads = [entry for entry in clinic.store.audit if entry.outcome == "read"]
    answer = liaison.ask("GET", f"/v1/patients/{patient.who['patient_id']}/record")
    assert (answer.status_code, answer.json()["code"]) == (403, "not-permitted")
    assert [entry for entry in clinic.store.audit if entry.outcome == "read"] == reads
