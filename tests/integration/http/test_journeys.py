"""Journeys: what people do at a practice, in brief and through HTTP."""

from datetime import datetime
from pathlib import Path

import pytest
from litestar.testing import TestClient

from integration.http.clinic import (
    ALL_SO,
    PASSWORD,
    PRICE,
    PROFILE,
    SLUG,
    Clinic,
    Person,
    hold,
    referral_letter,
    script,
)
from telehealth_embedded.mailbox import EmbeddedMailbox
from telehealth_http import create_app


def test_a_visit_from_registration_to_report(clinic: Clinic) -> None:
    """A patient registers, is verified, books, attends; the visit is corrected, paid, reported."""
    provider, patient = clinic.provider(), clinic.verified_patient()
    assert patient.get(f"/v1/patients/{patient.who['patient_id']}")["status"] == "verified"
    (found,) = patient.get("/v1/providers", specialty="anxiety")["items"]
    times = patient.get(
        f"/v1/providers/{found['id']}/open-times",
        **{"from": "2026-11-23", "until": "2026-11-24", "zone": "America/New_York"},
    )
    assert (times["zone"], len(times["items"])) == ("America/New_York", 8)
    assert times["items"][0]["start"] == "2026-11-23T10:00:00Z"
    assert times["items"][0]["local"] == "2026-11-23T05:00:00-05:00"
    appointment = clinic.booked(patient, provider)
    assert appointment["status"] == "booked"
    clinic.clock.forward(hours=1)
    path = clinic.meet(patient, provider, appointment)
    liaison = clinic.staff("liaison")
    correction = {"insurance_bp": 2_500, "extras": [], "reason": "insured"}
    assert liaison.put(f"{path}/charge/correction", correction)["due"]["minor"] == 15_000
    clinic.drain()
    assert patient.get(f"{path}/charge")["status"] == "planned"
    provider.post(f"{path}/visit/completion", {"notes": "well"}, status=200)
    clinic.drain()
    charge = patient.get(f"{path}/charge")
    assert (charge["status"], charge["outcome"]["declined"]) == ("paid", None)
    kinds = [(one["kind"], one["reason"]) for one in charge["ledger"]]
    assert kinds == [("base", "the price agreed on"), ("insurance", "insured")]
    report = liaison.get("/v1/reports/payments", **{"from": "2026-11-01", "until": "2026-12-01"})
    assert report["sums"]["USD"] == {
        "total": 20_000,
        "insured": 5_000,
        "fee": 0,
        "refunded": 0,
        "due": 15_000,
        "paid": 15_000,
    }
    assert [line["verified"] for line in report["lines"]] == [True]


def test_an_identity_check_with_a_question(clinic: Clinic) -> None:
    """A reviewer sees pictures and profile, asks, is answered, and decides."""
    patient, admin = clinic.patient(), clinic.sign_in("admin")
    identity = f"/v1/patients/{patient.who['patient_id']}/identity"
    assert patient.ask("POST", f"{identity}/submission").json()["code"] == "evidence-missing"
    for kind in ("identity", "selfie"):
        patient.picture(f"{identity}/images?kind={kind}", b"image of the " + kind.encode())
    patient.post(f"{identity}/submission", {"text": "here I am"}, status=200)
    (waiting,) = admin.get("/v1/identity-reviews")["items"]
    assert (waiting["status"], waiting["profile"]) == ("submitted", None)
    seen = admin.get(identity)
    assert seen["profile"]["family_name"] == "Example"
    picture = admin.ask("GET", f"{identity}/images/{seen['evidence'][1]['document_id']}")
    assert picture.content == b"image of the selfie"
    assert picture.headers["content-type"] == "image/jpeg"
    assert picture.headers["content-disposition"].startswith("attachment")
    admin.post(f"{identity}/request-for-info", {"text": "another one"}, status=200)
    patient.post(f"{identity}/submission", {}, status=200)
    rejected = admin.post(f"{identity}/rejection", {"reason": "not the same"}, status=200)
    assert (rejected["status"], rejected["reason"]) == ("rejected", "not the same")
    assert [one["text"] for one in rejected["comments"]] == ["here I am", "another one"]


def test_a_visit_leads_to_prescription_and_letter(clinic: Clinic) -> None:
    """The provider prescribes, signs, and issues a letter that the patient reads as PDF."""
    provider, patient = clinic.provider(profession="doctor"), clinic.verified_patient()
    appointment = clinic.booked(patient, provider)
    clinic.clock.forward(hours=1)
    path = clinic.meet(patient, provider, appointment)
    written = script()
    draft = provider.post(f"{path}/prescriptions", {**written, "history": {}})
    assert (draft["status"], draft["signed_at"]) == ("draft", None)
    signature = f"/v1/prescriptions/{draft['id']}/signature"
    stale = provider.ask("POST", signature, {})
    assert (stale.status_code, stale.json()["code"]) == (401, "step-up-needed")
    provider.post("/v1/sign-ins/current/proof", {"password": PASSWORD}, status=200)
    refused = provider.ask("POST", signature, {})
    assert (refused.status_code, refused.json()["code"]) == (409, "prescription-refused")
    assert refused.json()["rules"] == "allergies-asked, medicines-asked, sources-asked"
    provider.put(f"/v1/prescriptions/{draft['id']}", written)
    signed = provider.post(signature, {}, status=200)
    assert signed["status"] == "active"
    letter = provider.post(f"{path}/letters", referral_letter())
    pdf = patient.ask("GET", f"/v1/letters/{letter['id']}/pdf")
    assert pdf.headers["content-type"] == "application/pdf"
    assert b"Please see." in pdf.content
    record = patient.get(f"/v1/patients/{patient.who['patient_id']}/record")
    assert record["prescriptions"] == [signed]
    assert record["letters"] == [letter]
    assert [one["id"] for one in record["appointments"]] == [appointment["id"]]


@pytest.fixture
def partner(clinic: Clinic) -> Person:
    """A member of a partner organisation."""
    partner_id = clinic.sign_in("admin").post("/v1/partners", {"name": "Partner"})["id"]
    return clinic.staff("partner", partner_id=partner_id)


def test_a_partner_refers_a_client_and_follows_their_treatment(
    clinic: Clinic, partner: Person, tmp_path: Path
) -> None:
    """The client is invited by mail, registers without retyping, and lets the partner follow."""
    body = {"client": {**PROFILE, "email": "client@example.org"}, "reason": "anxiety"}
    referral = partner.post("/v1/referrals", body)
    admin = clinic.sign_in("admin")
    accepted = admin.post(f"/v1/referrals/{referral['id']}/acceptance", {}, status=200)
    assert accepted["status"] == "accepted"
    assert "invitation" not in accepted
    (secret,) = (row.invitation for row in clinic.store.rows["referrals"].values())
    enrolled = clinic.anybody.post(
        "/v1/registrations/invited",
        {"practice": SLUG, "invitation": secret, "password": PASSWORD, "consent_days": 30},
    )
    assert enrolled["profile"]["given_name"] == PROFILE["given_name"]
    assert partner.get("/v1/followed-patients")["items"] == [
        {
            "patient_id": enrolled["id"],
            "name": "Pat Example",
            "birth_date": PROFILE["birth_date"],
            "phone": PROFILE["phone"],
            "scope": ["chat", "details", "program", "scores"],
            "consent_until": "2026-12-23T09:00:00Z",
        }
    ]
    provider, client = clinic.provider(), clinic.sign_in("client")
    identity = f"/v1/patients/{enrolled['id']}/identity"
    for kind in ("identity", "selfie"):
        client.picture(f"{identity}/images?kind={kind}")
    client.post(f"{identity}/submission", status=200)
    admin.post(f"{identity}/approval", {"reason": "matches", **ALL_SO}, status=200)
    program = admin.post(
        f"/v1/patients/{enrolled['id']}/programs",
        {
            "provider_id": provider.who["provider_id"],
            "kind": "PHP",
            "starts_on": "2026-11-13",
            "anticipated_discharge_on": "2026-12-03",
        },
    )
    revised = provider.put(
        f"/v1/programs/{program['id']}",
        {"kind": "IOP", "anticipated_discharge_on": "2026-12-03", "reason": "steps down"},
    )
    assert [one["reason"] for one in revised["revisions"]] == ["steps down"]
    (followed,) = partner.get(f"/v1/patients/{enrolled['id']}/programs")["items"]
    assert (followed["kind"], followed["progress_percent"]) == ("IOP", 50.0)
    assert followed["revisions"] == []
    assert "steps down" not in str(followed)
    (own,) = client.get(f"/v1/patients/{enrolled['id']}/programs")["items"]
    assert own == revised
    ended = provider.post(
        f"/v1/programs/{program['id']}/discharge",
        {"on": "2026-11-23", "reason": "well"},
        status=200,
    )
    assert (ended["status"], ended["progress_percent"]) == ("finished", 100.0)
    clinic.clock.forward(days=30)
    assert clinic.sign_in("partner").get("/v1/followed-patients")["items"] == []


def test_a_referral_that_is_refused(clinic: Clinic, partner: Person) -> None:
    """The practice cannot take everybody; the partner sees the answer."""
    body = {"client": {**PROFILE, "email": "client@example.org"}, "reason": "anxiety"}
    path = f"/v1/referrals/{partner.post('/v1/referrals', body)['id']}"
    clinic.sign_in("admin").post(f"{path}/refusal", {"reason": "full"}, status=200)
    told = partner.get(path)
    assert (told["status"], told["closed_because"]) == ("declined", "full")


def test_a_request_that_is_refused_and_a_visit_that_is_cancelled(clinic: Clinic) -> None:
    """Either frees the time; the reasons differ."""
    provider, patient = clinic.provider(), clinic.verified_patient()
    admin = clinic.sign_in("admin")
    card = patient.post("/v1/cards", {"token": "tok_visa"})
    assert patient.get("/v1/cards")["items"] == [card]
    assert card["notice"] == "Embedded payments: no money moves."
    held = patient.post("/v1/appointments", hold(provider))
    path = f"/v1/appointments/{held['id']}"
    patient.put(f"{path}/description", {"reason": "anxious"})
    patient.put(f"{path}/pre-screening", {"answers": [{"question": "Since?", "text": "May"}]})
    assert patient.picture(f"{path}/photos").status_code == 201
    patient.post(
        f"{path}/request",
        {"agreed": PRICE, "card_id": card["id"], "starts_within_cooling_off": True},
        status=200,
    )
    checks = admin.get(f"{path}/checks")["items"]
    assert all(check["passed"] for check in checks)
    why = {"code": "no-capacity", "text": "We are full this week."}
    declined = admin.post(f"{path}/refusal", why, status=200)
    assert (declined["cancelled_because"], declined["declined"]) == ("declined", why)
    booked = clinic.booked(patient, provider)
    cancelled = patient.post(f"/v1/appointments/{booked['id']}/cancellation", {}, status=200)
    assert cancelled["cancelled_because"] == "patient"
    listed = patient.get(f"/v1/patients/{patient.who['patient_id']}/appointments")["items"]
    assert {one["status"] for one in listed} == {"cancelled"}
    dashboard = {"from": "2026-11-23", "until": "2026-11-24"}
    assert len(admin.get("/v1/appointments", **dashboard)["items"]) == 2
    assert admin.get("/v1/appointments", status="booked", **dashboard)["items"] == []
    own = provider.get(f"/v1/providers/{provider.who['provider_id']}/appointments", **dashboard)
    assert len(own["items"]) == 2


def test_a_liaison_moves_a_visit(clinic: Clinic) -> None:
    """The visit is at the other time, and the first is open again (F26)."""
    provider, patient = clinic.provider(), clinic.verified_patient()
    appointment = clinic.booked(patient, provider)
    path = f"/v1/providers/{provider.who['provider_id']}/open-times"
    day = {"from": "2026-11-23", "until": "2026-11-24"}
    before = patient.get(path, **day)["items"]
    other = before[-1]
    moved = clinic.staff("liaison").post(
        f"/v1/appointments/{appointment['id']}/rescheduling",
        {"session_id": other["session_id"], "start": other["start"]},
        status=200,
    )
    assert (moved["status"], moved["during"]["start"]) == ("booked", other["start"])
    after = {one["start"] for one in patient.get(path, **day)["items"]}
    assert appointment["during"]["start"] in after
    assert other["start"] not in after


def test_shifts_that_repeat(clinic: Clinic) -> None:
    """Two mornings a week, but for one, at the same hour on the practice's clock (F13)."""
    provider, liaison = clinic.provider(), clinic.staff("liaison")
    made = liaison.post(
        "/v1/session-series",
        {
            "provider_id": provider.who["provider_id"],
            "repeat": {
                "weekdays": ["mon", "thu"],
                "starts": "08:30",
                "ends": "11:30",
                "first_day": "2027-03-08",
                "last_day": "2027-03-21",
                "except_days": ["2027-03-11"],
            },
            "service": "therapy",
            "modes": ["video"],
            "start_every_minutes": 30,
        },
    )["items"]
    assert [one["during"]["start"] for one in made] == [
        "2027-03-08T13:30:00Z",
        "2027-03-15T12:30:00Z",
        "2027-03-18T12:30:00Z",
    ]
    assert len({one["series"] for one in made}) == 1


def test_people_write_to_each_other(clinic: Clinic) -> None:
    """A patient and the office share a conversation."""
    patient, liaison = clinic.patient(), clinic.staff("liaison")
    path = f"/v1/patients/{patient.who['patient_id']}/conversations/care/messages"
    patient.post(path, {"text": "hello"})
    clinic.clock.forward(minutes=1)
    liaison.post(path, {"text": "good morning"})
    assert [one["text"] for one in liaison.get(path)["items"]] == ["hello", "good morning"]
    unknown = path.replace("care", "gossip")
    assert patient.ask("GET", unknown).status_code == 422


def test_the_office_lists_patients_a_page_at_a_time(clinic: Clinic) -> None:
    """Each page tells what to ask for next, the last one nothing."""
    ids = {clinic.patient(f"patient{n}").who["patient_id"] for n in range(3)}
    admin = clinic.sign_in("admin")
    first = admin.get("/v1/patients", limit="2")
    second = admin.get("/v1/patients", limit="2", after=first["next"])
    assert {one["id"] for one in (*first["items"], *second["items"])} == ids
    assert (len(first["items"]), second["next"]) == (2, None)


def test_an_administrator_changes_the_rules(clinic: Clinic) -> None:
    """Settings are replaced at the version they were read at."""
    admin = clinic.sign_in("admin")
    settings = admin.get("/v1/practice/settings")
    changed = {**settings, "charging": "at-booking", "hold_minutes": 5}
    body = {"replacing": settings["version"], "settings": changed}
    assert admin.put("/v1/practice/settings", body) == {**changed, "version": 2}
    stale = admin.ask("PUT", "/v1/practice/settings", body)
    assert (stale.status_code, stale.json()["code"]) == (409, "stale-version")
    shown = clinic.anybody.get(f"/v1/practices/{SLUG}")
    assert (shown["charging"], shown["currency"]) == ("at-booking", "USD")
    assert shown["payments"] == {
        "moves_money": False,
        "notice": "Embedded payments: no money moves.",
    }


def test_mail_that_was_never_sent_can_be_read(clinic: Clinic, tmp_path: Path) -> None:
    """A demonstration shows what would have been sent to an address."""
    mailbox = EmbeddedMailbox(tmp_path)
    patient = clinic.patient()
    practice = clinic.clinic.practice.named(SLUG)
    event = clinic.store.outbox[0][1]
    mailbox.send(practice.id, "patient@example.org", "letter-ready", {}, event.id)
    with TestClient(create_app(clinic.clinic, mailbox=mailbox)) as client:
        params = {"practice": SLUG, "address": "Patient@example.org"}
        (mail,) = client.get("/embedded/mail", params=params).json()["items"]
    assert set(mail) == {"subject", "text", "sent"}
    assert datetime.fromisoformat(mail["sent"]).tzinfo is not None
    assert patient.who["roles"] == ["patient"]


def test_money_after_the_visit(clinic: Clinic) -> None:
    """Declined, paid from another card, raised with consent, given back in part, reported."""
    patient, provider = clinic.verified_patient(), clinic.provider()
    appointment = clinic.booked(patient, provider)
    (card,) = patient.get("/v1/cards")["items"]
    bad = patient.post("/v1/cards", {"token": "tok_fails_later"})
    patient.post(f"/v1/cards/{bad['id']}/preference", {}, status=200)
    assert [one["id"] for one in patient.get("/v1/cards")["items"]] == [bad["id"], card["id"]]
    charge = f"/v1/appointments/{appointment['id']}/charge"
    patient.post(f"{charge}/payment", {"card_id": bad["id"]}, status=200)
    clinic.clock.forward(hours=1)
    path = clinic.meet(patient, provider, appointment)
    provider.post(f"{path}/visit/completion", {"notes": "well"}, status=200)
    clinic.drain()
    assert patient.get(charge)["status"] == "failed"
    patient.post(f"{charge}/payment", {"card_id": card["id"]}, status=200)
    clinic.drain()
    assert patient.get(charge)["paid"]["minor"] == 20_000
    liaison = clinic.staff("liaison")
    more = {"extras": [{"name": "time", "price": {"minor": 100, "currency": "USD"}}], "reason": "x"}
    offered = liaison.put(f"{charge}/proposal", more)["proposal"]["due"]
    patient.post(f"{charge}/agreement", {"due": offered}, status=200)
    clinic.drain()
    assert patient.get(charge, number="1")["paid"]["minor"] == 100
    part = {"amount": {"minor": 5_000, "currency": "USD"}, "reason": "a fault"}
    liaison.post(f"{charge}/refund", part, status=200)
    clinic.drain()
    during = {"from": "2026-11-01", "until": "2026-12-01"}
    totals = liaison.get("/v1/reports/payment-totals", **during)["sums"]["USD"]
    assert (totals["paid"], totals["refunded"], totals["due"]) == (20_100, 5_000, 15_100)
    report = liaison.get("/v1/reports/payments", **during)
    assert {line["finding"] for line in report["lines"]} == {"agrees"}
    assert liaison.get("/v1/arrears")["items"] == []
    assert patient.ask("DELETE", f"/v1/cards/{bad['id']}").status_code == 204


def test_a_visit_that_will_not_be(clinic: Clinic) -> None:
    """Terms with the hold and before cancelling; who does not come is noted by staff."""
    patient, provider = clinic.verified_patient(), clinic.provider()
    booked = clinic.booked(patient, provider)
    path = f"/v1/appointments/{booked['id']}"
    terms = patient.get(f"{path}/cancellation-terms")
    assert terms["now"]["fee"]["minor"] == terms["late_fee"]["minor"] == 0
    assert terms["free_until"] == "2026-11-22T10:00:00Z"
    liaison = clinic.staff("liaison")
    liaison.post(f"{path}/no-show", {}, status=409)
    clinic.clock.forward(hours=2)
    assert liaison.post(f"{path}/no-show", {}, status=200)["status"] == "noshow"
    other = clinic.booked(patient, provider, hour=14)
    gone = liaison.post(
        f"/v1/appointments/{other['id']}/cancellation", {"reason": "technical"}, status=200
    )
    assert gone["cancelled_because"] == "technical"
