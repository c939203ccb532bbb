"""Turns: works that decide about one account, patient or provider do so one after the other.

A turn is an advisory lock of the transaction, so that it ends with it, whatever happens; it leaves
no row behind, and needs no session of its own (PgBouncer in transaction mode).
"""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from telehealth_core.shared.ids import PracticeId
from telehealth_postgres.statements import Statement

_BITS = 64


def turns_of(practice_id: PracticeId, *ids: UUID) -> list[int]:
    """The keys of these turns, in the one order in which everybody takes them; two things of one
    key would only wait for each other needlessly.
    """
    whole = ((practice_id.int ^ id.int) % 2**_BITS for id in ids)
    return sorted({key - 2**_BITS if key >= 2 ** (_BITS - 1) else key for key in whole})


_KEY = (
    sa.func.unnest(sa.bindparam("turns", type_=pg.ARRAY(sa.BigInteger())))
    .table_valued("key")
    .render_derived(name="turn")
)
TAKE_TURNS = Statement.of(sa.select(sa.func.pg_advisory_xact_lock(_KEY.c.key)))
"""Wait until no other transaction has any of these turns, and keep them all to the end.

A statement of its own: what comes after it in the transaction sees what others wrote meanwhile.
"""
