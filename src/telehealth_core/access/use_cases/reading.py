"""Reading lists: whoever is shown a list has read of everybody who is in it (N06, AUD-01)."""

from typing import Protocol, TypeVar
from uuid import UUID

from telehealth_core.access.policy import Action
from telehealth_core.access.ports import Work
from telehealth_core.shared.ids import PatientId


class OfPatient(Protocol):
    """Something of one patient's record."""

    @property
    def id(self) -> UUID:
        """Which thing."""

    @property
    def patient_id(self) -> PatientId:
        """Whose."""


T = TypeVar("T", bound=OfPatient)


def shown(work: Work, action: Action, found: tuple[T, ...]) -> tuple[T, ...]:
    """The list, with an audit entry for each patient's thing in it."""
    for one in found:
        work.read(action, one.patient_id, one.id)
    return found
