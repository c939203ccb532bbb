"""Over HTTP: roles with a second administrator, leaving, purposes, emergencies, and who is told."""

from typing import Any

import pytest

from integration.http.clinic import PASSWORD, Clinic, Person


def test_a_staff_account_waits_for_a_second_administrator(clinic: Clinic) -> None:
    """One administrator opens it, another confirms, and only then it may (ACC-11)."""
    admin, second = clinic.sign_in("admin"), clinic.sign_in("second-admin")
    body = {"email": "liaison@example.org", "password": PASSWORD, "roles": ["liaison"]}
    opened = admin.post("/v1/accounts", body)
    assert opened["roles"] == []
    liaison, path = clinic.sign_in("liaison"), f"/v1/role-grants/{opened['role_grant_id']}"
    assert liaison.ask("GET", "/v1/patients").status_code == 403
    (waiting,) = second.get("/v1/role-grants")["items"]
    assert (waiting["id"], waiting["roles"]) == (opened["role_grant_id"], ["liaison"])
    refused = admin.ask("POST", f"{path}/confirmation")
    assert (refused.status_code, refused.json()["code"]) == (403, "not-yours-to-decide")
    assert second.post(f"{path}/confirmation", status=200)["status"] == "granted"
    assert liaison.ask("GET", "/v1/patients").status_code == 200


def test_further_roles_are_asked_for_refused_and_taken_away(clinic: Clinic) -> None:
    """Asked for by one administrator, decided by another; revoked at once (ACC-11, ACC-12)."""
    liaison = clinic.staff("liaison")
    admin, second = clinic.sign_in("admin"), clinic.sign_in("second-admin")
    body = {"account_id": liaison.who["user_id"], "roles": ["admin"]}
    asked = admin.post("/v1/role-grants", body)
    assert second.post(f"/v1/role-grants/{asked['id']}/refusal", status=200)["status"] == "refused"
    path = f"/v1/accounts/{liaison.who['user_id']}/revocation"
    assert admin.post(path, {"roles": ["liaison"]}, status=200)["roles"] == []
    assert liaison.ask("GET", "/v1/patients").status_code == 403


def test_whoever_left_is_out_with_the_next_request(clinic: Clinic) -> None:
    """An open session is nobody's from then on, until the account is enabled anew (ACC-12)."""
    liaison, admin = clinic.staff("liaison"), clinic.sign_in("admin")
    path = f"/v1/accounts/{liaison.who['user_id']}"
    assert admin.post(f"{path}/disabling", status=200)["disabled_at"] is not None
    assert liaison.ask("GET", "/v1/me").status_code == 401
    body = {"practice": "hudson", "email": "liaison@example.org", "password": PASSWORD}
    assert clinic.anybody.ask("POST", "/v1/sign-ins", body).status_code == 401
    assert admin.post(f"{path}/enabling", status=200)["disabled_at"] is None
    assert liaison.ask("GET", "/v1/me").status_code == 401
    assert clinic.sign_in("liaison").ask("GET", "/v1/me").status_code == 200
    listed = admin.get("/v1/accounts", limit="3")["items"]
    assert len(listed) == 3
    assert admin.get("/v1/accounts", after=listed[-1]["id"])["items"] == []


def test_an_administrator_recovers_an_account_that_was_tried_too_often(clinic: Clinic) -> None:
    """The answer is the same throughout; recovered, the right password opens it (AUT-06)."""
    liaison, admin = clinic.staff("liaison"), clinic.sign_in("admin")
    right = {"practice": "hudson", "email": "liaison@example.org", "password": PASSWORD}
    wrong = {**right, "password": "another sentence entirely"}
    told = [clinic.anybody.ask("POST", "/v1/sign-ins", wrong).json() for _ in range(5)]
    told.append(clinic.anybody.ask("POST", "/v1/sign-ins", right).json())
    nobody = {**wrong, "email": "nobody@example.org"}
    told.append(clinic.anybody.ask("POST", "/v1/sign-ins", nobody).json())
    assert all(one == told[0] for one in told)
    admin.post(f"/v1/accounts/{liaison.who['user_id']}/recovery", status=200)
    clinic.sign_in("liaison")


def test_staff_say_what_they_open_a_record_for(clinic: Clinic) -> None:
    """Without a purpose 422 and nothing shown; with one it is in the audit; no other word counts
    (ACC-05).
    """
    patient, liaison = clinic.patient(), clinic.staff("liaison")
    path = f"/v1/patients/{patient.who['patient_id']}"
    bare = Person(clinic.client, liaison.token)
    refused = bare.ask("GET", path)
    assert (refused.status_code, refused.json()["code"]) == (422, "purpose-needed")
    assert "profile" not in refused.json()
    other = bare.ask("GET", path, headers={"Purpose-Of-Use": "curiosity"})
    assert (other.status_code, other.json()["code"]) == (422, "invalid")
    assert bare.ask("GET", path, headers={"Purpose-Of-Use": "legal"}).status_code == 200
    entry = clinic.store.audit[-1]
    assert (entry.purpose, entry.outcome) == ("legal", "read")
    assert entry.request is not None


@pytest.fixture
def emergency(clinic: Clinic) -> dict[str, Any]:
    """An emergency access of a provider who does not treat the patient."""
    patient, provider = clinic.patient(), clinic.provider()
    path = f"/v1/patients/{patient.who['patient_id']}"
    assert provider.ask("GET", path).status_code == 404
    body = {"reason": "medical-emergency", "text": "found unconscious"}
    opened = provider.post(f"{path}/emergency-accesses", body)
    return {"patient": patient, "provider": provider, "path": path, "opened": opened}


def test_an_emergency_is_opened_told_reviewed_and_seen_by_the_patient(
    clinic: Clinic, emergency: dict[str, Any]
) -> None:
    """The whole way, over the wire (N08, ACC-06, AUD-10)."""
    provider, patient, path = emergency["provider"], emergency["patient"], emergency["path"]
    assert provider.get(path)["id"] == patient.who["patient_id"]
    admin = clinic.sign_in("admin")
    (waiting,) = admin.get("/v1/emergency-accesses")["items"]
    assert (waiting["id"], waiting["overdue"]) == (emergency["opened"]["id"], False)
    review = f"/v1/emergency-accesses/{waiting['id']}/review"
    verdict = {"verdict": "justified", "finding": "was on call"}
    assert provider.ask("POST", review, verdict).status_code == 403
    assert admin.post(review, verdict, status=200)["status"] == "reviewed"
    assert provider.ask("GET", path).status_code == 404
    seen = patient.get(f"{path}/openings")["items"]
    told = [(one["role"], one["side"], one["purpose"]) for one in seen]
    assert ("provider", "practice", "emergency") in told
    assert patient.get(f"{path}/openings", before=str(seen[-1]["id"]))["items"] == []


def test_breaking_the_glass_needs_words_and_a_fresh_proof(
    clinic: Clinic, emergency: dict[str, Any]
) -> None:
    """Without a reason 422; with an old sign-in 401, until the password is given again (AUT-11)."""
    provider, path = emergency["provider"], f"{emergency['path']}/emergency-accesses"
    missing = provider.ask("POST", path, {"reason": "medical-emergency"})
    assert missing.status_code == 422
    clinic.clock.forward(hours=1)
    body = {"reason": "urgent-cover", "text": "on call tonight"}
    refused = provider.ask("POST", path, body)
    assert (refused.status_code, refused.json()["code"]) == (401, "step-up-needed")
    provider.post("/v1/sign-ins/current/proof", {"password": PASSWORD}, status=200)
    provider.post(path, body)


def test_the_audit_is_reported_in_any_order_page_after_page(
    clinic: Clinic, emergency: dict[str, Any]
) -> None:
    """To administrators alone (AUD-08)."""
    admin, period = clinic.sign_in("admin"), {"from": "2026-11-23", "until": "2026-11-24"}
    assert emergency["provider"].ask("GET", "/v1/audit").status_code == 403
    for by in ("at", "patient_id", "actor", "action"):
        first = admin.get("/v1/audit", **period, by=by, limit="3")["items"]
        rest = admin.get("/v1/audit", **period, by=by, after=str(first[-1]["id"]))["items"]
        keys = [(one[by], one["id"]) for one in (*first, *rest)]
        assert keys == sorted(keys)
        assert len({id for _, id in keys}) == len(keys) > 5
