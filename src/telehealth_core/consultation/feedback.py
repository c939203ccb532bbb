"""Feedback: how good the connection was, as each participant says after the call (F34)."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Self

import attrs

from telehealth_core.consultation.attendance import Side
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import (
    AppointmentId,
    FeedbackId,
    PatientId,
    PracticeId,
    ProviderId,
    UserId,
    derived,
)
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.phi import phi
from telehealth_core.shared.refusal import Invalid, Refusal
from telehealth_core.shared.text import prose

EDITABLE = timedelta(days=1)
BEST = 5


class Issue(StrEnum):
    """What can be wrong with a connection."""

    NO_PICTURE = "no-picture"
    FROZEN_PICTURE = "frozen-picture"
    BLURRED_PICTURE = "blurred-picture"
    NO_SOUND = "no-sound"
    BROKEN_SOUND = "broken-sound"
    ECHO = "echo"
    DELAY = "delay"
    DROPPED = "dropped"
    COULD_NOT_JOIN = "could-not-join"
    DEVICE = "device"
    OTHER = "other"


class FeedbackGiven(Event):
    """A participant rated the connection."""


class FeedbackChanged(Event):
    """A participant rated it anew."""


@attrs.frozen
class FeedbackClosed(Refusal):
    """What was said about a connection can be changed for a day (F34)."""

    code: ClassVar[str] = "feedback-closed"
    says: ClassVar[str] = "This could be changed until {until:%Y-%m-%d %H:%M} UTC."

    until: datetime


@attrs.frozen(kw_only=True)
class Feedback:
    """What one participant says of the connection: from 1 (unusable) to 5, with what was wrong."""

    id: FeedbackId
    practice_id: PracticeId
    version: int = 1
    appointment_id: AppointmentId
    patient_id: PatientId
    provider_id: ProviderId
    by: UserId
    side: Side
    rating: int = attrs.field()
    issues: frozenset[Issue] = frozenset()
    comment: str | None = phi(default=None, validator=attrs.validators.optional(prose(2000)))
    given_at: datetime

    @rating.validator
    def _rating(self, _: object, value: int) -> None:
        if not 1 <= value <= BEST:
            raise Invalid("rating", f"between 1 and {BEST}")

    @staticmethod
    def id_of(appointment_id: AppointmentId, by: UserId) -> FeedbackId:
        """A participant says it once; the id follows."""
        return FeedbackId(derived(appointment_id, f"feedback/{by}"))

    @classmethod
    def give(cls, **fields: Any) -> tuple[Self, FeedbackGiven]:
        """New feedback; see the class for the fields.

        Raises: Invalid.
        """
        given = cls(**fields)
        return given, FeedbackGiven(given.id, given.version, given.by, given.given_at)

    def change(
        self, rating: int, issues: frozenset[Issue], comment: str | None, *, at: datetime
    ) -> tuple[Self, FeedbackChanged]:
        """Say it anew.

        Raises: FeedbackClosed a day later; Invalid.
        """
        if at >= self.given_at + EDITABLE:
            raise FeedbackClosed(self.given_at + EDITABLE)
        changed = attrs.evolve(
            self, version=self.version + 1, rating=rating, issues=issues, comment=comment
        )
        return changed, FeedbackChanged(self.id, changed.version, self.by, at)

    def without_comment(self) -> Self:
        """The same without the words of its own."""
        return attrs.evolve(self, comment=None)


@attrs.frozen
class QualitySummary:
    """What participants said of their connections in a period: how often each rating was given by
    each side, and how often each issue. `complete` is False where there were too many to count.
    """

    period: Interval
    ratings: Mapping[Side, Mapping[int, int]]
    issues: Mapping[Issue, int]
    complete: bool

    @classmethod
    def of(cls, period: Interval, said: Iterable[Feedback], *, complete: bool) -> Self:
        """The sums of these."""
        ratings: dict[Side, Counter[int]] = {side: Counter() for side in Side}
        issues: Counter[Issue] = Counter()
        for one in said:
            ratings[one.side][one.rating] += 1
            issues.update(one.issues)
        return cls(period, ratings, issues, complete)
