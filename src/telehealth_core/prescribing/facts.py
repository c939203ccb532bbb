"""The facts that the rules of prescribing weigh together, and the shape of a rule."""

from collections.abc import Callable
from datetime import date, datetime
from typing import ClassVar

import attrs

from telehealth_core.consultation import Consultation, Side
from telehealth_core.practice.practice import Practice
from telehealth_core.prescribing.item import Item
from telehealth_core.prescribing.prescription import Prescription
from telehealth_core.prescribing.signature import Particulars
from telehealth_core.registration.patient import Patient
from telehealth_core.shared.refusal import Refusal
from telehealth_core.workforce.provider import Provider


@attrs.frozen
class PrescriptionRefused(Refusal):
    """The law, or good practice, forbids this prescription; `rules` names every rule that does."""

    code: ClassVar[str] = "prescription-refused"
    says: ClassVar[str] = "This cannot be prescribed so ({rules})."

    rules: str


class MayNotPrescribe(PrescriptionRefused):
    """This provider may not prescribe this for this patient (RXC-01, RXC-05); `rules` names every
    rule that forbids it, others included.
    """

    code: ClassVar[str] = "may-not-prescribe"
    says: ClassVar[str] = "This provider may not prescribe this ({rules})."


@attrs.frozen(kw_only=True)
class Facts:
    """All that the rules weigh, as it is `at` the instant of signing or sending.

    `identity_confirmed`: who the patient is was confirmed in this visit (IDV-04). `shares_with_gp`:
    the patient agreed that their general practitioner is told (CON-03). `earlier` are the patient's
    other prescriptions, `prescriber_as_patient` the prescriber's own record where there is one.
    When it is sent, `signature_stands` says that what was signed is unchanged, and `own_key` that
    the key was the prescriber's alone (RXU-04).
    """

    practice: Practice
    prescription: Prescription
    particulars: Particulars
    provider: Provider
    patient: Patient
    consultation: Consultation | None
    identity_confirmed: bool
    shares_with_gp: bool
    earlier: tuple[Prescription, ...]
    prescriber_as_patient: Patient | None
    signature_stands: bool = False
    own_key: bool = False
    at: datetime

    @property
    def day(self) -> date:
        """The date where the practice is."""
        return self.practice.day(self.at)

    @property
    def items(self) -> tuple[Item, ...]:
        """What is prescribed."""
        return self.prescription.items

    @property
    def controlled(self) -> bool:
        """Whether any of it is controlled."""
        return any(item.controlled for item in self.items)

    @property
    def location(self) -> str | None:
        """Where the patient said they are, in this visit (TEL-01)."""
        return location_in(self.consultation)

    @property
    def region(self) -> str | None:
        """The region whose licence is needed for it; None where a register suffices."""
        return region_of(self.practice, self.location)

    @property
    def live_contact(self) -> bool:
        """Whether patient and provider were in the visit together (RXC-04)."""
        return self.consultation is not None and bool(self.consultation.counted(self.at))


def location_in(consultation: Consultation | None) -> str | None:
    """Where the patient said they are, the last to say so."""
    people = () if consultation is None else consultation.participants
    said = [one.said.location for one in people if one.side is Side.PATIENT]
    return next((one for one in reversed(said) if one is not None), None)


def region_of(practice: Practice, location: str | None) -> str | None:
    """The region whose licence is needed for a patient who is there."""
    return None if location is None else practice.jurisdiction.licence_region(location)


@attrs.frozen
class Rule:
    """One rule by its name; `about_person` where it is the prescriber whom it stops."""

    name: str
    asks: str
    holds: Callable[[Facts], bool]
    about_person: bool = False


def require_lawful(facts: Facts, rules: tuple[Rule, ...]) -> None:
    """Refuse unless every rule holds.

    Raises: PrescriptionRefused, naming every rule that does not; MayNotPrescribe if one of them is
        about the prescriber.
    """
    broken = [rule for rule in rules if not rule.holds(facts)]
    names = ", ".join(rule.name for rule in broken)
    if any(rule.about_person for rule in broken):
        raise MayNotPrescribe(names)
    if broken:
        raise PrescriptionRefused(names)
