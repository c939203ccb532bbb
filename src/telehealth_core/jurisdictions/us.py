"""The United States of America."""

from telehealth_core.jurisdictions import numbers
from telehealth_core.jurisdictions.ages import AgeBand, Guardians, OwnConsent
from telehealth_core.jurisdictions.pack import (
    IDENTITY_CHECKLIST,
    Entitlement,
    Jurisdiction,
    Licensing,
    Register,
)
from telehealth_core.jurisdictions.profession import Profession

_PRESCRIBING = frozenset(
    {
        Profession.DOCTOR,
        Profession.PSYCHIATRIST,
        Profession.NURSE,
        Profession.PHARMACIST,
        Profession.PHYSICIAN_ASSOCIATE,
        Profession.PSYCHOLOGIST,
    }
)
"""Professions that some state lets prescribe; which, its own board says, and staff read there."""

US = Jurisdiction(
    code="us",
    country="US",
    language="en-US",
    currency="USD",
    week_starts_on=7,
    age_of_majority=18,
    licensing=Licensing.BY_REGION,
    regions=numbers.US_STATES,
    registers=(
        Register(
            regulator="DEA",
            name="Drug Enforcement Administration",
            professions=_PRESCRIBING,
            number=numbers.dea,
            prescribes=True,
            entitles=Entitlement.CONTROLLED_MEDICINES,
        ),
    ),
    certifying=frozenset(
        {
            Profession.DOCTOR,
            Profession.PSYCHIATRIST,
            Profession.NURSE,
            Profession.PHARMACIST,
            Profession.PHYSIOTHERAPIST,
            Profession.OCCUPATIONAL_THERAPIST,
        }
    ),
    emergency_number="911",
    crisis_number="988",
    sick_note_title="Work or school excuse letter",
    statutory_note_title=None,
    cooling_off_days=0,
    identity_checklist=IDENTITY_CHECKLIST,
    asks_gp_sharing=False,
    psychotherapy_notes_apart=True,
    age_bands=(
        AgeBand("0-12", 0, Guardians.ACT, OwnConsent.NO),
        AgeBand("13-17", 13, Guardians.ACT, OwnConsent.NO),  # what a state lets minors: CHD-05
        AgeBand("18+", 18, Guardians.NONE, OwnConsent.YES),
    ),
)
