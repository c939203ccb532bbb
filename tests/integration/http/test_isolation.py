"""Isolation: what is not one's own does not exist, and does not change."""

import json
import re
from typing import Any

import pytest
from litestar.routes import HTTPRoute

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

NOBODY, NO_ID = "00000000-0000-0000-0000-000000000009", "00000000-0000-0000-0000-000000000007"
REFUSED = {(404, "unknown"), (403, "not-permitted")}
WHY: dict[str, Any] = {"reason": "mine now"}
TEXT: dict[str, Any] = {"text": "all of this is mine"}
FINDINGS = [{"point": "face-matches", "passed": True}]
ANSWERED: dict[str, Any] = {"purpose": "marketing", "text_hash": "0" * 64}
CORRECTION: dict[str, Any] = {**WHY, "extras": []}
PICTURES = {"/identity/images", "/photos"}
"""Their body is no JSON."""

MEDICINE = {"medicine": "a", "dose": "b", "directions": "c", "since": "2026-11-23"}

ON_PATIENT: list[tuple[str, str, Any]] = [
    ("GET", "", None),
    ("PUT", "/profile", PROFILE),
    ("POST", "/suspension", WHY),
    ("POST", "/reinstatement", {}),
    ("POST", "/closure", WHY),
    ("GET", "/identity", None),
    ("GET", f"/identity/images/{NOBODY}", None),
    ("POST", "/identity/submission", {}),
    ("POST", "/identity/comments", TEXT),
    ("POST", "/identity/request-for-info", TEXT),
    ("POST", "/identity/approval", {**WHY, "findings": FINDINGS}),
    ("POST", "/identity/rejection", WHY),
    ("POST", "/identity/document-number", {"number": "X1"}),
    ("GET", "/guardianships", None),
    ("GET", f"/guardianships/{NOBODY}/evidence", None),
    ("POST", f"/guardianships/{NOBODY}/renewal", WHY),
    ("POST", f"/guardianships/{NOBODY}/suspension", WHY),
    ("POST", f"/guardianships/{NOBODY}/resumption", WHY),
    ("POST", f"/guardianships/{NOBODY}/end", WHY),
    ("POST", "/handover", WHY),
    ("GET", "/consents", None),
    ("POST", "/consents", ANSWERED),
    ("POST", "/consent-refusals", ANSWERED),
    ("GET", "/competence-assessments", None),
    (
        "POST",
        "/competence-assessments",
        {**WHY, "appointment_id": NOBODY, "competent": True},
    ),
    ("POST", "/emergency-accesses", {"reason": "danger-to-life", **TEXT}),
    ("GET", "/openings", None),
    ("GET", "/appointments", None),
    ("GET", "/calendar", None),
    ("GET", "/waitlist", None),
    ("GET", "/prescriptions", None),
    ("GET", "/letters", None),
    ("GET", "/programs", None),
    (
        "POST",
        "/programs",
        {"provider_id": NOBODY, "kind": "IOP", "starts_on": "2026-11-23"},
    ),
    ("GET", "/activity", None),
    ("GET", "/medications", None),
    ("POST", "/medications", MEDICINE),
    ("GET", "/questionnaires", None),
    ("POST", "/questionnaires", {"instrument": "gad-7", "answers": [0] * 7}),
    ("PUT", "/followers", {"partner_id": NOBODY, "days": 1, "scope": []}),
    ("POST", "/followers/end", {"partner_id": NOBODY}),
    ("GET", "/record", None),
    ("GET", "/conversations/care/messages", None),
    ("POST", "/conversations/care/messages", TEXT),
    ("GET", "/conversations/partner/messages", None),
    ("POST", "/conversations/partner/messages", TEXT),
    ("POST", "/conversations/partner/closing", WHY),
    ("POST", "/conversations/partner/reopening", WHY),
]
ON_APPOINTMENT: list[tuple[str, str, Any]] = [
    ("GET", "", None),
    ("GET", "/history", None),
    ("GET", "/series", None),
    ("POST", "/series/cancellation", {}),
    ("PUT", "/description", WHY),
    ("GET", "/pre-screening", None),
    ("PUT", "/pre-screening", {"answers": []}),
    ("GET", f"/photos/{NOBODY}", None),
    ("POST", "/request", {"agreed": PRICE}),
    ("GET", "/checks", None),
    ("POST", "/approval", {}),
    ("POST", "/refusal", {"code": "other"}),
    ("PUT", "/arrangement", {"mode": "video", "location": "US-NY", "because": "mine now"}),
    ("POST", "/red-flag-review", {"note": "mine now"}),
    ("POST", "/rescheduling", {"session_id": NOBODY, "start": "2026-11-23T12:00:00Z"}),
    ("POST", "/hiding", {}),
    ("POST", "/unhiding", {}),
    ("POST", "/cancellation", {}),
    ("GET", "/cancellation-terms", None),
    ("POST", "/no-show", {}),
    ("GET", "/record-age", None),
    ("POST", "/record-refresh", {}),
    ("POST", "/visit/join", {"location": "US-NY"}),
    ("GET", "/visit/waiting-room", None),
    ("GET", "/visit", None),
    ("GET", "/visit/workspace", None),
    ("POST", "/visit/identity", {"method": "picture"}),
    ("POST", "/visit/mode", {"mode": "voice"}),
    ("POST", "/visit/failures", {}),
    ("POST", "/visit/completion", {}),
    ("POST", "/visit/calling-off", {"kind": "technical-failure"}),
    ("GET", "/visit/note", None),
    ("PUT", "/visit/note", {"summary": "mine now"}),
    ("POST", "/visit/note/signature", {}),
    ("POST", "/visit/note/addenda", {"kind": "correction", **WHY, **TEXT}),
    ("POST", "/visit/note/hiding", {"hidden": True}),
    ("GET", "/visit/psychotherapy-notes", None),
    ("POST", "/visit/psychotherapy-notes", TEXT),
    ("GET", "/visit/feedback", None),
    ("PUT", "/visit/feedback", {"rating": 1}),
    ("POST", "/visit/emergencies", {}),
    ("POST", "/visit/exit", {}),
    ("GET", "/charge", None),
    ("PUT", "/charge/correction", CORRECTION),
    ("PUT", "/charge/proposal", CORRECTION),
    ("POST", "/charge/agreement", {"due": PRICE}),
    ("POST", "/charge/payment", {"card_id": NOBODY}),
    ("POST", "/charge/confirmation", {}),
    ("POST", "/charge/refund", {"amount": PRICE, **WHY}),
    ("POST", "/charge/write-off", WHY),
    ("POST", "/prescriptions", script()),
    ("POST", "/letters", referral_letter()),
]
ON_NOTHING: list[tuple[str, str, Any]] = [
    ("POST", "/accounts/{id}/disabling", {}),
    ("POST", "/accounts/{id}/enabling", {}),
    ("POST", "/accounts/{id}/recovery", {}),
    ("POST", "/accounts/{id}/revocation", {"roles": ["liaison"]}),
    ("POST", "/role-grants/{id}/confirmation", {}),
    ("POST", "/role-grants/{id}/refusal", {}),
    ("POST", "/emergency-accesses/{id}/review", {"verdict": "justified", "finding": "fine"}),
    ("POST", "/duplicate-suspicions/{id}/dismissal", WHY),
    ("POST", "/duplicate-suspicions/{id}/confirmation", WHY),
    ("POST", "/consents/{id}/withdrawal", {}),
    ("GET", "/providers/{id}", None),
    ("GET", "/providers/{id}/file", None),
    ("POST", "/providers/{id}/suspension", WHY),
    ("POST", "/providers/{id}/reinstatement", WHY),
    ("POST", "/providers/{id}/departure", WHY),
    ("POST", "/sessions/{id}/publication", {}),
    ("PUT", "/sessions/{id}/offer", {"modes": ["video"], "price": PRICE}),
    ("POST", "/sessions/{id}/closing", {}),
    ("POST", "/waitlist/{id}/leaving", {}),
    ("GET", "/psychotherapy-notes/{id}", None),
    ("POST", "/emergencies/{id}/log", TEXT),
    ("POST", "/emergencies/{id}/closure", TEXT),
    ("PUT", "/prescriptions/{id}", script()),
    ("POST", "/prescriptions/{id}/signature", {}),
    ("POST", "/prescriptions/{id}/cancellation", WHY),
    ("POST", "/prescriptions/{id}/reissue", WHY),
    ("PUT", "/prescriptions/{id}/hiding", {"hidden": True}),
    ("GET", "/prescriptions/{id}/copy", None),
    ("POST", "/prescriptions/{id}/review", {"outcome": "fine"}),
    ("POST", "/letters/{id}/correction", referral_letter()),
    ("POST", "/letters/{id}/recall", {"reason": "wrong-content", "note": "mine now"}),
    ("PUT", "/letters/{id}/hiding", {"hidden": True}),
    ("POST", "/letters/{id}/delivery", {"how": "post"}),
    ("POST", "/letters/{id}/acknowledgement", {"who": "somebody"}),
    ("GET", "/letters/{id}/pdf", None),
    ("POST", "/programs/{id}/discharge", {"on": "2026-11-23", **WHY}),
    ("POST", "/programs/{id}/start", {"on": "2026-11-23", **WHY}),
    ("POST", "/programs/{id}/hold", {"on": "2026-11-23", **WHY}),
    ("POST", "/programs/{id}/cancellation", WHY),
    ("POST", "/questionnaires/{id}/sighting", {}),
    ("PUT", "/medications/{id}", {"dose": "b", "directions": "c", **WHY}),
    ("POST", "/medications/{id}/pause", WHY),
    ("POST", "/medications/{id}/resumption", WHY),
    ("POST", "/medications/{id}/stop", {"on": "2026-11-23", **WHY}),
    ("POST", "/medications/{id}/retraction", WHY),
    ("POST", "/partners/{id}/suspension", WHY),
    ("POST", "/partners/{id}/reinstatement", WHY),
    ("POST", "/referrals/{id}/submission", {}),
    ("POST", "/referrals/{id}/withdrawal", WHY),
    ("POST", "/record-conflicts/{id}/resolution", {"kept": {}, **WHY}),
    ("POST", "/quarantined-records/{id}/match", {"patient_id": NOBODY}),
    ("POST", "/quarantined-records/{id}/enrolment", {}),
    ("POST", "/quarantined-records/{id}/retry", {}),
    ("GET", "/referrals/{id}", None),
    ("POST", "/referrals/{id}/acceptance", {}),
    ("POST", "/referrals/{id}/refusal", WHY),
]
STRANGERS = ["another patient", "a patient elsewhere", "an administrator elsewhere"]


def stranger(clinic: Clinic, who: str) -> Person:
    """Somebody to whom the patient and the appointment are nothing."""
    if who == "another patient":
        return clinic.verified_patient("another")
    if who == "a patient elsewhere":
        return clinic.verified_patient("foreigner", OTHER_SLUG)
    return clinic.sign_in("admin", OTHER_SLUG)


def nothing_there(clinic: Clinic, person: Person, asked: Any, base: str, id: str) -> None:
    """See that each request is answered as if nothing were there, and changes nothing: `unknown`,
    or for what a role may never do anywhere `not-permitted`.
    """
    before = clinic.rows()
    for method, path, body in asked:
        answer, nothing = (person.ask(method, f"{base}/{at}{path}", body) for at in (id, NO_ID))
        told = (answer.status_code, answer.json()["code"])
        assert told == (nothing.status_code, nothing.json()["code"]), (method, path, answer.text)
        assert told in REFUSED, (method, path, answer.text)
    assert clinic.rows() == before


@pytest.mark.parametrize("who", STRANGERS)
def test_another_ones_patient_does_not_exist(clinic: Clinic, who: str) -> None:
    """Whoever stands in no relation to a patient cannot tell them from nobody."""
    patient, person = clinic.verified_patient(), stranger(clinic, who)
    nothing_there(clinic, person, ON_PATIENT, "/v1/patients", patient.who["patient_id"])


@pytest.mark.parametrize("who", STRANGERS)
def test_another_ones_appointment_does_not_exist(clinic: Clinic, who: str) -> None:
    """Whoever stands in no relation to an appointment cannot tell it from none."""
    provider, patient = clinic.provider(), clinic.verified_patient()
    appointment, person = clinic.booked(patient, provider), stranger(clinic, who)
    nothing_there(clinic, person, ON_APPOINTMENT, "/v1/appointments", appointment["id"])


@pytest.mark.parametrize("thing", ["patients", "appointments"])
def test_no_route_to_a_patient_or_an_appointment_is_left_out(clinic: Clinic, thing: str) -> None:
    """Whoever adds a route says here what a stranger would send."""
    base = f"/v1/{thing}/{{id:uuid}}"
    asked = {"patients": ON_PATIENT, "appointments": ON_APPOINTMENT}[thing]
    told = {(method, re.sub(NOBODY, "{}", path)) for method, path, _ in asked}
    there = {
        (method, re.sub(r"\{\w+:uuid\}", "{}", path.removeprefix(base)))
        for route in clinic.app.routes
        if isinstance(route, HTTPRoute) and (path := route.path).startswith(base)
        for method in route.methods - {"OPTIONS"}
    }
    channels = {path for _, path in there if "{channel:str}" in path}
    missing = {one for one in there if one[1] not in channels | PICTURES} - told
    assert missing == set()


@pytest.mark.parametrize(("method", "path", "body"), ON_NOTHING)
def test_what_is_not_there_is_unknown_and_changes_nothing(
    clinic: Clinic, method: str, path: str, body: Any
) -> None:
    """Whatever the id names, an administrator who finds nothing is told `unknown`, or that it is
    not theirs to do, before anything is looked for.
    """
    admin, before = clinic.sign_in("admin"), clinic.rows()
    answer = admin.ask(method, "/v1" + path.replace("{id}", NOBODY), body)
    told = (answer.status_code, answer.json()["code"])
    assert told in REFUSED, answer.text
    assert clinic.rows() == before


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
