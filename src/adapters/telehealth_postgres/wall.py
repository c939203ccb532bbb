"""The wall between practices, which the database keeps whatever the program asks (N05).

Two roles stand on two sides of it. The owner makes tables and is outside. The application reads and
writes rows, and row-level security lets it see those of the practice that the transaction named;
where none was named there are none. What names it ends with the transaction, so that a connection
may belong to anybody next.
"""

from typing import Final
from urllib.parse import quote, urlsplit

import psycopg
from psycopg import errors

from telehealth_postgres.binaries import ServerError

APPLICATION = "telehealth_app"
"""The role whose grants the application has: it signs in as this role or as a member of it."""
ENTER: Final = "SELECT set_config('telehealth.practice', %(practice)s::text, true)"
"""Names the practice for the rest of the transaction."""
ENTER_TO_SEARCH: Final = (
    "SELECT set_config('telehealth.practice', %(practice)s::text, true),"
    " set_config('plan_cache_mode', 'force_generic_plan', true)"
)
"""The same for a question of many tables, which takes longer to plan than to answer: it is planned
once for whatever values it comes with.
"""
ENTER_BY_SIGN_IN: Final = (
    "SELECT set_config('telehealth.practice', practice_of_sign_in(%(sign_in)s)::text, true)"
)
RELAY: Final = "SELECT set_config('telehealth.relay', 'on', true)"
"""Opens the outbox of every practice, and nothing else, for the rest of the transaction."""

_NAMED = "(SELECT CAST(nullif(current_setting('telehealth.practice', true), '') AS uuid))"
_RELAYED = "(SELECT current_setting('telehealth.relay', true) = 'on')"

_MAKE_ROLE = f"""
DO $$ BEGIN
    CREATE ROLE {APPLICATION} LOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""
_LEAKPROOF = """
DO $$ DECLARE one regprocedure; BEGIN
    FOR one IN
        SELECT p.oid FROM pg_proc p
        WHERE p.pronamespace = 'pg_catalog'::regnamespace AND NOT p.proleakproof AND (
            p.proname IN ('lower', 'upper', 'isempty', 'range_overlaps', 'range_contains',
                          'range_contains_elem', 'range_contained_by', 'elem_contained_by_range',
                          'multirange_overlaps_range', 'range_overlaps_multirange',
                          'multirange_contains_range', 'multirange_contains_elem')
            AND 'text'::regtype::oid <> ALL (p.proargtypes::oid[])
            OR p.proname IN ('arraycontains', 'arraycontained', 'arrayoverlap', 'jsonb_contains'))
    LOOP EXECUTE format('ALTER FUNCTION %s LEAKPROOF', one); END LOOP;
END $$
"""
"""Row-level security compares nothing through an index before it has seen the practice, unless the
comparison is known to tell nothing of what it compares. PostgreSQL says so of numbers, instants and
ids; for ranges and arrays the same is true and a superuser has to say it.
"""


def application_uri(owner_uri: str) -> str:
    """The same database as the application signs in to it: for a server that trusts whoever
    reaches its socket.
    """
    parts = urlsplit(owner_uri)
    place = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{quote(APPLICATION)}@{place}").geturl()


def prepare(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """Settle what belongs to the server or the database and not to its tables, as the owner: the
    application's role, the time zone, and comparisons that tell nothing.

    Raises: ServerError with what to do.
    """
    row = connection.execute(
        "SELECT rolsuper, rolbypassrls, current_database() FROM pg_roles"
        " WHERE rolname = current_user"
    ).fetchone()
    assert row is not None
    superuser, bypasses, name = row
    if not superuser and not bypasses:
        raise ServerError(
            "The owner's role has to see every practice, for migrations and backups. As a superuser"
            " of the database server: ALTER ROLE the_owner BYPASSRLS"
        )
    known = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [APPLICATION]).fetchone()
    if known is None:
        try:
            connection.execute(_MAKE_ROLE.encode())
        except errors.InsufficientPrivilege:
            raise ServerError(
                f"There is no role {APPLICATION} and the owner may not make one. As somebody who"
                f" may: CREATE ROLE {APPLICATION} LOGIN PASSWORD '...'"
            ) from None
    quoted = str(name).replace('"', '""')
    connection.execute(f"ALTER DATABASE \"{quoted}\" SET timezone TO 'UTC'".encode())
    if superuser:
        connection.execute(_LEAKPROOF.encode())


def raised(table: str, privileges: str = "SELECT, INSERT, UPDATE") -> tuple[str, ...]:
    """What puts a table behind the wall: each row is its practice's, and the application may do no
    more with it than these.
    """
    column = "id" if table == "practices" else "practice_id"
    mine = f"{column} = {_NAMED}"
    return (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY own_practice ON {table} USING ({mine}) WITH CHECK ({mine})",
        f"GRANT {privileges} ON {table} TO {APPLICATION}",
    )


def opened_to_relay(table: str) -> tuple[str, ...]:
    """What lets the relay see and change this table's rows of every practice, once it says so."""
    return (
        f"CREATE POLICY relay_sees ON {table} FOR SELECT USING ({_RELAYED})",
        f"CREATE POLICY relay_changes ON {table} FOR UPDATE USING ({_RELAYED})",
    )


def lowered(table: str) -> tuple[str, ...]:
    """What takes the wall around a table down, but for the relay's way through."""
    return (
        f"REVOKE ALL ON {table} FROM {APPLICATION}",
        f"DROP POLICY own_practice ON {table}",
        f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
    )


_FITNESS = """
SELECT
    (SELECT min(rolname) FROM pg_roles
     WHERE (rolsuper OR rolbypassrls OR rolcreaterole) AND pg_has_role(oid, 'MEMBER')),
    (SELECT min(relname) FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
       AND pg_has_role(relowner, 'MEMBER')),
    current_setting('TimeZone'),
    current_user
"""


def check(connection: psycopg.Connection[tuple[object, ...]], *, revision: str) -> None:
    """See that whoever signed in here stays behind the wall, and finds the tables of this release.

    Raises: ServerError with what to do.
    """
    row = connection.execute(_FITNESS.encode()).fetchone()
    assert row is not None
    above, owned, zone, who = row
    if above is not None or owned is not None:
        why = f"owns the table {owned}" if above is None else f"has the powers of {above}"
        raise ServerError(
            f"The role {who} {why} and could see every practice past row-level security. Let"
            f" TELEHEALTH_DATABASE_URL name {APPLICATION} or a plain member of it; the owner's"
            " address is TELEHEALTH_OWNER_URL, which `telehealth migrate` alone reads."
        )
    if zone not in {"UTC", "Etc/UTC"}:
        raise ServerError(
            f"Sessions of the role {who} are in the time zone {zone} and have to be in UTC. Take"
            f" that setting off the role, and run `telehealth migrate`."
        )
    try:
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except (errors.UndefinedTable, errors.InsufficientPrivilege):
        found = None
    if found != (revision,):
        has = "has no tables of this program" if found is None else f"is at revision {found[0]}"
        raise ServerError(
            f"The database {has}, and this release needs {revision}. Run `telehealth migrate`"
            " with the owner's address in TELEHEALTH_OWNER_URL."
        )
