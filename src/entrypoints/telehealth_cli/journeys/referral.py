"""A partner refers a client, who registers without retyping anything; the partner follows that one
patient's treatment program, and nothing else.
"""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from telehealth_cli.journeys import chapters
from telehealth_cli.journeys.people import (
    PASSWORD,
    Someone,
    Staff,
    fresh_email,
    new_yorker,
    wait_for_mail,
)
from telehealth_cli.journeys.us import THERAPIST
from telehealth_cli.journeys.walk import Walk

CONSENT_DAYS = 180
BEGAN_DAYS_AGO, LEFT_DAYS = 10, 30

PHQ9 = [1, 2, 1, 1, 0, 1, 1, 0, 1]
"""Nine answers; the last question asks about thoughts of being better off dead."""

INVITATION = r"invitation code is:\s+(\S+)"


def partner(walk: Walk, staff: Staff) -> None:
    """Referral, invitation, registration, program, and what the partner sees of it.

    Raises: Stopped.
    """
    practice = chapters.read_practice(walk, staff)
    liaison = Someone.sign_in(walk, "liaison", staff.slug, staff.liaison, staff.password)
    with walk.together("liaison", "has a therapist begin to work in the day program", "active"):
        shift = chapters.start_shift(
            liaison, staff, "therapist", {**THERAPIST, "name": "Robin Therapist"}
        )
    provider_id = shift.provider_id
    member = _add_partner(walk, staff, liaison)
    profile = new_yorker("Client", fresh_email("client"))
    invitation = _refer(walk, staff, member, liaison, profile)
    client = _enrol(walk, staff, invitation, profile, member)
    chapters.become_known(client, liaison)
    began = _today(practice["zone"]) - timedelta(days=BEGAN_DAYS_AGO)
    patient_id = client.who["patient_id"]
    program = _start_program(
        liaison, "enters the client into the day program", patient_id, provider_id, began
    )
    with walk.together(
        "other patient", "registers and begins a program as well", "in a program of their own"
    ):
        other = chapters.newcomer(
            walk, staff, liaison, new_yorker("Other", fresh_email("other")), "other patient"
        )
        other_id = other.who["patient_id"]
        _start_program(liaison, "enters the other patient", other_id, provider_id, began)
    _follow(member, patient_id, other_id, began, practice["zone"])
    _alarm(client, liaison, shift.person, program)
    _hold(shift.person, member, program, _today(practice["zone"]))


def _add_partner(walk: Walk, staff: Staff, liaison: Someone) -> Someone:
    """A liaison adds an organisation and an account for its member (F02)."""
    organisation = liaison.post(
        "adds a partner organisation",
        "/v1/partners",
        {"name": "Example Counseling Center"},
        expect=201,
        show=lambda it: f"{it['name']} is {it['status']}",
    )
    email = fresh_email("partner")
    liaison.post(
        "opens an account for its member",
        "/v1/accounts",
        {
            "email": email,
            "password": PASSWORD,
            "roles": ["partner"],
            "partner_id": organisation["id"],
        },
        expect=201,
        show=lambda it: f"may sign in as {', '.join(it['roles'])}",
    )
    return Someone.sign_in(walk, "partner", staff.slug, email)


def _refer(
    walk: Walk, staff: Staff, member: Someone, liaison: Someone, profile: dict[str, Any]
) -> str:
    """The partner refers, the liaison accepts, the client alone gets the invitation (F49, F50)."""
    referral = member.post(
        "refers a client",
        "/v1/referrals",
        {"client": profile, "reason": "Weekly counseling is not enough at the moment."},
        expect=201,
        holds=lambda it: "invitation" not in it,
        show=lambda it: str(it["status"]),
    )
    liaison.get(
        "reads the referral",
        f"/v1/referrals/{referral['id']}",
        show=lambda it: f"{it['client']['given_name']}: “{it['reason']}”",
    )
    liaison.post(
        "accepts; nobody but the client is told the invitation",
        f"/v1/referrals/{referral['id']}/acceptance",
        holds=lambda it: it["status"] == "accepted" and "invitation" not in it,
        show=lambda it: str(it["status"]),
    )
    text = wait_for_mail(
        walk,
        "client",
        staff.slug,
        profile["email"],
        "You are invited to register",
        saying=INVITATION,
    )
    return invitation_in(text)


def invitation_in(text: str) -> str:
    """The code that the client finds in the e-mail."""
    found = re.search(INVITATION, text)
    assert found is not None, "the e-mail was waited for because it has one"
    return found[1]


def _enrol(
    walk: Walk, staff: Staff, invitation: str, profile: dict[str, Any], member: Someone
) -> Someone:
    """The client registers with the invitation and lets the partner follow (F50, F51)."""
    request = {
        "practice": staff.slug,
        "invitation": invitation,
        "password": PASSWORD,
        "consent_days": CONSENT_DAYS,
    }
    walk.step(
        "client",
        f"registers with the invitation and consents for {CONSENT_DAYS} days",
        "POST",
        "/v1/registrations/invited",
        json=request,
        expect=201,
        holds=lambda it: (
            it["profile"]["address"]["lines"] == profile["address"]["lines"]
            and [one["partner_id"] for one in it["partners"]] == [member.who["partner_id"]]
        ),
        show=lambda it: (
            f"{it['status']}; nothing retyped, the partner may follow until "
            f"{it['partners'][0]['until'][:10]}"
        ),
    )
    walk.step(
        "visitor",
        "tries the invitation again",
        "POST",
        "/v1/registrations/invited",
        json=request,
        expect=(404, "unknown"),
    )
    return Someone.sign_in(walk, "client", staff.slug, profile["email"])


def _start_program(
    liaison: Someone, what: str, patient_id: str, provider_id: str, began: date
) -> dict[str, Any]:
    """A liaison enters a patient into a partial hospitalization program (F39)."""
    program: dict[str, Any] = liaison.post(
        what,
        f"/v1/patients/{patient_id}/programs",
        {
            "provider_id": provider_id,
            "kind": "PHP",
            "starts_on": began.isoformat(),
            "anticipated_discharge_on": _ends(began).isoformat(),
        },
        expect=201,
        show=lambda it: f"{it['kind']}, {it['starts_on']} to {it['anticipated_discharge_on']}",
    )
    return program


def _follow(member: Someone, patient_id: str, other_id: str, began: date, zone: str) -> None:
    """The partner sees this one program, and is told nothing of anybody else (F51)."""
    member.get(
        "sees whom they may follow",
        "/v1/followed-patients",
        holds=lambda it: [one["patient_id"] for one in it["items"]] == [patient_id],
        show=lambda it: ", ".join(f"{one['name']}" for one in it["items"]) or "nobody",
    )
    before = percent(began, _today(zone))
    member.get(
        "follows the program",
        f"/v1/patients/{patient_id}/programs",
        holds=lambda it: (
            [(one["kind"], one["status"]) for one in it["items"]] == [("PHP", "active")]
            and it["items"][0]["progress_percent"] in {before, percent(began, _today(zone))}
        ),
        show=lambda it: (
            f"{it['items'][0]['kind']}, {it['items'][0]['status']}, "
            f"{it['items'][0]['progress_percent']:g} %"
        ),
    )
    member.get(
        "wants to read the rest of the record",
        f"/v1/patients/{patient_id}/record",
        expect=(403, "not-permitted"),
    )
    member.get(
        "asks for another patient's program",
        f"/v1/patients/{other_id}/programs",
        expect=(404, "unknown"),
    )


def _alarm(client: Someone, liaison: Someone, therapist: Someone, program: dict[str, Any]) -> None:
    """An alarming answer is told whom to call, and waits until a human has seen it (TEL-11)."""
    answered = client.post(
        "answers a questionnaire; one answer is alarming",
        f"/v1/patients/{client.who['patient_id']}/questionnaires",
        {"instrument": "phq-9", "answers": PHQ9, "program_id": program["id"]},
        expect=201,
        holds=lambda it: it["questionnaire"]["alarm"] and bool(it["crisis_number"]),
        show=lambda it: (
            f"{it['questionnaire']['score']}, {it['questionnaire']['band']}; told to call "
            f"{it['emergency_number']} or {it['crisis_number']} at once"
        ),
    )["questionnaire"]
    liaison.get(
        "finds the alarm on the list, and calls the therapist",
        "/v1/questionnaire-alarms",
        holds=lambda it: answered["id"] in [one["id"] for one in it["items"]],
        show=lambda it: f"{len(it['items'])} that nobody has seen",
    )
    therapist.post(
        "sees to it",
        f"/v1/questionnaires/{answered['id']}/sighting",
        holds=lambda it: it["seen_at"] is not None,
        show=lambda it: f"seen at {it['seen_at'][11:16]} UTC, {it['band']}",
    )


def _hold(therapist: Someone, member: Someone, program: dict[str, Any], today: date) -> None:
    """A program stands still and runs again, and each change has its reason (F41)."""
    path = f"/v1/programs/{program['id']}"
    therapist.post(
        "puts the program on hold",
        f"{path}/hold",
        {"on": today.isoformat(), "reason": "A stay in hospital, some days at least."},
        holds=lambda it: it["status"] == "onhold",
        show=lambda it: f"{it['status']}, at {it['progress_percent']:g} %",
    )
    member.get(
        "sees that it stands still, and no reason",
        f"/v1/patients/{program['patient_id']}/programs",
        holds=lambda it: it["items"][0]["status"] == "onhold" and not it["items"][0]["revisions"],
        show=lambda it: str(it["items"][0]["status"]),
    )
    therapist.post(
        "lets it run again, to a later discharge",
        f"{path}/resumption",
        {
            "on": today.isoformat(),
            "anticipated_discharge_on": (today + timedelta(days=LEFT_DAYS + 7)).isoformat(),
            "reason": "Back home; a week more.",
        },
        holds=lambda it: it["status"] == "active",
        show=lambda it: f"{it['status']}, until {it['anticipated_discharge_on']}",
    )


def percent(began: date, on: date) -> float:
    """How much of the program is over on that day."""
    return 100 * (on - began).days / (BEGAN_DAYS_AGO + LEFT_DAYS)


def _ends(began: date) -> date:
    return began + timedelta(days=BEGAN_DAYS_AGO + LEFT_DAYS)


def _today(zone: str) -> date:
    return datetime.now(UTC).astimezone(ZoneInfo(zone)).date()
