"""The licence: one entry of a provider in a regulator's register, and what it allows on a day
(F11, PRO-01, PRO-03, PRO-04).
"""

from datetime import date
from enum import StrEnum
from typing import Self

import attrs

from telehealth_core.shared.ids import ProviderId
from telehealth_core.shared.refusal import Invalid
from telehealth_core.shared.text import line


class RegisterStatus(StrEnum):
    """What the register said of the entry when it was last looked at."""

    ACTIVE = "active"
    """Nothing stands in the way of practice."""
    CONDITIONS = "conditions"
    """Practice under the conditions that are noted."""
    SUSPENDED = "suspended"
    """No practice at all, until the register says otherwise."""


class Condition(StrEnum):
    """What conditions or undertakings on an entry forbid (PRO-03)."""

    NO_PRESCRIBING = "no-prescribing"
    """No medicine may be prescribed."""
    NO_CONTROLLED_MEDICINES = "no-controlled-medicines"
    """No controlled medicine may be prescribed."""
    NO_CERTIFYING = "no-certifying"
    """No sick note may be issued."""
    NO_REMOTE_CARE = "no-remote-care"
    """No visit may be given through this clinic."""
    OTHER = "other"
    """Something else, which staff read in the register; it switches nothing off by itself."""


@attrs.frozen(kw_only=True)
class Licence:
    """One entry in a regulator's register, or one state's licence; `region` is None where it holds
    everywhere.

    `expires_on` is the last day it is valid, `checked_on` the day somebody last looked at the
    register; None counts as the day the provider was added. `compact` marks a privilege under an
    agreement between states: like every licence it holds for its own region only.
    """

    regulator: str = attrs.field(validator=line(60))
    number: str = attrs.field(validator=line(40))
    region: str | None = attrs.field(default=None, validator=attrs.validators.optional(line(10)))
    expires_on: date
    checked_on: date | None = None
    status: RegisterStatus = RegisterStatus.ACTIVE
    conditions: frozenset[Condition] = attrs.field(default=frozenset())
    compact: bool = False

    @conditions.validator
    def _conditions(self, _: object, value: frozenset[Condition]) -> None:
        if bool(value) != (self.status is RegisterStatus.CONDITIONS):
            raise Invalid("conditions", "named where the status is conditions, and only there")

    @property
    def key(self) -> tuple[str, str | None]:
        """What tells one licence of a provider from the others: who gave it, and for where."""
        return self.regulator, self.region

    def stands(self, on: date) -> bool:
        """Whether it is valid on that day and its register has not suspended it."""
        return on <= self.expires_on and self.status is not RegisterStatus.SUSPENDED

    def checked(
        self,
        *,
        on: date,
        status: RegisterStatus,
        conditions: frozenset[Condition],
        expires_on: date | None = None,
    ) -> Self:
        """The licence as the register has it on the day somebody looked.

        Raises: Invalid.
        """
        return attrs.evolve(
            self,
            checked_on=on,
            status=status,
            conditions=conditions,
            expires_on=expires_on or self.expires_on,
        )


@attrs.frozen
class DueLicence:
    """A licence that has to be renewed by one day, and looked up again by another, to go on
    counting.
    """

    provider_id: ProviderId
    name: str
    licence: Licence
    renew_by: date
    check_by: date

    @property
    def first(self) -> date:
        """The earlier of the two days: the last on which the licence counts as it stands."""
        return min(self.renew_by, self.check_by)
