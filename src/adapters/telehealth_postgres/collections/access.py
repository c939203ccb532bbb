"""Accounts, sign-ins, role grants, emergency accesses and the audit on PostgreSQL."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from telehealth_core.access.account import Account, SignIn
from telehealth_core.access.actor import Actor, Purpose, Role
from telehealth_core.access.audit import AuditEntry, AuditOrder, Category
from telehealth_core.access.emergency import EmergencyAccess
from telehealth_core.access.role_grant import RoleGrant
from telehealth_core.shared import Interval
from telehealth_core.shared.ids import (
    PatientId,
    UserId,
)
from telehealth_postgres.collections.collection import PostgresCollection, all_of, given
from telehealth_postgres.columns import Shape
from telehealth_postgres.statements import Statement
from telehealth_postgres.tables import (
    ACCOUNTS,
    AUDIT,
    EMERGENCY_ACCESSES,
    ROLE_GRANTS,
    SIGN_INS,
)

_AT = given("at", sa.DateTime(timezone=True))
_LIMIT = given("limit", sa.Integer())


class PostgresAccounts(PostgresCollection[Account]):
    """Who can sign in."""

    _BY_EMAIL = Statement.of(
        all_of(ACCOUNTS, ACCOUNTS.c.email_digest == given("email", sa.LargeBinary()))
    )
    _OF_PATIENT = Statement.of(
        all_of(ACCOUNTS, ACCOUNTS.c.patient_id == given("patient_id", sa.Uuid()))
    )

    def by_email(self, email: str) -> Account | None:
        """The account with this address, whatever its case."""
        return self.first(self._BY_EMAIL, email=self.digest("email", email.strip().lower()))

    def of_patient(self, patient_id: PatientId) -> Account | None:
        """The account that stands for this patient."""
        return self.first(self._OF_PATIENT, patient_id=patient_id)

    _WITH_ROLE = Statement.of(
        all_of(
            ACCOUNTS,
            ACCOUNTS.c.roles.contains(given("roles", pg.ARRAY(sa.Text()))),
            ACCOUNTS.c.disabled_at.is_(None),
        ).order_by(ACCOUNTS.c.id)
    )
    _PAGE = Statement.of(
        all_of(ACCOUNTS, ACCOUNTS.c.id > given("after", sa.Uuid()))
        .order_by(ACCOUNTS.c.id)
        .limit(_LIMIT)
    )

    def with_role(self, role: Role) -> tuple[Account, ...]:
        """The accounts of that role that are not disabled, in the order of their ids."""
        return self.several(self._WITH_ROLE, roles=[role])

    def page(self, *, after: UserId | None, limit: int) -> tuple[Account, ...]:
        """All accounts in the order of their ids, after that one."""
        return self.several(self._PAGE, after=after or UUID(int=0), limit=limit)


class PostgresSignIns(PostgresCollection[SignIn]):
    """Server-side sessions."""

    _LIVE_OF = Statement.of(
        all_of(
            SIGN_INS, SIGN_INS.c.user_id == given("user_id", sa.Uuid()), SIGN_INS.c.ends_at > _AT
        ).order_by(SIGN_INS.c.id)
    )

    def live_of(self, user_id: UserId, at: datetime) -> tuple[SignIn, ...]:
        """The account's sessions that have not ended, in the order of their ids."""
        return self.several(self._LIVE_OF, user_id=user_id, at=at)


class PostgresRoleGrants(PostgresCollection[RoleGrant]):
    """Roles that wait for a second administrator, or did."""

    _PENDING = Statement.of(
        all_of(ROLE_GRANTS, ROLE_GRANTS.c.status == sa.literal_column("'pending'"))
        .order_by(ROLE_GRANTS.c.asked_at, ROLE_GRANTS.c.id)
        .limit(_LIMIT)
    )

    def pending(self, *, limit: int) -> tuple[RoleGrant, ...]:
        """Those that wait, the oldest first."""
        return self.several(self._PENDING, limit=limit)


class PostgresEmergencyAccesses(PostgresCollection[EmergencyAccess]):
    """Who broke the glass to whose record."""

    _LIVE = Statement.of(
        sa.select(
            all_of(
                EMERGENCY_ACCESSES,
                EMERGENCY_ACCESSES.c.user_id == given("user_id", sa.Uuid()),
                EMERGENCY_ACCESSES.c.patient_id == given("patient_id", sa.Uuid()),
                EMERGENCY_ACCESSES.c.opened_at <= _AT,
                EMERGENCY_ACCESSES.c.until > _AT,
                EMERGENCY_ACCESSES.c.status == sa.literal_column("'open'"),
            ).exists()
        )
    )
    _UNREVIEWED = Statement.of(
        all_of(EMERGENCY_ACCESSES, EMERGENCY_ACCESSES.c.status == sa.literal_column("'open'"))
        .order_by(EMERGENCY_ACCESSES.c.review_due, EMERGENCY_ACCESSES.c.id)
        .limit(_LIMIT)
    )

    def live(self, user_id: UserId, patient_id: PatientId, at: datetime) -> bool:
        """Whether this user's access to this patient lasts at that instant."""
        (live,) = self.one(self._LIVE, user_id=user_id, patient_id=patient_id, at=at)
        return bool(live)

    def unreviewed(self, *, limit: int) -> tuple[EmergencyAccess, ...]:
        """Those that wait for their review, by when it is due."""
        return self.several(self._UNREVIEWED, limit=limit)


_AUDIT: Shape[AuditEntry] = AUDIT.info["shape"]
_OLD: Mapping[str, sa.ColumnElement[Any]] = {
    "roles": sa.literal_column("'{}'::text[]"),
    "kind": sa.literal_column("''"),
    "category": sa.literal_column(f"'{Category.OTHER}'"),
    "purpose": sa.literal_column(f"'{Purpose.OPERATIONS}'"),
}
"""What stands for a fact that entries of before did not have."""


def _told(*where: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """The practice's entries, with every fact in the order of their fields."""
    columns = [
        sa.func.coalesce(AUDIT.c[column.name], _OLD[column.name]).label(column.name)
        if column.name in _OLD
        else AUDIT.c[column.name]
        for column in _AUDIT.columns
    ]
    mine = AUDIT.c.practice_id == given("practice", sa.Uuid())
    return sa.select(*columns).where(mine, *where)


def _report(by: AuditOrder) -> tuple[Statement, Statement]:
    """The first page of a report in this order, and the page after an entry."""
    own = [AUDIT.c[by.value], AUDIT.c.id]
    period = (
        AUDIT.c.at >= given("start", sa.DateTime(timezone=True)),
        AUDIT.c.at < given("end", sa.DateTime(timezone=True)),
    )
    known = [AUDIT.c.patient_id.is_not(None)] if by is AuditOrder.PATIENT else []
    last = AUDIT.alias("last")
    place = (
        sa.select(last.c[by.value], last.c.id)
        .where(
            last.c.practice_id == given("practice", sa.Uuid()),
            last.c.id == given("after", sa.BigInteger()),
        )
        .scalar_subquery()
    )
    every = _told(*period, *known)
    rest = every.where(sa.tuple_(*own) > place)
    first, after = (page.order_by(*own).limit(_LIMIT) for page in (every, rest))
    return Statement.of(first), Statement.of(after)


class PostgresTrail:
    """The practice's audit, as it is told."""

    _OPENED = Statement.of(
        _told(
            AUDIT.c.patient_id == given("patient_id", sa.Uuid()),
            AUDIT.c.outcome == sa.literal_column("'read'"),
            AUDIT.c.actor != given("asker", sa.Uuid()),
            AUDIT.c.id < given("before", sa.BigInteger()),
        )
        .order_by(AUDIT.c.id.desc())
        .limit(_LIMIT)
    )
    _REPORTS: ClassVar = {by: _report(by) for by in AuditOrder}

    def __init__(
        self,
        rows: Callable[[Statement, Mapping[str, Any]], list[tuple[Any, ...]]],
        actor: Actor,
    ) -> None:
        self._rows, self._actor = rows, actor

    def opened(
        self, patient_id: PatientId, *, before: int | None, limit: int
    ) -> tuple[AuditEntry, ...]:
        """The reads of this patient's record by others, the newest first."""
        return self._entries(
            self._OPENED,
            patient_id=patient_id,
            asker=self._actor.id,
            before=2**63 - 1 if before is None else before,
            limit=limit,
        )

    def report(
        self, period: Interval, *, by: AuditOrder, after: int | None, limit: int
    ) -> tuple[AuditEntry, ...]:
        """The entries of the period in this order, after the entry of that place."""
        first, following = self._REPORTS[by]
        place = {} if after is None else {"after": after}
        return self._entries(
            first if after is None else following,
            start=period.start,
            end=period.end,
            limit=limit,
            **place,
        )

    def _entries(self, statement: Statement, **given: Any) -> tuple[AuditEntry, ...]:
        return tuple(map(_AUDIT.aggregate, self._rows(statement, given)))
