"""Partners over HTTP: drafts, following as far as the patient lets them, suspension; and their
conversation (F02, F49-F54, ACC-14).
"""

from typing import Any

import pytest

from integration.http.clinic import PASSWORD, PROFILE, SLUG, Clinic, Person

BODY: dict[str, Any] = {
    "client": {**PROFILE, "email": "client@example.org"},
    "reason": "anxiety",
}


@pytest.fixture
def partner(clinic: Clinic) -> Person:
    """A member of a partner organisation."""
    partner_id = clinic.sign_in("admin").post("/v1/partners", {"name": "Partner"})["id"]
    partner = clinic.staff("partner", partner_id=partner_id)
    partner.who["partner_id"] = partner_id
    return partner


@pytest.fixture
def client(clinic: Clinic, partner: Person) -> Person:
    """Whom the partner referred, and who registered without letting it follow."""
    referral = partner.post("/v1/referrals", BODY)
    clinic.sign_in("admin").post(f"/v1/referrals/{referral['id']}/acceptance", {}, status=200)
    (secret,) = (row.invitation for row in clinic.store.rows["referrals"].values())
    body = {"practice": SLUG, "invitation": secret, "password": PASSWORD}
    clinic.anybody.post("/v1/registrations/invited", body)
    return clinic.sign_in("client")


def own(client: Person, what: str) -> str:
    """Where the client's things are."""
    return f"/v1/patients/{client.who['patient_id']}/{what}"


def test_a_draft_is_revised_sent_and_withdrawn(clinic: Clinic, partner: Person) -> None:
    """The office sees it once it is sent; a withdrawn one is over (F49)."""
    draft = partner.post("/v1/referral-drafts", BODY)
    admin, path = clinic.sign_in("admin"), f"/v1/referrals/{draft['id']}"
    assert (draft["status"], admin.get("/v1/referrals")["items"]) == ("draft", [])
    revised = partner.put(path, {**BODY, "reason": "anxiety, worse"})
    assert revised["reason"] == "anxiety, worse"
    assert partner.post(f"{path}/submission", status=200)["status"] == "submitted"
    (waiting,) = admin.get("/v1/referrals")["items"]
    assert waiting["id"] == draft["id"]
    late = partner.ask("PUT", path, BODY)
    assert (late.status_code, late.json()["code"]) == (409, "illegal-transition")
    withdrawn = partner.post(f"{path}/withdrawal", {"reason": "moved"}, status=200)
    assert (withdrawn["status"], withdrawn["closed_because"]) == ("withdrawn", "moved")
    assert partner.get("/v1/referrals")["items"] == [withdrawn]
    assert admin.get("/v1/referrals", status="withdrawn")["items"] == [withdrawn]


def test_a_partner_follows_so_far_and_so_long_as_the_patient_lets_it(
    clinic: Clinic, partner: Person, client: Person
) -> None:
    """After the end the next call finds nobody (F51, ACC-14, CON-02)."""
    programs = own(client, "programs")
    assert partner.ask("GET", programs).status_code == 404
    body = {"partner_id": partner.who["partner_id"], "days": 30, "scope": ["program"]}
    told = client.put(own(client, "followers"), body)
    assert (told["until"], told["scope"]) == ("2026-12-23T09:00:00Z", ["program"])
    assert partner.get(programs)["items"] == []
    assert partner.ask("GET", own(client, "questionnaires")).status_code == 403
    (followed,) = partner.get("/v1/followed-patients")["items"]
    assert (followed["name"], followed["phone"], followed["scope"]) == (None, None, ["program"])
    refused = clinic.sign_in("admin").ask("PUT", own(client, "followers"), body)
    assert refused.status_code == 403
    end = {"partner_id": partner.who["partner_id"]}
    client.post(own(client, "followers/end"), end, status=200)
    gone = partner.ask("GET", programs)
    assert (gone.status_code, gone.json()["code"]) == (404, "unknown")
    assert partner.get("/v1/followed-patients")["items"] == []


def test_a_suspended_partner_sees_nothing_until_it_is_reinstated(
    clinic: Clinic, partner: Person, client: Person
) -> None:
    """From the next request on, with the session it already has (F02)."""
    body = {"partner_id": partner.who["partner_id"], "days": 30, "scope": ["program", "chat"]}
    client.put(own(client, "followers"), body)
    admin, path = clinic.sign_in("admin"), f"/v1/partners/{partner.who['partner_id']}"
    messages = own(client, "conversations/partner/messages")
    partner.post(messages, {"text": "hello"})
    suspended = admin.post(f"{path}/suspension", {"reason": "a complaint"}, status=200)
    assert (suspended["status"], suspended["reason"]) == ("suspended", "a complaint")
    for method, where, what in (
        ("GET", "/v1/followed-patients", None),
        ("GET", "/v1/referrals", None),
        ("POST", "/v1/referrals", BODY),
        ("POST", "/v1/referral-drafts", BODY),
    ):
        answer = partner.ask(method, where, what)
        assert (answer.status_code, answer.json()["code"]) == (403, "partner-suspended")
    for where in (own(client, "programs"), messages):
        assert partner.ask("GET", where).status_code == 404
    (listed,) = admin.get("/v1/partners")["items"]
    assert listed == suspended
    admin.post(f"{path}/reinstatement", {"reason": "settled"}, status=200)
    assert partner.get(own(client, "programs"))["items"] == []
    assert len(partner.get(messages)["items"]) == 1


def test_a_conversation_is_closed_and_opened_again(clinic: Clinic, client: Person) -> None:
    """Its members still read it (F54)."""
    conversation = own(client, "conversations/care")
    client.post(f"{conversation}/messages", {"text": "hello"})
    liaison = clinic.staff("liaison")
    closed = liaison.post(f"{conversation}/closing", {"reason": "over"}, status=200)
    assert (closed["status"], closed["channel"], closed["reason"]) == ("closed", "care", "over")
    answer = client.ask("POST", f"{conversation}/messages", {"text": "still here"})
    assert (answer.status_code, answer.json()["code"]) == (409, "conversation-closed")
    assert len(client.get(f"{conversation}/messages")["items"]) == 1
    assert client.ask("POST", f"{conversation}/reopening", {"reason": "I"}).status_code == 403
    opened = liaison.post(f"{conversation}/reopening", {"reason": "goes on"}, status=200)
    assert opened["status"] == "open"
    client.post(f"{conversation}/messages", {"text": "still here"})
