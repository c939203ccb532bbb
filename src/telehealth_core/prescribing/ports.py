"""What prescribing needs from outside."""

from datetime import date
from typing import Protocol

from telehealth_core.access.ports import Collection
from telehealth_core.prescribing.pharmacy import PrescriptionOrder
from telehealth_core.prescribing.prescription import Prescription
from telehealth_core.records.ports import RecordsWork
from telehealth_core.shared.ids import PatientId, PracticeId, PrescriptionId, ProviderId


class Prescriptions(Collection[PrescriptionId, Prescription], Protocol):
    """The practice's prescriptions."""

    def of_patient(self, patient_id: PatientId, /) -> tuple[Prescription, ...]:
        """The patient's prescriptions, the newest first."""

    def by_claim(self, sha256: str, /) -> Prescription | None:
        """The prescription whose claim token has this hash."""

    def lapsed(self, today: date, /, *, limit: int) -> tuple[Prescription, ...]:
        """Signed or sent ones whose last day is before today, by last day."""

    def to_review(self, *, limit: int) -> tuple[Prescription, ...]:
        """Those made by way of exception that nobody looked at yet, the oldest first."""


class PrescribingWork(RecordsWork, Protocol):
    """What prescribing reads and saves."""

    @property
    def prescriptions(self) -> Prescriptions: ...


class Signatures(Protocol):
    """Seals digests with a key of each prescriber (RXU-04).

    `own_keys` says that each key is its prescriber's alone, so that a seal is an advanced
    electronic signature; whatever cannot say so signs for the record, not for a pharmacy.
    """

    @property
    def own_keys(self) -> bool: ...

    def sign(self, provider_id: ProviderId, digest: bytes, /) -> bytes:
        """The seal of this provider's key on a SHA-256 digest.

        Raises: Unavailable.
        """

    def verify(self, provider_id: ProviderId, digest: bytes, seal: bytes, /) -> bool:
        """Whether this provider's key made the seal on exactly this digest."""


class Pharmacies(Protocol):
    """Brings prescriptions to pharmacies (RXU-04, RXU-11)."""

    def send(self, practice_id: PracticeId, order: PrescriptionOrder, /) -> None:
        """Bring the order to its pharmacy; the same key again is the same order.

        Raises: Unavailable.
        """

    def withdraw(self, practice_id: PracticeId, key: PrescriptionId, /) -> None:
        """Say that the order must not be dispensed; again, or for one never sent, changes nothing.

        Raises: Unavailable.
        """
