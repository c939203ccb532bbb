"""The way from the release before to this one, and back, with a practice in use."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telehealth_core.access import Actor
from telehealth_core.access.actor import Role
from telehealth_core.access.ports import Keys
from telehealth_core.billing.ledger import LineKind
from telehealth_core.consultation.note import NoteStatus, VisitNote
from telehealth_core.practice.settings import SettingsVersion
from telehealth_core.registration.identity_decision import IdentityVerdict
from telehealth_core.shared import Interval, Money
from telehealth_core.shared.ids import AppointmentId, PatientId, PracticeId, UserId
from telehealth_postgres import migrations
from telehealth_postgres.columns import CONVERTER
from telehealth_postgres.keyring import Keychain, KeyRing
from telehealth_postgres.migrations import charges_0002
from telehealth_postgres.outbox import PostgresOutbox
from telehealth_postgres.pipeline import Connection
from telehealth_postgres.statements import Statement
from telehealth_postgres.store import PostgresStore
from telehealth_postgres.tables import METADATA
from telehealth_postgres.transaction import asked
from telehealth_postgres.wall import application_uri

ROWS = (Path(__file__).parent / "release_0001.sql").read_text()
PRACTICE = PracticeId(UUID("00000000-0000-4000-8000-0000000000aa"))
DESK = Actor(UserId(UUID(int=1)), PRACTICE, frozenset({Role.LIAISON}))
EVER = Interval(datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))


def no(number: int | str) -> Any:
    """An id of the rows."""
    return UUID(f"00000000-0000-4000-8000-{number:>012}")


def sql(uri: str, query: str) -> list[tuple[Any, ...]]:
    """What the database says."""
    with psycopg.connect(uri, autocommit=True) as connection:
        found = connection.execute(query.encode())
        return found.fetchall() if found.description else []


def everything(uri: str, keys: Keys) -> dict[str, list[Any]]:
    """Every row of every table as its aggregate."""
    with Connection.connect(uri, autocommit=True) as connection, connection.together():

        def ask(statement: Statement, given: Mapping[str, Any]) -> list[tuple[Any, ...]]:
            return asked(connection, statement, given).rows()

        chain, found = Keychain(KeyRing(keys), PRACTICE, ask), {}
        for name, table in METADATA.tables.items():
            if "shape" not in table.info or name == "audit":
                continue
            shape = table.info["shape"]
            columns = ", ".join(f'"{column.name}"' for column in shape.columns)
            rows = ask(Statement(f"SELECT {columns} FROM {name} ORDER BY id", {}), {})
            found[name] = [chain.one(shape, row) for row in rows]
        return found


@contextmanager
def in_use(fresh_database: Any) -> Iterator[str]:
    """A database of the release before, in use."""
    with fresh_database() as uri:
        migrations.downgrade(uri, "base")
        migrations.upgrade(uri, "0001")
        sql(uri, ROWS)
        yield uri


@pytest.fixture
def before(fresh_database: Any) -> Iterator[str]:
    """Yield a database of the release before, in use."""
    with in_use(fresh_database) as uri:
        yield uri


@pytest.fixture(scope="module")
def upgraded(fresh_database: Any, keys: Keys) -> Iterator[PostgresStore]:
    """Yield the same, upgraded, as the program sees it."""
    with in_use(fresh_database) as uri:
        migrations.upgrade(uri, keys=keys)
        with PostgresStore.open(application_uri(uri), keys, connections=2) as store:
            yield store


def test_every_row_of_the_release_before_is_one_of_this(before: str, keys: Keys) -> None:
    """No row is lost, and each is an aggregate by today's rules."""
    old = {
        name: sql(before, f"SELECT count(*) FROM {name}")[0][0]
        for (name,) in sql(
            before,
            "SELECT relname::text FROM pg_stat_user_tables WHERE relname <> 'alembic_version'",
        )
    }
    assert all(old.values()), "rows of every table"
    migrations.upgrade(before, keys=keys)
    found = everything(before, keys)
    for name in found.keys() & old.keys():
        assert len(found[name]) == old[name], name
    for name in ("audit", "outbox", "reactions_done"):
        assert sql(before, f"SELECT count(*) FROM {name}") == [(old[name],)]


def test_the_settings_that_visits_were_booked_under_are_there(upgraded: PostgresStore) -> None:
    """Each version that is named has its row: the present one with what holds (F30)."""
    with upgraded.work(DESK) as work:
        practice = work.practices.get(PRACTICE)
        now = work.settings_history.get(SettingsVersion.id_of(PRACTICE, 2))
        former = work.settings_history.get(SettingsVersion.id_of(PRACTICE, 1))
    assert now.settings == practice.settings
    assert (former.settings.version, former.settings.horizon_days) == (1, 90)
    assert now.at == practice.opened_at


def test_who_decided_on_an_identity_is_told_still(upgraded: PostgresStore) -> None:
    """Reviewer, reason, evidence and date are the first decision; what waits keeps its place."""
    with upgraded.work(DESK) as work:
        approved, waiting, rejected = (
            work.identity_checks.get(no(id)) for id in ("c1", "c2", "c3")
        )
    decision = approved.decision
    assert decision is not None
    assert decision.approved
    assert decision.verdict is IdentityVerdict.DOCUMENTS_MATCH
    assert (decision.reviewer, decision.reason) == (no("23"), "Same person.")
    assert decision.evidence == approved.evidence
    assert decision.expires_at == approved.expires_at
    assert waiting.decisions == ()
    assert waiting.submitted_at == datetime(2026, 1, 9, 11, tzinfo=UTC)
    assert rejected.decision is not None
    assert not rejected.decision.approved


def test_what_was_written_of_a_visit_is_its_signed_note(upgraded: PostgresStore) -> None:
    """The text is the summary, signed by the provider's account when the visit was completed."""
    with upgraded.work(DESK) as work:
        note = work.notes.get(VisitNote.id_of(AppointmentId(no("101"))))
    assert note.body.summary == "Chest clear.\nAdvice given."
    assert (note.status, note.author) == (NoteStatus.SIGNED, no("22"))
    assert note.signed_at == datetime(2026, 3, 2, 10, tzinfo=UTC)
    assert note.visit_at == datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def test_a_visit_that_is_on_goes_on(upgraded: PostgresStore) -> None:
    """Its room closes by the practice's settings, and where the patient is stays known."""
    with upgraded.work(DESK) as work:
        done = work.consultations.get(no("301"))
        on = work.consultations.get(no("306"))
        overdue = work.consultations.overdue(EVER.end, limit=9)
    patient, provider = done.participants
    assert patient.said.location == "GB"
    assert patient.admitted_at == datetime(2026, 3, 2, 9, 31, tzinfo=UTC)
    assert (patient.guardian, provider.guardian) == (False, False)
    assert on.window == Interval(
        datetime(2026, 3, 2, 11, 50, tzinfo=UTC), datetime(2026, 3, 2, 12, 40, tzinfo=UTC)
    )
    assert on.participants[0].guardian
    assert on.participants[0].said.location == "US-NY"
    assert overdue == (on,)


def test_every_sum_is_what_it_was(upgraded: PostgresStore) -> None:
    """Totals, shares and corrections of the ledger are those that were worked out before (N05)."""
    with upgraded.work(DESK) as work:
        charges = {one.id: one for one in work.charges.planned_in(EVER, limit=99)}
        due = work.charges.to_take_up(datetime.now(UTC), limit=9)
        arrears = work.charges.in_arrears(limit=9)
    paid, planned, refunded, waived, collecting, failed = (
        charges[no(number)] for number in ("201", "202", "203", "204", "206", "208")
    )
    assert [one.minor for one in (paid.total, paid.insured, paid.due, paid.paid)] == [
        9501,
        3166,
        6335,
        6335,
    ]
    corrected = [one for one in paid.ledger.entries if one.kind is not LineKind.BASE]
    assert corrected[0].reason == "Half is insured."
    assert (corrected[0].before.minor, corrected[0].after.minor) == (8000, 4000)
    assert (corrected[1].before.minor, corrected[-1].after.minor) == (4000, 6335)
    assert (planned.due.minor, planned.ordered) == (8000, None)
    assert (refunded.due.minor, refunded.kept.minor, refunded.refunded.minor) == (0, 0, 8000)
    assert (waived.due.minor, waived.base.minor) == (0, 8000)
    assert (collecting.due.minor, collecting.ordered) == (4000, Money(4000, "GBP"))
    assert due == (collecting,)
    assert arrears == (failed,)
    assert {one.settings_version for one in charges.values()} == {1, 2}


def test_medicines_and_certificates_keep_what_they_said(upgraded: PostgresStore) -> None:
    """Amounts are taken apart; what was signed stays signed, without a seal it never had."""
    with upgraded.work(DESK) as work:
        signed, drafted = (work.prescriptions.get(no(id)) for id in ("501", "502"))
        referral, note = (work.letters.get(no(id)) for id in ("401", "402"))
    (item,) = signed.items
    assert (item.quantity, item.unit, item.days, item.controlled) == (21, "capsules", 7, False)
    assert signed.signed_at == datetime(2026, 3, 2, 10, 2, tzinfo=UTC)
    assert signed.particulars is not None
    assert signed.particulars.registrations == ("GMC 7000001",)
    assert signed.content, "what is sent can be written down, and is refused for want of a seal"
    assert drafted.items[0].controlled
    assert drafted.items[0].unit == "one pack"
    assert drafted.signature is None
    assert referral.certificate is None
    assert note.certificate is not None
    assert (note.certificate.unfit_from, note.certificate.unfit_until) == (
        date(2026, 3, 2),
        date(2026, 3, 9),
    )


def test_lists_find_what_was_there_before(upgraded: PostgresStore) -> None:
    """Cards, duplicates, the newest requests, sign-ins and the audit know the former rows."""
    with upgraded.work(DESK) as work:
        ada = work.patients.get(no("1"))
        assert work.patients.matching(ada.match_keys, limit=9) == (ada,)
        assert work.patients.get(no("3")).match_keys == frozenset()
        assert [card.id for card in work.cards.of_patient(PatientId(no("1")))] == [no("41")]
        assert work.appointments.get(no("102")).requested_at == datetime(
            2026, 2, 20, 9, 4, 30, tzinfo=UTC
        )
        assert work.appointments.get(no("105")).requested_at is None
        assert work.appointments.get(no("107")).requested_at is not None
        (sign_in,) = work.sign_ins.live_of(no("21"), datetime(2026, 3, 1, 9, tzinfo=UTC))
        assert sign_in.proven_at == sign_in.began_at
        (read,) = work.audit.opened(PatientId(no("1")), before=None, limit=9)
        assert read.action == "patient:view"
    (waiting,) = PostgresOutbox(upgraded).listed(dead=False, limit=9)
    assert (waiting.name, waiting.dead) == ("IdentitySubmitted", False)


def test_down_and_up_again_changes_nothing(before: str, keys: Keys) -> None:
    """What the release before has a place for survives the way back and up again."""
    migrations.upgrade(before, keys=keys)
    first = everything(before, keys)
    migrations.downgrade(before, "0001", keys=keys)
    migrations.upgrade(before, keys=keys)
    again = everything(before, keys)
    for name in first:
        if name not in {"charges", "prescriptions"}:
            assert again[name] == first[name], name
    for mine, theirs in zip(first["charges"], again["charges"], strict=True):
        assert (mine.total, mine.insured, mine.due) == (theirs.total, theirs.insured, theirs.due)
        assert (mine.kept, mine.ordered) == (theirs.kept, theirs.ordered)
    for mine, theirs in zip(first["prescriptions"], again["prescriptions"], strict=True):
        assert mine.signature == theirs.signature
        assert [item.medicine for item in mine.items] == [item.medicine for item in theirs.items]


NEWER = """
UPDATE accounts SET disabled_at = now() WHERE email = 'ada@example.org';
UPDATE audit SET outcome = 'purpose-needed' WHERE outcome = 'not-permitted';
UPDATE cards SET status = 'removed';
UPDATE appointments SET cancelled_because = 'technical' WHERE cancelled_because = 'patient';
UPDATE appointments SET cancelled_because = 'unanswered' WHERE cancelled_because = 'expired';
UPDATE letters SET kind = 'gp-letter' WHERE kind = 'referral';
UPDATE providers SET profession = 'physician-associate';
UPDATE notes SET hidden = true;
UPDATE outbox SET name = 'GuardianshipSuspended' WHERE done_at IS NULL;
UPDATE patients SET guardians = jsonb_set(guardians, '{0,suspended}', 'true')
    WHERE guardians <> '[]';
UPDATE charges SET base_minor = base_minor, ledger = jsonb_set(ledger, '{entries,0}',
    '{"kind": "fee", "amount": {"minor": 2500, "currency": "GBP"},
      "before": {"minor": 0, "currency": "GBP"}, "after": {"minor": 2500, "currency": "GBP"},
      "by": "00000000-0000-4000-8000-000000000023", "at": "2026-03-01T09:00:00+00:00",
      "reason": "called off"}') WHERE status = 'failed';
"""


def test_the_way_back_opens_nothing_that_was_closed(before: str, keys: Keys) -> None:
    """Rows that the release before could not have written become what it knows, and a card, an
    account, a guardian or a hidden note that was out of use stays so.
    """
    migrations.upgrade(before, "0002")
    sql(before, NEWER)
    migrations.downgrade(before, "0001", keys=keys)

    assert sql(before, "SELECT roles FROM accounts WHERE email = 'ada@example.org'") == [([],)]
    assert sql(before, "SELECT count(*) FROM sign_ins") == [(0,)]
    assert sql(before, "SELECT DISTINCT outcome FROM audit ORDER BY 1") == [
        ("not-permitted",),
        ("read",),
    ]
    assert sql(before, "SELECT details ->> 'expires_year' FROM cards") == [("2000",)]
    assert sql(
        before,
        "SELECT cancelled_because FROM appointments WHERE status = 'cancelled' ORDER BY during",
    ) == [("practice",), ("expired",)]
    assert sql(before, "SELECT profession, prescriber FROM providers") == [("nurse", False)]
    assert sql(before, "SELECT notes FROM consultations WHERE notes IS NOT NULL") == []
    assert sql(
        before,
        "SELECT guardians -> 0 ->> 'until' IS NOT NULL FROM patients WHERE guardians <> '[]'",
    ) == [(True,)]
    assert sql(before, "SELECT base_minor, extras FROM charges WHERE status = 'failed'") == [
        (2500, [])
    ]
    assert sql(before, "SELECT problem FROM outbox WHERE done_at IS NULL") == [("unknown-to-0001",)]
    migrations.upgrade(before, keys=keys)
    assert sql(before, "SELECT problem FROM outbox WHERE done_at IS NULL") == [(None,)]


SUMS = st.integers(min_value=1, max_value=100_000)


@settings(max_examples=60, deadline=None)
@given(SUMS, st.lists(SUMS, max_size=3), st.integers(0, 10_000), st.lists(SUMS, max_size=4))
def test_a_ledger_has_the_sums_of_before(
    base: int, extras: list[int], share: int, corrections: list[int]
) -> None:
    """Whatever was corrected how often: total, share and rest are those of the old formula, every
    correction is a line, and they come back as they were (N05).
    """
    total = base + sum(extras)
    due = total - total * share // 10_000
    sums = [base, *corrections, due] if corrections else [base]
    row = {
        "practice_id": PRACTICE,
        "id": no("201"),
        "status": "billable",
        "base_minor": base,
        "base_currency": "GBP",
        "extras": [
            {"name": "More", "price": {"minor": one, "currency": "GBP"}}
            for one in (extras if corrections else [])
        ],
        "insurance_bp": share if corrections else 0,
        "corrections": [
            {
                "by": str(no("23")),
                "at": f"2026-03-01T0{hour}:00:00+00:00",
                "before": {"minor": before, "currency": "GBP"},
                "after": {"minor": after, "currency": "GBP"},
                "reason": f"Correction {hour}.",
            }
            for hour, (before, after) in enumerate(pairwise(sums))
        ],
        "attempt": 0,
        "outcome": None,
        "planned_at": EVER.start,
        "settled_at": None,
        "booked_under": 1,
        "held_by": no("21"),
    }
    ledger = charges_0002._priced(row)
    assert ledger.owed.minor == sums[-1]
    (back,) = charges_0002.down({**row, "ledger": CONVERTER.unstructure(ledger)})
    told = CONVERTER.unstructure(charges_0002._corrections(ledger))
    assert list(told) == row["corrections"]
    assert (back["base_minor"], back["insurance_bp"]) == (base, row["insurance_bp"])
