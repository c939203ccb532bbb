"""Feedback over HTTP: how good the connection of a visit was, and of all visits of a period."""

from datetime import datetime
from uuid import UUID

import attrs
from litestar.params import FromPath, JSONBody

from telehealth_core.consultation.attendance import Side
from telehealth_core.consultation.feedback import Feedback, Issue
from telehealth_core.shared.ids import AppointmentId
from telehealth_http.answers import IntervalAnswer, Items, listed, shown
from telehealth_http.bodies import as_in
from telehealth_http.requests import By, From, Until, period, reads, replaces


@attrs.frozen(kw_only=True)
class FeedbackBody:
    """How good the connection was, from 1 to 5, and what was wrong with it."""

    rating: int = as_in(Feedback, "rating")
    issues: frozenset[Issue] = frozenset()
    comment: str | None = as_in(Feedback, "comment", default=None, repr=False)


@attrs.frozen(kw_only=True)
class FeedbackAnswer:
    """What one participant said of the connection."""

    side: Side
    rating: int
    issues: tuple[Issue, ...]
    comment: str | None
    given_at: datetime


@attrs.frozen(kw_only=True)
class QualityAnswer:
    """How often each side gave each rating, and how often each issue was named."""

    period: IntervalAnswer
    patient: dict[str, int]
    provider: dict[str, int]
    issues: dict[str, int]
    complete: bool


@replaces("/v1/appointments/{id:uuid}/visit/feedback")
def give_feedback(caller: By, id: FromPath[UUID], data: JSONBody[FeedbackBody]) -> FeedbackAnswer:
    """Say how good the connection was; it can be said anew for a day (F34)."""
    feedback = caller.clinic.feedback.give(
        caller.actor,
        AppointmentId(id),
        rating=data.rating,
        issues=data.issues,
        comment=data.comment,
    )
    return shown(FeedbackAnswer, feedback)


@reads("/v1/appointments/{id:uuid}/visit/feedback")
def list_feedback(caller: By, id: FromPath[UUID]) -> Items[FeedbackAnswer]:
    """List what was said of a visit's connection, as far as it is the caller's to see (F34)."""
    return listed(FeedbackAnswer, caller.clinic.feedback.of_visit(caller.actor, AppointmentId(id)))


@reads("/v1/reports/connections")
def report_connections(caller: By, start: From = None, end: Until = None) -> QualityAnswer:
    """Sum up how good the connections of a period were (F34)."""
    summary = caller.clinic.feedback.summary(caller.actor, period(caller, start, end))
    counts = {
        side.value: {str(rating): often for rating, often in sorted(given.items())}
        for side, given in summary.ratings.items()
    }
    issues = {issue.value: often for issue, often in sorted(summary.issues.items())}
    return shown(QualityAnswer, summary, **counts, issues=issues)


ROUTES = (give_feedback, list_feedback, report_connections)
