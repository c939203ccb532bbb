"""A database's dump as one consistent snapshot, and the way back into an empty database (BCP-01).

PostgreSQL's own `pg_dump` and `pg_restore` do the work. What they leave to the administrator is
done here: the roles that are granted something, and counting what is there. The rows of the queue
stay behind: the outbox is the truth, and hands over anew what is in no queue (decision 0016).
"""

import os
import re
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import IO, Any

import attrs
import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from telehealth_postgres.binaries import Binaries, ServerError, find

_BLOCK = 1 << 20
_QUEUE = "procrastinate_"
_TABLES = """
    SELECT n.nspname, c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
       AND n.nspname !~ '^pg_temp' AND NOT starts_with(c.relname, %s) ORDER BY 1, 2
"""
_ROLES = """
    SELECT DISTINCT r.rolname, r.rolcanlogin FROM pg_shdepend AS d
      JOIN pg_database AS b ON b.oid = d.dbid AND b.datname = current_database()
      JOIN pg_roles AS r ON r.oid = d.refobjid
     WHERE d.refclassid = 'pg_authid'::regclass AND d.deptype <> 'o' ORDER BY 1
"""
_REVISION = """
    SELECT coalesce(max(version_num), '') FROM alembic_version
"""


@attrs.frozen(kw_only=True)
class Snapshot:
    """What the database held at one instant, and the name by which its dump is taken."""

    taken_at: datetime
    revision: str
    server: str
    rows: Mapping[str, int]
    roles: Mapping[str, bool]
    """Who is granted something, and whether they may log in."""
    _uri: str
    _name: str

    def blocks(self) -> Iterator[bytes]:
        """The dump in PostgreSQL's custom format, as of exactly this snapshot.

        Raises: ServerError.
        """
        binaries = _programs(int(self.server.split(".")[0]))
        words = ["--format=custom", "--no-owner", f"--exclude-table-data={_QUEUE}*"]
        words += [f"--snapshot={self._name}"]
        with _program(binaries, "pg_dump", self._uri, *words, stdout=subprocess.PIPE) as dumping:
            assert dumping.stdout is not None
            while block := dumping.stdout.read(_BLOCK):
                yield block


@contextmanager
def snapshot(uri: str) -> Iterator[Snapshot]:
    """One instant of the database, kept while its dump is taken; writers do not wait for it.

    Raises: ServerError if row-level security would hide rows from this role, or nothing is there.
    """
    with _connected(uri) as connection:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        connection.execute("SET LOCAL row_security = off")  # fail rather than leave rows out
        at, version, name = _row(
            connection,
            "SELECT clock_timestamp(), current_setting('server_version'), pg_export_snapshot()",
        )
        try:
            yield Snapshot(
                taken_at=at,
                revision=_row(connection, _REVISION)[0],
                server=version.split()[0],
                rows=rows(connection),
                roles=dict(connection.execute(_ROLES.encode()).fetchall()),
                uri=uri,
                name=name,
            )
        except psycopg.errors.InsufficientPrivilege:
            raise ServerError(
                "Row-level security hides rows from this role: back up as the owner, with"
                " BYPASSRLS or as a superuser"
            ) from None
        except psycopg.errors.UndefinedTable:
            raise ServerError("The database holds no clinic: there is nothing to back up") from None


def rows(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """How many rows each table has, by its full name."""
    found = {}
    for schema, table in connection.execute(_TABLES.encode(), [_QUEUE]).fetchall():
        count = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, table))
        row = connection.execute(count).fetchone()
        found[f"{schema}.{table}"] = row[0] if row else 0
    return found


def counted(uri: str) -> dict[str, int]:
    """How many rows each table has. Raises: ServerError."""
    with _connected(uri) as connection:
        connection.execute("SET row_security = off")
        return rows(connection)


def restore(uri: str, roles: Mapping[str, bool], blocks: Iterable[bytes]) -> None:
    """Put a dump into an empty database: all of it or nothing.

    Raises: ServerError.
    """
    with _connected(uri) as connection:
        version = connection.info.server_version // 10_000
        for name, may_log_in in roles.items():
            _have_role(connection, name, may_log_in=may_log_in)
    words = ["--single-transaction", "--exit-on-error", "--no-owner"]
    binaries = _programs(version)
    with _program(binaries, "pg_restore", uri, *words, stdin=subprocess.PIPE) as restoring:
        assert restoring.stdin is not None
        with suppress(BrokenPipeError):  # it ended early, and says why
            for block in blocks:
                restoring.stdin.write(block)
            restoring.stdin.close()
    with _connected(uri) as connection:
        connection.execute("ANALYZE")


def emptied(uri: str) -> None:
    """Take away what a restore brought that is not to stay. Raises: ServerError."""
    with _connected(uri) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")


def _have_role(connection: psycopg.Connection[Any], name: str, *, may_log_in: bool) -> None:
    known = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [name]).fetchone()
    if known is None:
        kind = "LOGIN" if may_log_in else "NOLOGIN"
        statement = sql.SQL("CREATE ROLE {} {}").format(sql.Identifier(name), sql.SQL(kind))
        connection.execute(statement)


def _row(connection: psycopg.Connection[Any], query: str) -> tuple[Any, ...]:
    found: tuple[Any, ...] | None = connection.execute(query.encode()).fetchone()
    assert found is not None, "such a query has one row"
    return found


@contextmanager
def _connected(uri: str) -> Iterator[psycopg.Connection[Any]]:
    try:
        connection = psycopg.connect(uri, autocommit=True)
    except psycopg.OperationalError:
        raise ServerError("The database cannot be reached") from None
    with connection:
        yield connection


def _programs(major: int) -> Binaries:
    """The programs of the server's own version, or else the newest at hand."""
    try:
        return find(major)
    except ServerError:
        return find()


@contextmanager
def _program(
    binaries: Binaries, name: str, uri: str, *words: str, **pipes: Any
) -> Iterator[subprocess.Popen[bytes]]:
    """One of PostgreSQL's programs at work on a database; the password is in no list of processes.

    Raises: ServerError if it fails.
    """
    given = conninfo_to_dict(uri)
    secret = {"PGPASSWORD": str(given.pop("password"))} if "password" in given else {}
    command = [binaries.program(name), *words, f"--dbname={make_conninfo('', **given)}"]
    with tempfile.TemporaryFile() as said:
        try:
            process = subprocess.Popen(command, stderr=said, env={**os.environ, **secret}, **pipes)
        except FileNotFoundError:
            raise ServerError(f"{binaries.folder} has no {name}") from None
        try:
            yield process
        except BaseException:
            process.kill()
            raise
        finally:
            with suppress(BrokenPipeError):
                process.communicate()
        if process.returncode != 0:
            raise ServerError(f"{name} failed: {_why(said)}")


def _why(said: IO[bytes]) -> str:
    """The first error told, without values of rows."""
    said.seek(0)
    lines = said.read(1 << 16).decode(errors="replace").splitlines()
    errors = [line for line in lines if "error:" in line] or lines or ["it does not say why"]
    return re.sub(r'(COPY failed for table "\w+").*', r"\1", errors[0])
