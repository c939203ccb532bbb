"""Prescriptions, letters and programs in memory."""

from datetime import date, datetime

from telehealth_core.letters.content import LetterKind, Urgency
from telehealth_core.letters.letter import Letter
from telehealth_core.letters.life import LetterStatus
from telehealth_core.prescribing.life import PrescriptionStatus
from telehealth_core.prescribing.prescription import Prescription
from telehealth_core.testing.memory.collection import OfPatient
from telehealth_core.treatment.medication import Medication
from telehealth_core.treatment.program import TreatmentProgram
from telehealth_core.treatment.questionnaire import Questionnaire

_OPEN = frozenset({PrescriptionStatus.ACTIVE, PrescriptionStatus.SENT})


class Prescriptions(OfPatient[Prescription]):
    """Prescriptions."""

    since = "drafted_at"

    def by_claim(self, sha256: str) -> Prescription | None:
        return next(iter(self.where(lambda one: one.claim_sha256 == sha256)), None)

    def lapsed(self, today: date, *, limit: int) -> tuple[Prescription, ...]:
        found = self.where(lambda one: one.status in _OPEN and (one.valid_until or today) < today)
        return tuple(sorted(found, key=lambda one: (one.valid_until or today, one.id))[:limit])

    def to_review(self, *, limit: int) -> tuple[Prescription, ...]:
        found = self.where(lambda one: one.review_needed and one.review is None)
        return tuple(sorted(found, key=lambda one: (one.drafted_at, one.id))[:limit])


class Letters(OfPatient[Letter]):
    """Letters."""

    since = "drafted_at"

    def unanswered(
        self, *, routine_before: datetime, urgent_before: datetime, limit: int
    ) -> tuple[Letter, ...]:
        def waits(one: Letter) -> bool:
            before = urgent_before if one.urgency is Urgency.URGENT else routine_before
            out = one.status in {LetterStatus.ISSUED, LetterStatus.DELIVERED}
            told = one.kind is not LetterKind.REFERRAL or one.acknowledged_at is not None
            return out and not told and one.issued_at is not None and one.issued_at <= before

        found = self.where(waits)
        return tuple(
            sorted(found, key=lambda one: (one.issued_at or routine_before, one.id))[:limit]
        )


class Programs(OfPatient[TreatmentProgram]):
    """Treatment programs."""

    since = "entered_at"


class Medications(OfPatient[Medication]):
    """What patients take."""

    since = "listed_at"


class Questionnaires(OfPatient[Questionnaire]):
    """What patients answered."""

    since = "answered_at"

    def alarming(self, *, limit: int) -> tuple[Questionnaire, ...]:
        found = self.where(lambda one: one.alarm and one.seen_at is None)
        return tuple(sorted(found, key=lambda one: (one.answered_at, one.id))[:limit])
