"""The United States of America."""

from telehealth_core.jurisdictions.ages import AgeBand, Guardians, OwnConsent
from telehealth_core.jurisdictions.pack import Jurisdiction, Licensing

US = Jurisdiction(
    code="us",
    country="US",
    currency="USD",
    licensing=Licensing.BY_REGION,
    emergency_number="911",
    crisis_number="988",
    sick_note_title="Work or school excuse letter",
    psychotherapy_notes_apart=True,
    age_bands=(
        AgeBand("0-12", 0, Guardians.ACT, OwnConsent.NO),
        AgeBand("13-17", 13, Guardians.ACT, OwnConsent.NO),  # what a state lets minors: CHD-05
        AgeBand("18+", 18, Guardians.NONE, OwnConsent.YES),
    ),
)
