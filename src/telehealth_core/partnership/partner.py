"""The partner: an organisation that refers its clients and follows their treatment (F49-F52)."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Self

import attrs

from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import PartnerId, PracticeId, UserId
from telehealth_core.shared.lifecycle import Lifecycle
from telehealth_core.shared.refusal import Refusal
from telehealth_core.shared.text import line, prose


class PartnerStatus(StrEnum):
    """Whether the partner may refer."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


LIFECYCLE: Lifecycle[PartnerStatus] = Lifecycle(
    "Partner",
    PartnerStatus.ACTIVE,
    {
        "suspend": (frozenset({PartnerStatus.ACTIVE}), PartnerStatus.SUSPENDED),
        "reinstate": (frozenset({PartnerStatus.SUSPENDED}), PartnerStatus.ACTIVE),
    },
)


class PartnerAdded(Event):
    """An organisation became a partner."""


@attrs.frozen
class PartnerSuspended(Event):
    """The organisation may neither refer nor follow for the time being."""


@attrs.frozen
class PartnerReinstated(Event):
    """The organisation may refer and follow again."""


@attrs.frozen
class PartnerIsSuspended(Refusal):
    """A suspended partner may neither refer nor follow."""

    code: ClassVar[str] = "partner-suspended"
    says: ClassVar[str] = "Your organisation is suspended; ask the practice."


@attrs.frozen(kw_only=True)
class Partner:
    """An organisation that refers clients to the practice."""

    id: PartnerId
    practice_id: PracticeId
    version: int = 1
    status: PartnerStatus = LIFECYCLE.initial
    name: str = attrs.field(validator=line(120))
    reason: str | None = attrs.field(default=None, validator=attrs.validators.optional(prose(500)))
    added_at: datetime

    def added(self, *, by: UserId) -> PartnerAdded:
        """The event that a new partner begins with."""
        return PartnerAdded(self.id, self.version, by, self.added_at)

    def require_active(self) -> None:
        """Refuse a suspended organisation.

        Raises: PartnerIsSuspended.
        """
        if self.status is PartnerStatus.SUSPENDED:
            raise PartnerIsSuspended

    def suspend(self, reason: str, *, by: UserId, at: datetime) -> tuple[Self, PartnerSuspended]:
        """Let the organisation neither refer nor follow, with the reason.

        Raises: IllegalTransition; Invalid.
        """
        suspended = self._moved("suspend", reason)
        return suspended, PartnerSuspended(self.id, suspended.version, by, at)

    def reinstate(self, reason: str, *, by: UserId, at: datetime) -> tuple[Self, PartnerReinstated]:
        """Let the organisation refer and follow again, with the reason.

        Raises: IllegalTransition; Invalid.
        """
        reinstated = self._moved("reinstate", reason)
        return reinstated, PartnerReinstated(self.id, reinstated.version, by, at)

    def _moved(self, verb: str, reason: str) -> Self:
        status = LIFECYCLE.after(verb, self.status)
        return attrs.evolve(self, version=self.version + 1, status=status, reason=reason)
