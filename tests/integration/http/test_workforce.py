"""Providers through HTTP: kept true by staff, and shown to patients as far as it is theirs to know
(F11, PRO-01, PRO-05).
"""

from typing import Any

from integration.http.clinic import PRICE, PROVIDER, Clinic

CARD = {
    "id",
    "status",
    "name",
    "profession",
    "gender",
    "specialties",
    "languages",
    "licences",
    "services",
    "prescriber",
}
NY = {"regulator": "NYSED", "region": "US-NY"}


def test_a_providers_life(clinic: Clinic) -> None:
    """Licensed, looked up, revised, suspended, reinstated, and let go; the visits ahead are told as
    long as nobody may give them (F11, PRO-01, PRO-04).
    """
    provider, patient, staff = clinic.provider(), clinic.verified_patient(), clinic.staff("liaison")
    path = f"/v1/providers/{provider.who['provider_id']}"
    booked = clinic.booked(patient, provider)

    def does(what: str, **body: Any) -> Any:
        return staff.post(f"{path}/{what}", body, status=200)

    file = does(
        "licences", regulator="CA board", number="2", region="US-CA", expires_on="2026-12-01"
    )
    assert [one["checked_on"] for one in file["licences"]] == [None, "2026-11-23"]
    (due,) = staff.get("/v1/due-licences", within_days="30")["items"]
    assert (due["licence"]["regulator"], due["renew_by"]) == ("CA board", "2026-12-01")
    does("licences/striking", regulator="CA board", region="US-CA")
    barred = {"status": "conditions", "conditions": ["no-prescribing"], "expires_on": "2031-12-31"}
    (licence,) = does("licences/check", **NY, **barred)["licences"]
    assert licence["conditions"] == ["no-prescribing"]
    assert staff.get(f"{path}/visits-at-risk")["items"] == []
    does("licences/check", **NY, status="suspended")
    assert [one["id"] for one in staff.get(f"{path}/visits-at-risk")["items"]] == [booked["id"]]
    does("licences/check", **NY, status="active")
    assert does("suspension", reason="a complaint")["status_reason"] == "a complaint"
    assert len(staff.get(f"{path}/visits-at-risk")["items"]) == 1
    assert patient.get("/v1/providers")["items"] == []
    assert does("reinstatement", reason="nothing in it")["status"] == "active"
    assert len(patient.get("/v1/providers")["items"]) == 1
    assert does("departure", reason="retired")["status"] == "left"
    again = staff.ask("POST", f"{path}/reinstatement", {"reason": "came back"})
    assert (again.status_code, again.json()["code"]) == (409, "illegal-transition")


def test_what_is_said_of_a_provider_is_replaced(clinic: Clinic) -> None:
    """By the version that was read; what is wrong is told by its path (F11)."""
    provider, staff = clinic.provider(), clinic.staff("liaison")
    path = f"/v1/providers/{provider.who['provider_id']}"
    file = staff.get(f"{path}/file")
    details = {
        "name": "Quinn Example",
        "gender": "female",
        "specialties": ["grief"],
        "languages": ["en", "es"],
        "services": [{**PROVIDER["services"][0], "price": {**PRICE, "minor": 21_000}}],
        "prescriber": False,
        "npi": "1234567893",
    }
    revised = staff.put(path, {"replacing": file["version"], "details": details})
    assert revised["version"] == file["version"] + 1
    assert {name: revised[name] for name in details} == details
    stale = staff.ask("PUT", path, {"replacing": file["version"], "details": details})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale-version")
    false = {"replacing": revised["version"], "details": {**details, "npi": "1234567890"}}
    refused = staff.ask("PUT", path, false)
    assert refused.status_code == 422
    assert [one["field"] for one in refused.json()["errors"]] == ["details.npi"]


def test_a_patient_sees_what_can_be_checked_and_no_more(clinic: Clinic) -> None:
    """Name, profession, regulator and number, and what is offered: not what the register said, nor
    why somebody was suspended (PRO-05, ACC-03).
    """
    provider, patient = clinic.provider(), clinic.patient()
    path = f"/v1/providers/{provider.who['provider_id']}"
    card = patient.get(path)
    assert set(card) == CARD
    (licence,) = card["licences"]
    assert licence == {**NY, "number": "000001", "expires_on": "2030-12-31"}
    assert patient.get("/v1/providers")["items"] == [card]
    assert provider.get(f"{path}/file")["version"] == 2
    assert patient.ask("GET", f"{path}/file").status_code == 403
