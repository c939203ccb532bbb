"""Prescriptions, letters and programs on PostgreSQL."""

from datetime import date, datetime

import sqlalchemy as sa

from telehealth_core.letters.letter import Letter
from telehealth_core.prescribing.life import PrescriptionStatus
from telehealth_core.prescribing.prescription import Prescription
from telehealth_core.shared.ids import (
    PatientId,
)
from telehealth_core.treatment.medication import Medication
from telehealth_core.treatment.program import TreatmentProgram
from telehealth_core.treatment.questionnaire import Questionnaire
from telehealth_postgres.collections.collection import (
    PostgresCollection,
    all_of,
    given,
    of_patient,
)
from telehealth_postgres.statements import Statement
from telehealth_postgres.tables import (
    LETTERS,
    MEDICATIONS,
    PRESCRIPTIONS,
    PROGRAMS,
    QUESTIONNAIRES,
)

_OPEN = (PrescriptionStatus.ACTIVE, PrescriptionStatus.SENT)


class PostgresPrescriptions(PostgresCollection[Prescription]):
    """The practice's prescriptions."""

    _OF_PATIENT = of_patient(PRESCRIPTIONS, "drafted_at")
    _BY_CLAIM = Statement.of(
        all_of(PRESCRIPTIONS, PRESCRIPTIONS.c.claim_sha256 == given("sha256", sa.Text()))
    )
    _LAPSED = Statement.of(
        all_of(
            PRESCRIPTIONS,
            PRESCRIPTIONS.c.status.in_([sa.literal_column(f"'{one}'") for one in _OPEN]),
            PRESCRIPTIONS.c.valid_until < given("today", sa.Date()),
        )
        .order_by(PRESCRIPTIONS.c.valid_until, PRESCRIPTIONS.c.id)
        .limit(given("most", sa.Integer()))
    )
    _TO_REVIEW = Statement.of(
        all_of(PRESCRIPTIONS, PRESCRIPTIONS.c.review_needed, PRESCRIPTIONS.c.review.is_(sa.null()))
        .order_by(PRESCRIPTIONS.c.drafted_at, PRESCRIPTIONS.c.id)
        .limit(given("most", sa.Integer()))
    )

    def of_patient(self, patient_id: PatientId) -> tuple[Prescription, ...]:
        """The patient's prescriptions, the newest first."""
        return self.several(self._OF_PATIENT, patient_id=patient_id)

    def by_claim(self, sha256: str) -> Prescription | None:
        """The prescription whose claim token has this hash."""
        return self.first(self._BY_CLAIM, sha256=sha256)

    def lapsed(self, today: date, *, limit: int) -> tuple[Prescription, ...]:
        """Signed or sent ones whose last day is before today, by last day."""
        return self.several(self._LAPSED, today=today, most=limit)

    def to_review(self, *, limit: int) -> tuple[Prescription, ...]:
        """Those made by way of exception that nobody looked at yet, the oldest first."""
        return self.several(self._TO_REVIEW, most=limit)


class PostgresLetters(PostgresCollection[Letter]):
    """The practice's letters."""

    _OF_PATIENT = of_patient(LETTERS, "drafted_at")
    _UNANSWERED = Statement.of(
        all_of(
            LETTERS,
            LETTERS.c.kind == sa.literal_column("'referral'"),
            LETTERS.c.status.in_([sa.literal_column("'issued'"), sa.literal_column("'delivered'")]),
            LETTERS.c.acknowledged_at.is_(sa.null()),
            LETTERS.c.issued_at
            <= sa.case(
                (
                    LETTERS.c.urgency == sa.literal_column("'urgent'"),
                    given("urgent_before", sa.DateTime(timezone=True)),
                ),
                else_=given("routine_before", sa.DateTime(timezone=True)),
            ),
        )
        .order_by(LETTERS.c.issued_at, LETTERS.c.id)
        .limit(given("most", sa.Integer()))
    )

    def of_patient(self, patient_id: PatientId) -> tuple[Letter, ...]:
        """The patient's letters, the newest first."""
        return self.several(self._OF_PATIENT, patient_id=patient_id)

    def unanswered(
        self, *, routine_before: datetime, urgent_before: datetime, limit: int
    ) -> tuple[Letter, ...]:
        """Referral letters that are out and that nobody acknowledged in time, the oldest first."""
        return self.several(
            self._UNANSWERED,
            routine_before=routine_before,
            urgent_before=urgent_before,
            most=limit,
        )


class PostgresPrograms(PostgresCollection[TreatmentProgram]):
    """The practice's treatment programs."""

    _OF_PATIENT = of_patient(PROGRAMS, "entered_at")

    def of_patient(self, patient_id: PatientId) -> tuple[TreatmentProgram, ...]:
        """The patient's programs, the newest first."""
        return self.several(self._OF_PATIENT, patient_id=patient_id)


class PostgresMedications(PostgresCollection[Medication]):
    """What patients take."""

    _OF_PATIENT = of_patient(MEDICATIONS, "listed_at")

    def of_patient(self, patient_id: PatientId) -> tuple[Medication, ...]:
        """The patient's list, the newest first."""
        return self.several(self._OF_PATIENT, patient_id=patient_id)


class PostgresQuestionnaires(PostgresCollection[Questionnaire]):
    """What patients answered."""

    _OF_PATIENT = of_patient(QUESTIONNAIRES, "answered_at")
    _ALARMING = Statement.of(
        all_of(QUESTIONNAIRES, QUESTIONNAIRES.c.alarm, QUESTIONNAIRES.c.seen_at.is_(None))
        .order_by(QUESTIONNAIRES.c.answered_at, QUESTIONNAIRES.c.id)
        .limit(given("limit", sa.Integer()))
    )

    def of_patient(self, patient_id: PatientId) -> tuple[Questionnaire, ...]:
        """The patient's questionnaires, the newest first."""
        return self.several(self._OF_PATIENT, patient_id=patient_id)

    def alarming(self, *, limit: int) -> tuple[Questionnaire, ...]:
        """Alarming answers that nobody has seen yet, the oldest first."""
        return self.several(self._ALARMING, limit=limit)
