"""The United Kingdom."""

from telehealth_core.jurisdictions.pack import Jurisdiction, Licensing

UK = Jurisdiction(
    code="uk",
    country="GB",
    currency="GBP",
    licensing=Licensing.BY_REGISTER,
    emergency_number="999",
    crisis_number="111",
    sick_note_title="Private medical certificate",  # FIT-01: never Med3 wording without entitlement
    statutory_note_title="Statement of Fitness for Work (Med3)",
    consents_alone_from_years=16,
    asks_gp_sharing=True,
    cooling_off_days=14,  # Consumer Contracts Regulations 2013, regulation 30
)
