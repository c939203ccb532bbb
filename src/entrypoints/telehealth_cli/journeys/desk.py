"""New York, a day at the desk: searching all diaries, a late cancellation and who waits for the
time, a call outside of the shift, a series, and the rules that an administrator may change.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from telehealth_cli.journeys import chapters
from telehealth_cli.journeys.chapters import Shift, money
from telehealth_cli.journeys.people import Someone, Staff, fresh_email, new_yorker
from telehealth_cli.journeys.us import PLACE, PRICE, THERAPIST, ZONE
from telehealth_cli.journeys.walk import Stopped, Walk

LATE_FEE_BP, NOSHOW_FEE_BP = 5_000, 10_000
LATE_FEE: dict[str, Any] = {"minor": 10_000, "currency": "USD"}
"""Half of the price."""
AHEAD = timedelta(minutes=45)
"""How far ahead the contested visit is: far enough to be cancelled, offered and taken in time."""
SERVICE = THERAPIST["services"][0]["code"]


def day_at_the_desk(walk: Walk, staff: Staff) -> None:
    """Settings, search, late cancellation, waitlist, a booking by telephone, a series.

    Raises: Stopped.
    """
    admin = Someone.sign_in(walk, "admin", staff.slug, staff.admin, staff.password)
    _settings(admin)
    liaison = Someone.sign_in(walk, "liaison", staff.slug, staff.liaison, staff.password)
    with walk.together("liaison", "has a therapist begin to work today", "bookable"):
        shift = chapters.start_shift(liaison, staff, "therapist", THERAPIST)
    patient, card = _known(walk, staff, liaison, "patient")
    waiting, other_card = _known(walk, staff, liaison, "second patient")
    _search(patient, shift)
    booked = _book(patient, liaison, shift, card)
    _wait(waiting, shift, booked)
    _cancel(patient, booked)
    _take_offer(waiting, booked, other_card)
    _by_telephone(liaison, patient, shift, card)
    _series(liaison, patient, shift, card)


def _settings(admin: Someone) -> None:
    """An administrator changes what a late cancellation costs; every version is kept (F30)."""
    path = "/v1/practice/settings"
    now = admin.get(
        "reads what giving up a visit costs",
        path,
        show=lambda it: (
            f"version {it['version']}: late {it['late_cancel_fee_bp'] / 100:g} %, "
            f"no-show {it['noshow_fee_bp'] / 100:g} %"
        ),
    )
    other = {**now, "late_cancel_fee_bp": LATE_FEE_BP, "noshow_fee_bp": NOSHOW_FEE_BP}
    admin.put(
        "has a late cancellation cost half the price and a no-show all of it",
        path,
        {"replacing": now["version"], "settings": other},
        holds=lambda it: it["version"] == now["version"] + 1,
        show=lambda it: f"version {it['version']}, for visits booked from now on",
    )
    admin.put(
        "sends the same again from a stale page",
        path,
        {"replacing": now["version"], "settings": other},
        expect=(409, "stale-version"),
    )
    admin.get(
        "reads who changed which rules when",
        f"{path}/history",
        holds=lambda it: (
            [one["settings"]["version"] for one in it["items"][:2]]
            == [now["version"] + 1, now["version"]]
        ),
        show=lambda it: ", ".join(
            f"version {one['settings']['version']} of {one['at'][:10]}" for one in it["items"][:2]
        ),
    )


def _known(walk: Walk, staff: Staff, liaison: Someone, role: str) -> tuple[Someone, str]:
    """Somebody who is verified and has a card: one step."""
    with walk.together(role, "registers, is verified, saves a card", "verified, with a card"):
        profile = new_yorker(role.split(" ", maxsplit=1)[0].title(), fresh_email("desk"))
        someone = chapters.newcomer(walk, staff, liaison, profile, role)
        card = chapters.save_card(someone, "tok_visa")
    return someone, card


def _search(patient: Someone, shift: Shift) -> None:
    """One search goes over all diaries: by wish, by the earliest time (F14, F16)."""
    wishes = {"specialty": "anxiety", "language": "es", "mode": "video", "location": PLACE}
    patient.get(
        "looks through all diaries: anxiety, in Spanish, by video, at most 200.00 USD",
        "/v1/free-providers",
        params={**wishes, "zone": ZONE, "price_most": PRICE["minor"], "limit": 50},
        holds=lambda it: shift.provider_id in [one["id"] for one in it["items"]],
        show=lambda it: (
            f"{len(it['items'])} have time; {it['items'][0]['name']} first, at "
            f"{datetime.fromisoformat(it['items'][0]['earliest']['local']):%H:%M}"
        ),
    )
    patient.get(
        "asks for the earliest times of anybody",
        "/v1/open-times",
        params={**wishes, "zone": ZONE, "limit": 3},
        holds=lambda it: len(it["items"]) == 3 and it["next"] is not None,
        show=lambda it: "; ".join(
            f"{one['provider_name']} {datetime.fromisoformat(one['local']):%H:%M}"
            for one in it["items"]
        ),
    )


def _book(patient: Someone, liaison: Someone, shift: Shift, card: str) -> dict[str, Any]:
    """The terms are known before anything is booked (N17, PAY-04)."""
    soon = datetime.now(UTC) + AHEAD
    times = patient.get(
        "reads the therapist's day",
        f"/v1/providers/{shift.provider_id}/open-days",
        params={"zone": ZONE},
        show=lambda it: (
            f"{it['items'][0]['day']}: {len(it['items'][0]['items'])} times, "
            f"{len(it['items'])} days"
        ),
    )
    later = [
        one
        for day in times["items"]
        for one in day["items"]
        if datetime.fromisoformat(one["start"]) >= soon
    ]
    if not later:
        raise Stopped
    held = chapters.hold(
        patient,
        f"picks {chapters.local(later[0]['start'], ZONE)} and reads the terms",
        later[0],
        PLACE,
        holds=lambda it: it["terms"]["late_fee"] == LATE_FEE and it["terms"]["noshow_fee"] == PRICE,
        show=lambda it: (
            f"free until {chapters.local(it['terms']['free_until'], ZONE)}, then "
            f"{money(it['terms']['late_fee'])}; a no-show costs {money(it['terms']['noshow_fee'])}"
        ),
    )
    path = f"/v1/appointments/{held['id']}"
    with patient.walk.together("both", "request and approve it", "booked"):
        patient.post("asks", f"{path}/request", {"agreed": PRICE, "card_id": card})
        liaison.post("approves", f"{path}/approval", holds=lambda it: it["status"] == "booked")
    return held


def _wait(waiting: Someone, shift: Shift, booked: dict[str, Any]) -> None:
    """Somebody else would like that very time (N09)."""
    waiting.post(
        "would like that time and joins the waitlist",
        "/v1/waitlist",
        {"provider_id": shift.provider_id, "location": PLACE, "period": booked["during"]},
        expect=201,
        show=lambda it: f"{it['status']}, for one visit with this therapist",
    )


def _cancel(patient: Someone, booked: dict[str, Any]) -> None:
    """Late, and told so; what it costs follows from the terms shown before (N17, PAY-04)."""
    path = f"/v1/appointments/{booked['id']}"
    patient.get(
        "asks what cancelling costs now",
        f"{path}/cancellation-terms",
        holds=lambda it: it["now"]["fee"] == LATE_FEE,
        show=lambda it: f"{money(it['now']['fee'])}: it is late",
    )
    patient.post(
        "cancels",
        f"{path}/cancellation",
        holds=lambda it: it["cancelled_because"] == "patient",
        show=lambda it: f"{it['status']}, because of the {it['cancelled_because']}",
    )
    patient.until(
        "finds the fee taken, and no more",
        f"{path}/charge",
        holds=lambda it: it["status"] == "paid" and it["paid"] == LATE_FEE,
        show=lambda it: f"{it['status']}, {money(it['paid'])} of {money(it['base'])}",
    )


def _take_offer(waiting: Someone, booked: dict[str, Any], card: str) -> None:
    """The freed time is held for who waits, and a request takes it (N09)."""
    mine = f"/v1/patients/{waiting.who['patient_id']}/waitlist"
    offered = waiting.until(
        "is offered the time that became free",
        mine,
        holds=lambda it: it["items"][0]["status"] == "offered",
        show=lambda it: f"held for them until {it['items'][0]['offered_until'][11:16]} UTC",
    )["items"][0]
    waiting.post(
        "takes it",
        f"/v1/appointments/{offered['appointment_id']}/request",
        {"agreed": PRICE, "card_id": card},
        holds=lambda it: it["during"] == booked["during"],
        show=lambda it: f"{it['status']}, at {chapters.local(it['during']['start'], ZONE)}",
    )
    waiting.until(
        "waits no longer",
        mine,
        holds=lambda it: it["items"][0]["status"] == "taken",
        show=lambda it: str(it["items"][0]["status"]),
    )


def _by_telephone(liaison: Someone, patient: Someone, shift: Shift, card: str) -> None:
    """Staff book off hours, by name of the rule and with the reason, and both stay (F22, F24)."""
    visit = {
        "patient_id": patient.who["patient_id"],
        "session_id": shift.session["id"],
        "start": shift.session["during"]["end"],
        "mode": "video",
        "location": PLACE,
        "agreed": PRICE,
        "card_id": card,
    }
    liaison.post(
        "books by telephone, right after the therapist's shift",
        "/v1/bookings",
        visit,
        expect=(409, "not-bookable"),
    )
    aside = {
        "rules": ["on-shift", "on-grid"],
        "reason": "The therapist agreed to stay for an hour; the patient has no other evening.",
    }
    booked = liaison.post(
        "sets both rules aside by their names, and says why",
        "/v1/bookings",
        {**visit, "override": aside},
        expect=201,
        holds=lambda it: it["status"] == "booked",
        show=lambda it: f"{it['status']} for {chapters.local(it['during']['start'], ZONE)}",
    )
    liaison.get(
        "reads how that visit came about",
        f"/v1/appointments/{booked['id']}/history",
        holds=lambda it: any(one["reason"] == aside["reason"] for one in it["items"]),
        show=lambda it: "; ".join(
            one["verb"] + (f" (“{one['reason']}”)" if one["reason"] else "") for one in it["items"]
        ),
    )


def _series(liaison: Someone, patient: Someone, shift: Shift, card: str) -> None:
    """Visits that are booked together, at one wall time: all of them, or none (N10)."""
    chapters.publish_evenings(liaison, "therapist", shift, SERVICE)
    first = chapters.first_evening()
    wish = {
        "provider_id": shift.provider_id,
        "service": SERVICE,
        "mode": "video",
        "location": PLACE,
        "agreed": PRICE,
        "card_id": card,
    }

    def rhythm(*except_days: date) -> dict[str, Any]:
        return {
            "first_day": first.isoformat(),
            "starts": "18:00",
            "every_weeks": 1,
            "visits": 4,
            "except_days": [day.isoformat() for day in except_days],
        }

    away = first + timedelta(days=7)
    patient.post(
        "wants four weekly evenings, in one of which the therapist is away",
        "/v1/appointment-series",
        {**wish, "rhythm": rhythm()},
        expect=(409, "series-conflicts"),
    )
    visits = patient.post(
        "leaves that day out",
        "/v1/appointment-series",
        {**wish, "rhythm": rhythm(away)},
        expect=201,
        holds=lambda it: len(it["items"]) == 3,
        show=lambda it: ", ".join(
            chapters.local(one["during"]["start"], ZONE) for one in it["items"]
        ),
    )["items"]
    patient.post(
        "gives up all but the first again, in time",
        f"/v1/appointments/{visits[1]['id']}/series/cancellation",
        holds=lambda it: {one["status"] for one in it["items"]} == {"cancelled"},
        show=lambda it: f"{len(it['items'])} cancelled",
    )
    patient.get(
        "looks at their calendar",
        f"/v1/patients/{patient.who['patient_id']}/calendar",
        holds=lambda it: (len(it["upcoming"]), len(it["cancelled"])) == (2, 3),
        show=lambda it: f"{len(it['upcoming'])} upcoming, {len(it['cancelled'])} cancelled",
    )
