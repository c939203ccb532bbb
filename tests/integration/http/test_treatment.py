"""Treatment over HTTP: programs, the medication list, and questionnaires (F38-F41, TEL-11)."""

import pytest

from integration.http.clinic import Clinic, Person

ALARMING, CALM = [0] * 8 + [2], [1] * 8 + [0]


@pytest.fixture
def patient(clinic: Clinic) -> Person:
    """Who is treated."""
    return clinic.verified_patient()


def path(patient: Person, what: str) -> str:
    """Where the patient's things are."""
    return f"/v1/patients/{patient.who['patient_id']}/{what}"


@pytest.fixture
def provider(clinic: Clinic, patient: Person) -> Person:
    """Who leads the patient's program, planned for December."""
    provider = clinic.provider()
    program = clinic.sign_in("admin").post(
        path(patient, "programs"),
        {
            "provider_id": provider.who["provider_id"],
            "kind": "IOP",
            "starts_on": "2026-12-01",
            "anticipated_discharge_on": "2026-12-21",
        },
    )
    assert (program["status"], program["progress_percent"]) == ("planned", 0.0)
    provider.who["program"] = f"/v1/programs/{program['id']}"
    return provider


def test_a_program_starts_stands_still_goes_on_and_ends(
    clinic: Clinic, patient: Person, provider: Person
) -> None:
    """Its percentage stands still on hold; all of it is in one place, with reasons (F38-F41)."""
    program = provider.who["program"]
    body = {"on": "2026-11-23", "reason": "a bed is free"}
    started = provider.post(f"{program}/start", body, status=200)
    assert (started["status"], started["starts_on"]) == ("active", "2026-11-23")
    clinic.clock.forward(days=7)
    provider = clinic.sign_in("provider")
    held = provider.post(f"{program}/hold", {"on": "2026-11-30", "reason": "away"}, status=200)
    assert (held["status"], held["progress_percent"]) == ("onhold", 25.0)
    clinic.clock.forward(days=10)
    provider, patient = clinic.sign_in("provider"), clinic.sign_in("patient")
    (seen,) = patient.get(path(patient, "programs"))["items"]
    assert seen == held
    body = {"on": "2026-12-10", "anticipated_discharge_on": "2026-12-31", "reason": "back"}
    resumed = provider.post(f"{program}/resumption", body, status=200)
    assert (resumed["status"], resumed["progress_percent"]) == ("active", 25.0)
    late = provider.ask("POST", f"{program}/cancellation", {"reason": "too late"})
    assert (late.status_code, late.json()["code"]) == (409, "illegal-transition")
    ended = {"on": "2026-12-10", "reason": "well"}
    done = provider.post(f"{program}/discharge", ended, status=200)
    assert (done["progress_percent"], done["discharged_early"]) == (100.0, True)
    activity = patient.get(path(patient, "activity"))["items"]
    verbs = ["discharge", "resume", "pause", "start", "enter"]
    assert [one["verb"] for one in activity] == verbs
    assert clinic.sign_in("admin").ask("GET", path(patient, "activity")).status_code == 403


def test_a_planned_program_is_given_up(patient: Person, provider: Person) -> None:
    """Before it began, with the reason (F41)."""
    program = provider.who["program"]
    gone = provider.post(f"{program}/cancellation", {"reason": "moved away"}, status=200)
    assert (gone["status"], gone["progress_percent"]) == ("cancelled", None)
    answer = patient.ask("POST", f"{program}/start", {"on": "2026-12-01", "reason": "I"})
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown")


def test_the_medication_list(patient: Person, provider: Person) -> None:
    """The patient reports, the provider manages; what is taken now comes first (F40)."""
    usual = {"medicine": "Zinc", "dose": "1 mg", "directions": "one", "since": "2026-11-01"}
    reported = patient.post(path(patient, "medications"), {**usual, "source": "provider"})
    assert (reported["source"], reported["status"]) == ("patient", "active")
    listed = provider.post(path(patient, "medications"), {**usual, "medicine": "Iron"})
    one = f"/v1/medications/{listed['id']}"
    changed = provider.put(one, {"dose": "2 mg", "directions": "two", "reason": "too little"})
    assert changed["revisions"][0]["before"] == "1 mg, one"
    because = {"reason": "operation"}
    assert provider.post(f"{one}/pause", because, status=200)["status"] == "on-hold"
    assert provider.post(f"{one}/resumption", because, status=200)["status"] == "active"
    early = provider.ask("POST", f"{one}/stop", {"on": "2026-10-31", "reason": "early"})
    assert (early.status_code, early.json()["code"]) == (422, "invalid")
    stopped = provider.post(f"{one}/stop", {"on": "2026-11-23", "reason": "well"}, status=200)
    assert (stopped["status"], stopped["stopped_on"]) == ("stopped", "2026-11-23")
    found = patient.get(path(patient, "medications"))["items"]
    assert [each["medicine"] for each in found] == ["Zinc", "Iron"]
    wrong = f"/v1/medications/{reported['id']}/retraction"
    assert patient.ask("POST", wrong, because).status_code == 403
    assert provider.post(wrong, because, status=200)["status"] == "entered-in-error"


def test_an_alarming_answer_waits_for_a_human(
    clinic: Clinic, patient: Person, provider: Person
) -> None:
    """Whoever gave it is told whom to call; the office sees that there is one, and no answers
    (TEL-11, ACC-03).
    """
    calm, alarming = (
        patient.post(path(patient, "questionnaires"), {"instrument": "phq-9", "answers": answers})
        for answers in (CALM, ALARMING)
    )
    assert (calm["emergency_number"], calm["questionnaire"]["band"]) == (None, "mild")
    assert (alarming["emergency_number"], alarming["crisis_number"]) == ("911", "988")
    liaison = clinic.staff("liaison")
    (waiting,) = liaison.get("/v1/questionnaire-alarms")["items"]
    assert (waiting["id"], waiting["answers"]) == (alarming["questionnaire"]["id"], [])
    sighting = f"/v1/questionnaires/{waiting['id']}/sighting"
    assert patient.ask("POST", sighting).status_code == 403
    seen = liaison.post(sighting, status=200)
    assert (seen["answers"], seen["seen_at"] is None) == ([], False)
    assert liaison.get("/v1/questionnaire-alarms")["items"] == []
    told = provider.get(path(patient, "questionnaires"))["items"]
    assert sorted(one["answers"] for one in told) == sorted([CALM, ALARMING])
    body = {"instrument": "horoscope", "answers": [1]}
    refused = patient.ask("POST", path(patient, "questionnaires"), body)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
