"""The shape of a jurisdiction pack, and the packs by code."""

from datetime import date
from enum import StrEnum

import attrs

from telehealth_core.jurisdictions.ages import AgeBand, Guardians, OwnConsent, completed_years


class Licensing(StrEnum):
    """What makes a provider allowed to treat a patient who is at a given place."""

    BY_REGISTER = "by-register"
    """One live registration with the profession's national register, wherever in the country the
    patient is.
    """
    BY_REGION = "by-region"
    """A live licence of the very region (state) that the patient's body is in (TEL-02)."""


@attrs.frozen
class ChecklistItem:
    """Something that whoever reviews an identity looks at, and finds to be so or not (IDV-02)."""

    code: str
    says: str


IDENTITY_CHECKLIST = (
    ChecklistItem("document-genuine", "The document looks genuine and unaltered."),
    ChecklistItem("document-valid", "The document is of a kind that is taken, and not expired."),
    ChecklistItem("face-matches", "The selfie shows the person on the document."),
    ChecklistItem("name-matches", "The name on the document is the profile's."),
    ChecklistItem("birth-date-matches", "The birth date on the document is the profile's."),
)
"""What a reviewer looks at, unless a country says otherwise."""


@attrs.frozen
class Jurisdiction:
    """One country's differences.

    `country` is ISO 3166-1 alpha-2; a patient's location is written `US-NY` (ISO 3166-2) or `GB`.
    """

    code: str
    country: str
    currency: str
    licensing: Licensing
    emergency_number: str
    crisis_number: str
    sick_note_title: str
    age_bands: tuple[AgeBand, ...]
    """From birth on, each up to the next."""
    identity_checklist: tuple[ChecklistItem, ...] = IDENTITY_CHECKLIST
    psychotherapy_notes_apart: bool = False
    """Whether the law knows notes of a therapist that are not part of the record (ACC-08)."""
    asks_gp_sharing: bool = False
    """Whether each episode asks if the patient's general practitioner may be told (CON-03)."""
    cooling_off_days: int = 0
    """For how many days after ordering a consumer can withdraw; 0 where there is no such right
    (PAY-03)."""

    def licence_region(self, location: str) -> str | None:
        """The region whose licence is needed for a patient at this location; None where a register
        suffices.
        """
        return location if self.licensing is Licensing.BY_REGION else None

    def covers(self, location: str) -> bool:
        """Whether the location lies in this country (TEL-03)."""
        return location.partition("-")[0] == self.country

    def age_band(self, birth_date: date, on: date) -> AgeBand:
        """The band that somebody is in on that local date; the unborn are in the first (CHD-01)."""
        years = max(completed_years(birth_date, on), 0)
        return next(band for band in reversed(self.age_bands) if band.least <= years)

    @property
    def adult_years(self) -> int:
        """The age at which nobody else decides any more (CHD-12)."""
        return next(band.least for band in self.age_bands if band.guardians is Guardians.NONE)

    @property
    def own_account_years(self) -> int:
        """The age from which one can have an account of one's own: that of agreeing alone
        (CHD-12).
        """
        bands = (band for band in self.age_bands if band.consents_alone is OwnConsent.YES)
        return next(band.least for band in bands)
