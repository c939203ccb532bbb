"""Prescriptions, letters and programs in memory."""

from datetime import date

from telehealth_core.letters.letter import Letter
from telehealth_core.prescribing.life import PrescriptionStatus
from telehealth_core.prescribing.prescription import Prescription
from telehealth_core.testing.memory.collection import OfPatient
from telehealth_core.treatment.program import TreatmentProgram

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


class Programs(OfPatient[TreatmentProgram]):
    """Treatment programs."""

    since = "entered_at"
