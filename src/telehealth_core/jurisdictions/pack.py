"""The shape of a jurisdiction pack, and the packs by code."""

from enum import StrEnum

import attrs


class Licensing(StrEnum):
    """What makes a provider allowed to treat a patient who is at a given place."""

    BY_REGISTER = "by-register"
    """One live registration with the profession's national register, wherever in the country the
    patient is.
    """
    BY_REGION = "by-region"
    """A live licence of the very region (state) that the patient's body is in (TEL-02)."""


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
    statutory_note_title: str | None = None
    """What a sick note is called by whoever is entitled to issue the statutory one (FIT-01)."""
    psychotherapy_notes_apart: bool = False
    """Whether the law knows notes of a therapist that are not part of the record (ACC-08)."""
    consents_alone_from_years: int = 18
    """From which age a patient can agree to care without a guardian and without an assessment
    (CHD-03)."""
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
