"""Every query that searches a whole practice goes by an index, however many rows there are."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from telehealth_core.access.actor import Actor, Role
from telehealth_core.access.audit import AuditOrder, undertaking
from telehealth_core.access.keys import KeyRefused
from telehealth_core.registration.duplicate import SuspicionStatus
from telehealth_core.registration.identity_check import IdentityStatus
from telehealth_core.scheduling.life import AppointmentStatus
from telehealth_core.scheduling.search import Place, Wishes
from telehealth_core.shared import Interval
from telehealth_core.shared.ids import PatientId, PracticeId, SeriesId, SessionId
from telehealth_postgres import migrations
from telehealth_postgres.pipeline import Answer, Connection
from telehealth_postgres.remembered import Remembered
from telehealth_postgres.statements import Statement
from telehealth_postgres.store import PostgresStore
from telehealth_postgres.transaction import asked
from telehealth_postgres.wall import application_uri
from telehealth_postgres.work import PostgresWork

PRACTICE = PracticeId(UUID("00000000-0000-4000-8000-0000000000aa"))
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = Interval(NOW, NOW + timedelta(days=1))
ID: Any = UUID(int=7)
LIMIT = 20

MANY = r"""
CREATE FUNCTION pg_temp.another(which regclass, changes text, many int) RETURNS void AS $$
BEGIN
    EXECUTE format('INSERT INTO %1$s SELECT (jsonb_populate_record(one, jsonb_build_object('
        '''id'', gen_random_uuid()) || %2$s)).* FROM (SELECT o FROM %1$s o ORDER BY id LIMIT 1)'
        ' AS seed(one), generate_series(1, %3$s) n', which, changes, many);
END $$ LANGUAGE plpgsql;
SELECT
    pg_temp.another('providers', $$jsonb_build_object('name', 'Dr ' || n)$$, 4000),
    pg_temp.another('patients', $$jsonb_build_object('match_keys_digests',
        array['\x' || md5(n::text)], 'guardian_ids', '{}'::uuid[], 'partners', '[]'::jsonb,
        'id', md5(n::text)::uuid)$$, 4000),
    pg_temp.another('accounts', $$jsonb_build_object('email_digest', '\x' || md5(n::text),
        'patient_id', null,
        'roles', array[CASE WHEN n % 100 = 0 THEN 'liaison' ELSE 'admin' END])$$, 40000),
    pg_temp.another('sign_ins', $$'{}'::jsonb$$, 4000),
    pg_temp.another('identity_checks', $$jsonb_build_object('status', CASE WHEN n % 100 = 0 THEN
        'submitted' ELSE 'approved' END, 'submitted_at', now() - n * interval '1 hour',
        'evidence', '[]'::jsonb, 'decided_at', now() - n * interval '1 hour',
        'expires_at', now() + n * interval '1 hour')$$, 4000),
    pg_temp.another('sessions', $$jsonb_build_object('during', tstzrange(
        '2026-03-02 09:00+00'::timestamptz + n * interval '1 day',
        '2026-03-02 17:00+00'::timestamptz + n * interval '1 day'))$$, 4000),
    pg_temp.another('appointments', $$jsonb_build_object('status', CASE n % 100
        WHEN 0 THEN 'held' WHEN 1 THEN 'pending' WHEN 2 THEN 'booked' ELSE 'fulfilled' END,
        'during', tstzrange('2026-03-03 09:00+00'::timestamptz + n * interval '1 hour',
                            '2026-03-03 09:20+00'::timestamptz + n * interval '1 hour'),
        'occupies', tstzrange('2026-03-03 09:00+00'::timestamptz + n * interval '1 hour',
                              '2026-03-03 09:20+00'::timestamptz + n * interval '1 hour'),
        'flags_open', n % 200 = 3, 'requested_at', now() - n * interval '1 hour',
        'held_until', now() + (n - 2000) * interval '1 minute',
        'held_by', gen_random_uuid(), 'patient_id', md5((1 + n % 4000)::text)::uuid)$$, 8000),
    pg_temp.another('consultations', $$jsonb_build_object('status', CASE n % 100
        WHEN 0 THEN 'in-progress' WHEN 1 THEN 'finished' ELSE 'completed' END,
        'window', tstzrange(now(), now() + n * interval '1 minute'))$$, 4000),
    pg_temp.another('charges', $$jsonb_build_object('status', CASE n % 100 WHEN 0 THEN
        'failed' ELSE 'paid' END, 'planned_at', now() - n * interval '1 hour', 'next_at',
        CASE WHEN n % 50 = 1 THEN now() END, 'card_id', null)$$, 4000),
    pg_temp.another('prescriptions', $$jsonb_build_object('status', CASE WHEN n % 100 = 0 THEN
        'active' ELSE 'dispensed' END, 'valid_until', current_date + n % 90, 'review_needed',
        n % 100 = 1, 'claim_sha256', md5(n::text))$$, 4000),
    pg_temp.another('letters', $$jsonb_build_object('status', 'issued', 'issued_at',
        now() - n * interval '1 hour', 'acknowledged_at', CASE WHEN n % 100 > 0 THEN now() END)$$,
        4000),
    pg_temp.another('settings_history', $$jsonb_build_object('at', now())$$, 4000),
    pg_temp.another('practices', $$jsonb_build_object('slug', 'practice-' || n)$$, 400);
INSERT INTO suspicions (id, practice_id, version, status, patient_id, other_id, rules, raised_at)
    SELECT gen_random_uuid(), practice_id, 1, CASE WHEN n % 100 = 0 THEN 'open' ELSE 'dismissed'
           END, id, id, '{}', now() - n * interval '1 hour'
    FROM (SELECT * FROM patients LIMIT 1) p, generate_series(1, 4000) n;
INSERT INTO waitlist (id, practice_id, version, status, patient_id, provider_id, specialty,
                      location, period, joined_at, joined_by)
    SELECT gen_random_uuid(), practice_id, 1, CASE WHEN n % 100 = 0 THEN 'waiting' ELSE 'left' END,
           id, NULL, 'skin', 'GB', tstzrange(now(), now() + interval '1 year'),
           now() - n * interval '1 hour', id
    FROM (SELECT * FROM patients LIMIT 1) p, generate_series(1, 4000) n;
INSERT INTO feedback (id, practice_id, version, appointment_id, patient_id, provider_id, by, side,
                      rating, issues, given_at)
    SELECT gen_random_uuid(), practice_id, 1, id, patient_id, provider_id, id, 'patient', 5, '{}',
           now() - n * interval '1 hour'
    FROM (SELECT * FROM appointments LIMIT 1) a, generate_series(1, 4000) n;
INSERT INTO emergencies (id, practice_id, version, status, kind, appointment_id, patient_id,
                         provider_id, raised_by, raised_at, log)
    SELECT gen_random_uuid(), practice_id, 1, CASE WHEN n % 100 = 0 THEN 'open' ELSE 'closed' END,
           'raised', id, patient_id, provider_id, id, now() - n * interval '1 hour', '[]'
    FROM (SELECT * FROM appointments LIMIT 1) a, generate_series(1, 4000) n;
INSERT INTO role_grants (id, practice_id, version, status, account_id, roles, asked_by, asked_at)
    SELECT gen_random_uuid(), practice_id, 1, CASE WHEN n % 100 = 0 THEN 'pending' ELSE 'granted'
           END, id, '{liaison}', gen_random_uuid(), now() - n * interval '1 hour'
    FROM (SELECT * FROM accounts LIMIT 1) a, generate_series(1, 4000) n;
INSERT INTO emergency_accesses (id, practice_id, version, status, user_id, patient_id, reason,
                                text, opened_at, until, review_due)
    SELECT gen_random_uuid(), practice_id, 1, CASE WHEN n % 100 = 0 THEN 'open' ELSE 'reviewed'
           END, gen_random_uuid(), id, 'urgent-cover', 'Their doctor is away.', now(), now(), now()
    FROM (SELECT * FROM patients LIMIT 1) p, generate_series(1, 4000) n;
INSERT INTO audit (practice_id, at, actor, action, outcome, subject, patient_id)
    SELECT practice_id, at - n * interval '1 hour', gen_random_uuid(), action || n % 50, outcome,
           subject, CASE WHEN n % 100 = 0 THEN patient_id ELSE gen_random_uuid() END
    FROM (SELECT * FROM audit LIMIT 1) a, generate_series(1, 20000) n;
INSERT INTO data_keys (practice_id, owner, version, master, wrapped)
    SELECT practice_id, gen_random_uuid(), 1, 'a master key', 'wrapped'
    FROM (SELECT * FROM data_keys LIMIT 1) k, generate_series(1, 4000) n;
ANALYZE;
"""
"""A large practice: of each kind some thousand, of which few are open. What is sealed in a copy
opens only in the row that it was copied from.
"""


class Explaining(PostgresWork):
    """A work that keeps how the database means to go about each query."""

    plans: tuple[str, ...] = ()

    def rows(self, statement: Statement, given: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """What a query finds; its plan is kept."""
        explained = Statement(f"EXPLAIN {statement.text}", statement.fixed)
        plan = PostgresWork.rows(self, explained, given)
        self.plans = (*self.plans, "\n".join(line for (line,) in plan))
        return PostgresWork.rows(self, statement, given)

    search = rows
    """Likewise of a question that stands by itself."""


@pytest.fixture(scope="module")
def owner(fresh_database: Any) -> Iterator[str]:
    """Yield the owner's URI of a database."""
    with fresh_database() as uri:
        yield uri


@pytest.fixture(scope="module")
def large(owner: str, keys: Any) -> Iterator[PostgresStore]:
    """Yield a practice with some thousand rows of each kind."""
    migrations.downgrade(owner, "base")
    migrations.upgrade(owner, "0001")
    rows = (Path(__file__).parent / "release_0001.sql").read_text()
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute(rows.encode())
        migrations.upgrade(owner, keys=keys)
        connection.execute(MANY.encode())
    with PostgresStore.open(application_uri(owner), keys, connections=1) as store:
        yield store


def _report(order: AuditOrder) -> Callable[[Any], Any]:
    return lambda work: work.audit.report(DAY, by=order, after=None, limit=LIMIT)


WISHES = Wishes(location="GB", period=DAY, specialty="general-practice")
QUERIES: dict[str, Callable[[Any], Any]] = {
    "accounts with a role": lambda work: work.accounts.with_role(Role.LIAISON),
    "accounts": lambda work: work.accounts.page(after=None, limit=LIMIT),
    "role grants": lambda work: work.role_grants.pending(limit=LIMIT),
    "emergency accesses": lambda work: work.emergency_accesses.unreviewed(limit=LIMIT),
    "live emergency access": lambda work: work.emergency_accesses.live(ID, ID, NOW),
    "audit of a patient": lambda work: work.audit.opened(ID, before=None, limit=LIMIT),
    **{f"audit by {order}": _report(order) for order in AuditOrder},
    "providers": lambda work: work.providers.active(specialty=None, language=None, limit=LIMIT),
    "providers by specialty": lambda work: work.providers.active(
        specialty="skin", language=None, limit=LIMIT
    ),
    "licences to look at": lambda work: work.providers.due(
        expires_by=date(2026, 1, 1), checked_by=date(2026, 1, 1), limit=LIMIT
    ),
    "patients": lambda work: work.patients.page(after=None, limit=LIMIT),
    "duplicates": lambda work: work.patients.matching(frozenset({"same-phone:7"}), limit=LIMIT),
    "dependants": lambda work: work.patients.dependants_of(ID),
    "followed": lambda work: work.patients.followed_by(ID),
    "identity queue": lambda work: work.identity_checks.in_status(
        IdentityStatus.SUBMITTED, limit=LIMIT
    ),
    "identity lapsed": lambda work: work.identity_checks.lapsed(NOW, limit=LIMIT),
    "identity images": lambda work: work.identity_checks.with_images(NOW, limit=LIMIT),
    "suspicions": lambda work: work.suspicions.in_status(SuspicionStatus.OPEN, limit=LIMIT),
    "expected": lambda work: work.expect(SessionId(ID), PatientId(ID)),
    "shifts": lambda work: work.sessions.shifts(
        WISHES, Place(NOW, SessionId(UUID(int=0))), at=NOW, limit=LIMIT
    ),
    "published": lambda work: work.sessions.published(ID, DAY),
    "sessions of a series": lambda work: work.sessions.of_series(SessionId(ID)),
    "occupying": lambda work: work.appointments.occupying(DAY, provider_id=ID, patient_id=ID),
    "holds past their deadline": lambda work: work.appointments.lapsed(NOW, limit=LIMIT),
    "of a patient": lambda work: work.appointments.of_patient(ID),
    "diary": lambda work: work.appointments.of_provider(ID, DAY),
    "dashboard": lambda work: work.appointments.in_practice(
        DAY, status=AppointmentStatus.BOOKED, limit=LIMIT
    ),
    "newest": lambda work: work.appointments.newest(before=None, limit=LIMIT),
    "flagged": lambda work: work.appointments.flagged(limit=LIMIT),
    "unanswered": lambda work: work.appointments.unanswered(NOW, limit=LIMIT),
    "unattended": lambda work: work.appointments.unattended(NOW, limit=LIMIT),
    "appointments of a series": lambda work: work.appointments.of_series(SeriesId(ID)),
    "of sessions": lambda work: work.appointments.of_sessions(frozenset({SessionId(ID)})),
    "beside": lambda work: work.appointments.beside(
        work.appointments.get(UUID("00000000-0000-4000-8000-000000000102")), day=DAY, at=NOW
    ),
    "waitlist": lambda work: work.waitlist.in_order(limit=LIMIT),
    "who waits": lambda work: work.waitlist.waiting(
        work.providers.get(UUID("00000000-0000-4000-8000-000000000011")),
        after=None,
        at=NOW,
        limit=LIMIT,
    ),
    "visits overdue": lambda work: work.consultations.overdue(NOW, limit=LIMIT),
    "visits unconfirmed": lambda work: work.consultations.unconfirmed(
        provider_id=None, limit=LIMIT
    ),
    "feedback": lambda work: work.feedback.given_in(DAY, limit=LIMIT),
    "emergencies": lambda work: work.emergencies.open(limit=LIMIT),
    "charges to take up": lambda work: work.charges.to_take_up(NOW, limit=LIMIT),
    "arrears": lambda work: work.charges.in_arrears(limit=LIMIT),
    "payment report": lambda work: work.charges.planned_in(DAY, limit=LIMIT),
    "card in use": lambda work: work.charges.needing(ID),
    "prescriptions lapsed": lambda work: work.prescriptions.lapsed(date(2026, 3, 2), limit=LIMIT),
}


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_no_query_reads_a_whole_table(large: PostgresStore, query: Callable[[Any], Any]) -> None:
    """Whatever the planner knows of a large practice, it finds an index (N11)."""
    actor = Actor.system(PRACTICE)
    with large.connection() as connection, undertaking(actor) as begun:
        work = Explaining(connection, begun, lambda: NOW, large.ring, Remembered())
        with suppress(KeyRefused):  # what is sealed in a copy
            query(work)
        work.leave()
    assert work.plans
    for plan in work.plans:
        assert not list(_whole_tables(plan.splitlines())), plan


def test_a_sign_in_reads_no_whole_table(
    large: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What every request asks first costs the same however many patients have a key (N11)."""
    plans: list[list[str]] = []

    def explaining(
        connection: Connection, statement: Statement, given: Mapping[str, Any]
    ) -> Answer:
        explained = Statement(f"EXPLAIN {statement.text}", statement.fixed)
        plans.append([line for (line,) in asked(connection, explained, given).rows()])
        return asked(connection, statement, given)

    monkeypatch.setattr("telehealth_postgres.store.asked", explaining)
    assert large.actor(ID, NOW) is None
    (plan,) = plans
    assert not list(_whole_tables(plan)), "\n".join(plan)


def test_a_hold_looks_at_the_holders_own_holds(large: PostgresStore, owner: str) -> None:
    """Even where none was held when the table was last analysed (N11)."""
    actor = Actor.system(PRACTICE)
    with Connection.connect(owner, autocommit=True) as connection, undertaking(actor) as begun:
        work = Explaining(connection, begun, lambda: NOW, large.ring, Remembered())
        questions = connection.questions
        questions.ask("UPDATE appointments SET status = 'fulfilled' WHERE status = 'held'", {})
        questions.ask("ANALYZE appointments", {})
        with suppress(KeyRefused):
            QUERIES["beside"](work)
        work.leave()
    plan = work.plans[-1]
    assert "appointments_holds" in plan, plan
    assert "appointments_lapsing" not in plan, plan


def _whole_tables(plan: list[str]) -> Iterator[str]:
    """The steps that read a whole table: not those of which a limit right above takes the first."""
    for number, line in enumerate(plan):
        if "Seq Scan on" in line:
            above = _above(plan[:number], _depth(line))
            if "Limit" not in next((one for one in above if "Result" not in one), ""):
                yield line


def _above(plan: list[str], depth: int) -> Iterator[str]:
    """What a step of that depth stands under, from the nearest on."""
    for line in reversed(plan):
        if "(cost=" in line and _depth(line) < depth:
            depth = _depth(line)
            yield line


def _depth(line: str) -> int:
    """How deep a line of a plan stands."""
    return len(line) - len(line.lstrip(" ->"))
