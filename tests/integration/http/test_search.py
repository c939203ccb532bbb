"""Find a time or a provider by wishes, page by page, and a provider's days in one's own zone."""

from typing import Any

from integration.http.clinic import Clinic, hold


def test_a_patient_finds_holds_and_no_longer_finds_a_time(clinic: Clinic) -> None:
    """The first time found can be held as it was told, and is gone then (F16, N02)."""
    provider, patient = clinic.provider(), clinic.verified_patient()
    wishes = {"specialty": "anxiety", "location": "US-NY", "mode": "video", "limit": "1"}
    first = patient.get("/v1/open-times", **wishes)
    (time,) = first["items"]
    assert time["provider_id"] == provider.who["provider_id"]
    assert time["start"] == "2026-11-23T10:00:00Z"
    assert (time["local"], first["zone"]) == ("2026-11-23T05:00:00-05:00", "America/New_York")
    (second,) = patient.get("/v1/open-times", after=first["next"], **wishes)["items"]
    patient.post("/v1/appointments", hold(provider, 10))
    again = patient.get("/v1/open-times", **wishes)
    assert again["items"] == [second]
    assert patient.get("/v1/open-times", **{**wishes, "location": "US-CA"})["items"] == []


def test_providers_are_found_by_their_earliest_time(clinic: Clinic) -> None:
    """With what they cost, speak and offer (F16)."""
    provider, patient = clinic.provider(), clinic.verified_patient()
    found = patient.get("/v1/free-providers", language="en", provider=provider.who["provider_id"])
    (one,) = found["items"]
    assert (one["name"], one["languages"], one["modes"]) == ("Quinn Therapist", ["en"], ["video"])
    assert one["price_from"] == {"minor": 20_000, "currency": "USD"}
    assert one["earliest"]["start"] == "2026-11-23T10:00:00Z"
    assert (found["next"], found["looked_until"]) == (None, None)
    assert patient.get("/v1/free-providers", gender="female")["items"] == []


def test_a_provider_s_days_are_those_of_the_asker_s_zone(clinic: Clinic) -> None:
    """Eight hours in New York lie on two days in Auckland (F17)."""
    provider, patient = clinic.provider(), clinic.patient()
    days: Any = patient.get(
        f"/v1/providers/{provider.who['provider_id']}/open-days", zone="Pacific/Auckland"
    )
    assert [(one["day"], len(one["items"])) for one in days["items"]] == [
        ("2026-11-23", 1),
        ("2026-11-24", 7),
    ]


def test_what_cannot_be_asked_for_is_told_by_its_name(clinic: Clinic) -> None:
    """A misspelled wish, a page that nobody told, a place of no form: each is named."""
    patient = clinic.patient()
    for wrong, value in (
        ("speciality", "anxiety"),
        ("after", "tomorrow"),
        ("location", "New York"),
        ("limit", "0"),
        ("gender", "robot"),
    ):
        answer = patient.ask("GET", "/v1/open-times", params={wrong: value})
        assert answer.status_code == 422
        assert [one["field"] for one in answer.json()["errors"]] == [wrong]
