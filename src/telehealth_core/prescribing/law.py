"""The law of prescribing by jurisdiction: every rule in its list, and how long a prescription
counts.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date

import attrs

from telehealth_core.prescribing import rules, uk, us
from telehealth_core.prescribing.facts import Facts, Rule
from telehealth_core.prescribing.item import Item


@attrs.frozen
class Law:
    """What one jurisdiction asks of a prescription.

    `signing` must hold when it is signed, and again, with `sending`, when it is sent. `valid_until`
    is its last day, `unnumbered` how often it is dispensed where nobody said, and `by_exception`
    whether it needs a second look.
    """

    signing: tuple[Rule, ...]
    sending: tuple[Rule, ...]
    valid_until: Callable[[Iterable[Item], date], date]
    unnumbered: Callable[[Iterable[Item]], int]
    by_exception: Callable[[Facts], bool]


def _never(_: Facts) -> bool:
    return False


LAWS: Mapping[str, Law] = {
    "uk": Law(
        signing=(*rules.FOR_ALL, *uk.RULES),
        sending=(*rules.TO_SEND, *uk.TO_SEND),
        valid_until=uk.valid_until,
        unnumbered=uk.unnumbered,
        by_exception=uk.by_exception,
    ),
    "us": Law(
        signing=(*rules.FOR_ALL, *us.RULES),
        sending=(*rules.TO_SEND, *us.TO_SEND),
        valid_until=us.valid_until,
        unnumbered=us.unnumbered,
        by_exception=_never,
    ),
}
"""The law by the jurisdiction's code. Adding a rule is adding a line to its list."""
