"""New York: one patient from registration to payment. A liaison decides, and the sum is taken after
the visit.
"""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from telehealth_cli import pictures
from telehealth_cli.journeys import chapters
from telehealth_cli.journeys.chapters import Shift, instant, money
from telehealth_cli.journeys.people import PASSWORD, Someone, Staff, fresh_email, new_yorker
from telehealth_cli.journeys.walk import Walk

ZONE, PLACE = "America/New_York", "US-NY"
PRICE: dict[str, Any] = {"minor": 20_000, "currency": "USD"}
EXTRA: dict[str, Any] = {
    "name": "Written summary for the family",
    "price": {"minor": 4_000, "currency": "USD"},
}
INSURANCE_BP = 7_000
DUE: dict[str, Any] = {"minor": 7_200, "currency": "USD"}
"""(200.00 + 40.00) USD less the 70 % that the insurance covers."""

THERAPIST: dict[str, Any] = {
    "name": "Quinn Therapist",
    "profession": "therapist",
    "specialties": ["anxiety", "family therapy"],
    "languages": ["en", "es"],
    "licences": [
        {
            "regulator": "New York State Education Department",
            "number": "LMFT-000000",
            "region": PLACE,
            "expires_on": "2099-12-31",
        }
    ],
    "services": [{"code": "therapy-50", "name": "Therapy hour", "minutes": 50, "price": PRICE}],
}
FORM = [
    {"question": "What brings you here?", "text": "I have slept badly for two weeks."},
    {"question": "Are you in danger, or is anybody else?", "text": "No."},
]


def us_visit(walk: Walk, staff: Staff) -> None:
    """Registration, identity check, booking, approval, visit, correction, payment, report.

    Raises: Stopped.
    """
    chapters.read_practice(walk, staff)
    admin = Someone.sign_in(walk, "admin", staff.slug, staff.admin, staff.password)
    admin.get(
        "reads by which rules the practice runs",
        "/v1/practice/settings",
        holds=lambda it: (it["charging"], it["approval"]) == ("on-completion", "liaison"),
        show=lambda it: f"charges {it['charging']}, approval by {it['approval']}",
    )
    liaison = Someone.sign_in(walk, "liaison", staff.slug, staff.liaison, staff.password)
    shift = chapters.start_shift(liaison, staff, "therapist", THERAPIST)
    patient = _register(walk, staff, shift)
    _identity(patient, liaison, staff)
    appointment = _book(walk, staff, patient, liaison, shift)
    chapters.visit(patient, shift.person, appointment, PLACE)
    _payment(patient, shift.person, liaison, appointment)
    _afterwards(patient, shift.person, appointment)


def _register(walk: Walk, staff: Staff, shift: Shift) -> Someone:
    """A stranger becomes a patient whom nobody knows yet."""
    email = fresh_email("patient")
    profile = new_yorker("Pat", email)
    walk.step(
        "visitor",
        "registers with a field that does not exist",
        "POST",
        "/v1/registrations",
        json={
            "practice": staff.slug,
            "email": email,
            "password": PASSWORD,
            "profile": {**profile, "favorite_color": "blue"},
        },
        expect=(422, "invalid"),
    )
    patient = chapters.register(walk, staff, profile)
    picture, path = pictures.not_a_picture(), f"/v1/patients/{patient.who['patient_id']}"
    patient.post(
        "sends a web page that calls itself a photo",
        f"{path}/identity/images",
        params={"kind": "identity"},
        content=picture.content,
        headers={"Content-Type": picture.media_type},
        expect=(422, "unreadable-image"),
    )
    chapters.upload(patient, "sends a photo of an ID card", "identity", pictures.id_card())
    chapters.upload(patient, "sends a selfie", "selfie", pictures.selfie())
    slot = {"session_id": shift.session["id"], "start": shift.session["during"]["start"]}
    chapters.hold(
        patient, "wants to book before being verified", slot, PLACE, expect=(403, "not-verified")
    )
    return patient


def _identity(patient: Someone, liaison: Someone, staff: Staff) -> None:
    """A liaison asks for more, the patient answers, the liaison decides (F04-F07)."""
    identity = f"/v1/patients/{patient.who['patient_id']}/identity"
    patient.post("asks for a decision", f"{identity}/submission", show=lambda it: str(it["status"]))
    liaison.get(
        "sees who waits for a decision",
        "/v1/identity-reviews",
        holds=lambda it: patient.who["patient_id"] in [one["patient_id"] for one in it["items"]],
        show=lambda it: f"{len(it['items'])} waiting",
    )
    liaison.post(
        "asks for more, with a comment",
        f"{identity}/request-for-info",
        {"text": "The card's number cannot be read. Please send a sharper picture."},
        show=lambda it: str(it["status"]),
    )
    patient.mail(staff.slug, "Your registration needs your attention")
    patient.get(
        "reads the comment",
        identity,
        show=lambda it: f"“{it['comments'][-1]['text']}”",
    )
    chapters.upload(patient, "sends a sharper picture", "identity", pictures.id_card_again())
    patient.post(
        "answers and asks again",
        f"{identity}/submission",
        {"text": "Here it is, scanned this time."},
        show=lambda it: str(it["status"]),
    )
    liaison.post(
        "approves, with the reason",
        f"{identity}/approval",
        {
            "reason": "The card is readable; card and selfie show the same person.",
            **chapters.ALL_SO,
        },
        holds=lambda it: it["status"] == "approved",
        show=lambda it: f"{it['status']}, until {it['expires_at'][:10]}",
    )


def _book(
    walk: Walk, staff: Staff, patient: Someone, liaison: Someone, shift: Shift
) -> dict[str, Any]:
    """From the card to the approved appointment; a second patient comes too late (F15-F25)."""
    card_id = chapters.save_card(patient, "tok_visa")
    chapters.find_provider(patient, "anxiety", shift)
    slot = chapters.pick_time(patient, shift, ZONE)
    key = {"Idempotency-Key": secrets.token_hex(16)}
    when = chapters.local(slot["start"], ZONE)
    held = chapters.hold(patient, f"picks {when}", slot, PLACE, headers=key)
    chapters.hold(
        patient,
        "asks once more with the same key (the answer got lost)",
        slot,
        PLACE,
        headers=key,
        holds=lambda it: it["id"] == held["id"],
    )
    path = f"/v1/appointments/{held['id']}"
    patient.put(
        "fills in the pre-screening form",
        f"{path}/pre-screening",
        {"answers": FORM},
        show=lambda it: f"{len(it['appointment']['pre_screening'])} answers",
    )
    patient.post(
        "asks for the visit and agrees to its price",
        f"{path}/request",
        {"agreed": PRICE, "card_id": card_id},
        holds=lambda it: it["status"] == "pending",
        show=lambda it: f"{it['status']}, {money(it['price'])}",
    )
    second = chapters.newcomer(
        walk, staff, liaison, new_yorker("Second", fresh_email("second")), "second patient"
    )
    chapters.hold(second, "wants the same time", slot, PLACE, expect=(409, "time-taken"))
    patient.post(
        "tries to approve the request alone", f"{path}/approval", expect=(403, "not-permitted")
    )
    liaison.get(
        "sees the checks that decide",
        f"{path}/checks",
        holds=lambda it: all(one["passed"] for one in it["items"]),
        show=lambda it: ", ".join(
            f"{one['name']} {'yes' if one['passed'] else 'NO'}" for one in it["items"]
        ),
    )
    booked: dict[str, Any] = liaison.post(
        "approves",
        f"{path}/approval",
        holds=lambda it: it["status"] == "booked",
        show=lambda it: f"{it['status']} for {chapters.local(it['during']['start'], ZONE)}",
    )
    patient.mail(staff.slug, "There is news in your account")
    return booked


def _payment(
    patient: Someone, provider: Someone, liaison: Someone, appointment: dict[str, Any]
) -> None:
    """The sum is corrected, then the visit confirmed, and only then is it taken: once (F45-F48)."""
    charge = f"/v1/appointments/{appointment['id']}/charge"
    liaison.put(
        "enters 70 % insurance and one extra service",
        f"{charge}/correction",
        {
            "insurance_bp": INSURANCE_BP,
            "extras": [EXTRA],
            "reason": "The insurer covers 70 %; a summary was asked for.",
        },
        holds=lambda it: it["due"] == DUE,
        show=lambda it: (
            f"{money(it['total'])} less {money(it['insured'])}: the patient owes {money(it['due'])}"
        ),
    )
    patient.get(
        "looks: nothing is taken before the visit is confirmed",
        charge,
        holds=lambda it: it["status"] == "planned" and it["outcome"] is None,
        show=lambda it: f"{it['status']}, {money(it['due'])} due",
    )
    chapters.complete(provider, appointment, "Sleep hygiene discussed; next visit in a week.")
    paid = patient.until(
        "looks again: now it was taken",
        charge,
        holds=lambda it: it["status"] == "paid" and it["due"] == DUE,
        show=lambda it: f"{it['status']}, {money(it['due'])}",
    )
    provider.post(
        "confirms a second time",
        f"/v1/appointments/{appointment['id']}/visit/completion",
        expect=(409, "illegal-transition"),
    )
    now = datetime.now(UTC)
    period = {"from": instant(now - timedelta(days=1)), "until": instant(now + timedelta(days=1))}
    liaison.get(
        "reads the payment report",
        "/v1/reports/payments",
        params=period,
        holds=lambda it: charged_once(it["lines"], appointment["id"], paid["outcome"]["reference"]),
        show=lambda it: report_words(it["lines"], appointment["id"]),
    )


def _afterwards(patient: Someone, provider: Someone, appointment: dict[str, Any]) -> None:
    """What is added to a signed note stands beside it, and both sides rate the connection (SAF-03,
    F34).
    """
    path = f"/v1/appointments/{appointment['id']}/visit"
    provider.put(
        "wants to change the signed note",
        f"{path}/note",
        {"summary": "Something else."},
        expect=(409, "illegal-transition"),
    )
    provider.post(
        "adds a correction to it, with the reason",
        f"{path}/note/addenda",
        {
            "kind": "correction",
            "reason": "The interval was noted wrongly.",
            "text": "Next visit in two weeks.",
        },
        expect=201,
        holds=lambda it: it["status"] == "signed" and len(it["addenda"]) == 1,
        show=lambda it: f"{it['status']}, with {len(it['addenda'])} addendum; the note stands",
    )
    patient.get(
        "reads the note and what was added",
        f"{path}/note",
        holds=lambda it: it["addenda"][0]["text"] == "Next visit in two weeks.",
        show=lambda it: f"“{it['body']['summary']}” and “{it['addenda'][0]['text']}”",
    )
    patient.put(
        "rates the connection",
        f"{path}/feedback",
        {"rating": 4, "issues": ["delay"]},
        show=lambda it: f"{it['rating']} of 5: {', '.join(it['issues'])}",
    )


def charged_once(lines: list[dict[str, Any]], appointment_id: str, reference: str) -> bool:
    """Whether the report has this visit exactly once, with the sum due, as the processor has it."""
    found = [line for line in lines if line["appointment_id"] == appointment_id]
    return len(found) == 1 and (
        found[0]["status"] == "paid"
        and found[0]["due"] == found[0]["paid"] == DUE
        and found[0]["reference"] == reference
        and found[0]["verified"] is True
    )


def report_words(lines: list[dict[str, Any]], appointment_id: str) -> str:
    """The line of this visit for people."""
    line = next(line for line in lines if line["appointment_id"] == appointment_id)
    seen = "as the processor has it" if line["verified"] else "NOT as the processor has it"
    return f"{money(line['paid'])} of {money(line['total'])} paid once, {seen}"
