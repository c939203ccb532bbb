"""Seals for what lies outside of the database, under the keys that lie in it (UPL-05)."""

import attrs

from telehealth_core.access.actor import Actor
from telehealth_core.shared.ids import PatientId, PracticeId
from telehealth_postgres.sealing import place, version_of
from telehealth_postgres.store import PostgresStore


@attrs.frozen
class PostgresSeals:
    """Seals under a patient's own key, so that destroying it makes this unreadable too (N07)."""

    store: PostgresStore

    def seal(
        self, practice_id: PracticeId, patient_id: PatientId, name: str, content: bytes, /
    ) -> bytes:
        """The content, sealed for this patient and this name. Raises: Erased, Unavailable."""
        with self.store.work(Actor.system(practice_id)) as work:
            key = work.keys.sealing(patient_id)
        return key.seal(content, _place(practice_id, patient_id, name))

    def open(
        self, practice_id: PracticeId, patient_id: PatientId, name: str, sealed: bytes, /
    ) -> bytes:
        """The content again. Raises: Erased, KeyRefused, Unavailable."""
        with self.store.work(Actor.system(practice_id)) as work:
            key = work.keys.opening(patient_id, version_of(sealed))
        return key.open(sealed, _place(practice_id, patient_id, name))

    def former(self, practice_id: PracticeId, patient_id: PatientId, sealed: bytes, /) -> bool:
        """Whether it was sealed under a version that is not the present one. Raises: Erased."""
        with self.store.work(Actor.system(practice_id)) as work:
            return work.keys.sealing(patient_id).version != version_of(sealed)


def _place(practice_id: PracticeId, patient_id: PatientId, name: str) -> bytes:
    return place(practice_id, patient_id, patient_id) + name.encode()
