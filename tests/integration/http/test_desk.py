"""The front desk through HTTP: shifts, bookings by staff, series, red flags, history (F13, F20,
F22-F29, N10).
"""

from typing import Any

from integration.http.clinic import PRICE, Clinic, Person, hold


def booking(patient: Person, provider: Person, hour: int = 10, **other: Any) -> dict[str, Any]:
    """What staff send to book for this patient."""
    facts = {"patient_id": patient.who["patient_id"], "agreed": PRICE}
    return {**hold(provider, hour), **facts, **other}


def test_staff_book_amend_and_read_the_history(clinic: Clinic) -> None:
    """In one request, with a rule set aside; the patient sees it in their calendar (F22-F24, F27,
    F29).
    """
    provider, patient, admin = clinic.provider(), clinic.verified_patient(), clinic.sign_in("admin")
    off_hours = booking(patient, provider, 9, start="2026-11-23T09:30:00Z")
    refused = admin.ask("POST", "/v1/bookings", off_hours)
    assert (refused.status_code, refused.json()["rules"]) == (409, "on-shift, on-grid")
    aside = {"rules": ["on-grid", "on-shift"], "reason": "agreed on the phone"}
    booked = admin.post("/v1/bookings", {**off_hours, "override": aside})
    path = f"/v1/appointments/{booked['id']}"
    assert booked["status"] == "booked"
    hard = admin.ask(
        "POST", "/v1/bookings", {**off_hours, "override": {**aside, "rules": ["no-clash"]}}
    )
    assert hard.status_code == 422
    change = {"mode": "video", "location": "US-NY", "description": "sleep", "because": "called"}
    assert admin.put(f"{path}/arrangement", change)["reason"] == "sleep"
    changes = patient.get(f"{path}/history")["items"]
    assert [(one["verb"], one["reason"]) for one in changes] == [
        ("hold", "agreed on the phone"),
        ("request", None),
        ("approve", None),
        ("amend", "called"),
    ]
    calendar = patient.get(f"/v1/patients/{patient.who['patient_id']}/calendar")
    assert [one["id"] for one in calendar["upcoming"]] == [booked["id"]]
    assert calendar["past"] == calendar["cancelled"] == []
    own = provider.get(f"/v1/providers/{provider.who['provider_id']}/schedule")
    assert [one["id"] for one in own["upcoming"]] == [booked["id"]]
    assert patient.ask("POST", "/v1/bookings", off_hours).status_code == 403


def test_a_red_flag_reaches_the_dashboard(clinic: Clinic) -> None:
    """The form, the answer with whom to call, the queue, the review (F20, F23, TEL-11)."""
    provider, patient, admin = clinic.provider(), clinic.verified_patient(), clinic.sign_in("admin")
    settings = admin.get("/v1/practice/settings")
    replacing = settings.pop("version")
    form = [{"asks": "Are you safe?", "choices": ["yes", "no"], "red_flags": ["no"]}]
    admin.put(
        "/v1/practice/settings",
        {"replacing": replacing, "settings": {**settings, "pre_screening": form}},
    )
    booked = admin.post("/v1/bookings", booking(patient, provider))
    path = f"/v1/appointments/{booked['id']}"
    (asked,) = patient.get(f"{path}/pre-screening")["items"]
    assert asked == {"asks": "Are you safe?", "choices": ["yes", "no"]}
    answers = {"answers": [{"question": asked["asks"], "text": "no"}]}
    told = patient.put(f"{path}/pre-screening", answers)
    assert (told["emergency_number"], told["crisis_number"]) == ("911", "988")
    dashboard = admin.get("/v1/dashboard")
    assert [one["id"] for one in dashboard["flagged"]] == [booked["id"]]
    assert [one["id"] for one in dashboard["newest"]] == [booked["id"]]
    assert admin.get("/v1/dashboard/newest", before=booked["id"])["items"] == []
    reviewed = admin.post(f"{path}/red-flag-review", {"note": "called them"}, status=200)
    assert reviewed["flags_open"] is False
    assert admin.get("/v1/dashboard")["flagged"] == []


def test_a_series_is_booked_whole_or_told_visit_by_visit(clinic: Clinic) -> None:
    """Conflicts name their days and rules; leaving those out books the rest; the rest is cancelled
    (N10).
    """
    provider, patient, admin = clinic.provider(), clinic.verified_patient(), clinic.sign_in("admin")
    weekly = {
        "weekdays": ["mon"],
        "starts": "09:00",
        "ends": "12:00",
        "first_day": "2026-11-30",
        "last_day": "2026-12-14",
    }
    shift = {"service": "therapy", "modes": ["video"], "start_every_minutes": 60, "draft": True}
    provider_id = provider.who["provider_id"]
    drafts = admin.post(
        "/v1/session-series", {**shift, "provider_id": provider_id, "repeat": weekly}
    )["items"]
    assert {one["status"] for one in drafts} == {"draft"}
    published = f"/v1/sessions/{drafts[0]['id']}/publication"
    assert len(admin.post(published, {"rest": True}, status=200)["items"]) == 3
    rhythm = {"first_day": "2026-11-30", "starts": "10:00", "every_weeks": 1, "visits": 4}
    body = {
        "patient_id": patient.who["patient_id"],
        "provider_id": provider_id,
        "service": "therapy",
        "rhythm": rhythm,
        "mode": "video",
        "location": "US-NY",
        "agreed": PRICE,
    }
    refused = admin.ask("POST", "/v1/appointment-series", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "series-conflicts")
    (conflict,) = refused.json()["conflicts"]
    assert conflict["day"] == "2026-12-21"
    body["rhythm"] = {**rhythm, "except_days": [conflict["day"]]}
    booked = admin.post("/v1/appointment-series", body)["items"]
    assert {one["status"] for one in booked} == {"booked"}
    path = f"/v1/appointments/{booked[1]['id']}/series"
    assert [one["id"] for one in patient.get(path)["items"]] == [one["id"] for one in booked]
    cancelled = patient.post(f"{path}/cancellation", {}, status=200)["items"]
    assert [one["id"] for one in cancelled] == [one["id"] for one in booked[1:]]


def test_a_shift_is_revised_and_closed(clinic: Clinic) -> None:
    """What is booked stays and is listed (F13)."""
    provider, patient, admin = clinic.provider(), clinic.verified_patient(), clinic.sign_in("admin")
    booked = admin.post("/v1/bookings", booking(patient, provider))
    path = f"/v1/sessions/{provider.who['session_id']}"
    dearer = {"minor": 30_000, "currency": "USD"}
    (revised,) = admin.put(f"{path}/offer", {"modes": ["voice"], "price": dearer})["items"]
    assert (revised["price"], revised["modes"]) == (dearer, ["voice"])
    closed = admin.post(f"{path}/closing", status=200)
    assert [one["status"] for one in closed["sessions"]] == ["closed"]
    assert [(one["id"], one["price"]) for one in closed["affected"]] == [(booked["id"], PRICE)]


def test_what_a_clinician_hid_is_hidden(clinic: Clinic) -> None:
    """The provider hides and shows; nobody else does (CHD-06)."""
    provider, patient, admin = clinic.provider(), clinic.verified_patient(), clinic.sign_in("admin")
    booked = admin.post("/v1/bookings", booking(patient, provider))
    path = f"/v1/appointments/{booked['id']}"
    assert provider.post(f"{path}/hiding", {}, status=200)["hidden"] is True
    assert admin.ask("POST", f"{path}/hiding", {}).status_code == 403
    assert provider.post(f"{path}/unhiding", {}, status=200)["hidden"] is False
