"""The item: one medicine of a prescription, with the facts that the law asks about it."""

from enum import StrEnum
from typing import Any

import attrs

from telehealth_core.shared.refusal import Invalid
from telehealth_core.shared.text import line


class Schedule(StrEnum):
    """How strictly a controlled medicine is controlled where the practice is: Schedules 1 to 5 of
    the United Kingdom, I to V of the United States; 1 is the strictest.
    """

    ONE = "1"
    TWO = "2"
    THREE = "3"
    FOUR = "4"
    FIVE = "5"


def within(least: int, most: int) -> Any:
    """An attrs validator: a number between these, both included."""

    def check(_: object, attribute: Any, value: int) -> None:
        if not least <= value <= most:
            raise Invalid(attribute.name, f"between {least} and {most}")

    return check


@attrs.frozen(kw_only=True, repr=False)
class Item:
    """One medicine of a prescription.

    `quantity` is what is dispensed at once, in `unit`s, and lasts `days`. The marks say what the
    rules must know: `higher_risk` medicines need more than a form (RXC-04), `misuse_liable` ones
    the patient's record (RXU-08), an `oral_contraceptive` may be repeated longer (RXU-03).
    """

    medicine: str = attrs.field(validator=line(200))
    strength: str = attrs.field(validator=line(80))
    form: str = attrs.field(validator=line(80))
    quantity: int = attrs.field(validator=within(1, 10_000))
    unit: str = attrs.field(validator=line(40))
    days: int = attrs.field(validator=within(1, 366))
    directions: str = attrs.field(validator=line(300))
    schedule: Schedule | None = None
    higher_risk: bool = False
    misuse_liable: bool = False
    oral_contraceptive: bool = False

    @property
    def controlled(self) -> bool:
        """Whether the law controls who may have it."""
        return self.schedule is not None

    @property
    def listed(self) -> bool:
        """Whether it is on the list of medicines that need more care from afar (RXC-04)."""
        return self.higher_risk or self.liable

    @property
    def liable(self) -> bool:
        """Whether it is controlled or liable to misuse (RXU-08)."""
        return self.controlled or self.misuse_liable

    def same_medicine(self, other: "Item") -> bool:
        """Whether the other is of the same medicine, whatever its strength."""
        return self.medicine.strip().casefold() == other.medicine.strip().casefold()
