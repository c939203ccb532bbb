"""Assessment: whether a young patient can agree to treatment alone, found by a clinician for one
visit and no other (Gillick, CHD-03).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

import attrs

from telehealth_core.jurisdictions.ages import AgeBand, OwnConsent
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import (
    AppointmentId,
    AssessmentId,
    PatientId,
    PracticeId,
    ProviderId,
    UserId,
)
from telehealth_core.shared.phi import phi
from telehealth_core.shared.text import prose


class CompetenceAssessed(Event):
    """A clinician found whether a young patient can agree alone."""


@attrs.frozen(kw_only=True)
class CompetenceAssessment:
    """What a clinician found for one visit, with the reason; never changed."""

    id: AssessmentId
    practice_id: PracticeId
    version: int = 1
    patient_id: PatientId
    appointment_id: AppointmentId
    provider_id: ProviderId
    competent: bool
    reason: str = phi(validator=prose(4000))
    at: datetime

    @classmethod
    def record(cls, *, by: UserId, **fields: Any) -> tuple[Self, CompetenceAssessed]:
        """A new assessment; see the class for the fields.

        Raises: Invalid without a reason.
        """
        found = cls(**fields)
        return found, CompetenceAssessed(found.id, found.version, by, found.at)


def may_consent_alone(
    band: AgeBand, assessments: Iterable[CompetenceAssessment], appointment_id: AppointmentId
) -> bool:
    """Whether a patient of this age band can agree to this visit's treatment without a guardian.

    Where that takes an assessment, the newest one of this very visit counts (CHD-03).
    """
    if band.consents_alone is not OwnConsent.IF_ASSESSED:
        return band.consents_alone is OwnConsent.YES
    of_visit = (one for one in assessments if one.appointment_id == appointment_id)
    newest = max(of_visit, key=lambda one: (one.at, one.id), default=None)
    return newest is not None and newest.competent
