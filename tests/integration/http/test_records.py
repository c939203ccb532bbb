"""An outside record system over HTTP: both queues, and the record's age (F55-F58)."""

from typing import Any
from uuid import UUID

from integration.http.clinic import PROFILE, Clinic, Person
from telehealth_core.access.actor import Actor
from telehealth_core.records.link import RecordKind
from telehealth_core.records.merge import Fields
from telehealth_core.records.ports import OutsideRow
from telehealth_core.shared.ids import PracticeId
from telehealth_core.shared.refusal import Unavailable
from telehealth_core.testing.doubles import MemoryRecords


def connected(clinic: Clinic, liaison: Person) -> tuple[MemoryRecords, PracticeId]:
    """The outside system, connected to the liaison's practice."""
    outside = clinic.ports.records
    assert isinstance(outside, MemoryRecords)
    id = PracticeId(UUID(liaison.who["practice_id"]))
    outside.practices.add(id)
    return outside, id


def poll(clinic: Clinic, id: PracticeId) -> None:
    """Hear what changed, a quarter of an hour later, and let follow what follows."""
    clinic.clock.forward(minutes=15)
    clinic.clinic.records.poll_patients(Actor.system(id))
    clinic.drain()


def said(**fields: str | None) -> dict[str, str | None]:
    """A patient as somebody outside writes them down."""
    return {
        "given_name": PROFILE["given_name"],
        "family_name": PROFILE["family_name"],
        "birth_date": PROFILE["birth_date"],
        **fields,
    }


def test_what_two_systems_say_differently_is_listed_and_decided(clinic: Clinic) -> None:
    """Both versions show; what counts is taken over here; a patient sees no queue (F58)."""
    liaison = clinic.staff("liaison")
    outside, id = connected(clinic, liaison)
    patient = clinic.verified_patient(by=liaison)
    clinic.drain()
    (where,) = outside.rows
    outside.edit(*where[:2], OutsideRow(outside_id=where[2], fields={"family_name": "Married"}))
    poll(clinic, id)
    (one,) = liaison.get("/v1/record-conflicts")["items"]
    assert one["differences"] == [
        {"field": "family_name", "agreed": "Example", "ours": "Example", "theirs": "Married"}
    ]
    assert patient.ask("GET", "/v1/record-conflicts").status_code == 403
    path = f"/v1/record-conflicts/{one['id']}/resolution"
    refused = liaison.ask("POST", path, {"kept": {}, "reason": "seen"})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    body = {"kept": {"family_name": "theirs"}, "reason": "seen the certificate"}
    decided = liaison.post(path, body, status=200)
    assert (decided["status"], decided["kept"]) == ("resolved", {"family_name": "theirs"})
    shown = liaison.get(f"/v1/patients/{patient.who['patient_id']}")
    assert shown["profile"]["family_name"] == "Married"
    assert liaison.get("/v1/record-conflicts") == {"items": []}


def test_what_has_no_place_is_matched_enrolled_tried_again_or_dismissed(clinic: Clinic) -> None:
    """Each by a person, with what was sent and why it waits (F58, VEN-06)."""
    liaison = clinic.staff("liaison")
    patient = clinic.verified_patient(by=liaison)
    clinic.drain()
    outside, id = connected(clinic, liaison)
    rows: tuple[Fields, ...] = (said(email="a@example.org"), said(), said(), {"gender": "?"})
    for row, fields in enumerate(rows):
        outside.edit(id, RecordKind.PATIENT, OutsideRow(outside_id=f"x{row}", fields=fields))
    poll(clinic, id)
    waiting = {one["outside_id"]: one for one in liaison.get("/v1/quarantined-records")["items"]}
    assert [one["problem"] for one in waiting.values()].count("possible-match") == 3
    assert waiting["x3"]["row"] == {"gender": "?"}
    assert waiting["x0"]["candidates"] == [patient.who["patient_id"]]
    path = {name: f"/v1/quarantined-records/{one['id']}" for name, one in waiting.items()}
    body = {"patient_id": patient.who["patient_id"]}
    assert liaison.post(f"{path['x0']}/match", body, status=200)["status"] == "released"
    assert liaison.post(f"{path['x1']}/enrolment", status=200)["status"] == "released"
    assert liaison.post(f"{path['x2']}/dismissal", {"reason": "a test"}, status=200)
    assert liaison.post(f"{path['x3']}/retry", status=200)["status"] == "waiting"
    clinic.drain()
    (left,) = liaison.get("/v1/quarantined-records")["items"]
    assert left["outside_id"] == "x3"
    shown = liaison.get(f"/v1/patients/{patient.who['patient_id']}")
    assert shown["profile"]["email"] == "a@example.org"


def test_the_age_of_an_outside_record_shows_before_a_visit(clinic: Clinic) -> None:
    """Heard again at a provider's wish; the answer comes though the system is away (F57)."""
    liaison = clinic.staff("liaison")
    outside, _ = connected(clinic, liaison)
    patient, provider = clinic.verified_patient(by=liaison), clinic.provider()
    clinic.drain()
    link: dict[str, Any] = liaison.post(
        f"/v1/providers/{provider.who['provider_id']}/record-link", {"outside_id": "d"}, status=200
    )
    assert (link["kind"], link["outside_id"]) == ("provider", "d")
    path = f"/v1/appointments/{clinic.booked(patient, provider)['id']}"
    clinic.drain()
    age = provider.get(f"{path}/record-age")
    assert (age["stale"], age["problem"]) == (False, None)
    clinic.clock.forward(minutes=20)
    assert provider.get(f"{path}/record-age") == {**age, "stale": True}
    outside.faults = [Unavailable("The outside record system")]
    away = provider.post(f"{path}/record-refresh", status=200)
    assert away == {**age, "stale": True, "problem": "unavailable"}
    fresh = provider.post(f"{path}/record-refresh", status=200)
    assert fresh["as_of"] > age["as_of"]
    assert fresh["stale"] is False
    assert patient.ask("POST", f"{path}/record-refresh").status_code == 403
