"""Psychotherapy notes: a therapist's own thoughts on a conversation, kept apart from the record and
read by nobody else, not in an emergency either (ACC-07, ACC-08).
"""

from datetime import datetime
from typing import ClassVar

import attrs

from telehealth_core.jurisdictions import Jurisdiction
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import (
    AppointmentId,
    NoteId,
    PatientId,
    PracticeId,
    ProviderId,
    UserId,
)
from telehealth_core.shared.phi import phi
from telehealth_core.shared.refusal import Refusal
from telehealth_core.shared.text import prose


class PsychotherapyNoteWritten(Event):
    """A therapist wrote down thoughts of their own."""


class NotKeptApart(Refusal):
    """Under the law of this practice a patient may read whatever is written about them; nothing is
    kept apart (ACC-08).
    """

    code: ClassVar[str] = "not-kept-apart"
    says: ClassVar[str] = "This practice keeps no notes apart from the record."


@attrs.frozen(kw_only=True)
class PsychotherapyNote:
    """One such note, never changed; a later thought is another note.

    It has no field for medicines, times, tests, diagnoses or plans: those belong to the visit's
    note, which is part of the record.
    """

    id: NoteId
    practice_id: PracticeId
    version: int = 1
    appointment_id: AppointmentId
    patient_id: PatientId
    provider_id: ProviderId
    author: UserId
    text: str = phi(validator=prose(20_000))
    written_at: datetime

    def written(self) -> PsychotherapyNoteWritten:
        """The event that it begins, and stays, with."""
        return PsychotherapyNoteWritten(self.id, self.version, self.author, self.written_at)


def require_kept_apart(jurisdiction: Jurisdiction) -> None:
    """Refuse where the law knows no such notes.

    Raises: NotKeptApart.
    """
    if not jurisdiction.psychotherapy_notes_apart:
        raise NotKeptApart
