"""The shape of a jurisdiction pack, and the packs by code."""

from enum import StrEnum

import attrs

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
    cooling_off_days: int

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


def _letters(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())
