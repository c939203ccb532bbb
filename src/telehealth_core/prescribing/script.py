"""The script: what a prescriber writes down before signing, and what they say about the case."""

from datetime import date
from enum import StrEnum
from typing import Any

import attrs

from telehealth_core.prescribing.item import Item, within
from telehealth_core.shared.refusal import Invalid
from telehealth_core.shared.text import line, prose


@attrs.frozen(kw_only=True, repr=False)
class Asked:
    """The answer to one question of the history: what there is, or expressly that none is known."""

    entries: tuple[str, ...] = attrs.field(
        default=(), validator=attrs.validators.deep_iterable(line(200))
    )
    none_known: bool = False

    def __attrs_post_init__(self) -> None:
        if bool(self.entries) == self.none_known or len(self.entries) > 50:
            raise Invalid("none_known", "either what there is, or that none is known (RXC-03)")


@attrs.frozen(kw_only=True, repr=False)
class MedicationHistory:
    """What the patient was asked in the visit; None is a question that was not asked (RXC-03).

    `other_sources` is what the patient gets from elsewhere: other prescribers, shops, the internet.
    """

    allergies: Asked | None = None
    current_medicines: Asked | None = None
    other_sources: Asked | None = None


class RecordException(StrEnum):
    """Why a medicine liable to misuse is prescribed without the patient's record, though nobody who
    has it can prescribe in time: the two reasons there are (RXU-08).
    """

    SERIOUS_HARM = "serious-harm"
    """To keep the patient from serious harm or a serious turn for the worse."""
    CONTINUITY = "continuity"
    """The patient is unexpectedly without their medicine for a limited time."""


@attrs.frozen(kw_only=True, repr=False)
class Circumstances:
    """What the prescriber says about the case, each where a rule asks for it.

    `record_seen`: the patient's record elsewhere was at hand (RXU-08). `over_thirty_days` and
    `without_gp` are reasons (RXU-07, RXU-09). `examined_on` is the day of the prescriber's own
    examination in person (RXS-02), `monitoring_checked_on` the day somebody asked the state's
    monitoring program (RXS-06).
    """

    record_seen: bool = False
    record_exception: RecordException | None = None
    over_thirty_days: str | None = attrs.field(
        default=None, validator=attrs.validators.optional(prose(500))
    )
    without_gp: str | None = attrs.field(
        default=None, validator=attrs.validators.optional(prose(500))
    )
    examined_on: date | None = None
    monitoring_checked_on: date | None = None


def _dispensings(script: object, attribute: Any, value: int | None) -> None:
    if value is not None:
        within(1, 24)(script, attribute, value)


@attrs.frozen(kw_only=True, repr=False)
class Script:
    """Everything that a prescriber writes before signing.

    `dispensings` is how often it may be dispensed in all, None for "repeatable" without a number
    (RXU-03). It is not dispensed before the day `not_before`.
    """

    items: tuple[Item, ...] = attrs.field()
    dispensings: int | None = attrs.field(default=1, validator=_dispensings)
    not_before: date | None = None
    history: MedicationHistory = MedicationHistory()
    circumstances: Circumstances = Circumstances()

    @items.validator
    def _items(self, _: object, value: tuple[Item, ...]) -> None:
        if not 1 <= len(value) <= 20:
            raise Invalid("items", "one to twenty")
