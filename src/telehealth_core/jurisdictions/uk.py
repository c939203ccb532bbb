"""The United Kingdom."""

from telehealth_core.jurisdictions.ages import AgeBand, Guardians, OwnConsent
from telehealth_core.jurisdictions.pack import Jurisdiction, Licensing

UK = Jurisdiction(
    code="uk",
    country="GB",
    currency="GBP",
    licensing=Licensing.BY_REGISTER,
    emergency_number="999",
    crisis_number="111",
    sick_note_title="Private medical certificate",  # FIT-01: never Med3 wording without entitlement
    asks_gp_sharing=True,
    cooling_off_days=14,  # Consumer Contracts Regulations 2013, regulation 30
    age_bands=(
        AgeBand("0-10", 0, Guardians.ACT, OwnConsent.NO),
        AgeBand("11-12", 11, Guardians.RENEWED, OwnConsent.IF_ASSESSED),  # CHD-04, CHD-03
        AgeBand("13-15", 13, Guardians.RENEWED, OwnConsent.IF_ASSESSED),
        AgeBand("16-17", 16, Guardians.INVITED, OwnConsent.YES),
        AgeBand("18+", 18, Guardians.NONE, OwnConsent.YES),
    ),
)
