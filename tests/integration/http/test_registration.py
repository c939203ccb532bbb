"""Identity, families, duplicates and consent over HTTP, a flow each."""

import json
from typing import Any

from integration.http.clinic import ALL_SO, PASSWORD, PROFILE, SLUG, Clinic, Person


def child_of(guardian: Person, born: str = "2018-05-05") -> dict[str, Any]:
    """A child whom the guardian added."""
    about = {
        "profile": {**PROFILE, "given_name": "Sam", "birth_date": born},
        "basis": "legal-guardian",
    }
    child: dict[str, Any] = guardian.post(
        "/v1/dependants",
        data={"dependant": json.dumps(about)},
        files={"evidence": ("court.jpg", b"image", "image/jpeg")},
    )
    return child


def code(answer: Any) -> tuple[int, str]:
    """How it was refused."""
    return answer.status_code, answer.json()["code"]


def test_an_identity_is_decided_point_by_point(clinic: Clinic) -> None:
    """The reviewer sees the list, talks with the patient, and approves what is all so; each
    decision stays (F04-F07, IDV-02).
    """
    patient, admin = clinic.patient(), clinic.sign_in("admin")
    identity = f"/v1/patients/{patient.who['patient_id']}/identity"
    for kind in ("identity", "selfie"):
        patient.picture(f"{identity}/images?kind={kind}")
    waiting = patient.post(f"{identity}/submission", status=200)
    assert waiting["submitted_at"] == "2026-11-23T09:00:00Z"
    assert [one["patient_id"] for one in admin.get("/v1/identity-reviews")["items"]] == [
        patient.who["patient_id"]
    ]
    points = [item["code"] for item in admin.get("/v1/identity-checklist")["items"]]
    assert points == [one["point"] for one in ALL_SO["findings"]]
    said = admin.post(f"{identity}/comments", {"text": "Soon."})
    assert [one["text"] for one in said["comments"]] == ["Soon."]
    number = admin.post(f"{identity}/document-number", {"number": "AB 12"}, status=200)
    assert "AB" not in json.dumps(number)
    approval = f"{identity}/approval"
    unfinished = {"reason": "fine", "findings": ALL_SO["findings"][1:]}
    assert code(admin.ask("POST", approval, unfinished)) == (409, "checklist-unfinished")
    assert code(admin.ask("POST", approval, ALL_SO)) == (422, "invalid")
    assert code(admin.ask("POST", approval, {"reason": " ", **ALL_SO})) == (422, "invalid")
    decided = admin.post(approval, {"reason": "matches", **ALL_SO}, status=200)
    (decision,) = decided["decisions"]
    assert (decision["approved"], decision["verdict"]) == (True, "documents-match")
    assert decision["expires_at"] == decided["expires_at"]
    assert patient.get(identity)["decisions"] == [decision]


def test_staff_manage_a_patients_account(clinic: Clinic) -> None:
    """Suspended, reinstated, closed (F12)."""
    patient, admin = clinic.verified_patient(), clinic.sign_in("admin")
    path = f"/v1/patients/{patient.who['patient_id']}"
    assert code(admin.ask("POST", f"{path}/suspension", {})) == (422, "invalid")
    why = {"reason": "A dispute."}
    assert code(patient.ask("POST", f"{path}/suspension", why)) == (403, "not-permitted")
    for way, body, status in (
        ("suspension", why, "suspended"),
        ("reinstatement", {}, "verified"),
        ("closure", why, "closed"),
    ):
        assert admin.post(f"{path}/{way}", body, status=200)["status"] == status


def test_a_guardian_is_stopped_let_back_and_stopped_for_good(clinic: Clinic) -> None:
    """Staff see the evidence and every decision; the guardian sees the child or does not (CHD-02,
    CHD-08).
    """
    guardian, admin = clinic.verified_patient(), clinic.sign_in("admin")
    child = child_of(guardian)
    ties = f"/v1/patients/{child['id']}/guardianships"
    tie = f"{ties}/{guardian.who['patient_id']}"
    evidence = admin.ask("GET", f"{tie}/evidence")
    assert (evidence.status_code, evidence.content) == (200, b"image")
    assert code(guardian.ask("GET", ties)) == (403, "not-permitted")
    provider = clinic.provider()
    provider.post(f"{tie}/renewal", {"reason": "in good hands"}, status=200)
    for way, seen in (("suspension", 404), ("resumption", 200), ("end", 404)):
        assert code(admin.ask("POST", f"{tie}/{way}", {"reason": ""})) == (422, "invalid")
        admin.post(f"{tie}/{way}", {"reason": "so decided"}, status=200)
        assert guardian.ask("GET", f"/v1/patients/{child['id']}").status_code == seen
    over = admin.ask("POST", f"{tie}/resumption", {"reason": "again"})
    assert code(over) == (409, "guardianship-over")
    (kept,) = admin.get(ties)["items"]
    assert [one["decision"] for one in kept["decisions"]] == [
        "renewed",
        "suspended",
        "resumed",
        "ended",
    ]


def test_a_dependant_takes_over_their_record_when_they_have_grown_up(clinic: Clinic) -> None:
    """By an invitation that staff hand over, once (CHD-12)."""
    guardian = clinic.verified_patient()
    child = child_of(guardian, "2008-11-24")
    handover, why = f"/v1/patients/{child['id']}/handover", {"reason": "Seen in person."}
    early = clinic.sign_in("admin").ask("POST", handover, why)
    assert code(early) == (409, "too-young")
    clinic.clock.forward(days=1)
    offered = clinic.sign_in("admin").post(handover, why)
    body = {
        "practice": SLUG,
        "patient_id": child["id"],
        "invitation": offered["invitation"],
        "email": "sam@example.org",
        "password": PASSWORD,
    }
    false = clinic.anybody.ask("POST", "/v1/registrations/taken-over", {**body, "invitation": "x"})
    assert code(false) == (404, "unknown")
    taken = clinic.anybody.post("/v1/registrations/taken-over", body)
    assert (taken["id"], taken["status"]) == (child["id"], "registering")
    assert clinic.sign_in("sam").get(f"/v1/patients/{child['id']}")["id"] == child["id"]
    assert guardian.ask("GET", f"/v1/patients/{child['id']}").status_code in {401, 404}


def test_records_that_may_be_one_persons_wait_for_staff(clinic: Clinic) -> None:
    """Raised by the machinery, judged by a person, and nothing is merged (IDV-03)."""
    one, other = clinic.patient("one"), clinic.patient("other")
    clinic.drain()
    admin, path = clinic.sign_in("admin"), "/v1/duplicate-suspicions"
    (found,) = admin.get(path)["items"]
    assert {found["patient_id"], found["other_id"]} == {
        one.who["patient_id"],
        other.who["patient_id"],
    }
    assert found["rules"] == ["same-name-and-birth-date"]
    assert code(one.ask("GET", path)) == (403, "not-permitted")
    way = f"{path}/{found['id']}"
    dismissed = admin.post(f"{way}/dismissal", {"reason": "Twins."}, status=200)
    assert dismissed["status"] == "dismissed"
    again = admin.ask("POST", f"{way}/confirmation", {"reason": "The same."})
    assert code(again) == (409, "illegal-transition")
    assert admin.get(path)["items"] == []


def test_consent_is_given_refused_and_taken_back(clinic: Clinic) -> None:
    """What is answered is the text that was shown; a no is kept too (CON-01 to CON-03)."""
    patient = clinic.patient()
    path = f"/v1/patients/{patient.who['patient_id']}"
    texts = {one["purpose"]: one for one in patient.get("/v1/consent-texts")["items"]}
    asked = {"purpose": "gp-sharing", "text_hash": texts["gp-sharing"]["hash"]}
    stale = {**asked, "text_hash": "0" * 64}
    assert code(patient.ask("POST", f"{path}/consents", stale)) == (409, "consent-text-changed")
    given = patient.post(f"{path}/consents", asked, key="a key")
    assert patient.post(f"{path}/consents", asked, key="a key") == given
    assert (given["basis"], given["status"]) == ("own", "given")
    refused = patient.post(f"{path}/consent-refusals", asked)
    assert (refused["given"], refused["explanation"]) == (False, None)
    back = patient.post(f"/v1/consents/{given['id']}/withdrawal", status=200)
    assert back["status"] == "withdrawn"
    kept = patient.get(f"{path}/consents")["items"]
    assert sorted(one["status"] for one in kept) == ["refused", "withdrawn"]
    for method in ("PUT", "PATCH", "DELETE"):
        assert patient.ask(method, f"/v1/consents/{given['id']}").status_code in {404, 405}


def test_a_clinician_assesses_a_young_patient_for_one_visit(clinic: Clinic) -> None:
    """The finding is for the visit it names, and for clinicians only (CHD-03)."""
    provider, patient = clinic.provider(), clinic.verified_patient()
    appointment = clinic.booked(patient, provider)
    path = f"/v1/patients/{patient.who['patient_id']}/competence-assessments"
    body = {"appointment_id": appointment["id"], "competent": True, "reason": "Understands."}
    assert code(provider.ask("POST", path, {**body, "reason": ""})) == (422, "invalid")
    found = provider.post(path, body)
    assert provider.get(path)["items"] == [found]
    assert code(patient.ask("GET", path)) == (403, "not-permitted")
