"""Accounts, sign-ins, role grants, emergency accesses and the audit in memory."""

from datetime import datetime
from typing import TYPE_CHECKING

from telehealth_core.access.account import Account, EmailTaken, SignIn
from telehealth_core.access.actor import Role
from telehealth_core.access.audit import READ, AuditEntry, AuditOrder
from telehealth_core.access.emergency import EmergencyAccess, EmergencyStatus
from telehealth_core.access.role_grant import RoleGrant, RoleGrantStatus
from telehealth_core.shared.ids import (
    PatientId,
    UserId,
)
from telehealth_core.shared.interval import Interval
from telehealth_core.testing.memory.collection import MemoryCollection, Rows

if TYPE_CHECKING:
    from telehealth_core.testing.memory.store import MemoryWork


class Accounts(MemoryCollection[Account]):
    """Who can sign in."""

    def by_email(self, email: str) -> Account | None:
        return next(iter(self.where(lambda one: one.email == email.strip().lower())), None)

    def of_patient(self, patient_id: PatientId) -> Account | None:
        return next(iter(self.where(lambda one: one.patient_id == patient_id)), None)

    def with_role(self, role: Role) -> tuple[Account, ...]:
        found = self.where(lambda one: role in one.roles and one.disabled_at is None)
        return tuple(sorted(found, key=lambda one: one.id))

    def page(self, *, after: UserId | None, limit: int) -> tuple[Account, ...]:
        found = self.where(lambda one: after is None or one.id > after)
        return tuple(sorted(found, key=lambda one: one.id)[:limit])


class SignIns(MemoryCollection[SignIn]):
    """Server-side sessions."""

    def live_of(self, user_id: UserId, at: datetime) -> tuple[SignIn, ...]:
        found = self.where(lambda one: one.user_id == user_id and one.ends_at > at)
        return tuple(sorted(found, key=lambda one: one.id))


class RoleGrants(MemoryCollection[RoleGrant]):
    """Roles that wait for a second administrator, or did."""

    def pending(self, *, limit: int) -> tuple[RoleGrant, ...]:
        found = self.where(lambda one: one.status is RoleGrantStatus.PENDING)
        return tuple(sorted(found, key=lambda one: (one.asked_at, one.id))[:limit])


class EmergencyAccesses(MemoryCollection[EmergencyAccess]):
    """Who broke the glass to whose record."""

    def live(self, user_id: UserId, patient_id: PatientId, at: datetime) -> bool:
        return any(
            self.where(
                lambda one: one.user_id == user_id and one.patient_id == patient_id and one.live(at)
            )
        )

    def unreviewed(self, *, limit: int) -> tuple[EmergencyAccess, ...]:
        found = self.where(lambda one: one.status is EmergencyStatus.OPEN)
        return tuple(sorted(found, key=lambda one: (one.review_due, one.id))[:limit])


class Trail:
    """The practice's audit."""

    def __init__(self, work: "MemoryWork") -> None:
        self._work = work

    def opened(
        self, patient_id: PatientId, *, before: int | None, limit: int
    ) -> tuple[AuditEntry, ...]:
        found = [
            one
            for one in self._entries()
            if one.patient_id == patient_id
            and one.outcome == READ
            and one.actor != self._work.actor.id
            and (before is None or one.id < before)
        ]
        return tuple(found[::-1][:limit])

    def report(
        self, period: Interval, *, by: AuditOrder, after: int | None, limit: int
    ) -> tuple[AuditEntry, ...]:
        key = by.value
        found = sorted(
            (one for one in self._entries() if one.at in period and getattr(one, key) is not None),
            key=lambda one: (getattr(one, key), one.id),
        )
        places = [one.id for one in found]
        begin = places.index(after) + 1 if after in places else 0
        return tuple(found[begin : begin + limit])

    def _entries(self) -> list[AuditEntry]:
        mine = self._work.actor.practice_id
        return [one for one in self._work.store.audit if one.practice_id == mine]


def one_account_an_address(rows: Rows, account: Account) -> None:
    """Refuse an address that another account has. Raises: EmailTaken."""
    for other in rows["accounts"].values():
        same = other.practice_id == account.practice_id and other.email == account.email
        if same and other.id != account.id:
            raise EmailTaken
