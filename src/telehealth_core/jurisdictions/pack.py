"""The shape of a jurisdiction pack, and the packs by code."""

from datetime import date
from enum import StrEnum

import attrs

from telehealth_core.jurisdictions.ages import AgeBand, Guardians, OwnConsent, completed_years
from telehealth_core.jurisdictions.numbers import NumberRule
from telehealth_core.jurisdictions.profession import Profession


class Licensing(StrEnum):
    """What makes a provider allowed to treat a patient who is at a given place."""

    BY_REGISTER = "by-register"
    """One live registration with the profession's national register, wherever in the country the
    patient is.
    """
    BY_REGION = "by-region"
    """A live licence of the very region (state) that the patient's body is in (TEL-02)."""


class Entitlement(StrEnum):
    """What an entry in a register entitles to."""

    PRACTICE = "practice"
    """To treat patients."""
    CONTROLLED_MEDICINES = "controlled-medicines"
    """To prescribe controlled medicines, to whoever may treat patients and prescribe already."""


@attrs.frozen(kw_only=True)
class Register:
    """One register that the pack knows: who keeps it, for which professions, how its numbers are
    written, and whether whoever is in it may ever hold the prescriber's right (PRO-02).
    """

    regulator: str
    name: str
    professions: frozenset[Profession]
    number: NumberRule | None
    prescribes: bool
    entitles: Entitlement = Entitlement.PRACTICE


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
"""What a reviewer looks at, where a country has no list of its own."""


@attrs.frozen(kw_only=True)
class Jurisdiction:
    """One country's differences.

    `country` is ISO 3166-1 alpha-2; a patient's location is written `US-NY` (ISO 3166-2) or `GB`.
    `regions` are those that give licences of their own; none where a register suffices.
    `week_starts_on` is an ISO weekday: Monday is 1, Sunday 7.
    """

    code: str
    country: str
    language: str
    currency: str
    week_starts_on: int
    age_of_majority: int
    licensing: Licensing
    regions: frozenset[str]
    registers: tuple[Register, ...]
    certifying: frozenset[Profession]
    emergency_number: str
    crisis_number: str
    sick_note_title: str
    statutory_note_title: str | None
    """What a sick note is called by whoever is entitled to issue the statutory one (FIT-01); None
    where there is no such thing.
    """
    cooling_off_days: int
    age_bands: tuple[AgeBand, ...]
    """From birth on, each up to the next."""
    identity_checklist: tuple[ChecklistItem, ...]
    psychotherapy_notes_apart: bool
    """Whether the law knows notes of a therapist that are not part of the record (ACC-08)."""
    asks_gp_sharing: bool
    """Whether each episode asks if the patient's general practitioner may be told (CON-03)."""

    def licence_region(self, location: str) -> str | None:
        """The region whose licence is needed for a patient at this location; None where a register
        suffices.
        """
        return location if self.licensing is Licensing.BY_REGION else None

    def covers(self, location: str) -> bool:
        """Whether the location lies in this country (TEL-03)."""
        return location.partition("-")[0] == self.country

    def register(self, regulator: str, profession: Profession) -> Register | None:
        """The register that this regulator keeps for that profession, where the pack knows it."""
        return next(
            (
                one
                for one in self.registers
                if one.regulator == regulator and profession in one.professions
            ),
            None,
        )

    def listed_as(self, regulator: str) -> str | None:
        """The code under which the pack knows this regulator, however its name or its code is
        written.
        """
        wanted = _letters(regulator)
        return next(
            (
                one.regulator
                for one in self.registers
                if wanted in {_letters(one.regulator), _letters(one.name)}
            ),
            None,
        )

    def never_prescribes(self, profession: Profession) -> bool:
        """Whether every register that the pack knows for the profession excludes the prescriber's
        right; a profession that no register of the pack is for is not excluded (PRO-02).
        """
        own = [one for one in self.registers if profession in one.professions]
        return bool(own) and not any(one.prescribes for one in own)

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


def _letters(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())
