"""What letters need from outside."""

from datetime import datetime
from typing import Protocol

from telehealth_core.access.ports import Collection
from telehealth_core.letters.letter import Letter
from telehealth_core.letters.page import LetterPage
from telehealth_core.prescribing.ports import PrescribingWork
from telehealth_core.shared.ids import EventId, LetterId, PatientId, PracticeId


class LetterRows(Collection[LetterId, Letter], Protocol):
    """The practice's letters."""

    def of_patient(self, patient_id: PatientId, /) -> tuple[Letter, ...]:
        """The patient's letters, the newest first."""

    def unanswered(
        self, *, routine_before: datetime, urgent_before: datetime, limit: int
    ) -> tuple[Letter, ...]:
        """Referral letters that are out, were issued at that instant or before, by urgency, and
        that nobody acknowledged; the oldest first.
        """


class LettersWork(PrescribingWork, Protocol):
    """What letters read and save."""

    @property
    def letters(self) -> LetterRows: ...


class Letters(Protocol):
    """Sets letters as PDF: the same page always gives the same bytes, so that their hash proves
    them (MSG-08).
    """

    def render(self, page: LetterPage, /) -> bytes:
        """The page as PDF."""


class Attachments(Protocol):
    """Sends documents to people who asked for them by e-mail, knowing the risk (MSG-02)."""

    def attach(self, practice_id: PracticeId, email: str, content: bytes, key: EventId, /) -> None:
        """Send the PDF once for each key, under a neutral subject and file name.

        Raises: Unavailable.
        """
