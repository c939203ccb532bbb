"""Many practices on several servers: what a database distributed by practice would refuse."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

BEYOND = ["sign_ins_id_once"]
"""A sign-in is looked up before its practice is known. Whoever distributes takes a plain index
instead; the id is a digest of chance, so that nothing is lost (docs/operations.md).
"""
REFERENCE = {"practices"}
"""Tables that every server would hold whole; distributed ones may refer to them."""
OURS = """
    SELECT c.oid, c.relname FROM pg_class AS c
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
       AND NOT starts_with(c.relname, 'procrastinate_')
"""
"""Every table but the queue's, which the first server keeps alone: it holds ids, for minutes."""
UNIQUE = """
    SELECT i.indexrelid::regclass::text,
           EXISTS (SELECT FROM pg_attribute AS a JOIN unnest(i.indkey) AS k ON k = a.attnum
                    WHERE a.attrelid = i.indrelid AND a.attname = 'practice_id')
      FROM pg_index AS i WHERE i.indrelid = %s AND (i.indisunique OR i.indisexclusion)
"""
EXCLUSIONS = """
    SELECT c.conname, o.oprname FROM pg_constraint AS c
     CROSS JOIN unnest(c.conkey, c.conexclop) AS e (key, op)
      JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = e.key
      JOIN pg_operator AS o ON o.oid = e.op
     WHERE c.conrelid = %s AND c.contype = 'x' AND a.attname = 'practice_id'
"""
REFERENCES = """
    SELECT c.conname, t.relname, array_agg((ours.attname, theirs.attname)::text)
      FROM pg_constraint AS c JOIN pg_class AS t ON t.oid = c.confrelid
     CROSS JOIN unnest(c.conkey, c.confkey) AS e (key, other)
      JOIN pg_attribute AS ours ON ours.attrelid = c.conrelid AND ours.attnum = e.key
      JOIN pg_attribute AS theirs ON theirs.attrelid = c.confrelid AND theirs.attnum = e.other
     WHERE c.conrelid = %s AND c.contype = 'f' GROUP BY 1, 2
"""


def objections(uri: str) -> list[str]:
    """Every key, guard or reference that does not keep to one practice, by its name."""
    found = []
    with psycopg.connect(uri) as connection:
        for oid, table in connection.execute(OURS.encode()).fetchall():
            columns = connection.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = %s AND attnum > 0", [oid]
            ).fetchall()
            if ("practice_id",) not in columns:
                found += [table] if table not in REFERENCE | {"alembic_version"} else []
                continue
            unique = connection.execute(UNIQUE.encode(), [oid]).fetchall()
            found += [name for name, within in unique if not within]
            guards = connection.execute(EXCLUSIONS.encode(), [oid]).fetchall()
            found += [name for name, operator in guards if operator != "="]
            references = connection.execute(REFERENCES.encode(), [oid]).fetchall()
            found += [
                name
                for name, other, pairs in references
                if other not in REFERENCE and "(practice_id,practice_id)" not in pairs
            ]
    return sorted(found)


def test_every_key_and_reference_stays_in_a_practice(database: str) -> None:
    """Rows can be spread over servers by practice: nothing unique, excluded or referred to reaches
    beyond one, but for what is named.
    """
    assert objections(database) == BEYOND


@pytest.mark.parametrize(
    ("plant", "name"),
    [
        ("CREATE UNIQUE INDEX planted ON patients (id)", "planted"),
        ("ALTER TABLE letters ADD CONSTRAINT planted EXCLUDE USING gist (id WITH =)", "planted"),
        (
            "ALTER TABLE notes DROP CONSTRAINT notes_key, ADD CONSTRAINT planted PRIMARY KEY (id)",
            "planted",
        ),
        ("CREATE TABLE planted (id uuid PRIMARY KEY)", "planted"),
        (
            """CREATE TABLE one (practice_id uuid, id uuid UNIQUE);
            ALTER TABLE letters ADD CONSTRAINT planted FOREIGN KEY (id) REFERENCES one (id)""",
            "planted",
        ),
    ],
)
def test_what_reaches_beyond_a_practice_is_found(database: str, plant: str, name: str) -> None:
    """Each kind of objection was seen: a key, a guard, a table without a practice, a reference."""
    with psycopg.connect(database) as connection:
        connection.execute(plant.encode())
        connection.commit()
        assert name in objections(database)


@pytest.fixture
def database(fresh_database: Any) -> Iterator[str]:
    """Yield a migrated database that may be changed."""
    with fresh_database() as uri:
        yield uri
