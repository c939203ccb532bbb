"""What registration needs from outside."""

from datetime import datetime
from typing import Protocol

from telehealth_core.access.ports import AccessWork, Collection
from telehealth_core.practice.ports import PracticeWork
from telehealth_core.registration.assessment import CompetenceAssessment
from telehealth_core.registration.consent import Consent
from telehealth_core.registration.document import CleanImage, Document
from telehealth_core.registration.duplicate import DuplicateSuspicion, SuspicionStatus
from telehealth_core.registration.identity_check import IdentityCheck, IdentityStatus
from telehealth_core.registration.patient import Patient
from telehealth_core.shared.ids import (
    AssessmentId,
    ConsentId,
    DocumentId,
    IdentityCheckId,
    PartnerId,
    PatientId,
    PracticeId,
    ProviderId,
    SuspicionId,
)


class Patients(Collection[PatientId, Patient], Protocol):
    """The practice's patients."""

    def dependants_of(self, guardian: PatientId, /) -> tuple[Patient, ...]:
        """The patients with a guardianship, live or not, of this guardian; by registration."""

    def followed_by(self, partner_id: PartnerId, /) -> tuple[Patient, ...]:
        """The patients tied to this partner, live or not; by registration."""

    def page(self, *, after: PatientId | None, limit: int) -> tuple[Patient, ...]:
        """The practice's patients in the order of their ids, after that one."""

    def matching(self, keys: frozenset[str], /, *, limit: int) -> tuple[Patient, ...]:
        """The patients who share any of these keys; by registration (IDV-03)."""


class IdentityChecks(Collection[IdentityCheckId, IdentityCheck], Protocol):
    """The practice's identity checks."""

    def in_status(self, status: IdentityStatus, /, *, limit: int) -> tuple[IdentityCheck, ...]:
        """Those in that state, the oldest submission first: the reviewer's queue."""

    def lapsed(self, at: datetime, /, *, limit: int) -> tuple[IdentityCheck, ...]:
        """The approved ones that have run out by then, the longest first."""

    def with_images(self, decided_before: datetime, /, *, limit: int) -> tuple[IdentityCheck, ...]:
        """The decided ones that were decided before then and still have pictures, the longest
        first.
        """


class Consents(Collection[ConsentId, Consent], Protocol):
    """What patients agreed to and refused."""

    def of_patient(self, patient_id: PatientId, /) -> tuple[Consent, ...]:
        """Every answer for the patient, the newest first."""


class Assessments(Collection[AssessmentId, CompetenceAssessment], Protocol):
    """What clinicians found of young patients."""

    def of_patient(self, patient_id: PatientId, /) -> tuple[CompetenceAssessment, ...]:
        """Every assessment of the patient, the newest first."""


class DuplicateSuspicions(Collection[SuspicionId, DuplicateSuspicion], Protocol):
    """Records that may be one person's."""

    def in_status(
        self, status: SuspicionStatus, /, *, limit: int
    ) -> tuple[DuplicateSuspicion, ...]:
        """Those in that state, the oldest first."""


class DocumentRows(Collection[DocumentId, Document], Protocol):
    """What is known of each file, without its bytes."""


class CareRelations(Protocol):
    """Who treats whom, and who may follow at all."""

    def treats(self, provider_id: ProviderId, patient_id: PatientId, /) -> bool:
        """Whether this provider gives, or gave, this patient an approved visit or a program."""

    def may_follow(self, partner_id: PartnerId, /) -> bool:
        """Whether this partner organisation may follow patients at present: not while suspended."""


class RegistrationWork(AccessWork, PracticeWork, Protocol):
    """What registration reads and saves."""

    @property
    def patients(self) -> Patients: ...
    @property
    def identity_checks(self) -> IdentityChecks: ...
    @property
    def consents(self) -> Consents: ...
    @property
    def assessments(self) -> Assessments: ...
    @property
    def suspicions(self) -> DuplicateSuspicions: ...
    @property
    def care(self) -> CareRelations: ...
    @property
    def documents(self) -> DocumentRows: ...


class Documents(Protocol):
    """Keeps the bytes of documents (F68). Putting the same id and bytes again changes nothing."""

    def put(
        self, practice_id: PracticeId, patient_id: PatientId, id: DocumentId, content: bytes, /
    ) -> None:
        """Keep these bytes under this id; when it returns they are safe."""

    def get(self, practice_id: PracticeId, patient_id: PatientId, id: DocumentId, /) -> bytes:
        """The bytes kept under this id.

        Raises: Unknown("document").
        """

    def delete(self, practice_id: PracticeId, patient_id: PatientId, id: DocumentId, /) -> None:
        """Keep these bytes no longer; when it returns they are gone. Deleting again changes nothing
        (IDV-05).
        """


class Images(Protocol):
    """Reads pictures that people send and encodes them anew."""

    def clean(self, content: bytes, /) -> CleanImage:
        """The picture, upright, without metadata, as JPEG; within sensible pixel and byte limits.

        Raises: UnreadableImage.
        """
