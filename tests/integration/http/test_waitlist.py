"""A patient waits, is offered the time that another gave up, and takes it."""

from integration.http.clinic import PRICE, Clinic, hold

DAY = {"start": "2026-11-23T10:00:00Z", "end": "2026-11-23T11:00:00Z"}


def test_a_time_given_up_is_offered_and_taken(clinic: Clinic) -> None:
    """Join, be offered, request: the offer is an appointment like any other (N09)."""
    provider, first = clinic.provider(), clinic.verified_patient()
    patient = clinic.verified_patient("second")
    held = first.post("/v1/appointments", hold(provider))
    wish = {"provider_id": provider.who["provider_id"], "location": "US-NY", "period": DAY}
    joined = patient.post("/v1/waitlist", wish, key="one wish")
    assert patient.post("/v1/waitlist", wish, key="one wish") == joined
    assert (joined["status"], joined["appointment_id"]) == ("waiting", None)
    clinic.drain()
    first.post(f"/v1/appointments/{held['id']}/cancellation", {}, status=200)
    clinic.drain()
    mine = f"/v1/patients/{patient.who['patient_id']}/waitlist"
    (offered,) = patient.get(mine)["items"]
    assert (offered["status"], offered["offered_until"]) == ("offered", "2026-11-23T09:30:00Z")
    card = patient.post("/v1/cards", {"token": "tok_visa"})
    path = f"/v1/appointments/{offered['appointment_id']}"
    patient.post(f"{path}/request", {"agreed": PRICE, "card_id": card["id"]}, status=200)
    clinic.drain()
    assert patient.get(mine)["items"][0]["status"] == "taken"


def test_who_leaves_waits_no_more(clinic: Clinic) -> None:
    """Staff see who waits, and no other patient may end it (N09)."""
    patient, other = clinic.verified_patient(), clinic.verified_patient("other")
    wish = {"specialty": "anxiety", "location": "US-NY", "period": DAY}
    joined = patient.post("/v1/waitlist", wish)
    assert [one["id"] for one in clinic.sign_in("admin").get("/v1/waitlist")["items"]] == [
        joined["id"]
    ]
    leaving = f"/v1/waitlist/{joined['id']}/leaving"
    assert other.ask("POST", leaving, {}).status_code == 404
    assert patient.post(leaving, {}, status=200)["status"] == "left"
    again = patient.ask("POST", leaving, {})
    assert (again.status_code, again.json()["code"]) == (409, "illegal-transition")
    assert clinic.sign_in("admin").get("/v1/waitlist")["items"] == []
