"""The United States of America."""

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
)
