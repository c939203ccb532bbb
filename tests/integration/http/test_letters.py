"""Letters over HTTP: each step by whoever may, and what is refused told by its rule."""

from typing import Any

from integration.http.clinic import Clinic, Person, referral_letter
from integration.http.test_prescribing import in_visit

NOTE: dict[str, Any] = {
    "kind": "sick-note",
    "recipient": "To whom it may concern",
    "text": "Unable to work.",
    "certificate": {"unfit_from": "2026-11-23", "unfit_until": "2026-12-04"},
}


def refused(answer: Any) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()["code"]


def test_a_letter_is_corrected_delivered_acknowledged_and_called_back(clinic: Clinic) -> None:
    """The office posts and chases what it cannot read (MSG-03, MSG-08, REF-01)."""
    patient, doctor, path = in_visit(clinic)
    former = doctor.post(f"{path}/letters", referral_letter())
    here = f"/v1/letters/{former['id']}"
    better = doctor.post(f"{here}/correction", referral_letter(text="Please see soon."))
    assert better["supersedes"] == former["id"]
    liaison = clinic.staff("liaison")
    clinic.clock.forward(days=14)
    liaison = clinic.sign_in("liaison")
    (waiting,) = liaison.get("/v1/unanswered-letters")["items"]
    assert (waiting["letter_id"], waiting["recipient"]) == (better["id"], "A Clinic")
    there = f"/v1/letters/{better['id']}"
    sent = liaison.post(f"{there}/delivery", {"how": "post"}, status=200)
    assert (sent["status"], "text" in sent) == ("delivered", False)
    liaison.post(f"{there}/acknowledgement", {"who": "a secretary"}, status=200)
    assert liaison.get("/v1/unanswered-letters") == {"items": []}
    doctor, patient = clinic.sign_in("provider"), clinic.sign_in("patient")
    hidden = doctor.ask("PUT", f"{there}/hiding", {"hidden": True})
    assert hidden.status_code == 200
    body = {"reason": "wrong-recipient", "note": "sent to a namesake"}
    gone = doctor.post(f"{there}/recall", body, status=200)
    assert gone["recalled_because"] == "wrong-recipient"
    assert refused(patient.ask("GET", f"{there}/pdf")) == (410, "letter-recalled")
    assert refused(liaison.ask("GET", f"{there}/pdf")) == (403, "not-permitted")
    listed = patient.get(f"/v1/patients/{patient.who['patient_id']}/letters")["items"]
    assert [(one["id"], one["status"]) for one in listed] == [(former["id"], "superseded")]


def test_a_sick_note_is_certified_by_whoever_may(clinic: Clinic) -> None:
    """By a doctor; a therapist, a note from the future and half a referral are refused."""
    _, doctor, path = in_visit(clinic)
    note = doctor.post(f"{path}/letters", NOTE)
    assert note["certificate"]["fitness"] == "not-fit"
    later = {**NOTE, "certificate": {"unfit_from": "2026-11-24", "unfit_until": "2026-12-04"}}
    answer = doctor.ask("POST", f"{path}/letters", later)
    assert refused(answer) == (422, "letter-refused")
    assert answer.json()["rules"] == "begun"
    answer = doctor.ask("POST", f"{path}/letters", referral_letter(reason=None, urgency=None))
    assert answer.json()["rules"] == "reason-given, urgency-given"
    assert refused(doctor.ask("POST", f"{path}/letters", {**NOTE, "certificate": None})) == (
        422,
        "invalid",
    )


def test_a_therapist_certifies_nothing(clinic: Clinic) -> None:
    """Their profession is told as forbidden (FIT-03)."""
    therapist: Person = clinic.provider()
    patient = clinic.verified_patient()
    appointment = clinic.booked(patient, therapist)
    clinic.clock.forward(hours=1)
    path = clinic.meet(patient, therapist, appointment)
    therapist = clinic.sign_in("provider")
    answer = therapist.ask("POST", f"{path}/letters", NOTE)
    assert refused(answer) == (403, "may-not-certify")
