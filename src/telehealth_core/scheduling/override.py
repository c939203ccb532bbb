"""Overrides: staff may set aside a soft rule, by name and with a reason that stays on the
appointment (F24).

Nobody may set aside a clash of provider or patient, an unverified identity or a missing licence.
"""

from typing import Any

import attrs

from telehealth_core.shared.phi import phi
from telehealth_core.shared.refusal import Invalid
from telehealth_core.shared.text import prose

SOFT = frozenset({"on-shift", "on-grid", "lead-time", "horizon", "visits-ahead", "visits-a-day"})
"""The rules and limits that staff may set aside; every other one is for everybody, always."""


def _soft(_: object, attribute: Any, value: frozenset[str]) -> None:
    if not value or not value <= SOFT:
        raise Invalid(attribute.name, f"one or more of {', '.join(sorted(SOFT))}")


@attrs.frozen(kw_only=True)
class Override:
    """The rules that somebody sets aside for one appointment, and why."""

    rules: frozenset[str] = attrs.field(validator=_soft)
    reason: str = phi(validator=prose(500))


def remaining(objections: tuple[str, ...], override: Override | None) -> tuple[str, ...]:
    """The objections that the override does not set aside."""
    aside = override.rules if override else frozenset[str]()
    return tuple(rule for rule in objections if rule not in aside)
