"""What rows of revision 0001 are under 0002, and back.

Runs between new columns, still empty, and the rules over them. Going back keeps what 0001 has a
place for; the rest is gone, so back up first. Nothing that was closed opens: whoever lost access
has none, a removed card has expired, and what guardians may not see is not shown.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from telehealth_core.access.actor import Actor
from telehealth_core.practice.settings import SettingsVersion
from telehealth_core.registration.matching import match_keys
from telehealth_core.registration.profile import Identifier, Profile
from telehealth_core.shared.ids import PracticeId, derived
from telehealth_postgres.columns import CONVERTER
from telehealth_postgres.migrations import charges_0002, prescriptions_0002

ROWS_AT_ONCE = 500

Row = Mapping[str, Any]

_FIRST = "SET LOCAL TIME ZONE 'UTC'"
"""So that instants in JSON read like those that the program writes."""

_FILL: Mapping[str, str] = {
    "appointments": """
        starts_within_cooling_off = false, red_flags = '[]', flags_open = false, hidden = false,
        history = '[]',
        requested_at = CASE WHEN status <> 'held' THEN coalesce(
            (SELECT min((o.body ->> 'at')::timestamptz) FROM outbox o
             WHERE o.practice_id = appointments.practice_id AND o.subject = appointments.id
               AND o.name = 'AppointmentRequested'),
            (SELECT min(c.planned_at) FROM charges c
             WHERE c.practice_id = appointments.practice_id AND c.appointment_id = appointments.id),
            CASE WHEN status <> 'cancelled' THEN held_until END) END
    """,
    "cards": "status = 'kept'",
    "consultations": """
        reconciliations = '[]', mode_changes = '[]', failures = '[]',
        "window" = (
            SELECT tstzrange(
                lower(a.during) - coalesce((p.settings ->> 'join_early_minutes')::int, 15)
                    * interval '1 minute',
                upper(a.during) + coalesce((p.settings ->> 'join_late_minutes')::int, 60)
                    * interval '1 minute')
            FROM appointments a JOIN practices p ON p.id = a.practice_id
            WHERE a.practice_id = consultations.practice_id AND a.id = appointment_id),
        participants = coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                'user_id', one -> 'user_id', 'side', one -> 'side',
                'said', jsonb_build_object('location', one -> 'location', 'private', null),
                'guardian', one ->> 'side' = 'patient' AND NOT EXISTS (
                    SELECT FROM accounts a WHERE a.practice_id = consultations.practice_id
                      AND a.id = (one ->> 'user_id')::uuid
                      AND a.patient_id = consultations.patient_id),
                'admitted_at', coalesce(
                    (SELECT min((stay ->> 'since')::timestamptz)
                     FROM jsonb_array_elements(attendances) stay
                     WHERE stay ->> 'user_id' = one ->> 'user_id'),
                    (SELECT lower(a.during) FROM appointments a
                     WHERE a.practice_id = consultations.practice_id AND a.id = appointment_id))
                ) ORDER BY place)
            FROM jsonb_array_elements(participants) WITH ORDINALITY AS each(one, place)), '[]')
    """,
    "identity_checks": """
        former = '[]', purged = '[]',
        submitted_at = CASE WHEN status <> 'draft' THEN coalesce(
            (SELECT max((o.body ->> 'at')::timestamptz) FROM outbox o
             WHERE o.practice_id = identity_checks.practice_id AND o.subject = identity_checks.id
               AND o.name = 'IdentitySubmitted'),
            decided_at,
            (SELECT p.registered_at FROM patients p
             WHERE p.practice_id = identity_checks.practice_id AND p.id = patient_id)) END,
        decisions = CASE WHEN decided_at IS NULL OR reviewer IS NULL THEN '[]' ELSE
            jsonb_build_array(jsonb_build_object(
                'approved', expires_at IS NOT NULL,
                'verdict', CASE WHEN expires_at IS NULL THEN 'document-not-accepted'
                                ELSE 'documents-match' END,
                'findings', '[]'::jsonb, 'evidence', evidence, 'reviewer', reviewer,
                'at', decided_at, 'expires_at', expires_at,
                'reason', coalesce(nullif(btrim(reason), ''), 'No reason was kept.'))) END
    """,
    "letters": """
        hidden_from_guardians = false,
        recipient_kind = CASE kind WHEN 'sick-note' THEN 'employer' ELSE 'treating' END,
        certificate = CASE WHEN unfit_from IS NOT NULL THEN jsonb_build_object(
            'unfit_from', unfit_from, 'unfit_until', greatest(unfit_from, unfit_until)) END
    """,
    "programs": "holds = '[]'",
    "referrals": "drafted_at = submitted_at",
    "sign_ins": "proven_at = began_at",
}
"""By table: what stands in its new columns."""

_NOTES = """
    SELECT c.practice_id, c.appointment_id, c.patient_id, c.provider_id, c.notes, c.completed_at,
           lower(a.during) AS began_at,
           coalesce((SELECT u.id FROM accounts u WHERE u.practice_id = c.practice_id
                       AND u.provider_id = c.provider_id ORDER BY u.opened_at, u.id LIMIT 1),
                    c.provider_id) AS author
    FROM consultations c
    JOIN appointments a ON a.practice_id = c.practice_id AND a.id = c.appointment_id
    WHERE btrim(c.notes) <> ''
"""
_NOTE = """
    INSERT INTO notes (id, practice_id, version, status, appointment_id, patient_id, provider_id,
                       author, body, hidden, addenda, visit_at, drafted_at, signed_at)
    VALUES (:id, :practice_id, 1, :status, :appointment_id, :patient_id, :provider_id, :author,
            jsonb_build_object('summary', CAST(:notes AS text)), false, '[]', :began_at,
            coalesce(:completed_at, :began_at), :completed_at)
"""
_SETTINGS = """
    SELECT p.id AS practice_id, p.settings, p.opened_at,
           array(SELECT (p.settings ->> 'version')::bigint UNION
                 SELECT a.settings_version FROM appointments a
                 WHERE a.practice_id = p.id) AS numbers
    FROM practices p
"""
_SETTINGS_VERSION = """
    INSERT INTO settings_history (id, practice_id, version, settings, by, at)
    VALUES (:id, :practice_id, 1, CAST(:settings AS jsonb), :by, :at)
"""
_PATIENTS = "SELECT practice_id, id, profile, identifiers FROM patients"
_MATCH_KEYS = """
    UPDATE patients SET match_keys = :keys WHERE practice_id = :practice_id AND id = :id
"""

_BURIED = "unknown-to-0001"
_BACK: Iterable[str] = (
    # a partner who follows a part of a record would follow all of it
    """
    UPDATE patients SET partners = coalesce((
        SELECT jsonb_agg(one ORDER BY place)
        FROM jsonb_array_elements(partners) WITH ORDINALITY AS each(one, place)
        WHERE one -> 'scope' IS NULL
           OR one -> 'scope' @> '["details", "program", "scores", "chat"]'), '[]')
    WHERE partners <> '[]'
    """,
    "DELETE FROM referrals WHERE status = 'draft'",
    "UPDATE referrals SET submitted_at = drafted_at WHERE submitted_at IS NULL",
    # nobody comes in who had no access any more
    (
        "UPDATE accounts SET roles = '{}', patient_id = NULL, provider_id = NULL, partner_id = NULL"
        " WHERE disabled_at IS NOT NULL"
    ),
    (
        "DELETE FROM sign_ins s USING accounts a WHERE a.practice_id = s.practice_id"
        " AND a.id = s.user_id AND a.disabled_at IS NOT NULL"
    ),
    """
    UPDATE patients SET guardians = (
        SELECT jsonb_agg(CASE
            WHEN (one ->> 'suspended')::boolean OR (one ->> 'ended')::boolean
            THEN one || jsonb_build_object('until', coalesce(one -> 'decisions' -> -1 -> 'at',
                                                             one -> 'since'))
            ELSE one END ORDER BY place)
        FROM jsonb_array_elements(guardians) WITH ORDINALITY AS each(one, place))
    WHERE guardians <> '[]'
    """,
    (
        'UPDATE cards SET details = details || \'{"expires_year": 2000, "expires_month": 1}\''
        " WHERE status = 'removed'"
    ),
    (
        "UPDATE appointments SET cancelled_because = CASE cancelled_because"
        " WHEN 'unanswered' THEN 'expired' ELSE 'practice' END"
        " WHERE cancelled_because IN ('technical', 'unsuitable', 'unanswered')"
    ),
    (
        "UPDATE audit SET outcome = 'not-permitted'"
        " WHERE outcome NOT IN ('done', 'read', 'not-permitted', 'unknown')"
    ),
    "UPDATE letters SET kind = 'referral' WHERE kind = 'gp-letter'",
    (
        "UPDATE letters SET unfit_from = (certificate ->> 'unfit_from')::date,"
        " unfit_until = (certificate ->> 'unfit_until')::date WHERE certificate IS NOT NULL"
    ),
    (
        "UPDATE providers SET profession = 'nurse', prescriber = false"
        " WHERE profession = 'physician-associate'"
    ),
    """
    UPDATE consultations SET
        participants = coalesce((
            SELECT jsonb_agg(one || jsonb_build_object('location', one -> 'said' -> 'location')
                             ORDER BY place)
            FROM jsonb_array_elements(participants) WITH ORDINALITY AS each(one, place)), '[]'),
        notes = (
            SELECT left(concat_ws(E'\\n\\n', body ->> 'summary', body ->> 'history',
                                  body ->> 'findings', body ->> 'assessment', body ->> 'plan',
                                  (SELECT string_agg(more ->> 'text', E'\\n\\n' ORDER BY place)
                                   FROM jsonb_array_elements(addenda)
                                        WITH ORDINALITY AS each(more, place))), 20000)
            FROM notes n WHERE n.practice_id = consultations.practice_id
              AND n.appointment_id = consultations.appointment_id
              AND n.status = 'signed' AND NOT n.hidden)
    """,
    (
        "UPDATE identity_checks SET reviewer = (decisions -> -1 ->> 'reviewer')::uuid,"
        " reason = decisions -> -1 ->> 'reason' WHERE decisions <> '[]'"
    ),
)
_BURY = """
    UPDATE outbox SET next_at = 'infinity', problem = :problem
    WHERE done_at IS NULL AND next_at < 'infinity' AND name <> ALL (:known)
"""
_EVENTS_0001 = [
    "AccountOpened",
    "AppointmentApproved",
    "AppointmentCancelled",
    "AppointmentDescribed",
    "AppointmentFulfilled",
    "AppointmentHeld",
    "AppointmentRequested",
    "AppointmentRescheduled",
    "CardSaved",
    "ChargeCorrected",
    "ChargeFailed",
    "ChargeOrdered",
    "ChargePaid",
    "ChargePlanned",
    "ChargeRefunded",
    "ChargeReleased",
    "ChargeWaived",
    "ConsultationCompleted",
    "DocumentFiled",
    "EvidenceSupplied",
    "IdentityApproved",
    "IdentityInfoRequested",
    "IdentityRejected",
    "IdentitySubmitted",
    "LetterDrafted",
    "LetterIssued",
    "MessagePosted",
    "ParticipantAdmitted",
    "ParticipantEntered",
    "ParticipantLeft",
    "PartnerAdded",
    "PartnerTied",
    "PatientArrived",
    "PatientRegistered",
    "PatientVerified",
    "PracticeOpened",
    "PrescriptionDrafted",
    "PrescriptionSigned",
    "ProfileCompleted",
    "ProgramDischarged",
    "ProgramRevised",
    "ProgramStarted",
    "ProviderActivated",
    "ProviderAdded",
    "ReferralAccepted",
    "ReferralDeclined",
    "ReferralEnrolled",
    "ReferralSubmitted",
    "SessionAdded",
    "SessionClosed",
    "SessionPublished",
    "SettingsChanged",
    "SignedIn",
    "SignedOut",
]
"""A worker of 0001 stops at an event that it does not know; those wait for the next upgrade."""


def upgrade(connection: sa.Connection) -> None:
    """Fill what is new with what was there."""
    _run(connection, _FIRST)
    for table, filled in _FILL.items():
        _run(connection, f"UPDATE {table} SET {filled}")  # noqa: S608 - both are ours
    _each(connection, _SETTINGS, _SETTINGS_VERSION, _settings_versions)
    _each(connection, _NOTES, _NOTE, _note)
    _each(connection, _PATIENTS, _MATCH_KEYS, _keys)
    _each(connection, charges_0002.ALL, charges_0002.UP, charges_0002.up)
    _each(connection, prescriptions_0002.ALL, prescriptions_0002.UP, prescriptions_0002.up)
    _run(
        connection,
        "UPDATE outbox SET next_at = now(), problem = NULL WHERE problem = :problem",
        problem=_BURIED,
    )


def downgrade(connection: sa.Connection) -> None:
    """Keep what the former columns can hold, and open nothing that was closed."""
    _run(connection, _FIRST)
    for statement in _BACK:
        _run(connection, statement)
    _run(connection, _BURY, problem=_BURIED, known=_EVENTS_0001)
    _each(connection, charges_0002.ALL, charges_0002.DOWN, charges_0002.down)
    _each(connection, prescriptions_0002.ALL, prescriptions_0002.DOWN, prescriptions_0002.down)


def _settings_versions(row: Row) -> Iterable[Row]:
    """One for each version that is, or that a visit was booked under; 0001 kept the newest."""
    practice = PracticeId(row["practice_id"])
    for number in row["numbers"]:
        yield {
            "id": SettingsVersion.id_of(practice, number),
            "practice_id": practice,
            "settings": json.dumps({**row["settings"], "version": number}),
            "by": Actor.system(practice).id,
            "at": row["opened_at"],
        }


def _note(row: Row) -> Iterable[Row]:
    """The visit's notes as its note, signed if the visit was completed."""
    yield {
        **row,
        "id": derived(row["appointment_id"], "note"),
        "status": "signed" if row["completed_at"] else "draft",
    }


def _keys(row: Row) -> Iterable[Row]:
    """By what a patient matches others."""
    profile = row["profile"] and CONVERTER.structure(row["profile"], Profile)
    identifiers = CONVERTER.structure(row["identifiers"], tuple[Identifier, ...])
    keys = sorted(match_keys(PracticeId(row["practice_id"]), profile, identifiers))
    yield {"practice_id": row["practice_id"], "id": row["id"], "keys": keys}


def _run(connection: sa.Connection, statement: str, **given: Any) -> None:
    connection.execute(sa.text(statement), given)


def _each(
    connection: sa.Connection,
    found: str,
    written: str,
    change: Callable[[Row], Iterable[Row]],
) -> None:
    """Write what follows from each row that is found, some at a time."""
    options = {"stream_results": True, "yield_per": ROWS_AT_ONCE}
    result = connection.execute(sa.text(found), execution_options=options)
    for rows in result.mappings().partitions():
        if given := [one for row in rows for one in change(dict(row))]:
            connection.execute(sa.text(written), given)
