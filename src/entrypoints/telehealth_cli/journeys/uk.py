"""London: a parent books a same-day visit for a child and pays at once; the checks decide alone."""

import json
from typing import Any

from telehealth_cli import pictures
from telehealth_cli.journeys import chapters
from telehealth_cli.journeys.chapters import Shift, money
from telehealth_cli.journeys.people import (
    Someone,
    Staff,
    birth_date_of,
    fresh_email,
    londoner,
)
from telehealth_cli.journeys.walk import Walk

ZONE, PLACE = "Europe/London", "GB"
PRICE: dict[str, Any] = {"minor": 4_500, "currency": "GBP"}
TOO_LITTLE: dict[str, Any] = {"minor": 4_000, "currency": "GBP"}

DOCTOR: dict[str, Any] = {
    "name": "Robin Doctor",
    "profession": "doctor",
    "specialties": ["general-practice"],
    "languages": ["en"],
    "licences": [{"regulator": "GMC", "number": "0000000", "expires_on": "2099-12-31"}],
    "services": [{"code": "gp-15", "name": "GP visit", "minutes": 15, "price": PRICE}],
    "prescriber": True,
}
REASON = "An itchy rash on the left arm since yesterday; no fever, eats and drinks well."
MEDICINES = [
    {
        "medicine": "Hydrocortisone",
        "strength": "1 %",
        "form": "cream",
        "quantity": 15,
        "unit": "g",
        "days": 7,
        "directions": "Thinly on the rash twice a day, for seven days at most.",
    }
]
NONE_KNOWN = {"none_known": True}
HISTORY: dict[str, Any] = {
    "allergies": {"entries": ["Penicillin"]},
    "current_medicines": NONE_KNOWN,
    "other_sources": NONE_KNOWN,
}
LETTER = {
    "kind": "referral",
    "recipient": "Dermatology clinic\nExample Hospital\nLondon",
    "text": "Please see this child, whose rash keeps coming back.\n"
    "Hydrocortisone 1 % was prescribed today.",
    "reason": "An itchy rash on the left arm, for the third time this year.",
    "urgency": "routine",
    "disclosure": "direct-care",
}

ASTRAY = "Dermatology clinic\nAnother Hospital\nLondon"
PHARMACY = {
    "name": "Example Pharmacy",
    "address": "2 Example Road, London N1 1AA",
    "contact": "pharmacy@example.org",
}


def uk_visit(walk: Walk, staff: Staff) -> None:
    """A dependant, a photo, payment at booking, automatic approval, visit, prescription, letter.

    Raises: Stopped.
    """
    chapters.read_practice(walk, staff)
    liaison = Someone.sign_in(walk, "liaison", staff.slug, staff.liaison, staff.password)
    shift = chapters.start_shift(liaison, staff, "doctor", DOCTOR)
    chapters.publish_evenings(liaison, "doctor", shift, DOCTOR["services"][0]["code"])
    profile = londoner("Parent", fresh_email("parent"), "1988-02-29")
    parent = chapters.register(walk, staff, profile, "parent")
    chapters.become_known(parent, liaison)
    child = _add_child(parent)
    appointment = _book(parent, child, shift)
    chapters.visit(parent, shift.person, appointment, PLACE)
    chapters.agree(parent, child, "gp-sharing", "agrees that the child's GP is told")
    _documents(parent, child, shift.person, appointment)
    _record(parent, child, appointment, staff)


def _add_child(parent: Someone) -> str:
    """A parent adds a child, with the document that shows the parental responsibility (F09)."""
    picture = pictures.certificate()
    child = {**londoner("Child", None, birth_date_of(8)), "phone": "+44 20 7946 0100"}
    dependant = {"profile": child, "basis": "parental-responsibility"}
    added = parent.post(
        "adds a child, with a photo of the birth certificate",
        "/v1/dependants",
        files={
            "dependant": (None, json.dumps(dependant), "application/json"),
            "evidence": (picture.name, picture.content, picture.media_type),
        },
        expect=201,
        holds=lambda it: it["guardians"][0]["guardian"] == parent.who["patient_id"],
        show=lambda it: (
            f"{it['profile']['given_name']} Example is a patient of their own, {it['status']}"
        ),
    )
    return str(added["id"])


def _book(parent: Someone, child: str, shift: Shift) -> dict[str, Any]:
    """Same-day booking for the child: description, photos, and payment as the last step (F10, F21,
    F44).
    """
    card_id = chapters.save_card(parent, "tok_mastercard")
    chapters.find_provider(parent, "general-practice", shift)
    slot = chapters.pick_time(parent, shift, ZONE)
    when = chapters.local(slot["start"], ZONE)
    held = chapters.hold(
        parent,
        f"picks {when} for the child",
        slot,
        PLACE,
        patient_id=child,
        holds=lambda it: it["patient_id"] == child,
    )
    path = f"/v1/appointments/{held['id']}"
    parent.put(
        "describes the problem",
        f"{path}/description",
        {"reason": REASON},
        show=lambda it: f"{len(it['reason'].split())} words",
    )
    for what, picture in (
        ("adds a photo of the rash", pictures.rash()),
        ("adds another from nearer", pictures.rash_close()),
    ):
        parent.post(
            what,
            f"{path}/photos",
            content=picture.content,
            headers={"Content-Type": picture.media_type},
            expect=201,
            show=lambda it: f"{len(it['attachments'])} with the request",
        )
    parent.post(
        "agrees to less than the price",
        f"{path}/request",
        {"agreed": TOO_LITTLE, "card_id": card_id, "starts_within_cooling_off": True},
        expect=(409, "price-changed"),
    )
    parent.post(
        "asks for the visit and pays, as the last step",
        f"{path}/request",
        {"agreed": PRICE, "card_id": card_id, "starts_within_cooling_off": True},
        show=lambda it: f"{it['status']}, {money(it['price'])}",
    )
    return _booked(parent, path)


def _booked(parent: Someone, path: str) -> dict[str, Any]:
    """The worker takes the sum, and what is paid and passes every check is booked (F25, F44)."""
    parent.until(
        "waits for the payment",
        f"{path}/charge",
        holds=lambda it: it["status"] == "paid" and it["due"] == PRICE,
        show=lambda it: f"{it['status']}, {money(it['due'])}",
    )
    booked: dict[str, Any] = parent.until(
        "waits for the checks, which decide alone",
        path,
        holds=lambda it: it["status"] == "booked",
        show=lambda it: f"{it['status']} for {chapters.local(it['during']['start'], ZONE)}",
    )
    return booked


def _documents(parent: Someone, child: str, doctor: Someone, appointment: dict[str, Any]) -> None:
    """The doctor prescribes and writes a referral letter; the parent may do neither (F35, F36)."""
    path = f"/v1/appointments/{appointment['id']}"
    doctor.get(
        "reads the child's record",
        f"/v1/patients/{child}/record",
        show=lambda it: (
            f"{it['patient']['profile']['given_name']}, "
            + counted(len(it["appointments"]), "appointment")
        ),
    )
    parent.post(
        "tries to prescribe",
        f"{path}/prescriptions",
        {"items": MEDICINES},
        expect=(403, "not-permitted"),
    )
    draft = doctor.post(
        "drafts a prescription",
        f"{path}/prescriptions",
        {"items": MEDICINES},
        expect=201,
        show=lambda it: (
            f"{it['status']}: {it['items'][0]['medicine']} {it['items'][0]['strength']}"
        ),
    )
    doctor.post(
        "tries to sign it before asking about allergies",
        f"/v1/prescriptions/{draft['id']}/signature",
        expect=(409, "prescription-refused"),
    )
    doctor.put(
        "writes down what the parent answered",
        f"/v1/prescriptions/{draft['id']}",
        {"items": MEDICINES, "history": HISTORY},
        show=lambda it: str(it["status"]),
    )
    doctor.post(
        "signs it; from now on nothing in it changes",
        f"/v1/prescriptions/{draft['id']}/signature",
        holds=lambda it: it["status"] == "active" and it["signed_at"] is not None,
        show=lambda it: str(it["status"]),
    )
    _pharmacy(doctor, draft)
    chapters.complete(doctor, appointment, "Mild eczema; cream prescribed, dermatology asked.")
    _letters(parent, doctor, path)


def _pharmacy(doctor: Someone, prescription: dict[str, Any]) -> None:
    """The law wants a key that is the prescriber's alone, and the embedded signature has none
    (RXU-04): the refusal names the rule.
    """
    doctor.post(
        "sends it to a pharmacy; the embedded signature is no key of the doctor's own",
        f"/v1/prescriptions/{prescription['id']}/sending",
        PHARMACY,
        expect=(409, "prescription-refused"),
    )


def _letters(parent: Someone, doctor: Someone, path: str) -> None:
    """A letter to the wrong clinic is recalled, another one corrected: nothing is overwritten (F36,
    MSG-03, MSG-08).
    """
    astray = _letter(
        doctor, "writes a referral letter", f"{path}/letters", {**LETTER, "recipient": ASTRAY}
    )
    doctor.post(
        "notices the wrong clinic, and recalls it",
        f"/v1/letters/{astray['id']}/recall",
        {"reason": "wrong-recipient", "note": "Meant for dermatology; nothing had been posted."},
        show=lambda it: f"{it['status']}: {it['recalled_because']}",
    )
    parent.get(
        "wants to read the recalled letter",
        f"/v1/letters/{astray['id']}/pdf",
        expect=(410, "letter-recalled"),
    )
    hasty = {**LETTER, "text": "Please see this child."}
    first = _letter(doctor, "writes it to the right one", f"{path}/letters", hasty)
    _letter(
        doctor,
        "corrects it: another letter, which takes its place",
        f"/v1/letters/{first['id']}/correction",
        LETTER,
    )


def _letter(doctor: Someone, what: str, path: str, content: dict[str, Any]) -> dict[str, Any]:
    letter: dict[str, Any] = doctor.post(
        what,
        path,
        content,
        expect=201,
        holds=lambda it: it["status"] == "issued" and len(it["sha256"]) == 64,
        show=lambda it: f"{it['status']}, sealed by its hash {it['sha256'][:8]}…",
    )
    return letter


def _record(parent: Someone, child: str, appointment: dict[str, Any], staff: Staff) -> None:
    """The parent finds everything in the child's record, and the letter as PDF (F37)."""
    parent.mail(staff.slug, "There is news in your account")
    record = parent.get(
        "reads the child's record",
        f"/v1/patients/{child}/record",
        holds=lambda it: complete_record(it, appointment["id"]),
        show=lambda it: ", ".join(
            counted(len(it[f"{name}s"]), name) for name in ("appointment", "prescription", "letter")
        ),
    )
    parent.get(
        "downloads the letter",
        f"/v1/letters/{standing(record['letters'])[0]['id']}/pdf",
        holds=lambda pdf: pdf.startswith(b"%PDF"),
        show=lambda pdf: f"a PDF of {max(1, len(pdf) // 1000)} kB",
    )
    parent.get(
        "sees that the visit was paid once, at booking",
        f"/v1/appointments/{appointment['id']}/charge",
        holds=lambda it: it["status"] == "paid" and it["due"] == PRICE,
        show=lambda it: f"{it['status']}, {money(it['due'])}",
    )


def counted(number: int, name: str) -> str:
    """So many of something."""
    return f"{number} {name}{'' if number == 1 else 's'}"


def complete_record(record: dict[str, Any], appointment_id: str) -> bool:
    """Whether the record has the visit that took place, the signed prescription, the letter."""
    return (
        [(one["id"], one["status"]) for one in record["appointments"]]
        == [(appointment_id, "fulfilled")]
        and [one["status"] for one in record["prescriptions"]] == ["active"]
        and [one["kind"] for one in standing(record["letters"])] == ["referral"]
    )


def standing(letters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The letters that were neither recalled nor replaced."""
    return [one for one in letters if one["status"] in {"issued", "delivered"}]
