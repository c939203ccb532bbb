"""Documents: files that belong to one patient's record. The row says what it is; the bytes lie in
the document store.
"""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import attrs

from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import DocumentId, PatientId, PracticeId, UserId
from telehealth_core.shared.refusal import Refusal

IMAGE_BYTES_MOST = 15_000_000
"""The largest picture taken in: a phone's photo fits, a disk image does not (API-02)."""


class DocumentKind(StrEnum):
    """What a document is for."""

    IDENTITY = "identity"
    """A photo of a passport, driving licence or the like (F03)."""
    SELFIE = "selfie"
    GUARDIANSHIP = "guardianship"
    """What shows a guardian's authority (CHD-02)."""
    REASON = "reason"
    """A photo of what the appointment is about (F21)."""
    LETTER = "letter"


class DocumentFiled(Event):
    """A file was added to a patient's record."""


@attrs.frozen
class UnreadableImage(Refusal):
    """The bytes are no picture that we take: JPEG, PNG or HEIC of sensible size (UPL-01)."""

    code: ClassVar[str] = "unreadable-image"
    says: ClassVar[str] = (
        "This is no picture we can read: {reason}. Send a JPEG, PNG or HEIC photo."
    )

    reason: str


@attrs.frozen(kw_only=True)
class CleanImage:
    """A picture encoded anew, upright, without metadata (F03, UPL-02)."""

    content: bytes = attrs.field(repr=False)
    media_type: str
    width: int
    height: int


@attrs.frozen(kw_only=True)
class Document:
    """One file of a patient's record, never changed once filed."""

    id: DocumentId
    practice_id: PracticeId
    version: int = 1
    patient_id: PatientId
    kind: DocumentKind
    media_type: str
    size_bytes: int
    sha256: str
    filed_at: datetime

    def filed(self, *, by: UserId) -> DocumentFiled:
        """The event that a document begins with."""
        return DocumentFiled(self.id, self.version, by, self.filed_at)
