"""What was plain under 0003 is sealed under 0004, and back; in batches, and as of these tables for
good, whatever later releases do.

A column is filled beside the former one, which is then dropped; its table is written anew, so that
no plain value stays behind in its file. Backups from before stay plain: seal or destroy them.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

import attrs
import sqlalchemy as sa

from telehealth_core.access.keys import KeyRefused
from telehealth_core.access.ports import Keys
from telehealth_core.shared import Erased
from telehealth_postgres.keyring import Keychain, KeyRing
from telehealth_postgres.sealing import place, version_of
from telehealth_postgres.statements import Statement

ROWS_AT_ONCE = 500

Row = Mapping[str, Any]


@attrs.frozen
class Sealed:
    """One table: whose keys, the columns with their former types, and what is searched."""

    table: str
    columns: Mapping[str, str]
    owners: tuple[str, ...] = ("patient_id", "practice_id")
    digests: tuple[str, ...] = ()


_TEXT, _JSON = "text", "jsonb"
TABLES: Sequence[Sealed] = (
    Sealed("accounts", {"email": "text NOT NULL"}, digests=("email",)),
    Sealed(
        "appointments",
        {
            "location": "text NOT NULL",
            "reason": _TEXT,
            "pre_screening": "jsonb NOT NULL",
            "declined": _JSON,
            "override": _JSON,
            "red_flags": "jsonb NOT NULL",
            "history": "jsonb NOT NULL",
        },
    ),
    Sealed("assessments", {"reason": "text NOT NULL"}),
    Sealed("charges", {"ledger": "jsonb NOT NULL", "proposal": _JSON}),
    Sealed("chat_grants", {"token": "text NOT NULL"}),
    Sealed("consents", {"explanation": _TEXT}),
    Sealed(
        "consultations",
        {"participants": "jsonb NOT NULL", "failures": "jsonb NOT NULL", "outcome": _JSON},
    ),
    Sealed("conversations", {"reason": _TEXT}),
    Sealed("emergencies", {"location": _TEXT, "log": "jsonb NOT NULL"}),
    Sealed("emergency_accesses", {"text": "text NOT NULL", "finding": _TEXT}),
    Sealed("feedback", {"comment": _TEXT}),
    Sealed("identity_checks", {"comments": "jsonb NOT NULL", "decisions": "jsonb NOT NULL"}),
    Sealed(
        "letters",
        {
            "recipient": "text NOT NULL",
            "text": "text NOT NULL",
            "reason": _TEXT,
            "certificate": _JSON,
            "acknowledged_by": _TEXT,
            "recall_note": _TEXT,
        },
    ),
    Sealed(
        "medications",
        {
            "medicine": "text NOT NULL",
            "dose": "text NOT NULL",
            "directions": "text NOT NULL",
            "revisions": "jsonb NOT NULL",
        },
    ),
    Sealed("messages", {"text": "text NOT NULL"}),
    Sealed("notes", {"body": "jsonb NOT NULL", "addenda": "jsonb NOT NULL"}),
    Sealed(
        "patients",
        {
            "profile": _JSON,
            "identifiers": "jsonb NOT NULL",
            "guardians": "jsonb NOT NULL",
            "reason": _TEXT,
            "handover": _JSON,
            "match_keys": "text[] NOT NULL",
        },
        owners=("id",),
        digests=("match_keys",),
    ),
    Sealed(
        "prescriptions",
        {
            "items": "jsonb NOT NULL",
            "history": "jsonb NOT NULL",
            "circumstances": "jsonb NOT NULL",
            "particulars": _JSON,
            "review": _JSON,
            "pharmacy": _JSON,
            "claim_token": _TEXT,
            "cancelled_because": _TEXT,
        },
    ),
    Sealed("programs", {"revisions": "jsonb NOT NULL"}),
    Sealed("providers", {"status_reason": _TEXT}, owners=("practice_id",)),
    Sealed("psychotherapy_notes", {"text": "text NOT NULL"}),
    Sealed(
        "quarantine",
        {
            "outside_id": "text NOT NULL",
            "row": "jsonb NOT NULL",
            "patient": _TEXT,
            "reason": _TEXT,
        },
        owners=("id",),
    ),
    Sealed("questionnaires", {"answers": "jsonb NOT NULL", "score": "bigint NOT NULL"}),
    Sealed(
        "record_conflicts",
        {"differences": "jsonb NOT NULL", "earlier": "jsonb NOT NULL", "reason": _TEXT},
    ),
    Sealed(
        "record_links",
        {"outside_id": "text NOT NULL", "last_agreed": "jsonb NOT NULL"},
        digests=("outside_id",),
    ),
    Sealed(
        "referrals",
        {
            "client": "jsonb NOT NULL",
            "reason": "text NOT NULL",
            "invitation": _TEXT,
            "closed_because": _TEXT,
        },
        owners=("id",),
        digests=("invitation",),
    ),
    Sealed("suspicions", {"reason": _TEXT}),
    Sealed("waitlist", {"location": "text NOT NULL"}),
)
_MANY = "match_keys"
"""The one set that is searched by any of its members."""


def upgrade(connection: sa.Connection, keys: Keys | None) -> None:
    """Seal every row. Raises: KeyRefused where there are rows and no master keys."""
    for sealed in TABLES:
        name = sealed.table
        for column in sealed.columns:
            _run(connection, f'ALTER TABLE {name} ADD COLUMN "sealed_{column}" bytea')
        for column in sealed.digests:
            many = column == _MANY
            kind = "bytea[]" if many else "bytea"
            _run(connection, f"ALTER TABLE {name} ADD COLUMN {column}_digest{'s' * many} {kind}")
        if name == "patients":
            _run(connection, "ALTER TABLE patients ADD COLUMN guardian_ids uuid[]")
        _each(connection, keys, sealed, _sealed)
        for column, kind in sealed.columns.items():
            _run(connection, f'ALTER TABLE {name} DROP COLUMN "{column}"')
            _run(connection, f'ALTER TABLE {name} RENAME COLUMN "sealed_{column}" TO "{column}"')
            if kind.endswith("NOT NULL"):
                _run(connection, f'ALTER TABLE {name} ALTER COLUMN "{column}" SET NOT NULL')
        # an expression over a column writes the whole table anew, without what was dropped
        _run(connection, f"ALTER TABLE {name} ALTER COLUMN version TYPE bigint USING version + 0")


def downgrade(connection: sa.Connection, keys: Keys | None) -> None:
    """Open every row. Raises: KeyRefused where a record was erased, or without the master keys."""
    for sealed in TABLES:
        name = sealed.table
        for column, kind in sealed.columns.items():
            plain = kind.removesuffix(" NOT NULL")
            _run(connection, f'ALTER TABLE {name} RENAME COLUMN "{column}" TO "sealed_{column}"')
            _run(connection, f'ALTER TABLE {name} ADD COLUMN "{column}" {plain}')
        _each(connection, keys, sealed, _opened)
        for column, kind in sealed.columns.items():
            _run(connection, f'ALTER TABLE {name} DROP COLUMN "sealed_{column}"')
            if kind.endswith("NOT NULL"):
                _run(connection, f'ALTER TABLE {name} ALTER COLUMN "{column}" SET NOT NULL')
        for column in sealed.digests:
            _run(
                connection,
                f"ALTER TABLE {name} DROP COLUMN {column}_digest{'s' * (column == _MANY)}",
            )
        if name == "patients":
            _run(connection, "ALTER TABLE patients DROP COLUMN guardian_ids")


def _sealed(sealed: Sealed, row: Row, chain: Keychain) -> Row:
    """The row's new values."""
    owner, values = _owner(sealed, row), dict[str, Any]()
    for column in sealed.columns:
        value = row[column]
        if value is not None:
            content = value.encode() if isinstance(value, str) else _json(value).encode()
            values[column] = chain.sealing(owner).seal(content, _place(sealed, row, owner, column))
    for column in sealed.digests:
        if row[column] is not None:
            name = f"{sealed.table}.{column}".encode()
            values[f"{column}_digest" + "s" * (column == _MANY)] = (
                sorted(chain.digest(name, one) for one in row[column])
                if column == _MANY
                else chain.digest(name, row[column])
            )
    if sealed.table == "patients":
        values["guardian_ids"] = sorted(UUID(one["guardian"]) for one in row["guardians"])
    return values


def _opened(sealed: Sealed, row: Row, chain: Keychain) -> Row:
    """The row's former values."""
    owner, values = _owner(sealed, row), dict[str, Any]()
    for column, kind in sealed.columns.items():
        content = row[f"sealed_{column}"]
        if content is not None:
            try:
                key = chain.opening(owner, version_of(content))
            except Erased:
                raise KeyRefused(
                    f"Erased records cannot go back to 0003: delete their rows of {sealed.table}."
                ) from None
            text = key.open(content, _place(sealed, row, owner, column)).decode()
            values[column] = json.loads(text) if kind.startswith("text[]") else text
    return values


def _owner(sealed: Sealed, row: Row) -> UUID:
    owner: UUID = next(row[name] for name in sealed.owners if row[name] is not None)
    return owner


def _place(sealed: Sealed, row: Row, owner: UUID, column: str) -> bytes:
    return place(row["practice_id"], owner, row["id"]) + f"{sealed.table}.{column}".encode()


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _each(
    connection: sa.Connection,
    keys: Keys | None,
    sealed: Sealed,
    change: Callable[[Sealed, Row, Keychain], Row],
) -> None:
    """Change every row of a table, some at a time."""
    for rows in _pages(connection, sealed.table):
        if keys is None:
            raise KeyRefused("Personal fields are sealed from 0004 on: bring the master keys.")
        for practice, ours in groupby(rows, key=lambda row: row["practice_id"]):
            chain = _chain(connection, keys, practice)
            changes = [(row, change(sealed, row, chain)) for row in ours]
            names = sorted({name for _, values in changes for name in values})
            new = {
                name: f"sealed_{name}" if name in sealed.columns and change is _sealed else name
                for name in names
            }
            if names:
                written = ", ".join(
                    f'"{new[name]}" = CAST(:v_{name} AS {_kind(sealed, name, change)})'
                    for name in names
                )
                connection.execute(
                    sa.text(
                        f"UPDATE {sealed.table} SET {written}"  # noqa: S608 - all are ours
                        " WHERE practice_id = :practice_id AND id = :id"
                    ),
                    [
                        {
                            "practice_id": practice,
                            "id": row["id"],
                            **{f"v_{name}": values.get(name) for name in names},
                        }
                        for row, values in changes
                    ],
                )


def _kind(sealed: Sealed, name: str, change: Callable[..., Row]) -> str:
    if change is _opened:
        return sealed.columns[name].removesuffix(" NOT NULL")
    return {"guardian_ids": "uuid[]", "match_keys_digests": "bytea[]"}.get(name, "bytea")


def _pages(connection: sa.Connection, table: str) -> Iterator[Sequence[Row]]:
    after: dict[str, Any] = {"practice": UUID(int=0), "id": UUID(int=0), "most": ROWS_AT_ONCE}
    query = sa.text(
        f"SELECT * FROM {table} WHERE (practice_id, id) > (:practice, :id)"  # noqa: S608
        " ORDER BY practice_id, id LIMIT :most"
    )
    while rows := [dict(row) for row in connection.execute(query, after).mappings()]:
        yield rows
        after |= {"practice": rows[-1]["practice_id"], "id": rows[-1]["id"]}


def _chain(connection: sa.Connection, keys: Keys, practice: UUID) -> Keychain:
    """The practice's keys on the migration's own connection; each page begins with none."""
    driver: Any = connection.connection.driver_connection

    def rows(statement: Statement, given: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        found = driver.execute(statement.text.encode(), {**statement.fixed, **given})
        result: list[tuple[Any, ...]] = found.fetchall()
        return result

    return Keychain(KeyRing(keys), practice, rows)


def _run(connection: sa.Connection, statement: str) -> None:
    connection.execute(sa.text(statement))
