"""Lifecycles as tables: which verb is allowed in which states, and the state it leads to."""

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar, Generic, TypeVar

import attrs

from telehealth_core.shared.refusal import Refusal

Status = TypeVar("Status", bound=StrEnum)


@attrs.frozen
class IllegalTransition(Refusal):
    """The verb is not possible in the present state (API-05)."""

    code: ClassVar[str] = "illegal-transition"
    says: ClassVar[str] = "Cannot {verb} while {status}."

    verb: str
    status: str


@attrs.frozen
class Lifecycle(Generic[Status]):
    """All that may happen to one kind of aggregate.

    `transitions` maps a verb to the states it is allowed in and the state it leads to; a verb that
    keeps the state (adding a comment, say) maps to `None`.
    """

    of: str
    initial: Status
    transitions: Mapping[str, tuple[frozenset[Status], Status | None]]

    def after(self, verb: str, status: Status) -> Status:
        """The state that `verb` leads to.

        Raises: IllegalTransition unless the verb is allowed in `status`.
        """
        allowed, following = self.transitions[verb]
        if status not in allowed:
            raise IllegalTransition(verb, status.value)
        return status if following is None else following
