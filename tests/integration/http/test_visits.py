"""A visit through HTTP: gates, notes, feedback, emergencies, and how it can end."""

from typing import Any

import pytest

from integration.http.clinic import Clinic, Person


@pytest.fixture
def visit(clinic: Clinic) -> tuple[Clinic, Person, Person, str]:
    """A visit that is an hour away, its people, and its path."""
    provider, patient = clinic.provider(), clinic.verified_patient()
    appointment = clinic.booked(patient, provider)
    return clinic, patient, provider, f"/v1/appointments/{appointment['id']}"


Visit = tuple[Clinic, Person, Person, str]


def passed(gates: list[dict[str, Any]]) -> dict[str, bool]:
    """Each gate by its name."""
    return {gate["name"]: gate["passed"] for gate in gates}


def test_the_waiting_room_names_the_gates_and_whom_to_call(visit: Visit) -> None:
    """Too early and saying nothing: all of it is told at once (TEL-01, TEL-04, TEL-07)."""
    clinic, patient, provider, path = visit
    refused = patient.ask("POST", f"{path}/visit/join", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "not-admitted")
    assert refused.json()["gates"] == "open, location-said, space-said"
    assert refused.json()["emergency_number"] == "911"
    clinic.clock.forward(hours=1)
    waiting = provider.get(f"{path}/visit/waiting-room")
    assert passed(waiting["patient"])["location-said"] is False
    assert all(passed(waiting["provider"]).values())
    said = {"location": "US-NY", "private": True}
    admitted = patient.post(f"{path}/visit/join", said, status=200)
    assert (admitted["mode"], admitted["crisis_number"]) == ("video", "988")
    assert all(passed(admitted["other_side"]).values())


def test_a_visit_is_documented_rated_and_confirmed(visit: Visit) -> None:
    """Identity, mode, note with an addendum, thoughts apart, feedback of both, report (F34, F42,
    SAF-03, ACC-08, IDV-04).
    """
    clinic, patient, provider, path = visit
    clinic.clock.forward(hours=1)
    clinic.meet(patient, provider, {"id": path.rpartition("/")[2]})
    changed = provider.post(f"{path}/visit/mode", {"mode": "voice"}, status=200)
    assert [one["mode"] for one in changed["mode_changes"]] == ["voice"]
    provider.put(f"{path}/visit/note", {"summary": "sleeps badly", "plan": "a diary"})
    desk = provider.get(f"{path}/visit/workspace")
    assert (desk["patient"]["profile"]["given_name"], desk["location"]) == ("Pat", "US-NY")
    assert (desk["missing"], desk["private"]) == ([], True)
    (waits,) = provider.get("/v1/visits/unconfirmed")["items"]
    assert waits["counted_seconds"] == 30 * 60
    signed = provider.post(f"{path}/visit/note/signature", status=200)
    assert signed["status"] == "signed"
    more = {"kind": "correction", "reason": "a slip", "text": "sleeps well"}
    added = provider.post(f"{path}/visit/note/addenda", more)
    assert [one["text"] for one in added["addenda"]] == ["sleeps well"]
    assert patient.get(f"{path}/visit/note") == added
    apart = provider.post(f"{path}/visit/psychotherapy-notes", {"text": "what I make of it"})
    assert provider.get(f"/v1/psychotherapy-notes/{apart['id']}") == apart
    assert provider.get(f"{path}/visit/psychotherapy-notes")["items"] == [apart]
    for nobody in (patient, clinic.sign_in("admin")):
        assert nobody.ask("GET", f"/v1/psychotherapy-notes/{apart['id']}").status_code == 404
    refused = provider.ask(
        "POST", f"{path}/visit/psychotherapy-notes", {"text": "x", "diagnosis": "y"}
    )
    assert refused.status_code == 422
    for person, rating in ((patient, 2), (provider, 4)):
        said = {"rating": rating, "issues": ["echo"], "comment": "words"}
        person.put(f"{path}/visit/feedback", said)
    seen = provider.get(f"{path}/visit/feedback")["items"]
    assert {one["side"]: one["comment"] for one in seen} == {"patient": None, "provider": "words"}
    report = clinic.sign_in("admin").get(
        "/v1/reports/connections", **{"from": "2026-11-01", "until": "2026-12-01"}
    )
    assert (report["patient"], report["provider"]) == ({"2": 1}, {"4": 1})
    assert report["issues"] == {"echo": 2}
    done = provider.post(f"{path}/visit/completion", {}, status=200)
    assert (done["status"], done["outcome"]["kind"]) == ("completed", "took-place")


def test_an_emergency_stays_before_staff_until_it_is_closed(visit: Visit) -> None:
    """One step raises it, one without a word leaves the call; staff look after both (TEL-05,
    TEL-10).
    """
    clinic, patient, provider, path = visit
    admin = clinic.sign_in("admin")
    raised = provider.post(f"{path}/visit/emergencies", key="once")
    assert provider.post(f"{path}/visit/emergencies", key="once") == raised
    assert patient.post(f"{path}/visit/exit", status=200) == {"left": True}
    kinds = [one["kind"] for one in admin.get("/v1/emergencies")["items"]]
    assert sorted(kinds) == ["quiet-exit", "raised"]
    admin.post(f"/v1/emergencies/{raised['id']}/log", {"text": "called"}, status=200)
    closed = admin.post(f"/v1/emergencies/{raised['id']}/closure", {"text": "well"}, status=200)
    assert [one["text"] for one in closed["log"]] == ["called", "well"]
    assert len(admin.get("/v1/emergencies")["items"]) == 1


def test_a_visit_that_did_not_come_to_pass_costs_nothing(visit: Visit) -> None:
    """Reported by the patient, decided by the provider (F32, TEL-09)."""
    clinic, patient, provider, path = visit
    clinic.clock.forward(hours=1)
    patient.post(f"{path}/visit/join", {"location": "US-NY", "private": False}, status=200)
    reported = patient.post(f"{path}/visit/failures", {"text": "no sound"}, status=200)
    assert [one["text"] for one in reported["failures"]] == ["no sound"]
    ended = provider.post(f"{path}/visit/calling-off", {"kind": "technical-failure"}, status=200)
    assert ended["status"] == "cancelled"
    clinic.drain()
    assert patient.get(f"{path}/charge")["status"] == "waived"
    assert patient.get(path)["cancelled_because"] == "technical"
