"""Accounts in memory."""

from typing import TYPE_CHECKING

from telehealth_core.access.account import Account, EmailTaken
from telehealth_core.shared.ids import (
    PatientId,
)
from telehealth_core.testing.memory.collection import MemoryCollection

if TYPE_CHECKING:
    from telehealth_core.testing.memory.store import MemoryStore


class Accounts(MemoryCollection[Account]):
    """Who can sign in."""

    def by_email(self, email: str) -> Account | None:
        return next(iter(self.where(lambda one: one.email == email.strip().lower())), None)

    def of_patient(self, patient_id: PatientId) -> Account | None:
        return next(iter(self.where(lambda one: one.patient_id == patient_id)), None)


def one_account_an_address(store: "MemoryStore", account: Account) -> None:
    """Refuse an address that another account has. Raises: EmailTaken."""
    for other in store.rows["accounts"].values():
        same = other.practice_id == account.practice_id and other.email == account.email
        if same and other.id != account.id:
            raise EmailTaken
