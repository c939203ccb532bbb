"""New York: who may, and who did. Two administrators, a record opened in an emergency, its review,
and what the patient is told of it.
"""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from telehealth_cli.journeys import chapters
from telehealth_cli.journeys.chapters import Shift, instant
from telehealth_cli.journeys.people import PASSWORD, Someone, Staff, fresh_email, new_yorker
from telehealth_cli.journeys.us import THERAPIST
from telehealth_cli.journeys.walk import Walk

WHY = "Found unconscious at the station; the ambulance asks for allergies and medicines."


def who_did_what(walk: Walk, staff: Staff) -> None:
    """A role for staff, a record in an emergency, its review, the patient's view, the audit.

    Raises: Stopped.
    """
    began = datetime.now(UTC)
    admin = Someone.sign_in(walk, "admin", staff.slug, staff.admin, staff.password)
    second = Someone.sign_in(walk, "second admin", staff.slug, staff.second_admin, staff.password)
    liaison = _new_liaison(walk, staff, admin, second)
    with walk.together("liaison", "has a therapist begin to work today", "bookable"):
        shift = chapters.start_shift(liaison, staff, "therapist", THERAPIST)
    profile = new_yorker("Pat", fresh_email("patient"))
    patient = chapters.newcomer(walk, staff, liaison, profile, "patient")
    _emergency(shift, patient)
    _review(admin)
    _openings(patient)
    _audit(admin, patient, began)


def _new_liaison(walk: Walk, staff: Staff, admin: Someone, second: Someone) -> Someone:
    """One administrator asks, another one agrees, and only then the account may (ACC-11)."""
    email = fresh_email("liaison")
    opened = admin.post(
        "opens an account for another liaison",
        "/v1/accounts",
        {"email": email, "password": PASSWORD, "roles": ["liaison"]},
        expect=201,
        holds=lambda it: it["roles"] == [],
        show=lambda _: "no role yet: it waits for a second administrator",
    )
    path = f"/v1/role-grants/{opened['role_grant_id']}"
    admin.post(
        "tries to confirm that alone",
        f"{path}/confirmation",
        {},
        expect=(403, "not-yours-to-decide"),
    )
    second.post(
        "confirms it",
        f"{path}/confirmation",
        holds=lambda it: it["status"] == "granted",
        show=lambda it: f"{it['status']}: {', '.join(it['roles'])}",
    )
    return Someone.sign_in(walk, "liaison", staff.slug, email)


def _emergency(shift: Shift, patient: Someone) -> None:
    """A provider reads the record of somebody whom they do not treat (N08, ACC-06)."""
    provider, path = shift.person, f"/v1/patients/{patient.who['patient_id']}"
    provider.get(
        "wants to read the record of somebody whom they do not treat",
        f"{path}/record",
        expect=(404, "unknown"),
    )
    provider.post(
        "proves once more who they are",
        "/v1/sign-ins/current/proof",
        {"password": PASSWORD},
        show=lambda _: "proven",
    )
    provider.post(
        "breaks the glass: a danger to life, in words",
        f"{path}/emergency-accesses",
        {"reason": "danger-to-life", "text": WHY},
        expect=201,
        show=lambda it: f"{it['status']} until {it['until'][11:16]} UTC; the administrators know",
    )
    provider.get(
        "reads the record", f"{path}/record", show=lambda _: "what the ambulance has to know"
    )


def _review(admin: Someone) -> None:
    """Somebody else says whether it was justified (ACC-06)."""
    waiting = admin.get(
        "sees what waits for a review",
        "/v1/emergency-accesses",
        holds=lambda it: WHY in [one["text"] for one in it["items"]],
        show=lambda it: f"{len(it['items'])} waiting: “{it['items'][-1]['text']}”",
    )["items"]
    one = next(each for each in waiting if each["text"] == WHY)
    admin.post(
        "reviews it",
        f"/v1/emergency-accesses/{one['id']}/review",
        {"verdict": "justified", "finding": "The ambulance service confirms the call."},
        holds=lambda it: it["status"] == "reviewed",
        show=lambda it: f"{it['status']}: {it['verdict']}",
    )


def _openings(patient: Someone) -> None:
    """A patient sees who else opened the record, by role and side (N06, AUD-10)."""
    patient.get(
        "asks who opened their record",
        f"/v1/patients/{patient.who['patient_id']}/openings",
        holds=lambda it: (
            {("provider", "emergency"), ("admin", "operations")}
            <= {(one["role"], one["purpose"]) for one in it["items"]}
        ),
        show=lambda it: "; ".join(
            dict.fromkeys(f"{one['role']}, for {one['purpose']}" for one in it["items"])
        ),
    )


def _audit(admin: Someone, patient: Someone, began: datetime) -> None:
    """Everything that was done, read or refused is in the report (AUD-08)."""
    period = {"from": instant(began), "until": instant(datetime.now(UTC) + timedelta(minutes=1))}
    patient.get(
        "asks for the audit report",
        "/v1/audit",
        params=period,
        expect=(403, "not-permitted"),
    )
    admin.get(
        "reads the audit report of all this",
        "/v1/audit",
        params={**period, "limit": 200},
        holds=lambda it: {"done", "read", "unknown"} <= _outcomes(it).keys(),
        show=lambda it: (
            f"{len(it['items'])} entries: "
            + ", ".join(f"{often} {name}" for name, often in _outcomes(it).most_common())
        ),
    )


def _outcomes(report: dict[str, Any]) -> Counter[str]:
    return Counter(one["outcome"] for one in report["items"])
