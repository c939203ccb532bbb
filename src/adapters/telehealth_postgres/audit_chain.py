"""The audit's chain on PostgreSQL: sealed a moment after the entries, read back to be examined.

Writers never wait for it. Ids of entries are given out of the order in which they are committed, so
sealing does not go by them: it looks at whatever transactions wrote that had not all ended when it
looked last, and seals what is not sealed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from telehealth_core.access.audit_chain import GENESIS, Facts, Link, linked
from telehealth_core.shared.ids import PracticeId
from telehealth_postgres.pipeline import Connection
from telehealth_postgres.statements import Statement
from telehealth_postgres.store import PostgresStore
from telehealth_postgres.tables import AUDIT, AUDIT_HEADS, AUDIT_LINKS
from telehealth_postgres.transaction import asked
from telehealth_postgres.wall import ENTER

BATCH = 1_000

_PRACTICE: sa.BindParameter[Any] = sa.bindparam("practice", type_=sa.Uuid())
_FACTS = tuple(column for column in AUDIT.c if column.name != "xact")
_NAMES = tuple(column.name for column in _FACTS)
_SERVER = "(SELECT CAST(system_identifier AS text) FROM pg_control_system())"
_ENDED = "CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)"
_LINKED = (
    sa.exists()
    .where(AUDIT_LINKS.c.practice_id == AUDIT.c.practice_id, AUDIT_LINKS.c.entry_id == AUDIT.c.id)
    .correlate(AUDIT)
)

_PENDING = Statement.of(
    sa.select(sa.column("id")).select_from(sa.func.practices_to_seal().alias("id"))
)
_HEAD = Statement.of(pg.insert(AUDIT_HEADS).values(practice_id=_PRACTICE).on_conflict_do_nothing())
_TURN = Statement.of(
    sa.select(
        sa.case(
            (AUDIT_HEADS.c.server == sa.literal_column(_SERVER), AUDIT_HEADS.c.before_xact),
            else_=sa.literal_column("0"),
        )
    )
    .where(AUDIT_HEADS.c.practice_id == _PRACTICE)
    .with_for_update(skip_locked=True)
)
_LAST = Statement.of(
    sa.select(AUDIT_LINKS.c.position, AUDIT_LINKS.c.hash)
    .where(AUDIT_LINKS.c.practice_id == _PRACTICE)
    .order_by(AUDIT_LINKS.c.position.desc())
    .limit(sa.literal_column("1"))
)
_UNSEALED = Statement.of(
    sa.select(sa.literal_column(_ENDED), *_FACTS)
    .where(
        AUDIT.c.practice_id == _PRACTICE,
        AUDIT.c.xact >= sa.bindparam("since", type_=sa.BigInteger()),
        ~_LINKED,
    )
    .order_by(AUDIT.c.id)
    .limit(sa.bindparam("limit", type_=sa.Integer()))
)
_SEAL = Statement.of(
    AUDIT_LINKS.insert().from_select(
        ["practice_id", "position", "entry_id", "hash"],
        sa.select(
            _PRACTICE,
            sa.func.unnest(sa.bindparam("positions", type_=pg.ARRAY(sa.BigInteger()))),
            sa.func.unnest(sa.bindparam("ids", type_=pg.ARRAY(sa.BigInteger()))),
            sa.func.unnest(sa.bindparam("hashes", type_=pg.ARRAY(pg.BYTEA()))),
        ),
    )
)
_SEALED = Statement.of(
    sa.update(AUDIT_HEADS)
    .where(AUDIT_HEADS.c.practice_id == _PRACTICE)
    .values(
        server=sa.literal_column(_SERVER),
        before_xact=sa.bindparam("ended", type_=sa.BigInteger()),
    )
)
_CHAIN = Statement.of(
    sa.select(AUDIT_LINKS.c.position, AUDIT_LINKS.c.entry_id, AUDIT_LINKS.c.hash, *_FACTS)
    .select_from(
        sa.outerjoin(
            AUDIT_LINKS,
            AUDIT,
            (AUDIT.c.practice_id == AUDIT_LINKS.c.practice_id)
            & (AUDIT.c.id == AUDIT_LINKS.c.entry_id),
        )
    )
    .where(AUDIT_LINKS.c.practice_id == _PRACTICE)
    .order_by(AUDIT_LINKS.c.position)
)
_WAITING = Statement.of(
    sa.select(*_FACTS).where(AUDIT.c.practice_id == _PRACTICE, ~_LINKED).order_by(AUDIT.c.id)
)


@attrs.frozen
class Head:
    """The last place of a chain."""

    position: int
    hash: bytes


class PostgresAuditChain:
    """Seals every practice's audit, and shows it."""

    def __init__(self, store: PostgresStore) -> None:
        self._store = store

    def pending(self) -> list[PracticeId]:
        """The practices that have entries to seal."""
        with self._store.connection() as connection, connection.together():
            return [id for (id,) in asked(connection, _PENDING, {}).rows()]

    def seal(self, practice_id: PracticeId) -> Head | None:
        """Seal what the practice wrote; the chain's new end, or nothing if that is another's turn
        or all is sealed.
        """
        head = None
        while True:
            with self._store.connection() as connection, connection.together() as questions:
                questions.ask(ENTER, {"practice": practice_id})
                sealed, last = self._seal_some(connection, practice_id)
            head = last or head
            if sealed < BATCH:
                return head

    def _seal_some(
        self, connection: Connection, practice_id: PracticeId
    ) -> tuple[int, Head | None]:
        mine = {"practice": practice_id}
        asked(connection, _HEAD, mine)
        turn = asked(connection, _TURN, mine).rows()
        if not turn:
            return 0, None
        ((since,),) = turn
        ((position, hash),) = asked(connection, _LAST, mine).rows() or [(0, GENESIS)]
        given = {**mine, "since": since, "limit": BATCH}
        found = asked(connection, _UNSEALED, given).rows()
        if not found:
            return 0, None
        hashes = []
        for _, *values in found:
            hash = linked(hash, _facts(values))
            hashes.append(hash)
        positions = list(range(position + 1, position + 1 + len(found)))
        ids = [_facts(values)["id"] for _, *values in found]
        asked(connection, _SEAL, {**mine, "positions": positions, "ids": ids, "hashes": hashes})
        if len(found) < BATCH:
            asked(connection, _SEALED, {**mine, "ended": found[0][0]})
        return len(found), Head(positions[-1], hash)

    @contextmanager
    def reading(self, practice_id: PracticeId) -> Iterator["Reading"]:
        """Audit and chain as they are at one instant, however long reading takes."""
        with self._store.connection() as connection, connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            connection.execute(ENTER, {"practice": practice_id})
            yield Reading(connection, practice_id)


@attrs.frozen
class Reading:
    """What is kept of one practice, row by row: only so much of it is held at a time."""

    _connection: Connection
    _practice_id: PracticeId

    def links(self) -> Iterator[Link]:
        """The chain, each place with its entry if that is still there."""
        for position, entry_id, hash, *values in self._stream("links", _CHAIN):
            facts = _facts(values)
            yield Link(position, entry_id, hash, None if facts["id"] is None else facts)

    def unsealed(self) -> Iterator[Facts]:
        """The entries that are in no chain yet."""
        for values in self._stream("unsealed", _WAITING):
            yield _facts(values)

    def _stream(self, name: str, statement: Statement) -> Iterator[Any]:
        with self._connection.cursor(name=name) as cursor:
            cursor.itersize = BATCH
            cursor.execute(
                statement.text.encode(), {**statement.fixed, "practice": self._practice_id}
            )
            yield from cursor


def _facts(values: Any) -> Facts:
    return dict(zip(_NAMES, values, strict=True))
