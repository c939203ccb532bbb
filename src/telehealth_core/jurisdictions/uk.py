"""The United Kingdom."""

from telehealth_core.jurisdictions import numbers
from telehealth_core.jurisdictions.ages import AgeBand, Guardians, OwnConsent
from telehealth_core.jurisdictions.pack import IDENTITY_CHECKLIST, Jurisdiction, Licensing, Register
from telehealth_core.jurisdictions.profession import Profession

_GMC, _HCPC = "General Medical Council", "Health and Care Professions Council"

REGISTERS = (
    Register(
        regulator="GMC",
        name=_GMC,
        professions=frozenset({Profession.DOCTOR, Profession.PSYCHIATRIST}),
        number=numbers.gmc,
        prescribes=True,
    ),
    Register(
        regulator="GMC",
        name=_GMC,
        professions=frozenset({Profession.PHYSICIAN_ASSOCIATE}),
        number=numbers.gmc_associate,
        prescribes=False,
    ),
    Register(
        regulator="NMC",
        name="Nursing and Midwifery Council",
        professions=frozenset({Profession.NURSE}),
        number=numbers.nmc,
        prescribes=True,
    ),
    Register(
        regulator="GPhC",
        name="General Pharmaceutical Council",
        professions=frozenset({Profession.PHARMACIST}),
        number=numbers.gphc,
        prescribes=True,
    ),
    Register(
        regulator="HCPC",
        name=_HCPC,
        professions=frozenset({Profession.PHYSIOTHERAPIST}),
        number=None,
        prescribes=True,
    ),
    Register(
        regulator="HCPC",
        name=_HCPC,
        professions=frozenset({Profession.OCCUPATIONAL_THERAPIST, Profession.PSYCHOLOGIST}),
        number=None,
        prescribes=False,
    ),
)

UK = Jurisdiction(
    code="uk",
    country="GB",
    language="en-GB",
    currency="GBP",
    week_starts_on=1,
    age_of_majority=18,
    licensing=Licensing.BY_REGISTER,
    regions=frozenset(),
    registers=REGISTERS,
    certifying=frozenset(
        {
            Profession.DOCTOR,
            Profession.PSYCHIATRIST,
            Profession.NURSE,
            Profession.PHARMACIST,
            Profession.PHYSIOTHERAPIST,
            Profession.OCCUPATIONAL_THERAPIST,
        }
    ),  # FIT-03
    emergency_number="999",
    crisis_number="111",
    sick_note_title="Private medical certificate",  # FIT-01: never Med3 wording without entitlement
    statutory_note_title="Statement of Fitness for Work (Med3)",
    cooling_off_days=14,  # PAY-03
    identity_checklist=IDENTITY_CHECKLIST,
    asks_gp_sharing=True,
    psychotherapy_notes_apart=False,
    age_bands=(
        AgeBand("0-10", 0, Guardians.ACT, OwnConsent.NO),
        AgeBand("11-12", 11, Guardians.RENEWED, OwnConsent.IF_ASSESSED),  # CHD-04, CHD-03
        AgeBand("13-15", 13, Guardians.RENEWED, OwnConsent.IF_ASSESSED),
        AgeBand("16-17", 16, Guardians.INVITED, OwnConsent.YES),
        AgeBand("18+", 18, Guardians.NONE, OwnConsent.YES),
    ),
)
