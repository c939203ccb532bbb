"""Role grants: a role that opens records counts once a second administrator has confirmed it
(ACC-11).
"""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Self

import attrs

from telehealth_core.access.actor import STAFF, Role
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import (
    PartnerId,
    PracticeId,
    ProviderId,
    RoleGrantId,
    UserId,
    derived,
)
from telehealth_core.shared.lifecycle import Lifecycle
from telehealth_core.shared.refusal import Invalid, Refusal

CONFIRMED = STAFF - {Role.SYSTEM}
"""The roles that an administrator gives with a second one only, whoever they are given to."""


class RoleGrantStatus(StrEnum):
    """Where a grant stands."""

    PENDING = "pending"
    GRANTED = "granted"
    REFUSED = "refused"


LIFECYCLE = Lifecycle(
    of="RoleGrant",
    initial=RoleGrantStatus.PENDING,
    transitions={
        "confirm": (frozenset({RoleGrantStatus.PENDING}), RoleGrantStatus.GRANTED),
        "refuse": (frozenset({RoleGrantStatus.PENDING}), RoleGrantStatus.REFUSED),
    },
)


class RoleGrantAsked(Event):
    """An administrator wants somebody to have further roles."""


class RoleGrantConfirmed(Event):
    """A second administrator agreed; the roles count from the next request on."""


class RoleGrantRefused(Event):
    """A second administrator, or the one who asked, decided against it."""


class NotYoursToDecide(Refusal):
    """Nobody decides on what concerns themselves, or confirms what they asked for (ACC-11)."""

    code: ClassVar[str] = "not-yours-to-decide"
    says: ClassVar[str] = "Somebody else has to decide this."


@attrs.frozen(kw_only=True)
class RoleGrant:
    """Roles for one account, asked for by one administrator and confirmed by another."""

    id: RoleGrantId
    practice_id: PracticeId
    version: int = 1
    status: RoleGrantStatus = RoleGrantStatus.PENDING
    account_id: UserId
    roles: frozenset[Role]
    provider_id: ProviderId | None = None
    partner_id: PartnerId | None = None
    asked_by: UserId
    asked_at: datetime
    decided_by: UserId | None = None
    decided_at: datetime | None = None

    def __attrs_post_init__(self) -> None:
        if not self.roles or self.roles & {Role.VISITOR, Role.SYSTEM, Role.PATIENT}:
            raise Invalid("roles", "one or more of provider, liaison, partner, admin")
        if self.asked_by == self.account_id:
            raise NotYoursToDecide

    @staticmethod
    def at_opening(account_id: UserId) -> RoleGrantId:
        """The grant that an account was opened with; its id follows."""
        return RoleGrantId(derived(account_id, "roles at opening"))

    def asked(self) -> RoleGrantAsked:
        """The event that a grant begins with."""
        return RoleGrantAsked(self.id, self.version, self.asked_by, self.asked_at)

    def confirm(self, *, by: UserId, at: datetime) -> tuple[Self, RoleGrantConfirmed]:
        """Agree, as a second administrator.

        Raises: NotYoursToDecide to whoever asked and whoever it is for; IllegalTransition.
        """
        if by == self.asked_by:
            raise NotYoursToDecide
        granted = self._decided("confirm", by=by, at=at)
        return granted, RoleGrantConfirmed(self.id, granted.version, by, at)

    def refuse(self, *, by: UserId, at: datetime) -> tuple[Self, RoleGrantRefused]:
        """Decide against it; whoever asked may take it back so.

        Raises: NotYoursToDecide to whoever it is for; IllegalTransition.
        """
        refused = self._decided("refuse", by=by, at=at)
        return refused, RoleGrantRefused(self.id, refused.version, by, at)

    def _decided(self, verb: str, *, by: UserId, at: datetime) -> Self:
        if by == self.account_id:
            raise NotYoursToDecide
        status = LIFECYCLE.after(verb, self.status)
        return attrs.evolve(
            self, status=status, version=self.version + 1, decided_by=by, decided_at=at
        )
