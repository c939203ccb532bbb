"""What letters need from outside."""

from typing import Protocol

from telehealth_core.access.ports import Collection
from telehealth_core.letters.letter import Letter
from telehealth_core.letters.page import LetterPage
from telehealth_core.prescribing.ports import PrescribingWork
from telehealth_core.shared.ids import LetterId, PatientId


class LetterRows(Collection[LetterId, Letter], Protocol):
    """The practice's letters."""

    def of_patient(self, patient_id: PatientId, /) -> tuple[Letter, ...]:
        """The patient's letters, the newest first."""


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
