"""What prescribing needs from outside."""

from typing import Protocol

from telehealth_core.access.ports import Collection
from telehealth_core.prescribing.prescription import Prescription
from telehealth_core.records.ports import RecordsWork
from telehealth_core.shared.ids import PatientId, PrescriptionId


class Prescriptions(Collection[PrescriptionId, Prescription], Protocol):
    """The practice's prescriptions."""

    def of_patient(self, patient_id: PatientId, /) -> tuple[Prescription, ...]:
        """The patient's prescriptions, the newest first."""


class PrescribingWork(RecordsWork, Protocol):
    """What prescribing reads and saves."""

    @property
    def prescriptions(self) -> Prescriptions: ...
