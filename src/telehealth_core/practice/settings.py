"""Settings: every parameter that a practice's rules run by, bounded, and every version of them
(F30).
"""

from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any, Self

import attrs

from telehealth_core.practice.consent_text import CONSENT_TEXTS, ConsentPurpose, ConsentText
from telehealth_core.practice.pre_screening import Question, one_form
from telehealth_core.shared.ids import PracticeId, SettingsId, UserId, derived
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.money import BASIS_POINTS
from telehealth_core.shared.refusal import Invalid


class Charging(StrEnum):
    """When a visit's price is taken."""

    AT_BOOKING = "at-booking"
    """As the last step of booking (F44)."""
    ON_COMPLETION = "on-completion"
    """After the provider confirmed that the visit took place (F45)."""


class Approval(StrEnum):
    """Who lets a requested appointment take place (F25)."""

    AUTOMATIC = "automatic"
    """The checks alone, if every one passes."""
    LIAISON = "liaison"
    """A liaison, who sees the checks."""


@attrs.frozen
class Parameter:
    """What one number of the settings means: its bounds, in words, and the feature or rule that it
    is for.
    """

    says: str
    source: str
    least: int
    most: int


_PARAMETER = "parameter"


def _number(default: int, least: int, most: int, says: str, source: str) -> Any:
    def check(_: object, attribute: Any, value: int) -> None:
        if not least <= value <= most:
            raise Invalid(attribute.name, f"between {least} and {most}")

    parameter = Parameter(says, source, least, most)
    return attrs.field(default=default, validator=check, metadata={_PARAMETER: parameter})


@attrs.frozen(kw_only=True)
class Settings:
    """Every parameter of the practice's rules (F30). Units are in the names.

    Changing any makes the next version; a visit keeps the version it was booked under.
    """

    version: int = 1
    charging: Charging
    approval: Approval
    lead_minutes: int = _number(
        0, 0, 7 * 24 * 60, "How long before its start a visit can last be booked.", "F18"
    )
    horizon_days: int = _number(60, 1, 366, "How far ahead visits can be booked.", "F30")
    buffer_minutes: int = _number(
        0, 0, 120, "Kept free after each visit; part of the time it occupies.", "F30"
    )
    hold_minutes: int = _number(
        10, 1, 60, "How long a picked time is kept for whoever picked it.", "N02"
    )
    holds_most: int = _number(3, 1, 20, "Live holds one account may have.", "API-03")
    visits_ahead_most: int = _number(
        20, 1, 400, "Visits one patient may have ahead, held and requested ones included.", "F25"
    )
    visits_a_day_most: int = _number(
        3, 1, 20, "Visits one patient may have on one day of the practice.", "F25"
    )
    series_most: int = _number(26, 2, 104, "Visits that can be booked as one series.", "N10")
    offer_minutes: int = _number(
        30, 5, 24 * 60, "How long a freed time is offered to who waits for it.", "N09"
    )
    free_cancel_hours: int = _number(
        24,
        0,
        14 * 24,
        "How long before its start a visit is cancelled for nothing.",
        "N17",
    )
    late_cancel_fee_bp: int = _number(
        0, 0, BASIS_POINTS, "Share of the price that a later cancellation costs.", "N17 PAY-04"
    )
    noshow_fee_bp: int = _number(
        0, 0, BASIS_POINTS, "Share of the price that a visit costs to which nobody came.", "N17"
    )
    noshow_after_minutes: int = _number(
        15, 5, 120, "How long after its start a patient who has not come is a no-show.", "N17"
    )
    collect_attempts_most: int = _number(
        4, 1, 10, "How often a declined payment is tried in all.", "F45"
    )
    collect_retry_hours: int = _number(
        72, 1, 30 * 24, "How long to wait before a declined payment is tried again.", "F45"
    )
    join_early_minutes: int = _number(
        15, 0, 60, "How long before its start a visit can be joined.", "TEL-07"
    )
    join_late_minutes: int = _number(
        60, 0, 240, "How long after its end a visit can still be joined.", "TEL-07"
    )
    identity_valid_days: int = _number(
        730, 1, 3660, "How long an approved identity check counts.", "F07"
    )
    identity_images_days: int = _number(
        30, 1, 730, "How long the pictures of a decided identity check are kept.", "IDV-05"
    )
    register_check_days: int = _number(
        365, 1, 730, "How old the last look at a provider's register entry may be.", "PRO-01"
    )
    partner_consent_days_most: int = _number(
        730, 1, 1825, "The longest a patient can let a partner follow at once.", "F51"
    )
    acknowledge_days: int = _number(
        14, 1, 90, "How long a referral letter may stay without an acknowledgement.", "REF-01"
    )
    acknowledge_urgent_days: int = _number(
        2, 1, 14, "The same for an urgent referral letter.", "REF-01"
    )
    step_up_minutes: int = _number(5, 1, 5, "How fresh the proof of who signs must be.", "AUT-11")
    break_glass_minutes: int = _number(
        60, 5, 60, "How long access in an emergency lasts.", "N08 ACC-06"
    )
    break_glass_review_hours: int = _number(
        72, 1, 14 * 24, "How soon somebody else has to review such an access.", "ACC-06"
    )
    refresh_stale_minutes: int = _number(
        15, 1, 24 * 60, "From what age on an outside record is pulled again before a visit.", "F57"
    )

    pre_screening: tuple[Question, ...] = attrs.field(default=(), validator=one_form)
    """What patients are asked before a visit (F20)."""
    statutory_notes: bool = False
    """Whether the practice recorded that its clinicians are entitled to issue the statutory sick
    note; without that no note reads like one (FIT-01).
    """
    consent_texts: tuple[ConsentText, ...] = attrs.field(default=CONSENT_TEXTS)
    """What patients are asked to agree to; another text asks anew (CON-01)."""

    @consent_texts.validator
    def _one_text_each(self, attribute: Any, texts: tuple[ConsentText, ...]) -> None:
        if len({(text.purpose, text.region) for text in texts}) < len(texts):
            raise Invalid(attribute.name, "one text for each purpose and region")

    def consent_text(
        self, purpose: ConsentPurpose, region: str | None = None
    ) -> ConsentText | None:
        """What is asked for this purpose of a patient who is there: the region's own text, or else
        the one for everywhere (CON-04).
        """
        found = {text.region: text for text in self.consent_texts if text.purpose is purpose}
        return found.get(region) or found.get(None)

    records_poll_minutes: int = _number(
        15, 5, 24 * 60, "How often an outside record system is asked what changed.", "F56"
    )

    def occupied_by(self, visit: Interval) -> Interval:
        """The time a visit takes from others: itself and the buffer after it."""
        return visit.widened(before=timedelta(), after=self.buffer)

    @cached_property
    def buffer(self) -> timedelta:
        """What is kept free after each visit."""
        return timedelta(minutes=self.buffer_minutes)

    @classmethod
    def parameters(cls) -> dict[str, tuple[int, Parameter]]:
        """Every number by its name, with its default and what it means."""
        return {
            field.name: (field.default, field.metadata[_PARAMETER])
            for field in attrs.fields(cls)
            if _PARAMETER in field.metadata
        }


@attrs.frozen(kw_only=True)
class SettingsVersion:
    """One version of a practice's settings, never changed: from when on they held, and by whom."""

    id: SettingsId
    practice_id: PracticeId
    version: int = 1
    settings: Settings
    by: UserId
    at: datetime

    @staticmethod
    def id_of(practice_id: PracticeId, number: int) -> SettingsId:
        """A practice has one of each number; the id follows."""
        return SettingsId(derived(practice_id, f"settings/{number}"))

    @classmethod
    def of(cls, practice_id: PracticeId, settings: Settings, *, by: UserId, at: datetime) -> Self:
        """What is kept of these settings."""
        id = cls.id_of(practice_id, settings.version)
        return cls(id=id, practice_id=practice_id, settings=settings, by=by, at=at)
