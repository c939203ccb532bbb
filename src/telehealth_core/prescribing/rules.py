"""The rules of prescribing that hold everywhere, and what is worth a warning."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from telehealth_core.prescribing.facts import Facts, Rule
from telehealth_core.prescribing.item import Schedule
from telehealth_core.prescribing.life import PrescriptionStatus
from telehealth_core.workforce.provider import Profession

ORDINARY = frozenset({None})
CONTROLLED = frozenset({Schedule.TWO, Schedule.THREE, Schedule.FOUR, Schedule.FIVE})
CLASSES: Mapping[str, Mapping[Profession, frozenset[Schedule | None]]] = {
    "uk": {
        Profession.DOCTOR: ORDINARY | CONTROLLED,
        Profession.PSYCHIATRIST: ORDINARY | CONTROLLED,
        Profession.NURSE: ORDINARY | CONTROLLED,
        Profession.PHARMACIST: ORDINARY | CONTROLLED,
        Profession.PHYSIOTHERAPIST: ORDINARY,
    },
    "us": {
        Profession.DOCTOR: ORDINARY | CONTROLLED,
        Profession.PSYCHIATRIST: ORDINARY | CONTROLLED,
        Profession.NURSE: ORDINARY | CONTROLLED,
    },
}
"""Which classes of medicine a profession can have the right to prescribe; None is whatever is not
controlled. Whoever is not here prescribes nothing, and nobody Schedule 1. Narrower than the law
where the law asks for more than a profession (a physiotherapist's seven controlled medicines, a
US pharmacist's state).
"""
DUPLICATE_DAYS = 28


def _identity_confirmed(facts: Facts) -> bool:
    """Who the patient is was confirmed in this very visit (IDV-04)."""
    return facts.identity_confirmed


def _right_to_prescribe(facts: Facts) -> bool:
    """The profession can prescribe every class there is on it; the practice recorded the right; and
    the registration allows it now, where the patient is (RXC-01, PRO-03).
    """
    classes = CLASSES[facts.practice.jurisdiction_code].get(facts.provider.profession, frozenset())
    covered = facts.location is not None and facts.practice.jurisdiction.covers(facts.location)
    return (
        covered
        and all(item.schedule in classes for item in facts.items)
        and facts.provider.may_prescribe(
            facts.day, facts.region, facts.practice.settings, controlled=facts.controlled
        )
    )


def _not_for_oneself(facts: Facts) -> bool:
    """Nobody prescribes for themselves (RXC-05)."""
    own = facts.prescriber_as_patient
    return own is None or own.id != facts.patient.id


def _allergies_asked(facts: Facts) -> bool:
    """The patient was asked about allergies, and the answer is recorded (RXC-03)."""
    return facts.prescription.history.allergies is not None


def _medicines_asked(facts: Facts) -> bool:
    """The patient was asked what they take, and the answer is recorded (RXC-03)."""
    return facts.prescription.history.current_medicines is not None


def _sources_asked(facts: Facts) -> bool:
    """The patient was asked what else they get elsewhere, and the answer is recorded (RXC-03)."""
    return facts.prescription.history.other_sources is not None


def _live_contact(facts: Facts) -> bool:
    """A medicine on the list needs that both were in the visit together: a form is no contact
    (RXC-04).
    """
    return facts.live_contact or not any(item.listed for item in facts.items)


FOR_ALL = (
    Rule("identity-confirmed", "The patient's identity was confirmed.", _identity_confirmed),
    Rule(
        "right-to-prescribe",
        "The provider may prescribe this class of medicine there now.",
        _right_to_prescribe,
        about_person=True,
    ),
    Rule(
        "not-for-oneself", "Nobody prescribes for themselves.", _not_for_oneself, about_person=True
    ),
    Rule("allergies-asked", "Allergies were asked about.", _allergies_asked),
    Rule("medicines-asked", "Current medicines were asked about.", _medicines_asked),
    Rule("sources-asked", "Medicines from elsewhere were asked about.", _sources_asked),
    Rule("live-contact", "Both were in the visit together.", _live_contact),
)
"""What must hold before anything is signed or sent, wherever the practice is."""


def _within_validity(facts: Facts) -> bool:
    """Its last day has not passed (RXU-02, RXS-04)."""
    until = facts.prescription.valid_until
    return until is not None and facts.day <= until


def _signature_stands(facts: Facts) -> bool:
    """Not a byte of what was signed has changed (RXU-04)."""
    return facts.signature_stands


TO_SEND = (
    Rule("within-validity", "Its last day has not passed.", _within_validity),
    Rule("signature-stands", "What was signed is unchanged.", _signature_stands),
)
"""What must hold besides before anything is sent."""


def _same_surname(facts: Facts) -> bool:
    """Prescriber and patient are called the same (RXC-05)."""
    surname = facts.provider.name.split()[-1]
    return surname.casefold() == facts.patient.known.family_name.strip().casefold()


def _same_address(facts: Facts) -> bool:
    """Prescriber and patient live at the same address (RXC-05)."""
    own = facts.prescriber_as_patient
    address = None if own is None or own.profile is None else own.profile.address
    return address is not None and address == facts.patient.known.address


def _asked_for_again(facts: Facts) -> bool:
    """The same medicine was prescribed for the patient lately, and not taken back (RXC-06)."""
    since = facts.at - timedelta(days=DUPLICATE_DAYS)
    lately = [
        item
        for one in facts.earlier
        if one.signed_at is not None
        and one.signed_at >= since
        and one.status is not PrescriptionStatus.CANCELLED
        for item in one.items
    ]
    return any(item.same_medicine(other) for item in facts.items for other in lately)


WARNINGS: tuple[tuple[str, Callable[[Facts], bool]], ...] = (
    ("same-surname", _same_surname),
    ("same-address", _same_address),
    ("prescribed-lately", _asked_for_again),
)
"""What the prescriber is told and may have a reason for; it refuses nothing."""


def warnings(facts: Facts) -> frozenset[str]:
    """Every warning there is."""
    return frozenset(name for name, found in WARNINGS if found(facts))
