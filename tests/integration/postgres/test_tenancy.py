"""The wall between practices holds when the program forgets it (N05)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import errors

from telehealth_core.access.actor import Actor
from telehealth_core.access.audit import undertaking
from telehealth_core.access.ports import Keys
from telehealth_core.scheduling.appointment import TimeTaken
from telehealth_core.shared.ids import PracticeId, SignInId
from telehealth_postgres import migrations
from telehealth_postgres.binaries import ServerError
from telehealth_postgres.columns import to_json
from telehealth_postgres.events import entry_record
from telehealth_postgres.pipeline import Connection
from telehealth_postgres.statements import NOTE, Statement
from telehealth_postgres.store import PostgresStore
from telehealth_postgres.tables import METADATA
from telehealth_postgres.transaction import PracticeTransaction
from telehealth_postgres.wall import APPLICATION, ENTER, RELAY, application_uri

MINE = PracticeId(UUID("00000000-0000-4000-8000-0000000000aa"))
OTHER = PracticeId(UUID("00000000-0000-4000-8000-0000000000bb"))
ROWS = (Path(__file__).parent / "release_0001.sql").read_text()
TABLES = sorted(METADATA.tables)
ADDED_ONLY = {"audit", "audit_links", "reactions_done", "settings_history"}
COPY = """
DO $$ DECLARE one text; BEGIN
    SET LOCAL session_replication_role = replica;
    FOREACH one IN ARRAY %s::text[] LOOP
        EXECUTE format('CREATE TEMPORARY TABLE copied ON COMMIT DROP AS SELECT * FROM %%1$I', one);
        IF one = 'practices' THEN
            UPDATE copied SET id = %s, slug = 'elsewhere';
        ELSE
            EXECUTE format('UPDATE copied SET practice_id = %%L', %s::text);
        END IF;
        IF one = 'sign_ins' THEN UPDATE copied SET id = gen_random_uuid(); END IF;
        EXECUTE format('INSERT INTO %%1$I OVERRIDING SYSTEM VALUE SELECT * FROM copied', one);
        DROP TABLE copied;
    END LOOP;
END $$
"""
"""Every row of one practice again, as another's."""


@pytest.fixture(scope="module")
def owner(fresh_database: Any, keys: Keys) -> Iterator[str]:
    """Yield the owner's URI of a database where two practices have the same rows."""
    with fresh_database() as uri:
        migrations.downgrade(uri, "base")
        migrations.upgrade(uri, "0001")
        sql(uri, ROWS)
        migrations.upgrade(uri, keys=keys)
        with psycopg.connect(uri) as connection:
            cursor = psycopg.ClientCursor(connection)
            cursor.execute(COPY.encode(), (TABLES, str(OTHER), str(OTHER)))
            for table in TABLES:
                _one_row(connection, table)
        yield uri


def _one_row(connection: psycopg.Connection[Any], table: str) -> None:
    """Give both practices a row of a table that the release before had not."""
    (many,) = connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone() or (0,)
    if many:
        return
    columns = connection.execute(
        "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attnotnull"
        " AND attidentity = ''",
        [table],
    ).fetchall()
    connection.execute(b"SET LOCAL session_replication_role = replica")
    checks = connection.execute(
        "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'c'", [table]
    ).fetchall()
    for (check,) in checks:
        connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {check}".encode())
    anything = {
        "uuid": "gen_random_uuid()",
        "text": "'x'",
        "text[]": "'{}'",
        "jsonb": "'{}'",
        "boolean": "false",
        "bytea": "'\\x00'",
        "timestamp with time zone": "now()",
        "tstzrange": "tstzrange(now(), now() + interval '1 hour')",
        "date": "current_date",
    }
    for practice in (MINE, OTHER):
        values = [
            f"'{practice}'" if name == "practice_id" else anything.get(kind, "1")
            for name, kind in columns
        ]
        names = ", ".join(f'"{name}"' for name, _ in columns)
        row = f"INSERT INTO {table} ({names}) VALUES ({', '.join(values)})"
        connection.execute(row.encode())


def sql(uri: str, query: str, *given: Any) -> list[tuple[Any, ...]]:
    """What the database says to whoever signs in by this URI."""
    with psycopg.connect(uri, autocommit=True) as connection:
        found = connection.execute(query.encode(), given or None)
        return found.fetchall() if found.description else []


@pytest.fixture
def application(owner: str) -> Iterator[psycopg.Connection[Any]]:
    """Yield a transaction of the application that named no practice yet; undone at the end."""
    with psycopg.connect(application_uri(owner)) as connection:
        yield connection
        connection.rollback()


def count(connection: psycopg.Connection[Any], table: str, where: str = "true") -> int:
    """How many rows are in sight."""
    row = connection.execute(f"SELECT count(*) FROM {table} WHERE {where}".encode()).fetchone()
    assert row is not None
    return int(row[0])


def own(table: str, practice: PracticeId = MINE) -> str:
    """The condition that a program might forget."""
    return f"{'id' if table == 'practices' else 'practice_id'} = '{practice}'"


@pytest.mark.parametrize("table", TABLES)
def test_a_forgotten_filter_finds_the_own_rows_only(
    owner: str, application: psycopg.Connection[Any], table: str
) -> None:
    """Without a practice there are no rows; with one there are its own, asked for or not."""
    ((whole, mine),) = sql(
        owner, f"SELECT count(*), count(*) FILTER (WHERE {own(table)}) FROM {table}"
    )
    assert 0 < mine < whole
    assert count(application, table) == 0
    application.execute(ENTER, {"practice": MINE})
    assert count(application, table) == mine
    assert count(application, table, own(table, OTHER)) == 0
    application.commit()
    assert count(application, table) == 0, "the practice ends with its transaction"


@pytest.mark.parametrize("table", TABLES)
def test_no_row_is_put_into_another_practice(
    application: psycopg.Connection[Any], table: str
) -> None:
    """Neither by adding a row there nor by handing one over."""
    application.execute(ENTER, {"practice": MINE})
    column = "id" if table == "practices" else "practice_id"
    with (
        pytest.raises(errors.InsufficientPrivilege, match="row-level security"),
        inside(application),
    ):
        application.execute(
            f"""
            INSERT INTO {table} OVERRIDING SYSTEM VALUE SELECT (jsonb_populate_record(one,
                jsonb_build_object('{column}', '{OTHER}'))).* FROM {table} one LIMIT 1
            """.encode()
        )
    with pytest.raises(errors.InsufficientPrivilege), inside(application):
        application.execute(f"UPDATE {table} SET {column} = '{OTHER}'".encode())
    if table not in ADDED_ONLY:
        with inside(application):
            changed = application.execute(
                f"UPDATE {table} SET {column} = {column} WHERE {own(table, OTHER)}".encode()
            )
            assert changed.rowcount == 0


def inside(connection: psycopg.Connection[Any]) -> Any:
    """A part of a transaction that may fail by itself."""
    return connection.transaction(force_rollback=True)


WAYS_OUT = (
    "ALTER TABLE patients DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE patients NO FORCE ROW LEVEL SECURITY",
    "DROP POLICY own_practice ON patients",
    "CREATE POLICY everything ON patients USING (true)",
    "ALTER POLICY own_practice ON patients USING (true)",
    "ALTER TABLE patients OWNER TO telehealth_app",
    "ALTER TABLE patients DISABLE TRIGGER ALL",
    "ALTER ROLE telehealth_app BYPASSRLS",
    "ALTER ROLE telehealth_app SUPERUSER",
    "CREATE ROLE another",
    "SET ROLE telehealth",
    "SET SESSION AUTHORIZATION telehealth",
    "SET session_replication_role = replica",
    "CREATE TABLE copies AS SELECT 1",
    "CREATE FUNCTION way_out() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "ALTER FUNCTION every_practice() SECURITY INVOKER",
    "UPDATE alembic_version SET version_num = '0001'",
    "TRUNCATE patients",
    "DELETE FROM patients",
    "COPY patients TO PROGRAM 'cat'",
)


@pytest.mark.parametrize("statement", WAYS_OUT)
def test_the_application_cannot_take_the_wall_down(owner: str, statement: str) -> None:
    """What would weaken row-level security is the owner's to do, and nobody else's."""
    with pytest.raises((errors.InsufficientPrivilege, errors.FeatureNotSupported)):
        sql(application_uri(owner), statement)


def test_turning_row_security_off_finds_an_error_and_no_rows(owner: str) -> None:
    """The setting that dumps use refuses whoever may not see everything."""
    with psycopg.connect(application_uri(owner)) as connection:
        connection.execute("SET row_security = off")
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute("SELECT count(*) FROM patients")


def test_every_table_is_behind_the_wall(owner: str) -> None:
    """A table that somebody adds is walled too, and so is its owner where it is no superuser."""
    walled = """
        SELECT relname::text FROM pg_class c
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
          AND relrowsecurity AND relforcerowsecurity
          AND EXISTS (SELECT FROM pg_policy WHERE polrelid = c.oid AND polname = 'own_practice'
                      AND polcmd = '*' AND polwithcheck IS NOT NULL AND polpermissive)
    """
    assert {name for (name,) in sql(owner, walled)} == set(METADATA.tables)
    more = "SELECT polname::text, relname::text FROM pg_policy JOIN pg_class c ON c.oid = polrelid"
    others = {found for found in sql(owner, more) if found[0] != "own_practice"}
    assert others == {("relay_sees", "outbox"), ("relay_changes", "outbox")}


def test_the_application_may_do_what_it_does_and_no_more(owner: str) -> None:
    """Rows are read, added and changed; some are never changed, and none is deleted
    but keys that are retired.
    """
    granted = """
        SELECT table_name::text, string_agg(privilege_type, ' ' ORDER BY privilege_type)
        FROM information_schema.role_table_grants
        WHERE grantee = %s AND table_schema = 'public' GROUP BY table_name
    """
    expected = {
        table: "INSERT SELECT" if table in ADDED_ONLY else "INSERT SELECT UPDATE"
        for table in METADATA.tables
    }
    found = dict(sql(owner, granted, APPLICATION))
    queue = {name: found.pop(name) for name in list(found) if name.startswith("procrastinate_")}
    assert len(queue) == 4
    assert set(queue.values()) == {"DELETE INSERT SELECT UPDATE"}, "ids and times, of nobody"
    retired = {"data_keys": "DELETE INSERT SELECT UPDATE"}
    assert found == {**expected, **retired, "alembic_version": "SELECT"}


def test_the_relay_sees_the_outbox_of_every_practice_and_nothing_else(
    application: psycopg.Connection[Any],
) -> None:
    """It may change messages, add none, and what else practices have stays out of its sight."""
    application.execute(RELAY)
    assert count(application, "outbox", own("outbox")) > 0
    assert count(application, "outbox", own("outbox", OTHER)) > 0
    assert [table for table in TABLES if count(application, table)] == ["outbox"]
    with pytest.raises(errors.InsufficientPrivilege), inside(application):
        application.execute(
            "INSERT INTO outbox (practice_id, event_id, name, subject, body)"
            " SELECT practice_id, event_id, name, subject, body FROM outbox LIMIT 1"
        )


def test_what_is_asked_before_there_is_a_practice_tells_practices_only(owner: str) -> None:
    """The functions that see past the wall are these, with a search path that nobody can bend."""
    beyond = """
        SELECT p.oid::regprocedure::text, pg_get_function_result(p.oid), proconfig,
               has_function_privilege('public', p.oid, 'EXECUTE')
        FROM pg_proc p WHERE pronamespace = 'public'::regnamespace AND prosecdef
    """
    assert {(name, result): rest for name, result, *rest in sql(owner, beyond)} == {
        found: [["search_path=pg_catalog, pg_temp"], False]
        for found in (
            ("practice_of_sign_in(uuid)", "uuid"),
            ("practice_named(text)", "SETOF practices"),
            ("every_practice()", "SETOF practices"),
            ("practices_to_seal()", "SETOF uuid"),
        )
    }


def test_a_store_leaves_nothing_of_a_practice_on_its_connection(owner: str, keys: Keys) -> None:
    """Whoever has the connection next, in this program or behind a pooler, has no practice."""
    with PostgresStore.open(application_uri(owner), keys, connections=1) as store:
        whose = Statement("SELECT DISTINCT practice_id FROM patients", {})
        for practice in (MINE, OTHER):
            with store.work(Actor.system(practice)) as work:
                assert work.rows(whose, {}) == [(practice,)]
        assert store.actor(SignInId(uuid4()), datetime.now(UTC)) is None
        with store.connection() as connection:
            assert connection.execute("SELECT count(*) FROM patients").fetchone() == (0,)
            left = (
                "SELECT current_setting('telehealth.practice', true), current_setting('TimeZone')"
            )
            assert connection.execute(left).fetchone() == ("", "UTC")


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ("CREATE ROLE {} LOGIN SUPERUSER", "the powers of"),
        ("CREATE ROLE {} LOGIN BYPASSRLS", "the powers of"),
        ("CREATE ROLE {} LOGIN IN ROLE telehealth", "the powers of telehealth"),
        ("CREATE ROLE {} LOGIN CREATEROLE IN ROLE telehealth_app", "the powers of"),
        ("CREATE ROLE {} LOGIN; ALTER TABLE cards OWNER TO {}", "owns the table cards"),
    ],
)
def test_a_store_is_not_opened_past_the_wall(
    fresh_database: Any, keys: Keys, made: str, said: str
) -> None:
    """A role that could see every practice is told so, with what to do."""
    role = f"r{uuid4().hex}"
    with fresh_database() as uri:
        sql(uri, made.replace("{}", role))
        try:
            with (
                pytest.raises(ServerError, match=said),
                PostgresStore.open(application_uri(uri).replace(APPLICATION, role), keys),
            ):
                pass
        finally:
            sql(uri, f"REASSIGN OWNED BY {role} TO telehealth; DROP ROLE {role}")


def test_a_plain_member_of_the_application_role_is_let_in(owner: str, keys: Keys) -> None:
    """Whoever runs the database can give each process a role of its own."""
    role = f"r{uuid4().hex}"
    sql(owner, f"CREATE ROLE {role} LOGIN IN ROLE {APPLICATION}")
    try:
        uri = application_uri(owner).replace(APPLICATION, role)
        with PostgresStore.open(uri, keys) as store, store.work(Actor.system(MINE)) as work:
            assert work.practices.get(MINE).id == MINE
    finally:
        sql(owner, f"DROP ROLE {role}")


def test_an_owner_who_is_no_superuser_migrates_too(fresh_database: Any, keys: Keys) -> None:
    """It has to see every practice; without that it is told how to come by it."""
    role = f"r{uuid4().hex}"
    with fresh_database() as uri:
        (name,) = sql(uri, "SELECT current_database()")[0]
        migrations.downgrade(uri, "base")
        sql(
            uri,
            f"CREATE ROLE {role} LOGIN; ALTER DATABASE {name} OWNER TO {role};"
            f" DROP TABLE alembic_version; GRANT CREATE ON SCHEMA public TO {role}",
        )
        theirs = uri.replace("//telehealth@", f"//{role}@")
        with pytest.raises(ServerError, match="BYPASSRLS"):
            migrations.upgrade(theirs)
        sql(uri, f"ALTER ROLE {role} BYPASSRLS")
        migrations.upgrade(theirs)
        with PostgresStore.open(application_uri(uri), keys) as store:
            assert store.all() == ()
        sql(uri, f"REASSIGN OWNED BY {role} TO telehealth; DROP OWNED BY {role}; DROP ROLE {role}")


def test_what_was_asked_is_undone_unless_committed(database: str) -> None:
    """A failure of the program between two writes leaves neither, though both are on their way."""
    practice = PracticeId(uuid4())
    with undertaking(Actor.system(practice)) as begun:
        entry = begun.refused(TimeTaken(), at=datetime.now(UTC))
    given = {"entries": to_json([entry_record(entry)])}
    with Connection.connect(application_uri(database), autocommit=True) as connection:
        transaction = PracticeTransaction(connection, practice)
        transaction.ask(NOTE, given)
        transaction.rollback()
        transaction.ask(NOTE, given)
        transaction.commit()
    with psycopg.connect(database) as owner:
        (count,) = owner.execute(
            "SELECT count(*) FROM audit WHERE practice_id = %s", [practice]
        ).fetchone() or (0,)
    assert count == 1
