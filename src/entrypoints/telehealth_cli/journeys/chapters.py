"""The parts that several journeys share: a provider begins to work, a patient becomes known, a
visit takes place.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import attrs

from telehealth_cli import pictures
from telehealth_cli.journeys.meeting import meet
from telehealth_cli.journeys.people import PASSWORD, Someone, Staff, fresh_email
from telehealth_cli.journeys.walk import Stopped, Walk
from telehealth_cli.pictures import Picture
from telehealth_core.shared.money import Money

SHIFT_HOURS = 8
START_EVERY_MINUTES = 10
"""Fewer than the minutes that a room opens early: the next visit can always be joined at once."""
SOON = timedelta(seconds=90)
TOGETHER_SECONDS = 1.3


@attrs.frozen
class Shift:
    """A provider at work: the account, the provider's id, the session of today."""

    person: Someone
    provider_id: str
    session: dict[str, Any]


def next_full(at: datetime, minutes: int = 5) -> datetime:
    """The next full five minutes after `at`."""
    step = timedelta(minutes=minutes)
    return at + step - (at - datetime.min.replace(tzinfo=at.tzinfo)) % step


def instant(at: datetime) -> str:
    """As the API writes it."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def money(amount: dict[str, Any]) -> str:
    """A sum of money for people."""
    return str(Money(amount["minor"], amount["currency"]))


def local(at: str, zone: str) -> str:
    """An instant as a clock in that zone shows it."""
    return f"{datetime.fromisoformat(at).astimezone(ZoneInfo(zone)):%a %d %b %H:%M}"


def read_practice(walk: Walk, staff: Staff) -> dict[str, Any]:
    """Anybody reads what a practice says about itself."""
    practice: dict[str, Any] = walk.step(
        "visitor",
        "reads who the practice is",
        "GET",
        f"/v1/practices/{staff.slug}",
        show=lambda it: f"{it['name']}, {it['zone']}; in an emergency {it['emergency_number']}",
    )
    return practice


def start_shift(liaison: Someone, staff: Staff, role: str, provider: dict[str, Any]) -> Shift:
    """A liaison adds a provider with an account and publishes their shift of today (F11, F13)."""
    added = liaison.post(
        f"adds a {role} with licence, services and prices",
        "/v1/providers",
        provider,
        expect=201,
        show=lambda it: f"{it['name']} is {it['status']}",
    )
    email = fresh_email(role)
    liaison.post(
        f"opens an account for the {role}",
        "/v1/accounts",
        {
            "email": email,
            "password": PASSWORD,
            "roles": ["provider"],
            "provider_id": added["id"],
        },
        expect=201,
        show=lambda it: f"may sign in as {', '.join(it['roles'])}",
    )
    start = next_full(datetime.now(UTC))
    session = liaison.post(
        f"publishes the {role}'s shift",
        "/v1/sessions",
        {
            "provider_id": added["id"],
            "during": {
                "start": instant(start),
                "end": instant(start + timedelta(hours=SHIFT_HOURS)),
            },
            "service": provider["services"][0]["code"],
            "modes": ["video"],
            "start_every_minutes": START_EVERY_MINUTES,
        },
        expect=201,
        show=lambda it: (
            f"{SHIFT_HOURS} hours, visits of {it['visit_minutes']} minutes for {money(it['price'])}"
        ),
    )
    return Shift(Someone.sign_in(liaison.walk, role, staff.slug, email), added["id"], session)


def first_evening() -> date:
    """The first day of the evenings that are published."""
    return (datetime.now(UTC) + timedelta(days=2)).date()


def publish_evenings(liaison: Someone, role: str, shift: Shift, code: str) -> None:
    """A liaison publishes evenings that repeat at their wall time, but for one day (F13)."""
    first = first_evening()
    liaison.post(
        f"publishes the {role}'s evenings, four weeks of them but for one",
        "/v1/session-series",
        {
            "provider_id": shift.provider_id,
            "repeat": {
                "weekdays": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
                "starts": "18:00",
                "ends": "20:00",
                "first_day": first.isoformat(),
                "last_day": (first + timedelta(days=27)).isoformat(),
                "except_days": [(first + timedelta(days=7)).isoformat()],
            },
            "service": code,
            "modes": ["video", "voice"],
            "start_every_minutes": 15,
        },
        expect=201,
        holds=lambda it: len(it["items"]) == 27,
        show=lambda it: f"{len(it['items'])} evenings, each at 18:00 on the practice's clock",
    )


def register(walk: Walk, staff: Staff, profile: dict[str, Any], role: str = "patient") -> Someone:
    """A visitor registers with a complete profile and signs in (F03)."""
    walk.step(
        "visitor",
        "registers with a complete profile",
        "POST",
        "/v1/registrations",
        json={
            "practice": staff.slug,
            "email": profile["email"],
            "password": PASSWORD,
            "profile": profile,
        },
        expect=201,
        show=lambda it: f"is a patient, {it['status']}",
    )
    return Someone.sign_in(walk, role, staff.slug, profile["email"])


def upload(patient: Someone, what: str, kind: str, picture: Picture, **how: Any) -> None:
    """A patient sends one picture for the identity check."""
    how.setdefault("expect", 201)
    patient.post(
        what,
        f"/v1/patients/{patient.who['patient_id']}/identity/images",
        params={"kind": kind},
        content=picture.content,
        headers={"Content-Type": picture.media_type},
        show=lambda it: f"{picture.media_type} taken; the check has {', '.join(_kinds(it))}",
        **how,
    )


ALL_SO = {
    "findings": [
        {"point": point, "passed": True}
        for point in (
            "document-genuine",
            "document-valid",
            "face-matches",
            "name-matches",
            "birth-date-matches",
        )
    ]
}
"""What a reviewer finds who finds every point of the checklist right."""


def _kinds(identity: dict[str, Any]) -> list[str]:
    return sorted(one["kind"] for one in identity["evidence"])


def become_known(patient: Someone, liaison: Someone) -> None:
    """A patient shows who they are, and a liaison decides; told as two steps."""
    identity = f"/v1/patients/{patient.who['patient_id']}/identity"
    walk, card, face = patient.walk, pictures.id_card(), pictures.selfie()
    with walk.together(
        patient.role, "sends ID photo and selfie and asks for a decision", "the check is submitted"
    ):
        upload(patient, "sends an ID photo", "identity", card)
        upload(patient, "sends a selfie", "selfie", face)
        patient.post("asks for a decision", f"{identity}/submission")
    liaison.post(
        f"compares the pictures and lets the {patient.role} in",
        f"{identity}/approval",
        {"reason": "The card and the selfie show the same person.", **ALL_SO},
        holds=lambda it: it["status"] == "approved",
        show=lambda it: f"{it['status']}, until {it['expires_at'][:10]}",
    )


def newcomer(
    walk: Walk, staff: Staff, liaison: Someone, profile: dict[str, Any], role: str
) -> Someone:
    """Somebody registers and becomes known: one step, for whoever is not the hero."""
    with walk.together(role, "registers and is verified in the same way", "verified"):
        patient = register(walk, staff, profile, role)
        become_known(patient, liaison)
    return patient


def save_card(patient: Someone, token: str) -> str:
    """A patient saves a card; with embedded payments the answer says that no money moves (F43)."""
    card = patient.post(
        "saves a card",
        "/v1/cards",
        {"token": token},
        expect=201,
        holds=lambda it: "no money moves" in it["notice"],
        show=lambda it: f"{it['brand']} …{it['last4']}. {it['notice']}",
    )
    return str(card["id"])


def find_provider(patient: Someone, specialty: str, shift: Shift) -> None:
    """A patient searches by specialty (F16)."""
    patient.get(
        f"searches for “{specialty}”",
        "/v1/providers",
        params={"specialty": specialty},
        holds=lambda it: shift.provider_id in [one["id"] for one in it["items"]],
        show=lambda it: (
            f"{len(it['items'])} found: " + ", ".join(sorted({one["name"] for one in it["items"]}))
        ),
    )


def soonest(items: list[dict[str, Any]], now: datetime) -> dict[str, Any] | None:
    """The first open time that is not about to pass."""
    later = (one for one in items if datetime.fromisoformat(one["start"]) >= now + SOON)
    return next(later, None)


def pick_time(patient: Someone, shift: Shift, zone: str) -> dict[str, Any]:
    """A patient reads the provider's open times in their own zone and takes the next one (F17).

    Raises: Stopped if there is none.
    """
    answer = patient.get(
        "reads the open times on their own clock",
        f"/v1/providers/{shift.provider_id}/open-times",
        params={"zone": zone},
        holds=lambda it: it["zone"] == zone and soonest(it["items"], datetime.now(UTC)) is not None,
        show=lambda it: (
            f"{len(it['items'])} open, the next "
            + ", ".join(f"{datetime.fromisoformat(one['local']):%H:%M}" for one in it["items"][:3])
            + f" ({zone})"
        ),
    )
    picked = soonest(answer["items"], datetime.now(UTC))
    if picked is None:
        raise Stopped
    return picked


def hold(
    patient: Someone, what: str, slot: dict[str, Any], location: str, **how: Any
) -> dict[str, Any]:
    """A patient picks a time, which is kept for a while (F15, N02)."""
    how.setdefault("expect", 201)
    how.setdefault("show", lambda it: f"{it['status']} until {it['held_until'][11:16]} UTC")
    patient_id = how.pop("patient_id", None)
    body = {
        "session_id": slot["session_id"],
        "start": slot["start"],
        "mode": "video",
        "location": location,
        **({"patient_id": patient_id} if patient_id else {}),
    }
    appointment: dict[str, Any] = patient.post(
        what,
        "/v1/appointments",
        body,
        **how,
    )
    return appointment


def visit(patient: Someone, provider: Someone, appointment: dict[str, Any], location: str) -> None:
    """Both join the room, talk, and leave; who attended is on record (F32, F33)."""
    room = f"/v1/appointments/{appointment['id']}/visit"
    provider_in = provider.post(
        "joins the visit", f"{room}/join", show=lambda _: "has a way into the room"
    )
    patient_in = patient.post(
        "joins and says where the patient is",
        f"{room}/join",
        {"location": location, "private": True},
        show=lambda _: f"by themselves, in {location}, where the {provider.role} is licensed",
    )
    walk = patient.walk
    walk.act(
        "both",
        "meet in the video room",
        "WEBSOCKET /v1/signalling",
        lambda: meet(walk.base_url, provider_in, patient_in, TOGETHER_SECONDS),
    )
    provider.until(
        "sees who attended and for how long",
        room,
        holds=lambda it: (
            {one["side"] for one in it["attendances"] if one["until"]} == {"patient", "provider"}
            and it["counted_seconds"] >= 1
        ),
        show=lambda it: (
            f"{it['status']}: {len(it['attendances'])} attended, {it['counted_seconds']} s together"
        ),
    )
    identify(provider, appointment)


def identify(provider: Someone, appointment: dict[str, Any]) -> None:
    """The provider confirms in the visit who the patient is (IDV-04)."""
    provider.post(
        "confirms who the patient is",
        f"/v1/appointments/{appointment['id']}/visit/identity",
        {"method": "picture"},
        holds=lambda it: it["identity"]["method"] == "picture",
        show=lambda _: "as in the pictures of the identity check",
    )


def agree(person: Someone, patient_id: str, purpose: str, what: str) -> None:
    """Somebody agrees, for a patient, to the practice's text for this purpose (CON-01, CON-03)."""
    texts = person.get(
        "reads what the practice asks",
        "/v1/consent-texts",
        show=lambda it: f"{len(it['items'])} texts",
    )
    text = next(one for one in texts["items"] if one["purpose"] == purpose)
    person.post(
        what,
        f"/v1/patients/{patient_id}/consents",
        {"purpose": purpose, "text_hash": text["hash"], "region": text["region"]},
        expect=201,
        show=lambda it: f"{it['status']}, {it['basis']}",
    )


def complete(provider: Someone, appointment: dict[str, Any], notes: str) -> None:
    """The provider confirms that the visit took place (F45)."""
    provider.post(
        "confirms that the visit took place",
        f"/v1/appointments/{appointment['id']}/visit/completion",
        {"notes": notes},
        holds=lambda it: it["status"] == "completed",
        show=lambda it: f"{it['status']}, {it['counted_seconds']} s counted",
    )
